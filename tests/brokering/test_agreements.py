"""What a broker receives: agreed by all, computed to the fen, entered once, seen by the parties."""

import json
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.accounts.models import Console, User
from marketplace.brokering.agreements import operations, queries
from marketplace.brokering.agreements.models import Agreement
from marketplace.brokering.agreements.operations import Offer
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import (
    Terms,
    commission_of,
    due_now,
    halves,
    replayed,
    split,
)
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action as Deal
from marketplace.contracts import income
from marketplace.contracts import queries as contracts
from marketplace.contracts.income import Receipt
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action, State
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.ledger import operations as ledger
from marketplace.ledger import queries as ledger_queries
from marketplace.ledger.entry import RESERVED, Kind
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.verification import verify
from marketplace.permissions import Role
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.definitions import current_definitions
from marketplace.statistics.documents import document
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.contracts.factories import (
    NOW,
    WAN,
    Office,
    a_draft,
    a_proof,
    an_office,
    in_state,
    moved,
    registered,
    ticked,
)
from tests.factories import a_user

FEN = st.integers(0, 10**13)
RULES = "2026"
RATES = st.integers(0, 10_000)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    floor = draw(st.integers(0, 10**9))
    cap = draw(st.none() | st.integers(floor, 10**10))
    return Terms(draw(RATES), floor, cap)


@given(terms(), st.integers(1, 10**13))
def test_a_commission_lies_between_floor_and_cap(agreed: Terms, base: int) -> None:
    fen = commission_of(agreed, base)
    assert fen >= agreed.floor
    assert agreed.cap is None or fen <= agreed.cap
    if fen not in (agreed.floor, agreed.cap):
        assert abs(fen * 10_000 - base * agreed.rate) <= 5_000


@given(terms(), FEN, FEN)
def test_more_income_is_never_less_commission(agreed: Terms, base: int, more: int) -> None:
    assert commission_of(agreed, base) <= commission_of(agreed, base + more)


@given(terms(), st.lists(st.integers(1, 10**11), max_size=6))
def test_parts_give_in_all_what_the_whole_gives(agreed: Terms, parts: list[int]) -> None:
    before = entered = 0
    for part in parts:
        fen = due_now(agreed, part, before=before, entered=entered)
        assert fen >= 0
        before, entered = before + part, entered + fen
    assert entered == commission_of(agreed, before)


@given(FEN, st.lists(st.integers(1, 3_000), max_size=3))
def test_a_split_sums_exactly_and_nobody_pays(fen: int, others: list[int]) -> None:
    shares = [10_000 - sum(others), *others]
    parts = split(fen, shares)
    assert sum(parts) == fen and min(parts) >= 0
    for part, share in zip(parts[1:], others, strict=True):
        assert 0 <= fen * share - part * 10_000 < 10_000
    assert sum(halves(fen)) == fen


@pytest.mark.parametrize(
    ("rate", "base", "fen"),
    [(1, 4_999, 0), (1, 5_000, 1), (300, 100 * WAN, 3 * WAN), (333, 15, 0), (333, 16, 1)],
)
def test_half_a_fen_is_rounded_up(rate: int, base: int, fen: int) -> None:
    assert commission_of(Terms(rate), base) == fen


def test_of_nothing_nothing_is_due_whatever_the_floor() -> None:
    assert commission_of(Terms(300, floor=5_000), 0) == 0


