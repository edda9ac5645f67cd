"""Days of a contract: when it was signed, from when to when it runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from marketplace.contracts.reading.folding import Folded, Script
from marketplace.contracts.reading.sentences import Found, found

DIGITS = "〇零○OΟ一二三四五六七八九"
DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d|[二一][〇零○O九][〇零○O一二三四五六七八九]{2})\s*[年./-]\s*"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[月./-]\s*(?:(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[日号]?)?"
)
SIGNED = re.compile(
    r"(?:签订|签署|签约|订立|签定|签字|签章)(?:合同)?(?:的)?(?:日期|时间|日)?(?:及地点|地点)?[:\t\s]*(?:本合同)?(?:于)?$"
)
SIGNED_AFTER = re.compile(r"^[^。\n]{0,16}(?:签订|签署|订立|签约)")
SIGNATURE_DAY = re.compile(r"(?:日期|时间|年月日|^|\n|\t)[:\s\t]*$")
TERM = re.compile(
    r"(?:期限|有效期|履行期|合同期|服务期|许可期|工期|租期|租赁期|起止|周期|进度|自|从|期间|时间)[^。;\n]{0,24}$"
)
JOINT = re.compile(r"^[日号]?(?:起|开始|生效)?[,至到止—–~～-]{1,4}(?:至|到)?$|^(?:起|开始)?[,]?(?:至|到|—|-|~)")
UNTIL = re.compile(r"(?:至|到|止于|截至|截止|于|在|应在|不迟于)$")
UNTIL_AFTER = re.compile(r"^(?:前|之前|以前|止|终止|届满|完成)")


@dataclass(frozen=True)
class Term:
    """From when to when a contract runs, as far as days are written."""

    begins: Found[date] | None
    ends: Found[date] | None


def days_of(folded: Folded) -> Iterator[tuple[int, int, date]]:
    """Every whole day that the text names, with its span there."""
    for match in DAY.finditer(folded.text):
        if match["day"] and (day := _day(match)) is not None:
            yield match.start(), match.end(), day


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(_number(match["year"]), _number(match["month"]), _number(match["day"]))
    except ValueError:  # 13 月 or 31 日 of a short month is no day
        return None


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    values = {c: n for n, c in enumerate("零一二三四五六七八九")} | dict.fromkeys("〇○OΟ", 0)
    if len(text) == 4:
        return int("".join(str(values[c]) for c in text))
    tens, ten, units = text.rpartition("十")
    return (values.get(tens, 1) if ten else 0) * 10 + (values[units] if units else 0)


def signed_on(script: Script) -> Found[date] | None:
    """The day beside 签订, or the last day of the signatures; ``None`` where neither is written."""
    lines = script.lines
    days = list(days_of(lines))
    for start, end, day in days:
        before = lines.text[max(start - 24, 0) : start]
        if SIGNED.search(before) or SIGNED_AFTER.match(lines.text[end : end + 24]):
            return found(script, lines, start, end, day)
    tail = max(len(lines.text) * 2 // 3, len(lines.text) - 400)
    for start, end, day in reversed(days):
        after = lines.text[end : end + 2].strip("\t ")
        is_alone = not after or after[0] in "\n乙受丙"
        if start >= tail and is_alone and SIGNATURE_DAY.search(lines.text[max(start - 8, 0) : start]):
            return found(script, lines, start, end, day)
    return None


def term_of(script: Script) -> Term:
    """Begin and end of the term; a duration without days is none."""
    flat = script.flat
    days = list(days_of(flat))
    for (start, end, first), (later, until, last) in zip(days, days[1:], strict=False):
        between = flat.text[end:later]
        if len(between) <= 8 and JOINT.match(between) and first <= last:
            return Term(
                found(script, flat, start, end, first), found(script, flat, later, until, last)
            )
    return Term(None, _end(script, flat, days))


def _end(script: Script, flat: Folded, days: list[tuple[int, int, date]]) -> Found[date] | None:
    for start, end, day in days:
        before, after = flat.text[max(start - 30, 0) : start], flat.text[end : end + 4]
        if TERM.search(before) and (UNTIL.search(before) or UNTIL_AFTER.match(after)):
            return found(script, flat, start, end, day)
    return None
