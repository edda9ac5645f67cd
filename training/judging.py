"""Judge an encoder on pairs it was not trained on, beside BM25 over character bigrams."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy import sparse
from sentence_transformers import SentenceTransformer

Pairs = Sequence[tuple[str, str]]


def bigrams(text: str) -> list[str]:
    """Character bigrams of a text."""
    text = re.sub(r"\W", "", unicodedata.normalize("NFKC", text).lower())
    return [text[i : i + 2] for i in range(len(text) - 1)]


def bm25(queries: list[str], documents: list[str]) -> np.ndarray:
    """BM25 scores (k1 = 1.2, b = 0.75) over character bigrams, queries by documents."""
    counts = [Counter(bigrams(text)) for text in documents]
    terms = {term: i for i, term in enumerate(sorted(set().union(*counts)))}
    lengths = np.array([sum(count.values()) for count in counts])
    frequency = Counter(term for count in counts for term in count)
    rows, columns, values = [], [], []
    for row, count in enumerate(counts):
        norm = 1.2 * (0.25 + 0.75 * lengths[row] / lengths.mean())
        for term, tf in count.items():
            n = frequency[term]
            rows.append(row)
            columns.append(terms[term])
            values.append(np.log(1 + (len(counts) - n + 0.5) / (n + 0.5)) * tf * 2.2 / (tf + norm))
    index = sparse.csr_matrix((values, (rows, columns)), shape=(len(counts), len(terms)))
    asked = sparse.lil_matrix((len(queries), len(terms)))
    for row, query in enumerate(queries):
        for term in set(bigrams(query)) & terms.keys():
            asked[row, terms[term]] = 1.0
    return (asked.tocsr() @ index.T).toarray()


def judge(scores: np.ndarray) -> dict[str, float]:
    """Figures when the right document of query i is document i; ties count against it."""
    rank = (scores >= scores.diagonal()[:, None]).sum(axis=1)
    gain = np.where(rank <= 10, 1 / np.log2(1 + rank), 0.0)
    return {
        "ndcg@10": round(float(gain.mean()), 4),
        "recall@10": round(float((rank <= 10).mean()), 4),
    }


def evaluate(output: Path, tasks: Mapping[str, Pairs]) -> dict[str, dict[str, dict[str, float]]]:
    """Judge the saved model on each task's pairs, beside and together with BM25."""
    model = SentenceTransformer(str(output), device="cpu")
    report = {}
    for name, pairs in ((name, pairs) for name, pairs in tasks.items() if pairs):
        queries, documents = (list(side) for side in zip(*pairs, strict=True))
        asked, answers = (model.encode(s, show_progress_bar=False) for s in (queries, documents))
        lexical, dense = bm25(queries, documents), asked @ answers.T
        z = [
            (s - s.mean(1, keepdims=True)) / (s.std(1, keepdims=True) + 1e-9)
            for s in (lexical, dense)
        ]
        report[f"{name} ({len(queries)})"] = {
            "bm25 bigrams": judge(lexical),
            "encoder": judge(dense),
            "0.7 bm25 + 0.3 encoder": judge(0.7 * z[0] + 0.3 * z[1]),
        }
    return report
