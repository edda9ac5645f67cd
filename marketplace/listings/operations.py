"""Create, change and move listings. Operations flush; the edge commits."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from marketplace import audit, outbox
from marketplace.accounts.models import Console, Organization
from marketplace.accounts.operations import load_organization
from marketplace.audit import Tag
from marketplace.codes import current_codes
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.listings import queries
from marketplace.listings.lifecycle import LISTING, Action, State
from marketplace.listings.models import CONFIDENTIAL, MODES, Listing, Need, Result, band_of
from marketplace.outbox import Topic
from marketplace.permissions import Permission, require

#: How long a published listing counts as valid before its owner is asked again.
VALIDITY = timedelta(days=180)
#: (where a listing stands, where it belongs) → the moves that lead there.
TALKS: dict[tuple[State, State], tuple[Action, ...]] = {
    (State.PUBLISHED, State.IN_TALKS): (Action.START_TALKS,),
    (State.PUBLISHED, State.CONTRACTED): (Action.START_TALKS, Action.CONTRACT),
    (State.IN_TALKS, State.PUBLISHED): (Action.END_TALKS,),
    (State.IN_TALKS, State.CONTRACTED): (Action.CONTRACT,),
    (State.CONTRACTED, State.IN_TALKS): (Action.END_TALKS, Action.START_TALKS),
    (State.CONTRACTED, State.PUBLISHED): (Action.END_TALKS,),
}
POST = {Need: Permission.POST_NEED, Result: Permission.POST_RESULT}


def create(
    model: type[Listing],
    facts: dict[str, Any],
    *,
    actor: Any,
    now: datetime,
) -> Listing:
    """A new draft of the actor's organisation from checked ``facts``."""
    require(actor, POST[model])
    listing = new_draft(model, facts, actor.organization_id, now=now)
    audit.record(actor, Tag.LISTING_CREATED, listing.key, now=now)
    return listing


def new_draft(
    model: type[Listing], facts: dict[str, Any], organization_id: int, *, now: datetime
) -> Listing:
    """A draft of any organisation, without permission or audit."""
    listing = new_listing(model, facts, now=now)
    listing.organization = load_organization(organization_id)
    db.session.add(listing)
    db.session.flush()
    return listing


def new_listing(model: type[Listing], facts: dict[str, Any], *, now: datetime) -> Listing:
    """A draft that no owner and no session has yet."""
    listing = model(created_at=now, updated_at=now, revision=1)
    _set_facts(listing, facts)
    return listing


def change(
    listing: Listing, facts: dict[str, Any], *, revision: int, actor: Any, now: datetime
) -> None:
    """Set checked ``facts``; refused if somebody else changed the listing since ``revision``."""
    require(actor, Permission.EDIT_LISTING, listing)
    if not listing.is_editable:
        raise Conflict(_("已提交或已发布的内容不能直接修改，请先撤回"))
    if listing.revision != revision:
        raise Conflict(_("内容已被他人修改。请复制您的文字，刷新页面后再改"))
    replace_facts(listing, facts, now=now)
    audit.record(actor, Tag.LISTING_CHANGED, listing.key, now=now, revision=listing.revision)


def replace_facts(listing: Listing, facts: dict[str, Any], *, now: datetime) -> None:
    """Set ``facts``, count the revision and have the index look again."""
    _set_facts(listing, facts)
    listing.revision += 1
    listing.updated_at = now
    outbox.put(Topic.INDEX, listing.key, now=now)


def copy(listing: Listing, *, actor: Any, now: datetime) -> Listing:
    """复制一份: a new draft with the same content, of the actor's own organisation."""
    require(actor, Permission.EDIT_LISTING, listing)
    facts = facts_of(listing) | {"source": "", "source_key": None}
    facts["title"] = _("%(title)s（副本）", title=facts["title"])[:300]
    return create(type(listing), facts, actor=actor, now=now)


def move(listing: Listing, action: Action, *, actor: Any, now: datetime, reason: str = "") -> None:
    """Move it as ``actor`` asks: choose the row, ask permission, set, record, tell the index."""
    step = LISTING.choose(listing.state, action)
    require(actor, step.permission, listing)
    if step.needs_reason and not reason.strip():
        raise InvalidInput({"reason": [_("请写明原因，便于对方修改")]})
    if action == Action.SUBMIT:
        _require_verified(listing)
    _enter(listing, action, step.target, actor, now=now, reason=reason)


def follow(listing: Listing, wanted: State, *, actor: Any, now: datetime) -> None:
    """Bring a listing to where its introductions say it stands: open, in talks, or contracted.

    No person asks for this, so no permission is asked; ``actor`` is whose move it follows. What
    stands elsewhere, withdrawn or expired or solved, stays where it is.
    """
    for action in TALKS.get((listing.state, wanted), ()):
        _enter(listing, action, LISTING.choose(listing.state, action).target, actor, now=now)


def _enter(
    listing: Listing, action: Action, target: State, actor: Any, *, now: datetime, reason: str = ""
) -> None:
    source, listing.state = listing.state, target
    _set_instants(listing, reason, now=now)
    facts = {"from": source, "to": target, "action": action, "reason": reason}
    audit.record(actor, Tag.LISTING_MOVED, listing.key, now=now, **facts)
    outbox.put(Topic.INDEX, listing.key, now=now)
    db.session.flush()


