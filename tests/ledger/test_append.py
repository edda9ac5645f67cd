"""Appending: once, in order, balanced, never into a closed month, and never changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from marketplace import outbox
from marketplace.database import utcnow
from marketplace.errors import Conflict, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.ledger import entry, operations, queries
from marketplace.ledger.entry import Draft, Kind, day_of
from marketplace.ledger.merkle import EMPTY_ROOT, leaf_hash
from marketplace.ledger.models import APPEND_ONLY, LedgerFigure, LedgerFigurePart, LedgerNode
from marketplace.ledger.operations import append, append_many, close_period, purge, seal
from marketplace.ledger.verification import verify
from marketplace.outbox import Topic
from marketplace.transactions import transact
from tests.factories import a_draft, a_head, an_entry, entry_facts, reversed_facts, some_entries


def appended(serial: int, *, kind: Kind = Kind.REGISTERED, version: int = 1, **facts: object):
    said = entry_facts(serial) | facts
    return transact(
        lambda: append(
            kind, f"contract/{serial}", said, version=version, rules="2026", now=utcnow()
        )
    )


def test_entries_are_chained_from_the_empty_tree(app: Flask) -> None:
    first, second = appended(1), appended(2)
    assert (first.position, first.previous) == (0, EMPTY_ROOT)
    assert (second.position, second.previous) == (1, leaf_hash(first.content))


def test_what_is_stored_is_what_was_hashed(app: Flask) -> None:
    made = an_entry()
    db.session.expire_all()
    stored = queries.load(made.position)
    assert stored.leaf_hash == leaf_hash(stored.content)
    assert entry.canonical(stored.envelope) == stored.content


def test_a_repeated_append_finds_its_entry_and_adds_nothing(app: Flask) -> None:
    first = appended(1).position
    appended(2)
    assert appended(1).position == first
    assert queries.size() == 2


def test_the_same_version_with_other_facts_is_a_conflict(app: Flask) -> None:
    appended(1)
    with pytest.raises(Conflict):
        appended(1, deal=2_000_000)
    assert queries.size() == 1


def test_one_transaction_may_say_the_same_twice(app: Flask) -> None:
    drafts = [a_draft(1), a_draft(2), a_draft(1)]
    made = transact(lambda: append_many(drafts, now=utcnow()))
    assert [one.position for one in made] == [0, 1, 0]


def test_a_change_is_a_reversal_and_a_new_entry_that_sum_to_what_stands(app: Flask) -> None:
    old = entry_facts(1)
    new = old | {"deal": 3_000_000, "technology": 2_000_000}
    drafts = [
        Draft(Kind.REVERSED, "contract/1", reversed_facts(old, 0), 1, "2026"),
        Draft(Kind.REGISTERED, "contract/1", new, 2, "2026"),
    ]
    appended(1)
    transact(lambda: append_many(drafts, now=utcnow()))
    (standing,) = queries.state_as_of(queries.size(), "contract/1")
    assert (standing.count, standing.deal, standing.technology) == (1, 3_000_000, 2_000_000)
    (before,) = queries.state_as_of(1, "contract/1")
    assert before.deal == 1_000_000 and before.last == 0


def test_a_cancelled_contract_sums_to_nothing(app: Flask) -> None:
    appended(1)
    appended(1, kind=Kind.CANCELLED, **reversed_facts(entry_facts(1), 0))
    (standing,) = queries.state_as_of(day_of(utcnow()))
    assert (standing.count, standing.deal, standing.technology) == (0, 0, 0)
    assert [one.kind for one in queries.entries_of("contract/1")] == ["registered", "cancelled"]


def test_verified_income_is_counted_and_its_deal_is_not(app: Flask) -> None:
    appended(1)
    zero = {"count": 0, "deal": 0, "technology": 0, "income": 300_000, "voucher": "ab" * 32}
    appended(1, kind=Kind.INCOME_VERIFIED, **zero)
    (standing,) = queries.state_as_of(2)
    assert (standing.income, standing.count, standing.deal) == (300_000, 1, 1_000_000)


def test_what_stood_on_an_earlier_day_leaves_out_what_came_later(app: Flask) -> None:
    yesterday = day_of(utcnow()) - timedelta(days=1)
    appended(1, date=yesterday.isoformat())
    appended(2)
    assert [one.subject for one in queries.state_as_of(yesterday)] == ["contract/1"]
    assert queries.state_as_of(date(2020, 1, 1)) == []


def test_wrong_facts_are_refused_before_anything_is_written(app: Flask) -> None:
    with pytest.raises(InvalidInput):
        transact(lambda: append_many([a_draft(1), a_draft(2, deal=0.5)], now=utcnow()))
    assert queries.size() == 0


def test_one_failure_takes_its_whole_transaction_back(app: Flask) -> None:
    def work() -> None:
        append_many([a_draft(1)], now=utcnow())
        raise Conflict("something else went wrong")

    with pytest.raises(Conflict):
        transact(work)
    assert queries.size() == 0 and appended(2).position == 0


def test_an_entry_asks_for_a_signed_head(app: Flask) -> None:
    an_entry()
    seen: list[str] = []
    outbox.drain({Topic.HEAD: seen.extend})
    assert seen == [queries.load(0).envelope["ledger"]]


def test_figures_are_a_projection_of_the_facts(app: Flask) -> None:
    party = {"nature": "210", "region": "150202", "country": "156", "share": 4_000}
    two = [party, party | {"nature": "150", "share": 6_000}]
    an_entry(sellers=two, ip=["11", "2"], trade="export")
    figure = db.session.get(LedgerFigure, 0)
    assert (figure.deal, figure.commission, figure.ip) == (1_000_000, 50_000, "11")
    assert (figure.seller_nature, figure.seller_region, figure.trade) == ("210", "150202", "export")
    parts = db.session.query(LedgerFigurePart).order_by(LedgerFigurePart.role).all()
    assert sorted((part.role, part.code, part.share) for part in parts) == [
        ("ip", "11", 0), ("ip", "2", 0), ("seller", "150", 6_000), ("seller", "210", 4_000),
    ]  # fmt: skip


def test_every_subtree_that_is_complete_is_stored_once(app: Flask) -> None:
    for serial in range(11):
        appended(serial)
    some_entries(30)
    size = queries.size()
    assert db.session.query(LedgerNode).count() == size - size.bit_count()
    assert [*verify()] == []


def test_a_closed_month_stays_closed_and_so_do_those_before_it(app: Flask) -> None:
    transact(lambda: close_period("2026-09", now=utcnow()))
    for day in ("2026-09-30", "2026-08-01"):
        with pytest.raises(Conflict) as refusal:
            appended(1, date=day)
        assert "2026-09" in str(refusal.value.message)
    assert appended(1, date="2026-10-01").position == 0


def test_a_repetition_is_found_even_when_its_month_was_closed_meanwhile(app: Flask) -> None:
    appended(1, date="2026-09-15")
    transact(lambda: close_period("2026-09", now=utcnow()))
    assert appended(1, date="2026-09-15").position == 0


def test_a_month_is_closed_once_and_remembers_how_long_the_ledger_was(app: Flask) -> None:
    some_entries(3)
    first = transact(lambda: close_period("2026-09", now=utcnow()).closed_at)
    again = transact(lambda: close_period("2026-09", now=utcnow()))
    assert (again.closed_at, again.size) == (first, 3)


def test_a_month_that_is_not_over_is_not_closed_and_one_passed_over_is_already(app: Flask) -> None:
    new_year_in_china = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        close_period("2026-12", now=new_year_in_china - timedelta(seconds=1))
    with pytest.raises(InvalidInput):
        close_period("2026-13", now=new_year_in_china)
    transact(lambda: close_period("2026-12", now=new_year_in_china))
    passed_over = transact(lambda: close_period("2026-11", now=new_year_in_china))
    assert passed_over.month == "2026-12"


def test_a_sealed_value_can_be_shown_and_then_forgotten(app: Flask) -> None:
    sealed = transact(lambda: seal("contract/1", "buyer", "包头市某厂"))
    shown = queries.disclosure(sealed)
    assert entry.commitment(shown.salt, "buyer", shown.value) == sealed
    made = appended(1, parties={"sellers": [], "buyers": [sealed]})
    transact(lambda: purge(sealed, now=utcnow()))
    gone = queries.disclosure(sealed)
    assert (gone.value, gone.salt) == (None, None) and gone.purged_at
    assert sealed in queries.load(made.position).content.decode()
    assert [*verify()] == []


def test_the_same_value_is_sealed_the_same_so_that_a_retry_says_the_same(app: Flask) -> None:
    first = transact(lambda: seal("contract/1", "buyer", "包头市某厂"))
    assert transact(lambda: seal("contract/1", "buyer", "包头市某厂")) == first
    assert transact(lambda: seal("contract/2", "buyer", "包头市某厂")) != first
    with pytest.raises(NotFound):
        purge("00" * 32, now=utcnow())


CHANGES = {
    "ledger_entry": "UPDATE ledger_entry SET subject = 'contract/2'",
    "ledger_node": "UPDATE ledger_node SET level = level + 1",
    "ledger_figure": "UPDATE ledger_figure SET deal = 0",
    "ledger_figure_part": "UPDATE ledger_figure_part SET share = 1",
    "ledger_head": "UPDATE ledger_head SET size = 0",
    "ledger_period": "UPDATE ledger_period SET size = 9",
}


@pytest.fixture
def migrated(app: Flask) -> Iterator[Flask]:
    """A market whose tables were made by the migrations."""
    db.drop_all()
    transact(lambda: db.session.execute(text("DROP TABLE IF EXISTS alembic_version")))
    upgrade()
    yield app
    transact(lambda: db.session.execute(text("DROP TABLE alembic_version")))


@pytest.mark.parametrize("made_by", ["app", "migrated"])
def test_the_database_refuses_to_change_or_delete_what_was_entered(
    request: pytest.FixtureRequest, app: Flask, made_by: str
) -> None:
    request.getfixturevalue(made_by)
    an_entry(ip=["11", "2"])
    an_entry()
    a_head()
    transact(lambda: close_period("2026-09", now=utcnow()))
    assert {model.__tablename__ for model in APPEND_ONLY} == set(CHANGES)
    for table, change in CHANGES.items():
        for statement in (change, f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError, match="append-only"):
                transact(lambda statement=statement: db.session.execute(text(statement)))
    assert [*verify()] == []


def test_the_migrations_let_a_head_be_asked_for_and_nothing_unknown(migrated: Flask) -> None:
    row = "INSERT INTO outbox_row (topic, subject, put_at, due_at, failures, message) VALUES"
    values = "'x', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0, '')"
    transact(lambda: db.session.execute(text(f"{row} ('head', {values}")))
    with pytest.raises(DatabaseError):
        transact(lambda: db.session.execute(text(f"{row} ('tail', {values}")))


def test_two_writers_cannot_continue_the_same_chain(app: Flask) -> None:
    made = an_entry()
    row = operations._row_of(a_draft(77), entry.Place("x", 1, made.previous), utcnow())
    with pytest.raises(DatabaseError):
        transact(lambda: db.session.execute(db.insert(type(made).__table__), [row]))
