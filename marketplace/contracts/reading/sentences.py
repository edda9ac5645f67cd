"""Sentences and their spans, and the value that every rule gives back: what was found, and where."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from marketplace.contracts.reading.folding import Folded, Script

T = TypeVar("T")
ENDS = "。;；!！?？"
#: A line that begins like this begins a new clause, whatever the line before ended with.
NEW_CLAUSE = re.compile(
    r"\s*(?:第[一二三四五六七八九十百0-9]{1,4}[条章款]|[一二三四五六七八九十]{1,3}[、.．]|"
    r"[(（]?[0-9一二三四五六七八九十]{1,3}[)）、.．](?!\d)|[^\n。;]{1,12}[:：])"
)
#: A line at least so long that ends without a stop goes on in the next.
WRAPPED = 18
LONGEST_SENTENCE = 300


@dataclass(frozen=True)
class Found(Generic[T]):
    """A value, the sentence it came from, and the span of the value in the original text."""

    value: T
    sentence: str
    start: int
    end: int


def sentence_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence or line of the original ``text`` in which ``[start:end]`` stands."""
    first = start
    while first > 0 and start - first < LONGEST_SENTENCE and not _is_break(text, first - 1):
        first -= 1
    last = end
    while last < len(text) and last - end < LONGEST_SENTENCE and not _is_break(text, last):
        last += 1
    if last < len(text) and text[last] in ENDS:
        last += 1
    return first, last


def _is_break(text: str, place: int) -> bool:
    if text[place] in ENDS:
        return True
    if text[place] != "\n":
        return False
    line = text[:place].rpartition("\n")[2].strip()
    following = text[place + 1 : place + 40]
    return len(line) < WRAPPED or bool(NEW_CLAUSE.match(following)) or not following.strip()


def found(script: Script, view: Folded, start: int, end: int, value: T) -> Found[T]:
    """The value found at ``view.text[start:end]``, with its sentence in the original."""
    first, last = view.span(start, end)
    begins, ends = sentence_span(script.original, first, last)
    return Found(value, script.original[begins:ends].strip(), first, last)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences of a folded text without lines."""
    start = 0
    for match in re.finditer(r"[。;!?]", text):
        if match.end() - start > 1:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)
