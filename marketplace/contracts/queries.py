"""What is asked of contracts: one case, a clerk's queue, what the public may verify. No writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from marketplace import audit
from marketplace.accounts.models import User
from marketplace.audit import AuditEntry
from marketplace.contracts.checks import lights_of, risk_of
from marketplace.contracts.checks.parties import NATURAL_PERSON
from marketplace.contracts.models import Attachment, Contract, Party, Visibility
from marketplace.contracts.proceedings import (
    ContractVersion,
    IncomeLine,
    Notice,
    NoticeKind,
    Opinion,
    Refusal,
    Repair,
    Request,
    TypeTest,
)
from marketplace.contracts.snapshot import fingerprint
from marketplace.contracts.states import EDITABLE, IN_PROGRESS, LIVE, TIMED, State
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, permits
from marketplace.rules import Rules
from marketplace.working_days import current_calendar, local_day

#: PostgreSQL's integer; what is beyond it is no number of ours.
LARGEST_ID = 2**31 - 1


def load(contract_id: int, user: Any) -> Contract:
    """The case if ``user`` may see it; otherwise :class:`NotFound`, told apart by nothing."""
    contract = db.session.get(Contract, contract_id) if 0 < contract_id <= LARGEST_ID else None
    if contract is None:
        raise NotFound(_("没有找到这份合同"))
    if not permits(user, Permission.SEE_CONTRACT, contract):
        raise Hidden(_("没有找到这份合同"))
    return contract


def by_number(number: str) -> Contract:
    """The contract with that local or national number; :class:`NotFound` where there is none."""
    found = called(number)
    if found is None:
        raise NotFound(_("没有登记编号为%(number)s的合同", number=number[:20]))
    return found


def called(number: str) -> Contract | None:
    """The contract with that number, if there is one: our own number comes before a national one.

    Both have sixteen digits, and the national system may give to one what we gave to another.
    """
    known = or_(Contract.local_no == number, Contract.national_no == number)
    rows = db.session.scalars(select(Contract).where(known)).all()
    return max(rows, key=lambda row: row.local_no == number, default=None)


def by_attachment(digest: str) -> Sequence[Contract]:
    """The cases that carry a file with that digest."""
    bearing = select(Attachment.contract_id).where(Attachment.digest == digest)
    return db.session.scalars(select(Contract).where(Contract.id.in_(bearing))).all()


def rules_of(contract: Contract, day: date) -> Rules:
    """The version the case was accepted under; before acceptance the one in force on ``day``."""
    return Rules.called(contract.rules) if contract.rules else Rules.in_force(day)


def ticks_of(contract: Contract) -> dict[str, TypeTest]:
    """Test → tick, as far as the checklist was gone through."""
    rows = db.session.scalars(select(TypeTest).where(TypeTest.contract_id == contract.id))
    return {row.code: row for row in rows}


def repairs_of(contract: Contract) -> Sequence[Repair]:
    """Every item ever asked to be repaired, by round."""
    asked = select(Repair).where(Repair.contract_id == contract.id)
    return db.session.scalars(asked.order_by(Repair.round, Repair.id)).all()


def open_repairs(contract: Contract) -> list[Repair]:
    """The items of the last list."""
    rows = repairs_of(contract)
    return [row for row in rows if row.round == rows[-1].round]


def refusals_of(contract: Contract) -> Sequence[Refusal]:
    """The grounds of a refusal."""
    return _rows(Refusal, contract)


def opinions_of(contract: Contract) -> Sequence[Opinion]:
    """The experts' opinions."""
    return _rows(Opinion, contract)


def notices_of(contract: Contract) -> Sequence[Notice]:
    """What was written to whom about the case."""
    return _rows(Notice, contract)


def requests_of(contract: Contract) -> Sequence[Request]:
    """Every change, cancellation, revocation and objection that was asked."""
    return _rows(Request, contract)


def open_request(contract: Contract) -> Request | None:
    """The request that waits for a decision."""
    return next((one for one in reversed(requests_of(contract)) if one.decided_at is None), None)


