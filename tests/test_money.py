"""Money as people write it and as it is stored."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.money import (
    BadAmount,
    agrees_with_capitals,
    format_both,
    format_range,
    in_capitals,
    parse_amount,
    parse_range,
)

WAN = 1_000_000


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("50-80万元", (50 * WAN, 80 * WAN, False)),
        ("50万元－80万元", (50 * WAN, 80 * WAN, False)),
        ("１２０万元以内", (None, 120 * WAN, False)),
        ("300万以上", (300 * WAN, None, False)),
        ("1,200元", (120_000, 120_000, False)),
        ("约1.5亿元", (15_000 * WAN, 15_000 * WAN, False)),
        ("价格面议", (None, None, True)),
        ("", (None, None, False)),
    ],
)
def test_amounts_are_read_in_fen(app: Flask, written: str, stored: tuple) -> None:
    assert parse_range(written) == stored


@pytest.mark.parametrize(
    "written", ["50", "50-80", "很多钱", "80-50万元", "0.001元", "9999999亿元"]
)
def test_an_amount_without_unit_or_sense_is_refused(app: Flask, written: str) -> None:
    with pytest.raises(BadAmount):
        parse_range(written)


fen = st.integers(min_value=1, max_value=10**13)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.none() | fen, st.none() | fen, st.booleans())
def test_what_is_written_is_read_back(app: Flask, one: int, other: int, negotiable: bool) -> None:
    least, most = sorted((one, other)) if one and other else (one, other)
    if negotiable:
        least = most = None
    assert parse_range(format_range(least, most, negotiable)) == (least, most, negotiable)


@given(st.integers(0, 10**15))
def test_capitals_say_the_sum_and_no_other(fen: int) -> None:
    assert agrees_with_capitals(fen, in_capitals(fen))
    assert not agrees_with_capitals(fen + 1, in_capitals(fen))


@pytest.mark.parametrize(
    "words",
    [
        "壹佰贰拾万元零伍分",
        "人民币壹佰贰拾万圆伍分",
        "（大写）一百二十万元零五分整",
        "壹佰贰拾万元 伍分",
    ],
)
def test_one_sum_is_written_in_capitals_in_many_ways(words: str) -> None:
    assert agrees_with_capitals(120 * WAN + 5, words)


@pytest.mark.parametrize(
    ("written", "fen"),
    [("1,200,000.05元", 120 * WAN + 5), ("120万元", 120 * WAN), ("￥0.5万", 500_000), ("", None)],
)
def test_one_exact_amount_is_read_with_its_unit(app: Flask, written: str, fen: int | None) -> None:
    assert parse_amount(written) == fen


@pytest.mark.parametrize("written", ["120", "120-130万元", "约一百万", "面议", "1.0000001万元"])
def test_what_is_no_exact_amount_is_refused(app: Flask, written: str) -> None:
    with pytest.raises(BadAmount):
        parse_amount(written)


def test_both_units_are_shown_beside_each_other() -> None:
    assert format_both(120 * WAN + 5) == "1,200,000.05元（120.000005万元）"