class Brokered:
    """An introduction by a broker whose parties then register a contract."""

    def __init__(self, before: "Brokered | None" = None) -> None:
        self.broker: User = before.broker if before else a_user(Role.BROKER)
        self.pair = Pair(before.pair.buyer, before.pair.seller) if before else Pair()
        self.introduction: Introduction = self.pair.sent(self.broker)
        move(self.introduction, Deal.INTEREST, self.pair.seller)
        move(self.introduction, Deal.INTEREST, self.pair.buyer)

    def offered(self, said: Offer, by: User | None = None, after: int = 0) -> Agreement:
        who = by or self.broker
        transact(
            lambda: operations.offer(self.introduction, said, after=after, actor=who, now=utcnow())
        )
        agreement = queries.of_introduction(self.introduction.id)
        assert agreement is not None
        return agreement

    def agreed(self, said: Offer, after: int = 0, *others: User) -> Agreement:
        agreement = self.offered(said, after=after)
        for who in (self.pair.buyer, self.pair.seller, *others):
            confirm(agreement, who, after + 1)
        return agreement

    def received(self, contract: Contract, number: int, fen: int) -> None:
        """So many fen of a contract are verified as its income of that number."""
        called = f"2026150203{contract.id:06d}"
        said = (contract.id, called, Condition.INCOME, number, fen, RULES, False)
        occasion, own = operations.Occasion(*said), {"actor": Console(), "now": NOW}
        transact(lambda: operations.enter_due(self.introduction.id, occasion, **own))

    def contract(self, office: Office) -> Contract:
        contract = registered(office)
        transact(lambda: setattr(contract, "introduction_id", self.introduction.id))
        return contract


def confirm(agreement: Agreement, who: User, version: int = 1) -> None:
    transact(lambda: operations.confirm(agreement, version, actor=who, now=utcnow()))


THREE = Offer(Terms(300, floor=10_000, cap=2 * WAN), Payer.NEED, Condition.INCOME)


def received(contract: Contract, office: Office, fen: int, voucher: str) -> None:
    receipt = Receipt(date(2026, 3, 10), voucher, fen)
    line = transact(lambda: income.declare(contract, receipt, actor=office.applicant, now=NOW))
    transact(lambda: income.verify(contract, line, fen, actor=office.reviewer, now=NOW))


def commission_entries() -> list[LedgerEntry]:
    rows = select(LedgerEntry).where(LedgerEntry.kind.in_(RESERVED))
    return list(db.session.scalars(rows.order_by(LedgerEntry.position)))


@pytest.fixture
def deal(app: Flask) -> Brokered:
    return Brokered()


def test_a_version_is_in_force_once_all_three_have_confirmed_it(deal: Brokered) -> None:
    agreement = deal.offered(THREE)
    assert agreement.in_force is None
    assert agreement.latest.missing == ("need", "result")
    confirm(agreement, deal.pair.buyer)
    with pytest.raises(Conflict, match="已确认过"):
        confirm(agreement, deal.pair.buyer)
    confirm(agreement, deal.pair.seller)
    assert agreement.in_force == agreement.latest


def test_the_version_before_stays_in_force_until_all_agree_to_the_next(deal: Brokered) -> None:
    agreement = deal.agreed(THREE)
    first = agreement.latest
    deal.offered(Offer(Terms(200), Payer.BOTH, Condition.INCOME), deal.pair.buyer, after=1)
    assert agreement.in_force == first
    with pytest.raises(Conflict, match="新的版本"):
        confirm(agreement, deal.pair.seller, 1)
    confirm(agreement, deal.pair.seller, 2)
    confirm(agreement, deal.broker, 2)
    assert agreement.in_force.version == 2


def test_two_offers_at_once_do_not_pass_unseen(deal: Brokered) -> None:
    deal.offered(THREE)
    with pytest.raises(Conflict, match="新的版本"):
        deal.offered(THREE, deal.pair.buyer, after=0)


def test_a_broker_who_shares_has_to_confirm_too(deal: Brokered) -> None:
    other = a_user(Role.BROKER)
    said = Offer(THREE.terms, Payer.NEED, Condition.INCOME, [(other, 4_000)])
    agreement = deal.agreed(said)
    assert agreement.in_force is None
    confirm(agreement, other)
    assert agreement.in_force is not None
    assert [row["share"] for row in agreement.latest.shares] == [6_000, 4_000]