def add_drafts(
    model: type[Listing],
    items: Sequence[tuple[dict[str, Any], Organization]],
    *,
    actor: Any,
    now: datetime,
    publish: bool,
) -> None:
    """Many new listings at once, for importers; ``publish`` for what was reviewed elsewhere."""
    if publish:
        require(actor, Permission.REVIEW_LISTING)
    listings = []
    for facts, owner in items:
        listing = new_listing(model, facts, now=now)
        listing.organization = owner
        listings.append(listing)
    db.session.add_all(listings)
    db.session.flush()
    keys = [listing.key for listing in listings]
    audit.record_many(actor, Tag.LISTING_CREATED, keys, now=now)
    if publish:
        publish_imported(listings, actor=actor, now=now)
    else:
        outbox.put_many(Topic.INDEX, keys, now=now)
    db.session.flush()


def publish_imported(listings: Sequence[Listing], *, actor: Any, now: datetime) -> int:
    """Publish imported drafts that a reviewer has seen; how many were.

    What waits for an account to be verified waits for it here too.
    """
    require(actor, Permission.REVIEW_LISTING)
    ready = [one for one in listings if one.state == State.DRAFT and _may_publish(one.organization)]
    for listing in ready:
        listing.state = State.PUBLISHED
        _set_instants(listing, "", now=now)
    move = {"from": State.DRAFT, "to": State.PUBLISHED, "action": "import", "reason": ""}
    audit.record_many(actor, Tag.LISTING_MOVED, [one.key for one in ready], now=now, **move)
    outbox.put_many(Topic.INDEX, [one.key for one in listings], now=now)
    db.session.flush()
    return len(ready)


def _may_publish(owner: Organization) -> bool:
    """Verified, or known from an import alone: nobody has claimed to be this organisation."""
    return owner.verified_at is not None or owner.uscc is None


def submit_drafts(model: type[Listing], *, actor: Any, now: datetime) -> int:
    """Submit every draft of the actor's organisation; how many there were."""
    drafts = queries.drafts_of(model, actor.organization_id)
    for listing in drafts:
        move(listing, Action.SUBMIT, actor=actor, now=now)
    return len(drafts)


def publish(listings: Sequence[Listing], *, actor: Any, now: datetime) -> int:
    """Publish those of ``listings`` that wait for it; how many did."""
    require(actor, Permission.REVIEW_LISTING)
    waiting = [listing for listing in listings if listing.state == State.SUBMITTED]
    for listing in waiting:
        move(listing, Action.PUBLISH, actor=actor, now=now)
    return len(waiting)


def expire_lapsed(*, now: datetime) -> int:
    """Move every published listing whose validity has run out; how many there were."""
    lapsed = [row for model in FACTS for row in queries.due_to_expire(model, now.date())]
    for listing in lapsed:
        move(listing, Action.EXPIRE, actor=Console(), now=now)
    return len(lapsed)


def agrees(listing: Listing, facts: dict[str, Any]) -> bool:
    """Whether the listing already says what ``facts`` say."""
    return all(_fact(listing, name) == value for name, value in facts.items())


def facts_of(listing: Listing) -> dict[str, Any]:
    """What the forms and the exporter know of a listing, as :func:`create` takes it."""
    return {name: _fact(listing, name) for name in (*FACTS[type(listing)], "modes", "confidential")}


def _fact(listing: Listing, name: str) -> Any:
    if name == "modes":
        return sorted(row.mode for row in listing.mode_rows)
    if name == "confidential":
        return listing.confidential.text if listing.confidential else ""
    return getattr(listing, name)


COMMON = (
    "title", "summary", "description", "field", "topic", "region", "keywords", "indicators",
    "amount_least", "amount_most", "negotiable", "anonymous", "signed_in_note", "source",
    "source_key",
)  # fmt: skip
FACTS = {
    Need: (*COMMON, "need_type", "problem", "goal", "deadline"),
    Result: (*COMMON, "result_kind", "stage", "trl", "level", "ip", "applications"),
}


def _set_facts(listing: Listing, facts: dict[str, Any]) -> None:
    for name in FACTS[type(listing)]:
        if name in facts:
            setattr(listing, name, facts[name])
    if "modes" in facts:
        _set_modes(listing, facts["modes"])
    if "confidential" in facts:
        _set_confidential(listing, facts["confidential"])
    listing.league = current_codes().league(listing.region) if listing.region else ""
    listing.band = band_of(listing.amount_least, listing.amount_most, bool(listing.negotiable))


def _set_modes(listing: Listing, modes: list[str]) -> None:
    if {row.mode for row in listing.mode_rows} != set(modes):
        kept = {row.mode: row for row in listing.mode_rows}
        row_of = MODES[type(listing)]
        listing.mode_rows = [kept.get(mode) or row_of(mode=mode) for mode in sorted(set(modes))]


def _set_confidential(listing: Listing, text: str) -> None:
    if not text:
        listing.confidential = None
    elif listing.confidential:
        listing.confidential.text = text
    else:
        listing.confidential = CONFIDENTIAL[type(listing)](text=text)


def _set_instants(listing: Listing, reason: str, *, now: datetime) -> None:
    listing.updated_at = now
    listing.revision += 1
    listing.return_reason = reason if listing.state == State.RETURNED else ""
    if listing.state == State.PUBLISHED:
        listing.published_at = listing.published_at or now
        listing.valid_until = _valid_until(now)


def _valid_until(now: datetime) -> date:
    return (now + VALIDITY).date()


def _require_verified(listing: Listing) -> None:
    if listing.organization.verified_at is None:
        raise InvalidInput(
            {"organization": [_("单位尚未通过认证，内容暂存为草稿；认证后即可提交")]}
        )
