"""A run of a source, from its beginning to what is kept of it.

A run is begun in one transaction and kept in another; between the two the source is asked, with none
open. So a process that dies in the middle leaves a run that never ended and no half of its notices:
the next run says so, and reads them all. What was read before is known by its key and not asked for
again, until :data:`LOOK_AGAIN` has passed; what is read twice is one row, by its hash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select, update

from marketplace import audit
from marketplace.audit import Tag
from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db
from marketplace.intake.models import (
    CollectedNotice,
    CollectedOriginal,
    CollectedPatent,
    Outcome,
    ScrapeRun,
    SourceState,
)
from marketplace.intake.reading import Said, read
from marketplace.intake.words import Words
from marketplace.permissions import Permission, require
from scrapers.layout import Profile
from scrapers.notice import Notice
from scrapers.run import Run
from scrapers.source import Source

#: After so long a known notice is asked for again, since it may have changed.
LOOK_AGAIN = timedelta(days=30)
FAULTS_KEPT = 200
#: Parameters of one statement; SQLite takes 32,766.
CHUNK = 5_000


@dataclass(frozen=True)
class Begun:
    """A run under way: its row, what the source looked like before, keys not to be asked for."""

    run_id: int
    profile: Profile
    known: frozenset[str]


@dataclass(frozen=True)
class Prepared:
    """A notice ready to be kept: itself, without contacts, and what a first reading says of it."""

    notice: Notice
    shown: Notice
    digest: str
    route: str
    patents: tuple[tuple[str, str], ...]


def require_confirmed(source: Source, *, by_hand: bool) -> None:
    """Refuse a source that no person has compared with its live site, unless asked ``by_hand``."""
    if source.confirmed_on is None and not by_hand:
        raise Conflict(
            _(
                "来源“%(name)s”（%(publisher)s）尚未有人与实际网站核对，不能定时运行；"
                "请先核对并在程序中填写 confirmed_on，或用命令加 --unconfirmed 手工运行",
                name=source.name,
                publisher=source.publisher,
            )
        )


def begin(
    source: Source,
    *,
    since: date | None,
    again: bool,
    scheduled: bool,
    by_hand: bool,
    actor: Any,
    now: datetime,
) -> Begun:
    """Enter a run. Runs of this source that never ended are called interrupted: only one is at a time."""
    require(actor, Permission.TAKE_IN)
    require_confirmed(source, by_hand=by_hand)
    never_ended = (ScrapeRun.source == source.name, ScrapeRun.outcome == Outcome.RUNNING)
    ended = {"outcome": Outcome.INTERRUPTED, "ended_at": now}
    db.session.execute(update(ScrapeRun).where(*never_ended).values(**ended))
    run = ScrapeRun(
        source=source.name, started_at=now, since=since, scheduled=scheduled, by_id=actor.id
    )
    db.session.add(run)
    db.session.flush()
    audit.record(actor, Tag.SOURCE_ASKED, f"source/{source.name}", now=now, run=run.id)
    known = frozenset() if again else known_keys(source.name, now=now)
    return Begun(run.id, profile_of(source.name), known)


def state_of(name: str) -> SourceState:
    """What is remembered of a source; a new row where nothing is yet."""
    row = db.session.get(SourceState, name)
    if row is None:
        row = SourceState(name=name, enabled=False, profile="")
        db.session.add(row)
        db.session.flush()
    return row


def profile_of(name: str) -> Profile:
    """What the runs of a source looked like so far."""
    row = db.session.get(SourceState, name)
    return Profile.loads(row.profile) if row and row.profile else Profile()


def known_keys(name: str, *, now: datetime) -> frozenset[str]:
    """Keys that were seen within :data:`LOOK_AGAIN`."""
    seen = select(CollectedNotice.source_key).where(
        CollectedNotice.source == name, CollectedNotice.checked_at > now - LOOK_AGAIN
    )
    return frozenset(db.session.scalars(seen))


def prepare(notices: Iterable[Notice], words: Words) -> list[Prepared]:
    """Take contacts out and read each notice; computes, and touches no store."""
    return [_prepared(notice, words) for notice in notices]


def _prepared(notice: Notice, words: Words) -> Prepared:
    shown = notice.redacted()
    reading = read(said_by(shown), words)
    route = str(reading.whole.route.value) if reading.whole.route else ""
    patents = {number: family.key for family in reading.families for number in family.numbers}
    return Prepared(notice, shown, notice.content_hash, route, tuple(patents.items()))


#: A page that says less is read together with the files that belong to it.
SHORT_PAGE = 200


def said_by(notice: Notice | CollectedNotice) -> Said:
    """What a notice says; the text of its files is read too where the page says little."""
    text = notice.text
    if len(text) < SHORT_PAGE:
        files = [a["text"] if isinstance(a, dict) else a.text for a in notice.attachments]
        text = "\n".join(filter(None, (text, *files)))
    fields = tuple((label, value) for label, value in notice.fields)
    return Said(notice.title, text, fields, str(notice.kind))


def keep(begun: Begun, done: Run, prepared: Sequence[Prepared], *, now: datetime) -> ScrapeRun:
    """Write what a run brought, all or nothing: new notices, new versions, its history."""
    run = db.session.get(ScrapeRun, begun.run_id)
    if run is None or run.outcome != Outcome.RUNNING:
        raise Conflict(_("这次采集已被另一次采集取代，未写入"))
    _keep_notices(run, prepared, now=now)
    state = state_of(run.source)
    state.profile = done.profile.dumps()
    state.layout = asdict(done.layout) if done.layout else None
    run.outcome = Outcome.HELD_BACK if done.layout else Outcome.DONE
    run.ended_at, run.layout = now, state.layout
    run.pages, run.entries, run.passed_over = done.pages, done.entries, done.passed_over
    run.held_back, run.fault_count = done.held_back, len(done.faults)
    kept = done.faults[:FAULTS_KEPT]
    run.faults = [{"kind": f.kind, "url": f.url, "detail": f.detail} for f in kept]
    db.session.flush()
    return run


def give_up(run_id: int, message: str, *, now: datetime) -> None:
    """Enter that a run failed for a reason that is no fault of a site."""
    run = db.session.get(ScrapeRun, run_id)
    if run is None:
        raise NotFound(_("没有找到"))
    run.outcome, run.ended_at, run.message = Outcome.FAILED, now, message[:2000]
    db.session.flush()


def _keep_notices(run: ScrapeRun, prepared: Sequence[Prepared], *, now: datetime) -> None:
    stored = _stored(run.source, [one.notice.source_key for one in prepared])
    versions = _versions(stored)
    rows = []
    for one in prepared:
        key = one.notice.source_key
        before = stored.get((key, one.digest))
        if before is not None:
            before.checked_at = now
            run.unchanged += 1
            continue
        versions[key] = versions.get(key, 0) + 1
        run.changed += versions[key] > 1
        run.added += versions[key] == 1
        rows.append(_row(run, one, versions[key], now=now))
        stored[key, one.digest] = rows[-1]
    db.session.add_all(rows)
    db.session.flush()


def _stored(source: str, keys: Sequence[str]) -> dict[tuple[str, str], CollectedNotice]:
    found: dict[tuple[str, str], CollectedNotice] = {}
    for start in range(0, len(keys), CHUNK):
        part = select(CollectedNotice).where(
            CollectedNotice.source == source,
            CollectedNotice.source_key.in_(keys[start : start + CHUNK]),
        )
        found |= {(row.source_key, row.content_hash): row for row in db.session.scalars(part)}
    return found


def _versions(stored: dict[tuple[str, str], CollectedNotice]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for (key, _digest), row in stored.items():
        versions[key] = max(versions.get(key, 0), row.version)
    return versions


def _row(run: ScrapeRun, one: Prepared, version: int, *, now: datetime) -> CollectedNotice:
    notice, shown = one.notice, one.shown
    personal = [[found.kind, found.start, found.end] for found in notice.personal]
    return CollectedNotice(
        run_id=run.id,
        source=notice.source,
        source_key=notice.source_key,
        content_hash=one.digest,
        version=version,
        kind=notice.kind,
        url=notice.url,
        fetched_at=notice.fetched_at,
        checked_at=now,
        published_on=notice.published_on,
        route=one.route,
        original=CollectedOriginal(**_words_of(notice), personal=personal),
        patents=[CollectedPatent(number=n, family=family) for n, family in one.patents],
        **_words_of(shown),
    )


def _words_of(notice: Notice) -> dict[str, Any]:
    return {
        "title": notice.title,
        "text": notice.text,
        "fields": [list(pair) for pair in notice.fields],
        "attachments": [
            {"name": file.name, "url": file.url, "text": file.text} for file in notice.attachments
        ],
    }


def count_waiting() -> int:
    """How many notices wait for a decision."""
    waiting = select(func.count()).select_from(CollectedNotice)
    return db.session.scalar(waiting.where(CollectedNotice.state == "waiting")) or 0
