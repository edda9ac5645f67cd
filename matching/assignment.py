"""Who is put in touch with whom, when nobody can take more than so many contacts.

A plain ranking answers each query alone, so that a few popular documents stand in everybody's
list. Here all queries are answered at once: of the candidate pairs those are chosen whose scores
sum highest while no query, document or owner gets more than it can take. That is a transportation
problem. Its two families of limits (queries within their owners, documents within theirs) are
nested each, so the matrix is totally unimodular (Edmonds 1970) and every vertex of the linear
programme is a whole assignment; the simplex method of HiGHS (``scipy.optimize.linprog``) ends at
one. A bonus for each query's first contact is an arc more in the same network, and changes nothing
of this.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from scipy.optimize import linprog  # type: ignore[import-untyped]

from matching.evaluation import ndcg
from matching.index import Floats
from matching.judgements import Grades

TIE = 1e-5
"""The most that the order of keys counts beside a score: it settles ties, and nothing else."""


@dataclass(frozen=True)
class Edge:
    """A candidate pair with its score, the calibrated probability that it is worth a contact."""

    query: str
    document: str
    score: float


@dataclass(frozen=True)
class Limits:
    """How many contacts one side can take: each key, and each owner over all of its keys.

    A key that is not named has the ``default``; an owner that is not named has no limit.
    """

    default: int
    of: Mapping[str, int] = field(default_factory=dict)
    owner_of: Mapping[str, str] = field(default_factory=dict)
    of_owner: Mapping[str, int] = field(default_factory=dict)

    def limit(self, key: str) -> int:
        """Return how many contacts ``key`` can take."""
        return self.of.get(key, self.default)


Pairs = tuple[Edge, ...]


class NoAssignment(RuntimeError):
    """Raised when the solver ends without an optimum, with the solver's own words."""


def ranked(edges: Iterable[Edge]) -> Pairs:
    """Return the edges by query, best first, ties by the document's key; of two alike the first."""
    once = {(edge.query, edge.document): edge for edge in reversed(list(edges))}
    return tuple(sorted(once.values(), key=lambda edge: (edge.query, -edge.score, edge.document)))


def plain(edges: Iterable[Edge], limits: Limits) -> Pairs:
    """Return what each query is given when it is asked alone: its best, as many as it can take."""
    taken: Counter[str] = Counter()
    chosen = []
    for edge in ranked(edges):
        taken[edge.query] += 1
        if taken[edge.query] <= limits.limit(edge.query):
            chosen.append(edge)
    return tuple(chosen)


def assign(
    edges: Iterable[Edge], *, queries: Limits, documents: Limits, first: float = 0.0
) -> Pairs:
    """Return the pairs with the highest sum of scores within all limits, as :func:`ranked` orders.

    A query's first contact counts ``first`` more than its score: with 1, nobody is given a second
    as long as somebody could be given a first instead. Where sums are alike to :data:`TIE`, earlier
    keys are preferred. Scores of 0 or less are never chosen. :class:`NoAssignment` where the
    solver fails.
    """
    candidates = tuple(edge for edge in ranked(edges) if edge.score > 0)
    if not candidates:
        return ()
    limits = [
        *_rows([edge.query for edge in candidates], queries),
        *_rows([edge.document for edge in candidates], documents),
    ]
    matrix = _matrix([columns for columns, _ in limits], len(candidates))
    firsts = _firsts(candidates)
    idle = sparse.csr_matrix((len(limits), firsts.shape[0]))
    served = sparse.identity(firsts.shape[0], format="csr")
    answer = linprog(
        -np.concatenate([_preferred(candidates), np.full(firsts.shape[0], first)]),
        A_ub=sparse.bmat([[matrix, idle], [-firsts, served]], format="csr"),
        b_ub=np.array([most for _, most in limits] + [0] * firsts.shape[0], dtype=np.float64),
        bounds=(0, 1),
        method="highs-ds",
    )
    if answer.status != 0:
        raise NoAssignment(f"HiGHS found no assignment: {answer.message}")
    shares = answer.x[: len(candidates)]
    return tuple(edge for edge, share in zip(candidates, shares, strict=True) if share > 0.5)


def _matrix(rows: Sequence[Sequence[int]], width: int) -> sparse.csr_matrix:
    """Return the matrix with a one at each column that a row names, shape (len(rows), width)."""
    starts = np.cumsum([0, *map(len, rows)])
    places = np.fromiter((column for row in rows for column in row), dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(places)), places, starts), shape=(len(rows), width))


def _firsts(candidates: Sequence[Edge]) -> sparse.csr_matrix:
    """Return the candidates of each query as rows: its first contact needs one of them."""
    return _matrix(
        [columns for columns, _ in _rows([edge.query for edge in candidates], Limits(0))],
        len(candidates),
    )


