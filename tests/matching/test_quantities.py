from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Document, Quantity
from matching.__main__ import main
from matching.evidence import passages
from matching.labelled import measure
from matching.numerals import chinese_number
from matching.quantities import Change
from matching.readings import quantities_of
from matching.units import unit_of

LABELLED = Path(__file__).parents[2] / "matching" / "judged" / "quantities.jsonl"
UNITS = ["mg/m3", "m3/h", "t/d", "℃", "MPa", "kW·h", "%", "ppm", "μm", "元/吨", "天", "dB", "r/min"]


def read(text: str) -> tuple[Quantity, ...]:
    return quantities_of(text, passages(Document("", "", text)))


def test_the_labelled_sentences_are_read_with_few_mistakes() -> None:
    figures = measure(LABELLED)
    assert figures.sentences >= 60
    assert figures.precision >= 0.98 and figures.recall >= 0.95, figures.differences


def test_the_figures_are_printed_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quantities"]) == 0
    assert capsys.readouterr().out.startswith("precision ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 MPa", "1000 kPa"),
        ("1 t/h", "24 t/d"),
        ("36 m³/h", "0.01 m³/s"),
        ("1%", "10000 ppm"),
        ("1 mg/L", "1 g/m³"),
        ("1 kW·h", "3.6 MJ"),
        ("60 r/min", "1 r/s"),
        ("0.5 h", "30 min"),
        ("5万吨", "50000 t"),
        ("三百元/吨", "0.3 元/kg"),
        ("5毫克每立方米", "5 mg/m³"),
        ("3千瓦时每吨以下", "3 kWh/t以下"),
        ("3千瓦时", "3 kWh"),
        ("三千瓦时/吨", "3 kWh/t"),
        ("2万兆瓦时", "20000 MWh"),
        ("3～5千瓦时", "3～5 kWh"),
        ("25±2千瓦", "25±2 kW"),
        ("300千卡/kg", "300 kcal/kg"),
        ("5千伏安", "5 kVA"),
        ("3千克", "3000 g"),
        ("2公斤每人每天", "2 kg/人/d"),
        ("15亩", "1 公顷"),
    ],
)
def test_units_of_one_dimension_are_converted_exactly(one: str, other: str) -> None:
    (first,), (second,) = read(f"数值{one}"), read(f"数值{other}")
    assert (first.low, first.high, first.dimension) == (second.low, second.high, second.dimension)


def test_each_year_after_a_sum_is_a_price_only_where_the_words_end_there() -> None:
    (spent, saved) = read("投入5万元每年可节省20万元")
    assert (spent.unit, saved.unit) == ("元", "元")
    (price,) = read("价格20元每公斤左右")
    assert price.unit == "元每公斤"


def test_a_day_and_a_year_of_a_plant_are_not_converted() -> None:
    day, year = unit_of("t/d"), unit_of("t/a")
    assert day and year and day.dimension != year.dimension


@given(
    st.decimals(0, 99_999, places=2, allow_nan=False),
    st.sampled_from(UNITS),
    st.sampled_from([("不超过", ""), ("≤", ""), ("", "以下"), ("≥", ""), ("", "以上"), ("", "")]),
)
def test_what_is_written_is_read_back(number: object, unit: str, around: tuple[str, str]) -> None:
    before, after = around
    (found,) = read(f"出口粉尘浓度{before}{number}{unit}{after}，运行平稳。")
    meant = unit_of({"℃": "°C"}.get(unit, unit))
    assert meant is not None
    exact = Fraction(str(number)) * meant.factor
    most, least = before in ("不超过", "≤") or after == "以下", before == "≥" or after == "以上"
    assert found.low == (None if most else exact)
    assert found.high == (None if least else exact)
    assert found.dimension == meant.dimension


@given(st.text(max_size=60))
def test_every_quantity_stands_where_it_says(text: str) -> None:
    whole = f"{text}，含水率不超过35%。{text}"
    for found in read(whole):
        assert whole[found.start : found.end].strip() == found.text


@given(st.integers(10, 9_999_9999))
def test_chinese_digits_are_read_as_they_are_spoken(number: int) -> None:
    digits = "零一二三四五六七八九"
    if number > 9999:
        number -= number % 10_000
    low = number // 10_000 if number > 9999 else number
    spoken, rest = "", str(low)
    for place, digit in enumerate(reversed(rest)):
        if digit != "0":
            spoken = digits[int(digit)] + ("", "十", "百", "千")[place] + spoken
        elif spoken and not spoken.startswith("零"):
            spoken = "零" + spoken
    spoken += "万" if number > 9999 else ""
    assert chinese_number(spoken) == (number if set(spoken) & set("十百千万") else None)


@pytest.mark.parametrize("text", ["七八", "五六十", "二三百", "一", "三三", "十十", "百百万"])
def test_a_vague_number_is_no_number(text: str) -> None:
    assert chinese_number(text) is None


def test_the_value_before_a_change_is_no_promise() -> None:
    before, after = read("含水率由55%降至35%。")
    assert before.before and not after.before
    assert after.name == before.name == "含水率"


def test_a_change_is_no_level() -> None:
    fall, level = read("电耗降低18%。")[0], read("电耗降至18%。")[0]
    assert (fall.change, level.change) == (Change.FALL, Change.LEVEL)


def test_a_row_of_a_table_gives_the_present_and_the_wanted_value() -> None:
    now, wanted = read("单支连续使用时间 天 50～60 ≥100")
    assert now.before and wanted.asked and not now.asked
    assert (wanted.name, wanted.low) == ("单支连续使用时间", Fraction(100 * 86400))
    assert wanted.shown == "≥100 天"


@pytest.mark.parametrize(
    "row",
    [
        "吨处理费用 元/t ≤60",
        "矫顽力 kOe — ≥20",
        "单节清车时间 min 130 ≤8（含翻卸）",
        "动稳定度 次/mm 2600 ≥3500",
    ],
)
def test_a_row_may_lack_its_present_value_or_have_a_rare_unit(row: str) -> None:
    assert [one for one in read(row) if one.asked]


@pytest.mark.parametrize("line", ["喷嘴 龟裂 水煤浆气化", "招聘 工程师 3", "型号 ZL-3 120"])
def test_key_words_are_no_row(line: str) -> None:
    assert not [one for one in read(line) if one.in_table]


def test_a_numbering_sign_is_no_digit() -> None:
    assert read("①50℃以下")[0].high == 50
