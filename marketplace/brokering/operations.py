"""Open and move introductions: people ``advance`` them, a deadline or a contract is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from marketplace import audit
from marketplace.accounts.models import Console
from marketplace.audit import Tag
from marketplace.brokering import queries
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.effects import EFFECTS
from marketplace.brokering.lifecycle import INTRODUCTION
from marketplace.brokering.models import BOXES, Introduction, Step
from marketplace.brokering.situation import Situation
from marketplace.brokering.states import ENDED, LIVE, Action, Reason, State
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need, Result
from marketplace.matchmaking import operations as matchmaking
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import members_of, tell
from marketplace.permissions import Permission, Role, require
from marketplace.transactions import lock

#: So long before the end of the time to answer, the asked side is reminded.
REMINDED_BEFORE = timedelta(days=1)
#: Moves after which a listing may stand elsewhere: into contact, to a contract and back, to an end.
STIRRING = frozenset({Action.INTEREST, Action.CONTRACT, Action.FALL_BACK, Action.LOSE})
LONGEST_TODO = 200


@dataclass(frozen=True)
class Origin:
    """The list in which the pair was shown: its digest and recipe, rank, score and reasons."""

    digest: str | None = None
    recipe: str = ""
    rank: int | None = None
    score: float | None = None
    reasons: list[str] = field(default_factory=list)


def open_introduction(
    need: Need, result: Result, *, actor: Any, now: datetime, origin: Origin | None = None
) -> Introduction:
    """A draft between the owners of ``need`` and ``result``; the one already begun is found again."""
    begun = queries.draft_of(actor, need.id, result.id)
    if begun is not None:
        return begun
    shown = origin or Origin()
    introduction = Introduction(
        need=need,
        result=result,
        need_owner_id=need.organization_id,
        result_owner_id=result.organization_id,
        opened_by_id=actor.id,
        shown_digest=shown.digest,
        match_recipe=shown.recipe,
        match_rank=shown.rank,
        match_score=shown.score,
        match_reasons=list(shown.reasons),
        created_at=now,
        updated_at=now,
    )
    if actor.role == Role.BROKER:
        introduction.broker_id = actor.id
    else:
        introduction.opened_side = introduction.side_of(actor.organization_id)
    require(actor, Permission.OPEN_INTRODUCTION, introduction)
    db.session.add(introduction)
    if shown.digest is not None:
        matchmaking.hold_shown(shown.digest, now=now)
    db.session.flush()
    audit.record(actor, Tag.INTRODUCTION_OPENED, introduction.key, now=now)
    return introduction


def write(
    introduction: Introduction,
    boxes: Mapping[str, str],
    *,
    revision: int,
    actor: Any,
    now: datetime,
) -> None:
    """Keep what was typed into a draft; too long a box is refused by name and nothing is cut."""
    require(actor, Permission.SEND_INTRODUCTION, introduction)
    lock(introduction)
    if introduction.state != State.DRAFT:
        raise Conflict(_("已发出的提议不能再修改"))
    if introduction.revision != revision:
        raise Conflict(_("内容已被他人修改。请复制您的文字，刷新页面后再改"))
    long = {b: [_("不超过%(n)s字", n=most)] for b, most in BOXES.items() if len(boxes[b]) > most}
    if long:
        raise InvalidInput(long)
    for box in BOXES:
        setattr(introduction, box, boxes[box])
    introduction.revision += 1
    introduction.updated_at = now
    db.session.flush()


def plan(
    introduction: Introduction, todo: str, due_at: datetime | None, *, actor: Any, now: datetime
) -> None:
    """下一步: what has to happen next and by when; both, or neither where the deal is over."""
    require(actor, Permission.PLAN_INTRODUCTION, introduction)
    todo = todo.strip()
    errors: dict[str, list[str]] = {}
    if not todo or len(todo) > LONGEST_TODO:
        errors["todo"] = [_("请写明下一步（不超过%(n)s字）", n=LONGEST_TODO)]
    if due_at is None:
        errors["due"] = [_("请写明下一步的期限")]
    if introduction.state in ENDED:
        raise Conflict(_("这一对接已经结束，不再安排下一步"))
    if errors:
        raise InvalidInput(errors)
    introduction.todo, introduction.todo_due_at = todo, due_at
    introduction.updated_at = now
    db.session.flush()
    audit.record(actor, Tag.INTRODUCTION_PLANNED, introduction.key, now=now, todo=todo)


def advance(
    introduction: Introduction,
    action: Action,
    *,
    actor: Any,
    now: datetime,
    words: str = "",
    reason: Reason | None = None,
    **facts: Any,
) -> None:
    """Move it as ``actor`` asks: the row of the table, its permission and guards, then the change."""
    _move(introduction, action, actor, actor, words, reason, facts, now=now)


def follow(
    introduction: Introduction, action: Action, *, actor: Any, now: datetime, **facts: Any
) -> None:
    """Move it because of what its contract's case or a deadline says; the step names ``actor``."""
    _move(introduction, action, Console(), actor, "", None, facts, now=now)


