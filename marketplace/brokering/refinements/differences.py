"""Two texts beside each other: what went, what came, what stayed."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

#: Numbers, words and codes as a whole; of Chinese each character.
_TOKEN = re.compile(r"[A-Za-z0-9.%≥≤]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A stretch of text that was ``kept``, ``gone`` or ``come``."""

    kind: str
    text: str


def pieces_of(before: str, after: str) -> list[Piece]:
    """The stretches of both texts in reading order; joined without the gone ones, ``after``."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece("kept", "".join(old[i1:i2])))
            continue
        gone, come = "".join(old[i1:i2]), "".join(new[j1:j2])
        found += [Piece("gone", gone)] if gone else []
        found += [Piece("come", come)] if come else []
    return found
