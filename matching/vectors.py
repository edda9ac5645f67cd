"""Inner-product search over the unit vectors of a stack of layers, by FAISS.

A layer of up to :data:`EXACT_ROWS` vectors is scanned exactly. A larger one is scanned in product
quantised form, two bits a dimension in registers (André, Kermarrec & Le Scouarnec 2015), and the
best of that scan are scored again by the vectors themselves, which stay on the disk; the measured
recall is in docs/decisions/0007. A filter is a selector of the exact scan; of the quantised one
only allowed candidates are kept, as many as without a filter, and where few are allowed those are
scored one by one. So a filter holds exactly. Scores asked for by key are summed in float64 row by
row: they do not depend on the layer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Any, ClassVar, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from matching.index import FIRST_DEPTH, Floats, Ranking, Vector
from matching.layers import Layer, Layers, Mask, joined
from matching.packed import Kept, Keys, Part, Rows
from matching.sections import Column

_FAISS: Any = faiss
"""The wrappers take arrays, of which the library's annotations do not know."""
Matrix = NDArray[np.float32]
Found = tuple[Rows, float]
"""Row numbers, and the highest score that a row left out can have."""
EXACT_ROWS = 200_000
SCANNING = 2
"""Scans at a time; each begins as soon as its query is there, beside the lexical legs."""
SAMPLE = 65_536
"""Rows, evenly spaced, on which the quantiser is trained."""
RESCORED = 5
"""Candidates of the quantised scan that are scored again, for each hit asked for."""
LEAST_RESCORED = 500
WIDEST_SCAN = 32_768
"""Most candidates of a quantised scan; where a filter asks for more, it lets little through."""
GATHERED = 1 / 16
"""Where a filter lets less through than this share, its vectors are gathered and scanned alone."""
FEW_BARRED = 256
"""Up to so many rows that a filter bars are scanned with the others and left out afterwards."""
ROWS_A_CHUNK = 16_384
ROUNDING = 1e-5
"""More than float32 can lose in an inner product of unit vectors; added to every bound."""