def _rows(keys: Sequence[str], limits: Limits) -> list[tuple[list[int], int]]:
    """Return a row (columns, most) for each key, and one for each limited owner."""
    by_key: dict[str, list[int]] = defaultdict(list)
    by_owner: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        by_key[key].append(place)
        owner = limits.owner_of.get(key)
        if owner is not None and owner in limits.of_owner:
            by_owner[owner].append(place)
    rows = [(by_key[key], limits.limit(key)) for key in sorted(by_key)]
    return rows + [(by_owner[owner], limits.of_owner[owner]) for owner in sorted(by_owner)]


def _preferred(candidates: Sequence[Edge]) -> Floats:
    """Return the scores with at most :data:`TIE` added, more for earlier keys, shape (edges,).

    The addition is a product over the two sides. A sum would leave A-X, B-Y and A-Y, B-X alike.
    """
    scores = np.array([edge.score for edge in candidates], dtype=np.float64)
    sides = (
        [edge.query for edge in candidates],
        [edge.document for edge in candidates],
    )
    early = [_earliness(keys) for keys in sides]
    preferred: Floats = scores + TIE * early[0] * early[1]
    return preferred


def _earliness(keys: Sequence[str]) -> Floats:
    """Return 1 for the first key in order, falling to nearly 0 for the last, shape (keys,)."""
    order = {key: place for place, key in enumerate(sorted(set(keys)))}
    places = np.array([order[key] for key in keys], dtype=np.float64)
    return 1.0 - places / len(order)


def gini(amounts: Iterable[float]) -> float:
    """Return the Gini coefficient: 0 where all have alike, near 1 where one has all; 0 for nothing."""
    ordered = np.sort(np.fromiter(amounts, dtype=np.float64))
    total = float(ordered.sum())
    if not len(ordered) or total <= 0:
        return 0.0
    ranks = np.arange(1, len(ordered) + 1)
    return float((2 * ranks - len(ordered) - 1) @ ordered / (len(ordered) * total))


def exposure(pairs: Iterable[Edge], documents: Iterable[str]) -> dict[str, float]:
    """Return what attention each document gets: Σ 1 / log2(1 + rank) over the lists it stands in.

    Singh & Joachims 2018, *Fairness of Exposure in Rankings*, section 3.1.
    """
    attention = dict.fromkeys(documents, 0.0)
    rank: Counter[str] = Counter()
    for edge in ranked(pairs):
        rank[edge.query] += 1
        attention[edge.document] = attention.get(edge.document, 0.0) + 1 / math.log2(
            1 + rank[edge.query]
        )
    return attention


@dataclass(frozen=True)
class Figures:
    """How even and how bearable a set of lists is, and how good its pairs are.

    ``exposure_gini`` is over the documents that are a candidate of any query. ``over_limit`` is
    the share of those that stand in more lists than they can take, ``most`` the longest queue.
    ``unserved`` is the share of queries with a candidate that got none.
    """

    pairs: int
    documents: int
    exposure_gini: float
    over_limit: float
    most: int
    unserved: float
    mean_score: float
    total_score: float


def figures(pairs: Sequence[Edge], edges: Sequence[Edge], documents: Limits) -> Figures:
    """Return the figures of ``pairs`` chosen among ``edges``; zeros where there are none."""
    possible = sorted({edge.document for edge in edges})
    asking = {edge.query for edge in edges}
    load = Counter(edge.document for edge in pairs)
    over = sum(load[key] > documents.limit(key) for key in possible)
    total = sum(edge.score for edge in pairs)
    return Figures(
        pairs=len(pairs),
        documents=len(load),
        exposure_gini=round(gini(exposure(pairs, possible).values()), 4),
        over_limit=_share(over, len(possible)),
        most=max(load.values(), default=0),
        unserved=_share(len(asking - {edge.query for edge in pairs}), len(asking)),
        mean_score=_share(total, len(pairs)),
        total_score=round(total, 4),
    )


def _share(part: float, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def mean_ndcg(pairs: Iterable[Edge], grades: Mapping[str, Grades], k: int = 10) -> float | None:
    """Return the mean nDCG@k of the lists, over queries with a grade above 0; None without any.

    A query that got no list counts as 0: what was taken from it is part of the loss.
    """
    lists: dict[str, list[str]] = defaultdict(list)
    for edge in ranked(pairs):
        lists[edge.query].append(edge.document)
    values = [ndcg(lists[query], grades[query], k) for query in sorted(grades)]
    defined = [value for value in values if not math.isnan(value)]
    return round(sum(defined) / len(defined), 4) if defined else None
