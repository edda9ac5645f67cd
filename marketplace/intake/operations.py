"""Decide on what came in: accept, split, merge, reject, judge pairs; schedule sources.

Accepting makes drafts, owned by an organisation known from the import alone where it has no account.
They become public by a second, explicit deed of a reviewer (:func:`publish`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace import audit, outbox
from marketplace.accounts.operations import owner_named
from marketplace.audit import Tag
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.intake.catalogue import current_catalogue
from marketplace.intake.gathering import require_confirmed, state_of
from marketplace.intake.lifecycle import NOTICE, REASON_NAMES, Action, State
from marketplace.intake.models import CollectedNotice, CollectedPair
from marketplace.likeness.models import Verdict
from marketplace.listings import operations as listings
from marketplace.listings.importing import OWNER_KINDS, UNNAMED_OWNER
from marketplace.listings.models import KINDS, Listing
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from scrapers.personal import MARK, find

LONGEST_KEY = 120
#: Facts of a draft that are texts a person wrote or confirmed.
TEXTS = ("title", "summary", "description", "problem", "goal", "applications", "topic")


@dataclass(frozen=True)
class Draft:
    """A listing that is to be made of a notice: checked facts, and whose it is ("": not said)."""

    kind: str
    facts: dict[str, Any]
    owner: str = ""


def accept(
    notice: CollectedNotice, drafts: Sequence[Draft], *, actor: Any, now: datetime, batch: str = ""
) -> list[Listing]:
    """Make drafts of a notice: one, or of a split several; the notice stays as their parent.

    A new version of a notice that was accepted before changes the draft it became then.
    """
    require(actor, Permission.TAKE_IN)
    if not drafts:
        raise InvalidInput({"part": [_("请至少保留一条")]})
    _refuse_personal(drafts)
    several = len(drafts) > 1
    action = Action.SPLIT if several else Action.ACCEPT
    lock(notice)
    NOTICE.choose(notice.state, action)  # before a draft is made of what a colleague has decided
    made = [
        _draft(notice, draft, number if several else 0, actor=actor, now=now)
        for number, draft in enumerate(drafts, 1)
    ]
    _move(notice, action, [row.key for row in made], actor=actor, now=now, batch=batch)
    return made


def _refuse_personal(drafts: Sequence[Draft]) -> None:
    """A contact that was typed back in is named, and nothing is made."""
    for draft in drafts:
        for name in TEXTS:
            text = str(draft.facts.get(name) or "")
            found = find(text)
            if found:
                words = text[found[0].start : found[0].end]
                raise InvalidInput(
                    {name: [_("“%(words)s”像是联系方式或个人信息，不能写入公开内容", words=words)]}
                )


def _draft(
    notice: CollectedNotice, draft: Draft, number: int, *, actor: Any, now: datetime
) -> Listing:
    model = KINDS[draft.kind]
    key = listing_key(notice, number)
    facts = draft.facts | {"source": notice.source, "source_key": key}
    facts["description"] = _with_origin(notice, str(facts.get("description") or ""))
    before = db.session.scalar(select(model).where(model.source_key == key))
    if before is not None:
        return _changed(before, facts, actor=actor, now=now)
    named = draft.owner.strip()
    owner = owner_named(
        UNNAMED_OWNER if not named or MARK in named else named, OWNER_KINDS[draft.kind], now=now
    )
    db.session.flush()
    listing = listings.new_draft(model, facts, owner.id, now=now)
    audit.record(actor, Tag.LISTING_CREATED, listing.key, now=now, notice=notice.key)
    return listing


def _changed(listing: Listing, facts: dict[str, Any], *, actor: Any, now: datetime) -> Listing:
    if not listing.is_editable:
        raise Conflict(_("%(number)s 已提交或已发布，请先撤回再采纳新版本", number=listing.number))
    listings.replace_facts(listing, facts, now=now)
    audit.record(actor, Tag.LISTING_CHANGED, listing.key, now=now, revision=listing.revision)
    return listing


def listing_key(notice: CollectedNotice, number: int = 0) -> str:
    """What a listing is known by that a notice, or part ``number`` of it, became."""
    key = f"{notice.source}:{notice.source_key}" + (f"#{number}" if number else "")
    if len(key) <= LONGEST_KEY:
        return key
    return f"{notice.source}:sha256:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def _with_origin(notice: CollectedNotice, text: str) -> str:
    """The text with where it was found: those who publish open information ask to be named."""
    publisher = current_catalogue().source(notice.source).publisher
    origin = _("来源：%(publisher)s，%(url)s", publisher=publisher, url=notice.url)
    return text if origin in text else f"{text}\n{origin}".strip()


def reject(
    notice: CollectedNotice, reason: str, *, actor: Any, now: datetime, batch: str = ""
) -> None:
    """Do not take a notice in, for one of the reasons of :data:`REASON_NAMES`."""
    if reason not in REASON_NAMES:
        raise InvalidInput({"reason": [_("请选择不采纳的原因")]})
    _move(notice, Action.REJECT, [], actor=actor, now=now, reason=reason, batch=batch)


def reopen(notice: CollectedNotice, *, actor: Any, now: datetime) -> None:
    """Put a rejected or merged notice back into the queue."""
    _move(notice, Action.REOPEN, [], actor=actor, now=now)


def judge(
    pair: CollectedPair, notice: CollectedNotice, verdict: str, *, actor: Any, now: datetime
) -> None:
    """Say whether a notice is the same as what it resembles; the same is merged into that."""
    require(actor, Permission.TAKE_IN)
    if verdict not in list(Verdict):
        raise InvalidInput({"verdict": [_("请选择“同一内容”或“不同内容”")]})
    lock(pair)
    if pair.verdict is not None:
        raise Conflict(_("这一对刚由同事判过，请刷新页面"))
    pair.verdict, pair.decided_at, pair.decided_by_id = Verdict(verdict), now, actor.id
    other = pair.other if pair.notice_id == notice.id else f"notice/{pair.notice_id}"
    audit.record(actor, Tag.COLLECTED_JUDGED, notice.key, now=now, other=other, verdict=verdict)
    if verdict == Verdict.SAME:
        _require_standing(other)
        _move(notice, Action.MERGE, [other], actor=actor, now=now)
    db.session.flush()


def _require_standing(other: str) -> None:
    """What is merged into a notice that is itself gone from the queue would be lost with it."""
    kind, _slash, number = other.partition("/")
    if kind != "notice":
        return
    target = db.session.get_one(CollectedNotice, int(number))
    lock(target)
    if target.state in (State.MERGED, State.REJECTED):
        raise Conflict(_("另一条已并入别处或未采纳，不能并入它；请先把它放回待处理"))


def publish(rows: Sequence[Listing], *, actor: Any, now: datetime) -> int:
    """Publish drafts that were made here, as a reviewer; how many were."""
    return listings.publish_imported(rows, actor=actor, now=now)


def _move(
    notice: CollectedNotice,
    action: Action,
    became: list[str],
    *,
    actor: Any,
    now: datetime,
    reason: str = "",
    batch: str = "",
) -> None:
    """The only writer of a notice's state."""
    lock(notice)
    step = NOTICE.choose(notice.state, action)
    require(actor, step.permission)
    source, notice.state = notice.state, step.target
    notice.became, notice.reason = became, reason
    waiting = step.target == State.WAITING
    notice.decided_at, notice.decided_by_id = (None, None) if waiting else (now, actor.id)
    facts = {"from": source, "to": step.target, "reason": reason, "became": became, "batch": batch}
    audit.record(actor, Tag.COLLECTED_MOVED, notice.key, now=now, **facts)
    db.session.flush()


