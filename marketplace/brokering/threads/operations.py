"""Speak, file, meet, write papers and confirm them. Two yeses move the introduction on."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit
from marketplace.audit import Tag
from marketplace.brokering import operations as introductions
from marketplace.brokering.effects import people_of
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, Party, State
from marketplace.brokering.threads import queries
from marketplace.brokering.threads.models import (
    Assent,
    FileDownload,
    Meeting,
    Message,
    MessageDraft,
    Paper,
    PaperKind,
    ThreadFile,
)
from marketplace.errors import Conflict, Forbidden, GuardFailed
from marketplace.extensions import db
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import tell
from marketplace.permissions import Permission, require
from marketplace.transactions import lock

#: What two yeses to a paper lead to, by where the introduction stands.
TO_AGREEMENT: dict[State, tuple[Action, ...]] = {
    State.CONTACTED: (Action.NEGOTIATE, Action.AGREE),
    State.MET: (Action.AGREE,),
    State.NEGOTIATING: (Action.AGREE,),
}


@dataclass(frozen=True)
class Plan:
    """When, where and about what people meet."""

    starts_at: datetime
    minutes: int
    place: str
    link: str
    agenda: str


def say(introduction: Introduction, text: str, *, actor: Any, now: datetime) -> Message:
    """A message to everybody else in the thread; the draft is used up."""
    require(actor, Permission.WRITE_THREAD, introduction)
    message = Message(**_by(introduction, actor, now), text=text)
    db.session.add(message)
    keep_draft(introduction, "", actor=actor, now=now)
    _record(introduction, actor, now, message=message.id)
    _tell(introduction, NoticeKind.MESSAGE_WRITTEN, f"message/{message.id}", actor, now)
    return message


def keep_draft(introduction: Introduction, text: str, *, actor: Any, now: datetime) -> None:
    """Keep what is typed and not sent, for its writer alone; no text, no draft."""
    require(actor, Permission.WRITE_THREAD, introduction)
    lock(introduction)
    row = db.session.get(MessageDraft, (introduction.id, actor.id))
    if not text and row is not None:
        db.session.delete(row)
    elif text and row is not None:
        row.text, row.at = text, now
    elif text:
        own = {"introduction_id": introduction.id, "user_id": actor.id}
        db.session.add(MessageDraft(**own, text=text, at=now))
    db.session.flush()


def file(
    introduction: Introduction, name: str, digest: str, size: int, *, actor: Any, now: datetime
) -> ThreadFile:
    """Put a stored file into the thread."""
    require(actor, Permission.WRITE_THREAD, introduction)
    row = ThreadFile(**_by(introduction, actor, now), name=name, digest=digest, size=size)
    db.session.add(row)
    db.session.flush()
    _record(introduction, actor, now, file=row.id, digest=digest)
    _tell(introduction, NoticeKind.MESSAGE_WRITTEN, f"file/{row.id}", actor, now)
    return row


def take_file(row: ThreadFile, *, actor: Any, now: datetime) -> None:
    """Write down that ``actor`` took a file."""
    db.session.add(FileDownload(file_id=row.id, user_id=actor.id, at=now))
    db.session.flush()


def plan(introduction: Introduction, what: Plan, *, actor: Any, now: datetime) -> Meeting:
    """A new meeting; the others are told."""
    require(actor, Permission.WRITE_THREAD, introduction)
    uid = f"{introduction.number}-{secrets.token_hex(8)}@shuangku"
    meeting = Meeting(
        introduction_id=introduction.id, uid=uid, by_id=actor.id, sequence=0, **vars(what),
        changed_at=now,
    )  # fmt: skip
    db.session.add(meeting)
    db.session.flush()
    _announce(introduction, meeting, actor, now)
    return meeting


def change_plan(
    introduction: Introduction, meeting: Meeting, what: Plan, *, actor: Any, now: datetime
) -> None:
    """Another time, place or agenda; refused once somebody said that it was held."""
    _require_open(introduction, meeting, actor)
    for name, value in vars(what).items():
        setattr(meeting, name, value)
    meeting.sequence += 1
    meeting.changed_at = now
    _announce(introduction, meeting, actor, now)


def call_off(introduction: Introduction, meeting: Meeting, *, actor: Any, now: datetime) -> None:
    """The meeting does not take place; calendars are told by the next sequence."""
    _require_open(introduction, meeting, actor)
    meeting.cancelled_at = meeting.changed_at = now
    meeting.sequence += 1
    _announce(introduction, meeting, actor, now)


def confirm_held(
    introduction: Introduction, meeting: Meeting, *, actor: Any, now: datetime
) -> None:
    """One side says that it took place; with the other's yes the two have met."""
    party = _side(introduction, actor)
    if meeting.cancelled_at is not None:
        raise GuardFailed(_("会面已取消"))
    if now < meeting.starts_at:
        raise GuardFailed(_("会面还没有开始，结束后再确认"))
    both = _assent(introduction, meeting.key, party, actor, now)
    if both and introduction.state == State.CONTACTED:
        introductions.advance(introduction, Action.MEET, actor=actor, now=now, meeting=meeting.id)


