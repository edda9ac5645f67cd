"""What is asked of the ledger: entries, roots, proofs as files, and what stood at some moment."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db
from marketplace.ledger import verify_proof
from marketplace.ledger.entry import RESERVED, Kind
from marketplace.ledger.merkle import (
    Node,
    Range,
    consistency_ranges,
    inclusion_ranges,
    nodes_of,
    root_of,
)
from marketplace.ledger.models import (
    LedgerDisclosure,
    LedgerEntry,
    LedgerFigure,
    LedgerHead,
    LedgerNode,
)
from marketplace.ledger.signing import Signer
from marketplace.ledger.verify_proof import Head

#: So many keys at a time stay far below what a statement may bind.
_BATCH = 1000


def size() -> int:
    """How many entries the ledger has."""
    last = db.session.scalar(select(func.max(LedgerEntry.position)))
    return 0 if last is None else last + 1


def entries_called(keys: Sequence[tuple[str, str, int]]) -> dict[tuple[str, str, int], LedgerEntry]:
    """The stored entries among ``keys``, which are (subject, kind, version)."""
    found: dict[tuple[str, str, int], LedgerEntry] = {}
    for start in range(0, len(keys), _BATCH):
        wanted = _is_one_of(keys[start : start + _BATCH])
        for one in db.session.scalars(select(LedgerEntry).where(wanted)):
            found[one.subject, one.kind.value, one.version] = one
    return found


def _is_one_of(keys: Sequence[tuple[str, str, int]]) -> ColumnElement[bool]:
    columns = (LedgerEntry.subject, LedgerEntry.kind, LedgerEntry.version)
    if len(keys) == 1:
        return and_(*(column == value for column, value in zip(columns, keys[0], strict=True)))
    return tuple_(*columns).in_(keys)


def load(position: int) -> LedgerEntry:
    """The entry at ``position``; :class:`NotFound` where there is none."""
    found = db.session.get(LedgerEntry, position) if 0 <= position < 2**63 else None
    if found is None:
        raise NotFound(_("台账中没有第 %(position)s 条", position=position))
    return found


#: Entries under a contract's number that say nothing of how its registration stands.
BESIDE = RESERVED | {Kind.INCOME_VERIFIED}


def entry_of_number(number: str) -> LedgerEntry:
    """The entry that says how the registration of that number stands now: the last of its own."""
    of_number = (
        select(LedgerEntry)
        .join(LedgerFigure, LedgerFigure.position == LedgerEntry.position)
        .where(LedgerFigure.number == number, LedgerEntry.kind.not_in(BESIDE))
    )
    found = db.session.scalar(of_number.order_by(LedgerEntry.position.desc()).limit(1))
    if found is None:
        raise NotFound(_("台账中没有登记编号 %(number)s", number=number))
    return found


def entries_of(subject: str) -> Sequence[LedgerEntry]:
    """Every entry of a subject, in order."""
    of_subject = select(LedgerEntry).where(LedgerEntry.subject == subject)
    return db.session.scalars(of_subject.order_by(LedgerEntry.position)).all()


def latest(count: int) -> Sequence[LedgerEntry]:
    """The last entries, the newest first."""
    newest = select(LedgerEntry).order_by(LedgerEntry.position.desc()).limit(count)
    return db.session.scalars(newest).all()


def hashes_of(nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The stored hashes of nodes; of leaves, level 0, those of their entries."""
    wanted = [*dict.fromkeys(nodes)]
    leaves = [index for level, index in wanted if level == 0]
    inner = [node for node in wanted if node[0]]
    found: dict[Node, bytes] = {}
    if leaves:
        of_entries = select(LedgerEntry.position, LedgerEntry.leaf_hash)
        rows = db.session.execute(of_entries.where(LedgerEntry.position.in_(leaves)))
        found |= {(0, position): hash_ for position, hash_ in rows}
    if inner:
        stored = select(LedgerNode.level, LedgerNode.index, LedgerNode.hash)
        places = [and_(LedgerNode.level == level, LedgerNode.index == i) for level, i in inner]
        found |= {
            (row[0], row[1]): row[2] for row in db.session.execute(stored.where(or_(*places)))
        }
    if len(found) < len(wanted):
        raise Conflict(_("台账缺少条目或节点，可能被改动；请运行 shuangku ledger verify"))
    return found


def _roots(ranges: Sequence[Range]) -> list[bytes]:
    hashes = hashes_of(node for leaves in ranges for node in nodes_of(leaves))
    return [root_of(leaves, hashes.__getitem__) for leaves in ranges]


def root_at(count: int) -> bytes:
    """The root over the first ``count`` entries."""
    return _roots([(0, count)])[0]


