"""What the benchmark compares: this library, the floor below it, and what a user would pick instead.

Every system is given the same documents, terms and vectors (:mod:`matching.bench_corpus`), and the
same queries. This library reads a query itself, fuses its legs and explains its hits; the others
are handed the query's terms and vector and return keys alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from matching.bench_corpus import Chunk, Sources
from matching.document import Document
from matching.index import Vector
from matching.layers import joined
from matching.lexical import weighed
from matching.matcher import Matcher
from matching.postings import UNIT, Postings
from matching.recipe import Bm25
from matching.snapshot import load, save
from matching.state import Reading, State
from matching.vectors import Matrix

HITS = 10
INDEX = "ours.index"


@dataclass(frozen=True)
class Query:
    """A query as text, and as a system that cannot read it is given it."""

    document: Document
    terms: tuple[str, ...]
    vector: Vector


class System(Protocol):
    """Something that indexes documents and answers queries."""

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""

    def finish(self) -> None:
        """Complete the index, so that it can be searched and, where it can be, lies on the disk."""

    def search(self, query: Query) -> list[str]:
        """Return the keys of the best hits."""

    def write(self, chunk: Chunk) -> bool:
        """Replace one document, so that the next search sees it; False where that cannot be done."""


class Ours:
    """This library, built in chunks, saved, and loaded again."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self._sources = sources
        self._path = folder / INDEX
        self._state = State()
        self.matcher = sources.matcher()

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""
        parameters = self.matcher.recipe.bm25
        self._state = self._state.put(chunk.documents, chunk.readings, chunk.vectors, parameters)

    def finish(self) -> None:
        """Save the index."""
        self.matcher.restore(self._state)
        save(self.matcher, self._path)

    def open(self) -> None:
        """Load what was saved."""
        load(self.matcher, self._path)

    def search(self, query: Query) -> list[str]:
        """Return the keys of explained hits, of both kinds of leg."""
        return [hit.key for hit in self.matcher.match(query.document, k=HITS).hits]

    def rank(self, query: Query) -> list[str]:
        """Return the same keys without reasons, as the other systems do."""
        return [key for key, _ in self.matcher.rank(query.document, k=HITS)]

    def write(self, chunk: Chunk) -> bool:
        """Put one document, reading it anew."""
        self.matcher.put(chunk.documents[:1])
        return True


class Floor:
    """One exact scan of the vectors and one sparse scan of the terms: nothing can do less."""

    def __init__(self, sources: Sources, folder: Path) -> None:
        self._vocabulary: dict[str, int] = {}
        self._parts: list[Postings] = []
        self._vectors: list[Matrix] = []
        self._keys: list[str] = []

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""
        for fields in zip(*map(_both, chunk.readings), strict=True):
            self._parts.append(weighed(fields, self._vocabulary, Bm25()))
        self._vectors.append(chunk.vectors)
        self._keys += [document.key for document in chunk.documents]

    def finish(self) -> None:
        """Make one matrix of terms and one index of vectors."""
        self._index = faiss.IndexFlatIP(self._vectors[0].shape[1])
        rows, columns, weights = [], [], []
        for number, vectors in enumerate(self._vectors):
            self._index.add(vectors)
            for part in self._parts[2 * number : 2 * number + 2]:
                rows.append(part.rows + np.int32(number * len(self._vectors[0])))
                columns.append(np.repeat(part.terms, np.diff(part.start)))
                weights.append(part.weights.astype(np.float32) / UNIT)
        shape = (len(self._keys), len(self._vocabulary))
        data = joined(weights, np.float32), (joined(rows, np.int32), joined(columns, np.int32))
        self._parts, self._vectors = [], []
        self._matrix = sparse.csc_array(data, shape=shape)

    def search(self, query: Query) -> list[str]:
        """Return the best by the vectors; the scores by terms are computed and left."""
        numbers = [self._vocabulary[term] for term in query.terms if term in self._vocabulary]
        scores = self._matrix[:, numbers] @ np.ones(len(numbers), np.float32)
        np.argpartition(-scores, HITS)
        found = self._index.search(query.vector[None, :], HITS)[1][0]
        return [self._keys[row] for row in found]

    def write(self, chunk: Chunk) -> bool:
        """The floor is not written to."""
        return False


