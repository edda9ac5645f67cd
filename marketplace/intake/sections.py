"""The parts of a notice that its writer marked, and none that was not marked.

Headings occur in a minority of notices, in any order, on lines of their own, before a colon, in
brackets, or glued to the text. A heading counts

- in 【】 or ［］ wherever it stands;
- at the beginning of a line, after a number if need be, before a colon, a wide gap or the line's end;
- after the end of a sentence, before a colon;
- at the beginning of a line with the text glued to it, only where the notice marks others too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from marketplace.intake.words import Listed

#: 一、 （二） 3. ④ before a heading.
_NUMBER = r"(?:[（(]?(?:[一二三四五六七八九十]{1,2}|\d{1,2})[）)、.．:：]|[①-⑨■●◆▶*·])"
_OPEN, _CLOSE = r"[【\[［〔「]", r"[】\]］〕」]"
#: What goes on after a heading that is only a word of a sentence: 技术需求旺盛, 预算的…
_GOES_ON = re.compile(r"[的和及与或、，,是为在旺强不]")
LEAST_GLUED = 4


@dataclass(frozen=True)
class Section:
    """One marked part: what it holds (``sections`` of the tables), its heading, its text."""

    name: str
    heading: str
    body: str
    #: Where its mark, and its text, begin in the notice, and where it ends; all 0 of a labelled value.
    mark: int = 0
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class _Mark:
    name: str
    heading: str
    start: int
    end: int
    glued: bool


def sections_of(text: str, headings: Listed) -> tuple[Section, ...]:
    """The marked sections in their order; empty where nothing is marked.

    A section ends where the next begins; what stands before the first belongs to none.
    """
    marks = _marks(text, headings)
    ends = [*(mark.start for mark in marks), len(text)][1:]
    found = (
        Section(mark.name, mark.heading, text[mark.end : end].strip(), mark.start, mark.end, end)
        for mark, end in zip(marks, ends, strict=True)
    )
    return tuple(section for section in found if section.body)


def of_fields(fields: Iterable[tuple[str, str]], headings: Listed) -> tuple[Section, ...]:
    """The labelled values of a page as sections, where the label is a known heading."""
    named = {heading: name for name, known in headings.items() for heading in known}
    found = []
    for label, value in fields:
        bare = re.sub(r"[\s:：]|[（(].*[)）]$", "", label)
        if bare in named and value.strip():
            found.append(Section(named[bare], label, value.strip()))
    return tuple(found)


def bodies(sections: Iterable[Section], *names: str) -> str:
    """The text below these headings, in the order of the notice, each passage once."""
    wanted = dict.fromkeys(section.body for section in sections if section.name in names)
    return "\n".join(wanted)


def _marks(text: str, headings: Listed) -> list[_Mark]:
    named = {_bare(heading): name for name, known in headings.items() for heading in known}
    found = [
        _Mark(
            named[_bare(match["heading"])],
            match["heading"],
            *match.span(),
            match["glued"] is not None,
        )
        for match in _pattern(tuple(sorted(named, key=lambda h: (-len(h), h)))).finditer(text)
    ]
    marked = [mark for mark in found if not mark.glued]
    return [mark for mark in found if not mark.glued or (marked and _may_be_glued(text, mark))]


def _may_be_glued(text: str, mark: _Mark) -> bool:
    return len(_bare(mark.heading)) >= LEAST_GLUED and not _GOES_ON.match(text, mark.end)


def _bare(heading: str) -> str:
    return re.sub(r"\s", "", heading)


@lru_cache(maxsize=8)
def _pattern(headings: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for all headings; blanks are tolerated between their characters."""
    spaced = (r"[ \t\u3000]{0,2}".join(map(re.escape, heading)) for heading in headings)
    heading = f"(?P<heading>{'|'.join(spaced)})"
    blank = r"[ \t\u3000]*"
    note = r"(?:[（(][^（）()\n]{1,12}[）)])?"
    line = rf"(?:(?<=\n)|^){blank}{_NUMBER}?{blank}"
    stop = rf"(?<=[。；;！!？?）)\s]){_NUMBER}?{blank}"
    ways: Iterator[str] = iter(
        (
            rf"(?:{_OPEN}{blank}(?=(?:{'|'.join(map(re.escape, headings))}){blank}{_CLOSE})|{line}|{stop})",
            rf"{heading}{note}(?:{blank}{_CLOSE}{blank}[:：]?|{blank}[:：]|(?={blank}(?:\n|$))|[ \t\u3000]+|(?P<glued>))",
        )
    )
    return re.compile("".join(ways))
