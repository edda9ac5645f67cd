"""The figures of an evaluation as one line of a file: what the page 匹配质量 shows.

A line is written by ``python -m matching evaluate --part report --history FILE`` and never changed
afterwards, so that the file tells how quality went from version to version:

    {"version", "date", "recipe", "encoder", "part", "queries",
     "methods": [{"method", "ndcg@10", "ndcg@10_interval", "recall@10", …}],
     "none": {"precision", "coverage"},
     "groups": {"field": [{"group", "queries", "ndcg@10", "ndcg@10_interval"}], "region": […]},
     "reliability": [{"low", "high", "predicted", "observed", "pairs"}],
     "gate": {"difference", "interval", "passed"} or null without an encoder}
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching.evaluation import (
    RELEVANT,
    Judged,
    Part,
    Run,
    evaluate,
    interval,
    measures,
    methods,
    run_method,
)
from matching.index import Floats
from matching.matcher import Matcher

BINS = 10
GROUPINGS = ("field", "region")
WITHOUT_DENSE = "thesaurus"
FULL = "full"
Labels = Mapping[str, Mapping[str, str]]


def read_labels(queries: Path) -> dict[str, dict[str, str]]:
    """Return field and region of each query by its id, empty where the file says none."""
    with queries.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    return {str(line["id"]): {name: line.get(name, "") for name in GROUPINGS} for line in lines}


def line_of(
    matcher: Matcher, judged: Judged, part: Part, *, labels: Labels, version: str, date: str
) -> dict[str, Any]:
    """Return the line for a matcher that holds the judged documents; ``date`` as ISO 8601."""
    chosen = judged.part(part)
    result = evaluate(matcher, chosen)
    weights = methods(matcher.recipe.weights, dense=matcher.encoder is not None)
    runs = {
        name: run_method(matcher, name, weights[name], chosen.queries)
        for name in (WITHOUT_DENSE, FULL)
    }
    own = measures(runs[FULL], chosen)["ndcg@10"]
    full = result["methods"][-1]
    return {
        "version": version,
        "date": date,
        "recipe": matcher.recipe.digest,
        "encoder": matcher.encoder.name if matcher.encoder else None,
        "part": part,
        "queries": len(chosen.queries),
        "methods": result["methods"],
        "none": {"precision": full["none_precision"], "coverage": full["none_coverage"]},
        "groups": {name: list(by_group(own, chosen, labels, name)) for name in GROUPINGS},
        "reliability": list(reliability(runs[FULL], chosen)),
        "gate": gate(runs, chosen) if matcher.encoder else None,
    }


def by_group(values: Floats, judged: Judged, labels: Labels, name: str) -> Iterator[dict[str, Any]]:
    """Yield the mean of a measure for each group of queries, ordered by the group's code."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, query in enumerate(judged.queries):
        places[labels.get(query.key, {}).get(name, "")].append(place)
    for group in sorted(places):
        own = values[places[group]]
        defined = own[~np.isnan(own)]
        if len(defined):
            yield {
                "group": group,
                "queries": len(defined),
                "ndcg@10": round(float(defined.mean()), 4),
                "ndcg@10_interval": interval(own),
            }


def reliability(run: Run, judged: Judged) -> Iterator[dict[str, Any]]:
    """Yield for each tenth of the predicted probability how often judges agreed; empty ones not.

    DeGroot & Fienberg 1983. Only judged pairs count: of the others nobody knows.
    """
    predicted, observed = [], []
    for query, answer in zip(judged.queries, run.answers, strict=True):
        grades = judged.grades.get(query.key, {})
        for hit in answer.hits:
            if hit.key in grades:
                predicted.append(hit.score)
                observed.append(grades[hit.key] >= RELEVANT)
    said, truth = np.array(predicted), np.array(observed, dtype=np.float64)
    bins = np.minimum((said * BINS).astype(int), BINS - 1)
    for number in sorted(set(bins.tolist())):
        inside = bins == number
        yield {
            "low": number / BINS,
            "high": (number + 1) / BINS,
            "predicted": round(float(said[inside].mean()), 4),
            "observed": round(float(truth[inside].mean()), 4),
            "pairs": int(inside.sum()),
        }


def gate(runs: Mapping[str, Run], judged: Judged) -> dict[str, Any]:
    """Return what the dense encoder adds to words and thesaurus, and whether that is certain.

    It has earned its place where the 95 % paired bootstrap interval of nDCG@10 lies above 0.
    """
    with_it, without = (measures(runs[name], judged)["ndcg@10"] for name in (FULL, WITHOUT_DENSE))
    difference = with_it - without
    bounds = interval(difference)
    defined = difference[~np.isnan(difference)]
    return {
        "difference": round(float(defined.mean()), 4) if len(defined) else None,
        "interval": bounds,
        "passed": bounds is not None and bounds[0] > 0,
    }


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add a line to the file, making the file where there is none."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(path: Path) -> Sequence[dict[str, Any]]:
    """Return the lines, the newest last; none where there is no file. ValueError names a bad line."""
    if not path.exists():
        return ()
    lines = []
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, start=1):
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError as fault:
                raise ValueError(f"{path}:{number} is no line of figures: {fault}") from fault
    return lines
