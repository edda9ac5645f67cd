"""Retrieval quality over judged pairs: nDCG, recall, MRR, their intervals, and 暂无合适.

Järvelin & Kekäläinen 2002 for nDCG with the gain 2^grade - 1. An unjudged document counts as grade
0 and is reported. A measure is averaged over the queries for which it is defined: nDCG where any
grade is above 0, recall and MRR where any grade is 2 or more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matching.document import Document
from matching.index import Floats
from matching.judgements import Grades, Judged
from matching.matcher import Matcher
from matching.recipe import Weights
from matching.reliability import reliability

RELEVANT = 2
DEPTH = 100
RESAMPLES = 2_000
BASELINE = "lexical"
PARTS = ("words", "bigrams", "concepts", "dense")
GROUPS = ("field", "league")
"""Facets of a query by which the figures are broken down, where queries have them."""


Answer = Sequence[tuple[str, float]]
"""Keys with their scores, best first."""


@dataclass(frozen=True)
class Run:
    """One method's answers, aligned with the queries, and the seconds that they took."""

    method: str
    answers: tuple[Answer, ...]
    seconds: float


def methods(weights: Weights, *, dense: bool) -> dict[str, Weights]:
    """Return the weights of each method: single legs, both lexical legs, with the thesaurus, all."""
    text = replace(weights, affinity={})
    nothing = replace(text, words=0.0, bigrams=0.0, dense=0.0, concepts=0.0)
    lexical = {
        "words": replace(nothing, words=1.0),
        "bigrams": replace(nothing, bigrams=1.0),
        BASELINE: replace(text, dense=0.0, concepts=0.0),
        "thesaurus": replace(text, dense=0.0),
    }
    return lexical | ({"dense": replace(nothing, dense=1.0)} if dense else {}) | {"full": weights}


def ablations(weights: Weights) -> dict[str, Weights]:
    """Return the weights of everything but one part, by the part that is switched off."""
    off: dict[str, Any] = dict.fromkeys(PARTS, 0.0)
    parts = {
        part: replace(weights, **{part: off[part]}) for part in PARTS if getattr(weights, part)
    }
    facets = {
        facet: replace(weights, affinity={**weights.affinity, facet: 0.0})
        for facet in weights.affinity
    }
    return parts | facets


def run_method(matcher: Matcher, method: str, weights: Weights, queries: Sequence[Document]) -> Run:
    """Rank for every query, however short, by these weights; its own key is not excluded."""
    weighted = matcher.with_weights(weights)
    began = time.perf_counter()
    answers = tuple(weighted.rank(query, k=DEPTH, however_short=True) for query in queries)
    return Run(method, answers, time.perf_counter() - began)


def ndcg(keys: Sequence[str], grades: Grades, k: int = 10) -> float:
    """Return nDCG@k with the gain 2^g - 1, or NaN where no grade is above 0."""
    gained = _discounted([grades.get(key, 0) for key in keys[:k]])
    ideal = _discounted(sorted(grades.values(), reverse=True)[:k])
    return gained / ideal if ideal else math.nan


def _discounted(grades: Sequence[float]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(grades))


def recall(keys: Sequence[str], grades: Grades, k: int) -> float:
    """Return the share of the relevant documents among the first k, or NaN without any."""
    relevant = _relevant(grades)
    return len(relevant & set(keys[:k])) / len(relevant) if relevant else math.nan


def reciprocal_rank(keys: Sequence[str], grades: Grades) -> float:
    """Return 1 / rank of the first relevant document (0 if absent), or NaN without any."""
    relevant = _relevant(grades)
    ranks = (rank for rank, key in enumerate(keys, start=1) if key in relevant)
    return 1 / next(ranks, math.inf) if relevant else math.nan


def unjudged(keys: Sequence[str], grades: Grades, k: int = 10) -> float:
    """Return the share of the first k that nobody has judged."""
    return sum(key not in grades for key in keys[:k]) / max(1, len(keys[:k]))


def _relevant(grades: Grades) -> set[str]:
    return {key for key, grade in grades.items() if grade >= RELEVANT}