@dataclass(frozen=True, eq=False)
class Vectors(Part):
    """Unit vectors as rows, shape (rows, dim), which of them are ``held``, and a quantised form.

    A document put without an encoder has a row of zeros. ``codes`` is a serialised FAISS index of
    all rows where there are more than ``exact_rows``, and else empty.
    """

    matrix: Matrix
    held: Mask
    codes: NDArray[np.uint8]
    exact_rows: ClassVar[int] = EXACT_ROWS

    @classmethod
    def of(cls, matrix: Matrix | None, count: int) -> Self:
        """Return the part of ``count`` rows; None: without vectors."""
        rows = np.zeros((count, 0), np.float32) if matrix is None else matrix
        whole = cls(rows, np.full(count, matrix is not None), np.zeros(0, np.uint8))
        if count <= cls.exact_rows:
            return whole
        return cls(
            **{name: one.array() for name, one in cls.merged([whole], [Kept(count, None)]).items()}
        )

    @classmethod
    def merged(cls, parts: Sequence[Self], kept: Sequence[Kept]) -> dict[str, Column]:
        """Return the columns of one part with the kept rows of all, in order."""
        dim = max(part.matrix.shape[1] for part in parts)
        held = [those.of(part.held) for part, those in zip(parts, kept, strict=True)]
        count = sum(map(len, kept))
        codes = _codes(parts, kept, dim, count) if dim and count > cls.exact_rows else iter(())
        return {
            "matrix": Column("<f4", _chunks(parts, kept, dim), (dim,)),
            "held": Column.of(np.concatenate(held)),
            "codes": Column("|u1", codes),
        }

    def best(self, vector: Vector, mask: Mask | None, count: int) -> Found:
        """Return the ``count`` best rows of ``mask`` (None: all) and the bound on the others."""
        allowed = len(self.held) if mask is None else int(np.count_nonzero(mask))
        if not allowed or not self.matrix.shape[1]:
            return np.zeros(0, np.int64), -np.inf
        scanned = self._quantised(vector, mask, allowed, count) if len(self.codes) else None
        if scanned is not None:
            return _first(scanned, self.scores(scanned, vector), count)
        if mask is not None and (allowed < GATHERED * len(self.held) or len(self.codes)):
            rows = np.flatnonzero(mask)
            return _first(rows, self.scores(rows, vector), count)
        return self._exact(vector, mask, allowed, count)

    def scan(self, vector: Vector, mask: Mask | None) -> Matrix:
        """Return the inner product of every row with ``vector``, shape (rows,), in float32.

        Of a row that ``mask`` bars it may be 0.
        """
        found = np.zeros(len(self.held), np.float32)
        if not len(found) or not self.matrix.shape[1]:
            return found
        if mask is not None and np.count_nonzero(mask) < GATHERED * len(found):
            rows = np.flatnonzero(mask)
            found[rows] = self.scores(rows, vector)
            return found
        arrays = map(_FAISS.swig_ptr, (found, vector, self.matrix))
        _FAISS.fvec_inner_products_ny(*arrays, self.matrix.shape[1], len(found))
        return found

    def scores(self, rows: Rows, vector: Vector) -> Floats:
        """Return the inner product of each row with ``vector``, shape (len(rows),), in float64."""
        wide = vector.astype(np.float64)
        pieces = [
            (self.matrix[rows[at : at + ROWS_A_CHUNK]].astype(np.float64) * wide).sum(axis=1)
            for at in range(0, len(rows), ROWS_A_CHUNK)
        ]
        return np.concatenate([np.zeros(0), *pieces])

    def _exact(self, vector: Vector, mask: Mask | None, allowed: int, count: int) -> Found:
        barred = len(self.held) - allowed
        if barred <= FEW_BARRED:
            asked = min(count + 1 + barred, len(self.held))
            query = vector[None, :]
            scores, rows = faiss.knn(query, self.matrix, asked, metric=faiss.METRIC_INNER_PRODUCT)
        else:
            bits = np.packbits(np.asarray(mask), bitorder="little")
            chosen = _FAISS.SearchParameters(sel=_FAISS.IDSelectorBitmap(bits))
            asked = min(count + 1, allowed)
            scores, rows = self._flat.search(vector[None, :], asked, params=chosen)
        through = np.ones(asked, bool) if mask is None else mask[rows[0]]
        found, reached = rows[0][through].astype(np.int64), scores[0][through]
        bound = float(reached[count]) + ROUNDING if len(found) > count else -np.inf
        return found[:count], bound

    def _quantised(
        self, vector: Vector, mask: Mask | None, allowed: int, count: int
    ) -> Rows | None:
        """Return the rows that a quantised scan finds best; None where a filter leaves it too few."""
        wanted = min(max(LEAST_RESCORED, RESCORED * count), allowed)
        asked = min(len(self.held), wanted * len(self.held) // allowed + wanted // 2)
        if asked > max(WIDEST_SCAN, 2 * wanted):
            return None
        rows = self._scan.search(vector[None, :], asked)[1][0]
        rows = rows[rows >= 0]
        found = rows if mask is None else rows[mask[rows]]
        return found if len(found) > count or len(found) == allowed else None

    @cached_property
    def _flat(self) -> Any:
        index = faiss.IndexFlatIP(self.matrix.shape[1])
        index.add(self.matrix)
        return index

    @cached_property
    def _scan(self) -> Any:
        index = faiss.deserialize_index(self.codes)
        return _FAISS.IndexPQFastScan(index) if isinstance(index, faiss.IndexPQ) else index


def _first(rows: Rows, scores: Floats, count: int) -> Found:
    """Return the ``count`` rows with the highest scores and the score of the next."""
    if len(rows) <= count:
        return rows, -np.inf
    order = np.argpartition(-scores, count)
    return rows[order[:count]], float(scores[order[count]])


def _chunks(parts: Sequence[Vectors], kept: Sequence[Kept], dim: int) -> Iterator[Matrix]:
    for part, those in zip(parts, kept, strict=True):
        for at in range(0, len(those), ROWS_A_CHUNK):
            after = min(at + ROWS_A_CHUNK, len(those))
            rows: Any = slice(at, after) if those.rows is None else those.rows[at:after]
            chunk = part.matrix[rows]
            yield chunk if chunk.shape[1] == dim else np.zeros((after - at, dim), np.float32)


def _codes(
    parts: Sequence[Vectors], kept: Sequence[Kept], dim: int, count: int
) -> Iterator[NDArray[np.uint8]]:
    """Yield the serialised index of all kept rows: 4 bits for each pair of dimensions.

    Empty chunks on the way let the writer let go of the vectors that were read.
    """
    kind = f"PQ{dim // 2}x4" if dim % 4 == 0 else "SQ8"
    index = faiss.index_factory(dim, kind, faiss.METRIC_INNER_PRODUCT)
    step = max(1, count // SAMPLE)
    sample, at = [], 0
    for chunk in _chunks(parts, kept, dim):
        sample.append(chunk[-at % step :: step].copy())
        at += len(chunk)
        yield np.zeros(0, np.uint8)
    _threads().submit(index.train, np.concatenate(sample)).result()
    for chunk in _chunks(parts, kept, dim):
        _threads().submit(index.add, np.ascontiguousarray(chunk)).result()
        yield np.zeros(0, np.uint8)
    yield faiss.serialize_index(index)


@cache
def _threads() -> ThreadPoolExecutor:
    """The threads that scan: one a query, for which OpenMP's own would only wait at full load."""
    return ThreadPoolExecutor(SCANNING, "vectors", partial(faiss.omp_set_num_threads, 1))


class FaissVectors:
    """The in-process :class:`matching.index.VectorIndex`: the part ``name`` of a stack of layers."""

    def __init__(
        self, layers: Layers | None = None, name: str = "vectors", kind: type[Vectors] = Vectors
    ) -> None:
        self.layers = Layers() if layers is None else layers
        self.name = name
        self.kind = kind

    def __len__(self) -> int:
        """Return the number of live vectors."""
        pairs = zip(self.layers, self.parts(), strict=True)
        return sum(int(np.count_nonzero(part.held & layer.alive)) for layer, part in pairs)

    def put(self, keys: Sequence[str], vectors: Matrix) -> Self:
        """Return the index with unit vectors, shape (len(keys), dim), added or replaced.

        ValueError where the shape fits neither the keys nor the stored vectors.
        """
        part = self.kind.of(self.fitting(vectors, len(keys)), len(keys))
        return self._over(self.layers.put(Layer(Keys.of(list(keys)), {self.name: part})))

    def fitting(self, vectors: Matrix, count: int) -> Matrix:
        """Return the vectors as they are stored; ValueError where the shape does not fit."""
        dimensions = {part.matrix.shape[1] for part in self.parts()} - {0} | {vectors.shape[-1]}
        if vectors.shape[:-1] != (count,) or len(dimensions) > 1:
            raise ValueError(f"{count} keys and vectors of shape {vectors.shape} do not fit")
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; unknown keys are ignored."""
        return self._over(self.layers.remove(keys))

    def query(self, vector: Vector, allowed: Set[str] | None = None) -> VectorScored:
        """Score all allowed keys against one unit vector, shape (dim,)."""
        return VectorScored(self, np.ascontiguousarray(vector, dtype=np.float32), allowed)

    def vector(self, key: str) -> Vector | None:
        """Return the stored vector of ``key``, or None."""
        row = int(self.layers.rows_of([key])[0])
        if row < 0:
            return None
        number, own = self.layers.place(row)
        part = self.parts()[number]
        return part.matrix[own].copy() if part.held[own] else None

    def parts(self) -> list[Vectors]:
        """Return the vectors of each layer."""
        return [layer.parts[self.name] for layer in self.layers]  # type: ignore[misc]

    def _over(self, layers: Layers) -> Self:
        return type(self)(layers, self.name, self.kind)


class VectorScored:
    """One vector's scores over the index; the first scan begins at once, in another thread."""

    rounding = ROUNDING

    def __init__(self, index: FaissVectors, vector: Vector, allowed: Set[str] | None) -> None:
        self._index = index
        self._vector = vector
        self._allowed = allowed
        self.by_row = not any(len(part.codes) for part in index.parts())
        self._scanned = _threads().submit(self._scan) if self.by_row else None
        self._early = None if self.by_row else _threads().submit(self._found, FIRST_DEPTH)

    @property
    def layers(self) -> Layers:
        """The stack whose rows are scored."""
        return self._index.layers

    @cached_property
    def rows(self) -> Matrix:
        """The score of every row that is allowed, shape (rows,), where all were scanned exactly."""
        assert self._scanned is not None, "only where it is said to be by row"
        return self._scanned.result()

    def _scan(self) -> Matrix:
        pairs = zip(self._index.parts(), self._masks, strict=True)
        return joined([part.scan(self._vector, mask) for part, mask in pairs], np.float32)

    @cached_property
    def _masks(self) -> list[Mask | None]:
        """The rows of each layer that are allowed and alive and have a vector; None for all."""
        allowed = self._index.layers.masks(self._allowed)
        pairs = zip(allowed, self._index.parts(), strict=True)
        masks = [mask & part.held for mask, part in pairs]
        return [None if mask.all() else mask for mask in masks]

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best allowed keys of each layer: at least the best of them all."""
        early = self._early if count == FIRST_DEPTH else None
        rows, bound = (early or _threads().submit(self._found, count)).result()
        return Ranking(tuple(self._index.layers.keys_of(rows)), bound)

    def _found(self, count: int) -> Found:
        rows, bounds = [np.zeros(0, np.int64)], [-np.inf]
        layers, parts = self._index.layers, self._index.parts()
        for start, layer, part, mask in zip(
            layers.starts, layers, parts, self._masks, strict=False
        ):
            found, bound = part.best(self._vector, mask, count)
            rows.append(found + start)
            bounds.append(bound)
            if len(part.codes) and layer.mapped is not None:
                layer.mapped.used()
        return np.concatenate(rows), max(bounds)

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the inner product with each key, shape (len(keys),); 0 if it is not stored."""
        found = self._index.layers.rows_of(keys)
        scores = np.zeros(len(keys))
        starts = self._index.layers.starts
        for start, after, part in zip(starts, starts[1:], self._index.parts(), strict=False):
            here = np.flatnonzero((found >= start) & (found < after))
            if len(here) and part.matrix.shape[1]:
                scores[here] = part.scores(found[here] - start, self._vector)
        return scores
