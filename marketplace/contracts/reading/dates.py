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
    r"(?:签(?:订|署|约|定|字|章)|订立)(?:合同|协议)?(?:盖章)?(?:的)?(?:日期|时间|日|于)?(?:及地点|地点)?[:\t\s]*(?:本合同)?(?:于)?$"
)
SIGNED_AFTER = re.compile(r"^[^。\n\t,;]{0,10}(?:签(?:订|署|约|字)|订立)")
#: What may stand in the line of a signature's day beside it.
SIGNATURE = re.compile(
    r"签(?:订|署|约|字|章|名|于)?|盖|公?章|印|双方|各方|三方|[甲乙丙]方|代表|日期|时间|生效|地点|法定|委托|代理|人|处|立|本|协议|合同|由|于|自|"
    r"受托方?|让与方?|以下无正文|页|[\s\t:()。,、;_/]|年月日|后"
)
IN_TERM = re.compile(r"(?:自|从|至|到|截至|止|有效期|期限)[:]?$")
TERM_AFTER = re.compile(r"^(?:起|至|到|前|之前|—|-|~|止|开工|竣工)")
LONGEST_PLACE = 6
TAIL = 160
TERM = re.compile(
    r"(?:期限|有效期|履行期|合同期|服务期|许可期|工期|租期|租赁期|起止|周期|进度|自|从|期间|时间)[^。;\n]{0,24}$"
)
JOINT = re.compile(
    r"^[日号]?(?:起|开始|生效)?[,至到止—–~～-]{1,4}(?:至|到)?$|^(?:起|开始)?[,]?(?:至|到|—|-|~)"
)
UNTIL = re.compile(r"(?:至|到|止于|截至|截止|于|在|应在|不迟于)$")
UNTIL_AFTER = re.compile(r"^(?:前|之前|以前|止|终止|届满|完成)")

#: The term of a right or of a bill is not the term of the contract.
OTHER_TERM = re.compile(
    r"(?:专利权?|授权|品种权|著作权|保护|保质|质保|提成)[^。;]{0,10}(?:期|日)[^。;]{0,6}$"
)
DUE = re.compile(r"^(?:之|以)?前[^。;,]{0,2}(?:完成|交付|提交|全部|竣工)")


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
    tail = len(lines.text) - TAIL
    for start, end, day in reversed(days):
        if start >= tail and _is_signature(lines.text, start, end):
            return found(script, lines, start, end, day)
    return None


def _is_signature(text: str, start: int, end: int) -> bool:
    """Whether the line of a day holds nothing but what belongs to signatures, and perhaps a place."""
    if IN_TERM.search(text[max(start - 6, 0) : start]) or TERM_AFTER.match(text[end : end + 3]):
        return False
    begins = text.rfind("\n", 0, start) + 1
    ends = text.find("\n", end)
    rest = text[begins:start] + text[end : ends if ends >= 0 else len(text)]
    return len(SIGNATURE.sub("", rest)) <= LONGEST_PLACE


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
        if OTHER_TERM.search(before):
            continue
        if TERM.search(before) and (UNTIL.search(before) or UNTIL_AFTER.match(after)):
            return found(script, flat, start, end, day)
    due = [hit for hit in days if DUE.match(flat.text[hit[1] : hit[1] + 6])]
    return found(script, flat, *max(due, key=lambda hit: hit[2])) if due else None
