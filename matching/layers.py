"""Layers: the rows of all documents in a log-structured stack, each with the parts of every index.

A layer is immutable but for its list of dead rows, which a change copies. A change puts a layer on
top and takes the keys it replaces out of those below; layers of like size are then merged into one.
Readers keep the stack that they took. A large merge is written to a file without a name and mapped,
so that memory holds what is asked for and not what is stored.

Rows are numbered through all layers, the oldest first. The indexes (:mod:`matching.lexical`,
:mod:`matching.vectors`, :mod:`matching.filters`) are views of one stack and so share its numbers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.packed import Kept, Keys, Part, Rows
from matching.sections import Column, Mapped, spilled

Mask = NDArray[np.bool_]
MERGE_RATIO = 2
"""A layer is merged with those above it when it is less than this many times their size."""
SPILL_BYTES = 64 << 20
REMEMBERED = 65_536
"""Keys whose rows a stack remembers between the legs of a query."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Documents as rows: their keys, the parts by name, and the rows that are dead, as they died."""

    keys: Keys
    parts: Mapping[str, Part]
    dead: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    mapped: Mapped | None = None

    @property
    def size(self) -> int:
        """The number of live rows."""
        return len(self.keys) - len(self.dead)

    @cached_property
    def alive(self) -> Mask:
        """Which rows are alive, shape (rows,)."""
        mask = np.ones(len(self.keys), bool)
        mask[self.dead] = False
        return mask

    def rows_of(self, keys: Sequence[str]) -> Rows:
        """Return the live row of each key, shape (len(keys),); -1 where there is none."""
        rows = self.keys.rows_of(keys)
        return np.where((rows >= 0) & self.alive[rows], rows, -1) if len(self.dead) else rows

    def without(self, keys: Sequence[str]) -> Layer:
        """Return the layer with these keys dead, sharing its parts."""
        rows = np.unique(self.rows_of(keys))
        rows = rows[rows >= 0]
        if not len(rows):
            return self
        return replace(self, dead=np.concatenate([self.dead, rows.astype(np.int32)]))

    def kept(self) -> Kept:
        """Return which rows outlive a merge."""
        return Kept(len(self.keys), np.flatnonzero(self.alive) if len(self.dead) else None)


def release(layers: Iterable[Layer]) -> None:
    """Let go of pages that were read from the layers' files."""
    for layer in layers:
        if layer.mapped is not None:
            layer.mapped.release()


def columns(layers: Sequence[Layer]) -> dict[str, Column]:
    """Return the columns of one layer with the live rows of all, named ``part.array``."""
    kept = [layer.kept() for layer in layers]
    parts = {"keys": type(layers[0].keys).merged([layer.keys for layer in layers], kept)}
    for name, part in layers[0].parts.items():
        parts[name] = type(part).merged([layer.parts[name] for layer in layers], kept)
    return {
        f"{name}.{array}": column for name, part in parts.items() for array, column in part.items()
    }


def layer_of(
    arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, type[Part]], mapped: Mapped | None
) -> Layer:
    """Return the layer whose arrays are named as :func:`columns` names them."""
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        part, _, own = name.partition(".")
        found.setdefault(part, {})[own] = array
    parts = {name: kind(**found[name]) for name, kind in kinds.items()}
    return Layer(Keys(**found["keys"]), parts, mapped=mapped)


def merge(layers: Sequence[Layer], spill_bytes: int = SPILL_BYTES) -> Layer:
    """Return one layer with the live rows of all, in a file from ``spill_bytes``, else in memory."""
    kinds = {name: type(part) for name, part in layers[0].parts.items()}
    size = sum(part.nbytes for layer in layers for part in (layer.keys, *layer.parts.values()))
    if size < spill_bytes:
        arrays = {name: column.array() for name, column in columns(layers).items()}
        return layer_of(arrays, kinds, None)
    mapped = spilled(columns(layers), partial(release, layers))
    return layer_of(mapped.arrays, kinds, mapped)


