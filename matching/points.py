"""The points of a text that asks for several things, and how well a document answers each.

Points are what the writer numbered (1. 2. / （一）（二） / ① ② / 一是…二是… / 问题一：), asks parted by
semicolons after 要求： and the like, or, where there is none of these, the rows of an indicator
table. A text without them has no points: none are made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matching.document import Document
from matching.quantities import Quantity
from matching.text import QUERY_LIMIT

MOST_POINTS = 12
LEAST_LENGTH = 4
ANSWERED = 0.15
"""The raw score from which a point counts as answered: about three quarters of the least score
that a whole text needs, since a point leaves unsaid what the text has said before it."""


class Kind(StrEnum):
    """How the points were set apart."""

    NUMBERED = "numbered"
    LISTED = "listed"
    INDICATOR = "indicator"


@dataclass(frozen=True)
class Point:
    """One thing asked for: ``query.text[start:end] == text``, counted from 1."""

    index: int
    start: int
    end: int
    text: str
    kind: Kind = Kind.NUMBERED

    def holds(self, quantity: Quantity) -> bool:
        """Tell whether a quantity of the same text stands in the point."""
        return quantity.side == "text" and self.start <= quantity.start < self.end


@dataclass(frozen=True)
class PointAnswer:
    """How well the other side answers a point: the raw score of the point as a query of its own.

    ``answered`` follows from the score, or, where its numbers could be compared, from those.
    """

    point: Point
    score: float
    answered: bool


_HAN = "一二三四五六七八九十"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫"
_STARTS = r"(?:^|(?<=[\s。；;:：，,、]))"
_SCHEMES: tuple[tuple[str, str, str], ...] = (
    ("brackets", r"[（(]\s*({})\s*[)）]", "digits"),
    ("brackets in han", r"[（(]\s*({})\s*[)）]", "han"),
    ("circled", r"({})", "circled"),
    ("dots", _STARTS + r"({})\s*[.．、）)](?![0-9])\s*", "digits"),
    ("han", _STARTS + r"({})\s*[、.．]", "han"),
    ("firstly", _STARTS + r"({})是", "han"),
    ("in order", r"第({})[，,：:、]", "han"),
    ("problems", r"(?:问题|要求|需求|目标|难题)({})[：:、]", "han"),
)
_SIGNS = {
    "digits": [str(number) for number in range(1, MOST_POINTS + 1)],
    "han": [*_HAN, "十一", "十二"],
    "circled": list(_CIRCLED),
}
_ASK = re.compile(
    r"(?:要求|需求|需求内容|希望|需要|期望|预期|目标|解决|求)[^。；;\n]{0,10}[：:]?\s*$"
)
_ASK_LIST = re.compile(r"(?:要求|需求内容|需求|希望|需要|期望|预期目标|目标)[：:]")
_TRIED = re.compile(r"(?:[做试用]过|采[取用]过|尝试)[^。；;\n]{0,10}[：:]?\s*$")
"""A list of what was tried in vain is no list of asks."""
_MARK = re.compile(r"[（(]?\s*[0-9一①第]?[)）.．、是]?\s*$")
_STOPS = re.compile(r"[。！？!?\n]")


def split_points(document: Document) -> tuple[Point, ...]:
    """Return the points of a text in order, at most :data:`MOST_POINTS`; empty where it has none."""
    text = document.text[:QUERY_LIMIT]
    lists = [found for scheme in _SCHEMES for found in _lists(text, scheme)]
    lists = [found for found in lists if not _TRIED.search(_lead(text, found))]
    if lists:
        spans, kind = max(lists, key=lambda spans: _rank(text, spans)), Kind.NUMBERED
    else:
        spans, kind = _asks(text), Kind.LISTED
    return _points(text, spans, kind)


def indicator_points(text: str, wanted: Iterable[int]) -> tuple[Point, ...]:
    """Return the rows of an indicator table as points, by where in the text their values stand.

    One row is no list.
    """
    lines = list(dict.fromkeys(_line(text, at) for at in wanted))
    return _points(text, lines, Kind.INDICATOR) if len(lines) > 1 else ()


def _line(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _lists(text: str, scheme: tuple[str, str, str]) -> Iterator[list[tuple[int, int]]]:
    """Yield the spans of each list of one scheme: 1, 2 … in order, nothing left out."""
    _, pattern, signs = scheme
    order = _SIGNS[signs]
    marks = re.compile(pattern.format("|".join(sorted(order, key=len, reverse=True))))
    run: list[tuple[int, int]] = []
    for found in marks.finditer(text):
        place = order.index(found[1])
        if place == 0 or place != len(run):
            yield from _closed(text, run)
            run = []
        if place == len(run):
            run.append((found.start(), found.end()))
    yield from _closed(text, run)


def _closed(text: str, marks: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    if len(marks) < 2:
        return
    ends = [start for start, _ in marks[1:]]
    bodies = list(zip((end for _, end in marks), [*ends, _last_end(text, marks)], strict=True))
    if all(end - start >= LEAST_LENGTH for start, end in bodies):
        yield bodies


def _last_end(text: str, marks: Sequence[tuple[int, int]]) -> int:
    """Return where the last point ends: with its sentence, or with its line if points are longer."""
    start = marks[-1][1]
    line = text.find("\n", start)
    whole = len(text) if line < 0 else line
    earlier = text[marks[0][1] : marks[-1][0]].rstrip("。 \n")
    inner = earlier.replace("。\n", "\n")
    if "。" in re.sub(r"。(?=\s*[（(①-⑫0-9一二三四五六七八九十第问])", "", inner):
        return whole
    stop = _STOPS.search(text, start)
    return min(whole, stop.start() if stop else whole)


def _rank(text: str, spans: Sequence[tuple[int, int]]) -> tuple[bool, int, int]:
    """Lists of asks come before lists of troubles, longer ones before shorter, then the first."""
    return _ASK.search(_lead(text, spans)) is not None, len(spans), -spans[0][0]


def _lead(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return the words before a list, without its first mark."""
    return _MARK.sub("", text[max(0, spans[0][0] - 24) : spans[0][0]])


def _asks(text: str) -> list[tuple[int, int]]:
    """Return the asks between semicolons after 要求： up to the end of their sentence."""
    for found in _ASK_LIST.finditer(text):
        stop = _STOPS.search(text, found.end())
        end = stop.start() if stop else len(text)
        parts = list(re.finditer(r"[^；;]+", text[found.end() : end]))
        spans = [(found.end() + part.start(), found.end() + part.end()) for part in parts]
        spans = [span for span in spans if len(text[slice(*span)].strip()) >= LEAST_LENGTH]
        if len(spans) > 1:
            return spans
    return []


def _points(text: str, spans: Sequence[tuple[int, int]], kind: Kind) -> tuple[Point, ...]:
    found = [_trimmed(text, *span) for span in spans[:MOST_POINTS]]
    return tuple(
        Point(number, start, end, text[start:end], kind)
        for number, (start, end) in enumerate(found, start=1)
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    kept = body.rstrip(" \n\t；;。，,")
    return start + len(body) - len(body.lstrip()), start + max(len(kept), 1)
