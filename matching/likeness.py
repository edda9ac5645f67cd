"""Like and like in one library: the same listing twice, and one problem that several have.

Two numbers for a pair. *Resemblance* is the share of the shorter text's four-character shingles
that the longer one holds too (Broder 1997, containment): high where one was copied from the other
and edited. *Likeness* is a mean of cosines over words, character bigrams and, where there is an
encoder, meaning: high where both speak of the same thing, in whatever words. Unlike a match, both
are symmetrical.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]
from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]
from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

from matching.document import Document
from matching.index import Floats, Vector
from matching.lexical import idf
from matching.segmenter import Segmenter
from matching.text import normalise
from matching.vectors import Matrix

SHINGLE = 4
LEAST_SHINGLES = 20
"""A text of fewer shingles resembles nothing: two bare titles are no evidence of copying."""
BLOCK = 512
TEXT_LIMIT = 5_000
LARGEST_COMPONENT = 2_000
"""So many connected keys are compared at once: four million pairs."""
STRICTER = 0.05


@dataclass(frozen=True)
class Thresholds:
    """From where on a pair counts; found by ``python benchmarks/likeness.py``.

    ``floor`` is the likeness below which a pair is not looked at. ``shared`` goes with
    ``weights`` of (words, bigrams, meaning), and so with or without an encoder.
    """

    duplicate: float
    shared: float
    floor: float
    weights: tuple[float, float, float]


WITH_MODEL = Thresholds(duplicate=0.3, shared=0.34, floor=0.28, weights=(0.3, 0.3, 0.4))
WITHOUT_MODEL = Thresholds(duplicate=0.3, shared=0.25, floor=0.16, weights=(0.5, 0.5, 0.0))


@dataclass(frozen=True)
class Alike:
    """A pair of one library, ``first`` < ``second``, with likeness and resemblance, 0 to 1."""

    first: str
    second: str
    likeness: float
    resemblance: float


def alike(
    documents: Iterable[Document],
    segmenter: Segmenter,
    thresholds: Thresholds,
    vectors: Mapping[str, Vector] | None = None,
) -> tuple[Alike, ...]:
    """Return the pairs with a likeness of ``thresholds.floor`` or more, ordered by their keys.

    ``vectors`` holds a unit vector for each key where meaning weighs anything; KeyError where one
    is missing. Every pair is compared, in blocks of :data:`BLOCK` rows.
    """
    ordered = sorted(documents, key=lambda document: document.key)
    if len(ordered) < 2:
        return ()
    words, bigrams = _terms(ordered, segmenter)
    meaning = None
    if thresholds.weights[2] and vectors is not None:
        meaning = np.stack([vectors[document.key] for document in ordered])
    shingles = [_shingles(document) for document in ordered]
    return tuple(
        Alike(
            ordered[one].key,
            ordered[other].key,
            round(likeness, 4),
            round(resemblance(shingles[one], shingles[other]), 4),
        )
        for one, other, likeness in _near(words, bigrams, meaning, thresholds)
    )


def resemblance(one: Collection[int], other: Collection[int]) -> float:
    """Return the share of the smaller set of shingles that the larger holds."""
    smaller = min(len(one), len(other))
    if smaller < LEAST_SHINGLES:
        return 0.0
    return len(set(one) & set(other)) / smaller


def _near(
    words: sparse.csr_matrix,
    bigrams: sparse.csr_matrix,
    meaning: Matrix | None,
    thresholds: Thresholds,
) -> Iterator[tuple[int, int, float]]:
    """Yield (row, later row, likeness) of the pairs at or above the floor, in order."""
    by_words, by_bigrams, by_meaning = thresholds.weights
    count = words.shape[0]
    for start in range(0, count, BLOCK):
        rows = slice(start, min(start + BLOCK, count))
        scores = by_words * (words[rows] @ words.T).toarray()
        scores += by_bigrams * (bigrams[rows] @ bigrams.T).toarray()
        if meaning is not None:
            scores += by_meaning * np.maximum(0.0, meaning[rows] @ meaning.T)
        near, other = np.nonzero(scores >= thresholds.floor)
        for row, column in zip(near.tolist(), other.tolist(), strict=True):
            if start + row < column:
                yield start + row, column, float(scores[row, column])


def _terms(
    documents: Sequence[Document], segmenter: Segmenter
) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the (words, bigrams) of each document as rows of length one."""
    counted: tuple[list[Counter[str]], list[Counter[str]]] = ([], [])
    for document in documents:
        words, bigrams = segmenter.segment(_text(document))
        telling = (word for word in words if len(word) > 1 and not segmenter.says_little(word))
        counted[0].append(Counter(telling))
        counted[1].append(Counter(bigrams))
    return _unit_rows(counted[0]), _unit_rows(counted[1])


