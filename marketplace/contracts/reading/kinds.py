"""Which kind of contract a text is, with the reasons that speak for it and those against.

A linear scorer in two views: each kind has the sum of strength × weight of the cues that were heard,
and what the wording of each sentence adds; the probabilities are its softmax. So every decision is the
sum of its reasons and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from marketplace.contracts.reading.cues import KINDS, NAMES, Cue, Heard, Kind, heard_in
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.sentences import Found, found
from marketplace.contracts.reading.wording import Sentence, Wording

BIAS = "bias"
#: Less than that moves no decision and is not told.
LEAST_TOLD = 0.05
MOST_TOLD = 8
#: Of the sentences whose wording tells, so many for and so many against.
MOST_SENTENCES = 2
WORDING = "wording"
SPEAKS_LIKE = "此句用语常见于{}"
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
    wording: Wording

    @classmethod
    def from_tables(
        cls,
        cues: Iterable[Mapping[str, Any]],
        weights: Iterable[Mapping[str, str]],
        wording: Iterable[Mapping[str, str]],
    ) -> "Scales":
        """Scales from the tables ``cues.toml``, ``weights.csv`` and ``wording.csv``.

        A cue without a row has the weights it began with.
        """
        rows = tuple(Cue.from_row(row) for row in cues)
        fitted = {row["cue"]: tuple(float(row[kind]) for kind in KINDS) for row in weights}
        began = {cue.name: cue.prior for cue in rows} | {BIAS: (0.0,) * len(KINDS)}
        own = {name: fitted.get(name, prior) for name, prior in began.items()}
        return cls(rows, own, Wording.from_table(wording))

    def judge(self, script: Script, title: str) -> Judgement:
        """Weigh the text; the same text always gets the same answer."""
        heard = heard_in(script, title, self.cues)
        pairs = zip(self.weights[BIAS], self.wording.scores(script, title), strict=True)
        scores = [sum(pair) for pair in pairs]
        for one in heard:
            for place, weight in enumerate(self.weights[one.cue.name]):
                scores[place] += one.strength * weight
        likelihood = dict(zip(KINDS, _softmax(scores), strict=True))
        kind = max(KINDS, key=lambda one: likelihood[one])
        reasons = [self._reason(script, title, one, kind) for one in heard]
        return Judgement(
            kind, likelihood, *_sorted([*reasons, *self._wordings(script, title, kind)])
        )

    def _wordings(self, script: Script, title: str, kind: Kind) -> list[Reason]:
        """The sentences whose wording tells most for the kind, and most against it."""
        told = sorted(self.wording.told(script, title, kind), key=lambda one: one.weight)
        lifting = [one for one in told[-MOST_SENTENCES:] if one.weight > 0]
        lowering = [one for one in told[:MOST_SENTENCES] if one.weight < 0]
        return [_worded(script, one, kind) for one in (*lifting, *lowering)]

    def _reason(self, script: Script, title: str, heard: Heard, kind: Kind) -> Reason:
        weights = self.weights[heard.cue.name]
        own = weights[KINDS.index(kind)]
        others = (sum(weights) - own) / (len(KINDS) - 1)
        best = max(w for place, w in enumerate(weights) if KINDS[place] != kind)
        # In favour as far as it lifts the kind over the others on the whole; against as far as it
        # lifts the one that it speaks for.
        moved = own - others if own >= best else own - best
        where = _where(script, title, heard)
        return Reason(heard.cue.name, heard.cue.reason, round(heard.strength * moved, 3), where)


def _where(script: Script, title: str, heard: Heard) -> Found[str]:
    if heard.start == heard.end:
        return Found(title, title, 0, 0)
    said = script.flat.text[heard.start : heard.end]
    return found(script, script.flat, heard.start, heard.end, said)


def _worded(script: Script, sentence: Sentence, kind: Kind) -> Reason:
    called = f"技术{NAMES[kind]}合同" if kind in NAMES else "非技术合同"
    text = SPEAKS_LIKE.format(called if sentence.weight > 0 else f"{called}以外的合同")
    flat = script.flat
    said = flat.text[sentence.start : sentence.end]
    where = found(script, flat, sentence.start, sentence.end, said)
    return Reason(WORDING, text, round(sentence.weight, 3), where)


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