def _move(
    introduction: Introduction,
    action: Action,
    holder: Any,
    actor: Any,
    words: str,
    reason: Reason | None,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """The only way to a new ``state``; ``holder`` is who needs the permission."""
    lock(introduction)
    step = INTRODUCTION.choose(introduction.state, action)
    require(holder, step.permission, introduction)
    situation = Situation(
        introduction=introduction,
        actor=actor,
        now=now,
        side=introduction.side_of(actor.organization_id),
        words=words.strip(),
        reason=reason,
        broker_is_active=brokers.is_active(introduction.broker_id, now=now),
    )
    move = INTRODUCTION.decide(introduction.state, action, situation)
    EFFECTS[action](situation, move.target)
    _enter(introduction, action, move.target, actor, facts, now=now)


def _enter(
    introduction: Introduction,
    action: Action,
    target: State,
    actor: Any,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    source, introduction.state = introduction.state, target
    introduction.revision += 1
    introduction.updated_at = now
    if target in ENDED:
        introduction.ended_at = now
    pair = f"{introduction.need_id}/{introduction.result_id}"
    introduction.live_pair = pair if target in LIVE else None
    # What was to be done next was done, or is of no use any more: the next step is named anew.
    introduction.todo, introduction.todo_due_at = "", None
    by_id = getattr(actor, "id", None)
    step = {"action": action, "source": source, "target": target, "at": now, "by_id": by_id}
    db.session.add(Step(introduction_id=introduction.id, facts=dict(facts), **step))
    said = {"from": source, "to": target, "action": action}
    audit.record(actor, Tag.INTRODUCTION_MOVED, introduction.key, now=now, **said)
    db.session.flush()
    _listings_follow(introduction, action, actor, now=now)


def _listings_follow(
    introduction: Introduction, action: Action, actor: Any, *, now: datetime
) -> None:
    """Need and result stand where the furthest of their introductions stands.

    A deal that was written down by hand is not taken back by another introduction's end.
    """
    for listing in (introduction.need, introduction.result):
        wanted = queries.standing_of(listing)
        settled = listing.state == ListingState.CONTRACTED
        if action in STIRRING and not (settled and action != Action.FALL_BACK):
            listings.follow(listing, wanted, actor=actor, now=now)


def expire_unanswered(*, now: datetime) -> int:
    """Move every introduction whose answer is overdue; how many there were."""
    late = queries.overdue(now)
    for introduction in late:
        follow(introduction, Action.EXPIRE, actor=Console(), now=now)
    return len(late)


def remind_asked(*, now: datetime) -> int:
    """Tell whoever has not answered that the deadline is a day away, once; how many were told."""
    told = 0
    for introduction in queries.nearly_due(now, now + REMINDED_BEFORE):
        waiting = set(introduction.asked_sides) - introduction.interested_sides
        users = [u for side in sorted(waiting) for u in members_of(introduction.owner_id(side))]
        once = f"{introduction.key}/due/{introduction.answer_due_at:%Y%m%d}"
        told += len(tell(users, NoticeKind.INTRODUCTION_DUE, introduction.key, once=once, now=now))
    return told
