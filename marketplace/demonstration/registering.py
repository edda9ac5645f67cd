"""Register many invented contracts at once: the rows that one registration after another would make.

What a registration is stays where it is: facts of an entry, versions, fingerprints and numbers are
made by the functions of ``contracts``; here they are only written together.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select

from marketplace.accounts.models import Console, Organization, OrganizationKind, User
from marketplace.codes import current_codes
from marketplace.contracts import directory, entries, queries
from marketplace.contracts.models import Party
from marketplace.contracts.points import HostKind, NumberSequence, RegistrationPoint
from marketplace.contracts.proceedings import (
    ContractVersion,
    IncomeLine,
    Refusal,
    Request,
    RequestKind,
)
from marketplace.contracts.snapshot import ROWS, SIDES, facts_of, fingerprint
from marketplace.contracts.states import TERMINAL, State
from marketplace.demonstration.contracts import Applicant, Invention, invent
from marketplace.demonstration.rows import Case, Row, rewrite, write, write_cases
from marketplace.extensions import db
from marketplace.ledger import operations as ledger
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger.entry import Draft, Kind, commitment
from marketplace.ledger.models import LedgerDisclosure
from marketplace.rules import Rules
from marketplace.working_days import current_calendar, local_day

OPENED = datetime(2021, 12, 31, 2, tzinfo=UTC)
#: So many of the last contracts are still under review, and so many were refused.
IN_REVIEW, REFUSED_IN = 24, 60

#: In which state what came of a contract leaves it, where not as it was.
STANDS = {
    "cancelled": State.CANCELLED,
    "revoked": State.REVOKED,
    "change_pending": State.CHANGE_PENDING,
    "cancel_pending": State.CANCEL_PENDING,
    "reexam": State.REEXAM,
}
ENDS = {"cancelled": Kind.CANCELLED, "revoked": Kind.REVOKED}
#: What has entries of its own.
ENTERED = {"changed", "paid", *ENDS}
REQUESTS = {
    "change_pending": (RequestKind.CHANGE, "补充协议延长期限（虚构）", ""),
    "cancel_pending": (RequestKind.CANCEL, "双方协商解除（虚构）", ""),
    "reexam": (RequestKind.OBJECTION, "疑非技术合同（虚构）", ""),
    "cancelled": (RequestKind.CANCEL, "双方协商解除（虚构）", "agreed"),
    "revoked": (RequestKind.REVOKE, "重复登记（虚构）", "revoked"),
}


class Sealing:
    """Commitments that are kept together, as :func:`ledger.operations.seal` keeps one."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def __call__(self, subject: str, field: str, value: str) -> str:
        """Seal one value."""
        salt = secrets.token_bytes(32)
        sealed = commitment(salt, field, value)
        row = {"commitment": sealed, "subject": subject, "field": field}
        self.rows.append(row | {"salt": salt, "value": value})
        return sealed

    def keep(self) -> None:
        """Write them down."""
        if self.rows:
            db.session.execute(insert(LedgerDisclosure), self.rows)


def load(people: dict[str, User], *, now: datetime) -> int:
    """Points, contracts of all kinds and their entries; how many contracts there are."""
    applicants = _applicants(_points())
    inventions = invent(applicants, current_calendar(), until=local_day(now))
    waiting, registered = inventions[-IN_REVIEW:], inventions[:-IN_REVIEW]
    contracts = register_all(registered, people, first_serials={})
    refused = [_refused(one) for one in inventions[::REFUSED_IN]]
    cases = [*(_under_review(*one) for one in enumerate(waiting)), *refused]
    write_cases(cases)
    write(Refusal, [_ground(case) for case in refused])
    return len(contracts) + len(cases)


def _points() -> dict[str, str]:
    """League → the code of its point; one is opened where there is none."""
    codes, known = current_codes(), {point.league: point.code for point in directory.points()}
    for league, name in codes.leagues.items():
        if league.startswith("15") and league not in known:
            point = directory.open_point(
                f"{league[:4]}01",
                _point_organization(league, name),
                HostKind.LEAGUE,
                region=league,
                actor=Console(),
                now=OPENED,
            )
            known[league] = point.code
    return known


def _point_organization(league: str, name: str) -> Organization:
    taken = select(RegistrationPoint.organization_id)
    free = select(Organization).where(
        Organization.kind == OrganizationKind.REGISTRATION_POINT,
        Organization.region == league,
        Organization.id.not_in(taken),
    )
    found = db.session.scalar(free.order_by(Organization.id).limit(1))
    if found is None:
        found = Organization(
            name=f"{name}技术合同登记点（演示）",
            kind=OrganizationKind.REGISTRATION_POINT,
            region=league,
            created_at=OPENED,
            verified_at=OPENED,
        )
        db.session.add(found)
        db.session.flush()
    return found


