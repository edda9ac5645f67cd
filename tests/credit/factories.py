"""Records in any state, deals as plain facts, and an operator who decides."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from marketplace.accounts.models import User
from marketplace.credit import operations
from marketplace.credit.behaviours import Subject
from marketplace.credit.facts import Deal, DealSide
from marketplace.credit.models import BehaviourRecord
from marketplace.credit.operations import Report
from marketplace.credit.situation import Proof
from marketplace.credit.states import Action, Behaviour
from marketplace.files import keep
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_user

#: A Thursday; ten working days later it is the 26th.
NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 12)
WAN = 1_000_000
_serial = count(1)


def a_proof(name: str = "裁决书.pdf") -> Proof:
    """A file that was handed in."""
    return Proof(name, keep(b"%PDF-1.7 " + f"proof {next(_serial)}".encode(), name))


def a_report(subject: Subject, **facts: Any) -> Report:
    """What an operator writes down about a broken agreement."""
    values = {"kind": Behaviour.AGREEMENT_BROKEN, "day": TODAY, "words": "未按期交付，经仲裁认定"}
    return Report(subject, **{**values, "proof": a_proof(), **facts})


def a_record(
    subject: Subject | None = None,
    *,
    recorder: User | None = None,
    now: datetime = NOW,
    **facts: Any,
) -> BehaviourRecord:
    """A noticed record of a broken agreement."""
    owner = subject or Subject(organization_id=a_user(Role.ENTERPRISE).organization_id)
    by = recorder or a_user(Role.OPERATOR)
    report = a_report(owner, **facts)
    return transact(lambda: operations.record_behaviour(report, actor=by, now=now))


def moved(record: BehaviourRecord, action: Action, actor: Any, **said: Any) -> BehaviourRecord:
    """The record after ``action`` of ``actor``, committed."""
    values = {"now": NOW, "words": "理由充分"} | said
    transact(lambda: operations.advance(record, action, actor=actor, **values))
    return record


def after(days: int) -> datetime:
    """So many days after :data:`NOW`."""
    return NOW + timedelta(days=days)


def in_effect(**facts: Any) -> BehaviourRecord:
    """A record whose objection period is over."""
    record = a_record(**facts)
    transact(lambda: operations.tidy(now=after(15)))
    return record


def a_side(key: str, **facts: str) -> DealSide:
    """A party with people and a telephone of its own."""
    values = {"representative": f"代表{key}", "contact": f"联系{key}", "phone": f"0472-{key}"}
    return DealSide(key, f"单位{key}", **(values | facts))


def a_deal(
    seller: Any, buyer: Any, day: date = TODAY, amount: int = 123_456_700, **facts: Any
) -> Deal:
    """A registration that stands, under a number of its own."""
    sides = [one if isinstance(one, DealSide) else a_side(one) for one in (seller, buyer)]
    return Deal(f"contract/{next(_serial)}", day, amount, *sides, **facts)
