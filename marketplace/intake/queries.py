"""The queue, one notice with all that speaks for its guesses, and the health of sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import String, cast, func, or_, select

from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.intake.catalogue import current_catalogue
from marketplace.intake.gathering import said_by
from marketplace.intake.lifecycle import State
from marketplace.intake.models import (
    CollectedNotice,
    CollectedPair,
    CollectedPatent,
    ScrapeRun,
    SourceState,
)
from marketplace.intake.reading import Reading, read
from marketplace.likeness.queries import Piece, differences
from marketplace.listings.models import KINDS, Listing, Result
from marketplace.listings.queries import LARGEST_ID

PAGE_SIZE = 20
RUNS_SHOWN = 50
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Asked:
    """Which part of the queue is wanted; empty: any."""

    state: State = State.WAITING
    kind: str = ""
    #: A route, ``technical`` for none, or empty for any.
    route: str = ""
    source: str = ""
    page: int = 1


@dataclass(frozen=True)
class Row:
    """A notice of the queue with its reading and how many pairs wait."""

    notice: CollectedNotice
    reading: Reading
    pairs: int


@dataclass(frozen=True)
class Page:
    """One page of the queue."""

    rows: Sequence[Row]
    count: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.count // PAGE_SIZE))


@dataclass(frozen=True)
class Beside:
    """A notice beside what it resembles: where their texts differ."""

    pair: CollectedPair
    other: CollectedNotice | Listing
    own_text: Sequence[Piece]
    other_text: Sequence[Piece]


@dataclass(frozen=True)
class Relatives:
    """Results that name a patent of the same family."""

    notices: Sequence[CollectedNotice]
    listings: Sequence[Listing]


@dataclass(frozen=True)
class Health:
    """A source as the operator sees it."""

    name: str
    publisher: str
    address: str
    kind: str
    confirmed_on: date | None
    state: SourceState | None
    last: ScrapeRun | None
    waiting: int


def queue(asked: Asked) -> Page:
    """A page of the notices that were asked for, the oldest first; the decided ones latest first."""
    wanted = _wanted(asked)
    count = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    last = max(1, -(-count // PAGE_SIZE))
    number = min(max(1, asked.page), last)
    order = (
        CollectedNotice.id if asked.state == State.WAITING else CollectedNotice.decided_at.desc()
    )
    rows = db.session.scalars(
        wanted.order_by(order, CollectedNotice.id).limit(PAGE_SIZE).offset(PAGE_SIZE * (number - 1))
    ).all()
    pairs = _pair_counts([row.id for row in rows])
    words = current_catalogue().words
    read_rows = [Row(row, read(said_by(row), words), pairs.get(row.id, 0)) for row in rows]
    return Page(read_rows, count, number)


def _wanted(asked: Asked) -> Any:
    wanted = select(CollectedNotice).where(CollectedNotice.state == asked.state)
    if asked.kind:
        wanted = wanted.where(CollectedNotice.kind == asked.kind)
    if asked.source:
        wanted = wanted.where(CollectedNotice.source == asked.source)
    if asked.route:
        route = "" if asked.route == "technical" else asked.route
        wanted = wanted.where(CollectedNotice.route == route)
    return wanted


def _pair_counts(ids: Sequence[int]) -> dict[int, int]:
    keys = {f"notice/{i}": i for i in ids}
    found = select(CollectedPair.notice_id, CollectedPair.other).where(
        CollectedPair.verdict.is_(None),
        or_(CollectedPair.notice_id.in_(ids), CollectedPair.other.in_(keys)),
    )
    counts: dict[int, int] = {}
    for notice_id, other in db.session.execute(found):
        for one in {notice_id, keys.get(other, notice_id)} & set(ids):
            counts[one] = counts.get(one, 0) + 1
    return counts


def counts_by_state() -> dict[State, int]:
    """How many notices stand in each state."""
    grouped = select(CollectedNotice.state, func.count()).group_by(CollectedNotice.state)
    return {state: count for state, count in db.session.execute(grouped)}


def load(notice_id: int) -> CollectedNotice:
    """The notice of that number; else NotFound."""
    row = db.session.get(CollectedNotice, notice_id) if notice_id <= LARGEST_ID else None
    if row is None:
        raise NotFound(_("没有找到这条采集内容"))
    return row


def load_many(ids: Sequence[int]) -> list[CollectedNotice]:
    """Those of these notices that wait, in the order of their numbers; at most so many at once."""
    wanted = [i for i in dict.fromkeys(ids) if i <= LARGEST_ID][:MOST_AT_ONCE]
    rows = select(CollectedNotice).where(
        CollectedNotice.id.in_(wanted), CollectedNotice.state == State.WAITING
    )
    return list(db.session.scalars(rows.order_by(CollectedNotice.id)))


def load_accepted(ids: Sequence[int]) -> list[CollectedNotice]:
    """Those of these notices that became drafts; what was merged into a listing is its owner's."""
    rows = select(CollectedNotice).where(
        CollectedNotice.id.in_([i for i in dict.fromkeys(ids) if i <= LARGEST_ID]),
        CollectedNotice.state.in_((State.ACCEPTED, State.SPLIT)),
    )
    return list(db.session.scalars(rows.order_by(CollectedNotice.id)))


