"""Whatever is changed behind the application's back is found, and its first position is named."""

import json
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from marketplace.database import utcnow
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.ledger import entry, operations, queries, verification
from marketplace.ledger.merkle import EMPTY_ROOT, leaf_hash
from marketplace.ledger.models import (
    APPEND_ONLY,
    LedgerEntry,
    LedgerFigure,
    LedgerFigurePart,
    LedgerNode,
)
from marketplace.ledger.signing import Signer
from marketplace.ledger.verification import verify
from marketplace.ledger.verify_proof import Head, read_head
from marketplace.transactions import transact
from tests.factories import a_draft, a_head, an_entry, some_entries

COUNT = 13
BAD = 6  # even, so that its first parent is completed by its neighbour


@pytest.fixture
def ledger(app: Flask) -> Flask:
    """Thirteen entries under two heads; on SQLite the owner of the file has dropped the triggers."""
    some_entries(9)
    a_head()
    for _ in range(COUNT - 9):
        an_entry(ip=["11", "2"])
    a_head()
    if db.engine.dialect.name == "sqlite":
        tables = [model.__tablename__ for model in APPEND_ONLY]
        behind(*(f"DROP TRIGGER {t}_refuses_{c}" for t in tables for c in ("update", "delete")))
    return app


def pass_by_triggers(connection: Connection) -> None:
    """On PostgreSQL a superuser passes by triggers and foreign keys, for one transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))


def behind(*statements: str, **values: object) -> None:
    """What somebody with the database's password does, foreign keys and all."""

    def work() -> None:
        pass_by_triggers(db.session.connection())
        for statement in statements:
            db.session.execute(text(statement), values)

    transact(work)


def first_fault(*against: Head) -> verification.Fault | None:
    return next(verify(against), None)


def test_a_sound_ledger_has_no_fault(ledger: Flask) -> None:
    assert first_fault() is None


def test_an_empty_ledger_has_no_fault(app: Flask) -> None:
    assert first_fault() is None
    a_head()
    assert first_fault() is None


