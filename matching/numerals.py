"""Numbers as Chinese technical texts write them, read exactly as fractions.

``1,500``, ``3.2万``, ``5×10^4``, ``10^3``, ``三十五``, ``一百二十``. Digits go up to
:data:`MOST_DIGITS`; a longer row of digits is no number of a technical text and is not read.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

MOST_DIGITS = 15
_PLAIN = rf"[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,4}}(?:\.[0-9]{{1,9}})?|[0-9]{{1,{MOST_DIGITS}}}(?:\.[0-9]{{1,9}})?"
NUMBER = re.compile(
    rf"(?<![0-9.])(?:(?P<ten>10\^[+-]?[0-9]{{1,2}})"
    rf"|(?P<plain>{_PLAIN})(?:\s*[×xX*]\s*(?P<power>10\^[+-]?[0-9]{{1,2}}))?)"
    r"(?![0-9^]|\.[0-9]|,[0-9]{3}(?![0-9]))(?P<scale>[百千万亿兆]{0,2})"
    r"|(?P<han>[一二两三四五六七八九十百千万零〇]{2,9})"
)
"""A number in a normal form whose letters keep their case."""

_SCALES = {"百": 100, "千": 1_000, "万": 10_000, "兆": 1_000_000, "亿": 100_000_000}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_RANKED = re.compile(
    r"(?:(?P<thousands>[一二两三四五六七八九])千零?)?(?:(?P<hundreds>[一二两三四五六七八九])百零?)?"
    r"(?:(?P<tens>[一二三四五六七八九]?)十)?(?P<ones>[一二三四五六七八九])?"
)


class Number(NamedTuple):
    """An exact value and where it stands; ``scale`` is what 万 or 千 multiplied it by."""

    value: Fraction
    start: int
    end: int
    scale: int = 1


def number_in(found: re.Match[str]) -> Number | None:
    """Return the number that :data:`NUMBER` found; None where its Chinese digits are none."""
    if found["han"]:
        said = chinese_number(found["han"])
        return None if said is None else Number(Fraction(said), found.start(), found.end())
    value = _written(found["ten"] or found["plain"], found["power"])
    scale = 1
    for sign in found["scale"]:
        scale *= _SCALES[sign]
    return Number(value * scale if scale > 1 else value, found.start(), found.end(), scale)


@lru_cache(maxsize=4_096)
def _written(digits: str, power: str | None) -> Fraction:
    """Return the value of digits such as 1,500 or 10^3, times a power."""
    value = _power(digits) if "^" in digits else Fraction(digits.replace(",", ""))
    return value * _power(power) if power else value


def chinese_number(text: str) -> int | None:
    """Return the value of digits such as 一百二十 or 三万五千; None for 七八, 五六十 and the like.

    At least one of 十百千万 must stand in it: 一 and 三 alone are more often words than numbers.
    """
    if not set(text) & set("十百千万"):
        return None
    high, ten_thousand, low = text.rpartition("万")
    below = _ranked(low)
    above = _ranked(high) if ten_thousand else 0
    return None if below is None or above is None else 10_000 * above + below


def _ranked(text: str) -> int | None:
    found = _RANKED.fullmatch(text.lstrip("零"))
    if found is None:
        return None
    total = _DIGITS.get(found["ones"] or "零", 0)
    total += 1_000 * _DIGITS.get(found["thousands"] or "零", 0)
    total += 100 * _DIGITS.get(found["hundreds"] or "零", 0)
    return total + (0 if found["tens"] is None else 10 * _DIGITS.get(found["tens"] or "一", 1))


def _power(text: str) -> Fraction:
    return Fraction(10) ** int(text.partition("^")[2])
