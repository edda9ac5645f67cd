"""What the ledger does not hold and a page may show beside it: plain selects over the cases.

Days and refusals never enter the ledger, so no table contains them. Parties enter it as commitments;
who they are is asked here, so that a public table can hide a cell that one of them dominates.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from marketplace.contracts.models import Contract, Party, Side
from marketplace.extensions import db
from marketplace.statistics.respondents import Parties, Respondents
from marketplace.working_days import Calendar


@dataclass(frozen=True)
class Casework:
    """The cases of one point that were decided in a period; ``days`` are working days, summed."""

    point: str
    registered: int
    refused: int
    days: int

    @property
    def refusal_rate(self) -> int:
        """Basis points of what was decided."""
        return self.refused * 10_000 // max(self.registered + self.refused, 1)

    @property
    def mean_days(self) -> float:
        """From acceptance to registration."""
        return self.days / max(self.registered, 1)


def casework(first: date, last: date, calendar: Calendar) -> list[Casework]:
    """For each point what it decided between two days, by its code."""
    registered = select(Contract.point_code, Contract.accepted_on, Contract.registered_on).where(
        Contract.registered_on.between(first, last)
    )
    refused = (
        select(Contract.point_code, func.count())
        .where(Contract.refused_on.between(first, last))
        .group_by(Contract.point_code)
    )
    refusals = {point: count for point, count in db.session.execute(refused)}
    days: dict[str, list[int]] = {point: [] for point in refusals}
    for point, accepted, done in db.session.execute(registered):
        if done is not None:
            days.setdefault(point, []).append(calendar.between(accepted or done, done))
    return [
        Casework(point, len(days[point]), refusals.get(point, 0), sum(days[point]))
        for point in sorted(days)
    ]


def respondents() -> Respondents:
    """Who is behind each registered contract: its sellers, and its buyers."""
    return Respondents([_parties_on(Side.SELLER), _parties_on(Side.BUYER)])


def _parties_on(side: Side) -> Parties:
    rows = (
        select(Contract.local_no, Party.uscc, Party.name)
        .join(Party, Party.contract_id == Contract.id)
        .where(Contract.local_no.is_not(None), Party.side == side)
    )
    found: dict[str, set[str]] = {}
    for number, code, name in db.session.execute(rows):
        found.setdefault(number or "", set()).add(code or name)
    return found
