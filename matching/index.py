"""The seam: what an index must offer so that another engine can stand behind the matcher.

An index is a value: ``put`` and ``remove`` return the index after the change, and readers of the
one before it are not disturbed. A query gives a :class:`Scored`, which yields the best keys and
the exact score of any key, so that fusion can prove its top k (see :mod:`matching.fusion`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Vector = NDArray[np.float32]

FIRST_DEPTH = 200
"""Keys that fusion first asks of each leg; an index may make them ready as the query comes."""


class Ranking(NamedTuple):
    """The best keys, unordered, and the highest score that a key left out can have."""

    keys: tuple[str, ...]
    bound: float


class Scored(Protocol):
    """One query's scores over one index."""

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best of the allowed keys; zero scores may be left out."""

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the score of each key, shape (len(keys),); 0 for a key that is not stored."""


class LexicalIndex(Protocol):
    """Scores weighted terms against documents."""

    def put(self, entries: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the index with these documents' term weights (0 to 1) added or replaced."""

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; unknown keys are ignored."""

    def query(self, terms: Mapping[str, float], allowed: Set[str] | None = None) -> Scored:
        """Score all allowed documents (None: all) against weighted query terms."""


class VectorIndex(Protocol):
    """Scores a vector against stored vectors by exact inner product."""

    def put(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> Self:
        """Return the index with unit vectors, shape (len(keys), dim), added or replaced."""

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; unknown keys are ignored."""

    def query(self, vector: Vector, allowed: Set[str] | None = None) -> Scored:
        """Score all allowed keys (None: all) against one unit vector, shape (dim,)."""

    def vector(self, key: str) -> Vector | None:
        """Return the stored vector of ``key``, or None."""
