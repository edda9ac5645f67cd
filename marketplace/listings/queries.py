"""What is asked of the two libraries: rows and counts, no writes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, cast, func, or_, select

from marketplace import paging
from marketplace.accounts.models import Organization
from marketplace.codes import current_codes
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.lifecycle import OPEN, PUBLIC, State
from marketplace.listings.models import KINDS, MODES, Listing
from marketplace.paging import PER_PAGE
from marketplace.permissions import Permission, permits

Model = type[Listing]
FACETS = {
    "need": ("field", "league", "mode", "band"),
    "result": ("field", "league", "mode", "stage", "band"),
}
#: What a listing's text speaks of; the index reads it, see :class:`Spoken`.
CONCEPT = "concept"
#: PostgreSQL's integer; what is beyond it is no number of ours.
LARGEST_ID = 2**31 - 1
REVIEW_LIMIT = 200
#: Shorter texts stand in too many names.
LEAST_OWNER_NAME = 4


@dataclass(frozen=True)
class Conditions:
    """What a visitor asked for: text, chosen facet values, order and page."""

    kind: str
    text: str = ""
    chosen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    order: str = "relevance"
    page: int = 1


@dataclass(frozen=True)
class Spoken:
    """What the index says of concepts, under all conditions but those on concepts.

    ``ids`` are the listings that speak of one of those chosen, None where none is; ``counts`` say
    how many speak of each of the most frequent and of those chosen.
    """

    ids: Sequence[int] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Page(paging.Page):
    """One page of a list, and how many there are for each facet value."""

    counts: dict[str, dict[str, int]]


def load(kind: str, listing_id: int, user: Any) -> Listing:
    """The listing if ``user`` may see it; otherwise :class:`NotFound`, told apart by nothing."""
    listing = db.session.get(KINDS[kind], listing_id) if listing_id <= LARGEST_ID else None
    if listing is None:
        raise NotFound(_("没有找到这条记录，它可能已被撤回"))
    if not permits(user, Permission.SEE_LISTING, listing):
        raise Hidden(_("没有找到这条记录，它可能已被撤回"))
    return listing


def by_number(number: str) -> Listing:
    """The listing called ``XQ000123`` or ``CG000123``."""
    listing = _numbered(number)
    if listing is None:
        raise NotFound(_("没有编号为 %(number)s 的记录", number=number))
    return listing


def public_number(text: str) -> Listing | None:
    """The public listing whose number was typed, if it was a number."""
    listing = _numbered(text.strip())
    return listing if listing is not None and listing.is_public else None


def _numbered(text: str) -> Listing | None:
    model = next((m for m in KINDS.values() if text.upper().startswith(m.prefix)), None)
    digits = text[2:]
    if model is None or not digits.isdecimal() or len(digits) > 9:
        return None
    return db.session.get(model, int(digits))


def by_numbers(kind: str, texts: Sequence[str]) -> dict[str, Listing]:
    """The listings whose numbers are among ``texts``: an export names those without a key so."""
    model = KINDS[kind]
    pattern = re.compile(rf"{model.prefix}(\d{{6,9}})")
    ids = sorted({int(match[1]) for text in texts if (match := pattern.fullmatch(text))})
    parts = (ids[start : start + 5_000] for start in range(0, len(ids), 5_000))
    rows = (db.session.scalars(select(model).where(model.id.in_(part))) for part in parts)
    return {row.number: row for part in rows for row in part}


def named(kind: str, text: str) -> list[int]:
    """Public listings of the region, or of the owners, that ``text`` names; the newest first."""
    model = KINDS[kind]
    region = current_codes().find("region", text) or current_codes().find("region", f"{text}市")
    if region and not text.isdecimal():
        theirs: Any = or_(model.region == region, model.league == region)
    elif len(text) >= LEAST_OWNER_NAME:
        owners = select(Organization.id).where(Organization.name.contains(text, autoescape=True))
        theirs = and_(model.organization_id.in_(owners), model.anonymous.is_(False))
    else:
        return []
    public = select(model.id).where(model.state.in_(PUBLIC), theirs)
    return list(db.session.scalars(public.order_by(*_newest(model)).limit(1_000)))


@dataclass(frozen=True)
class Published:
    """An open listing by its id, when it came into the library and whose it is."""

    id: int
    at: datetime
    organization_id: int


def published_since(conditions: Conditions, since: datetime) -> list[Published]:
    """The open listings under the facets that were first published at ``since`` or later.

    Concepts are not a column: who asks for them narrows the outcome by the index.
    """
    model = KINDS[conditions.kind]
    facets = {f: v for f, v in conditions.chosen.items() if v and f != CONCEPT}
    wanted = [_chosen(model, facet, v) for facet, v in facets.items()]
    columns = (model.id, model.published_at, model.organization_id)
    new = select(*columns).where(model.state.in_(OPEN), model.published_at >= since, *wanted)
    rows = db.session.execute(new.order_by(*_newest(model)))
    return [Published(number, at, owner) for number, at, owner in rows if at]


def by_ids(kind: str, ids: Sequence[int]) -> list[Listing]:
    """The public listings among ``ids``, in the order given."""
    model = KINDS[kind]
    rows = db.session.scalars(select(model).where(model.id.in_(ids), model.state.in_(PUBLIC)))
    found = {row.id: row for row in rows}
    return [found[i] for i in ids if i in found]


def browse(
    conditions: Conditions, ranked: Sequence[int] | None = None, spoken: Spoken | None = None
) -> Page:
    """A page of public listings; ``ranked`` are the ids that the text search found, best first."""
    model, spoken = KINDS[conditions.kind], spoken or Spoken()
    base: list[Any] = [model.state.in_(PUBLIC)]
    if ranked is not None:
        base.append(model.id.in_(ranked))
    wanted = _wanted(model, conditions, spoken)
    total = db.session.scalar(select(func.count()).where(*base, *wanted.values())) or 0
    number = min(max(1, conditions.page), paging.pages_of(total))
    statement = select(model).where(*base, *wanted.values())
    items = _sorted(model, statement, conditions, ranked, (number - 1) * PER_PAGE)
    counts = {f: _count(model, f, base, wanted) for f in FACETS[conditions.kind]}
    return Page(items, total, number, counts | {CONCEPT: dict(spoken.counts)})


def of_organization(model: Model, organization_id: int) -> Sequence[Listing]:
    """Everything an organisation has written, the latest first."""
    own = select(model).where(model.organization_id == organization_id)
    return db.session.scalars(own.order_by(model.updated_at.desc(), model.id.desc())).all()


def awaiting_review(model: Model) -> Sequence[Listing]:
    """Submitted listings, the longest waiting first, as many as one can look through."""
    waiting = select(model).where(model.state == State.SUBMITTED)
    oldest = waiting.order_by(model.updated_at, model.id).limit(REVIEW_LIMIT)
    return db.session.scalars(oldest).all()


def count_awaiting_review() -> int:
    """How many listings wait to be published."""
    submitted = (select(func.count()).where(m.state == State.SUBMITTED) for m in KINDS.values())
    return sum(db.session.scalar(statement) or 0 for statement in submitted)


def by_keys(keys: Sequence[str]) -> list[Listing]:
    """The listings called ``need/12``, ``result/7``; what is no such key is left out."""
    ids: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for kind, _slash, digits in (key.partition("/") for key in keys):
        if kind in ids and digits.isdecimal() and len(digits) < 10:
            ids[kind].append(int(digits))
    return [
        row
        for kind, model in KINDS.items()
        for row in db.session.scalars(select(model).where(model.id.in_(ids[kind])))
    ]


def drafts_of(model: Model, organization_id: int | None) -> Sequence[Listing]:
    """What an organisation has written and not yet submitted."""
    drafts = (model.organization_id == organization_id, model.state == State.DRAFT)
    return db.session.scalars(select(model).where(*drafts).order_by(model.id)).all()


def count_public() -> dict[str, int]:
    """How many needs and results stand in the public libraries."""
    return {
        kind: db.session.scalar(select(func.count()).where(model.state.in_(PUBLIC))) or 0
        for kind, model in KINDS.items()
    }


def latest(kind: str, limit: int) -> Sequence[Listing]:
    """The newest public listings."""
    model = KINDS[kind]
    public = select(model).where(model.state.in_(PUBLIC))
    return db.session.scalars(public.order_by(*_newest(model)).limit(limit)).all()


def _newest(model: Model) -> tuple[ColumnElement[Any], ...]:
    return model.published_at.desc(), model.id.desc()


def _wanted(model: Model, conditions: Conditions, spoken: Spoken) -> dict[str, ColumnElement[bool]]:
    """The condition on each facet of which a value was chosen."""
    chosen = {f: v for f, v in conditions.chosen.items() if v and f != CONCEPT}
    wanted = {f: _chosen(model, f, v) for f, v in chosen.items()}
    return wanted if spoken.ids is None else wanted | {CONCEPT: _among(model.id, spoken.ids)}


def _among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether ``column`` is one of ``ids``: one parameter, however many; drivers limit these."""
    if db.engine.dialect.name == "sqlite":
        rows = func.json_each(json.dumps(list(ids))).table_valued("value")
        return column.in_(select(rows.c.value))
    given = func.unnest(cast(list(ids), ARRAY(Integer))).column_valued("given")
    return column.in_(select(given))


