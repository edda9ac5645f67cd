"""The benchmarks' documents as every system is given them: texts, terms and vectors in files.

Reading a text (cutting it into terms, encoding it) is the same work whatever index comes after it.
It is done once, before any system is timed, and what it costs is reported beside them.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from matching.bench_texts import Generator
from matching.document import Document
from matching.encoder import open_encoder
from matching.matcher import Matcher
from matching.recipe import Recipe
from matching.segmenter import Segmenter
from matching.state import Reading
from matching.thesaurus import Thesaurus
from matching.vectors import Matrix

CHUNK = 5_000


@dataclass(frozen=True)
class Sources:
    """Where texts, terms, concepts and vectors come from."""

    judged: Path
    thesaurus: Path
    terms: Path | None
    encoder: str
    cache: Path

    def matcher(self) -> Matcher:
        """Return an empty matcher of the default recipe."""
        return Matcher(
            Recipe(),
            Segmenter(self.terms, self.cache),
            open_encoder(self.encoder),
            Thesaurus.read(self.thesaurus),
        )

    def queries(self, count: int) -> list[Document]:
        """Return the queries."""
        return list(Generator(self.judged, self.thesaurus).queries(count))


@dataclass(frozen=True)
class Chunk:
    """Documents with what was read from them, and the seconds of one core that it took."""

    documents: Sequence[Document]
    readings: Sequence[Reading]
    vectors: Matrix
    read_seconds: float
    encode_seconds: float


def prepare(sources: Sources, count: int, folder: Path, processes: int) -> None:
    """Write the chunks of ``count`` documents that ``folder`` lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    lacking = [span for span in _spans(count) if not _file(folder, *span).exists()]
    sources.matcher().segmenter.words("煤")  # so that the processes find jieba's table in the cache
    if len(lacking) == 1:
        _prepare(sources, folder, lacking[0])
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(partial(_prepare, sources, folder), lacking))


def chunks(folder: Path, count: int) -> Iterator[Chunk]:
    """Yield the chunks of the first ``count`` documents."""
    for span in _spans(count):
        yield pickle.loads(_file(folder, *span).read_bytes())


def _spans(count: int) -> list[tuple[int, int]]:
    """Return (first, number of documents) of each chunk."""
    return [(first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]


def _file(folder: Path, first: int, count: int) -> Path:
    return folder / f"{first:08}-{count}.chunk"


@cache
def _reader(sources: Sources) -> tuple[Generator, Matcher]:
    return Generator(sources.judged, sources.thesaurus), sources.matcher()


def _prepare(sources: Sources, folder: Path, span: tuple[int, int]) -> None:
    first, count = span
    generator, matcher = _reader(sources)
    documents = list(generator.documents(count, first))
    began = time.process_time()
    readings = [matcher.read(document) for document in documents]
    read = time.process_time()
    vectors = matcher.encode(documents)
    assert vectors is not None
    encoded = time.process_time()
    chunk = Chunk(documents, readings, vectors, read - began, encoded - read)
    temporary = _file(folder, first, count).with_suffix(".new")
    temporary.write_bytes(pickle.dumps(chunk))
    temporary.rename(_file(folder, first, count))
