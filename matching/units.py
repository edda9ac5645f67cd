"""Units as Chinese technical texts write them: exact factors and a dimension for each.

A table of atoms (mg, 吨, kWh, 元 …) and one rule that joins them (``mg/Nm3``, ``g/(头·d)``). Days
and years are two dimensions: a plant's year has 300 to 360 working days, so t/d and t/a are not
convertible. Letters keep their case here, since mW and MW, t and T, a and A differ.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
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
arc-degree = °
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
3600000000 kg m2 s-2 = MWh MW·h 兆瓦时
20934/5 kg m2 s-2 = kcal 千卡 大卡
kg m2 s-3 = W 瓦
1000 kg m2 s-3 = kW KW kw Kw 千瓦
1000000 kg m2 s-3 = MW 兆瓦
1000000000 kg m2 s-3 = GW
1/1000 kg m2 s-3 = mW
kg m s-2 = N 牛
1000 kg m s-2 = kN KN 千牛
volt = V 伏
1000 volt = kV KV 千伏
1/1000 volt = mV
ampere = A 安
1000 ampere = kA
1/1000 ampere = mA
3600 ampere s = Ah
18/5 ampere s = mAh
volt ampere = VA
1000 volt ampere = kVA KVA 千伏安
1000000 volt ampere = MVA
ohm = Ω ω 欧姆
1000 ohm = kΩ
1000000 ohm = MΩ
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
Measure = tuple[Fraction, Counter[str]]
"""A factor and the exponents of the base units."""


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


def _measure(definition: str) -> Measure:
    """Return the factor and the exponents of a definition such as ``1/1000 kg m-1``."""
    factor, bases = Fraction(1), Counter[str]()
    for term in definition.split():
        if term[0].isdigit():
            factor *= Fraction(term)
        else:
            base, exponent = _exponents(term)
            bases[base] += exponent
    return factor, bases


def _table() -> dict[str, Measure]:
    table: dict[str, Measure] = {}
    for line in _ATOMS.strip().splitlines():
        definition, _, names = line.partition(" = ")
        table |= dict.fromkeys(names.split(), _measure(definition))
    return table


_MEASURES = _table()
_BELOW = _MEASURES | {name: _measure(text) for name, text in _ONLY_BELOW.items()}


_LONGEST = max(map(len, _BELOW))
_POWER = re.compile(r"\^?-?[0-9](?![0-9.])")
_POWERED = re.compile(r"(.+?)\^?(-?[0-9])")
_LETTER = re.compile(r"[A-Za-z]")
_BATTERY = re.compile(r"(?<=度)电[池气网力机]")
_STROKES = frozenset("/每")
_GOES_ON = re.compile(r"(?![以左的内计之每])[\u4e00-\u9fff]")
"""毫克每立方米 is a unit; 投入5万元每年可省 is not a price of the year."""
_TIMES = frozenset("·•⋅*")
_SCALED = {"百": 100, "千": 1_000, "万": 10_000}


def unit_at(text: str, start: int) -> tuple[Unit, int] | None:
    """Return the unit that begins at ``start`` of a cased normal form, and where it ends."""
    end = _end_of(text, start)
    if end is None:
        return None
    unit = unit_of(text[start:end])
    return None if unit is None else (unit, end)


@lru_cache(maxsize=4_096)
def unit_of(text: str) -> Unit | None:
    """Return the unit that ``text`` as a whole is, or None."""
    scale, bare = _unscaled(text, _MEASURES)
    if _end_of(bare, 0) != len(bare) or bare in _NEVER_ALONE:
        return None
    factor, bases = _joined(bare)
    return Unit(text, _dimension(bases), factor * scale)


def _end_of(text: str, start: int) -> int | None:
    """Return where the unit ends: atoms with · between, then strokes, each before one or (several)."""
    end = _atom_end(text, start, _MEASURES)
    while end is not None and text[end : end + 1] in _TIMES:
        more = _atom_end(text, end + 1, _MEASURES)
        if more is None:
            break
        end = more
    while end is not None and text[end : end + 1] in _STROKES:
        below = _below_end(text, end + 1)
        if below is None or (text[end] == "每" and _GOES_ON.match(text, below)):
            break
        end = below
    if end is None or _LETTER.match(text, end) or _BATTERY.match(text, end - 1):
        return None
    return end


def _below_end(text: str, start: int) -> int | None:
    """Return where what stands below a stroke ends: one atom, or several in brackets."""
    if text[start : start + 1] != "(":
        return _atom_end(text, start, _BELOW)
    end: int | None = start
    while end is not None and text[end : end + 1] in {"(", *_TIMES}:
        end = _atom_end(text, end + 1, _BELOW)
    return end + 1 if end is not None and text[end : end + 1] == ")" else None


def _atom_end(text: str, start: int, known: Mapping[str, Measure]) -> int | None:
    """Return where the longest atom ends, with its power; None where none begins."""
    first = start
    while known is _BELOW and text[first : first + 1] in _SCALED:
        first += 1
    for length in range(min(_LONGEST, len(text) - first), 0, -1):
        if text[first : first + length] in known:
            power = _POWER.match(text, first + length)
            return power.end() if power else first + length
    return None


def _unscaled(text: str, known: Mapping[str, Measure]) -> tuple[int, str]:
    """Return what 百, 千 and 万 before a unit multiply it by, and the rest."""
    scale = 1
    while len(text) > 1 and text[0] in _SCALED and not _begins_atom(text, known):
        scale, text = scale * _SCALED[text[0]], text[1:]
    return scale, text


def _begins_atom(text: str, known: Mapping[str, Measure]) -> bool:
    """Tell whether the first sign is an atom's own: 千 is in 千瓦时/吨, 万 is not in 万吨/年."""
    return any(text[:length] in known for length in range(2, _LONGEST + 1))


def _joined(text: str) -> Measure:
    factor, bases = Fraction(1), Counter[str]()
    above, *below = re.split("[/每]", text)
    for sign, part in ((1, above), *((-1, part) for part in below)):
        for atom in re.split(r"[·•⋅*]", part if part in _BELOW else part.strip("()")):
            size, exponents = _atom(atom)
            factor *= size**sign
            for base, exponent in exponents.items():
                bases[base] += sign * exponent
    return factor, bases


def _atom(text: str) -> Measure:
    scale, text = _unscaled(text, _BELOW)
    power = _POWERED.fullmatch(text) if text not in _BELOW else None
    name, exponent = (power[1], int(power[2])) if power else (text, 1)
    size, bases = _BELOW[name]
    return (scale * size) ** exponent, Counter({b: e * exponent for b, e in bases.items()})


def _dimension(bases: Counter[str]) -> Dimension:
    """Return one text for the exponents; the ratio of two masses or volumes is a plain ratio."""
    kept = sorted((base, power) for base, power in bases.items() if power and base != "ratio")
    return " ".join(f"{base}^{power}" if power != 1 else base for base, power in kept) or "ratio"
