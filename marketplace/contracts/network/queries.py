"""What a registration point has to do, and how the network stands beside its plan. No writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.contracts import directory, queries
from marketplace.contracts.models import Contract
from marketplace.contracts.points import Desk, HostKind, RegistrationPoint, StaffMember
from marketplace.contracts.states import State
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Colleague:
    """Somebody at a point: the desk, whether they are away, how many cases lie with them."""

    user: Any
    member: StaffMember | None
    away: bool
    cases: int

    @property
    def desk(self) -> Desk:
        """Whoever was not put at a desk sits at A."""
        return self.member.desk if self.member else Desk.A


@dataclass(frozen=True)
class Office:
    """A point with its people and its work on one day."""

    point: RegistrationPoint
    colleagues: list[Colleague]
    #: The undecided cases with the days left of each, the first due first.
    waiting: list[tuple[Contract, int | None]]
    states: Mapping[State, int]
    shortcomings: list[str]

    @property
    def overdue(self) -> int:
        """How many cases have passed their deadline."""
        return sum(left is not None and left < 0 for _case, left in self.waiting)

    @property
    def fewest_days(self) -> int | None:
        """The days left of the case that is due first."""
        return min((left for _case, left in self.waiting if left is not None), default=None)


def office_of(point: RegistrationPoint, *, now: datetime) -> Office:
    """The point as it stands at ``now``."""
    day, load = local_day(now), directory.workload(point)
    members = {member.user_id: member for member in point.staff}
    people = {user.id: user for user in directory.eligible(point)}
    people |= {member.user_id: member.user for member in point.staff}
    colleagues = [
        Colleague(user, members.get(key), directory.is_away(user, day), load.get(key, 0))
        for key, user in sorted(people.items())
    ]
    return Office(
        point=point,
        colleagues=colleagues,
        waiting=_waiting(point, day),
        states=queries.count_by_state(point.code),
        shortcomings=directory.shortcomings(point, day),
    )


def _waiting(point: RegistrationPoint, day: date) -> list[tuple[Contract, int | None]]:
    rows = [(case, queries.days_left(case, day)) for case in queries.in_progress(point.code)]
    return sorted(rows, key=lambda row: (row[1] is None, row[1] or 0, row[0].id))


@dataclass(frozen=True)
class Target:
    """One line of the plan: how many points of a kind there should be, and how many there are."""

    kind: HostKind
    planned: int | None
    actual: int

    @property
    def missing(self) -> int:
        """How many are still to be set up; none where the plan says nothing."""
        return max((self.planned or 0) - self.actual, 0)


def targets_of(day: date) -> tuple[directory.Coverage, list[Target]]:
    """The network on ``day`` with each kind of host beside the plan in force."""
    coverage = directory.coverage(day)
    rows = [Target(kind, coverage.targets.get(kind), coverage.open[kind]) for kind in HostKind]
    return coverage, rows
