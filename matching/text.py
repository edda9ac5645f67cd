"""Text as it is compared: one normal form with a map back to the original, and sentences.

Normal form: simplified characters, NFKC (so full width is folded), lower case, controls as blanks,
a superscript after a digit as a power (``10³`` → ``10^3``) and after a letter as a digit
(``m³/h`` → ``m3/h``). Traditional characters are folded one to one by the table of OpenCC, which
keeps every offset; its phrase tables would not.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import repeat

QUERY_LIMIT = 4_000
"""Characters of a query that are read; what follows is ignored."""
DOCUMENT_LIMIT = 20_000
"""Characters of a document's text that are read; what follows is ignored."""

FOLDS = 65_536
"""Characters whose normal form is remembered."""

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED = re.compile(r"(?P<power>(?<=[0-9])[⁺⁻]?[⁰¹²³⁴-⁹]+)|[⁺⁻]?[⁰¹²³⁴-⁹]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n\r]+[。！？!?；;]*")


@dataclass(frozen=True)
class Normalised:
    """A normal form: character ``i`` of ``text`` comes from ``origins[i]`` of the original.

    ``origins`` never falls and has one entry more than ``text``: the length of what was read.
    """

    text: str
    origins: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original from which ``text[start:end]`` came (end exclusive)."""
        first = self.origins[start]
        last = self.origins[max(start, end - 1)]
        after = bisect_right(self.origins, last)
        return first, self.origins[after] if after < len(self.origins) else self.origins[-1]


@cache
def _simplified() -> dict[str, str]:
    """Read OpenCC's character table (Apache-2.0 data): traditional → simplified."""
    table = files("opencc") / "dictionary" / "TSCharacters.txt"
    pairs = (line.split() for line in table.read_text(encoding="utf-8").splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair[0]) == 1 and len(pair[1]) == 1}


def _fold(character: str) -> str:
    """Return the normal form of one character: possibly empty, possibly several characters."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if category in {"Cc", "Cs", "Zs", "Zl", "Zp", "Co", "Cn"}:
        return "\n" if character == "\n" else " "
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(_simplified().get(part, part) for part in folded)


def _pieces(original: str) -> Iterable[tuple[int, str]]:
    """Yield (offset in the original, its normal form) for each character or superscript run."""
    at = 0
    for found in _RAISED.finditer(original):
        yield from enumerate(map(_FOLDS.__getitem__, original[at : found.start()]), start=at)
        sign = "^" if found["power"] else ""
        yield found.start(), sign + found.group().translate(_SUPERSCRIPTS)
        at = found.end()
    yield from enumerate(map(_FOLDS.__getitem__, original[at:]), start=at)


class _Folds(dict[str, str]):
    """The normal form of each of the first :data:`FOLDS` characters met."""

    def __missing__(self, character: str) -> str:
        folded = _fold(character)
        if len(self) < FOLDS:
            self[character] = folded
        return folded


_FOLDS = _Folds()


def normalise(original: str) -> Normalised:
    """Return the normal form of ``original`` with its offset map; any string is accepted."""
    if _RAISED.search(original) is None:
        pieces = list(map(_FOLDS.__getitem__, original))
        text = "".join(pieces)
        if len(text) == len(pieces) and "" not in pieces:  # one for one: the usual text
            return Normalised(text, range(len(text) + 1))
    folded: list[str] = []
    origins = array("l")
    for offset, piece in _pieces(original):
        folded.append(piece)
        if len(piece) == 1:
            origins.append(offset)
        else:
            origins.extend(repeat(offset, len(piece)))
    origins.append(len(original))
    return Normalised("".join(folded), origins)


def split_sentences(original: str) -> list[tuple[int, int]]:
    """Return the (start, end) of the sentences of ``original``, blank ones left out."""
    spans = ((found.start(), found.end()) for found in _SENTENCE.finditer(original))
    return [
        span for span in map(lambda span: _trimmed(original, *span), spans) if span[0] < span[1]
    ]


def _trimmed(original: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the blanks at its ends."""
    chunk = original[start:end]
    return start + len(chunk) - len(chunk.lstrip()), start + len(chunk.rstrip())


def find_words(original: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return where normalised ``words`` stand in ``original``, sorted, overlaps joined."""
    form = normalise(original)
    spans: list[tuple[int, int]] = []
    for word in filter(None, words):
        at = form.text.find(word)
        while at >= 0:
            spans.append(form.original_span(at, at + len(word)))
            at = form.text.find(word, at + len(word))
    return _joined(sorted(spans))


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted spans with those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined
