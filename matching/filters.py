"""Exact filters: which keys a query may return, found before any top k is taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from typing import Self

Facets = Mapping[str, tuple[str, ...]]
Where = Mapping[str, Collection[str]]


class FacetIndex:
    """The keys under each (facet, value); a value like the other indexes."""

    def __init__(self, holders: Mapping[tuple[str, str], frozenset[str]] | None = None) -> None:
        self._holders = dict(holders or {})

    def change(self, before: Mapping[str, Facets], after: Mapping[str, Facets]) -> Self:
        """Return the index with the keys of ``before`` taken out and those of ``after`` added."""
        gone, come = _by_value(before), _by_value(after)
        holders = dict(self._holders)
        for value in gone.keys() | come.keys():
            kept = holders.get(value, frozenset()) - gone.get(value, set())
            holders[value] = kept | come.get(value, set())
        return type(self)({value: keys for value, keys in holders.items() if keys})

    def allowed(self, where: Where | None, keys: Collection[str] | None = None) -> Set[str] | None:
        """Return the keys that hold one value of every facet in ``where`` and are in ``keys``.

        None stands for all keys. A facet with no value asked for lets nothing through.
        """
        sets: list[Set[str]] = [self._holding(facet, of) for facet, of in (where or {}).items()]
        if keys is not None:
            sets.append(frozenset(keys))
        return frozenset.intersection(*map(frozenset, sorted(sets, key=len))) if sets else None

    def _holding(self, facet: str, values: Collection[str]) -> frozenset[str]:
        return frozenset().union(*(self._holders.get((facet, value), ()) for value in values))


def _by_value(facets: Mapping[str, Facets]) -> dict[tuple[str, str], set[str]]:
    holders: dict[tuple[str, str], set[str]] = {}
    for key, values_of in facets.items():
        for facet, values in values_of.items():
            for value in values:
                holders.setdefault((facet, value), set()).add(key)
    return holders
