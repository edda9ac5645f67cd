"""Choosing weights, calibration and threshold on the tuning part alone.

The legs' scores of all candidates are taken once; every weighting is then a product over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from matching.affinity import affinity
from matching.document import Document
from matching.evaluation import RELEVANT, ndcg
from matching.index import Floats
from matching.judgements import Grades, Judged
from matching.matcher import Matcher
from matching.recipe import Calibration, Recipe, Weights

CANDIDATES = 200
SHARES = tuple(step / 10 for step in range(11))
DENSE_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2)
DENSE_FLOORS = (0.0, 0.2)
CONCEPT_WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True, eq=False)
class Pool:
    """A query's candidates: their keys, their (words, bigrams, dense, concepts) scores, its grades.

    ``shared`` is what shared facets add to each, shape (len(keys),).
    """

    keys: tuple[str, ...]
    scores: Floats
    grades: Grades
    shared: Floats

    def raw(self, weights: Weights) -> Floats:
        """Return the fused score of each candidate, shape (len(keys),)."""
        dense = np.maximum(0.0, self.scores[:, 2] - weights.dense_floor)
        dense = dense / (1.0 - weights.dense_floor)
        lexical = self.scores[:, 0] * weights.words + self.scores[:, 1] * weights.bigrams
        named = self.scores[:, 3] * weights.concepts
        raw: Floats = np.round(lexical + weights.dense * dense + named + self.shared, 6)
        return raw

    def ndcg(self, weights: Weights) -> float:
        """Return nDCG@10 of this weighting; NaN without a grade above 0."""
        order = np.argsort(-self.raw(weights), kind="stable")[:10]
        return ndcg([self.keys[place] for place in order], self.grades)


def pool(matcher: Matcher, query: Document, grades: Grades) -> Pool:
    """Return the candidates of each leg, and all judged documents, with their scores."""
    even = Weights(words=1.0, bigrams=1.0, dense=1.0, concepts=1.0)
    legs = matcher.with_weights(even).legs(query)
    found, _ = legs.candidates(CANDIDATES)
    keys = tuple(sorted(found | {key for key in grades if key in matcher}))
    columns = [
        leg.scored.of(keys) if leg else np.zeros(len(keys))
        for leg in (legs.words, legs.bigrams, legs.dense, legs.concepts)
    ]
    facets = matcher.recipe.weights.affinity
    shared = [affinity(query.facets, matcher.facets(key), facets) for key in keys]
    return Pool(keys, np.stack(columns, axis=1), grades, np.array(shared, np.float64))


def weightings(*, dense: bool) -> Iterator[Weights]:
    """Yield the grid; the lexical shares sum to one, since only proportions order."""
    grid = product(
        SHARES,
        DENSE_WEIGHTS if dense else (0.0,),
        DENSE_FLOORS if dense else (0.0,),
        CONCEPT_WEIGHTS,
    )
    for share, weight, floor, concepts in grid:
        if weight or not floor:
            shares = round(share, 2), round(1 - share, 2)
            yield Weights(*shares, weight, concepts, floor)


def best_weights(pools: Sequence[Pool], *, dense: bool) -> Weights:
    """Return the weights with the highest mean nDCG@10; of equals the first in the grid."""
    scored = [(_mean_ndcg(pools, weights), weights) for weights in weightings(dense=dense)]
    return max(scored, key=lambda pair: pair[0])[1]


def _mean_ndcg(pools: Sequence[Pool], weights: Weights) -> float:
    values = np.array([one.ndcg(weights) for one in pools])
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else 0.0


def fit_calibration(raw: Floats, relevant: Floats) -> Calibration:
    """Fit P(relevant) = logistic(slope · raw + intercept) by Newton's method (Platt 1999).

    Both arrays have shape (pairs,). A small ridge keeps the fit finite where the classes separate.
    """
    inputs = np.stack([raw, np.ones_like(raw)], axis=1)
    theta = np.zeros(2)
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(inputs @ theta, -30, 30)))
        curvature = probability * (1 - probability)
        hessian = (inputs * curvature[:, None]).T @ inputs + 1e-3 * np.eye(2)
        theta -= np.linalg.solve(hessian, inputs.T @ (probability - relevant) + 1e-3 * theta)
    return Calibration(round(float(theta[0]), 4), round(float(theta[1]), 4))


def best_threshold(tops: Floats, none_relevant: Floats, default: float) -> float:
    """Return the threshold on the best hit's probability with the highest F1 for 暂无合适."""
    if not none_relevant.any():
        return default
    scored = [(_f1(tops < level, none_relevant), level) for level in np.unique(np.round(tops, 3))]
    return float(max(scored, key=lambda pair: pair[0])[1])


def _f1(said: Floats, truth: Floats) -> float:
    right = float((said.astype(bool) & truth.astype(bool)).sum())
    return 2 * right / max(1.0, float(said.sum() + truth.sum()))


def tune(matcher: Matcher, judged: Judged, weights: Weights | None = None) -> Recipe:
    """Return the matcher's recipe with weights, calibration and threshold fitted to ``judged``.

    Given ``weights`` stay as they are: a small judged set may fit a threshold and not six numbers.
    """
    pools = [pool(matcher, query, judged.grades.get(query.key, {})) for query in judged.queries]
    weights = weights or best_weights(pools, dense=matcher.encoder is not None)
    raw = np.concatenate([one.raw(weights) for one in pools] or [np.zeros(0)])
    relevant = [float(one.grades.get(key, 0) >= RELEVANT) for one in pools for key in one.keys]
    calibration = fit_calibration(raw, np.array(relevant))
    tops = [max(one.raw(weights).tolist(), default=0.0) for one in pools]
    probabilities = np.array([calibration.probability(top) for top in tops])
    none = np.array([not any(g >= RELEVANT for g in one.grades.values()) for one in pools])
    threshold = best_threshold(probabilities, none, matcher.recipe.threshold)
    return replace(
        matcher.recipe, weights=weights, calibration=calibration, threshold=round(threshold, 3)
    )
