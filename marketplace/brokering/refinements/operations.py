"""Offer answers and decide on them. ``_enter`` is the only writer of ``state``.

What an owner accepts goes into the need by the operations of ``listings``, so that revision, audit and
index follow. A public text was reviewed; changed, it is reviewed again: withdrawn, changed and
submitted in one transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit
from marketplace.audit import Tag
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.refinements import queries
from marketplace.brokering.refinements.lifecycle import REFINEMENT
from marketplace.brokering.refinements.models import RefinedField, Refinement
from marketplace.brokering.refinements.questions import Question, proposed
from marketplace.brokering.refinements.states import Action
from marketplace.errors import Conflict, GuardFailed, InvalidInput
from marketplace.extensions import db
from marketplace.listings import columns
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action as ListingAction
from marketplace.listings.lifecycle import State as ListingState
from marketplace.listings.models import Need
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import members_of, tell
from marketplace.permissions import Permission, Role, require
from marketplace.transactions import lock

#: Where a text stands before its reader, or before its reviewer: it goes back to the latter.
REVIEWED = frozenset({ListingState.SUBMITTED, ListingState.PUBLISHED, ListingState.EXPIRED})


def offer(
    need: Need,
    questions: Sequence[Question],
    answers: Mapping[str, str],
    *,
    actor: Any,
    now: datetime,
) -> Refinement:
    """Keep answers as proposed texts; :class:`InvalidInput` by question where one cannot be read.

    What the same person offered before and is not decided yet is overtaken.
    """
    require(actor, Permission.REFINE_NEED, need)
    if actor.role == Role.BROKER and not brokers.is_active(actor.id, now=now):
        raise GuardFailed(_("您的备案不在有效状态，不能补充需求"))
    values = queries.texts_of(need)
    texts = proposed(values, questions, answers)
    if not texts:
        raise InvalidInput({"": [_("请至少回答一个问题")]})
    _require_readable(need, texts, questions, answers)
    for earlier in queries.open_of(need.id, actor.id):
        _enter(earlier, Action.OVERTAKE)
    refinement = Refinement(
        need=need,
        user_id=actor.id,
        need_revision=need.revision,
        answers=_told(questions, answers),
        offered_at=now,
        fields=[
            RefinedField(name=name, before=values.get(name, ""), after=text)
            for name, text in texts.items()
        ],
    )
    db.session.add(refinement)
    db.session.flush()
    audit.record(actor, Tag.REFINEMENT_OFFERED, refinement.key, now=now, need=need.key)
    if actor.organization_id != need.organization_id:
        told = members_of(need.organization_id)
        kind, once = NoticeKind.REFINEMENT_OFFERED, refinement.key
        tell(told, kind, refinement.key, once=once, now=now)
    return refinement


def _told(questions: Sequence[Question], answers: Mapping[str, str]) -> list[dict[str, Any]]:
    said = ((q, answers.get(q.code, "").strip()) for q in questions)
    return [{"question": q.text, "field": q.field, "answer": text} for q, text in said if text]


def _require_readable(
    need: Need,
    texts: Mapping[str, str],
    questions: Sequence[Question],
    answers: Mapping[str, str],
) -> None:
    """Each new text is what the data dictionary takes; else the question that is to blame is named."""
    _facts, errors = columns.checked(Need.kind, {"title": need.title, **texts}, keep_remarks=False)
    if not errors:
        return
    answered = [q for q in questions if answers.get(q.code, "").strip()]
    raise InvalidInput({q.code: errors[q.field] for q in answered if q.field in errors})


def decide(refinement: Refinement, accepted: Collection[str], *, actor: Any, now: datetime) -> None:
    """Accept the fields named in ``accepted`` and refuse the others; accepted texts go into the need.

    :class:`Conflict` where such a field was changed meanwhile, or the need is in talks or contracted:
    what the other side agreed to talk about does not change under their hands.
    """
    lock(refinement)
    need = refinement.need
    require(actor, Permission.EDIT_LISTING, need)
    for field in refinement.fields:
        field.accepted = field.name in accepted
    refinement.decided_at, refinement.decided_by_id = now, actor.id
    _enter(refinement, Action.DECIDE)
    taken = [field for field in refinement.fields if field.accepted]
    if taken:
        _require_unchanged(need, taken)
        _apply(need, {f.name: f.after for f in taken}, actor=actor, now=now)
    db.session.flush()
    facts = {"accepted": sorted(field.name for field in taken)}
    audit.record(actor, Tag.REFINEMENT_DECIDED, refinement.key, now=now, **facts)


def _require_unchanged(need: Need, taken: Sequence[RefinedField]) -> None:
    values = queries.texts_of(need)
    if any(values.get(field.name, "") != field.before for field in taken):
        raise Conflict(_("需求的文字在此之后已被修改，请让对方按新的文字重新补充"))


def _apply(need: Need, texts: Mapping[str, str], *, actor: Any, now: datetime) -> None:
    row = {"title": need.title, **texts}
    facts, _errors = columns.checked(Need.kind, row, keep_remarks=False)
    reviewed = need.state in REVIEWED
    if not (reviewed or need.is_editable):
        raise Conflict(_("对接中或已签约的需求不改文字，请在对接记录中补充"))
    if reviewed:
        listings.move(need, ListingAction.WITHDRAW, actor=actor, now=now)
    listings.change(need, facts, revision=need.revision, actor=actor, now=now)
    if reviewed:
        listings.move(need, ListingAction.SUBMIT, actor=actor, now=now)


def _enter(refinement: Refinement, action: Action) -> None:
    refinement.state = REFINEMENT.decide(refinement.state, action, refinement).target
