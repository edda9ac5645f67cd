"""The text as rules read it, with the way back to the characters that were written.

Full-width digits and Latin letters are folded, frames of boxed forms become cell ends, spaces
between Chinese characters go, and the commonest faults of scans are read as what was meant. Every
character of the folded text knows its place in the original, so that a page can mark it there.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

#: Faults of scans, each as long as what it stands for, so that places stay true.
MISREAD = (
    (re.compile("[枝拔扶]术"), "技术"),
    (re.compile("甲[万芳]"), "甲方"),
    (re.compile("[己已巳]方"), "乙方"),
    (re.compile("乙[万芳]"), "乙方"),
    (re.compile("[台含]同(?=[书编名总金期条款])|合[冋问](?=[书编名总金期条款])"), "合同"),
    (re.compile("[幵并]发(?=[费项目合成经工])"), "开发"),
    (re.compile("(?<=[0-9])曰"), "日"),
    (re.compile("(?<=[0-9])[兀无](?=整|[,。;)])"), "元"),
    (re.compile("(?<=[0-9,.])[OoＯ](?=[0-9OoＯ,.元万])"), "0"),
    (re.compile("(?<=[0-9])[lI|](?=[0-9年月日])"), "1"),
    (re.compile("人民[帀巾]"), "人民币"),
)
UPRIGHTS = "│┃║┆┊|¦︱┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋"
RULES = "─━═┄┈╌―"
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff\xad]")
#: One of them between words is a gap, as several narrow ones are.
WIDE_SPACE = "\u3000"
SPACES = re.compile("[ \t\u3000\xa0]+")
#: A value between two blanks; 年, 元 and the like are what the form prints between empty ones.
FILLED = re.compile(r"_(?!_)((?:\d[\d,.]*|[^_\n\t:\d]{3,40}|[^_\n\t:]*\d[^_\n\t:]{0,30}))_")
#: What a printed form says about itself before the contract begins.
NOTES = re.compile(
    r"(?:填写|填表|使用|起草)说明.{0,1500}?(?=(?:委托方|受托方|甲方|乙方|让与方|受让方|转让方|许可方|顾问方)[(:]|依据《|根据《|第一条)"
)
HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Folded:
    """``text`` as rules read it; ``places[i]`` is where its i-th character stands in the original."""

    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that ``text[start:end]`` was written as."""
        if start >= len(self.places) or end <= start:
            return (0, 0)
        return self.places[start], self.places[min(end, len(self.places)) - 1] + 1


@dataclass(frozen=True)
class Script:
    """One text in its two readings: by lines and cells, and without any line."""

    original: str

    @cached_property
    def lines(self) -> Folded:
        """Lines end in ``\\n``, cells and wide gaps are ``\\t``; inner spaces are gone."""
        return _by_lines(self.original)

    @cached_property
    def flat(self) -> Folded:
        """Without lines, cells and spaces: what a sentence is after all its breaks."""
        kept = [(c, p) for c, p in zip(*self._lines, strict=True) if c not in "\n\t "]
        return Folded("".join(c for c, _p in kept), tuple(p for _c, p in kept))

    @property
    def _lines(self) -> tuple[str, tuple[int, ...]]:
        return self.lines.text, self.lines.places


def notes_of(text: str) -> tuple[int, int]:
    """The span of the notes for filling in; ``(0, 0)`` where there are none."""
    notes = NOTES.search(text)
    return notes.span() if notes else (0, 0)


def _fold(text: str) -> str:
    """Character for character; what would become longer stays."""
    folded = "".join(_fold_one(character) for character in text)
    for fault, meant in MISREAD:
        folded = fault.sub(meant, folded)
    return folded


@lru_cache(maxsize=8192)
def _fold_one(character: str) -> str:
    if character in UPRIGHTS:
        return "\t"
    if character in RULES:
        return " "
    if character.isascii() or character == WIDE_SPACE:
        return character
    normal = unicodedata.normalize("NFKC", character)
    return normal if len(normal) == 1 else character


def _by_lines(original: str) -> Folded:
    folded = _filled(UNSEEN.sub(" ", _fold(original.replace("\r", "\n"))))
    characters: list[str] = []
    places: list[int] = []
    last = 0
    for gap in SPACES.finditer(folded):
        _copy(folded, last, gap.start(), characters, places)
        kept = _gap(folded, gap)
        if kept:
            characters.append(kept)
            places.append(gap.start())
        last = gap.end()
    _copy(folded, last, len(folded), characters, places)
    return Folded("".join(characters), tuple(places))


def _copy(text: str, start: int, end: int, characters: list[str], places: list[int]) -> None:
    """Blanks of underscores are one underscore, however long the line was drawn."""
    for place in range(start, end):
        if text[place] == "_" and characters and characters[-1] == "_":
            continue
        characters.append(text[place])
        places.append(place)


def _filled(text: str) -> str:
    """Blanks that were filled in lose their underscores: ``_240,000_元`` is ``240,000元``."""
    return FILLED.sub(lambda one: f" {one[1]} ", text)


def _gap(text: str, gap: re.Match[str]) -> str:
    """What a run of spaces says: a cell's end, a space between Latin words, or nothing."""
    before = text[max(gap.start() - 2, 0) : gap.start()]
    after = text[gap.end() : gap.end() + 1]
    if "\t" in gap[0]:
        return "\t"
    if not before or before[-1] == "\n" or after in ("", "\n"):
        return ""
    beside_han = HAN.match(before[-1]) or HAN.match(after)
    if gap[0] == " ":
        return "" if beside_han else " "
    alone = HAN.match(before[-1]) and (len(before) == 1 or not HAN.match(before[0]))
    return "" if alone and HAN.match(after) else "\t"