def _unit_rows(counts: Sequence[Counter[str]]) -> sparse.csr_matrix:
    """Return (1 + ln tf) · idf by row and term, every row of length one; an empty row stays zero."""
    numbers: dict[str, int] = defaultdict(lambda: len(numbers))
    terms = [numbers[term] for row in counts for term in row]
    weights = [1 + np.log(count) for row in counts for count in row.values()]
    starts = np.cumsum([0, *map(len, counts)])
    matrix = sparse.csr_matrix((weights, terms, starts), shape=(len(counts), len(numbers)))
    frequency: Floats = np.bincount(terms, minlength=len(numbers)).astype(np.float64)
    weighted = matrix.multiply(idf(frequency, len(counts))[None, :]).tocsr()
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    scaled: sparse.csr_matrix = sparse.diags(1 / np.maximum(lengths, 1e-12)) @ weighted
    return scaled.tocsr()


def _text(document: Document) -> str:
    return f"{document.title}\n{document.text}"[:TEXT_LIMIT]


def _shingles(document: Document) -> frozenset[int]:
    text = "".join(normalise(_text(document)).text.split())
    return frozenset(hash_of(text[at : at + SHINGLE]) for at in range(len(text) - SHINGLE + 1))


def hash_of(shingle: str) -> int:
    """Return a number for a few characters, the same in every process."""
    number = 0
    for character in shingle:
        number = number << 21 | ord(character)
    return number


def groups(
    pairs: Iterable[Alike], threshold: float, apart: Collection[tuple[str, str]] = ()
) -> tuple[tuple[str, ...], ...]:
    """Return groups of two or more keys whose mean likeness is at least ``threshold``.

    Average linkage (Sokal & Michener 1958), so that a chain of neighbours does not become one
    group. Pairs in ``apart`` (smaller key first) count as not alike at all. Ordered by first key.
    """
    known = {(pair.first, pair.second): pair.likeness for pair in pairs}
    known = {pair: value for pair, value in known.items() if pair not in apart}
    found = (
        group
        for component in _manageable(known, threshold)
        for group in _linked(component, known, threshold)
    )
    return tuple(sorted(group for group in found if len(group) > 1))


def _manageable(known: Mapping[tuple[str, str], float], level: float) -> Iterator[list[str]]:
    """Yield connected keys; what is too much to compare at once is cut at ever higher levels."""
    joined = [pair for pair, likeness in known.items() if likeness >= level]
    for component in _components(joined):
        if len(component) <= LARGEST_COMPONENT:
            yield component
        elif level < 1:
            inside = set(component)
            kept = {pair: value for pair, value in known.items() if inside.issuperset(pair)}
            yield from _manageable(kept, level + STRICTER)


def _components(joined: Sequence[tuple[str, str]]) -> Iterator[list[str]]:
    keys = sorted({key for pair in joined for key in pair})
    place = {key: number for number, key in enumerate(keys)}
    rows, columns = ([place[pair[side]] for pair in joined] for side in (0, 1))
    shape = (len(keys), len(keys))
    graph = sparse.csr_matrix((np.ones(len(joined)), (rows, columns)), shape=shape)
    _, labels = connected_components(graph, directed=False)
    members: dict[int, list[str]] = defaultdict(list)
    for key, label in zip(keys, labels.tolist(), strict=True):
        members[label].append(key)
    yield from members.values()


def _linked(
    keys: Sequence[str], known: Mapping[tuple[str, str], float], threshold: float
) -> Iterator[tuple[str, ...]]:
    """Yield the groups within one connected component."""
    distances = [
        1.0 - known.get((first, second), 0.0)
        for place, first in enumerate(keys)
        for second in keys[place + 1 :]
    ]
    labels: NDArray[np.int32] = fcluster(
        linkage(np.array(distances), "average"), 1.0 - threshold + 1e-9, "distance"
    )
    members: dict[int, list[str]] = defaultdict(list)
    for key, label in zip(keys, labels.tolist(), strict=True):
        members[label].append(key)
    yield from (tuple(group) for group in members.values())
