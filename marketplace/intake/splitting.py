"""Several needs in one record: numbered points with mixed subjects, offered as a split.

Points of one need are its indicators, steps or questions: they share their subject or lack an ask of
their own. Only where each point could stand alone, and no two speak of the same, is a split offered; the
record stays as the parent, and a person decides.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.intake.sections import Section
from matching.document import Document
from matching.points import Kind, Point, split_points
from matching.text import normalise

LEAST_LENGTH = 12
MOST_SHARED = 0.2
LEAST_TECHNICAL = 1
#: Parts of a notice whose points are never needs.
_NOT_NEEDS = {
    "indicators",
    "goal",
    "basis",
    "merits",
    "rights",
    "contact",
    "budget",
    "applications",
}
_ASK = re.compile(
    r"需求|研发|研制|开发|解决|寻求|希望|急需|亟需|求|技术|工艺|装备|装置|系统|方法|提高|降低|招聘|人才|采购|购置|融资|贷款"
)
_SENTENCE_MARK = re.compile(r"[≥≤＞＜>]|不低于|不高于|不小于|不大于|达到|以上$|以下$")


@dataclass(frozen=True)
class Part:
    """One of several needs: the short title that its point begins with, and its text."""

    title: str
    text: str


def split_of(text: str, sections: Iterable[Section]) -> tuple[Part, ...]:
    """The needs of a record that holds several; empty where it holds one."""
    points = split_points(Document("", "", text))
    points = tuple(point for point in points if point.kind == Kind.NUMBERED)
    if len(points) < 2 or _stands_in_other_part(points, tuple(sections)):
        return ()
    if not all(_could_stand_alone(point.text) for point in points):
        return ()
    terms = [_terms(point.text) for point in points]
    mixed = all(
        _shared(one, other) <= MOST_SHARED for at, one in enumerate(terms) for other in terms[:at]
    )
    return tuple(Part(_title(point.text), point.text) for point in points) if mixed else ()


def _stands_in_other_part(points: tuple[Point, ...], sections: tuple[Section, ...]) -> bool:
    return any(
        section.name in _NOT_NEEDS and section.start <= points[0].start < section.end
        for section in sections
    )


def _could_stand_alone(text: str) -> bool:
    sentence = re.split(r"[。；;\n]", text)[0]
    bare = _SENTENCE_MARK.search(sentence) and not re.search(
        r"研发|开发|解决|寻求|希望|需求|研制", text
    )
    return len(text) >= LEAST_LENGTH and _ASK.search(text) is not None and not bare


#: Words that every need has; they do not make two needs one.
_COMMON = re.compile(
    r"技术|需求|研发|研制|开发|解决|问题|希望|寻求|急需|亟需|企业|公司|我们|提高|降低|要求|系统|装置|设备|工艺|方法|产品|生产|过程|进行|实现|目前|现有|通过|合作|一种|一套|以及|采用|能够|影响|严重|需要"
)


def _terms(text: str) -> set[str]:
    bare = re.sub(r"[^\u4e00-\u9fffa-z]", " ", _COMMON.sub(" ", normalise(text).text))
    return {piece[at : at + 2] for piece in bare.split() for at in range(len(piece) - 1)}


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _title(text: str) -> str:
    head = re.split(r"[。：:；;，,！？\n]", text.strip())[0].strip()
    return (head or text.strip())[:60]