def _applicants(points: dict[str, str]) -> list[Applicant]:
    kinds = (OrganizationKind.ENTERPRISE, OrganizationKind.INSTITUTE)
    rows = select(Organization).where(Organization.kind.in_(kinds)).order_by(Organization.id)
    league = current_codes().league
    return [
        Applicant(
            row.id,
            row.name,
            row.uscc or "",
            row.region,
            row.kind == OrganizationKind.INSTITUTE,
            points[league(row.region)],
        )
        for row in db.session.scalars(rows)
        if league(row.region) in points
    ]


def register_all(
    inventions: Sequence[Invention], people: dict[str, User], *, first_serials: dict[Any, int]
) -> list[Case]:
    """Contracts, versions, incomes and the entries of the ledger, each counted on its own day."""
    points = {point.code: point for point in db.session.scalars(select(RegistrationPoint))}
    contracts = [_registered(one, first_serials, points) for one in inventions]
    write_cases(contracts)
    for (point, year), last in first_serials.items():
        db.session.add(NumberSequence(point_code=point, year=year, last=last))
    sealing = Sealing()
    versions, incomes = list[Row](), list[Row]()  # of the entries, which come first
    events = sorted(
        (event for pair in zip(inventions, contracts, strict=True) for event in _events(*pair)),
        key=lambda event: (event[0], event[1].id, event[2]),
    )
    drafts = _drafts(events, people, sealing, versions, incomes)
    sealing.keep()
    _append_by_month(drafts)
    changed = [contract for contract in contracts if contract.version > 1]
    rewrite(changed, "version", "deal_amount", "technology_amount")
    write(ContractVersion, versions)
    write(IncomeLine, incomes)
    write(Request, _requests(inventions, contracts))
    db.session.flush()
    return contracts


def _requests(inventions: Sequence[Invention], contracts: Sequence[Case]) -> list[Row]:
    """What was asked for: of contracts under change or objection, and of those that ended."""
    return [
        Row(
            Request,
            contract_id=contract.id,
            at=noon(one.fate_day),
            kind=kind,
            came_from=State.REGISTERED,
            reason=reason,
            decided_at=noon(one.fate_day) if outcome else None,
            outcome=outcome,
        )
        for one, contract in zip(inventions, contracts, strict=True)
        if one.fate in REQUESTS
        for kind, reason, outcome in (REQUESTS[one.fate],)
    ]


def _registered(
    one: Invention, serials: dict[Any, int], points: Mapping[str, RegistrationPoint]
) -> Case:
    rules, point = Rules.in_force(one.day), one.applicant.point
    serials[point, one.day.year] = serials.get((point, one.day.year), 0) + 1
    accepted, state = one.day - timedelta(days=4), STANDS.get(one.fate, State.REGISTERED)
    has_ended = state in TERMINAL
    contract: Any = Case(
        point=points[point],
        state=state,
        ended_on=one.fate_day if has_ended else None,
        **_opened(one, accepted, rules),
        **_said(one.facts),
        version=1,
        registered_on=one.day,
        registered_at=noon(one.day),
        local_no=f"{one.day.year:04d}{point}{serials[point, one.day.year]:06d}",
    )
    _name_applicant(contract, one)
    contract.live_fingerprint = None if has_ended else fingerprint(contract)
    return contract


