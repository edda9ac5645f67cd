from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from matching import Document, NgramEncoder, Recipe
from matching.__main__ import main
from matching.evaluation import PARTS, ndcg, recall, reciprocal_rank
from matching.judgements import part_of
from matching.reliability import calibration_error, reliability
from matching.thesaurus import COLUMNS
from matching.tuning import best_threshold, fit_calibration

METHODS = ["words", "bigrams", "lexical", "thesaurus", "dense", "full"]


@pytest.fixture
def files(documents: list[Document], tmp_path: Path) -> list[str]:
    """A judged set on disk: each document's title asks for it; one query has no answer."""
    queries = [{"id": f"q-{one.key}", "title": one.title, "text": ""} for one in documents]
    queries[0]["facets"] = {"field": ["煤化工"]}
    queries.append({"id": "q-none", "title": "量子通信卫星", "text": "密钥分发"})
    held = [{"id": one.key, "title": "", "text": one.title + one.text} for one in documents]
    grades = [{"query_id": f"q-{one.key}", "document_id": one.key, "grade": 3} for one in documents]
    arguments = []
    for name, lines in (("queries", queries), ("documents", held), ("qrels", grades)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    return [*arguments, "--cache", str(tmp_path)]


def test_the_measures_are_those_of_their_definitions() -> None:
    grades = {"a": 3, "b": 1, "c": 2}
    gained = 1 + 7 / math.log2(3)
    ideal = 7 + 3 / math.log2(3) + 1 / 2
    assert ndcg(["b", "a", "x"], grades) == pytest.approx(gained / ideal)
    assert recall(["b", "a", "x"], grades, 10) == 0.5
    assert reciprocal_rank(["b", "a"], grades) == 0.5
    assert reciprocal_rank(["x"], grades) == 0
    assert math.isnan(ndcg(["a"], {})) and math.isnan(recall(["a"], {"a": 1}, 10))


def test_every_method_is_reported(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--encoder", "ngrams", "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["methods"]
    assert [line["method"] for line in lines] == METHODS
    assert all(line["ndcg@10"] == 1 and line["mrr"] == 1 for line in lines)
    assert lines[-1]["none_coverage"] is not None


def test_each_part_can_be_switched_off_and_kept_in_a_history(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, recipe = tmp_path / "history.jsonl", tmp_path / "recipe.json"
    recipe.write_text(Recipe().as_json(), encoding="utf-8")
    asked = ["evaluate", *files, "--encoder", "ngrams", "--ablate", "--history", str(kept)]
    asked += ["--recipe", str(recipe)]
    assert main([*asked, "--version", "1"]) == 0 and main([*asked, "--version", "2"]) == 0
    assert "without dense" in capsys.readouterr().out
    first, second = map(json.loads, kept.read_text(encoding="utf-8").splitlines())
    assert (first["version"], second["version"]) == ("1", "2")
    assert [line["without"] for line in first["ablations"]] == [*PARTS, "field", "mode"]
    assert first["gate"].keys() == {"difference", "interval", "passed"}
    (group,) = first["groups"]["field"]
    assert (group["group"], group["queries"], group["ndcg@10"]) == ("煤化工", 1, 1.0)


def test_a_thesaurus_is_checked_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["thesaurus"]) == 0
    assert "concepts" in capsys.readouterr().out
    rows = ["\t".join(COLUMNS), "垢\t水锈\t\t\t\t", "锈\t水锈\t\t\t\t"]
    (tmp_path / "two.tsv").write_text("\n".join(rows), encoding="utf-8")
    assert main(["thesaurus", str(tmp_path)]) == 1
    assert "“水锈” names 垢 and 锈" in capsys.readouterr().out


def test_a_bin_of_the_reliability_holds_its_means() -> None:
    lines = reliability(np.array([0.12, 0.18, 0.95, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert [(line["low"], line["pairs"]) for line in lines] == [(0.1, 2), (0.9, 2)]
    assert lines[0]["predicted"] == pytest.approx(0.15) and lines[0]["observed"] == 0.5
    assert calibration_error(lines) == pytest.approx((0.35 * 2 + 0.025 * 2) / 4)
    assert reliability(np.zeros(0), np.zeros(0)) == [] and calibration_error([]) is None


def test_a_tuned_recipe_can_be_evaluated(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tune", *files, "--encoder", "ngrams", "--part", "all"]) == 0
    printed = capsys.readouterr().out
    assert Recipe.from_json(printed).encoder == NgramEncoder().digest
    (tmp_path / "recipe.json").write_text(printed, encoding="utf-8")
    recipe = ["--recipe", str(tmp_path / "recipe.json")]
    assert main(["evaluate", *files, "--encoder", "ngrams", *recipe]) == 0
    assert "暂无合适" in capsys.readouterr().out


@pytest.mark.parametrize("encoder", ["none", "ngrams"])
def test_without_a_model_the_figures_are_those_that_such_a_market_has(
    files: list[str], capsys: pytest.CaptureFixture[str], encoder: str
) -> None:
    assert main(["evaluate", *files, "--encoder", encoder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["gate"] is None, "n-grams repeat the other legs and weigh nothing"
    assert (found["methods"][-1]["none_precision"], found["methods"][-1]["none_coverage"]) == (1, 1)


@pytest.mark.parametrize("recipe", ["{", "[1]", '{"weights": {"since_dropped": 1}}', None, "other"])
def test_a_recipe_that_does_not_fit_is_refused_in_one_line(
    files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], recipe: str | None
) -> None:
    path = tmp_path / "recipe.json"
    if recipe is not None:
        other = Recipe(encoder="of another model").as_json()
        path.write_text(other if recipe == "other" else recipe, encoding="utf-8")
    assert main(["evaluate", *files, "--encoder", "ngrams", "--recipe", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_two_parts_are_stable_and_share_the_queries() -> None:
    parts = [part_of(f"q{number}") for number in range(1000)]
    assert 400 < parts.count("tune") < 600
    assert [part_of("q1"), part_of("q2")] == parts[1:3]


def test_calibration_recovers_the_curve_that_made_the_pairs() -> None:
    random = np.random.default_rng(7)
    raw = random.random(20_000)
    relevant = (random.random(20_000) < 1 / (1 + np.exp(-(8 * raw - 4)))).astype(float)
    fitted = fit_calibration(raw, relevant)
    assert fitted.slope == pytest.approx(8, abs=0.4)
    assert fitted.intercept == pytest.approx(-4, abs=0.25)


def test_the_threshold_parts_queries_without_an_answer() -> None:
    threshold = best_threshold(np.array([0.1, 0.2, 0.7, 0.9]), np.array([1, 1, 0, 0]) > 0, 0.5)
    assert 0.2 < threshold <= 0.7
