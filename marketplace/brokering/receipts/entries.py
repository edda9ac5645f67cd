"""What the ledger keeps of an introduction: the day in the open, the names as commitments."""

from datetime import datetime
from typing import Any

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Side
from marketplace.ledger.entry import Kind
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.operations import append, seal
from marketplace.rules import Rules
from marketplace.working_days import local_day

#: Field of the entry → what is behind its commitment.
FIELDS = ("introducer", "need_owner", "result_owner", "need", "result")


def introducer_of(introduction: Introduction) -> str:
    """Who introduced: the broker with the house, or the side that wrote the proposal."""
    if introduction.broker is not None:
        house = introduction.broker.organization
        names = [introduction.broker.display_name, house.name if house else ""]
        return "·".join(name for name in names if name)
    is_need = introduction.opening_side == Side.NEED
    return introduction.need_owner.name if is_need else introduction.result_owner.name


def values_of(introduction: Introduction) -> dict[str, str]:
    """The values behind the commitments, as they are on the day of contact."""
    need, result = introduction.need, introduction.result
    values = (
        introducer_of(introduction),
        introduction.need_owner.name,
        introduction.result_owner.name,
        f"{need.number} {need.title}",
        f"{result.number} {result.title}",
    )
    return dict(zip(FIELDS, values, strict=True))


def enter(introduction: Introduction, *, now: datetime) -> LedgerEntry:
    """Append the entry of the day on which both sides were in contact; once for each introduction."""
    day = local_day(now)
    sealed = {f: seal(introduction.key, f, v) for f, v in values_of(introduction).items()}
    facts: dict[str, Any] = {"date": day.isoformat(), **sealed}
    facts["demonstration"] = introduction.demonstration
    rules = Rules.in_force(day).name
    return append(Kind.INTRODUCED, introduction.key, facts, version=1, rules=rules, now=now)
