"""From journeys to figures: pure functions, so that whoever has the records gets the same numbers."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from statistics import median

Pair = tuple[int, int]


class Stage(StrEnum):
    """The steps of the chain, in their order."""

    SHOWN = "shown"
    CONTACTED = "contacted"
    MET = "met"
    AGREED = "agreed"
    CONTRACT = "contract"
    REGISTERED = "registered"
    INCOME = "income"


@dataclass(frozen=True)
class Touch:
    """One thing that brought a pair together: ``channel``, or a broker by id, at an instant."""

    source: str
    at: datetime


@dataclass(frozen=True)
class Journey:
    """What became of one introduction; ``reached`` has the instant of each stage that stands.

    A stage that was taken back (a cancelled registration) is not in it. ``lost`` is the state in
    which it ended without a contract, ``lost_from`` the last stage before.
    """

    pair: Pair
    field: str
    league: str
    broker: str
    sent_on: date
    reached: Mapping[Stage, datetime]
    lost: str = ""
    lost_from: str = ""
    lost_reason: str = ""
    reasons: tuple[str, ...] = ()
    touches: tuple[Touch, ...] = ()

    @property
    def month(self) -> str:
        """``2026-11``, by the day on which the proposal was sent."""
        return self.sent_on.strftime("%Y-%m")

    @property
    def is_won(self) -> bool:
        """Whether a registered contract came of it."""
        return Stage.REGISTERED in self.reached


@dataclass(frozen=True)
class ShownIn:
    """Pairs that were shown, by what they are counted under."""

    field: str
    league: str
    month: str


@dataclass(frozen=True)
class Row:
    """One line of the funnel: what it is about, how many reached each stage."""

    name: str
    counts: Mapping[Stage, int]

    def share(self, stage: Stage) -> float | None:
        """Of those at the stage before, the share that reached ``stage``; ``None`` of nothing."""
        before = list(Stage)[max(list(Stage).index(stage) - 1, 0)]
        return self.counts[stage] / self.counts[before] if self.counts[before] else None


def row(name: str, journeys: Iterable[Journey], shown: int) -> Row:
    """Counts of pairs: one pair that was introduced twice is one."""
    counts = {Stage.SHOWN: shown}
    reached = defaultdict(set)
    for journey in journeys:
        for stage in journey.reached:
            reached[stage].add(journey.pair)
    return Row(name, counts | {s: len(reached[s]) for s in Stage if s != Stage.SHOWN})


def rows_by(journeys: Sequence[Journey], shown: Mapping[ShownIn, int], name: str) -> list[Row]:
    """The funnel by ``field``, ``league``, ``month`` or ``broker``; of a broker nothing is "shown"."""
    groups: dict[str, list[Journey]] = defaultdict(list)
    for journey in journeys:
        groups[getattr(journey, name)].append(journey)
    seen: Counter[str] = Counter()
    for key, count in shown.items():
        seen[getattr(key, name, "")] += count
    names = sorted(groups.keys() | (seen.keys() if name != "broker" else set()))
    return [row(one, groups[one], seen[one] if name != "broker" else 0) for one in names]


def median_days(journeys: Iterable[Journey]) -> dict[tuple[Stage, Stage], tuple[float, int]]:
    """Median days between two stages that follow each other, with how many it is taken over."""
    stages: list[Stage] = [stage for stage in Stage if stage != Stage.SHOWN]
    found: dict[tuple[Stage, Stage], list[float]] = defaultdict(list)
    for journey in journeys:
        there = [stage for stage in stages if stage in journey.reached]
        for one, other in zip(there, there[1:], strict=False):
            passed = journey.reached[other] - journey.reached[one]
            found[one, other].append(passed.total_seconds() / 86_400)
    order = sorted(found, key=lambda key: (stages.index(key[0]), stages.index(key[1])))
    return {key: (round(median(found[key]), 1), len(found[key])) for key in order}


def losses(journeys: Iterable[Journey]) -> list[tuple[str, str, int]]:
    """``(state before, reason, how many)``, the most frequent first."""
    lost = Counter((j.lost_from, j.lost_reason) for j in journeys if j.lost)
    return [(*key, n) for key, n in sorted(lost.items(), key=lambda item: (-item[1], item[0]))]


def without_other_brokers(journey: Journey, broker_id: int) -> Journey:
    """The journey as its broker may read it: every other broker is ``broker/others``."""
    own = f"broker/{broker_id}"
    touches = tuple(
        replace(t, source="broker/others")
        if t.source.startswith("broker/") and t.source != own
        else t
        for t in journey.touches
    )
    return replace(journey, touches=touches)


def last_touch(touches: Sequence[Touch]) -> dict[str, Fraction]:
    """All to whatever came last before the contact."""
    return {touches[-1].source: Fraction(1)} if touches else {}


def shared(touches: Sequence[Touch]) -> dict[str, Fraction]:
    """The same share to each source that touched the pair, however often it did."""
    sources = dict.fromkeys(touch.source for touch in touches)
    return {source: Fraction(1, len(sources)) for source in sources}


def attribution(
    journeys: Iterable[Journey], rule: Callable[[Sequence[Touch]], dict[str, Fraction]]
) -> dict[str, float]:
    """Registered contracts by source under ``rule``; they sum to the contracts that had a touch."""
    total: dict[str, Fraction] = defaultdict(Fraction)
    for journey in journeys:
        if journey.is_won:
            for source, part in rule(sorted(journey.touches, key=lambda t: t.at)).items():
                total[source] += part
    return {source: round(float(total[source]), 3) for source in sorted(total)}


@dataclass(frozen=True)
class Reason:
    """One reason of the matcher: how many introductions gave it, and what came of them."""

    name: str
    introductions: int
    contacted: int
    won: int


def reasons(journeys: Iterable[Journey]) -> list[Reason]:
    """Which reasons went with success, the most frequent first."""
    found: dict[str, list[Journey]] = defaultdict(list)
    for journey in journeys:
        for name in set(journey.reasons):
            found[name].append(journey)
    counted = [
        Reason(
            name,
            len(given),
            sum(Stage.CONTACTED in j.reached for j in given),
            sum(j.is_won for j in given),
        )
        for name, given in found.items()
    ]
    return sorted(counted, key=lambda r: (-r.introductions, r.name))