@pytest.mark.parametrize("position", range(COUNT))
def test_one_changed_byte_is_found_at_its_position(ledger: Flask, position: int) -> None:
    content = bytearray(queries.load(position).content)
    content[len(content) // 2] ^= 1
    behind("UPDATE ledger_entry SET content = :c WHERE position = :p", c=bytes(content), p=position)
    assert first_fault().position == position


def forged(position: int) -> dict[str, object]:
    """The entry with another sum, with a hash that fits it."""
    said = queries.load(position).envelope
    said["facts"]["deal"] = 9_000_000
    content = entry.canonical(said)
    return {"p": position, "c": content, "h": leaf_hash(content)}


@pytest.mark.parametrize("position", range(COUNT - 1))
def test_a_change_with_a_fitting_hash_is_disowned_by_the_next_entry(
    ledger: Flask, position: int
) -> None:
    behind(
        "UPDATE ledger_entry SET content = :c, leaf_hash = :h WHERE position = :p",
        **forged(position),
    )
    assert first_fault().position == position


def test_a_change_of_the_last_entry_with_a_fitting_hash_is_found(ledger: Flask) -> None:
    values = forged(COUNT - 1)
    behind(
        "UPDATE ledger_entry SET content = :c, leaf_hash = :h WHERE position = :p",
        "UPDATE ledger_figure SET deal = 9000000 WHERE position = :p",
        **values,
    )
    assert "树头" in first_fault().message and first_fault().position >= 9


SILENT = {
    "one deleted": (f"DELETE FROM ledger_entry WHERE position = {BAD}", BAD),
    "the first deleted": ("DELETE FROM ledger_entry WHERE position = 0", 0),
    "the tail deleted": (f"DELETE FROM ledger_entry WHERE position >= {BAD}", BAD),
    "all deleted": ("DELETE FROM ledger_entry", 0),
    "a subject": (f"UPDATE ledger_entry SET subject = 'contract/x' WHERE position = {BAD}", BAD),
    "a kind": (f"UPDATE ledger_entry SET kind = 'revoked' WHERE position = {BAD}", BAD),
    "a version": (f"UPDATE ledger_entry SET version = 8 WHERE position = {BAD}", BAD),
    "an instant": (
        f"UPDATE ledger_entry SET at = '2020-01-01 00:00:00.000000+00:00' WHERE position = {BAD}",
        BAD,
    ),
    "a stored hash": (
        f"UPDATE ledger_entry SET leaf_hash = previous WHERE position = {BAD}",
        BAD,
    ),
    "a figure": (f"UPDATE ledger_figure SET deal = deal + 1 WHERE position = {BAD}", BAD),
    "a code": (f"UPDATE ledger_figure SET seller_region = '150200' WHERE position = {BAD}", BAD),
    "a month": (f"UPDATE ledger_figure SET month = '2020-01' WHERE position = {BAD}", BAD),
    "a figure deleted": (f"DELETE FROM ledger_figure WHERE position = {BAD}", BAD),
    "a part": ("UPDATE ledger_figure_part SET code = '9' WHERE position = 10 AND number = 1", 10),
    "a part deleted": ("DELETE FROM ledger_figure_part WHERE position = 11 AND number = 0", 11),
    "a part added": (
        f"INSERT INTO ledger_figure_part VALUES ({BAD}, 'ip', 0, '2', '', '', 0)",
        BAD,
    ),
    "a node": ("UPDATE ledger_node SET hash = (SELECT previous FROM ledger_entry WHERE position = 3)"
               ' WHERE level = 2 AND "index" = 1', 7),
    "a node deleted": ('DELETE FROM ledger_node WHERE level = 1 AND "index" = 2', 5),
    "a node added": ("INSERT INTO ledger_node SELECT 1, 99, hash FROM ledger_node"
                     ' WHERE level = 1 AND "index" = 0', COUNT),
    "a head's root": ("UPDATE ledger_head SET root ="
                      " (SELECT hash FROM ledger_node WHERE level = 3) WHERE size = 13", 9),
    "a head's note": ("UPDATE ledger_head SET note = replace(note, '—', '-') WHERE size = 9", 8),
    "a head's size": ("UPDATE ledger_head SET size = 14 WHERE size = 13", COUNT),
}  # fmt: skip


@pytest.mark.parametrize("change", SILENT)
def test_a_change_in_silence_is_found_at_its_position(ledger: Flask, change: str) -> None:
    statement, position = SILENT[change]
    without_foreign_keys(statement)
    assert first_fault().position == position


def without_foreign_keys(*statements: str) -> None:
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":  # a pragma counts outside a transaction alone
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        pass_by_triggers(connection)
        for statement in statements:
            connection.execute(text(statement))
        connection.connection.commit()
        if connection.dialect.name == "sqlite":
            connection.connection.execute("PRAGMA foreign_keys=ON")


def test_two_rows_that_changed_places_are_found(ledger: Flask) -> None:
    columns = "content, leaf_hash, previous, subject, kind, version, at"
    first, second = (
        db.session.execute(text(f"SELECT {columns} FROM ledger_entry WHERE position = {p}"))
        .mappings()
        .one()
        for p in (BAD, BAD + 1)
    )
    change = "UPDATE ledger_entry SET " + ", ".join(f"{c} = :{c}" for c in columns.split(", "))
    aside = {**first, "previous": bytes(32), "subject": "aside"}
    behind(f"{change} WHERE position = {BAD}", **aside)
    behind(f"{change} WHERE position = {BAD + 1}", **first)
    behind(f"{change} WHERE position = {BAD}", **second)
    assert first_fault().position == BAD


def test_a_row_put_at_the_end_without_its_tree_is_found(ledger: Flask) -> None:
    behind(
        "INSERT INTO ledger_entry SELECT 13, content, leaf_hash, :previous, 'contract/z', kind,"
        " version, at FROM ledger_entry WHERE position = 3",
        previous=queries.load(12).leaf_hash,
    )
    assert first_fault().position == 13


def test_a_row_pushed_in_between_is_found(ledger: Flask) -> None:
    without_foreign_keys(
        *(
            f"UPDATE {table} SET position = position - 999 WHERE position >= {BAD}"
            for table in ("ledger_figure_part", "ledger_figure", "ledger_entry")
        ),
        *(
            f"UPDATE {table} SET position = position + 1000 WHERE position < 0"
            for table in ("ledger_entry", "ledger_figure", "ledger_figure_part")
        ),
    )
    draft, place = a_draft(555), entry.Place("x", BAD, queries.load(BAD - 1).leaf_hash)
    content = entry.content_of(draft, place, utcnow())
    behind(
        f"INSERT INTO ledger_entry SELECT {BAD}, :c, :h, :prev, 'contract/555', kind, version, at"
        " FROM ledger_entry WHERE position = 3",
        c=content,
        h=leaf_hash(content),
        prev=bytes(32),
    )
    assert first_fault().position == BAD


def rewritten_from(position: int, *, cut: int = COUNT) -> None:
    """Everything from ``position`` on anew: entries, chain, figures and tree agree again."""

    def work() -> None:
        pass_by_triggers(db.session.connection())
        table = LedgerEntry.__table__
        stored = db.session.execute(db.select(table).order_by(table.c.position).limit(cut))
        rows = [dict(row._mapping) for row in stored]
        previous = EMPTY_ROOT
        for row in rows:
            said = json.loads(row["content"]) | {"previous": previous.hex()}
            if row["position"] == position:
                said["facts"]["deal"] = 5_000_000
            content = entry.canonical(said)
            previous, before = leaf_hash(content), previous
            row |= {"content": content, "leaf_hash": previous, "previous": before}
        for model in (LedgerFigurePart, LedgerFigure, LedgerNode, LedgerEntry):
            db.session.execute(db.delete(model))
        operations._write(rows, entry.Place("", 0, EMPTY_ROOT))

    transact(work)


def test_a_history_rewritten_with_all_its_hashes_is_found_by_its_own_heads(ledger: Flask) -> None:
    rewritten_from(BAD)
    fault = first_fault()
    assert "树头" in fault.message and fault.position <= BAD
    rewritten_by_now = queries.latest_head()
    with pytest.raises(Conflict):
        a_head()
    assert queries.latest_head().id == rewritten_by_now.id


def test_without_its_heads_a_rewritten_history_is_found_by_a_head_kept_elsewhere(
    ledger: Flask,
) -> None:
    kept = read_head(queries.head_of_size(9).note)
    rewritten_from(BAD)
    behind("DELETE FROM ledger_head")
    assert first_fault() is None
    assert first_fault(kept).position <= BAD


def test_a_tail_cut_off_with_its_tree_is_found_by_any_earlier_head(ledger: Flask) -> None:
    kept = read_head(queries.head_of_size(COUNT).note)
    rewritten_from(10, cut=11)
    behind("DELETE FROM ledger_head WHERE size = 13")
    assert first_fault() is None
    assert first_fault(kept).position == 11


def test_a_cut_tail_is_found_by_a_head_that_is_still_there(ledger: Flask) -> None:
    rewritten_from(10, cut=10)
    assert first_fault().position == 10
    with pytest.raises(Conflict):
        a_head()


def test_a_head_signed_by_another_key_is_found(ledger: Flask) -> None:
    head = queries.latest_head()
    note, made = Signer(bytes(32), "").sign(head.origin, head.size, head.root)
    behind(
        "UPDATE ledger_head SET note = :note, signatures = :signatures WHERE id = :id",
        note=note,
        signatures=json.dumps([made.as_row()]),
        id=head.id,
    )
    assert "签名" in first_fault().message


def test_a_former_key_of_the_ledger_still_vouches_for_its_heads(
    ledger: Flask, start_again: Callable[..., Flask]
) -> None:
    former = queries.latest_head().key
    db.session.remove()
    with start_again(ledger_key="11" * 32).test_request_context():
        assert "签名" in first_fault().message
    with start_again(ledger_key="11" * 32, ledger_former_keys=(former,)).test_request_context():
        assert first_fault() is None
        a_head()
        assert queries.latest_head().key != former
        assert first_fault() is None


def test_many_batches_are_read_as_one(ledger: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_BATCH", 2)
    assert first_fault() is None
    behind("UPDATE ledger_entry SET subject = 'contract/x' WHERE position = 11")
    assert first_fault().position == 11


@pytest.mark.parametrize(
    "change",
    ["kind = 'unknown'", "at = 'yesterday'", "content = 'text'"],
)
def test_a_value_of_no_possible_kind_is_a_fault_and_no_failure(ledger: Flask, change: str) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps the kinds of its columns")
    with db.engine.connect() as connection:
        connection.connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute(text(f"UPDATE ledger_entry SET {change} WHERE position = {BAD}"))
        connection.connection.commit()
    assert first_fault().position == BAD
