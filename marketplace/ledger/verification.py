"""Check the whole ledger from its bytes, as somebody would who trusts nothing but them.

Everything is computed again, in order, from ``content`` alone: leaf hashes, chain, envelope,
figures, inner nodes, roots, and each signed head against them. The first fault that is found names
the first bad position. A tail that was cut, or a history that was rewritten with all its hashes,
agrees with itself; it is found by any head that was signed before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import Row, func, or_, select

from marketplace.extensions import db
from marketplace.ledger import projection
from marketplace.ledger.entry import UNCOUNTED
from marketplace.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from marketplace.ledger.models import (
    LedgerEntry,
    LedgerFigure,
    LedgerFigurePart,
    LedgerHead,
    LedgerNode,
)
from marketplace.ledger.signing import current_signer
from marketplace.ledger.verify_proof import YES, Head, Refused, read_head, signature_of

#: So many entries at a time: memory stays the same however long the ledger is.
_BATCH = 1 << 11
_JSON = json.JSONDecoder()
#: A figure in the order of its columns.
_FIGURE = itemgetter(*LedgerFigure.__table__.columns.keys())


@dataclass(frozen=True)
class Fault:
    """What is wrong, and at which position it shows first."""

    position: int
    message: str


@dataclass
class Progress:
    """What has been checked so far."""

    frontier: Frontier
    ledger: str = ""
    #: the entry before, as computed from its bytes
    previous: bytes = EMPTY_ROOT
    #: the last position that was found wrong; its neighbour is not blamed for it again
    blamed: int = -1
    #: the size of the last head that agreed; a rewritten entry lies behind it
    agreed: int = 0
    #: how many of the entries have a figure
    counted: int = 0

    @property
    def size(self) -> int:
        """How many entries have been checked."""
        return self.frontier.size


class Stored(NamedTuple):
    """An entry as stored, with what its bytes say; ``envelope`` is empty where they say nothing."""

    row: Row[Any]
    leaf: bytes
    envelope: Mapping[str, Any]

    def follows(self, leaf: bytes) -> bool:
        """Whether it names ``leaf`` as the entry before it."""
        return self.envelope.get("previous") == leaf.hex()


@dataclass(frozen=True)
class Batch:
    """A run of entries with the rows stored beside them, by position or by node.

    ``entries`` are up to two more than ``count``: what follows an entry vouches for it.
    """

    count: int
    entries: Sequence[Stored]
    figures: Mapping[int, tuple[Any, ...]]
    parts: Mapping[int, list[dict[str, Any]]]
    nodes: Mapping[tuple[int, int], bytes]
    heads: Mapping[int, list[Row[Any]]]


def verify(against: Sequence[Head] = ()) -> Iterator[Fault]:
    """Every fault, the first bad position first; ``against`` are heads that were kept elsewhere.

    Begins a reading transaction of its own, so that entries which come meanwhile do not disturb.
    """
    _begin_reading()
    progress = Progress(Frontier())
    kept: dict[int, list[Head]] = {}
    for head in against:
        kept.setdefault(head.size, []).append(head)
    longest = max(kept, default=0)
    yield from _check_heads(progress, _heads_between(-1, 0), kept)
    while (batch := _readable(progress.size)) and batch.count:
        for number, one in enumerate(batch.entries[: batch.count]):
            if one.row.position != progress.size:
                yield Fault(progress.size, _("缺少这一条"))
                return  # without it nothing that follows can be computed
            yield from _check_entry(progress, one, batch.entries[number + 1 : number + 3], batch)
            if progress.size in batch.heads or progress.size in kept:
                yield from _check_heads(progress, batch.heads, kept)
    if batch is None:
        yield Fault(progress.size, _("这一条或其附属数据无法读取"))
        return
    yield from _check_end(progress, longest)


def _begin_reading() -> None:
    db.session.rollback()
    if db.session.get_bind().dialect.name == "postgresql":  # SQLite reads one picture anyway
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _readable(start: int) -> Batch | None:
    """The next batch; where a value in it is of no possible kind, the next entry; or nothing."""
    for count, beyond in ((_BATCH, 2), (1, 2), (1, 0)):
        try:
            return _read(start, count, beyond)
        except (ValueError, LookupError, TypeError):
            continue
    return None


def _read(start: int, count: int, beyond: int) -> Batch:
    table = LedgerEntry.__table__
    wanted = select(table).where(table.c.position >= start).order_by(table.c.position)
    rows = db.session.execute(wanted.limit(count + beyond)).all()
    end = start + min(count, len(rows))
    return Batch(
        end - start,
        [Stored(row, leaf_hash(row.content), _envelope(row.content)) for row in rows],
        {row[0]: tuple(row) for row in _rows(LedgerFigure, start, end)},
        _by_position(dict(row._mapping) for row in _rows(LedgerFigurePart, start, end)),
        _nodes_between(start, end),
        _heads_between(start, end),
    )


def _rows(model: Any, start: int, end: int) -> Sequence[Row[Any]]:
    table = model.__table__
    within = select(table).where(table.c.position >= start, table.c.position < end)
    return db.session.execute(within).all()


def _by_position(parts: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for part in parts:
        found.setdefault(part["position"], []).append(part)
    return found


def _nodes_between(start: int, end: int) -> dict[tuple[int, int], bytes]:
    """The stored nodes whose last leaf lies from ``start`` to before ``end``."""
    ranges = [
        (LedgerNode.level == level)
        & (LedgerNode.index >= start >> level)
        & (LedgerNode.index < end >> level)
        for level in range(1, end.bit_length())
    ]
    if not ranges:
        return {}
    stored = select(LedgerNode.level, LedgerNode.index, LedgerNode.hash).where(or_(*ranges))
    return {(level, index): hash_ for level, index, hash_ in db.session.execute(stored)}


def _heads_between(after: int, last: int) -> dict[int, list[Row[Any]]]:
    table = LedgerHead.__table__
    within = select(table).where(table.c.size > after, table.c.size <= last)
    found: dict[int, list[Row[Any]]] = {}
    for head in db.session.execute(within.order_by(table.c.id)):
        found.setdefault(head.size, []).append(head)
    return found


def _check_entry(
    progress: Progress, one: Stored, following: Sequence[Stored], batch: Batch
) -> Iterator[Fault]:
    position = one.row.position
    if message := _fault_of(progress, one, following, batch):
        progress.blamed = position
        yield Fault(position, message)
    progress.ledger = progress.ledger or one.envelope.get("ledger", "")
    progress.previous = one.leaf
    progress.counted += one.row.kind not in UNCOUNTED
    # Where only the bytes were changed, the hash that stood there before still fits the tree.
    for level, index, computed in progress.frontier.add(one.row.leaf_hash):
        if batch.nodes.get((level, index)) != computed:
            yield Fault(position, _("第 %(level)s 层的树节点不符", level=level))


def _fault_of(
    progress: Progress, one: Stored, following: Sequence[Stored], batch: Batch
) -> str | None:
    """What is wrong with an entry, the gravest first."""
    if one.leaf != one.row.leaf_hash:
        return _("条目内容与其散列值不符")
    if _is_disowned(one, following, progress.ledger):
        return _("后一条记着这一条的另一个散列值")
    if not one.follows(progress.previous) and progress.blamed != one.row.position - 1:
        return _("与前一条的链接断开")
    if not _repeats(one, progress.ledger):
        return _("条目的各栏与其内容不符")
    if not _is_projected(one, batch):
        return _("统计数据与条目内容不符")
    return None


def _is_disowned(one: Stored, following: Sequence[Stored], ledger: str) -> bool:
    """Whether a sound next entry, named by the one after it, names another hash than this one's."""
    if not following or following[0].follows(one.leaf):
        return False
    after = following[0]
    is_next = after.row.position == one.row.position + 1 and after.leaf == after.row.leaf_hash
    is_named = len(following) < 2 or following[1].follows(after.leaf)
    return is_next and is_named and _repeats(after, ledger)