def schedule(name: str, *, enabled: bool, hour: int | None, actor: Any, now: datetime) -> None:
    """Have a source asked every day from ``hour`` (Beijing) on, or no longer."""
    require(actor, Permission.TAKE_IN)
    source = current_catalogue().source(name)
    if enabled:
        require_confirmed(source, by_hand=False)
    if hour is not None and not 0 <= hour <= 23:
        raise InvalidInput({"hour": [_("时刻应为 0 至 23 点")]})
    if enabled and hour is None:
        raise InvalidInput({"hour": [_("启用前请选择每天采集的时刻")]})
    row = state_of(name)
    row.enabled, row.hour = enabled, hour
    facts = {"enabled": enabled, "hour": hour}
    audit.record(actor, Tag.SOURCE_SCHEDULED, f"source/{name}", now=now, **facts)
    db.session.flush()


def ask_now(name: str, *, actor: Any, now: datetime) -> None:
    """Have a confirmed source asked in the background, out of turn."""
    require(actor, Permission.TAKE_IN)
    require_confirmed(current_catalogue().source(name), by_hand=False)
    outbox.put(Topic.SCRAPE, name, now=now)


def confirm_layout(name: str, *, actor: Any, now: datetime) -> None:
    """A person has looked: the site was rebuilt and is still read rightly. The next run sets the habit."""
    require(actor, Permission.TAKE_IN)
    current_catalogue().source(name)
    row = state_of(name)
    if row.layout is None:
        raise Conflict(_("该来源没有待确认的版面变化"))
    row.profile, row.layout = "", None
    audit.record(actor, Tag.SOURCE_LAYOUT_CONFIRMED, f"source/{name}", now=now)
    db.session.flush()