def extends_head(head: LedgerHead, count: int) -> bool:
    """Whether the first ``count`` entries begin with those that ``head`` covers."""
    return head.size <= count and root_at(head.size) == head.root


def latest_head() -> LedgerHead | None:
    """The last signed head."""
    return db.session.scalar(select(LedgerHead).order_by(LedgerHead.id.desc()).limit(1))


def head_of_size(count: int) -> LedgerHead:
    """The last head over ``count`` entries; :class:`NotFound` where none was signed."""
    of_size = select(LedgerHead).where(LedgerHead.size == count).order_by(LedgerHead.id.desc())
    found = db.session.scalar(of_size.limit(1))
    if found is None:
        raise NotFound(_("没有规模为 %(count)s 条的树头", count=count))
    return found


def head_file(head: LedgerHead) -> dict[str, Any]:
    """A head as a file that ``verify_proof`` reads."""
    return {"format": "head", "head": head.note, "key": head.key}


def first_head_over(position: int) -> LedgerHead | None:
    """The first signed head that covers the entry: a receipt made from it is the same on any day."""
    covering = select(LedgerHead).where(LedgerHead.size > position)
    return db.session.scalar(covering.order_by(LedgerHead.size, LedgerHead.id).limit(1))


def receipt(position: int, head: LedgerHead | None = None) -> dict[str, Any]:
    """The receipt of an entry: its bytes and its path to a head, the last one unless another is given.

    As ``verify_proof`` reads it. :class:`NotFound` for no such entry, :class:`Conflict` while no
    head covers it yet.
    """
    found, head = load(position), head or latest_head()
    if head is None or head.size <= position:
        raise Conflict(_("这一条还没有签署树头，请稍后再试"))
    path = _roots(inclusion_ranges(position, head.size))
    values = {"entry": _text(found.content), "path": [_text(step) for step in path]}
    return {**head_file(head), "format": "receipt", "position": position, **values}


def consistency(old: Head, head: LedgerHead) -> dict[str, Any]:
    """The proof that ``head`` extends an older one, which may come from elsewhere."""
    if old.size > head.size:
        raise Conflict(_("旧树头比新树头大，请先写较小的一个"))
    path = _roots(consistency_ranges(old.size, head.size))
    values = {"old": old.note, "path": [_text(step) for step in path]}
    return {**head_file(head), "format": "consistency", **values}


def check_file(
    data: bytes, kept_head: bytes | None, signer: Signer
) -> tuple[verify_proof.Answers, bool]:
    """What ``verify_proof`` says of a file, held against the key of this ledger."""
    answers = verify_proof.check(data, kept_head)
    key = verify_proof.read(data)["key"]
    if signer.knows(key):
        return answers
    return verify_proof.check(data, kept_head, signer.key_of(key.partition("+")[0]))


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@dataclass(frozen=True)
class Standing:
    """What the entries of one subject sum to; ``last`` is the position of its last entry."""

    subject: str
    count: int
    deal: int
    technology: int
    income: int
    last: int


def state_as_of(moment: int | date, subject: str | None = None) -> list[Standing]:
    """What stood when the ledger had ``moment`` entries, or at the end of the day ``moment``.

    A day is the one on which statistics count an entry. All subjects in their order, or one.
    """
    sums = [
        func.sum(column)
        for column in (
            LedgerFigure.count,
            LedgerFigure.deal,
            LedgerFigure.technology,
            LedgerFigure.income,
        )
    ]
    counted = (
        select(LedgerEntry.subject, *sums, func.max(LedgerEntry.position))
        .join(LedgerFigure, LedgerFigure.position == LedgerEntry.position)
        .group_by(LedgerEntry.subject)
        .order_by(LedgerEntry.subject)
    )
    if isinstance(moment, date):
        counted = counted.where(LedgerFigure.date <= moment)
    else:
        counted = counted.where(LedgerEntry.position < moment)
    if subject is not None:
        counted = counted.where(LedgerEntry.subject == subject)
    rows = db.session.execute(counted)  # PostgreSQL adds bigint up to numeric
    return [Standing(name, *map(int, numbers)) for name, *numbers in rows]


def disclosures(subject: str, field: str) -> Sequence[LedgerDisclosure]:
    """The values of one field of a subject that are, or were, behind commitments."""
    of_field = select(LedgerDisclosure).where(
        LedgerDisclosure.subject == subject, LedgerDisclosure.field == field
    )
    return db.session.scalars(of_field).all()


def disclosure(sealed: str) -> LedgerDisclosure | None:
    """Value and salt behind a commitment, while they are kept."""
    return db.session.get(LedgerDisclosure, sealed)
