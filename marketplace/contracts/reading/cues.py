"""Cues: named patterns, each a reason for or against a kind of contract, and how strongly it is heard.

A cue is heard for its first place, less for each further one, and more where it stands in the clause
that names the subject: what a contract is about weighs more than its boilerplate. Words of other trades,
which a technical contract may drop too, are heard slowly: they have to recur.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marketplace.contracts.reading.folding import Folded, Script, notes_of


class Kind(StrEnum):
    """The five types of technical contract, and every other contract."""

    DEVELOPMENT = "development"
    ASSIGNMENT = "assignment"
    LICENCE = "licence"
    CONSULTING = "consulting"
    SERVICE = "service"
    OTHER = "other"


KINDS = tuple(Kind)
#: What people say; ``None`` is no technical contract.
NAMES = {
    Kind.DEVELOPMENT: "开发",
    Kind.ASSIGNMENT: "转让",
    Kind.LICENCE: "许可",
    Kind.CONSULTING: "咨询",
    Kind.SERVICE: "服务",
}
SUBJECT = re.compile(
    r"第一条|一[、.](?!\d)|(?:标的|合同内容|服务内容|项目内容|项目名称|合作内容|工作内容|采购内容|工程概况|技术内容)[:、一-鿿]?|委托(?:乙方|甲方|受托)"
)
SUBJECT_LENGTH = 320
#: Right before a hit these say that the thing is not agreed.
DENIED = re.compile(
    r"(?:不(?:涉及|含|包括|包含|属于|构成|提供|负责|进行|承担|再)|并非|而非|不是|无需|无须|未(?!来))[^,。;]{0,6}$"
)
MOST_HITS = 8
#: What each further hit leaves unheard, and what the clause of the subject adds.
AT_ONCE, SLOWLY = (0.5, 0.5), (0.72, 0.3)

#: In a text longer than this, boilerplate makes words of other trades recur by itself.
LONG = 1000


@dataclass(frozen=True)
class Cue:
    """One pattern with its reason in the clerk's words and the weights that fitting begins with."""

    name: str
    reason: str
    in_title: bool
    pattern: re.Pattern[str]
    prior: tuple[float, ...]
    recurs: bool = False

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Cue":
        """A cue from its table in ``config/reading/cues.toml``."""
        unknown = set(row["weights"]) - set(KINDS)
        if unknown:
            raise ValueError(f"cue {row['name']}: no such kind {sorted(unknown)}")
        prior = tuple(float(row["weights"].get(kind, 0.0)) for kind in KINDS)
        pattern = re.compile(row["pattern"])
        in_title, recurs = row.get("zone") == "title", row.get("recurs", False)
        return cls(row["name"], row["reason"], in_title, pattern, prior, recurs)


@dataclass(frozen=True)
class Heard:
    """A cue that the text gives: how strongly, and where it first stands (in the flat text).

    An empty span is a title that the sender gave and the text does not have.
    """

    cue: Cue
    strength: float
    start: int
    end: int


def heard_in(script: Script, title: str, cues: tuple[Cue, ...]) -> list[Heard]:
    """Every cue that the text or its title gives, in the order of the table."""
    flat = script.flat
    subject = SUBJECT.search(flat.text, min(len(title), len(flat.text)))
    begins = subject.start() if subject else 0
    zone = (begins, begins + SUBJECT_LENGTH)
    passed = notes_of(flat.text)
    heard = (_hear(cue, flat, title, zone=zone, passed=passed) for cue in cues)
    return [one for one in heard if one is not None]


def _hear(
    cue: Cue, flat: Folded, title: str, *, zone: tuple[int, int], passed: tuple[int, int]
) -> Heard | None:
    if cue.in_title:
        match = cue.pattern.search(title)
        if match is None:
            return None
        place = flat.text.find(title)
        if place < 0:
            return Heard(cue, 1.0, 0, 0)
        return Heard(cue, 1.0, place + match.start(), place + match.end())
    hits = _hits(cue.pattern, flat.text, passed)
    if not hits:
        return None
    inside = [hit for hit in hits if zone[0] <= hit[0] < zone[1]]
    fades, bonus = SLOWLY if cue.recurs else AT_ONCE
    share = min(1.0, LONG / len(flat.text)) if cue.recurs else 1.0
    strength = 1 - fades ** (len(hits) * share) + (bonus if inside else 0.0)
    return Heard(cue, strength, *(inside or hits)[0])


def _hits(pattern: re.Pattern[str], text: str, passed: tuple[int, int]) -> list[tuple[int, int]]:
    hits: list[tuple[int, int]] = []
    for match in pattern.finditer(text):
        if passed[0] <= match.start() < passed[1]:
            continue
        if not DENIED.search(text, max(match.start() - 10, 0), match.start()):
            hits.append(match.span())
            if len(hits) == MOST_HITS:
                break
    return hits
