"""What a document says in numbers: its values with their properties, and which are asked for.

The prose is read sentence by sentence; a line of an indicator table (name, unit, present value,
wanted value, with blanks between) is read as a table. Whether a value is asked for shows in the
words around it: ``要求``, ``降到``; ``目前`` and ``传统`` tell the value that is to be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from matching.evidence import Passage
from matching.indicators import indicator
from matching.quantities import MOST_QUANTITIES, NAME_LENGTH, Change, Quantity, Value, cased, values
from matching.units import unit_of

_HAS_NUMBER = re.compile(r"[0-9十百千万]")
_ASKING = re.compile(
    r"要求|需求|希望|需要|期望|预期|目标|力争|争取|不得|求(?!证)|想(?!象)|做到|降到|降至|控制在|验收"
    r"|指标|保证|确保|须|提高到|提升到|延长到"
)
_ASKING_ON = re.compile(r"(?:要求|需求|需求内容|希望|需要|期望|预期|目标|指标)[^:,。]{0,4}:")
_PRESENT = re.compile(
    r"目前|现在|现有|现状|原来|原先|原有|以前|过去|传统|常规|普通|同类|对照|仍|还是|改造前|只有|进口|国外|去年|前年"
)
_BEFORE = re.compile(r"(?:由|从|自)[^由从自,。]{0,10}$")
_FROM = re.compile(r"(?:由|从|自)[0-9].{0,12}$")
_LATER = re.compile(r"^[^,。;]{0,10}[到至为]")
_TURNS = re.compile(
    r"^(?:左右|以上|以下)?(?:大幅|进一步|直接)?(?:[降减提升增延缩压])[低少高加长短缩]?(?:到|至|为|成)|^[^,。;0-9]{0,2}[到至]"
)
_TURNED = re.compile(r"[^,。;0-9]{0,10}[到至为]\s*")
_DOWN_TO = re.compile(r"(?:[降减压缩控]|降低|减少|缩短|压缩|降回|控制|限制)[到至]\s*$|控制在\s*$")
_UP_TO = re.compile(r"(?:达到|提高到|提升到|延长到|做到|增加到|提高至|提升至|升到|高于|达)\s*$")
_CONDITION = re.compile(r"^(?:时|以后|之后|后|就|便|即|会|的时候|才|,就|的条件|条件下|下)")
_CLAUSE = re.compile(r"[,;、。!?:()\[\]【】\n“”\"]")
_LINKS = re.compile(
    r"(?:分别|能够|可以|可|能|均|都|已|约|仅|只|为|是|在|有|达|到|至|低|高|实现|具有|达到|降到|降至|降低到|"
    r"降低至|提高到|提高至|提升到|提升至|提升为|延长到|延长至|缩短到|缩短至|控制|保持|稳定|维持|做|不|从|由|自|"
    r"上升|下降|减少|增加|小|大|=|≈|一般|的|要|应|须|宜|需|平均|左右|了|\s|-|—|–|~|:|\()+$"
)
_FALL = re.compile(
    r"(?:降低|减少|下降|节约|节省|缩短|削减|压缩|减小|节能|(?<![衰递])[降减省节])了?$"
)
_RISE = re.compile(r"(?:提高|提升|增加|增长|延长|上升|增大|加快|[增升])了?$")
_LED_FALL = re.compile(r"(?:降低|减少|节约|节省|缩短|削减)(?![到至率])")
_LED_RISE = re.compile(r"(?:提高|提升|增加|延长)(?![到至率])")
_BEHIND = re.compile(r"的?([^,;、。!?:()\n0-9]{2,10})")
_PER = re.compile(
    r"(?P<per>年|每年|日|每天|每日|天|每小时)"
    r"(?:处理|处置|生产|产|消纳|加工|利用|消化|消耗|屠宰|发电)[^,。]{0,8}$"
)
_EACH = re.compile(r"每(?P<each>吨|克|公斤|千克|亩|方|立方米|平方米)[^,。;0-9]{0,2}$")
_PERIODS = {"年": "a", "每年": "a", "每小时": "h"}


@dataclass(frozen=True)
class Context:
    """The words around one value, in a cased normal form."""

    ahead: str
    clause: str
    behind: str
    asked: bool


def quantities_of(text: str, found: Iterable[Passage]) -> tuple[Quantity, ...]:
    """Return the quantities of a document in order, at most :data:`MOST_QUANTITIES`.

    ``found`` are its passages, ``text`` is what those of the text side were cut from.
    """
    return tuple(islice(_quantities(text, found), MOST_QUANTITIES))


def _quantities(text: str, found: Iterable[Passage]) -> Iterator[Quantity]:
    asked_on, last = False, 0
    for passage in found:
        asked_on = asked_on and "\n" not in text[last : passage.start]
        last = passage.end
        if passage.side == "text" and _ASKING_ON.search(passage.normal):
            asked_on = True
        if _HAS_NUMBER.search(passage.normal):
            yield from _of_passage(passage, asked_on)


def _of_passage(passage: Passage, asked_on: bool) -> Iterable[Quantity]:
    text = cased(passage.form, passage.text)
    row = indicator(passage, text)
    if row is not None:
        return row
    asked = asked_on or _ASKING.search(text) is not None
    return _of_prose(passage, text, asked)


def _of_prose(passage: Passage, text: str, asked: bool) -> Iterator[Quantity]:
    """Yield the values of a sentence; in 由A降至B the second is of what the first is."""
    reached, name = 0, ""
    for value in values(text):
        context = _context(text, value, reached, asked)
        turned = _TURNED.fullmatch(text[reached : value.start]) is not None
        quantity = _quantity(passage, value, context, name if turned else "")
        reached = value.end
        name = quantity.name if quantity else ""
        if quantity is not None:
            yield quantity


def _context(text: str, value: Value, reached: int, asked: bool) -> Context:
    ahead = text[max(reached, value.start - NAME_LENGTH) : value.start]
    whole = text[max(0, value.start - 40) : value.start]
    clause = _CLAUSE.split(whole)[-1]
    return Context(ahead, clause, text[value.end : value.end + 14], asked)


def _quantity(passage: Passage, value: Value, context: Context, inherited: str) -> Quantity | None:
    name, change = (inherited, Change.LEVEL) if inherited else _name(context)
    unit = _meant(value, name, context)
    if unit is None:
        return None
    text, dimension = unit
    start, end = passage.form.original_span(value.start, value.end)
    low, high = _rescaled(value, text)
    before = _is_before(context)
    return Quantity(
        side=passage.side,
        start=passage.start + start,
        end=passage.start + end,
        text=passage.text[start:end].strip(),
        name=name,
        low=low,
        high=high,
        unit=text,
        dimension=dimension,
        change=change,
        toward=_toward(context.ahead),
        before=before,
        asked=context.asked and not before and not value.about,
    )


def _name(context: Context) -> tuple[str, Change]:
    """Return the words that say of what, and whether they speak of a change."""
    bare = context.ahead.rstrip(" :(")
    clause = _FROM.sub("", _CLAUSE.split(bare)[-1].strip())
    change = _change(clause)
    name = _LINKS.sub("", _FALL.sub("", _RISE.sub("", clause)))
    if "分别" in clause:
        return "", change
    if not name:
        behind = _BEHIND.match(context.behind)
        name = behind[1] if behind and context.behind.startswith("的") else ""
    return name, change


def _change(clause: str) -> Change:
    if _FALL.search(clause) or _LED_FALL.search(clause):
        return Change.FALL
    if _RISE.search(clause) or _LED_RISE.search(clause):
        return Change.RISE
    return Change.LEVEL


def _toward(ahead: str) -> Change:
    if _DOWN_TO.search(ahead):
        return Change.FALL
    return Change.RISE if _UP_TO.search(ahead) else Change.LEVEL


def _is_before(context: Context) -> bool:
    """Whether the value is the one to be changed, or a condition, and so no promise and no wish."""
    return bool(
        (_BEFORE.search(context.ahead) and _LATER.search(context.behind))
        or _PRESENT.search(context.clause)
        or _TURNS.search(context.behind)
        or _CONDITION.search(context.behind)
    )


def _meant(value: Value, name: str, context: Context) -> tuple[str, str] | None:
    """Return (unit, dimension) as they are meant: 度 by its property, 日处理60吨 as t/d."""
    unit = value.unit
    if unit.dimension == "degree":
        return _degrees(value, name)
    per = _PER.search(context.clause)
    if per and unit.dimension in {"kg", "m^3", "head", "kg m^2 s^-2"}:
        flow = unit_of(f"{unit.text}/{_PERIODS.get(per['per'], 'd')}")
        return None if flow is None else (flow.text, flow.dimension)
    each = _EACH.search(context.clause) if unit.dimension == "yuan" else None
    if each:
        price = unit_of(f"{unit.text}/{each['each']}")
        return None if price is None else (price.text, price.dimension)
    return unit.text, unit.dimension


def _degrees(value: Value, name: str) -> tuple[str, str] | None:
    cold = value.high is not None and value.high < 0
    if cold or "温" in name or "冷" in name:
        return "°C", "°C"
    return ("kWh", "kg m^2 s^-2") if "电" in name else None


def _rescaled(value: Value, text: str) -> tuple[Fraction | None, Fraction | None]:
    """Return the bounds in the base units of the unit that was meant."""
    meant = unit_of(text)
    if text == value.unit.text or meant is None:
        return value.low, value.high
    ratio = meant.factor / value.unit.factor
    low, high = (None if end is None else end * ratio for end in (value.low, value.high))
    return low, high
