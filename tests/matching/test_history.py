from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from matching import Document
from matching.__main__ import JUDGED, main
from matching.document import Hit, Matches, Parts
from matching.evaluation import Judged, Run, read_judged
from matching.history import by_group, gate, read, read_labels, reliability

SHIPPED = JUDGED / "history.jsonl"


def answers(*scores: tuple[str, float]) -> Matches:
    return Matches(tuple(Hit(key, score, Parts(0, 0, 0)) for key, score in scores), True, True)


def judged_of(grades: dict[str, dict[str, int]]) -> Judged:
    return Judged(tuple(Document(key, key, "") for key in grades), (), grades)


def test_an_evaluation_adds_a_line_and_leaves_the_others(
    documents: list[Document], tmp_path: Path
) -> None:
    files = {
        "queries": [
            {"id": f"q-{one.key}", "title": one.title, "text": "", "field": "05"}
            for one in documents
        ],
        "documents": [{"id": one.key, "title": one.title, "text": one.text} for one in documents],
        "qrels": [
            {"query_id": f"q-{one.key}", "document_id": one.key, "grade": 3} for one in documents
        ],
    }
    arguments = ["--cache", str(tmp_path), "--encoder", "ngrams"]
    for name, lines in files.items():
        (tmp_path / name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        arguments += [f"--{name}", str(tmp_path / name)]
    path = tmp_path / "history.jsonl"
    for version in ("0.1", "0.2"):
        assert main(["evaluate", *arguments, "--history", str(path), "--version", version]) == 0
    first, second = read(path)
    assert (first["version"], second["version"]) == ("0.1", "0.2")
    assert first["groups"]["field"] == [
        {"group": "05", "queries": 6, "ndcg@10": 1.0, "ndcg@10_interval": [1.0, 1.0]}
    ]
    assert sum(row["pairs"] for row in first["reliability"]) == 6
    assert first["gate"] == {"difference": 0.0, "interval": [0.0, 0.0], "passed": False}


def test_the_shipped_line_is_of_the_shipped_judged_set() -> None:
    last = read(SHIPPED)[-1]
    judged = read_judged(*(JUDGED / f"{n}.jsonl" for n in ("queries", "documents", "qrels")))
    assert last["queries"] == len(judged.part("report").queries)
    assert [line["method"] for line in last["methods"]][-1] == "full"
    for name, rows in last["groups"].items():
        assert rows and all(0 <= row["ndcg@10"] <= 1 for row in rows), name
    assert set(read_labels(JUDGED / "queries.jsonl")) == {one.key for one in judged.queries}


def test_reliability_counts_how_often_judges_agreed_in_each_tenth() -> None:
    judged = judged_of({"q": {"a": 3, "b": 0, "c": 2}})
    run = Run("full", (answers(("a", 0.95), ("b", 0.93), ("c", 1.0), ("unjudged", 0.2)),), 0.0)
    assert list(reliability(run, judged)) == [
        {"low": 0.9, "high": 1.0, "predicted": 0.96, "observed": 0.6667, "pairs": 3}
    ]


def test_a_gate_is_passed_where_the_gain_is_certain() -> None:
    judged = judged_of({f"q{n}": {"a": 3} for n in range(20)})
    good, bad = (answers(("a", 0.9)), answers(("b", 0.9), ("a", 0.8)))
    always = {"full": Run("full", (good,) * 20, 0), "thesaurus": Run("t", (bad,) * 20, 0)}
    assert gate(always, judged)["passed"]
    never = {"full": Run("full", (good,) * 20, 0), "thesaurus": Run("t", (good,) * 20, 0)}
    assert not gate(never, judged)["passed"]


def test_a_group_without_a_defined_measure_is_left_out() -> None:
    judged = judged_of({"q1": {}, "q2": {}})
    labels = {"q1": {"field": "01"}, "q2": {"field": "02"}}
    (row,) = by_group(np.array([np.nan, 0.5]), judged, labels, "field")
    assert row["group"] == "02" and row["ndcg@10"] == pytest.approx(0.5)


def test_without_a_file_there_are_no_figures(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == ()