def load_pair(notice: CollectedNotice, pair_id: int) -> CollectedPair:
    """The pair of that number, if it is one of the notice; else NotFound."""
    pair = db.session.get(CollectedPair, pair_id) if pair_id <= LARGEST_ID else None
    if pair is None or notice.key not in (pair.other, f"notice/{pair.notice_id}"):
        raise NotFound(_("这一对已不在待判之列，请刷新页面"))
    return pair


def reading_of(notice: CollectedNotice) -> Reading:
    """What the notice may become."""
    return read(said_by(notice), current_catalogue().words)


def following(notice_id: int) -> int | None:
    """The number of the next waiting notice, or the first; None where none waits."""
    waiting = select(func.min(CollectedNotice.id)).where(
        CollectedNotice.state == State.WAITING, CollectedNotice.id != notice_id
    )
    after = db.session.scalar(waiting.where(CollectedNotice.id > notice_id))
    return after or db.session.scalar(waiting)


def versions(notice: CollectedNotice) -> Sequence[CollectedNotice]:
    """Every version of what the source says under the key, the first first."""
    same = select(CollectedNotice).where(
        CollectedNotice.source == notice.source, CollectedNotice.source_key == notice.source_key
    )
    return db.session.scalars(same.order_by(CollectedNotice.version)).all()


def beside(notice: CollectedNotice) -> list[Beside]:
    """What the notice resembles and nobody has judged, the most alike first."""
    found = select(CollectedPair).where(
        CollectedPair.verdict.is_(None),
        or_(CollectedPair.notice_id == notice.id, CollectedPair.other == notice.key),
    )
    pairs = db.session.scalars(found.order_by(CollectedPair.resemblance.desc(), CollectedPair.id))
    shown = []
    for pair in pairs:
        own = pair.notice_id == notice.id
        other = load_key(pair.other if own else f"notice/{pair.notice_id}")
        if other is not None:
            mine, theirs = differences(_text(notice), _text(other))
            shown.append(Beside(pair, other, mine, theirs))
    return shown


def load_key(key: str) -> CollectedNotice | Listing | None:
    """The listing or notice of a key such as ``need/12``; None if it is gone."""
    kind, _slash, number = key.partition("/")
    model: Any = KINDS.get(kind, CollectedNotice)
    return db.session.get(model, int(number))


def _text(row: CollectedNotice | Listing) -> str:
    if isinstance(row, CollectedNotice):
        return f"{row.title}\n{row.text}"
    return f"{row.title}\n{row.searchable_text()}"


def relatives(notice: CollectedNotice) -> Relatives:
    """Other notices and listings that name a patent of the same family."""
    families = [patent.family for patent in notice.patents]
    if not families:
        return Relatives((), ())
    theirs = select(CollectedPatent.notice_id).where(CollectedPatent.family.in_(families))
    notices = select(CollectedNotice).where(
        CollectedNotice.id.in_(theirs),
        CollectedNotice.id != notice.id,
        CollectedNotice.source_key != notice.source_key,
    )
    written = cast(Result.ip, String)
    named = or_(*(written.contains(family, autoescape=True) for family in families))
    became = [int(key.split("/")[1]) for key in notice.became if key.startswith("result/")]
    listings = select(Result).where(named, Result.id.not_in(became))
    return Relatives(
        db.session.scalars(notices.order_by(CollectedNotice.id).limit(20)).all(),
        db.session.scalars(listings.order_by(Result.id).limit(20)).all(),
    )


def drafts_of(notices: Sequence[CollectedNotice]) -> list[Listing]:
    """The listings that these notices became."""
    found = [load_key(key) for notice in notices for key in notice.became]
    return [row for row in found if row is not None and not isinstance(row, CollectedNotice)]


def health() -> list[Health]:
    """Every source with its last run."""
    states = {row.name: row for row in db.session.scalars(select(SourceState))}
    latest = select(func.max(ScrapeRun.id)).group_by(ScrapeRun.source)
    runs = {
        row.source: row
        for row in db.session.scalars(select(ScrapeRun).where(ScrapeRun.id.in_(latest)))
    }
    grouped = (
        select(CollectedNotice.source, func.count())
        .where(CollectedNotice.state == State.WAITING)
        .group_by(CollectedNotice.source)
    )
    waiting = {name: count for name, count in db.session.execute(grouped)}
    return [
        _health(name, states.get(name), runs.get(name), waiting.get(name, 0))
        for name in current_catalogue().sources
    ]


def _health(name: str, state: SourceState | None, last: ScrapeRun | None, waiting: int) -> Health:
    source = current_catalogue().source(name)
    return Health(
        name,
        source.publisher,
        source.address,
        str(source.kind),
        source.confirmed_on,
        state,
        last,
        waiting,
    )


def health_of(name: str) -> Health:
    """One source with its last run; else NotFound."""
    current_catalogue().source(name)
    return next(one for one in health() if one.name == name)


def runs_of(name: str) -> Sequence[ScrapeRun]:
    """The runs of a source, the latest first."""
    rows = select(ScrapeRun).where(ScrapeRun.source == name).order_by(ScrapeRun.id.desc())
    return db.session.scalars(rows.limit(RUNS_SHOWN)).all()
