"""The tables of the ledger. Only what must be forgettable lies in one that can be changed."""

import json
from datetime import date as day
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.ledger.entry import Kind
from marketplace.ledger.triggers import make_append_only

#: A position; SQLite counts rows by INTEGER alone, which has 64 bits there.
Position = BigInteger().with_variant(db.Integer, "sqlite")


class LedgerEntry(db.Model):
    """One entry. ``content`` is what was hashed; every other column repeats a part of it."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("subject", "kind", "version", name="uq_ledger_entry_key"),)

    position: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: Unique, so that two writers cannot continue the same chain.
    previous: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    subject: Mapped[str] = mapped_column(String(100))
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)

    @property
    def envelope(self) -> dict[str, Any]:
        """All that the entry says."""
        return json.loads(self.content)

    @property
    def facts(self) -> dict[str, Any]:
        """What became true."""
        return self.envelope["facts"]


class LedgerNode(db.Model):
    """The root of one complete subtree of two or more leaves, written when its last leaf came."""

    __tablename__ = "ledger_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(Position, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerFigure(db.Model):
    """What statistics read of one entry: a narrow projection of its facts, never a second truth."""

    __tablename__ = "ledger_figure"

    position: Mapped[int] = mapped_column(
        Position, ForeignKey("ledger_entry.position"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(16), index=True)
    date: Mapped[day]
    month: Mapped[str] = mapped_column(String(7), index=True)
    #: Signed as they count; money in fen.
    count: Mapped[int]
    deal: Mapped[int] = mapped_column(BigInteger)
    technology: Mapped[int] = mapped_column(BigInteger)
    income: Mapped[int] = mapped_column(BigInteger)
    commission: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str] = mapped_column(String(8))
    field: Mapped[str] = mapped_column(String(8))
    goal: Mapped[str] = mapped_column(String(8))
    industry: Mapped[str] = mapped_column(String(8))
    #: The main kind of intellectual property; the others are parts.
    ip: Mapped[str] = mapped_column(String(8))
    plan: Mapped[str] = mapped_column(String(8))
    payment: Mapped[str] = mapped_column(String(8))
    point: Mapped[str] = mapped_column(String(8))
    trade: Mapped[str] = mapped_column(String(16))
    related: Mapped[bool]
    zone: Mapped[bool]
    listed: Mapped[bool]
    demonstration: Mapped[bool]
    #: The first party of either side; the others are parts.
    seller_nature: Mapped[str] = mapped_column(String(8))
    seller_region: Mapped[str] = mapped_column(String(6))
    seller_country: Mapped[str] = mapped_column(String(3))
    buyer_nature: Mapped[str] = mapped_column(String(8))
    buyer_region: Mapped[str] = mapped_column(String(6))
    buyer_country: Mapped[str] = mapped_column(String(3))


class LedgerFigurePart(db.Model):
    """One of several sellers, buyers or kinds of intellectual property of an entry.

    Where an entry has more than one of a role, all of them are here, in their order from 0;
    ``share`` is in basis points and 0 where the role has none.
    """

    __tablename__ = "ledger_figure_part"

    position: Mapped[int] = mapped_column(
        Position, ForeignKey("ledger_entry.position"), primary_key=True, autoincrement=False
    )
    #: ``seller``, ``buyer`` or ``ip``
    role: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The nature of a party, or the kind of intellectual property.
    code: Mapped[str] = mapped_column(String(8))
    region: Mapped[str] = mapped_column(String(6))
    country: Mapped[str] = mapped_column(String(3))
    share: Mapped[int]


class LedgerHead(db.Model):
    """A signed tree head: what the ledger was, in the checkpoint form that others can cosign."""

    __tablename__ = "ledger_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Position, index=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    #: The hash of the tree; each signature names its own algorithm.
    algorithm: Mapped[str] = mapped_column(String(16))
    signed_at: Mapped[datetime] = mapped_column(Instant)
    #: Rows of ``algorithm``, ``key`` (as in a note: name+ID+base64) and ``line``.
    signatures: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    #: The checkpoint exactly as signed.
    note: Mapped[str] = mapped_column(Text)

    @property
    def key(self) -> str:
        """The public key of the ledger's own signature."""
        return self.signatures[0]["key"]


class LedgerPeriod(db.Model):
    """A month whose figures were published: nothing more is entered under it or under earlier ones."""

    __tablename__ = "ledger_period"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    #: How many entries the ledger had.
    size: Mapped[int] = mapped_column(Position)


class LedgerDisclosure(db.Model):
    """Value and salt behind a commitment; both go when they are purged, the entry stays."""

    __tablename__ = "ledger_disclosure"
    __table_args__ = (db.Index("ix_ledger_disclosure_subject_field", "subject", "field"),)

    commitment: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject: Mapped[str] = mapped_column(String(100))
    field: Mapped[str] = mapped_column(String(60))
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    value: Mapped[str | None] = mapped_column(Text)
    purged_at: Mapped[datetime | None] = mapped_column(Instant)


APPEND_ONLY = (
    LedgerEntry, LedgerNode, LedgerFigure, LedgerFigurePart, LedgerHead, LedgerPeriod,
)  # fmt: skip
for model in APPEND_ONLY:
    make_append_only(model.__table__)
