"""Money as people write it and as it is stored."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.money import BadAmount, format_range, parse_range

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
