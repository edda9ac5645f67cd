"""Exact filters: which documents a query may return, found before any top k is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import Self

import numpy as np

from matching.layers import Layer, Layers, Mask, Selection
from matching.packed import Keys, Value, facet_values
from matching.postings import Postings

Facets = Mapping[str, tuple[str, ...]]
Where = Mapping[str, Collection[str]]


class FacetIndex:
    """The rows under each (facet, value): the part ``name`` of a stack of layers.

    ``values`` numbers every (facet, value) seen; it is added to by the one writer.
    """

    def __init__(
        self,
        layers: Layers | None = None,
        name: str = "facets",
        values: dict[Value, int] | None = None,
    ) -> None:
        self.layers = Layers() if layers is None else layers
        self.name = name
        self.values: dict[Value, int] = {} if values is None else values

    def put(self, facets: Mapping[str, Facets]) -> Self:
        """Return the index with the facets of these keys added or replaced."""
        part = postings_of(self.numbered(list(facets.values())))
        return self._over(self.layers.put(Layer(Keys.of(list(facets)), {self.name: part})))

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; unknown keys are ignored."""
        return self._over(self.layers.remove(keys))

    def numbered(self, facets: Sequence[Facets]) -> list[list[int]]:
        """Return the numbers of each document's values, numbering those that are new."""
        values = self.values
        return [
            [values.setdefault(value, len(values)) for value in facet_values(one)] for one in facets
        ]

    def allowed(self, where: Where | None, keys: Collection[str] | None = None) -> Selection | None:
        """Return the keys that hold one value of every facet in ``where`` and are in ``keys``.

        None stands for all keys. A facet with no value asked for lets nothing through.
        """
        if not where and keys is None:
            return None
        masks = self.layers.masks(None if keys is None else frozenset(keys))
        groups = [[(facet, value) for value in values] for facet, values in (where or {}).items()]
        numbers = [[self.values.get(value, -1) for value in group] for group in groups]
        parts = [layer.parts[self.name] for layer in self.layers]
        narrowed = [_narrowed(one, mask, numbers) for one, mask in zip(parts, masks, strict=True)]  # type: ignore[arg-type]
        return Selection(self.layers, narrowed)

    def counts(self, facet: str, allowed: Selection | None = None) -> dict[str, int]:
        """Return how many of the allowed documents hold each value of ``facet``; none is 0."""
        values = tuple(self.values.items())  # the writer may add to them meanwhile
        found = np.zeros(len(values), np.int64)
        for layer, mask in zip(self.layers, self.layers.masks(allowed), strict=True):
            postings: Postings = layer.parts[self.name]  # type: ignore[assignment]
            if len(postings.terms):
                held = np.add.reduceat(mask[postings.rows], postings.start[:-1], dtype=np.int64)
                found[postings.terms] += held
        counted = ((own, name, int(found[number])) for (own, name), number in values)
        return {name: count for own, name, count in counted if own == facet and name and count}

    def _over(self, layers: Layers) -> Self:
        return type(self)(layers, self.name, self.values)


def postings_of(numbers: Sequence[Sequence[int]]) -> Postings:
    """Return the rows under each value; ``numbers`` lists the values of each row."""
    distinct = [sorted(set(row)) for row in numbers]
    rows = np.repeat(np.arange(len(distinct)), [len(row) for row in distinct])
    values = np.fromiter(chain.from_iterable(distinct), np.int64, len(rows))
    return Postings.of(values, rows)


def _narrowed(postings: Postings, mask: Mask, groups: Sequence[Sequence[int]]) -> Mask:
    for group in groups:
        held = np.zeros(len(mask), bool)
        for place in postings.places(np.array(group, np.int64)):
            if place >= 0:
                held[postings.holders(int(place))] = True
        mask = mask & held
    return mask
