"""Which further cells must be withheld so that none follows from the published ones, purely.

Each cell of a list in levels, or of a matrix, stands in two sums at most: as a member of one and as
the total (or a member) of the other. So the sums are the nodes of a graph and the cells its edges,
those in one sum only lead to a common ground. What can be had by adding and subtracting known cells
are the cuts of the graph of unknown ones: a cell follows from the others if and only if its edge is a
bridge. A bridge is mended by making the cheapest way around it unknown too.
"""

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

import networkx as nx

Cell = TypeVar("Cell", bound=Hashable)
#: Stands for all that is in one sum only.
_GROUND = -1


def graph_of(
    cells: Collection[Cell], equations: Sequence[tuple[Cell, Collection[Cell]]]
) -> "nx.MultiGraph[int]":
    """The sums as nodes, those of ``cells`` that stand in a sum as edges keyed by the cell."""
    ends: dict[Cell, list[int]] = {}
    for node, (total, members) in enumerate(equations):
        for cell in (total, *members):
            ends.setdefault(cell, []).append(node)
    graph = nx.MultiGraph()
    graph.add_nodes_from([_GROUND, *range(len(equations))])
    for cell in sorted(cells, key=repr):
        if cell in ends:
            first, second = (*ends[cell], _GROUND)[:2]
            graph.add_edge(first, second, key=cell)
    return graph


def exposed(
    unknown: Collection[Cell], equations: Sequence[tuple[Cell, Collection[Cell]]]
) -> list[Cell]:
    """The cells of ``unknown`` that follow from all others."""
    return [*_bridges(graph_of(unknown, equations))]


def _bridges(graph: "nx.MultiGraph[int]") -> Iterator[Cell]:
    for one, other in nx.bridges(graph):
        yield from graph[one][other]


def closed(
    unknown: Collection[Cell],
    equations: Sequence[tuple[Cell, Collection[Cell]]],
    cost: Mapping[Cell, int],
) -> set[Cell]:
    """``unknown`` and what must become unknown with it, so that none is exposed.

    ``cost`` names the cells that can be made unknown, with what it costs; it must offer a way.
    """
    found = set(unknown)
    everything = graph_of({*cost, *found}, equations)
    while bridges := exposed(found, equations):
        around = _way_around(min(bridges, key=repr), everything, found, cost)
        if not around - found:  # nothing but empty cells beside it
            break
        found |= around
    return found


def _way_around(
    bridge: Cell, graph: "nx.MultiGraph[int]", unknown: Collection[Cell], cost: Mapping[Cell, int]
) -> set[Cell]:
    def price(cell: Cell) -> int:
        return 0 if cell in unknown else cost[cell]

    def length(_one: int, _other: int, edges: Mapping[Cell, object]) -> int | None:
        prices = [price(cell) for cell in edges if cell != bridge]
        return min(prices, default=None)

    start, end = next((a, b) for a, b, key in graph.edges(keys=True) if key == bridge)
    if not nx.has_path(nx.restricted_view(graph, [], [(start, end, bridge)]), start, end):
        return set()
    way = nx.dijkstra_path(graph, start, end, weight=length)
    return {
        min((cell for cell in graph[a][b] if cell != bridge), key=lambda c: (price(c), repr(c)))
        for a, b in zip(way, way[1:], strict=False)
    }
