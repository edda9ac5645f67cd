"""What the ledger keeps of an introduction, and what the parties can show of it."""

import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from marketplace.accounts.models import Organization
from marketplace.brokering.receipts.entries import FIELDS
from marketplace.brokering.states import Action
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.ledger import operations as ledger
from marketplace.ledger import queries, verify_proof
from marketplace.ledger.entry import Draft, Kind
from marketplace.ledger.models import LedgerFigure
from marketplace.ledger.verification import verify
from marketplace.permissions import Role
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.definitions import current_definitions
from marketplace.statistics.documents import document
from marketplace.transactions import transact
from marketplace.working_days import local_day
from tests.brokering.factories import Pair, move
from tests.factories import a_head, a_user, an_entry


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def entry_of(introduction):
    (entry,) = queries.entries_of(introduction.key)
    return entry


def test_contact_is_entered_once_without_a_name_in_the_open(pair: Pair) -> None:
    introduction = pair.sent()
    assert queries.entries_of(introduction.key) == []
    move(introduction, Action.INTEREST, pair.buyer)
    entry = entry_of(introduction)
    assert entry.kind == Kind.INTRODUCED
    said = entry.content.decode()
    for name in (pair.buyer.organization.name, pair.seller.organization.name, pair.need.title):
        assert name not in said
    assert list(verify()) == []


def parts_of_all_tables() -> dict[str, object]:
    """The rows of T1 to T17 for this year, as the ledger stands."""
    today = local_day(utcnow())
    period, moment = period_called(f"{today.year}"), as_of("", today=today)
    tables = [table.id for table in current_definitions().tables.values()]
    return {key: document(select_table(key, period, moment))["parts"] for key in tables}


def test_no_figure_comes_of_it_and_no_statistic_changes(pair: Pair) -> None:
    an_entry()
    before = parts_of_all_tables()
    standing = queries.state_as_of(queries.size())
    pair.contacted()
    assert parts_of_all_tables() == before
    assert {f"T{n}" for n in range(1, 18)} <= set(before)
    assert queries.state_as_of(queries.size()) == standing
    assert list(verify()) == []


def test_a_figure_smuggled_in_is_found(pair: Pair) -> None:
    counted = an_entry()
    introduced = entry_of(pair.contacted())
    figure = db.session.get(LedgerFigure, counted.position)
    columns = {c.key: getattr(figure, c.key) for c in LedgerFigure.__table__.columns}
    smuggled = columns | {"position": introduced.position}
    transact(lambda: db.session.execute(insert(LedgerFigure).values(smuggled)))
    assert next(verify()).position == introduced.position


@pytest.mark.parametrize(
    "odd",
    [
        {"deal": 5},
        {"count": 1},
        {"postings": [{"account": "buyer", "fen": 0}]},
        {"introducer": "某某经纪"},
        {"date": "2026-02-30"},
        {"date": "2999-01-01"},
        {"demonstration": 1},
    ],
)
def test_an_introduction_says_no_money_and_no_name(app: Flask, odd: dict[str, object]) -> None:
    facts = dict.fromkeys(FIELDS, "ab" * 32) | {"date": "2026-01-05", "demonstration": False}
    draft = Draft(Kind.INTRODUCED, "introduction/1", facts | odd, 1, "RV-2026")
    with pytest.raises(InvalidInput):
        transact(lambda: ledger.append_many([draft], now=utcnow()))


def test_the_proof_is_checked_by_the_program_that_stands_alone(
    client: FlaskClient, log_in, pair: Pair, tmp_path: Path
) -> None:
    introduction = pair.brokered(a_user(Role.BROKER))
    a_head()
    log_in(pair.buyer)
    at = f"/introductions/{introduction.id}/receipt"
    assert pair.seller.organization.name in client.get(at).text
    proof = client.get(f"{at}/proof.json").data
    answers, sound = verify_proof.check(proof)
    assert sound, answers
    opened = json.loads(client.get(f"{at}/opened.json").data)
    facts = entry_of(introduction).facts
    assert {row["field"] for row in opened["openings"]} == set(FIELDS)
    for row in opened["openings"]:
        salted = bytes.fromhex(row["salt"]) + row["field"].encode() + b"\0"
        sealed = hashlib.sha256(salted + row["value"].encode()).hexdigest()
        assert sealed == row["commitment"] == facts[row["field"]]
    names = {row["field"]: row["value"] for row in opened["openings"]}
    assert names["introducer"].startswith(introduction.broker.display_name)


def test_the_receipt_keeps_the_names_of_its_day(client: FlaskClient, log_in, pair: Pair) -> None:
    introduction = pair.contacted()
    former = pair.seller.organization.name
    transact(lambda: _rename(pair.seller.organization))
    log_in(pair.buyer)
    assert former in client.get(f"/introductions/{introduction.id}/receipt").text


def _rename(organization: Organization) -> None:
    organization.name = "改了名的研究院"


def test_the_public_ledger_shows_the_entry_and_no_name(client: FlaskClient, pair: Pair) -> None:
    entry = entry_of(pair.contacted())
    for address in ("/ledger", f"/ledger/{entry.position}"):
        page = client.get(address).text
        assert "对接存证" in page and pair.seller.organization.name not in page
