"""Quantities in Chinese technical text: value or range, comparator, unit, and whose they are.

A quantity needs a unit of :mod:`matching.units`; a bare number, a date (``2019年``), an ordinal
(``第30天``) or a grade (``QT400-18``) is none. What is read is what is written: ``不超过5 mg/m³``
is at most 5, ``由800降到20 mg/L`` is 20 after and 800 before, ``能耗降低18%`` is a change and no
level. The property stays the words before (or, after 的, behind); :mod:`matching.properties`
reads them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from matching.document import Side
from matching.numerals import NUMBER, Number, number_in
from matching.text import Normalised
from matching.units import Dimension, Unit, unit_at

MOST_QUANTITIES = 60
"""So many are read of one document; a text with more is a table and not a description."""
NAME_LENGTH = 24
"""Characters before a quantity in which its property is looked for."""


class Change(StrEnum):
    """Whether a number is a level (``降至18%``) or by how much one fell or rose (``降低18%``)."""

    LEVEL = ""
    FALL = "fall"
    RISE = "rise"


@dataclass(frozen=True)
class Quantity:
    """One stated value or range: ``original[start:end] == text`` on its ``side``.

    ``low`` and ``high`` are in base units of ``dimension``, None where a side is open; ``name`` is
    the words that say of what, ``before`` marks the value from which something changed, ``asked``
    one that the text asks for; ``toward`` says that a single value was reached falling or rising,
    ``in_table`` that it stands in a row of an indicator table.
    """

    side: Side
    start: int
    end: int
    text: str
    name: str
    low: Fraction | None
    high: Fraction | None
    unit: str
    dimension: Dimension
    change: Change = Change.LEVEL
    toward: Change = Change.LEVEL
    before: bool = False
    asked: bool = False
    in_table: bool = False

    @property
    def shown(self) -> str:
        """The value with its unit, which a table keeps in another column."""
        unit = self.unit.replace("°c", "℃").replace("°C", "℃")
        return f"{self.text} {unit}" if self.in_table else self.text


@dataclass(frozen=True)
class Value:
    """What was read at one place of a normal form, still without its words."""

    low: Fraction | None
    high: Fraction | None
    unit: Unit
    start: int
    end: int
    about: bool = False


_AT_MOST = (
    "≤|≦|⩽|<=?|不[得能可应宜许要]?(?:超过|大于|高于|多于|长于)|小于等于|小于|低于|少于|短于|不到|不足"
    "|至多|最多|不超"
)
_AT_LEAST = "≥|≧|⩾|>=?|不[得能可应宜许要]?(?:低于|小于|少于|短于)|大于等于|大于|高于|超过|多于|长于|至少|最少|起码|不下于"
_COMPARED = re.compile(
    rf"(?:(?P<most>{_AT_MOST})|(?P<least>{_AT_LEAST})|(?P<about>大约|(?<!节)约|(?<!附)近|接近)|(?P<within>±))\s*$"
)
_AFTER = re.compile(
    r"\s*(?:(?P<most>(?:及|或)?以下|(?:以|之)内|内(?![蒙部层外径衬壁])|为限)"
    r"|(?P<least>(?:及|或)?以上|往上|起步)|(?P<about>左右|上下))"
)
_JOINT = re.compile(r"\s*(?:~|-|–|—|至|到)\s*(?=[0-9+-]|零下)")
_SIGN = re.compile(r"(?<![0-9A-Za-z%°)~])(?:-|−|零下|负)\s*$")
_NO_SIGN_BEFORE = re.compile(r"第\s*$")
_CASED = re.compile(r"(?P<number>[①-⓿❶-➓㈠-㈩])|[A-ZΑ-ΩＡ-Ｚ]")
_TOLERANCE = re.compile(r"\s*±\s*")
_PREFIXES = {"千": 1_000, "兆": 1_000_000}
_DATE = re.compile(r"(?:19|20)[0-9]{2}")


def cased(form: Normalised, original: str) -> str:
    """Return the normal form with the capitals of the original: units differ by them.

    ①, which the normal form makes a 1, becomes a comma, so that ①50 ℃ is not 150 ℃.
    """
    letters = list(form.text)
    for found in _CASED.finditer(original):
        first = bisect_left(form.origins, found.start())
        last = bisect_left(form.origins, found.end())
        for place in range(first, min(last, len(letters))):
            letters[place] = "," if found["number"] else letters[place].upper()
    return "".join(letters)


def values(text: str) -> Iterator[Value]:
    """Yield the values in a cased normal form, left to right, without overlaps."""
    at = 0
    while found := NUMBER.search(text, at):
        value = _value(text, found)
        if value is not None:
            yield value
        at = max(found.end(), value.end if value else 0)


def _value(text: str, found: re.Match[str]) -> Value | None:
    number = number_in(found)
    if number is None or _is_code(text, found):
        return None
    first, second, unit, end = _numbers(text, number)
    if unit is None or _is_date(found.group(), unit):
        return None
    start = number.start
    negative = _SIGN.search(text[max(0, start - 3) : start])
    low = _sized(first, unit, negative is not None)
    if negative:
        start -= len(negative.group())
    high = low if second is None else _sized(second, unit, False)
    return _bounded(text, start, end, (low, high), unit)


def _is_code(text: str, found: re.Match[str]) -> bool:
    """Whether the digits belong to a grade, a formula or an ordinal: ZG35, 400-18, 第3."""
    before = text[max(0, found.start() - 2) : found.start()]
    lettered = re.search(r"[A-Za-z_]-?$|[0-9]-$|第$", before)
    return lettered is not None


def _is_date(written: str, unit: Unit) -> bool:
    return unit.text in {"年", "a"} and _DATE.fullmatch(written) is not None


def _numbers(text: str, first: Number) -> tuple[Number, Number | None, Unit | None, int]:
    """Return the one or two numbers, their unit, and where all of it ends."""
    tolerance = _TOLERANCE.match(text, first.end)
    if tolerance:
        return _around(text, first, tolerance.end())
    first, unit, end = _measured(text, first)
    joint = _JOINT.match(text, end)
    second = _second(text, joint.end()) if joint else None
    if second is None:
        return first, None, unit, end
    second, behind, ending = _measured(text, second)
    if behind is None or (unit is not None and unit.dimension != behind.dimension):
        return first, None, unit, end
    if unit is None:
        first = first._replace(value=_scaled_like(first, second))
        return first, second, behind, ending
    # 5 mg/L~1 g/L: the second is told in the unit of the first
    return first, second._replace(value=second.value * behind.factor / unit.factor), unit, ending


def _around(text: str, middle: Number, at: int) -> tuple[Number, Number | None, Unit | None, int]:
    """Return the ends of 25±2 °C."""
    found = NUMBER.match(text, at)
    spread = number_in(found) if found else None
    if spread is None:
        return middle, None, None, middle.end
    spread, unit, end = _measured(text, spread)
    low, high = middle.value - spread.value, middle.value + spread.value
    return middle._replace(value=low), spread._replace(value=high), unit, end


def _scaled_like(first: Number, second: Number) -> Fraction:
    """Return the first value of 3～5万, which is 3万."""
    if first.scale == 1 and second.scale > 1 and first.value <= second.value / second.scale:
        return first.value * second.scale
    return first.value


def _second(text: str, at: int) -> Number | None:
    """Return the second number of a range; one that is negative starts below zero."""
    sign = re.compile(r"(?:-|零下)\s*").match(text, at)
    found = NUMBER.match(text, sign.end() if sign else at)
    number = number_in(found) if found else None
    if number is None or not sign:
        return number
    return number._replace(value=-number.value)


def _measured(text: str, number: Number) -> tuple[Number, Unit | None, int]:
    """Return a number with its unit and where that ends: the 千 of 3千瓦时 is the unit's."""
    last = number.end - 1
    prefix = _PREFIXES.get(text[last], 1)
    unit, end = _unit(text, last) if prefix > 1 else (None, last)
    if unit is None:
        return number, *_unit(text, number.end)
    scale = max(1, number.scale // prefix)
    return number._replace(value=number.value / prefix, end=last, scale=scale), unit, end


def _unit(text: str, at: int) -> tuple[Unit | None, int]:
    blank = re.compile(r"\s{0,2}").match(text, at)
    found = unit_at(text, blank.end() if blank else at)
    return found if found else (None, at)


def _sized(number: Number, unit: Unit, negative: bool) -> Fraction:
    value = number.value * unit.factor
    return -value if negative else value


def _bounded(
    text: str, start: int, end: int, found: tuple[Fraction, Fraction], unit: Unit
) -> Value | None:
    """Return the value with the bounds that the words around it set."""
    low, high = min(found), max(found)
    before = _COMPARED.search(text[max(0, start - 8) : start])
    after = _AFTER.match(text, end)
    kinds = {m.lastgroup for m in (before, after) if m}
    if {"most", "least"} <= kinds:
        return None
    start -= len(before.group()) if before else 0
    end = after.end() if after else end
    if kinds & {"most", "within"}:  # an accuracy of ±5 is one of at most 5
        return Value(None, high, unit, start, end)
    if "least" in kinds:
        return Value(low, None, unit, start, end)
    return Value(low, high, unit, start, end, about="about" in kinds)
