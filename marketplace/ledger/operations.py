"""The only writer of the ledger: append, sign a head, close a month, seal and purge.

A writer first takes the lock, then reads where the ledger ends, then writes: entry, figure, and
the subtrees that the entry completes. A repeated append finds its entry and adds nothing.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import make_transient_to_detached

from marketplace.errors import Conflict, InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.ledger import entry, projection, queries
from marketplace.ledger.entry import Draft, Kind, Place
from marketplace.ledger.facts import problems
from marketplace.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash, loose_nodes
from marketplace.ledger.models import (
    LedgerDisclosure,
    LedgerEntry,
    LedgerFigure,
    LedgerFigurePart,
    LedgerHead,
    LedgerNode,
    LedgerPeriod,
)
from marketplace.ledger.signing import current_signer
from marketplace.outbox import Topic, put_many

#: The advisory lock of the ledger: a number of our own among the locks of a PostgreSQL database.
LOCK = 0x53484B4C
Key = tuple[str, str, int]
Entries = dict[Key, LedgerEntry]
_CLOSED = select(func.max(LedgerPeriod.month))
_LAST = (
    select(
        LedgerEntry.position,
        LedgerEntry.leaf_hash,
        LedgerEntry.content,
        _CLOSED.scalar_subquery(),
    )
    .order_by(LedgerEntry.position.desc())
    .limit(1)
)


class Tail(NamedTuple):
    """Where the ledger ends: the next place, and the last closed month, empty before the first."""

    place: Place
    closed: str


def append(
    kind: Kind, subject: str, facts: Mapping[str, Any], *, version: int, rules: str, now: datetime
) -> LedgerEntry:
    """Append one entry and return it; repeated with the same facts it returns the stored one.

    :class:`Conflict` where ``(subject, kind, version)`` already says something else or the day of
    the facts lies in a closed month; :class:`InvalidInput` for facts that no entry may have.
    """
    (appended,) = append_many([Draft(kind, subject, facts, version, rules)], now=now)
    return appended


def append_many(drafts: Sequence[Draft], *, now: datetime) -> list[LedgerEntry]:
    """Append many entries in one transaction, in their order; an entry for each draft."""
    known, rows = _append(drafts, now)
    known |= {key: _attached(LedgerEntry(**row)) for key, row in rows.items()}
    return [known[draft.key] for draft in drafts]


def enter_many(drafts: Sequence[Draft], *, now: datetime) -> None:
    """The same for thousands, of which the caller wants none back."""
    _append(drafts, now)


def _append(drafts: Sequence[Draft], now: datetime) -> tuple[Entries, dict[Key, dict[str, Any]]]:
    """The entries that were there before, and the rows of those that came."""
    for draft in drafts:
        if found := problems(draft, now):
            raise InvalidInput(found)
    tail = _lock_and_find_tail()
    known = queries.entries_called([draft.key for draft in drafts])
    rows, place = dict[Key, dict[str, Any]](), tail.place
    said = {key: one.content for key, one in known.items()}
    for draft in drafts:
        if draft.key in said:
            _refuse_other_facts(said[draft.key], draft)
            continue
        _refuse_closed_month(draft, tail.closed)
        row = rows[draft.key] = _row_of(draft, place, now)
        said[draft.key] = row["content"]
        place = Place(place.ledger, place.position + 1, row["leaf_hash"])
    if rows:
        _write([*rows.values()], tail.place)
        put_many(Topic.HEAD, [tail.place.ledger], now=now)
    return known, rows


def _lock_and_find_tail() -> Tail:
    """Wait for every other writer; what is read from here on is the last."""
    if (
        db.session.get_bind().dialect.name == "postgresql"
    ):  # SQLite's writers queue at the beginning
        db.session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    row = db.session.execute(_LAST).first()
    if row is None:
        closed = db.session.scalar(_CLOSED)
        return Tail(Place(current_signer().ledger, 0, EMPTY_ROOT), closed or "")
    position, leaf, content, closed = row
    return Tail(Place(json.loads(content)["ledger"], position + 1, leaf), closed or "")


def _refuse_other_facts(stored: bytes, draft: Draft) -> None:
    if not entry.same_facts(stored, draft.facts):
        text_ = _(
            "台账中已有同一主体、同一版本的条目，内容不同，不能改写；请以新版本冲正后重新登记"
        )
        raise Conflict(text_)


def _refuse_closed_month(draft: Draft, closed: str) -> None:
    if draft.facts["date"][:7] <= closed:
        raise Conflict(_("%(month)s 及以前的统计期已关账，请记入当前月份", month=closed))


def _row_of(draft: Draft, place: Place, now: datetime) -> dict[str, Any]:
    content = entry.content_of(draft, place, now)
    return {
        "position": place.position,
        "content": content,
        "leaf_hash": leaf_hash(content),
        "previous": place.previous,
        "subject": draft.subject,
        "kind": draft.kind,
        "version": draft.version,
        "at": now,
    }


def _write(rows: list[dict[str, Any]], first: Place) -> None:
    frontier = _frontier(first, len(rows))
    nodes = [node for row in rows for node in frontier.add(row["leaf_hash"])]
    counted = [row for row in rows if row["kind"] not in entry.UNCOUNTED]
    facts = [(row["position"], json.loads(row["content"])["facts"]) for row in counted]
    tables: dict[Any, list[dict[str, Any]]] = {
        LedgerEntry: rows,
        LedgerNode: [
            {"level": level, "index": index, "hash": hash_} for level, index, hash_ in nodes
        ],
        LedgerFigure: [projection.figure_of(*one) for one in facts],
        LedgerFigurePart: [part for one in facts for part in projection.parts_of(*one)],
    }
    for model, values in tables.items():
        if values:
            db.session.execute(insert(model.__table__), values)


def _frontier(first: Place, more: int) -> Frontier:
    """The right edge of the tree, as far as ``more`` leaves will touch it."""
    loose = loose_nodes(first.position, more)
    hashes = queries.hashes_of([node for node in loose if node[0]])
    hashes[0, first.position - 1] = first.previous
    return Frontier(first.position, {level: hashes[level, index] for level, index in loose})


def _attached(one: LedgerEntry) -> LedgerEntry:
    """An entry that was written without the session, as the session would have loaded it."""
    make_transient_to_detached(one)
    db.session.add(one)
    return one


def sign_head(*, now: datetime) -> LedgerHead:
    """Sign the tree of all committed entries; the last head where nothing has been added since.

    Runs in a transaction of its own. :class:`Conflict` where the tree does not extend the last
    head: a signature would then hide that the ledger was rewritten or cut.
    """
    place = _lock_and_find_tail().place
    signer, last = current_signer(), queries.latest_head()
    if last is not None and not queries.extends_head(last, place.position):
        text_ = _("台账与上一个树头不一致，可能被改动，已拒绝签名；请先运行 shuangku ledger verify")
        raise Conflict(text_)
    if last is not None and (last.size, last.key) == (place.position, signer.key_of(place.ledger)):
        return last
    root = queries.root_at(place.position)
    note, signature = signer.sign(place.ledger, place.position, root)
    head = LedgerHead(
        origin=place.ledger,
        size=place.position,
        root=root,
        algorithm=entry.ALGORITHM,
        signed_at=now,
        signatures=[signature.as_row()],
        note=note,
    )
    db.session.add(head)
    db.session.flush()
    return head


def close_period(month: str, *, now: datetime) -> LedgerPeriod:
    """Close ``month`` (``YYYY-MM``) and all before it; what is closed stays closed as it was.

    A month that was passed over was closed by the next one that was not: that one is given back.
    :class:`InvalidInput` for what is no month or is not over yet.
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise InvalidInput({"month": [_("月份应写作 2026-01")]})
    if month >= entry.day_of(now).strftime("%Y-%m"):
        raise InvalidInput({"month": [_("%(month)s 尚未结束，不能关账", month=month)]})
    tail = _lock_and_find_tail()
    closed = select(LedgerPeriod).where(LedgerPeriod.month >= month).order_by(LedgerPeriod.month)
    if known := db.session.scalar(closed.limit(1)):
        return known
    period = LedgerPeriod(month=month, closed_at=now, size=tail.place.position)
    db.session.add(period)
    db.session.flush()
    return period


def seal(subject: str, field: str, value: str) -> str:
    """The commitment to one value of ``subject``, for its entries; the same again for the same value.

    The value itself stays in an ordinary table until :func:`purge`.
    """
    for known in queries.disclosures(subject, field):
        if known.value == value:
            return known.commitment
    salt = secrets.token_bytes(entry.SALT_BYTES)
    sealed = entry.commitment(salt, field, value)
    row = LedgerDisclosure(commitment=sealed, subject=subject, field=field, salt=salt, value=value)
    db.session.add(row)
    db.session.flush()
    return sealed


def purge(sealed: str, *, now: datetime) -> None:
    """Forget value and salt behind a commitment; no entry changes. :class:`NotFound` for none."""
    row = db.session.get(LedgerDisclosure, sealed)
    if row is None:
        raise NotFound(_("没有这项承诺"))
    row.value = row.salt = None
    row.purged_at = row.purged_at or now
    db.session.flush()
