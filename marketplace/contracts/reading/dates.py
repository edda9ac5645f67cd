"""Days of a contract: when it was signed, from when to when it runs."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from marketplace.contracts.reading.folding import Folded, Script
from marketplace.contracts.reading.sentences import Found, found

DIGITS = "〇零○OΟ一二三四五六七八九"
DAY = re.compile(
    r"(?P<year>(?:19|20)\d\d|[二一][〇零○O九][〇零○O一二三四五六七八九]{2})\s*[年./-]\s*"
    r"(?P<month>\d{1,2}|元|[一二三四五六七八九十]{1,3})\s*[月./-]\s*(?:(?P<day>\d{1,2}|[一二三四五六七八九十廿]{1,3})\s*[日号]?)?"
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
LONGEST_PLACE = 12
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
OTHER_RIGHT = re.compile(r"(?:专利权?|品种权|著作权|专有权|质保|保修|保密)[^。;,]{0,8}[自从]$")
DUE = re.compile(r"^(?:之|以)?前[^。;,]{0,2}(?:完成|交付|提交|全部|竣工|验收)")
#: What says beside a day that work begins, or ends, on it.
BEGINS = re.compile(r"(?:起始日|起算日|开始日|开工|起于|始于|开始|启动)(?:期|时间)?[:为于]{0,2}$")
BEGINS_AFTER = re.compile(r"^(?:正式)?(?:起|开工|开班|开课|开始|启动|进场)")
ENDS = re.compile(r"(?:竣工|止于|结束|终止日|截止|截至|完工)(?:日|期|日期|时间)?[:为于]{0,2}$")
ENDS_AFTER = re.compile(r"^(?:之?前)?(?:全部)?(?:结束|竣工|完工|结课|终止|届满|具备|投产|止)")
CLOSES = re.compile(r"^[^。;]{0,40}(?:结束|竣工|完工|终验)")
#: Begin and end of one piece of work stand so near to each other.
APART = 40
#: 自…起三年, 期限三年,自…起: the end follows from the begin.
LASTS = r"(?P<lasts>(?P<count>\d{1,2}|[一二三四五六七八九十]{1,3})(?P<unit>年|个月))"
LASTING = re.compile(rf"^(?:起|开始|生效)[^。;]{{0,10}}?{LASTS}(?![内后前]|一)")
LASTED = re.compile(rf"(?:期限?|为期)[^。;]{{0,10}}?{LASTS}[^。;\d]{{0,8}}(?:自|从)$")
MONTHS_OF_TERM = re.compile(r"(?:期限?|工期|起止[^。;,]{0,4}|期间|时间|周期)(?:自|从|为|[:：])*$")
MONTHS = re.compile(
    r"(?P<first>(?:19|20)\d\d[年.]\d{1,2}月?)(?:份|初|起)?(?:至|到|—|-|~){1,2}(?P<last>(?:19|20)\d\d[年.]\d{1,2}月?)(?:份|底|末|止)?(?!\d|[.]\d|日)"
)


LONGEST_JOINT = 8
#: Where a day stands in a text, and which it is.
Day = tuple[int, int, date]


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
    if text == "元":
        return 1
    text = text.replace("廿", "二十")
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
    for start, end, day in reversed(days):
        if _is_signature(lines.text, start, end):
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
    """Begin and end of the term; a duration without a day to begin from is none."""
    flat = script.flat
    days = list(days_of(flat))
    for first, last in zip(days, days[1:], strict=False):
        if first[2] <= last[2] and _is_span(flat.text, first, last):
            return Term(_day_found(script, first), _day_found(script, last))
    return _lasting(script, days) or _by_months(script) or _marked(script, days)


def _day_found(script: Script, day: Day) -> Found[date]:
    return found(script, script.flat, *day)


def _is_span(text: str, first: Day, last: Day) -> bool:
    """Whether two days that follow each other are begin and end, by what stands at them."""
    between = text[first[1] : last[0]]
    if len(between) <= LONGEST_JOINT and JOINT.match(between):
        return True
    if len(between) > APART or "。" in between:
        return False
    return _begins(text, first) and bool(
        ENDS.search(between) or ENDS_AFTER.match(text[last[1] : last[1] + 8])
    )


def _begins(text: str, day: Day) -> bool:
    before, after = text[max(day[0] - 12, 0) : day[0]], text[day[1] : day[1] + 8]
    return bool(BEGINS.search(before) or BEGINS_AFTER.match(after))


def _lasting(script: Script, days: list[Day]) -> Term | None:
    """A begin with the years or months that the contract lasts from it."""
    flat = script.flat
    for start, end, day in days:
        before = flat.text[max(start - 30, 0) : start]
        if OTHER_TERM.search(before) or OTHER_RIGHT.search(before):
            continue
        lasting = LASTING.match(flat.text[end : end + 24])
        if lasting and re.search(r"[自从]$", before):
            place = end
        elif lasting := LASTED.search(before):
            place = max(start - 30, 0)
        else:
            continue
        last = _after(day, _number(lasting["count"]), lasting["unit"])
        span = (place + lasting.start("lasts"), place + lasting.end("lasts"))
        return Term(found(script, flat, start, end, day), found(script, flat, *span, last))
    return None


def _after(day: date, count: int, unit: str) -> date:
    """The last day of so many years or months that begin on ``day``."""
    months = day.month - 1 + count * (12 if unit == "年" else 1)
    year, month = day.year + months // 12, months % 12 + 1
    length = monthrange(year, month)[1]
    if day.day > length:  # from the 31st of one month to the last of a shorter one
        return date(year, month, length)
    return date(year, month, day.day) - timedelta(days=1)


def _by_months(script: Script) -> Term | None:
    """From the first day of one month to the last of another, where the term is written so."""
    flat = script.flat
    for match in MONTHS.finditer(flat.text):
        if not MONTHS_OF_TERM.search(flat.text[max(match.start() - 12, 0) : match.start()]):
            continue
        (year, month), (until, last) = (
            tuple(map(int, re.findall(r"\d+", match[name]))) for name in ("first", "last")
        )
        if 1 <= month <= 12 and 1 <= last <= 12 and (year, month) <= (until, last):
            begins = found(script, flat, *match.span("first"), date(year, month, 1))
            end = date(until, last, monthrange(until, last)[1])
            return Term(begins, found(script, flat, *match.span("last"), end))
    return None


def _marked(script: Script, days: list[Day]) -> Term:
    """Begin and end that are written apart; either may be missing."""
    text = script.flat.text
    begin = next((day for day in days if BEGINS.search(text[max(day[0] - 12, 0) : day[0]])), None)
    ends = _end(script, script.flat, days)
    if begin is None:
        return Term(None, ends)
    if ends is None:
        later = [
            day for day in days if day[2] > begin[2] and CLOSES.match(text[day[1] : day[1] + 50])
        ]
        ends = _day_found(script, max(later, key=lambda day: day[2])) if later else None
    return Term(_day_found(script, begin), ends)


def _end(script: Script, flat: Folded, days: list[Day]) -> Found[date] | None:
    for start, end, day in days:
        before, after = flat.text[max(start - 30, 0) : start], flat.text[end : end + 4]
        if OTHER_TERM.search(before):
            continue
        if TERM.search(before) and (UNTIL.search(before) or UNTIL_AFTER.match(after)):
            return found(script, flat, start, end, day)
    due = [hit for hit in days if DUE.match(flat.text[hit[1] : hit[1] + 6])]
    return found(script, flat, *max(due, key=lambda hit: hit[2])) if due else None