def _envelope(content: bytes) -> Mapping[str, Any]:
    try:
        read = _JSON.decode(content.decode())
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _repeats(one: Stored, ledger: str) -> bool:
    """Whether the columns say what the bytes say, in the ledger of all entries before."""
    row, envelope = one.row, one.envelope
    said = [envelope.get(n) for n in ("position", "previous", "subject", "kind", "version", "at")]
    columns = [row.position, row.previous.hex(), row.subject, row.kind.value, row.version]
    columns.append(row.at.isoformat(timespec="microseconds"))
    return said == columns and ledger in ("", envelope.get("ledger"))


def _is_projected(one: Stored, batch: Batch) -> bool:
    """Whether figure and parts are those of the facts; never of facts that have none.

    What is not counted has neither.
    """
    position = one.row.position
    if one.row.kind in UNCOUNTED:
        return position not in batch.figures and position not in batch.parts
    try:
        figure = projection.figure_of(position, one.envelope["facts"])
        parts = projection.parts_of(position, one.envelope["facts"])
    except (LookupError, ValueError, TypeError, AttributeError):
        return False
    stored = batch.parts.get(position, [])
    return _FIGURE(figure) == batch.figures.get(position) and _ordered(parts) == _ordered(stored)


def _ordered(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(parts, key=lambda part: (part["role"], part["number"]))


def _check_heads(
    progress: Progress, stored: Mapping[int, Sequence[Row[Any]]], kept: dict[int, list[Head]]
) -> Iterator[Fault]:
    """Compare the tree as read so far with every head over just as many entries."""
    heads, others = stored.get(progress.size, ()), kept.pop(progress.size, [])
    root = progress.frontier.root()
    for head in others:
        if head.root != root or progress.ledger not in ("", head.origin):
            yield _rewritten(progress, _("与给出的树头不符"))
    for row in heads:
        if row.root != root:
            yield _rewritten(progress, _("与已签署的树头不符"))
        elif not _is_signed(row):
            yield Fault(max(row.size - 1, 0), _("树头的签名无效或不是本台账的公钥"))
        else:
            progress.agreed = row.size


def _rewritten(progress: Progress, message: str) -> Fault:
    size = progress.size
    where = _("第 %(first)s 条至第 %(last)s 条之间", first=progress.agreed, last=max(size - 1, 0))
    return Fault(progress.agreed, f"{message}（{where}）")


def _is_signed(row: Row[Any]) -> bool:
    """Whether the stored note says what its row says and is signed by a key of this ledger."""
    try:
        head, key = read_head(row.note), row.signatures[0]["key"]
        same = (head.origin, head.size, head.root) == (row.origin, row.size, row.root)
        return same and current_signer().knows(key) and signature_of(head, key)[0] == YES
    except (Refused, ValueError, LookupError, TypeError):
        return False


def _check_end(progress: Progress, longest: int) -> Iterator[Fault]:
    """What must not be there beyond the last entry, and what must."""
    size = progress.size
    longest = max(longest, db.session.scalar(select(func.max(LedgerHead.size))) or 0)
    if longest > size:
        yield Fault(size, _("尾部缺失：曾签署过 %(count)s 条的树头", count=longest))
    counts = {
        LedgerEntry: size,
        LedgerNode: size - size.bit_count(),  # one for each leaf that had a left neighbour
        LedgerFigure: progress.counted,
    }
    for model, expected in counts.items():
        if db.session.scalar(select(func.count()).select_from(model)) != expected:
            yield Fault(size, _("末尾之后还有多余的数据"))
