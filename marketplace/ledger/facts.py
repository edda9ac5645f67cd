"""What the facts of an entry may be: whole numbers and text, balanced postings, a day that was.

An entry stays for ever, so what is wrong is refused before it is written. Facts that are not
named here may stand in an entry too, as long as they have an exact and lasting form.
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from marketplace.ledger.entry import LARGEST, UNCOUNTED, Draft, day_of

_CODE = re.compile(r"[A-Za-z0-9._-]{0,8}")
_COMMITMENT = re.compile(r"([0-9a-f]{64})?")
#: fact → what its text looks like; the columns of the figures hold no more
_TEXTS = {
    "date": re.compile(r"[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "number": re.compile(r"[0-9]{16}"),
    **dict.fromkeys(("type", "field", "goal", "industry", "plan", "payment", "point"), _CODE),
    "trade": re.compile(r"(domestic|export|import|hmt)?"),
    **dict.fromkeys(("project", "voucher"), _COMMITMENT),
}
_NUMBERS = ("count", "deal", "technology", "income")
#: What an introduction says, and nothing else: money in it would be counted by nobody.
_INTRODUCTION = {
    "date": _TEXTS["date"],
    **dict.fromkeys(
        ("introducer", "need_owner", "result_owner", "need", "result"),
        re.compile(r"[0-9a-f]{64}"),
    ),
}
_FLAGS = ("related", "zone", "listed", "demonstration")
_REQUIRED = ("date", "number", *_NUMBERS, "postings")
_PARTY = {
    "nature": _CODE,
    "region": re.compile(r"([0-9]{6})?"),
    "country": re.compile(r"([0-9]{3})?"),
}
#: What PostgreSQL or UTF-8 does not take: NUL and halves of surrogate pairs.
_ODD = re.compile("[\0\ud800-\udfff]")
#: What has neither parts nor a fraction: nearly all that facts are made of.
_PLAIN = frozenset({str, int, bool, type(None)})
_LONGEST_SUBJECT = 100


def problems(draft: Draft, now: datetime) -> dict[str, list[str]]:
    """What forbids this entry: the fact → why, in the user's words; empty where nothing does."""
    facts = draft.facts
    found = {name: [text] for name, text in _without_form(facts)}
    if not (0 < len(draft.subject) <= _LONGEST_SUBJECT and draft.rules and draft.version >= 0):
        found["entry"] = [_("台账条目缺少主体、版本号或规则版本")]
    counted = draft.kind not in UNCOUNTED
    for name in _odd(facts) if counted else _odd_of_introduction(facts):
        found[name] = [_("台账条目的“%(name)s”缺失或格式不对", name=name)]
    untrue = _untrue if counted else _untrue_day
    return found or {name: [text] for name, text in untrue(facts, now)}


def _odd(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from (n for n in _REQUIRED if n not in facts)
    yield from _misshapen(facts)


def _odd_of_introduction(facts: Mapping[str, Any]) -> Iterator[str]:
    """A day, commitments and a flag; any other name is odd."""
    yield from sorted(facts.keys() - {*_INTRODUCTION, "demonstration"})
    yield from (n for n, shape in _INTRODUCTION.items() if not _fits(facts.get(n), shape))
    if not isinstance(facts.get("demonstration"), bool):
        yield "demonstration"


def _without_form(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fractions, numbers beyond what JSON keeps exactly, odd characters, odd names."""
    for name, value in _leaves("", facts):
        if not name.isascii():
            yield name, _("台账条目的名称只能用英文字母：%(name)s", name=name)
        elif isinstance(value, str):
            if _ODD.search(value):
                yield name, _("“%(name)s”含有不能保存的字符", name=name)
        elif not (value is None or value is True or value is False or _is_int(value)):
            yield name, _("“%(name)s”只能是文字或整数，金额以分为单位", name=name)


def _leaves(name: str, value: Any) -> list[tuple[str, Any]]:
    """Every value that has no parts, with the names that lead to it."""
    found, inside = [], [(name, value)]
    while inside:
        name, value = inside.pop()
        if type(value) in _PLAIN:
            found.append((name, value))
        elif isinstance(value, Mapping):
            inside += [(f"{name}.{key}" if name else key, inner) for key, inner in value.items()]
        elif isinstance(value, (list, tuple)):
            inside += [(name, inner) for inner in value]
        else:
            found.append((name, value))
    return found


def _misshapen(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from (n for n, shape in _TEXTS.items() if n in facts and not _fits(facts[n], shape))
    yield from (n for n in _NUMBERS if n in facts and not _is_int(facts[n]))
    yield from (n for n in _FLAGS if not isinstance(facts.get(n, False), bool))
    if not _are(facts.get("ip", []), _is_code):
        yield "ip"
    if not facts.get("postings") or not _are(facts["postings"], _is_posting):
        yield "postings"
    yield from (side for side in ("sellers", "buyers") if not _are(facts.get(side, []), _is_party))
    if not (facts.get("reverses") is None or _is_int(facts["reverses"])):
        yield "reverses"


def _fits(value: Any, shape: re.Pattern[str]) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None


def _are(rows: Any, is_one: Any) -> bool:
    return isinstance(rows, (list, tuple)) and all(is_one(row) for row in rows)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_code(value: Any) -> bool:
    return _fits(value, _CODE)


def _is_posting(row: Any) -> bool:
    known = isinstance(row, Mapping) and row.keys() == {"account", "fen"}
    return known and isinstance(row["account"], str) and _is_int(row["fen"])


def _is_party(row: Any) -> bool:
    known = isinstance(row, Mapping) and row.keys() == {*_PARTY, "share"}
    return known and _is_int(row["share"]) and all(_fits(row[n], s) for n, s in _PARTY.items())


def _untrue(facts: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    yield from _untrue_day(facts, now)
    yield from _untrue_sums(facts)


def _untrue_day(facts: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    year, month, day = map(int, facts["date"].split("-"))
    if day > calendar.monthrange(year, month)[1]:
        yield "date", _("登记日期 %(day)s 不存在", day=facts["date"])
    elif date(year, month, day) > day_of(now):
        yield "date", _("登记日期 %(day)s 不能晚于今天", day=facts["date"])


def _untrue_sums(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    left = sum(posting["fen"] for posting in facts["postings"])
    if left:
        yield "postings", _("各账户金额合计应为零，现差 %(fen)s 分", fen=left)
    if len({posting["account"] for posting in facts["postings"]}) < len(facts["postings"]):
        yield "postings", _("同一账户在一条台账中只能出现一次")
    if abs(facts["technology"]) > abs(facts["deal"]) or facts["technology"] * facts["deal"] < 0:
        yield "technology", _("技术交易额不能大于成交额")
