from __future__ import annotations

import pytest

from matching import Document, Segmenter, Thesaurus, Verdict
from matching.comparison import compare
from matching.evidence import passages
from matching.properties import PropertyReader
from matching.readings import quantities_of
from tests.matching.conftest import THESAURUS

MET, UNMET, UNCLEAR = Verdict.MET, Verdict.UNMET, Verdict.UNCLEAR


@pytest.fixture(scope="module")
def reader(segmenter: Segmenter) -> PropertyReader:
    return PropertyReader(segmenter, Thesaurus.read(THESAURUS))


def compared(reader: PropertyReader, asked: str, offered: str) -> list[Verdict]:
    sides = (quantities_of(one, passages(Document("", "", one))) for one in (asked, offered))
    return [one.verdict for one in compare(*sides, reader)]


@pytest.mark.parametrize(
    ("asked", "offered", "verdict"),
    [
        ("要求出口粉尘不超过5mg/m³。", "出口粉尘浓度3mg/m³。", MET),
        ("要求出口粉尘不超过5mg/m³。", "颗粒物排放浓度小于10mg/Nm³。", UNCLEAR),
        ("要求出口粉尘不超过5mg/m³。", "颗粒物排放浓度12mg/m³。", UNMET),
        ("希望滤饼含水率降到35%以下。", "滤饼含水率由55%降至32%。", MET),
        ("希望滤饼含水率降到35%以下。", "滤饼含水率40%～45%。", UNMET),
        ("要求滤饼含水率降到35%以下。", "滤饼含水率30%～45%。", UNCLEAR),
        ("单支连续使用时间 天 50～60 ≥100", "喷嘴连续使用时间达到130天。", MET),
        ("单支连续使用时间 天 50～60 ≥100", "喷嘴连续使用时间2000小时。", UNMET),
        ("需要处理量100m³/h。", "处理量50～600m³/h。", MET),
        ("要求氨氮去除率不低于90%。", "氨氮去除率可达95%。", MET),
        ("要求噪声≤85dB。", "运行噪音78dB(A)。", MET),
        ("要求吨成本控制在3万元以内。", "吨成本28000元。", MET),
        ("要求定位误差3%以内。", "定位误差±1.5%。", MET),
    ],
)
def test_a_stated_value_answers_a_wanted_one(
    reader: PropertyReader, asked: str, offered: str, verdict: Verdict
) -> None:
    assert compared(reader, asked, offered) == [verdict]


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("要求氨氮去除率不低于90%。", "COD去除率可达95%。"),
        ("要求出口粉尘不超过5mg/m³。", "入口氨氮30mg/L。"),
        ("要求母液COD降到5000mg/L以下。", "浓水COD 180mg/L。"),
        ("要求母液COD降到5000mg/L以下。", "浓水COD由900降至180mg/L，COD 170mg/L。"),
        ("要求能耗降低20%。", "能耗占总成本的30%。"),
        ("目前含水率为55%。", "含水率30%。"),
        ("要求最高温度不超过80℃。", "最低温度5℃。"),
        ("要求温度不低于20℃。", "炉膛温度900℃。"),
        ("要求滤饼含水率降到35%以下。", "传统工艺滤饼含水率55%。"),
        ("要求使用寿命3年以上。", "使用寿命800天。"),
        ("静置12小时后启动，要求可靠。", "静置16h。"),
    ],
)
def test_what_is_not_surely_the_same_is_not_compared(
    reader: PropertyReader, asked: str, offered: str
) -> None:
    assert compared(reader, asked, offered) == []


def test_both_originals_are_pointed_at(reader: PropertyReader) -> None:
    asked, offered = "现状差。要求滤饼含水率降到35%以下。", "压滤后滤饼含水率由55%降至32%。"
    sides = (quantities_of(one, passages(Document("", "", one))) for one in (asked, offered))
    (found,) = compare(*sides, reader)
    assert asked[found.asked.start : found.asked.end] == "35%以下"
    assert offered[found.offered.start : found.offered.end] == "32%"