class Layers:
    """A stack of layers; a value: every change returns another."""

    def __init__(self, layers: Sequence[Layer] = ()) -> None:
        self.layers = tuple(layers)
        self._rows: dict[str, int] = {}

    def __len__(self) -> int:
        """Return the number of live rows."""
        return sum(layer.size for layer in self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    @cached_property
    def starts(self) -> list[int]:
        """The number of each layer's first row, and of the row after the last."""
        return [0, *np.cumsum([len(layer.keys) for layer in self.layers], dtype=int).tolist()]

    def put(self, layer: Layer) -> Layers:
        """Return the stack with a layer on top whose keys replace those below."""
        if not len(layer.keys):
            return self
        below = self.remove(list(layer.keys.names)).layers
        return Layers(_merged([*below, layer]))

    def remove(self, keys: Collection[str]) -> Layers:
        """Return the stack without these keys; a layer more than half dead is rewritten."""
        wanted = list(keys)
        after = [layer.without(wanted) for layer in self.layers]
        kept = (merge([one]) if 2 * one.size < len(one.keys) else one for one in after if one.size)
        return Layers(tuple(kept))

    def rows_of(self, keys: Sequence[str]) -> Rows:
        """Return the number of each key's live row, shape (len(keys),); -1 where there is none."""
        found = [self._rows.get(key, -1) for key in keys]
        unknown = [place for place, row in enumerate(found) if row < 0]
        if unknown:
            for place, row in zip(
                unknown, self._looked_up([keys[at] for at in unknown]), strict=True
            ):
                found[place] = row
        return np.array(found, np.int64)

    def keys_of(self, rows: Rows) -> list[str]:
        """Return the keys of rows, and remember their rows for the next leg."""
        keys = [
            self.layers[number].keys.names[own] for number, own in map(self.place, rows.tolist())
        ]
        if len(self._rows) > REMEMBERED:
            self._rows = {}
        self._rows.update(zip(keys, rows.tolist(), strict=True))
        return keys

    def place(self, row: int) -> tuple[int, int]:
        """Return the layer's number and the row in it of a row's number."""
        number = bisect_right(self.starts, row) - 1
        return number, row - self.starts[number]

    def masks(self, allowed: Set[str] | None) -> list[Mask]:
        """Return for each layer which live rows are allowed (None: all)."""
        if isinstance(allowed, Selection) and allowed.layers is self:
            return list(allowed.masks)
        if allowed is None:
            return [layer.alive for layer in self.layers]
        whole = np.zeros(self.starts[-1], bool)
        rows = self.rows_of(list(allowed))
        whole[rows[rows >= 0]] = True
        return np.split(whole, self.starts[1:-1]) if self.layers else []

    def _looked_up(self, keys: Sequence[str]) -> list[int]:
        found = np.full(len(keys), -1, np.int64)
        for start, layer in zip(self.starts, self.layers, strict=False):
            rows = layer.rows_of(keys)
            found = np.where(rows >= 0, rows + start, found)
        looked_up: list[int] = found.tolist()
        return looked_up


def _merged(layers: list[Layer]) -> list[Layer]:
    """Return the stack with the layers on top made one where those below are not much larger."""
    first, size = len(layers) - 1, layers[-1].size
    while first and layers[first - 1].size < MERGE_RATIO * size:
        first -= 1
        size += layers[first].size
    return layers if first == len(layers) - 1 else [*layers[:first], merge(layers[first:])]


def joined(arrays: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    """Return the arrays of all layers as one, without a copy where there is one layer."""
    return arrays[0] if len(arrays) == 1 else np.concatenate([np.empty(0, kind), *arrays])


class Selection(Set[str]):
    """Allowed keys as masks over the live rows of one stack; to others, a set of keys."""

    def __init__(self, layers: Layers, masks: Sequence[Mask]) -> None:
        self.layers = layers
        self.masks = tuple(masks)

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(mask)) for mask in self.masks)

    def __bool__(self) -> bool:
        return any(mask.any() for mask in self.masks)

    def __iter__(self) -> Iterator[str]:
        for layer, mask in zip(self.layers, self.masks, strict=True):
            yield from (layer.keys.names[row] for row in np.flatnonzero(mask).tolist())

    def __contains__(self, key: object) -> bool:
        row = int(self.layers.rows_of([key])[0]) if isinstance(key, str) else -1
        number, own = self.layers.place(row) if row >= 0 else (0, 0)
        return row >= 0 and bool(self.masks[number][own])

    def __and__(self, other: Set[Any]) -> Selection:
        masks = zip(self.masks, self.layers.masks(other), strict=True)
        return Selection(self.layers, [own & their for own, their in masks])

    def __or__(self, other: Set[Any]) -> Selection:  # type: ignore[override]
        masks = zip(self.masks, self.layers.masks(other), strict=True)
        return Selection(self.layers, [own | their for own, their in masks])

    @classmethod
    def _from_iterable(cls, keys: Any) -> set[str]:  # type: ignore[override]
        return set(keys)