class Bm25s:
    """bm25s over words and bigrams: eager scores in a sparse matrix, rebuilt at every change."""

    needs = "bm25s"

    def __init__(self, sources: Sources, folder: Path) -> None:
        self._library = importlib.import_module("bm25s")
        self._terms: list[list[str]] = []
        self._keys: list[str] = []

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""
        self._terms += [_terms(reading) for reading in chunk.readings]
        self._keys += [document.key for document in chunk.documents]

    def finish(self) -> None:
        """Index all of them at once."""
        self._index = self._library.BM25()
        self._index.index(self._terms, show_progress=False)
        self._terms = []

    def search(self, query: Query) -> list[str]:
        """Return the best by words and bigrams."""
        found, _ = self._index.retrieve([list(query.terms)], k=HITS, show_progress=False)
        return [self._keys[row] for row in found[0].tolist()]

    def write(self, chunk: Chunk) -> bool:
        """It has no way to change a document."""
        return False


class Tantivy:
    """Tantivy over words and bigrams, which are cut beforehand and parted by blanks."""

    needs = "tantivy"

    def __init__(self, sources: Sources, folder: Path) -> None:
        self._library = importlib.import_module("tantivy")
        (folder / "tantivy").mkdir(parents=True, exist_ok=True)
        builder = self._library.SchemaBuilder()
        builder.add_text_field("key", stored=True, tokenizer_name="raw")
        builder.add_text_field("terms", stored=False, tokenizer_name="whitespace")
        builder.add_text_field("text", stored=True, tokenizer_name="raw", index_option="basic")
        self._index = self._library.Index(builder.build(), path=str(folder / "tantivy"))
        self._writer = self._index.writer(256 << 20)

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""
        for document, reading in zip(chunk.documents, chunk.readings, strict=True):
            self._add(document, reading)

    def finish(self) -> None:
        """Commit, and merge as Tantivy sees fit."""
        self._writer.commit()
        self._index.reload()

    def search(self, query: Query) -> list[str]:
        """Return the best by words and bigrams."""
        parts = [
            (
                self._library.Occur.Should,
                self._library.Query.term_query(self._index.schema, "terms", term),
            )
            for term in query.terms
        ]
        searcher = self._index.searcher()
        hits = searcher.search(self._library.Query.boolean_query(parts), HITS).hits
        return [searcher.doc(address)["key"][0] for _, address in hits]

    def write(self, chunk: Chunk) -> bool:
        """Replace one document and commit."""
        self._writer.delete_documents("key", chunk.documents[0].key)
        self._add(chunk.documents[0], chunk.readings[0])
        self.finish()
        return True

    def _add(self, document: Document, reading: Reading) -> None:
        terms = " ".join(_terms(reading))
        self._writer.add_document(
            self._library.Document(key=document.key, terms=terms, text=document.text)
        )


class Plain:
    """The usual script: sentence-transformers for the query, a flat FAISS index for the vectors."""

    needs = "sentence_transformers"

    def __init__(self, sources: Sources, folder: Path) -> None:
        library = importlib.import_module("sentence_transformers")
        self._model = library.SentenceTransformer(sources.encoder, device="cpu")
        self._index: Any = None
        self._keys: list[str] = []

    def add(self, chunk: Chunk) -> None:
        """Take in documents while the index is built."""
        if self._index is None:
            self._index = faiss.IndexFlatIP(chunk.vectors.shape[1])
        self._index.add(chunk.vectors)
        self._keys += [document.key for document in chunk.documents]

    def finish(self) -> None:
        """Nothing is left to do."""

    def search(self, query: Query) -> list[str]:
        """Encode the query and return the best by the vectors."""
        text = f"{query.document.title}\n{query.document.text}"
        vector = self._model.encode([text], normalize_embeddings=True, show_progress_bar=False)
        return [self._keys[row] for row in self._index.search(vector, HITS)[1][0]]

    def write(self, chunk: Chunk) -> bool:
        """A FAISS index must not be added to while it is searched: the process would fall."""
        return False


SYSTEMS: dict[str, type[Ours] | type[Floor] | type[Bm25s] | type[Tantivy] | type[Plain]] = {
    "ours": Ours,
    "floor": Floor,
    "bm25s": Bm25s,
    "tantivy": Tantivy,
    "plain": Plain,
}


def missing(name: str) -> str | None:
    """Return the library that a system needs and that is not installed, or None."""
    needs = getattr(SYSTEMS[name], "needs", None)
    return needs if needs and find_spec(needs) is None else None


def read_queries(matcher: Matcher, documents: Iterable[Document]) -> list[Query]:
    """Return the queries with their terms and vectors."""
    listed = list(documents)
    vectors = matcher.encode(listed)
    assert vectors is not None
    readings = [tuple(dict.fromkeys(_terms(matcher.read(one)))) for one in listed]
    return [Query(*parts) for parts in zip(listed, readings, vectors, strict=True)]


def _terms(reading: Reading) -> list[str]:
    return [term for fields in _both(reading) for part in fields[:2] for term in part]


def _both(reading: Reading) -> Sequence[Any]:
    return reading.words, reading.bigrams
