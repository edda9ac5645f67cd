"""What a text leaves out that would raise a given hit: codes and terms, for others to word.

Each piece of advice names something the other side states and the text does not, and what the
score would be with it (:mod:`matching.counterfactual`). It is only sound where it is true of the
text's subject: who shows it must say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matching.properties import PropertyReader, ends_in_measure
from matching.quantities import Quantity

MOST_ADVICE = 3
MOST_CANDIDATES = 3
LEAST_GAIN = 0.005
"""A gain of probability that rounds to nothing is not worth a line."""


class Lack(StrEnum):
    """Of what kind the thing left out is."""

    SCALE = "scale"
    TEMPERATURE = "temperature"
    PROPERTY = "property"
    CONCEPT = "concept"


class Absent(StrEnum):
    """What a text that asks says nothing of, whoever answers it."""

    SCALE = "scale"
    TEMPERATURE = "temperature"
    MEDIUM = "medium"
    PRESENT = "present"


@dataclass(frozen=True)
class Advice:
    """What to write, in the other side's words; ``raised`` is the gain of the raw score.

    ``stated`` is the value that the other side gives, "" for a concept; ``score`` the probability
    that the hit would then have.
    """

    lack: Lack
    term: str
    stated: str
    raised: float
    score: float


@dataclass(frozen=True)
class Candidate:
    """Words that the query might say, before it is known what they would do."""

    lack: Lack
    term: str
    stated: str = ""


_FLOWS = frozenset({"kg s^-1", "kg year^-1", "m^3 s^-1", "m^3 year^-1"})
_SCALES = _FLOWS | {"kg m^2 s^-3", "m^2", "kg", "m^3"}
_MEDIUM = re.compile(
    r"介质|物料|水质|成分|成份|组成|原料|烟气|废水|污水|料液|浓水|矿|煤|渣|粉|泥|水|气|油|土|肉|奶|草|ph|浓度|含量|粒径|材质"
)
_SCALE_WORDS = re.compile(
    r"处理量|规模|产量|产能|每天|每年|一天|一年|面积|台套|日产|年产|日处理|年处理"
)
_PRESENT_WORDS = re.compile(r"目前|现在|现状|现有|原来|已经|一直|试过|用过|仍")


def absent(normal: str, found: Sequence[Quantity]) -> tuple[Absent, ...]:
    """Return what an asking text says nothing of: by its numbers, and by words where it has none."""
    dimensions = {one.dimension for one in found}
    has = {
        Absent.SCALE: bool(dimensions & _SCALES or _SCALE_WORDS.search(normal)),
        Absent.TEMPERATURE: "°C" in dimensions or "温" in normal,
        Absent.MEDIUM: _MEDIUM.search(normal) is not None,
        Absent.PRESENT: any(one.before for one in found) or bool(_PRESENT_WORDS.search(normal)),
    }
    return tuple(kind for kind, given in has.items() if not given)


def unsaid_properties(
    own: Sequence[Quantity], other: Iterable[Quantity], reader: PropertyReader
) -> list[Candidate]:
    """Return the properties that the other side states in a dimension of which ``own`` is silent.

    Only what is surely a property: a rate of flow, a temperature, a row of a table, a known measure.
    """
    said = {one.dimension for one in own}
    found: dict[str, Candidate] = {}
    for stated in other:
        if stated.dimension in said or stated.before or not stated.name:
            continue
        lack = _lack(stated)
        sure = stated.in_table or lack is not Lack.PROPERTY
        read = reader.read(stated.name) if sure or ends_in_measure(stated.name) else None
        if read is not None and (sure or read.measure):
            kind = read.name if lack is Lack.PROPERTY else lack
            found.setdefault(kind, Candidate(lack, read.name, stated.text))
    return list(found.values())[:MOST_CANDIDATES]


def _lack(stated: Quantity) -> Lack:
    if stated.dimension in _FLOWS:
        return Lack.SCALE
    return Lack.TEMPERATURE if stated.dimension == "°C" else Lack.PROPERTY


def chosen(found: Iterable[Advice], now: float) -> tuple[Advice, ...]:
    """Return the advice that raises most, each by what can be seen beside the score ``now``."""
    ranked = sorted(found, key=lambda one: (-one.raised, one.term))
    return tuple(one for one in ranked if one.score - now >= LEAST_GAIN)[:MOST_ADVICE]
