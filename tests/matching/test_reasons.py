from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from matching import (
    Absent,
    Asks,
    Calibration,
    Document,
    Lack,
    Matcher,
    Recipe,
    Segmenter,
    Thesaurus,
    Verdict,
    Weights,
)
from tests.matching.conftest import THESAURUS

NEED = Document(
    "need",
    "窑尾粉尘超标",
    "水泥窑尾布袋除尘器出口粉尘38mg/m³，目前阻力大。要求：①出口粉尘降到10mg/m³以下；"
    "②除尘器阻力不超过1200Pa；③煤泥水处理要一并考虑。\n滤袋寿命 年 1 ≥3",
)
RESULT = Document(
    "result",
    "低阻力袋式除尘器",
    "用于水泥窑尾烟气除尘，处理风量120000m³/h，工作温度不高于260℃。出口粉尘浓度由40mg/m³降至5mg/m³，"
    "除尘器阻力1500Pa，滤袋寿命4年。采用覆膜滤料和电磁脉冲阀清灰。",
)
OTHER = Document("other", "煤泥水絮凝沉降", "煤泥水处理用絮凝剂，循环水浊度低。")


@pytest.fixture
def matcher(new_matcher: Callable[[], Matcher], documents: list[Document]) -> Matcher:
    """Documents of other branches, and the two that answer the need."""
    built = new_matcher()
    built.put([*documents, RESULT, OTHER])
    return built


@pytest.fixture
def lexical(segmenter: Segmenter, documents: list[Document]) -> Matcher:
    """The same with the thesaurus and without an encoder, so that words alone make the score."""
    flat = Calibration(slope=5.0, intercept=-1.0)  # so that no score is so sure that none is higher
    recipe = Recipe(weights=Weights(dense=0.0), calibration=flat)
    built = Matcher(recipe, segmenter, None, Thesaurus.read(THESAURUS))
    built.put([*documents, RESULT, OTHER])
    return built


def test_the_numbers_of_both_sides_are_compared(matcher: Matcher) -> None:
    hit = matcher.explain(NEED, "result")
    verdicts = {one.asked.text: one.verdict for one in hit.comparisons}
    assert verdicts == {
        "10mg/m³以下": Verdict.MET,
        "不超过1200Pa": Verdict.UNMET,
        "≥3": Verdict.MET,
    }
    for one in hit.comparisons:
        assert NEED.text[one.asked.start : one.asked.end] == one.asked.text
        assert RESULT.text[one.offered.start : one.offered.end] == one.offered.text


def test_the_points_of_a_need_find_their_results(matcher: Matcher) -> None:
    matches = matcher.match(NEED)
    assert [point.index for point in matches.points] == [1, 2, 3]
    answered = {
        hit.key: [one.point.index for one in hit.points if one.answered] for hit in matches.hits
    }
    assert answered["result"] == [1], "the second it answers with a number that is too high"
    assert answered["other"] == [3]


def test_the_score_of_a_point_is_that_of_the_point_as_a_query(matcher: Matcher) -> None:
    for one in matcher.explain(NEED, "result").points:
        alone = matcher.explain(Document("", "", one.point.text), "result")
        assert one.score == pytest.approx(alone.raw, abs=3e-6)


def test_the_points_of_a_found_need_are_judged_by_what_the_result_says(
    new_matcher: Callable[[], Matcher], documents: list[Document]
) -> None:
    needs = new_matcher()
    needs.put([*documents, NEED])
    hit = needs.explain(RESULT, "need", asks="document")
    assert [one.point.index for one in hit.points if one.answered] == [1]
    assert {one.verdict for one in hit.comparisons} == {Verdict.MET, Verdict.UNMET}
    assert NEED.text[hit.comparisons[0].asked.start :].startswith("10mg/m³")


def test_advice_raises_the_score_by_what_it_says(lexical: Matcher) -> None:
    hit = lexical.explain(NEED, "result")
    assert hit.missing
    for one in hit.missing:
        said = replace(NEED, text=f"{NEED.text}\n{one.term}")
        assert lexical.explain(said, "result").raw - hit.raw == pytest.approx(one.raised, abs=4e-6)
        assert one.score >= hit.score
        assert one.term in RESULT.text and one.stated in RESULT.text


def test_advice_names_the_temperature_and_the_scale_that_the_text_leaves_out(
    lexical: Matcher,
) -> None:
    short = Document("", "水泥窑尾粉尘超标", "求袋式除尘器，出口粉尘降到10mg/m³以下。")
    lacks = {one.lack for one in lexical.explain(short, "result").missing}
    assert lacks & {Lack.SCALE, Lack.TEMPERATURE}


def test_a_short_need_is_told_what_it_says_nothing_of(matcher: Matcher) -> None:
    short = matcher.match(Document("", "", "循环水换热器结垢，求阻垢剂"))
    assert {Absent.SCALE, Absent.TEMPERATURE, Absent.PRESENT} <= set(short.absent)
    assert Absent.SCALE not in matcher.match(replace(NEED, text=NEED.text + "每天600t/d")).absent
    assert not matcher.match(Document("", "", "求")).enough_text


def test_two_of_a_kind_neither_ask_nor_offer(matcher: Matcher) -> None:
    matches = matcher.match(NEED, asks="neither")
    assert matches.points == () and matches.absent == ()
    assert all(not (hit.comparisons or hit.points or hit.missing) for hit in matches.hits)


@pytest.mark.parametrize("asks", ["query", "document", "neither"])
def test_who_asks_changes_the_reasons_and_not_the_ranking(matcher: Matcher, asks: Asks) -> None:
    hits = matcher.match(NEED, asks=asks).hits
    plain = matcher.match(NEED, asks="neither").hits
    assert [(hit.key, hit.parts, hit.score) for hit in hits] == [
        (hit.key, hit.parts, hit.score) for hit in plain
    ]
    for hit in hits:
        assert matcher.explain(NEED, hit.key, asks=asks) == hit


def test_the_parts_are_the_whole_score(lexical: Matcher) -> None:
    for hit in lexical.match(NEED).hits:
        parts = hit.parts
        assert parts.words + parts.bigrams + parts.dense + parts.concepts == pytest.approx(hit.raw)
        if len(hit.terms) < 12:
            assert sum(term.weight for term in hit.terms) == pytest.approx(parts.words, abs=1e-5)
