"""The weighted sum of the legs' scores, and the reasons for it, from the same numbers.

Sums of normalised scores are fused, not ranks: reciprocal rank fusion with a weak leg loses up to
half of the quality. The top k is exact. Legs that score every row are added up, and the candidates
are the best of the sum; of others, as a quantised scan, they are each leg's best, and the search
deepens until no document left out can reach the k-th (the threshold algorithm of Fagin, Lotem & Naor
2003).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from matching.document import Parts
from matching.index import FIRST_DEPTH, Floats, Scored
from matching.lexical import Bm25Scored, Part, Summed
from matching.recipe import Weights
from matching.vectors import VectorScored

DEEPENING = 4
ROUNDED = 2e-6
"""More than rounding three parts to six decimals can move a score."""


@dataclass(frozen=True)
class Leg:
    """One source of scores with its weight; scores up to ``floor`` count as nothing."""

    scored: Scored
    weight: float
    floor: float = 0.0

    def contribution(self, scores: Floats) -> Floats:
        """Return weight · (score - floor) / (1 - floor), not below 0, rounded to six decimals."""
        above = np.maximum(0.0, scores - self.floor) / (1.0 - self.floor)
        return np.round(self.weight * above, 6)

    def by_row(self, lexical: Bm25Scored) -> Part | None:
        """Return the leg as a part of a sum by row over the same stack, where it can be one."""
        scored = self.scored
        if not isinstance(scored, Bm25Scored | VectorScored) or scored.layers is not lexical.layers:
            return None
        whole = isinstance(scored, Bm25Scored) or scored.by_row
        return Part(scored, self.weight, self.floor) if whole else None


@dataclass(frozen=True)
class Legs:
    """The legs of one query; a leg that is None adds nothing."""

    words: Leg | None = None
    bigrams: Leg | None = None
    dense: Leg | None = None
    concepts: Leg | None = None

    @classmethod
    def weighted(
        cls,
        weights: Weights,
        words: Scored,
        bigrams: Scored,
        dense: Scored | None,
        concepts: Scored | None = None,
    ) -> Legs:
        """Return the legs of a recipe; those that weigh nothing are left out."""
        return cls(
            Leg(words, weights.words) if weights.words else None,
            Leg(bigrams, weights.bigrams) if weights.bigrams else None,
            Leg(dense, weights.dense, weights.dense_floor) if dense and weights.dense else None,
            Leg(concepts, weights.concepts) if concepts and weights.concepts else None,
        )

    def parts(self, keys: Sequence[str]) -> list[Parts]:
        """Return the weighted contributions of each key."""
        return [Parts(*row) for row in self.table(keys).T.tolist()]

    def table(self, keys: Sequence[str]) -> Floats:
        """Return the weighted contributions in the order of :class:`Parts`, shape (legs, keys)."""
        legs = (self.words, self.bigrams, self.dense, self.concepts)
        nothing = np.zeros(len(keys))
        return np.array([leg.contribution(leg.scored.of(keys)) if leg else nothing for leg in legs])

    def candidates(self, depth: int) -> tuple[set[str], float]:
        """Return each leg's best keys and the most that any other key can score."""
        keys: set[str] = set()
        bound = 0.0
        for leg in self._sources():
            ranking = leg.scored.top(depth)
            keys.update(ranking.keys)
            bound += float(leg.contribution(np.array([ranking.bound]))[0])
        return keys, bound

    def _sources(self) -> list[Leg]:
        """Return the legs among whose best the candidates are; those scored by row as their sum.

        The sum of the legs' bounds lies far above the bound on their sum, whether legs agree or not.
        """
        legs = [leg for leg in (self.words, self.bigrams, self.concepts, self.dense) if leg]
        lexical = next((leg.scored for leg in legs if isinstance(leg.scored, Bm25Scored)), None)
        if lexical is None:
            return legs
        parts = [part for leg in legs if (part := leg.by_row(lexical)) is not None]
        others = [leg for leg in legs if leg.by_row(lexical) is None]
        return [Leg(Summed(parts, lexical.mask), 1.0), *others]


def order(scored: tuple[str, Parts]) -> tuple[float, str]:
    """Return the sort key of a fused document: higher raw score first, ties by key."""
    return -scored[1].raw, scored[0]


def fuse(legs: Legs, k: int, exclude: Collection[str] = ()) -> list[tuple[str, Parts]]:
    """Return the k best documents with a raw score above zero and what each leg gave them.

    More candidates are asked for until none left out can reach the k-th.
    """
    depth, without = max(FIRST_DEPTH, 2 * k), frozenset(exclude)
    while True:
        found, bound = legs.candidates(depth)
        keys = sorted(found - without)
        table = legs.table(keys)
        raw = np.round(table.sum(axis=0), 6)
        best = np.argsort(-raw, kind="stable")[:k]  # stable: ties stay in the order of the keys
        if bound <= 0 or (len(best) == k and raw[best[-1]] > bound + ROUNDED):
            ranked = best[raw[best] > 0].tolist()
            return [(keys[at], Parts(*table[:, at].tolist())) for at in ranked]
        depth *= DEEPENING