def _chosen(model: Model, facet: str, values: Sequence[str]) -> ColumnElement[bool]:
    if facet == "mode":
        return model.mode_rows.any(MODES[model].mode.in_(values))
    return getattr(model, facet).in_(values)


def _count(
    model: Model, facet: str, base: list[Any], wanted: dict[str, ColumnElement[bool]]
) -> dict[str, int]:
    """Counts of a facet under all conditions but its own, so that one can change one's mind."""
    others = [condition for name, condition in wanted.items() if name != facet]
    if facet == "mode":
        rows = MODES[model]
        counted = select(rows.mode, func.count()).join(model, model.id == rows.listing_id)
        statement = counted.where(*base, *others).group_by(rows.mode)
    else:
        column = getattr(model, facet)
        statement = select(column, func.count()).where(*base, *others).group_by(column)
    return {value: count for value, count in db.session.execute(statement).all() if value}


def _sorted(
    model: Model,
    statement: Select[Any],
    conditions: Conditions,
    ranked: Sequence[int] | None,
    offset: int,
) -> list[Listing]:
    if ranked is not None and conditions.order == "relevance":
        ids = set(db.session.scalars(statement.with_only_columns(model.id)))
        page = [i for i in ranked if i in ids][offset : offset + PER_PAGE]
        return by_ids(conditions.kind, page)
    orders = {
        "amount": (func.coalesce(model.amount_most, model.amount_least, -1).desc(),),
    }
    ordered = statement.order_by(*orders.get(conditions.order, ()), *_newest(model))
    return list(db.session.scalars(ordered.offset(offset).limit(PER_PAGE)))


def due_to_expire(model: Model, today: Any) -> Sequence[Listing]:
    """Published listings whose validity has run out."""
    lapsed = (model.state == State.PUBLISHED, model.valid_until < today)
    return db.session.scalars(select(model).where(*lapsed)).all()


def everything(
    conditions: Conditions,
    ranked: Sequence[int] | None,
    limit: int,
    spoken: Spoken | None = None,
) -> Sequence[Listing]:
    """All public listings under the conditions, the newest first, ``limit`` at most."""
    model = KINDS[conditions.kind]
    wanted: list[Any] = [model.state.in_(PUBLIC)]
    if ranked is not None:
        wanted.append(model.id.in_(ranked))
    wanted += _wanted(model, conditions, spoken or Spoken()).values()
    chosen = select(model).where(*wanted).order_by(*_newest(model))
    return db.session.scalars(chosen.limit(limit)).all()