def measures(run: Run, judged: Judged) -> dict[str, Floats]:
    """Return each measure per query, shape (queries,), NaN where it is not defined."""
    rows = [
        (
            ndcg(keys, grades),
            recall(keys, grades, 10),
            recall(keys, grades, 100),
            reciprocal_rank(keys, grades),
            unjudged(keys, grades),
        )
        for keys, grades in _answered(run, judged)
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    names = ("ndcg@10", "recall@10", "recall@100", "mrr", "unjudged@10")
    return dict(zip(names, table.T, strict=True))


def _answered(run: Run, judged: Judged) -> Iterator[tuple[list[str], Grades]]:
    for query, answer in zip(judged.queries, run.answers, strict=True):
        yield [key for key, _ in answer], judged.grades.get(query.key, {})


def interval(values: Floats, *, seed: int = 13) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of the mean (Efron & Tibshirani 1993), or None if empty."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None
    draws = np.random.default_rng(seed).integers(0, len(defined), (RESAMPLES, len(defined)))
    low, high = np.quantile(defined[draws].mean(axis=1), [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def none_suitable(run: Run, judged: Judged, threshold: float) -> dict[str, float | None]:
    """Return precision and coverage of 暂无合适, against queries without a relevant document."""
    best = [answer[0][1] if answer else 0.0 for answer in run.answers]
    said = np.array([score < threshold for score in best], dtype=bool)
    truth = [not _relevant(grades) for _, grades in _answered(run, judged)]
    right = float((said & np.array(truth, dtype=bool)).sum())
    return {
        "none_precision": round(right / said.sum(), 4) if said.any() else None,
        "none_coverage": round(right / sum(truth), 4) if any(truth) else None,
    }


def report(run: Run, baseline: Run, judged: Judged, threshold: float) -> dict[str, Any]:
    """Return one method's line: means, intervals, difference from the baseline, 暂无合适."""
    own, other = measures(run, judged), measures(baseline, judged)
    line: dict[str, Any] = {"method": run.method}
    line |= {name: _mean(values) for name, values in own.items()}
    line |= {f"{name}_interval": interval(values) for name, values in own.items()}
    difference = own["ndcg@10"] - other["ndcg@10"]
    line["ndcg@10_over_lexical"] = _mean(difference)
    line["ndcg@10_over_lexical_interval"] = interval(difference)
    # The threshold is calibrated for the full sum: of another method it says nothing.
    nothing = dict.fromkeys(("none_precision", "none_coverage"))
    line |= none_suitable(run, judged, threshold) if run.method == "full" else nothing
    return line | {"queries": len(run.answers), "seconds": round(run.seconds, 3)}


def _mean(values: Floats) -> float | None:
    defined = values[~np.isnan(values)]
    return round(float(defined.mean()), 4) if len(defined) else None


def evaluate(
    matcher: Matcher, judged: Judged, only: Collection[str] | None = None, *, ablate: bool = False
) -> dict[str, Any]:
    """Return the figures of a matcher that holds the judged documents.

    ``methods`` has a line each; ``ablations`` (if asked for) a line for each part switched off,
    with the difference that this makes; ``groups``, ``reliability`` and ``gate`` are those of all
    parts together.
    """
    weights, threshold = matcher.recipe.weights, matcher.recipe.threshold
    chosen = {
        method: weighting
        for method, weighting in methods(weights, dense=matcher.encoder is not None).items()
        if only is None or method in {*only, BASELINE, "full"}
    }
    runs = {name: run_method(matcher, name, one, judged.queries) for name, one in chosen.items()}
    full = runs["full"]
    shown = [run for name, run in runs.items() if only is None or name in {*only, BASELINE}]
    return {
        "notes": list(judged.notes),
        "recipe": matcher.recipe.digest,
        "methods": [report(run, runs[BASELINE], judged, threshold) for run in shown],
        "ablations": _ablated(matcher, full, judged) if ablate else [],
        "groups": {facet: by_group(full, judged, facet) for facet in GROUPS},
        "reliability": reliability(*_probabilities(full, judged)),
        "gate": _gate(matcher, full, judged),
    }


def _ablated(matcher: Matcher, full: Run, judged: Judged) -> list[dict[str, Any]]:
    lines = []
    for part, weights in ablations(matcher.recipe.weights).items():
        without = run_method(matcher, f"full - {part}", weights, judged.queries)
        lines.append({"without": part, "ndcg@10": _mean(measures(without, judged)["ndcg@10"])})
        lines[-1] |= difference(full, without, judged)
    return lines


def difference(run: Run, other: Run, judged: Judged) -> dict[str, Any]:
    """Return by how much ``run`` is better in nDCG@10, with the paired interval."""
    paired = measures(run, judged)["ndcg@10"] - measures(other, judged)["ndcg@10"]
    return {"difference": _mean(paired), "interval": interval(paired)}


def _gate(matcher: Matcher, full: Run, judged: Judged) -> dict[str, Any] | None:
    """Return whether the dense encoder has earned its place: its interval lies above 0."""
    weights = matcher.recipe.weights
    if matcher.encoder is None or not weights.dense:
        return None
    without = run_method(matcher, "full - dense", replace(weights, dense=0.0), judged.queries)
    found = difference(full, without, judged)
    return found | {"passed": bool(found["interval"] and found["interval"][0] > 0)}


def by_group(run: Run, judged: Judged, facet: str) -> list[dict[str, Any]]:
    """Return queries and nDCG@10 for each value of a facet of the queries, most queries first."""
    values = measures(run, judged)["ndcg@10"]
    places: dict[str, list[int]] = {}
    for place, query in enumerate(judged.queries):
        for value in query.facets.get(facet, ()):
            places.setdefault(value, []).append(place)
    ordered = sorted(places.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        {
            "group": group,
            "queries": int((~np.isnan(values[at])).sum()),
            "ndcg@10": _mean(values[at]),
            "ndcg@10_interval": interval(values[at]),
        }
        for group, at in ordered
        if not np.isnan(values[at]).all()
    ]


def _probabilities(run: Run, judged: Judged) -> tuple[Floats, Floats]:
    """Return (predicted, observed) of the ten best of each query; unjudged ones are left out."""
    pairs = [
        (score, float(grades[key] >= RELEVANT))
        for query, answer in zip(judged.queries, run.answers, strict=True)
        for grades in (judged.grades.get(query.key, {}),)
        for key, score in answer[:10]
        if key in grades
    ]
    predicted, observed = np.array(pairs, dtype=np.float64).reshape(len(pairs), 2).T
    return predicted, observed
