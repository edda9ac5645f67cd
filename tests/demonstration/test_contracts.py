"""The invented contracts: as many and as large as was published, and rows like any registration's."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from marketplace.accounts.models import OrganizationKind, User
from marketplace.contracts import operations
from marketplace.contracts.checks import errors_of
from marketplace.contracts.models import Contract
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.proceedings import ContractVersion, Request
from marketplace.contracts.states import TERMINAL, Action, State
from marketplace.demonstration import registering
from marketplace.demonstration.contracts import Applicant, Invention, invent
from marketplace.demonstration.registering import noon
from marketplace.extensions import db
from marketplace.ledger.models import LedgerEntry, LedgerFigure
from marketplace.ledger.verification import verify
from marketplace.permissions import Role
from marketplace.rules import Rules
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.documents import document
from marketplace.transactions import transact
from marketplace.working_days import current_calendar
from tests.contracts.factories import PDF, Office, a_person, moved, ticked
from tests.contracts.factories import an_office as an_office_of_today
from tests.factories import an_organization

YI = 10_000_000_000


def an_office(code: str) -> Office:
    """A point that was open before the first invented contract."""
    office = an_office_of_today(code)

    def open_earlier() -> None:
        db.session.get(RegistrationPoint, code).opened_on = date(2021, 12, 31)

    transact(open_earlier)
    return office


def applicants_of(office: Office) -> list[Applicant]:
    """The applicant of the office, an institute of Baotou."""
    row = office.applicant.organization
    return [Applicant(row.id, row.name, row.uscc or "", row.region, True, office.point.code)]


def some_applicants(app: Flask) -> list[Applicant]:
    return [Applicant(n, f"演示单位{n}", "", "150203", n % 2 == 0, "150201") for n in range(1, 9)]


@pytest.fixture
def inventions(app: Flask) -> list[Invention]:
    """All of them up to the summer of 2024."""
    return invent(some_applicants(app), current_calendar(), until=date(2024, 5, 16))


@pytest.mark.parametrize(
    ("first", "last", "contracts", "deal", "technology"),
    [
        (date(2022, 1, 1), date(2022, 12, 31), 1527, 52.49, None),
        (date(2023, 1, 1), date(2023, 12, 31), 2219, 61.71, None),
        (date(2023, 1, 1), date(2023, 6, 30), 605, 18.66, 12.09),
        (date(2024, 1, 1), date(2024, 5, 15), 444, 11.27, None),
    ],
)
def test_counts_and_sums_are_the_published_ones(
    inventions: list[Invention], first: date, last: date, contracts: int, deal: float, technology
) -> None:
    within = [one.facts for one in inventions if first <= one.day <= last]
    assert len(within) == contracts
    assert sum(facts["deal_amount"] for facts in within) == round(deal * YI)
    if technology:
        assert sum(facts["technology_amount"] for facts in within) == round(technology * YI)


def test_four_fields_have_most_contracts_of_early_2023(inventions: list[Invention]) -> None:
    early = [
        i.facts["field"][:2] for i in inventions if date(2023, 1, 1) <= i.day < date(2023, 7, 1)
    ]
    share = sum(field in ("01", "07", "05", "09") for field in early) / len(early)
    assert 0.7 < share < 0.84


def test_the_same_seed_invents_the_same(app: Flask) -> None:
    calendar, people = current_calendar(), some_applicants(app)
    first, again = (invent(people, calendar, until=date(2022, 3, 1)) for _ in range(2))
    assert first == again and first


def test_nothing_is_registered_on_a_day_off_or_later_than_asked(
    inventions: list[Invention],
) -> None:
    calendar = current_calendar()
    assert all(calendar.is_working(i.day) and i.day < date(2024, 5, 16) for i in inventions)
    assert all(i.fate_day < date(2024, 5, 16) for i in inventions)


@pytest.fixture
def loaded(app: Flask) -> Office:
    """A market with the contracts of two months, their changes and cancellations."""
    office = an_office("150201")
    people = {"institute": office.applicant.id, "clerk": office.clerk.id}
    people_of = {name: db.session.get(User, key) for name, key in people.items()}
    until = date(2022, 12, 31)
    some = invent(applicants_of(office), current_calendar(), until=until)[::20]
    for place, fate in enumerate(("changed", "cancelled", "paid")):
        some[place] = replace(some[place], fate=fate, fate_day=some[place].day + timedelta(days=60))
    transact(lambda: registering.register_all(some, people_of, first_serials={}))
    return office


def test_every_invented_contract_would_pass_the_form(loaded: Office) -> None:
    for contract in db.session.scalars(select(Contract)):
        errors = errors_of(contract, Rules.called(contract.rules), contract.registered_on)
        assert errors == {}, contract.project_name


def test_the_ledger_of_the_demonstration_is_sound_and_says_that_it_is_invented(
    loaded: Office,
) -> None:
    assert [*verify([])] == []
    assert db.session.scalar(select(func.count()).where(~LedgerFigure.demonstration)) == 0
    made = document(select_table("T1", period_called("2022"), as_of("", today=date(2026, 1, 1))))
    assert made["demonstration_entries"] == db.session.scalar(
        select(func.count(LedgerEntry.position))
    )


def test_the_entries_of_each_contract_sum_to_what_it_now_says(loaded: Office) -> None:
    sums = {
        number: (count, int(deal), int(technology))
        for number, count, deal, technology in db.session.execute(
            select(
                LedgerFigure.number,
                func.sum(LedgerFigure.count),
                func.sum(LedgerFigure.deal),
                func.sum(LedgerFigure.technology),
            ).group_by(LedgerFigure.number)
        )
    }
    states = set()
    for contract in db.session.scalars(select(Contract)):
        states.add((contract.state, contract.version))
        stands = contract.state not in TERMINAL
        now = (1, contract.deal_amount, contract.technology_amount) if stands else (0, 0, 0)
        assert sums[contract.local_no] == now
    assert {(State.REGISTERED, 2), (State.CANCELLED, 1)} <= states


def registered_by_hand(one: Invention, office: Office) -> Contract:
    """The same contract by every step of the procedure."""
    now = noon(one.day)

    def write_down() -> Contract:
        made = operations.create(
            dict(one.facts), point=office.point, actor=office.applicant, now=now, demonstration=True
        )
        for kind in ("contract", "cost", "ip"):
            operations.attach(
                made, kind, f"{kind}.pdf", PDF + kind.encode(), actor=office.applicant, now=now
            )
        return made

    contract = transact(write_down)
    moved(contract, Action.SUBMIT, office.applicant, now=now)
    moved(contract, Action.ACCEPT, office.clerk, now=now)
    moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk, now=now)
    ticked(contract, office.clerk, now=now)
    moved(contract, Action.PROPOSE, office.clerk, now=now)
    if contract.state == State.REVIEW2:
        moved(contract, Action.AGREE, office.reviewer, now=now)
    return contract


#: What the steps leave behind and a list of rows cannot have: who acted when, papers, keys.
OF_THE_STEPS = {
    "id", "revision", "created_at", "updated_at", "submitted_at", "accepted_on", "due_on",
    "first_reviewer_id", "second_reviewer_id", "live_fingerprint", "sampled", "triggers",
    "contract_id", "at", "by_id", "position", "entry",
}  # fmt: skip


def columns_of(row) -> dict:
    names = {column.key for column in inspect(type(row)).columns} - OF_THE_STEPS
    return {name: getattr(row, name) for name in names}


def without_names(version: ContractVersion) -> dict:
    """All but what the office is called and who reviewed: it is another, and nobody did."""
    columns = columns_of(version)
    office = dict.fromkeys(columns["facts"]["office"], "")
    return columns | {"facts": columns["facts"] | {"office": office}}


def facts_without_commitments(content: dict) -> dict:
    return {name: value for name, value in content.items() if name not in ("parties", "project")}


def test_many_at_once_make_the_rows_that_one_by_one_make(app: Flask) -> None:
    office = an_office("150201")
    small = next(
        one
        for one in invent(applicants_of(office), current_calendar(), until=date(2022, 4, 1))
        if one.facts["technology_amount"] < 10**8 and one.facts["type"] in ("11", "51")
    )
    small = Invention(small.day, small.applicant, small.facts, "", small.day)
    one = registered_by_hand(small, office)
    by_hand = (
        columns_of(one),
        [columns_of(row) for row in (*one.parties, *one.rights, *one.deductions)],
        [without_names(row) for row in db.session.scalars(select(ContractVersion))],
        [facts_without_commitments(e.facts) for e in db.session.scalars(select(LedgerEntry))],
    )
    db.session.remove()
    db.drop_all()
    db.create_all()
    office = an_office("150201")
    same = Invention(small.day, small.applicant, small.facts, "", small.day)
    transact(lambda: registering.register_all([same], {}, first_serials={}))
    (row,) = db.session.scalars(select(Contract)).all()
    at_once = (
        columns_of(row),
        [columns_of(part) for part in (*row.parties, *row.rights, *row.deductions)],
        [without_names(version) for version in db.session.scalars(select(ContractVersion))],
        [facts_without_commitments(e.facts) for e in db.session.scalars(select(LedgerEntry))],
    )
    assert at_once == by_hand


def test_the_whole_demonstration_has_cases_in_every_stage(app: Flask) -> None:
    for kind in (OrganizationKind.ENTERPRISE, OrganizationKind.INSTITUTE):
        an_organization(kind)
    people = {
        name: a_person(role).id
        for name, role in (("institute", Role.INSTITUTE), ("clerk", Role.CLERK))
    }

    def work() -> int:
        return registering.load(
            {name: db.session.get(User, key) for name, key in people.items()},
            now=noon(date(2022, 2, 1)),
        )

    count = transact(work)
    states = set(db.session.scalars(select(Contract.state)))
    assert {
        State.REGISTERED,
        State.REFUSED,
        State.SUBMITTED,
        State.REVIEW1,
        State.REVIEW2,
        State.CHANGE_PENDING,
    } <= states
    assert count == db.session.scalar(select(func.count(Contract.id)))
    assert all(db.session.scalars(select(Contract.demonstration)))


def test_some_are_under_change_or_objection_and_some_have_ended(
    inventions: list[Invention],
) -> None:
    fates = {one.fate for one in inventions}
    assert fates >= {"changed", "cancelled", "revoked", "paid", "change_pending", "reexam"}


@pytest.mark.parametrize("fate", registering.STANDS)
def test_what_came_of_a_contract_is_its_state_its_request_and_its_entries(
    app: Flask, fate: str
) -> None:
    office = an_office("150203")
    people = {"institute": office.applicant, "clerk": office.clerk}
    one = invent(applicants_of(office), current_calendar(), until=date(2022, 2, 1))[0]
    one = replace(one, fate=fate, fate_day=one.day + timedelta(days=60))

    def work() -> int:
        return registering.register_all([one], people, first_serials={})[0].id

    contract = db.session.get(Contract, transact(work))
    assert contract.state == registering.STANDS[fate]
    (request,) = db.session.scalars(select(Request)).all()
    assert (request.contract_id, request.kind) == (contract.id, registering.REQUESTS[fate][0])
    in_order = select(LedgerEntry.kind).order_by(LedgerEntry.position)
    kinds = [kind.value for kind in db.session.scalars(in_order)]
    assert kinds == ["registered", *([fate] if fate in registering.ENDS else [])]
    assert [*verify()] == []
