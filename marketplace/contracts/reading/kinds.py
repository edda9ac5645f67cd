"""Which kind of contract a text is, with the reasons that speak for it and those against.

A linear scorer over cues: each kind has the sum of strength × weight of the cues that were heard, and
the probabilities are its softmax. So every decision is the sum of its reasons and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from marketplace.contracts.reading.cues import KINDS, NAMES, Cue, Heard, Kind, heard_in
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found

BIAS = "bias"
#: Less than that moves no decision and is not told.
LEAST_TOLD = 0.15
MOST_TOLD = 8
#: Below this the kind is a guess, and the clerk is told so.
SURE = 0.6


@dataclass(frozen=True)
class Reason:
    """A cue that moved the decision: by how much, in whose words, from which sentence."""

    cue: str
    text: str
    weight: float
    found: Found[str]


@dataclass(frozen=True)
class Judgement:
    """The likely kind, how likely each is, and the reasons for and against the likely one."""

    kind: Kind
    likelihood: Mapping[Kind, float]
    speaks_for: tuple[Reason, ...]
    speaks_against: tuple[Reason, ...]

    @property
    def technical(self) -> bool:
        """Whether it is one of the five types."""
        return self.kind != Kind.OTHER

    @property
    def name(self) -> str | None:
        """``开发`` and so on; ``None`` for what is no technical contract."""
        return NAMES.get(self.kind)

    @property
    def is_sure(self) -> bool:
        """Whether one kind clearly leads."""
        return self.likelihood[self.kind] >= SURE


@dataclass(frozen=True)
class Scales:
    """The cues and their fitted weights."""

    cues: tuple[Cue, ...]
    weights: Mapping[str, tuple[float, ...]]

    @classmethod
    def from_tables(
        cls, cues: Iterable[Mapping[str, Any]], weights: Iterable[Mapping[str, str]]
    ) -> "Scales":
        """Scales from the tables ``cues.toml`` and ``weights.csv``.

        A cue without a row has the weights it began with.
        """
        rows = tuple(Cue.from_row(row) for row in cues)
        fitted = {row["cue"]: tuple(float(row[kind]) for kind in KINDS) for row in weights}
        began = {cue.name: cue.prior for cue in rows} | {BIAS: (0.0,) * len(KINDS)}
        return cls(rows, {name: fitted.get(name, prior) for name, prior in began.items()})

    def judge(self, script: Script, title: str) -> Judgement:
        """Weigh the text; the same text always gets the same answer."""
        heard = heard_in(script, title, self.cues)
        scores = list(self.weights[BIAS])
        for one in heard:
            for place, weight in enumerate(self.weights[one.cue.name]):
                scores[place] += one.strength * weight
        likelihood = dict(zip(KINDS, _softmax(scores), strict=True))
        kind = max(KINDS, key=lambda one: likelihood[one])
        reasons = [self._reason(script, one, kind) for one in heard]
        return Judgement(kind, likelihood, *_sorted(reasons))

    def _reason(self, script: Script, heard: Heard, kind: Kind) -> Reason:
        weights = self.weights[heard.cue.name]
        own = weights[KINDS.index(kind)]
        others = (sum(weights) - own) / (len(KINDS) - 1)
        best = max(w for place, w in enumerate(weights) if KINDS[place] != kind)
        # In favour as far as it lifts the kind over the others on the whole; against as far as it
        # lifts the one that it speaks for.
        moved = own - others if own >= best else own - best
        flat = script.flat
        where = found(script, flat, heard.start, heard.end, flat.text[heard.start : heard.end])
        return Reason(heard.cue.name, heard.cue.reason, round(heard.strength * moved, 3), where)


def _softmax(scores: Sequence[float]) -> list[float]:
    top = max(scores)
    powers = [exp(score - top) for score in scores]
    return [power / sum(powers) for power in powers]


def _sorted(reasons: list[Reason]) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    told = [reason for reason in reasons if abs(reason.weight) >= LEAST_TOLD]
    told.sort(key=lambda reason: (-abs(reason.weight), reason.cue))
    speaks_for = [reason for reason in told if reason.weight > 0]
    against = [reason for reason in told if reason.weight < 0]
    return tuple(speaks_for[:MOST_TOLD]), tuple(against[:MOST_TOLD])