def test_what_makes_no_sense_is_refused_by_field(deal: Brokered) -> None:
    bad = Offer(Terms(20_000, 100, 50), Payer.NEED, Condition.INCOME, [(deal.broker, 100)])
    with pytest.raises(InvalidInput) as refused:
        deal.offered(bad)
    assert set(refused.value.errors) == {"rate", "cap", "others"}


def test_strangers_neither_offer_nor_confirm(deal: Brokered) -> None:
    stranger = a_user(Role.BROKER)
    with pytest.raises(Forbidden):
        deal.offered(THREE, stranger)
    agreement = deal.offered(THREE)
    with pytest.raises(Forbidden):
        confirm(agreement, stranger)


def test_each_verified_income_enters_its_commission_once(deal: Brokered) -> None:
    office = an_office()
    deal.agreed(THREE)
    contract = deal.contract(office)
    received(contract, office, 10 * WAN, "FP-1")
    received(contract, office, 50 * WAN, "FP-2")
    received(contract, office, 20 * WAN, "FP-3")
    fens = [c.fen for c in queries.of_introduction(deal.introduction.id).commissions]
    assert fens == [30 * WAN // 100, 150 * WAN // 100, 20 * WAN // 100]  # the last up to the cap
    entries = commission_entries()
    assert [e.kind for e in entries] == [Kind.COMMISSION_DUE] * 3
    for entry, fen in zip(entries, fens, strict=True):
        facts = entry.facts
        assert facts["postings"] == [
            {"account": "payer:need", "fen": -fen},
            {"account": "broker:commission", "fen": fen},
        ]
        assert [facts[n] for n in ("count", "deal", "technology", "income")] == [0] * 4
        text = entry.content.decode()
        assert deal.broker.display_name not in text
        assert deal.introduction.need_owner.name not in text
    assert list(verify()) == []


def test_every_statistical_table_is_as_it_was_before_the_commission(deal: Brokered) -> None:
    office = an_office()
    deal.agreed(THREE)
    contract = deal.contract(office)
    received(contract, office, 10 * WAN, "FP-1")
    (entry,) = commission_entries()

    def parts_of(size: int) -> dict[str, object]:
        moment = as_of(f"{size}@2026-03-31", today=date(2026, 12, 31))
        period = period_called("2026-03")
        tables = current_definitions().tables
        return {key: document(select_table(key, period, moment))["parts"] for key in tables}

    before = parts_of(entry.position)
    assert len(before) == 17
    assert parts_of(entry.position + 1) == before


def test_the_same_occasion_again_adds_nothing(deal: Brokered) -> None:
    office = an_office()
    agreement = deal.agreed(THREE)
    contract = deal.contract(office)
    received(contract, office, 10 * WAN, "FP-1")
    (line,) = contracts.incomes_of(contract)
    from_contract = operations.Occasion(
        contract.id, contract.local_no, Condition.INCOME, line.line, 10 * WAN, contract.rules, False
    )
    transact(
        lambda: operations.enter_due(
            deal.introduction.id, from_contract, actor=office.reviewer, now=NOW
        )
    )
    assert len(agreement.commissions) == len(commission_entries()) == 1


def test_without_everybodys_yes_nothing_is_due(deal: Brokered) -> None:
    office = an_office()
    deal.offered(THREE)
    received(deal.contract(office), office, 10 * WAN, "FP-1")
    assert commission_entries() == []


def test_a_cancelled_contract_takes_its_commissions_back(deal: Brokered) -> None:
    office = an_office()
    agreement = deal.agreed(Offer(Terms(500), Payer.BOTH, Condition.INCOME))
    contract = deal.contract(office)
    received(contract, office, 10 * WAN + 1, "FP-1")
    proof = a_proof(contract, office.applicant)
    told = {"reason": "双方协商一致", "proof": [proof]}
    moved(contract, Action.REQUEST_CANCEL, office.applicant, **told)
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实")
    moved(contract, Action.AGREE, office.reviewer)
    due, back = commission_entries()
    assert back.kind == Kind.COMMISSION_REVERSED
    assert back.facts["reverses"] == due.position
    sums = {p["account"]: p["fen"] for p in due.facts["postings"]}
    assert {p["account"]: -p["fen"] for p in back.facts["postings"]} == sums
    assert sum(sums.values()) == 0
    assert queries.standing(agreement, Condition.INCOME) == (0, 0)


def test_a_commission_on_registration_is_of_the_technology_amount(deal: Brokered) -> None:
    office = an_office()
    agreement = deal.agreed(Offer(Terms(100), Payer.RESULT, Condition.REGISTRATION))
    contract = a_draft(office, tax_relief=True)
    transact(lambda: setattr(contract, "introduction_id", deal.introduction.id))
    moved(contract, Action.SUBMIT, office.applicant)
    moved(contract, Action.ACCEPT, office.clerk)
    moved(contract, Action.ASSIGN, office.clerk, clerk=office.clerk)
    ticked(contract, office.clerk)
    moved(contract, Action.PROPOSE, office.clerk)
    moved(contract, Action.AGREE, office.reviewer)
    assert [c.fen for c in agreement.commissions] == [80 * WAN // 100]
    received(contract, office, 10 * WAN, "FP-1")
    assert len(agreement.commissions) == 1


def test_a_contract_of_nobodys_introduction_owes_no_commission(app: Flask) -> None:
    in_state(an_office(), State.CANCELLED)
    assert commission_entries() == []


def test_the_entry_is_shown_to_the_parties_alone(
    deal: Brokered, client: FlaskClient, log_in
) -> None:
    office = an_office()
    deal.agreed(THREE)
    contract = deal.contract(office)
    received(contract, office, 10 * WAN, "FP-1")
    transact(lambda: ledger.sign_head(now=utcnow()))
    (entry,) = commission_entries()
    page = client.get(f"/ledger/{entry.position}").text
    assert "只向当事各方出示" in page and contract.local_no not in page
    log_in(a_user(Role.OPERATOR))
    assert client.get(f"/ledger/{entry.position}/proof").status_code == 403
    row = client.get("/ledger").text
    assert "当事方可见" in row
    assert ledger_queries.entry_of_number(contract.local_no).kind == Kind.REGISTERED
    address = f"/agreements/{deal.introduction.id}"
    log_in(a_user(Role.ENTERPRISE))
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/entries/{entry.position}").status_code == 404
    for who in (deal.broker, deal.pair.buyer, deal.pair.seller):
        log_in(who)
        assert "3,000.00元" in client.get(address).text
        proof = client.get(f"{address}/entries/{entry.position}")
        assert json.loads(proof.data)
        proof.close()
    assert client.get(f"{address}/entries/0").status_code == 404


def test_a_broker_who_shares_reads_the_agreement_and_no_more(
    deal: Brokered, client: FlaskClient, log_in
) -> None:
    partner = a_user(Role.BROKER)
    deal.offered(replace(THREE, others=((partner, 3_000),)))
    log_in(partner)
    page = client.get(f"/agreements/{deal.introduction.id}")
    assert page.status_code == 200 and "确认这一版" in page.text
    assert f"/introductions/{deal.introduction.id}" not in page.text


def test_the_page_offers_refuses_and_confirms(deal: Brokered, client: FlaskClient, log_in) -> None:
    address = f"/agreements/{deal.introduction.id}"
    log_in(deal.broker)
    said = {"after": 0, "rate": "三成", "floor": "5000", "payer": "need", "condition": "income"}
    bad = client.post(address, data=said)
    assert bad.status_code == 422 and "三成" in bad.text and "写明单位" in bad.text
    good = said | {"rate": "3.5%", "floor": "5000元", "cap": "20万元"}
    assert client.post(address, data=good).status_code == 302
    late = client.post(address, data=good)
    assert late.status_code == 409 and "新的版本" in late.text
    log_in(deal.pair.buyer)
    assert "3.5%" in client.get(address).text
    client.post(f"{address}/confirm", data={"version": 1})
    agreement = queries.of_introduction(deal.introduction.id)
    assert agreement.latest.missing == ("result",)
    terms_ = agreement.latest.terms
    assert (terms_.rate, terms_.floor, terms_.cap) == (350, 500_000, 20 * WAN)


#: Something that happens to one of three contracts: income of so many fen, or its end.
EVENTS = st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(0, 60 * WAN)), max_size=6)
STORED = settings(
    max_examples=5,
    deadline=None,
    # An example takes a second: a failing one is shown as it is.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@given(st.lists(st.tuples(st.sampled_from(Condition), terms(), FEN), max_size=5))
def test_what_is_left_gives_what_it_would_have_given_alone(occasions: list) -> None:
    for kind, agreed, base in occasions:
        assert replayed([(kind, agreed, base)]) == [commission_of(agreed, base)]
    agreed = Terms(300, floor=10_000, cap=2 * WAN)
    bases = [base for _kind, _terms, base in occasions]
    in_parts = replayed((Condition.INCOME, agreed, base) for base in bases)
    assert sum(in_parts) == commission_of(agreed, sum(bases)) and min(in_parts, default=0) >= 0


@pytest.fixture
def three(app: Flask) -> list[Contract]:
    """Contracts that stand under one agreement after another."""
    office = an_office()
    return [a_draft(office) for _contract in range(3)]


@STORED
@given(terms(), EVENTS)
def test_after_any_incomes_and_revocations_the_ledger_says_what_the_agreement_gives(
    deal: Brokered, three: list[Contract], agreed: Terms, events: list[tuple[int, int | None]]
) -> None:
    deal = Brokered(deal)
    agreement = deal.agreed(Offer(agreed, Payer.NEED, Condition.INCOME))
    ended, standing = set(), dict.fromkeys(range(3), 0)
    for number, (which, fen) in enumerate(events, start=1):
        if which in ended:
            continue
        if fen is None:
            ended.add(which)
            standing[which] = 0
            revoked(three[which])
        else:
            standing[which] += fen
            deal.received(three[which], number, fen)
        due = commission_of(agreed, sum(standing.values()))
        own = [e for e in commission_entries() if e.subject.startswith(f"{agreement.key}/")]
        assert sum(e.facts["postings"][-1]["fen"] for e in own) == due
        assert queries.standing(agreement, Condition.INCOME)[1] == due
    assert list(verify()) == []


def revoked(contract: Contract) -> None:
    said = {"rules": RULES, "actor": Console(), "now": NOW}
    transact(lambda: operations.take_back(contract.id, list(Condition), **said))


def test_a_replaced_entry_is_still_proved_to_the_parties(
    deal: Brokered, client: FlaskClient, log_in
) -> None:
    office = an_office()
    deal.agreed(Offer(Terms(300, cap=WAN), Payer.NEED, Condition.INCOME))
    first, second = a_draft(office), a_draft(office)
    deal.received(first, 1, 20 * WAN)
    deal.received(second, 1, 20 * WAN)
    revoked(first)
    due, other, back, other_back, again = commission_entries()
    assert [e.facts["postings"][-1]["fen"] for e in (due, other)] == [
        60 * WAN // 100,
        40 * WAN // 100,
    ]
    assert (back.facts["reverses"], other_back.facts["reverses"]) == (due.position, other.position)
    assert again.facts["postings"][-1]["fen"] == 60 * WAN // 100
    transact(lambda: ledger.sign_head(now=utcnow()))
    log_in(deal.pair.buyer)
    for entry in (other, other_back, again):
        address = f"/agreements/{deal.introduction.id}/entries/{entry.position}"
        assert json.loads(client.get(address).data)
