"""Exact inner-product search over blocks of unit vectors, by FAISS.

``faiss.knn`` scans a plain array as ``IndexFlatIP`` does, without copying it into an index, so a
block can be shared by readers and mapped from a snapshot. Blocks are merged as in
:mod:`matching.lexical`. Scores asked for by key are summed in float64, row by row, so that they do
not depend on the block; those that order the candidates are FAISS's float32.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from matching.index import Floats, Ranking, Vector
from matching.lexical import MERGE_RATIO

Matrix = NDArray[np.float32]
ROUNDING = 1e-5
"""More than float32 can lose in an inner product of unit vectors; added to every bound."""


@dataclass(frozen=True, eq=False)
class Block:
    """Vectors as rows, shape (len(keys), dim); ``alive`` masks rows removed since."""

    keys: tuple[str, ...]
    matrix: Matrix
    alive: NDArray[np.bool_]

    @cached_property
    def row_of(self) -> dict[str, int]:
        """The row of each live key."""
        return {key: row for row, key in enumerate(self.keys) if self.alive[row]}

    @cached_property
    def size(self) -> int:
        """The number of live vectors."""
        return int(self.alive.sum())

    def without(self, keys: Collection[str]) -> Block:
        """Return the block with these keys dead, sharing its matrix."""
        rows = [self.row_of[key] for key in keys if key in self.row_of]
        if not rows:
            return self
        alive = self.alive.copy()
        alive[rows] = False
        return replace(self, alive=alive)

    def rows(self, allowed: Set[str] | None) -> NDArray[np.int64]:
        """Return the live rows of the allowed keys (None: all)."""
        if allowed is None:
            return np.flatnonzero(self.alive)
        return np.array(sorted(self.row_of[key] for key in allowed if key in self.row_of), np.int64)

    def best(self, vector: Vector, rows: NDArray[np.int64], count: int) -> tuple[list[str], float]:
        """Return the keys of the ``count`` best of ``rows`` and the bound on the others."""
        whole = len(rows) == len(self.keys)
        matrix = self.matrix if whole else self.matrix[rows]
        asked = min(count + 1, len(rows))
        scores, places = faiss.knn(
            vector[None, :], matrix, asked, metric=faiss.METRIC_INNER_PRODUCT
        )
        bound = float(scores[0, count]) + ROUNDING if asked > count else -np.inf
        return [self.keys[rows[place]] for place in places[0, :count]], bound


def merge(blocks: Sequence[Block]) -> Block:
    """Return one block of the live vectors of all, in order."""
    keys = [key for block in blocks for key in block.row_of]
    matrix = np.concatenate([block.matrix[block.alive] for block in blocks])
    return Block(tuple(keys), matrix, np.ones(len(keys), dtype=bool))


class FlatVectors:
    """The in-process :class:`matching.index.VectorIndex`."""

    def __init__(self, blocks: tuple[Block, ...] = ()) -> None:
        self.blocks = blocks

    def __len__(self) -> int:
        """Return the number of live vectors."""
        return sum(block.size for block in self.blocks)

    def put(self, keys: Sequence[str], vectors: Matrix) -> Self:
        """Return the index with unit vectors, shape (len(keys), dim), added or replaced.

        ValueError where the shape fits neither the keys nor the stored vectors.
        """
        dimensions = {block.matrix.shape[1] for block in self.blocks} | {vectors.shape[-1]}
        if vectors.shape[:-1] != (len(keys),) or len(dimensions) > 1:
            raise ValueError(f"{len(keys)} keys and vectors of shape {vectors.shape} do not fit")
        if not keys:
            return self
        matrix = np.ascontiguousarray(vectors, dtype=np.float32)
        added = Block(tuple(keys), matrix, np.ones(len(keys), dtype=bool))
        blocks = [*self.remove(keys).blocks, added]
        while len(blocks) > 1 and blocks[-2].size < MERGE_RATIO * blocks[-1].size:
            blocks[-2:] = [merge(blocks[-2:])]
        return type(self)(tuple(blocks))

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; a block more than half dead is rewritten."""
        after = [block.without(keys) for block in self.blocks]
        kept = (merge([part]) if 2 * part.size < len(part.keys) else part for part in after)
        return type(self)(tuple(part for part in kept if part.size))

    def compacted(self) -> Self:
        """Return the index as at most one block without dead rows."""
        return type(self)((merge(self.blocks),)) if self.blocks else self

    def query(self, vector: Vector, allowed: Set[str] | None = None) -> FlatScored:
        """Score all allowed keys against one unit vector, shape (dim,)."""
        return FlatScored(self, np.ascontiguousarray(vector, dtype=np.float32), allowed)

    def vector(self, key: str) -> Vector | None:
        """Return the stored vector of ``key``, or None."""
        for block in self.blocks:
            if key in block.row_of:
                row: Vector = block.matrix[block.row_of[key]]
                return row
        return None


class FlatScored:
    """One vector's scores over the index."""

    def __init__(self, index: FlatVectors, vector: Vector, allowed: Set[str] | None) -> None:
        self._index = index
        self._vector = vector
        self._rows = [block.rows(allowed) for block in index.blocks]

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best allowed keys of each block: at least the best of them all."""
        keys: list[str] = []
        bounds = [-np.inf]
        for block, rows in zip(self._index.blocks, self._rows, strict=True):
            if len(rows):
                found, bound = block.best(self._vector, rows, count)
                keys += found
                bounds.append(bound)
        return Ranking(tuple(keys), max(bounds))

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the inner product with each key, shape (len(keys),); 0 if it is not stored."""
        scores = np.zeros(len(keys))
        for block in self._index.blocks:
            rows = np.array([block.row_of.get(key, -1) for key in keys], dtype=np.int64)
            stored = block.matrix[rows[rows >= 0]].astype(np.float64)
            scores[rows >= 0] = (stored * self._vector.astype(np.float64)).sum(axis=1)
        return scores
