"""A guess with what speaks for it: nothing is proposed without the words that it came from."""

import re
from dataclasses import dataclass
from typing import Any

LONGEST_QUOTE = 120
_CLAUSE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")


@dataclass(frozen=True)
class Guess:
    """A proposed value, the words that fired, and the sentence in which the first of them stands."""

    value: Any
    words: tuple[str, ...] = ()
    quote: str = ""
    #: Whether the page itself marks the value as such; otherwise it was inferred.
    marked: bool = False


def sentence_around(text: str, at: int) -> str:
    """The sentence of ``text`` that holds the offset ``at``, cut where it is very long."""
    found = next((one for one in _CLAUSE.finditer(text) if one.start() <= at < one.end()), None)
    if found is None:
        return ""
    sentence = found.group().strip()
    if len(sentence) <= LONGEST_QUOTE:
        return sentence
    start = max(0, at - found.start() - LONGEST_QUOTE // 2)
    return "…" + sentence[start : start + LONGEST_QUOTE] + "…"
