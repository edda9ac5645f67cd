"""An entry as a value: its kinds, its postings, and the canonical bytes that are hashed.

An entry is canonical JSON (RFC 8785) without floating point numbers. Its bytes are stored exactly
as they were hashed, so that nobody ever has to serialise an entry again to check it. Positions
count from 0, as leaves do in RFC 9162; ``previous`` is the leaf hash of the entry before, and of
the first entry the root of the empty tree.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

ALGORITHM = "sha256"
#: All of China keeps one time, without summer time; statistics count its days.
BEIJING = timezone(timedelta(hours=8))
#: The integers that every JSON reader takes as they are (RFC 8785 §3.2.2.3, RFC 7493 §2.2).
LARGEST = 2**53 - 1
SALT_BYTES = 32


class Kind(StrEnum):
    """What became true."""

    REGISTERED = "registered"
    REVERSED = "reversed"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    INCOME_VERIFIED = "income_verified"
    INTRODUCED = "introduced"
    COMMISSION_DUE = "commission_due"
    COMMISSION_REVERSED = "commission_reversed"


#: Kinds that say nothing of a contract: they have no figure, and no statistic can count them.
UNCOUNTED = frozenset({Kind.INTRODUCED})
#: What these say is shown to those whom it concerns alone; that they are there is seen by everybody.
RESERVED = frozenset({Kind.COMMISSION_DUE, Kind.COMMISSION_REVERSED})


@dataclass(frozen=True)
class Posting:
    """``fen`` that come to an ``account``, or leave it where negative."""

    account: str
    fen: int

    def as_fact(self) -> dict[str, Any]:
        """How it stands in the facts of an entry."""
        return {"account": self.account, "fen": self.fen}


@dataclass(frozen=True)
class Draft:
    """An entry that has no place yet; ``(subject, kind, version)`` makes its repetition known."""

    kind: Kind
    subject: str
    facts: Mapping[str, Any]
    version: int
    rules: str

    @property
    def key(self) -> tuple[str, str, int]:
        """What no two entries share."""
        return self.subject, self.kind.value, self.version


@dataclass(frozen=True)
class Place:
    """Where an entry comes to stand: after ``previous``, a leaf hash, in ``ledger``."""

    ledger: str
    position: int
    previous: bytes


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of ``value``; ``ValueError`` for text that UTF-8 does not have.

    Python's own JSON is canonical for what ``facts`` lets into an entry: names in ASCII, for which
    the order of code points is that of UTF-16, and no number but integers of at most 2**53 - 1.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def content_of(draft: Draft, place: Place, now: datetime) -> bytes:
    """The bytes of an entry; they are its leaf of the tree and are stored as they are."""
    return canonical(
        {
            "algorithm": ALGORITHM,
            "at": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "facts": dict(draft.facts),
            "kind": draft.kind.value,
            "ledger": place.ledger,
            "position": place.position,
            "previous": place.previous.hex(),
            "rules": draft.rules,
            "subject": draft.subject,
            "version": draft.version,
        }
    )


def same_facts(content: bytes, facts: Mapping[str, Any]) -> bool:
    """Whether the entry with these bytes says the same facts."""
    return canonical(json.loads(content)["facts"]) == canonical(dict(facts))


def day_of(now: datetime) -> date:
    """The day in China on which ``now`` falls."""
    return now.astimezone(BEIJING).date()


def commitment(salt: bytes, field: str, value: str) -> str:
    """Hex SHA-256 over 32 random bytes, the field's name, a NUL and the value.

    It stands in an entry for what must be forgettable: whoever is given salt and value can check
    them against it, and once both are purged it says nothing.
    """
    if len(salt) != SALT_BYTES or "\0" in field:
        raise ValueError("a commitment takes 32 random bytes and a field name without NUL")
    return hashlib.sha256(salt + field.encode() + b"\0" + value.encode()).hexdigest()
