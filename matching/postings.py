"""Postings: for each term the rows that hold it, ascending, and how much it weighs in each.

A weight, 0 to 1, is stored in 16 bits: within 0.000008 of what it was. Rounding it once, when the
document is read, keeps scores the same wherever the document comes to lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from matching.packed import CHUNK, Kept, Part, Rows, places_in
from matching.sections import Array, Column, sliced

UNIT = 65_535
"""The stored form of the weight 1."""

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Postings(Part):
    """``rows[start[i]:start[i + 1]]`` hold the term with the number ``terms[i]``.

    ``weights`` is aligned with ``rows``, or empty where holding a term is all there is to say.
    """

    terms: NDArray[np.int32]
    start: Rows
    rows: NDArray[np.int32]
    weights: NDArray[np.uint16]

    @classmethod
    def of(cls, terms: Rows, rows: Rows, weights: Floats | None = None) -> Postings:
        """Return the postings of (term, row) pairs, no two of them the same, in any order."""
        order = np.lexsort((rows, terms))
        ordered = None if weights is None else weights[order]
        return cls.of_sorted(terms[order], rows[order], ordered)

    @classmethod
    def of_sorted(cls, terms: Rows, rows: Rows, weights: Floats | None = None) -> Postings:
        """Return the postings of pairs that ascend by term and row."""
        first = np.flatnonzero(np.diff(terms, prepend=-1))
        stored = np.zeros(0) if weights is None else np.maximum(1, np.rint(weights * UNIT))
        return cls(
            terms[first].astype(np.int32),
            np.append(first, len(terms)).astype(np.int64),
            rows.astype(np.int32),
            stored.astype(np.uint16),
        )

    def places(self, terms: Rows) -> Rows:
        """Return the place of each term number in ``terms``, shape (len(terms),); -1 if absent."""
        if not len(self.terms):
            return np.full(len(terms), -1, np.int64)
        # Of another type than the numbers searched, these would all be converted for each search.
        found = np.searchsorted(self.terms, terms.astype(self.terms.dtype))
        there = self.terms[np.minimum(found, len(self.terms) - 1)] == terms
        return np.where(there, found, -1)

    def holders(self, place: int) -> NDArray[np.int32]:
        """Return the rows that hold the term at ``place``."""
        return self.rows[self.start[place] : self.start[place + 1]]

    def score(self, terms: Rows, factors: Floats, count: int) -> Scores:
        """Return Σ factor · weight for each of ``count`` rows; unknown terms add nothing.

        Each row adds up its terms in the order given, in float32, whatever layer it stands in.
        """
        places = self.places(terms)
        slices = [slice(*self.start[place : place + 2]) for place in places if place >= 0]
        if not slices:
            return np.zeros(count, np.float32)
        rows = np.concatenate([self.rows[part] for part in slices])
        added = np.empty(len(rows), np.float32)
        at = 0
        for part, factor in zip(slices, factors[places >= 0] / UNIT, strict=True):
            after = at + part.stop - part.start
            np.multiply(self.weights[part], np.float32(factor), out=added[at:after])
            at = after
        # A product with a matrix of one column is the fastest sum by row that there is in C.
        column = sparse.csc_array((added, rows, np.array([0, at], np.int32)), shape=(count, 1))
        scores: Scores = column @ np.ones(1, np.float32)
        return scores

    def held_by(self, rows: Rows, terms: Rows) -> Floats:
        """Return the weight of each term in each row, shape (rows, terms); 0 where it is not held."""
        places = self.places(terms)
        weights = np.zeros((len(rows), len(terms)))
        known = np.flatnonzero(places >= 0)
        if not len(known):
            return weights
        wanted, starts = rows.astype(np.int32), self.start[places[known]]
        afters = self.start[places[known] + 1]
        # A search in each term's rows: a search in all at once takes more steps of more work each.
        found = [
            start + self.rows[start:after].searchsorted(wanted)
            for start, after in zip(starts.tolist(), afters.tolist(), strict=True)
        ]
        at = np.minimum(found, afters[:, None] - 1)  # no term is without rows
        weights[:, known] = np.where(self.rows[at] == wanted, self.weights[at] / UNIT, 0.0).T
        return weights

    def dead(self, place: int, gone: NDArray[np.int32]) -> int:
        """Return how many of the rows ``gone`` (without repeats) hold the term at ``place``.

        Rows only ever go, in an order that later versions of the layer share, so what was counted
        is kept and only those gone since are looked up.
        """
        seen, count = self._dead.get(place, (0, 0))
        if seen > len(gone):  # a reader of an older version
            seen, count = 0, 0
        if seen < len(gone):
            count += _shared(self.holders(place), np.sort(gone[seen:]))
            self._dead[place] = len(gone), count
        return count

    @cached_property
    def _dead(self) -> dict[int, tuple[int, int]]:
        return {}

    @classmethod
    def merged(cls, parts: Sequence[Postings], kept: Sequence[Kept]) -> dict[str, Column]:
        """Return the columns of one part with the kept rows of all, in order."""
        return _Merge(parts, kept).columns()


def _shared(rows: NDArray[np.int32], others: NDArray[np.int32]) -> int:
    """Return how many entries two ascending arrays share."""
    small, large = (rows, others) if len(rows) < len(others) else (others, rows)
    if not len(small):
        return 0
    found = np.searchsorted(large, small)
    return int((large[np.minimum(found, len(large) - 1)] == small).sum())


class _Merge:
    """Several postings on their way to one, a range of terms at a time."""

    def __init__(self, parts: Sequence[Postings], kept: Sequence[Kept]) -> None:
        self._parts = parts
        self._to = [
            _numbers(those, before) for those, before in zip(kept, _before(kept), strict=True)
        ]
        self._live = [_live(part, to) for part, to in zip(parts, self._to, strict=True)]
        numbers = np.concatenate([part.terms for part in parts])
        self._terms, self._run_term = np.unique(numbers, return_inverse=True)
        lengths = np.concatenate(self._live)
        self._lengths = np.bincount(self._run_term, lengths, len(self._terms)).astype(np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self._lengths)])
        # Where in the whole each run begins: runs of a term follow each other in the parts' order.
        order = np.argsort(self._run_term, kind="stable")
        ends = np.cumsum(lengths[order])
        begins = np.empty(len(order), np.int64)
        begins[order] = ends - lengths[order]
        cuts = np.cumsum([len(part.terms) for part in parts])[:-1]
        self._begins = np.split(begins, cuts)

    def columns(self) -> dict[str, Column]:
        full = self._lengths > 0  # a term whose every document went is forgotten
        start = np.append(self._starts[:-1][full], self._starts[-1])
        weighted = any(len(part.weights) for part in self._parts)
        return {
            "terms": Column.of(self._terms[full].astype(np.int32)),
            "start": Column.of(start.astype(np.int64)),
            "rows": Column("<i4", self._chunks(weights=False)),
            "weights": Column("<u2", self._chunks(weights=True) if weighted else ()),
        }

    def _chunks(self, *, weights: bool) -> Iterator[Array]:
        for first, after in sliced(self._lengths, CHUNK):
            base = self._starts[first]
            size = int(self._starts[after] - base)
            chunk = np.empty(size, np.uint16 if weights else np.int32)
            for number, part in enumerate(self._parts):
                low, high = np.searchsorted(part.terms, self._terms[[first, after - 1]] + [0, 1])
                self._put(chunk, base, number, slice(int(low), int(high)), weights=weights)
            yield chunk

    def _put(self, chunk: Array, base: int, number: int, runs: slice, *, weights: bool) -> None:
        """Write the runs of one part into their places of the chunk, which begins at ``base``."""
        part, to = self._parts[number], self._to[number]
        held = slice(part.start[runs.start], part.start[runs.stop])
        rows = to[part.rows[held]] if isinstance(to, np.ndarray) else part.rows[held] + to
        values = part.weights[held] if weights else rows
        if isinstance(to, np.ndarray):
            values = values[rows >= 0]
        chunk[places_in(self._begins[number][runs] - base, self._live[number][runs])] = values


def _before(kept: Sequence[Kept]) -> list[int]:
    return [sum(map(len, kept[:place])) for place in range(len(kept))]


def _numbers(kept: Kept, before: int) -> NDArray[np.int32] | np.int32:
    """Return what to add to each row's number, or the new number of each row, -1 for a dead one."""
    if kept.rows is None:
        return np.int32(before)
    numbers = np.full(kept.count, -1, np.int32)
    numbers[kept.rows] = np.arange(before, before + len(kept.rows), dtype=np.int32)
    return numbers


def _live(part: Postings, to: NDArray[np.int32] | np.int32) -> Rows:
    """Return how many rows of each term outlive the merge, shape (terms,)."""
    if not isinstance(to, np.ndarray):
        return np.diff(part.start)
    counts = np.zeros(len(part.terms), np.int64)
    for first, after in sliced(np.diff(part.start), CHUNK):
        held = to[part.rows[part.start[first] : part.start[after]]] >= 0
        counts[first:after] = np.add.reduceat(
            held, part.start[first:after] - part.start[first], dtype=np.int64
        )
    return counts