def _opened(one: Invention, accepted: date, rules: Rules) -> dict[str, Any]:
    clock = rules.clock
    return {
        "organization_id": one.applicant.id,
        "point_code": one.applicant.point,
        "demonstration": True,
        "rules": rules.name,
        "created_at": noon(accepted),
        "updated_at": noon(one.day),
        "submitted_at": noon(accepted),
        "accepted_on": accepted,
        "due_on": clock.due(accepted, clock.review_days, current_calendar()),
    }


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as columns and rows of a new contract; what is not said is what the columns say."""
    sides = [(SIDES[side], row) for side in SIDES for row in facts[side]]
    parties = [
        Row(Party, position=place, side=side, **row) for place, (side, row) in enumerate(sides)
    ]
    tables = {
        name: [Row(model, position=place, **row) for place, row in enumerate(facts[name])]
        for name, model in ROWS.items()
    }
    plain = {name: value for name, value in facts.items() if name not in {*SIDES, *ROWS}}
    return {**plain, **tables, "parties": parties}


def _name_applicant(contract: Any, one: Invention) -> Case:
    for party in contract.parties:
        if party.uscc == one.applicant.uscc:
            party.organization_id = one.applicant.id
    return contract


def noon(day: date) -> datetime:
    """Noon in China."""
    return datetime.combine(day, time(4), UTC)


def _events(one: Invention, contract: Any) -> list[tuple[date, Case, int, str]]:
    first = (one.day, contract, 1, "registered")
    return [first, (one.fate_day, contract, 2, one.fate)] if one.fate in ENTERED else [first]


def _drafts(
    events: Sequence[tuple[date, Case, int, str]],
    people: dict[str, User],
    sealing: Sealing,
    versions: list[Row],
    incomes: list[Row],
) -> list[tuple[date, Draft]]:
    """The entries in order; a version knows the position at which its entry will stand."""
    start, drafts = ledger_queries.size(), list[tuple[date, Draft]]()
    standing: dict[int, Row] = {}
    for day, contract, _number, what in events:
        for draft in _of_event(day, contract, what, standing, people, sealing, incomes):
            if draft.kind == Kind.REGISTERED:
                standing[contract.id] = _version(contract, draft, day, start + len(drafts))
                versions.append(standing[contract.id])
            drafts.append((day, draft))
    return drafts


def _of_event(
    day: date,
    contract: Any,
    what: str,
    standing: dict[int, Row],
    people: dict[str, User],
    sealing: Sealing,
    incomes: list[Row],
) -> list[Draft]:
    if what == "registered":
        return [_draft(Kind.REGISTERED, contract, entries.registered_facts(contract, day, sealing))]
    before = standing[contract.id]
    if what == "paid":
        line: Any = _income(contract, day, people)
        incomes.append(line)
        facts = entries.income_facts(contract, line, before.entry, day, sealing)
        return [Draft(Kind.INCOME_VERIFIED, contract.key, facts, line.line, contract.rules)]
    back = entries.reversed_facts(before.entry, before.position, day)
    if what in ENDS:
        return [_draft(ENDS[what], contract, back)]
    reversal = _draft(Kind.REVERSED, contract, back)
    less = (contract.technology_amount or 0) // 1000 * 100
    contract.deal_amount, contract.version = (
        (contract.deal_amount or 0) - less,
        contract.version + 1,
    )
    contract.technology_amount = (contract.technology_amount or 0) - less
    facts = entries.registered_facts(contract, day, sealing)
    return [reversal, _draft(Kind.REGISTERED, contract, facts)]


def _draft(kind: Kind, contract: Any, facts: dict[str, Any]) -> Draft:
    return Draft(kind, contract.key, facts, contract.version, contract.rules)


def _version(contract: Any, draft: Draft, day: date, position: int) -> Row:
    return Row(
        ContractVersion,
        contract_id=contract.id,
        at=noon(day),
        version=contract.version,
        rules=contract.rules,
        registered_on=day,
        deal_amount=contract.deal_amount or 0,
        technology_amount=contract.technology_amount or 0,
        facts=facts_of(contract) | {"office": queries.office_of(contract)},
        entry=dict(draft.facts),
        position=position,
    )


def _income(contract: Any, day: date, people: dict[str, User]) -> Row:
    verified = max((contract.technology_amount or 0) // 2, 1)
    voucher = f"演示{contract.local_no}"
    return Row(
        IncomeLine,
        contract_id=contract.id,
        line=1,
        version=contract.version,
        received_on=day,
        voucher=voucher,
        live_voucher=voucher,
        received=verified,
        verified=verified,
        declared_at=noon(day),
        declared_by_id=people["institute"].id,
        verified_at=noon(day),
        verified_by_id=people["clerk"].id,
    )


def _append_by_month(drafts: Sequence[tuple[date, Draft]]) -> None:
    """A month at a time, as if it had been entered on its last day with an entry."""
    months: dict[tuple[int, int], list[tuple[date, Draft]]] = {}
    for day, draft in drafts:
        months.setdefault((day.year, day.month), []).append((day, draft))
    for rows in months.values():
        ledger.enter_many([draft for _day, draft in rows], now=noon(rows[-1][0]))


def _under_review(place: int, one: Invention) -> Case:
    """A case that waits: handed in, accepted, or before the second pair of eyes."""
    states = (State.SUBMITTED, State.ACCEPTED, State.REVIEW1, State.REVIEW2)
    facts = _opened(one, one.day, Rules.in_force(one.day))
    state = states[place % len(states)]
    if state == State.SUBMITTED:
        facts |= {"accepted_on": None, "due_on": None, "rules": ""}
    return _name_applicant(Case(state=state, **facts, **_said(one.facts)), one)


def _refused(one: Invention) -> Case:
    """The same kind of case, refused for what it lacks."""
    contract = Case(
        state=State.REFUSED,
        refused_on=one.day,
        **_opened(one, one.day - timedelta(days=6), Rules.in_force(one.day)),
        **_said({**one.facts, "project_name": f"{one.facts['project_name']}（补充）"}),
    )
    return _name_applicant(contract, one)


def _ground(case: Case) -> Row:
    words = {"code": "F07", "text": "缺少权属证明（虚构）", "evidence": "第二条"}
    return Row(Refusal, contract_id=case.id, at=noon(case.refused_on), **words)
