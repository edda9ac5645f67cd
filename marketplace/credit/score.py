"""The score: what the records in effect on a day count for, by kind and year, and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from marketplace.credit.rules import CreditRules, KindRule
from marketplace.credit.states import Behaviour


@dataclass(frozen=True)
class Standing:
    """What the score needs of a record: its kind, and from when to before when it counts."""

    kind: Behaviour
    #: The day of the behaviour; its year has the cap.
    day: date
    #: ``None``: it has not taken effect.
    effective_on: date | None
    #: The first day on which it does not count any more.
    ended_on: date | None = None
    expires_on: date | None = None

    def counts_on(self, day: date) -> bool:
        """Whether it was in effect on ``day``."""
        ends = [one for one in (self.ended_on, self.expires_on) if one is not None]
        begun = self.effective_on is not None and self.effective_on <= day
        return begun and all(day < one for one in ends)


@dataclass(frozen=True)
class Part:
    """What one kind adds: ``count`` records, ``points`` after the caps, ``full`` before them."""

    kind: Behaviour
    count: int
    points: int
    full: int

    @property
    def is_capped(self) -> bool:
        """Whether the caps took something away."""
        return self.points != self.full


@dataclass(frozen=True)
class Score:
    """``total`` points within the bounds of ``rules``, with its parts in the order of the kinds."""

    total: int
    base: int
    parts: tuple[Part, ...]
    day: date
    rules: str


def score(records: Iterable[Standing], rules: CreditRules, day: date) -> Score:
    """What ``records`` count for on ``day``; the order of the records does not matter."""
    counts: defaultdict[Behaviour, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for record in records:
        if record.counts_on(day):
            counts[record.kind][record.day.year] += 1
    parts = tuple(
        _part(kind, rules.kinds[kind], counts[kind]) for kind in Behaviour if kind in counts
    )
    total = rules.base + sum(part.points for part in parts)
    bounded = max(rules.lowest, min(rules.highest, total))
    return Score(bounded, rules.base, parts, day, rules.name)


def _part(kind: Behaviour, rule: KindRule, years: dict[int, int]) -> Part:
    full = [rule.points * count for count in years.values()]
    kept = [max(-rule.cap, min(rule.cap, points)) if rule.cap else points for points in full]
    return Part(kind, sum(years.values()), sum(kept), sum(full))
