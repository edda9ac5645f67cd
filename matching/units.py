"""Units as Chinese technical texts write them: exact factors and a dimension for each.

A table of atoms (mg, 吨, kWh, 元 …) and one rule that joins them (``mg/Nm3``, ``g/(头·d)``). Days
and years are two dimensions: a plant's year has 300 to 360 working days, so t/d and t/a are not
convertible. Letters keep their case here, since mW and MW, t and T, a and A differ.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

_ATOMS = """
kg = kg 千克 公斤
1/1000 kg = g 克
1/1000000 kg = mg 毫克
1/1000000000 kg = μg ug 微克
1/1000000000000 kg = ng 纳克
1000 kg = t 吨
1/2 kg = 斤
m = m 米
1000 m = km 公里 千米
1/10 m = dm 分米
1/100 m = cm 厘米 公分
1/1000 m = mm 毫米
1/1000000 m = μm um 微米
1/1000000000 m = nm 纳米
m2 = ㎡ 平方米 平米 平方
10000 m2 = ha hm2 公顷
2000/3 m2 = 亩
1000000 m2 = 平方公里
m3 = Nm3 立方米 立方 方 标方 标立方米
1/1000 m3 = L l 升
1/1000000 m3 = mL ml 毫升
1/1000000000 m3 = μL uL 微升
s = s 秒
60 s = min 分钟
3600 s = h 小时 钟头 个小时
86400 s = d 天
604800 s = 周
year = a 年
1/12 year = 个月
°C = °C ℃ °c 摄氏度
degree = 度
1/100 ratio = %
1/1000 ratio = ‰
1/1000000 ratio = ppm
1/1000000000 ratio = ppb
1/100 ratio = wt% %wt
1/100 volume-ratio = vol% %vol
point = 个百分点 百分点
fold = 倍
kg m-1 s-2 = Pa 帕
1000 kg m-1 s-2 = kPa 千帕
1/1000 kg m-1 s-2 = mPa
1000000 kg m-1 s-2 = MPa Mpa mpa 兆帕
1000000000 kg m-1 s-2 = GPa
100000 kg m-1 s-2 = bar
kg m2 s-2 = J 焦 焦耳
1000 kg m2 s-2 = kJ 千焦
1000000 kg m2 s-2 = MJ 兆焦
1000000000 kg m2 s-2 = GJ 吉焦
3600000 kg m2 s-2 = kWh kwh KWH kW·h 千瓦时 度电
3600000000 kg m2 s-2 = MWh MW·h
20934/5 kg m2 s-2 = kcal 千卡 大卡
kg m2 s-3 = W 瓦
1000 kg m2 s-3 = kW KW kw Kw 千瓦
1000000 kg m2 s-3 = MW 兆瓦
1000000000 kg m2 s-3 = GW
1/1000 kg m2 s-3 = mW
kg m s-2 = N 牛
1000 kg m s-2 = kN KN
volt = V 伏
1000 volt = kV KV 千伏
1/1000 volt = mV
ampere = A 安
1000 ampere = kA
1/1000 ampere = mA
3600 ampere s = Ah
18/5 ampere s = mAh
volt ampere = VA
1000 volt ampere = kVA KVA
1000000 volt ampere = MVA
ohm = Ω ω 欧姆
siemens = S
1/1000 siemens = mS
1/1000000 siemens = μS
tesla = T 特斯拉
1/10000 tesla = Gs
oersted = Oe
1000 oersted = kOe
mol = mol
1/1000 mol = mmol
cycle s-1 = Hz 赫兹 赫
1000 cycle s-1 = kHz
1000000 cycle s-1 = MHz
revolution = r 转
1/60 revolution s-1 = rpm RPM
times = 次
dB = dB db DB dB(A) dBA db(A) 分贝
mesh = 目
kilogram-of-standard-coal = kgce 公斤标煤 千克标准煤 公斤标准煤
1000 kilogram-of-standard-coal = tce 吨标煤 吨标准煤
yuan = 元 块 块钱
1/1000 kg m-1 s-1 = cP
1/1000000 m2 s-1 = cSt
lux = lx lux
lumen = lm
unit-of-action = IU
head = 头 只 羽
plant = 株 棵
piece = 支 个 台 套 件 根 片
household = 户
"""
_ONLY_BELOW = {
    "人": "person",
    "日": "86400 s",
    "月": "1/12 year",
    "分": "60 s",
    "时": "3600 s",
    "K": "°C",
}
"""What is a unit below a stroke alone: 次/分, t/日; elsewhere a date or a word."""
_NEVER_ALONE = frozenset("头只羽株棵支个台套件根片户lS安牛焦赫r转")
"""Counting words and lone letters, which say a quantity only inside a compound."""

Dimension = str


@dataclass(frozen=True)
class Unit:
    """A unit as written: a value times ``factor`` is in the base units of ``dimension``."""

    text: str
    dimension: Dimension
    factor: Fraction


def _exponents(term: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*?[A-Za-z°])(-?[0-9])?", term)
    assert found is not None, term
    return found[1], int(found[2] or 1)


def _measure(definition: str) -> tuple[Fraction, Counter[str]]:
    """Return the factor and the exponents of a definition such as ``1/1000 kg m-1``."""
    factor, bases = Fraction(1), Counter[str]()
    for term in definition.split():
        if term[0].isdigit():
            factor *= Fraction(term)
        else:
            base, exponent = _exponents(term)
            bases[base] += exponent
    return factor, bases


def _table() -> dict[str, tuple[Fraction, Counter[str]]]:
    table: dict[str, tuple[Fraction, Counter[str]]] = {}
    for line in _ATOMS.strip().splitlines():
        definition, _, names = line.partition(" = ")
        table |= dict.fromkeys(names.split(), _measure(definition))
    return table


_MEASURES = _table()
_BELOW = {name: _measure(definition) for name, definition in _ONLY_BELOW.items()}


def _either(names: set[str]) -> str:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return "|".join(re.escape(name) for name in ordered)


_END = r"(?![A-Za-z])(?<!度电(?=[池气网力机]))"
_ATOM = rf"(?:{_either(set(_MEASURES))})(?:\^?-?[0-9](?![0-9.]))?"
_LOWER = rf"(?:[百千万](?=[吨元米克]))?(?:{_either({*_MEASURES, *_BELOW})})(?:\^?[0-9](?![0-9.]))?"
_WRITTEN = re.compile(
    rf"{_ATOM}(?:[·•⋅]{_ATOM})*(?:/(?:\({_LOWER}(?:[·•⋅*]{_LOWER})*\)|{_LOWER}))*{_END}"
)
_PART = re.compile(rf"(?P<stroke>/)|(?P<open>\()|(?P<close>\))|(?P<atom>{_LOWER})|.")
_SCALED = {"百": 100, "千": 1_000, "万": 10_000}


def unit_at(text: str, start: int) -> tuple[Unit, int] | None:
    """Return the unit that begins at ``start`` of a cased normal form, and where it ends."""
    found = _WRITTEN.match(text, start)
    if found is None:
        return None
    unit = unit_of(found.group())
    return None if unit is None else (unit, found.end())


@lru_cache(maxsize=4_096)
def unit_of(text: str) -> Unit | None:
    """Return the unit that ``text`` as a whole is, or None."""
    scale, written = 1, text
    while len(text) > 1 and text[0] in _SCALED and text not in _MEASURES:
        scale, text = scale * _SCALED[text[0]], text[1:]
    if not _WRITTEN.fullmatch(text) or text in _NEVER_ALONE:
        return None
    factor, bases = _joined(text)
    return Unit(written, _dimension(bases), factor * scale)


def _joined(text: str) -> tuple[Fraction, Counter[str]]:
    factor, bases = Fraction(1), Counter[str]()
    sign = 1
    for part in _PART.finditer(text):
        if part["stroke"]:
            sign = -1
        elif part["atom"]:
            size, exponents = _atom(part["atom"], below=sign < 0)
            factor *= size**sign
            for base, exponent in exponents.items():
                bases[base] += sign * exponent
    return factor, bases


def _atom(text: str, *, below: bool) -> tuple[Fraction, Counter[str]]:
    known = {**_MEASURES, **(_BELOW if below else {})}
    scale = Fraction(1)
    if text not in known and text[0] in _SCALED:
        scale, text = Fraction(_SCALED[text[0]]), text[1:]
    exponent = 1
    if text not in known:
        power = re.fullmatch(r"(.*?)\^?(-?[0-9])", text)
        if power and power[1] in known:
            text, exponent = power[1], int(power[2])
    size, bases = known[text]
    return (scale * size) ** exponent, Counter({b: e * exponent for b, e in bases.items()})


def _dimension(bases: Counter[str]) -> Dimension:
    """Return one text for the exponents; the ratio of two masses or volumes is a plain ratio."""
    kept = sorted((base, power) for base, power in bases.items() if power and base != "ratio")
    return " ".join(f"{base}^{power}" if power != 1 else base for base, power in kept) or "ratio"