def versions_of(contract: Contract) -> Sequence[ContractVersion]:
    """The registration as it stood, version by version."""
    return _rows(ContractVersion, contract)


def office_of(contract: Contract) -> dict[str, str]:
    """Who registered it, by name: accounts and offices are renamed, what was certified is not."""
    reviewers = (contract.first_reviewer_id, contract.second_reviewer_id)
    registrar, reviewer = (_name_of(user_id) for user_id in reviewers)
    return {
        "point": contract.point.organization.name,
        "registrar": registrar,
        "reviewer": reviewer,
        "national_no": contract.national_no or "",
    }


def _name_of(user_id: int | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return user.display_name if user else ""


def incomes_of(contract: Contract) -> Sequence[IncomeLine]:
    """The receipts, line by line."""
    lines = select(IncomeLine).where(IncomeLine.contract_id == contract.id)
    return db.session.scalars(lines.order_by(IncomeLine.line)).all()


def _rows(model: Any, contract: Contract) -> Sequence[Any]:
    of_case = select(model).where(model.contract_id == contract.id)
    return db.session.scalars(of_case.order_by(model.id)).all()


def has_been_told(contract: Contract, kind: NoticeKind) -> bool:
    """Whether a notice of that kind was written about the case."""
    return any(notice.kind == kind for notice in notices_of(contract))


def history_of(contract: Contract) -> Sequence[AuditEntry]:
    """Who did what with the case, first things first."""
    return audit.entries_of(contract.key)


def verified_income(contract: Contract) -> int:
    """Σ 核定额 of the contract, in fen."""
    lines = select(func.sum(IncomeLine.verified)).where(IncomeLine.contract_id == contract.id)
    return int(db.session.scalar(lines) or 0)


def live_twin(contract: Contract) -> Contract | None:
    """Another registration of the same text, parties and signing date that stands, anywhere."""
    twin = select(Contract).where(
        Contract.live_fingerprint == fingerprint(contract), Contract.id != contract.id
    )
    return db.session.scalar(twin.limit(1))


def own(user: Any) -> Sequence[Contract]:
    """The cases of the user's organisation, the newest first."""
    mine = select(Contract).where(Contract.organization_id == user.organization_id)
    return db.session.scalars(mine.order_by(Contract.id.desc())).all()


def latest(state: State | None, *, limit: int) -> Sequence[Contract]:
    """The newest contracts, in one state or in any; for the console, which may see all."""
    newest = select(Contract).order_by(Contract.id.desc()).limit(limit)
    return db.session.scalars(
        newest if state is None else newest.where(Contract.state == state)
    ).all()


def of_listing(*, need_id: int | None = None, result_id: int | None = None) -> Sequence[Contract]:
    """The contracts to which a need or a result led."""
    column, value = (Contract.need_id, need_id) if need_id else (Contract.result_id, result_id)
    return db.session.scalars(select(Contract).where(column == value).order_by(Contract.id)).all()


@dataclass(frozen=True)
class Waiting:
    """A case in a queue: its risk, and how many days are left; negative: overdue; none: no clock."""

    contract: Contract
    risk: int
    days_left: int | None

    @property
    def is_overdue(self) -> bool:
        """Whether its deadline has passed; overdue is seen, never a silent lapse."""
        return self.days_left is not None and self.days_left < 0


def queue_of(point_code: str, *, now: datetime) -> list[Waiting]:
    """What waits at a point: the overdue and the risky first, then by days left."""
    return waiting(Contract.point_code == point_code, now=now)


def waiting(*conditions: Any, now: datetime) -> list[Waiting]:
    """What waits at any office under ``conditions``, in the order of :func:`queue_of`."""
    day = local_day(now)
    rows = db.session.scalars(
        select(Contract).where(*conditions, Contract.state.in_(AT_THE_OFFICE))
    )
    return sorted((waiting_as(contract, day) for contract in rows), key=_by_urgency)


#: Somebody at an office has to act.
AT_THE_OFFICE = TIMED | {
    State.SUBMITTED,
    State.CHANGE_PENDING,
    State.CANCEL_PENDING,
    State.REEXAM,
}


def _by_urgency(row: Waiting) -> tuple[bool, int, int, int]:
    left = row.days_left if row.days_left is not None else 10_000
    return not row.is_overdue, -row.risk, left, row.contract.id


def waiting_as(contract: Contract, day: date) -> Waiting:
    """The case with its risk and the days that are left."""
    lights = lights_of(contract, rules_of(contract, day), day)
    return Waiting(contract, risk_of(lights), days_left(contract, day))


def days_left(contract: Contract, day: date) -> int | None:
    """Days of the review clock that are left on ``day``, in the unit of the rules."""
    if contract.state not in TIMED or contract.due_on is None:
        return None
    return rules_of(contract, day).clock.used(day, contract.due_on, current_calendar())


def overdue_supplements(day: date) -> Sequence[Contract]:
    """Cases whose list of repairs nobody has answered in time."""
    late = select(Contract).where(
        Contract.state == State.SUPPLEMENT, Contract.supplement_due_on < day
    )
    return db.session.scalars(late.order_by(Contract.id)).all()


@dataclass(frozen=True)
class PublicFacts:
    """What the page behind a certificate's QR code shows: nothing that is confidential."""

    number: str
    state: State
    is_valid: bool
    version: int
    registered_on: date
    ended_on: date | None
    point: str
    type: str
    project_name: str
    sellers: tuple[str, ...]
    buyers: tuple[str, ...]
    deal_amount: int | None
    technology_amount: int | None
    rules: str
    position: int


def public_facts(number: str) -> PublicFacts:
    """What anybody may verify of a registration; names and sums as its visibility allows."""
    contract = by_number(number)
    version = versions_of(contract)[-1]
    is_open = contract.visibility == Visibility.PUBLIC
    shown = contract.visibility != Visibility.PRIVATE
    return PublicFacts(
        number=contract.local_no or "",
        state=contract.state,
        is_valid=contract.state in LIVE | {State.REEXAM} and contract.local_no is not None,
        version=contract.version,
        registered_on=version.registered_on,
        ended_on=contract.ended_on,
        point=contract.point.organization.name,
        type=Rules.called(contract.rules).name_of("type", contract.type),
        project_name=contract.project_name if shown else "",
        sellers=tuple(_shown(party, is_open) for party in contract.sellers if shown),
        buyers=tuple(_shown(party, is_open) for party in contract.buyers if shown),
        deal_amount=contract.deal_amount if is_open else None,
        technology_amount=contract.technology_amount if is_open else None,
        rules=contract.rules,
        position=version.position,
    )


def _shown(party: Party, is_open: bool) -> str:
    """A natural person is never named in public; a firm only where the contract is open."""
    is_person = party.nature == NATURAL_PERSON
    if is_open and not is_person:
        return party.name
    return party.name[:1] + "*" * (2 if is_person else 4)


def count_by_state(point_code: str) -> dict[State, int]:
    """How many cases of a point stand where."""
    counted = select(Contract.state, func.count()).where(Contract.point_code == point_code)
    return {state: number for state, number in db.session.execute(counted.group_by(Contract.state))}


def in_progress(point_code: str) -> Sequence[Contract]:
    """The cases of a point that are not decided yet."""
    open_ = select(Contract).where(
        Contract.point_code == point_code, Contract.state.in_(IN_PROGRESS)
    )
    return db.session.scalars(open_.order_by(Contract.id)).all()


def income_line(contract: Contract, line: int) -> IncomeLine:
    """One receipt of the contract; :class:`NotFound` where there is no such line."""
    found = [row for row in incomes_of(contract) if row.line == line]
    if not found:
        raise NotFound(_("没有这一笔收入"))
    return found[0]


def next_draft(contract: Contract, user: Any) -> Contract | None:
    """The next case after ``contract`` that the user is still writing."""
    mine = or_(Contract.organization_id == user.organization_id, Contract.typist_id == user.id)
    writing = select(Contract).where(mine, Contract.state.in_(EDITABLE), Contract.id != contract.id)
    return db.session.scalar(writing.order_by(Contract.id <= contract.id, Contract.id).limit(1))
