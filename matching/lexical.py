"""BM25 in process: immutable sparse segments, merged like a log-structured tree.

A document's saturated term weights do not depend on other documents (see
:class:`matching.recipe.Bm25`), while idf is taken over all live documents when a query comes. So
scores do not depend on how or in what order the documents were put. A change adds a small segment
and merges neighbours of like size; nothing that a reader holds is changed. Only the vocabulary is
shared: it is added to, by the one writer, and never renumbered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from matching.index import Floats, Ranking
from matching.recipe import Bm25

Integers = NDArray[np.integer]
LEAST_COLLECTION = 300
USUAL_IDEAL = 150.0
"""Σ weight · idf of a need of usual length; a unit, so that scores lie about between 0 and 1."""
MERGE_RATIO = 4
"""Two neighbouring segments are merged when the older is less than this many times the younger."""


def term_weights(
    title: Mapping[str, int], body: Mapping[str, int], parameters: Bm25
) -> dict[str, float]:
    """Return each term's saturated weight, 0 to 1: tf / (k1 + tf) over the two fields' tf.

    Robertson & Zaragoza 2009, equations 3.18 to 3.20, with pivot lengths in place of averages.
    """
    title_pivot = _length_factor(sum(title.values()), parameters.title_b, parameters.title_length)
    body_pivot = _length_factor(sum(body.values()), parameters.body_b, parameters.body_length)
    in_title = parameters.title_weight / title_pivot
    weights: dict[str, float] = {}
    for term in title.keys() | body.keys():
        frequency = in_title * title.get(term, 0) + body.get(term, 0) / body_pivot
        weights[term] = frequency / (parameters.k1 + frequency)
    return weights


def _length_factor(length: int, b: float, pivot: float) -> float:
    return 1 - b + b * length / pivot


def idf(frequency: Floats, count: int) -> Floats:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)): Robertson & Zaragoza 2009, kept above zero.

    A young library counts as one of :data:`LEAST_COLLECTION` documents: among three listings a
    word that stands in one of them is still a telling word.
    """
    return np.log1p((max(count, LEAST_COLLECTION) - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, eq=False)
class Segment:
    """Documents as rows and their columns as postings: all arrays are immutable.

    ``rows`` is (documents × vocabulary) float32; ``alive`` masks rows removed since.
    """

    keys: tuple[str, ...]
    rows: sparse.csr_matrix
    alive: NDArray[np.bool_]

    @cached_property
    def columns(self) -> sparse.csc_matrix:
        """The same weights by term."""
        return self.rows.tocsc()

    @cached_property
    def frequency(self) -> Integers:
        """Live documents per term, shape (vocabulary,)."""
        counted = self.rows if self.alive.all() else self.rows[self.alive]
        return np.bincount(counted.indices, minlength=self.rows.shape[1])

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each live key."""
        return {key: row for row, key in enumerate(self.keys) if self.alive[row]}

    @cached_property
    def size(self) -> int:
        """The number of live documents."""
        return int(self.alive.sum())

    def without(self, keys: Collection[str]) -> Segment:
        """Return the segment with these keys dead, sharing its arrays."""
        rows = [self.row_of[key] for key in keys if key in self.row_of]
        if not rows:
            return self
        alive = self.alive.copy()
        alive[rows] = False
        after = replace(self, alive=alive)
        gone = np.bincount(self.rows[rows].indices, minlength=self.rows.shape[1])
        after.__dict__.update(columns=self.columns, frequency=self.frequency - gone)
        return after

    def score(self, terms: Integers, weights: Floats) -> Floats:
        """Return Σ weight · stored weight for each row, shape (rows,); unknown terms add nothing.

        Each row sums its terms in the order given, whatever segment it stands in.
        """
        known = terms < self.rows.shape[1]
        start = self.columns.indptr
        slices = [slice(start[term], start[term + 1]) for term in terms[known]]
        if not slices:
            return np.zeros(len(self.keys))
        lengths = [part.stop - part.start for part in slices]
        rows = np.concatenate([self.columns.indices[part] for part in slices])
        stored = np.concatenate([self.columns.data[part] for part in slices])
        factors = np.repeat(weights[known], lengths)
        scores = np.bincount(rows, weights=factors * stored, minlength=len(self.keys))
        return scores.astype(np.float64, copy=False)

    def allowed(self, keys: Set[str] | None) -> NDArray[np.bool_]:
        """Return the mask of live rows, of these keys only where some are given."""
        if keys is None:
            return self.alive
        given = np.fromiter((key in keys for key in self.keys), dtype=bool, count=len(self.keys))
        return given & self.alive


def merge(segments: Sequence[Segment]) -> Segment:
    """Return one segment of the live rows of all, in order."""
    width = max(segment.rows.shape[1] for segment in segments)
    parts = [_live_rows(segment, width) for segment in segments]
    keys = chain.from_iterable(_live_keys(segment) for segment in segments)
    rows = parts[0] if len(parts) == 1 else sparse.vstack(parts, format="csr")
    return _segment(tuple(keys), rows)


def _segment(keys: tuple[str, ...], rows: sparse.csr_matrix) -> Segment:
    return Segment(keys, rows, np.ones(len(keys), dtype=bool))


def _live_rows(segment: Segment, width: int) -> sparse.csr_matrix:
    rows = segment.rows if segment.alive.all() else segment.rows[segment.alive]
    shape = (rows.shape[0], width)
    return sparse.csr_matrix((rows.data, rows.indices, rows.indptr), shape=shape)


def _live_keys(segment: Segment) -> Iterable[str]:
    return (key for key, alive in zip(segment.keys, segment.alive, strict=True) if alive)


class Bm25Index:
    """The in-process :class:`matching.index.LexicalIndex`, over one kind of term."""

    def __init__(
        self, segments: tuple[Segment, ...] = (), vocabulary: dict[str, int] | None = None
    ):
        self.segments = segments
        self.vocabulary: dict[str, int] = {} if vocabulary is None else vocabulary

    def __len__(self) -> int:
        """Return the number of live documents."""
        return sum(segment.size for segment in self.segments)

    def put(self, entries: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the index with these documents' term weights added or replaced."""
        if not entries:
            return self
        segments = [*self.remove(entries.keys()).segments, self._built(entries)]
        while len(segments) > 1 and segments[-2].size < MERGE_RATIO * segments[-1].size:
            segments[-2:] = [merge(segments[-2:])]
        return type(self)(tuple(segments), self.vocabulary)

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; a segment more than half dead is rewritten."""
        after = [segment.without(keys) for segment in self.segments]
        kept = (merge([part]) if 2 * part.size < len(part.keys) else part for part in after)
        return type(self)(tuple(part for part in kept if part.size), self.vocabulary)

    def compacted(self) -> Self:
        """Return the index as at most one segment without dead rows."""
        if not self.segments:
            return self
        return type(self)((merge(self.segments),), self.vocabulary)

    def query(self, terms: Mapping[str, float], allowed: Set[str] | None = None) -> Bm25Scored:
        """Score all allowed documents against weighted query terms."""
        return Bm25Scored(self, terms, allowed)

    def holding_all(
        self, alternatives: Sequence[Collection[str]], allowed: Set[str] | None = None
    ) -> set[str]:
        """Return the allowed keys that hold, for every group of terms, at least one of them."""
        return set(
            chain.from_iterable(
                self._holding(segment, alternatives, allowed) for segment in self.segments
            )
        )

    def terms_with(self, character: str) -> list[str]:
        """Return the known terms that contain ``character``, by a pass over the vocabulary."""
        return [term for term in tuple(self.vocabulary) if character in term]

    def weights_of(self, key: str) -> dict[int, float]:
        """Return the stored weights of one document by term number; empty if it is not stored."""
        for segment in self.segments:
            if key in segment.row_of:
                row = segment.row_of[key]
                part = slice(*segment.rows.indptr[row : row + 2])
                numbers, weights = segment.rows.indices[part], segment.rows.data[part]
                return dict(zip(numbers.tolist(), weights.tolist(), strict=True))
        return {}

    def frequency(self, terms: Integers) -> Floats:
        """Return in how many live documents each term stands; a negative term stands in none."""
        total = np.zeros(len(terms))
        for segment in self.segments:
            known = (terms >= 0) & (terms < segment.rows.shape[1])
            total[known] += segment.frequency[terms[known]]
        return total

    def _built(self, entries: Mapping[str, Mapping[str, float]]) -> Segment:
        number = self.vocabulary
        terms = [
            number.setdefault(term, len(number)) for entry in entries.values() for term in entry
        ]
        weights = [weight for entry in entries.values() for weight in entry.values()]
        start = np.cumsum([0, *(len(entry) for entry in entries.values())], dtype=np.int64)
        data = (np.array(weights, np.float32), np.array(terms, np.int32), start)
        return _segment(tuple(entries), sparse.csr_matrix(data, shape=(len(entries), len(number))))

    def _holding(
        self, segment: Segment, alternatives: Sequence[Collection[str]], allowed: Set[str] | None
    ) -> Iterable[str]:
        mask = segment.allowed(allowed).copy()
        for group in alternatives:
            numbers = {self.vocabulary[term] for term in group if term in self.vocabulary}
            terms = np.array(sorted(numbers), dtype=np.int64)
            mask &= segment.score(terms, np.ones(len(terms))) > 0
        return (segment.keys[row] for row in np.flatnonzero(mask))


class Bm25Scored:
    """One query's scores, brought to one scale for all queries.

    The sum is divided by √(ideal · :data:`USUAL_IDEAL`), where the ideal is the most that any
    document could reach, Σ weight · idf. Divided by the ideal itself, a long query would never
    score high, since no document holds all of its words; not divided, it would always. A query
    word that no document holds counts in the ideal, since what it asks for is not answered.
    """

    def __init__(self, index: Bm25Index, terms: Mapping[str, float], allowed: Set[str] | None):
        self._index = index
        self._terms = tuple(sorted(terms))
        numbers = [index.vocabulary.get(term, -1) for term in self._terms]
        self._numbers = np.array(numbers, dtype=np.int64)
        self._weights = self._ideal_shares(terms)
        self._allowed = [segment.allowed(allowed) for segment in index.segments]

    def _ideal_shares(self, terms: Mapping[str, float]) -> Floats:
        """Return weight · idf of each term over the divisor, shape (terms,)."""
        given = np.array([terms[term] for term in self._terms], dtype=np.float64)
        weights = given * idf(self._index.frequency(self._numbers), len(self._index))
        ideal = float(weights.sum())
        return weights / (ideal * USUAL_IDEAL) ** 0.5 if ideal > 0 else weights

    @cached_property
    def _scores(self) -> list[Floats]:
        found = self._numbers >= 0
        terms, weights = self._numbers[found], self._weights[found]
        return [segment.score(terms, weights) for segment in self._index.segments]

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best allowed keys with a score above zero."""
        scores = [
            np.where(mask, score, 0.0)
            for mask, score in zip(self._allowed, self._scores, strict=True)
        ]
        joined = np.concatenate(scores) if scores else np.zeros(0)
        chosen, bound = best(joined, count)
        starts = np.cumsum([0, *map(len, scores)])
        return Ranking(tuple(self._key_at(int(place), starts) for place in chosen), bound)

    def _key_at(self, place: int, starts: Integers) -> str:
        number = int(np.searchsorted(starts, place, side="right")) - 1
        return self._index.segments[number].keys[place - int(starts[number])]

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the score of each key, shape (len(keys),); 0 for a key that is not stored."""
        scores = np.zeros(len(keys))
        for segment, stored in zip(self._index.segments, self._scores, strict=True):
            rows = np.array([segment.row_of.get(key, -1) for key in keys], dtype=np.int64)
            scores[rows >= 0] = stored[rows[rows >= 0]]
        return scores

    def terms_of(self, key: str) -> dict[str, float]:
        """Return what each shared term adds to the score of ``key``; they sum to the score."""
        stored = self._index.weights_of(key)
        parts = zip(self._terms, self._numbers.tolist(), self._weights.tolist(), strict=True)
        return {term: weight * stored[number] for term, number, weight in parts if number in stored}


def best(scores: Floats, count: int) -> tuple[Integers, float]:
    """Return the places of the ``count`` highest scores above zero and the bound on the rest."""
    positive = np.flatnonzero(scores > 0)
    if len(positive) <= count:
        return positive, 0.0
    order = np.argpartition(-scores[positive], count)
    return positive[order[:count]], float(scores[positive[order[count]]])
