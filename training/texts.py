"""The texts that an encoder is trained on: Chinese scientific papers, from three compressed files.

The folder holds ``papers.jsonl.xz`` and ``csl_dev_test.jsonl.xz`` (title, abstract, keywords) and
``paragraphs.jsonl.xz`` (paper, text).
"""

from __future__ import annotations

import json
import lzma
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SENTENCE_END = re.compile(r"(?<=[。！？；!?;])|(?<=\.)(?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Paper:
    """One paper: where it comes from and its three descriptive fields."""

    key: str
    title: str
    abstract: str
    keywords: list[str]


def read_rows(path: Path) -> Iterator[dict]:
    """Yield the JSON objects of an xz-compressed file, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def work_key(identifier: str) -> str:
    """Drop the version from a paper's identifier, so that versions count as one work."""
    return re.sub(r"V\d+$", "", identifier)


def as_list(keywords: str | list[str] | None) -> list[str]:
    """Bring keywords, listed or written in one string, to a list."""
    parts = re.split(r"[;；,，、]", keywords) if isinstance(keywords, str) else keywords or []
    return [part.strip() for part in parts if part.strip()]


def read_papers(folder: Path) -> list[Paper]:
    """Read both collections of papers, keeping the first of equal works and of equal titles."""
    papers: list[Paper] = []
    seen: set[str] = set()
    for name in ("papers", "csl_dev_test"):
        for number, row in enumerate(read_rows(folder / f"{name}.jsonl.xz")):
            key = work_key(row["id"]) if row.get("id") else f"{name}-{number}"
            title = re.sub(r"\W|\d+$", "", unicodedata.normalize("NFKC", row["title"] or ""))
            if len(title) < 4 or len(row["abstract"] or "") < 60 or seen & {key, title}:
                continue
            seen |= {key, title}
            keywords = as_list(row.get("keywords"))
            papers.append(Paper(key, row["title"], row["abstract"], keywords))
    return papers


def split_lead(abstract: str) -> tuple[str, str]:
    """Split an abstract after its first sentence of some length."""
    sentences = [part for part in SENTENCE_END.split(abstract) if part]
    lead = ""
    while sentences and len(lead) < 12:
        lead += sentences.pop(0)
    return lead, "".join(sentences)


def held_out(papers: Sequence[Paper], count: int, seed: int) -> tuple[list[Paper], list[Paper]]:
    """Return (kept from training, trained on), drawn by lot."""
    drawn = [papers[i] for i in np.random.default_rng(seed).permutation(len(papers))]
    return drawn[:count], drawn[count:]


def read_bodies(folder: Path, papers: Sequence[Paper]) -> dict[str, list[str]]:
    """Return the paragraphs of each of these papers by its key."""
    bodies: dict[str, list[str]] = {paper.key: [] for paper in papers}
    for row in read_rows(folder / "paragraphs.jsonl.xz"):
        if (key := work_key(row["paper"])) in bodies:
            bodies[key].append(row["text"])
    return bodies


def tasks_of(held: Sequence[Paper]) -> dict[str, list[tuple[str, str]]]:
    """Return what an encoder is judged on: pairs of texts of papers that it never saw."""
    leads = [pair for pair in (split_lead(paper.abstract) for paper in held) if len(pair[1]) >= 30]
    titles = [(paper.title, paper.abstract) for paper in held]
    return {"title -> abstract": titles, "first sentence -> rest": leads}
