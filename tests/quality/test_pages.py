"""The page 匹配质量 repeats what the file of evaluations says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import SHIPPED_FIGURES, Settings
from marketplace.quality.queries import MARGIN, SIDE, chart, evaluations


def asked(app: Flask, settings: Settings, path: Path) -> str:
    app.extensions["settings"] = replace(settings, figures=path)
    return app.test_client().get("/quality").text


def test_the_page_shows_the_shipped_figures(client: FlaskClient) -> None:
    last = evaluations(SHIPPED_FIGURES)[0]
    page = client.get("/quality").text
    full = last["methods"][-1]
    assert f"{full['ndcg@10']:.3f}" in page and last["recipe"][:12] in page
    said = "通过门槛" if last["gate"]["passed"] else "未通过门槛"
    assert f"<strong>{said}</strong>" in page
    assert page.count("<circle") == len(last["reliability"])
    assert "暂无合适" in page and "新材料" in page


def test_without_an_evaluation_the_page_says_how_to_make_one(
    app: Flask, settings: Settings, tmp_path: Path
) -> None:
    assert "--history" in asked(app, settings, tmp_path / "none.jsonl")


def test_the_newest_evaluation_comes_first(app: Flask, settings: Settings, tmp_path: Path) -> None:
    line = evaluations(SHIPPED_FIGURES)[0]
    path = tmp_path / "history.jsonl"
    lines = [line | {"version": name, "gate": None} for name in ("0.1", "0.2")]
    path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    page = asked(app, settings, path)
    assert page.index("0.2") < page.index("<td>0.1</td>")
    assert "没有使用语义编码" in page


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"version": "0.1"}\nnonsense\n', "utf-8")
    with pytest.raises(ValueError, match=":2 is no line"):
        evaluations(path)


def test_a_prediction_that_comes_true_stands_on_the_diagonal() -> None:
    row = {"low": 0.5, "high": 0.6, "predicted": 0.55, "observed": 0.55, "pairs": 4}
    (point,) = chart([row])
    assert point.x - MARGIN == pytest.approx(SIDE - (point.y - MARGIN / 2))
    assert chart([]) == []
