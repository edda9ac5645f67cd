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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

REGION = "league"
"""The facet of a query that stands for its region."""


def line_of(result: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a result of :func:`matching.evaluation.evaluate` with its ``facts``."""
    full = result["methods"][-1]
    groups = dict(result["groups"])
    groups["region"] = groups.pop(REGION)
    none = {"precision": full["none_precision"], "coverage": full["none_coverage"]}
    return {**facts, **result, "groups": groups, "queries": full["queries"], "none": none}


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
