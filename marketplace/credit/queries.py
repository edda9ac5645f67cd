"""What is asked about records, scores and signs; no writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import Organization, User
from marketplace.accounts.queries import organization_called, user_called
from marketplace.credit.behaviours import Subject
from marketplace.credit.models import BehaviourRecord, RecordStep, Sign
from marketplace.credit.rules import CreditRules
from marketplace.credit.score import Score, score
from marketplace.credit.states import IN_EFFECT, PENDING, Behaviour, State, Verdict
from marketplace.errors import InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, Role, permits

LARGEST_ID = 2**31 - 1
#: So many signs and judged signs are shown.
SHOWN_SIGNS = 200


@dataclass(frozen=True)
class Account:
    """Whose credit a page shows, with the score of the day and the records that its reader may see."""

    name: str
    subject: Subject
    score: Score
    rules: CreditRules
    records: Sequence[BehaviourRecord]


def load(record_id: int, user: Any) -> BehaviourRecord:
    """A record that ``user`` may see; others get the same answer as for none at all."""
    found = db.session.get(BehaviourRecord, record_id) if record_id <= LARGEST_ID else None
    if found is None or not permits(user, Permission.SEE_CREDIT_RECORD, found):
        raise NotFound(_("没有找到这条信用记录"))
    return found


def load_sign(sign_id: int) -> Sign:
    """A sign; :class:`NotFound` where there is none."""
    found = db.session.get(Sign, sign_id) if sign_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("没有找到这条异常迹象"))
    return found


def step_with_file(record: BehaviourRecord, step_id: int) -> RecordStep:
    """The step of ``record`` whose file is asked for; :class:`NotFound` where it has none."""
    found = next((step for step in record.steps if step.id == step_id), None)
    if found is None or not found.file_digest:
        raise NotFound(_("没有找到这份材料"))
    return found


def records_of(subject: Subject) -> Sequence[BehaviourRecord]:
    """Every record of one subject, the latest behaviour first."""
    own = _of(subject).options(selectinload(BehaviourRecord.steps))
    latest = own.order_by(BehaviourRecord.day.desc(), BehaviourRecord.id.desc())
    return db.session.scalars(latest).all()


def _of(subject: Subject) -> Select[Any]:
    return select(BehaviourRecord).where(
        BehaviourRecord.organization_id == subject.organization_id
        if subject.organization_id is not None
        else BehaviourRecord.user_id == subject.user_id
    )


def account_of(subject: Subject, name: str, user: Any, day: date) -> Account:
    """The credit of ``subject`` on ``day`` as ``user`` sees it: records not in effect are left out."""
    records = records_of(subject)
    rules = CreditRules.in_force(day)
    counted = score((record.standing for record in records), rules, day)
    visible = [r for r in records if permits(user, Permission.SEE_CREDIT_RECORD, r)]
    return Account(name, subject, counted, rules, visible)


def score_of(subject: Subject, day: date) -> Score:
    """The score of ``subject`` on ``day``, from the records that were in effect then."""
    standings = (record.standing for record in records_of(subject))
    return score(standings, CreditRules.in_force(day), day)


def organization(organization_id: int) -> Organization:
    """An organisation; :class:`NotFound` where there is none."""
    found = db.session.get(Organization, organization_id) if organization_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("没有找到这个单位"))
    return found


def broker(user_id: int) -> User:
    """A broker; :class:`NotFound` for everybody else."""
    found = db.session.get(User, user_id) if user_id <= LARGEST_ID else None
    if found is None or found.role != Role.BROKER:
        raise NotFound(_("没有找到这位技术经纪人"))
    return found


def subject_called(text: str) -> tuple[Subject, str]:
    """Subject and name of an organisation by name or code, or of a broker by user name.

    :class:`InvalidInput` where nobody is called so.
    """
    found = organization_called(text.strip()) if text.strip() else None
    if found is not None:
        return Subject(organization_id=found.id), found.name
    person = user_called(text.strip())
    if person is None or person.role != Role.BROKER:
        said = _(
            "没有名称、统一社会信用代码或经纪人用户名为“%(text)s”的主体", text=text.strip()[:60]
        )
        raise InvalidInput({"subject": [said]})
    return Subject(user_id=person.id), person.display_name


def known_keys() -> set[tuple[int | None, int | None, str, str]]:
    """The keys of all records, as :attr:`behaviours.Found.key` writes them."""
    columns = (
        BehaviourRecord.organization_id,
        BehaviourRecord.user_id,
        BehaviourRecord.kind,
        BehaviourRecord.source,
    )
    rows = db.session.execute(select(*columns))
    return {(owner, person, kind.value, source) for owner, person, kind, source in rows}


def standing_on(sources: Iterable[str], kinds: Iterable[Behaviour]) -> list[BehaviourRecord]:
    """Records of ``kinds`` that rest on one of ``sources`` and have not ended."""
    wanted = set(sources)
    living = select(BehaviourRecord).where(
        BehaviourRecord.kind.in_(list(kinds)), BehaviourRecord.state.in_(PENDING | IN_EFFECT)
    )
    return [one for one in db.session.scalars(living) if one.source in wanted]


def due_to_take_effect(day: date) -> Sequence[BehaviourRecord]:
    """Noticed, and the last day of the objection period is over."""
    due = select(BehaviourRecord).where(
        BehaviourRecord.state == State.NOTICED, BehaviourRecord.objection_due_on < day
    )
    return db.session.scalars(due.order_by(BehaviourRecord.id)).all()


def due_to_expire(day: date) -> Sequence[BehaviourRecord]:
    """In effect, and the day of expiry has come."""
    due = select(BehaviourRecord).where(
        BehaviourRecord.state.in_(IN_EFFECT), BehaviourRecord.expires_on <= day
    )
    return db.session.scalars(due.order_by(BehaviourRecord.id)).all()


def undecided() -> Sequence[BehaviourRecord]:
    """What waits for the operator, and what runs before effect, the oldest first."""
    waiting = select(BehaviourRecord).where(
        BehaviourRecord.state.in_([State.OBJECTED, State.REPAIRING, State.NOTICED])
    )
    whole = waiting.options(selectinload(BehaviourRecord.steps))
    return db.session.scalars(whole.order_by(BehaviourRecord.id)).all()


def known_signs() -> set[str]:
    """The keys of all signs."""
    return set(db.session.scalars(select(Sign.key)))


def signs(verdict: Verdict | None = None) -> Sequence[Sign]:
    """The latest signs, of one verdict or of all."""
    found = select(Sign).order_by(Sign.id.desc()).limit(SHOWN_SIGNS)
    return db.session.scalars(
        found if verdict is None else found.where(Sign.verdict == verdict)
    ).all()


def names_of(subjects: Sequence[str]) -> dict[str, int]:
    """Organisation ids by name, for those among ``subjects`` that are members of the market."""
    rows = select(Organization.name, Organization.id).where(
        or_(Organization.name.in_(subjects), Organization.uscc.in_(subjects))
    )
    return {name: id_ for name, id_ in db.session.execute(rows)}
