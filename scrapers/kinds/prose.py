"""Running text whose sections are marked in the text alone: 成果简介：…"""

import re
from collections.abc import Iterator
from typing import ClassVar

from selectolax.lexbor import LexborNode

from scrapers.kinds.articles import Articles
from scrapers.page import prose_of

NUMBER = r"(?:[一二三四五六七八九十]{1,3}\s*[、.．]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}\s*[、.．)）])?"


class MarkedProse(Articles):
    """Sections that begin with one of the source's marks: 一、成果简介 · 【成果简介】 · 成果简介：…

    A section ends where the next begins. Text under no mark belongs to no field.
    """

    #: The marks this source writes.
    marks: ClassVar[tuple[str, ...]]

    def fields_of(self, body: LexborNode) -> Iterator[tuple[str, str]]:
        """The sections, in order."""
        yield from sections(prose_of(body), self.marks)


def sections(text: str, marks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Marks and what stands under them, up to the next mark or the end.

    A mark with a colon or in 【】 may follow the end of a sentence; one without stands alone on its line.
    """
    named = "|".join(map(re.escape, sorted(marks, key=len, reverse=True)))
    pattern = (
        rf"^\s*{NUMBER}\s*(?:【({named})】[:：]?|({named})\s*[:：]|({named})\s*$)"
        rf"|(?<=[。；;\s])\s*{NUMBER}\s*(?:【({named})】[:：]?|({named})\s*[:：])"
    )
    found = list(re.finditer(pattern, text, re.MULTILINE))
    ends = [match.start() for match in found[1:]] + [len(text)]
    for match, end in zip(found, ends, strict=False):
        yield next(filter(None, match.groups())), text[match.end() : end].strip()
