from __future__ import annotations

import json
from pathlib import Path

import pytest

from matching import Document
from matching.__main__ import JUDGED, main
from matching.evaluation import Run, by_group
from matching.history import read
from matching.judgements import Judged, read_judged

SHIPPED = JUDGED / "history.jsonl"


def judged_of(grades: dict[str, dict[str, int]]) -> Judged:
    return Judged(tuple(Document(key, key, "") for key in grades), (), grades)


def test_an_evaluation_adds_a_line_and_leaves_the_others(
    documents: list[Document], tmp_path: Path
) -> None:
    files = {
        "queries": [
            {"id": f"q-{one.key}", "title": one.title, "text": "", "facets": {"field": ["05"]}}
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
    assert first["gate"] is None


def test_the_shipped_line_is_of_the_shipped_judged_set() -> None:
    last = read(SHIPPED)[-1]
    judged = read_judged(*(JUDGED / f"{n}.jsonl" for n in ("queries", "documents", "qrels")))
    assert last["queries"] == len(judged.part("report").queries)
    assert [line["method"] for line in last["methods"]][-1] == "full"
    for name, rows in last["groups"].items():
        assert rows and all(0 <= row["ndcg@10"] <= 1 for row in rows), name


def test_a_group_without_a_defined_measure_is_left_out() -> None:
    queries = tuple(Document(key, key, "", {"field": (key,)}) for key in ("01", "02"))
    judged = Judged(queries, (), {"02": {"a": 3}})
    run = Run("full", ((), (("b", 0.9), ("a", 0.8))), 0.0)
    (row,) = by_group(run, judged, "field")
    assert row["group"] == "02" and row["ndcg@10"] == pytest.approx(0.6309, abs=1e-4)


def test_without_a_file_there_are_no_figures(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == ()