def write_paper(
    introduction: Introduction,
    kind: PaperKind,
    text: str,
    *,
    actor: Any,
    now: datetime,
    attached: ThreadFile | None = None,
) -> Paper:
    """A new version of minutes or of the draft agreement; whoever writes it for a side confirms it."""
    require(actor, Permission.WRITE_THREAD, introduction)
    lock(introduction)
    before = queries.latest_paper(introduction, kind)
    paper = Paper(
        **_by(introduction, actor, now),
        kind=kind,
        version=before.version + 1 if before else 1,
        text=text,
        file_id=attached.id if attached else None,
    )
    db.session.add(paper)
    db.session.flush()
    if paper.party != Party.BROKER:
        _assent(introduction, paper.key, paper.party, actor, now)
    _record(introduction, actor, now, paper=paper.id, kind=kind, version=paper.version)
    _tell(introduction, NoticeKind.MESSAGE_WRITTEN, paper.key, actor, now)
    return paper


def confirm_paper(introduction: Introduction, paper: Paper, *, actor: Any, now: datetime) -> None:
    """One side agrees to the latest version; both to the draft agreement: 达成意向."""
    party = _side(introduction, actor)
    latest = queries.latest_paper(introduction, paper.kind)
    if latest is None or latest.id != paper.id:
        raise Conflict(_("已有新的版本，请确认最新一版"))
    both = _assent(introduction, paper.key, party, actor, now)
    if both and paper.kind == PaperKind.AGREEMENT:
        for action in TO_AGREEMENT.get(introduction.state, ()):
            introductions.advance(introduction, action, actor=actor, now=now, paper=paper.id)


def _side(introduction: Introduction, actor: Any) -> Party:
    """The side for which ``actor`` may confirm; a broker confirms for nobody."""
    require(actor, Permission.WRITE_THREAD, introduction)
    party = introduction.party_of(actor)
    if party == Party.BROKER:
        raise Forbidden(_("只有需求方和成果方可以确认"))
    return party


def _assent(introduction: Introduction, key: str, party: Party, actor: Any, now: datetime) -> bool:
    """Keep one side's yes; whether both have now said it. A yes said twice is said once."""
    lock(introduction)  # two yeses at the same moment must see each other
    given = queries.assents_to(key)
    if party not in given:
        row = {"subject": key, "party": party, "user_id": actor.id, "at": now}
        db.session.add(Assent(introduction_id=introduction.id, **row))
        _record(introduction, actor, now, assent=key)
        db.session.flush()
    return given | {party} >= queries.BOTH


def _require_open(introduction: Introduction, meeting: Meeting, actor: Any) -> None:
    require(actor, Permission.WRITE_THREAD, introduction)
    lock(introduction)  # two changes, or a change and a yes, one after the other
    db.session.refresh(meeting)
    if meeting.cancelled_at is not None:
        raise Conflict(_("会面已取消"))
    if queries.assents_to(meeting.key):
        raise Conflict(_("已有一方确认会面举行过，不能再改"))


def _by(introduction: Introduction, actor: Any, now: datetime) -> dict[str, Any]:
    party = introduction.party_of(actor)
    return {"introduction_id": introduction.id, "party": party, "by_id": actor.id, "at": now}


def _announce(introduction: Introduction, meeting: Meeting, actor: Any, now: datetime) -> None:
    db.session.flush()
    _record(introduction, actor, now, meeting=meeting.id, sequence=meeting.sequence)
    event = f"{meeting.key}/{meeting.sequence}"
    _tell(introduction, NoticeKind.MEETING_SET, event, actor, now)


def _record(introduction: Introduction, actor: Any, now: datetime, **facts: Any) -> None:
    audit.record(actor, Tag.INTRODUCTION_WRITTEN, introduction.key, now=now, **facts)


def _tell(
    introduction: Introduction, kind: NoticeKind, event: str, actor: Any, now: datetime
) -> None:
    users = [user for user in people_of(introduction) if user.id != actor.id]
    tell(users, kind, introduction.key, once=f"{introduction.key}/{event}", now=now)
