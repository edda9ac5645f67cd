"""Budgets: a sum counts only beside a verb that says so (拟投入, 预算), and never as turnover or past
spending. 元, 万元 or 亿元 must be written, with the sum or with its label."""

import re
import unicodedata
from collections.abc import Iterable

import cn2an

from marketplace import money
from marketplace.intake.evidence import Guess, sentence_around
from marketplace.intake.sections import Section
from marketplace.intake.words import Words

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_HAN = r"[一二两三四五六七八九十百千零〇]{1,8}"
_UNIT = r"(?:亿元|亿|万元|万|元)"
_SUM = re.compile(
    rf"(?P<before>不超过|不低于|不少于|不高于|至少|最高|约|大约)?\s*"
    rf"(?P<sum>(?:{_NUMBER}|{_HAN})\s*{_UNIT}?\s*[-~—–至到]{{1,2}}\s*(?:{_NUMBER}|{_HAN})\s*{_UNIT}"
    rf"|(?:{_NUMBER}|{_HAN})\s*{_UNIT})"
    # Money of another country is no 元, and what a ton costs is no budget.
    r"(?P<after>以内|以下|以上|左右)?(?!/|每|\s*[吨台亩美欧日港英])"
)
_NEGOTIABLE = re.compile(r"面议|面谈|协商确定|双方协商|待商议")
_STOPS = re.compile(r"[。；;！!\n]")
#: So far behind its verb a sum may stand.
REACH = 24


def budget_of(text: str, sections: Iterable[Section], words: Words, *, kind: str) -> Guess | None:
    """What is offered to be paid, as :func:`marketplace.money.parse_range` reads it; None if unsaid.

    A label of the page counts before a verb of the text; of a result it is the price that is asked.
    """
    for section in sections:
        if section.name == "budget":
            found = _of_label(section)
            if found is not None:
                return found
    verbs = words.budget["prices" if kind == "result" else "verbs"]
    return _of_text(text, verbs, words.budget["others"])


def _of_label(section: Section) -> Guess | None:
    value = unicodedata.normalize("NFKC", section.body).split("\n")[0]
    unit = re.search(r"[（(].*?(亿元|万元|元)[)）]", unicodedata.normalize("NFKC", section.heading))
    if unit and re.fullmatch(rf"\s*{_NUMBER}(?:\s*[-~—–至到]{{1,2}}\s*{_NUMBER})?\s*", value):
        value = value.strip() + unit[1]
    if _NEGOTIABLE.search(value):
        return Guess("面议", (section.heading,), section.body[:60], marked=True)
    match = _SUM.search(value)
    written = _written(match) if match and len(value) <= 60 else ""
    return Guess(written, (section.heading,), section.body[:60], marked=True) if written else None


def _of_text(text: str, verbs: tuple[str, ...], others: tuple[str, ...]) -> Guess | None:
    """The first sum that stands behind a verb, in its clause, with no other meaning between."""
    plain = unicodedata.normalize("NFKC", text)
    pattern = re.compile("|".join(map(re.escape, sorted(verbs, key=len, reverse=True))))
    for verb in pattern.finditer(plain):
        ahead = re.split(r"[。；;！!\n，,]", plain[: verb.start()])[-1]
        reach = _STOPS.split(plain[verb.end() : verb.end() + REACH + 20])[0]
        if any(other in ahead[-8:] for other in others) or ahead.endswith(("已", "不", "未", "无")):
            continue
        quote = sentence_around(plain, verb.start())
        match = _SUM.search(reach)
        between = reach[: match.start()] if match else reach
        if any(other in between for other in others) or "其中" in between:
            continue
        if match and len(between) <= REACH and (written := _written(match)):
            return Guess(written, (verb.group(),), quote)
        if not match and _NEGOTIABLE.search(reach):
            return Guess("面议", (verb.group(),), quote)
    return _negotiable(plain)


def _negotiable(plain: str) -> Guess | None:
    found = re.search(r"(?:资金|费用|价格|经费|金额|转让费)[^。；;，,\n]{0,6}面议", plain)
    return Guess("面议", (found.group(),), sentence_around(plain, found.start())) if found else None


def _written(match: re.Match[str]) -> str:
    """The sum as it can be stored; empty where no unit is written or it is no range."""
    bound = {
        "不超过": "以内",
        "不高于": "以内",
        "最高": "以内",
        "不低于": "以上",
        "不少于": "以上",
        "至少": "以上",
    }
    digits = re.sub(_HAN, lambda han: str(cn2an.cn2an(han.group(), "smart")), match["sum"])
    text = re.sub(r"\s", "", digits) + (bound.get(match["before"] or "") or match["after"] or "")
    try:
        least, most, negotiable = money.parse_range(text)
    except money.BadAmount:
        return ""
    return money.format_range(least, most, negotiable)
