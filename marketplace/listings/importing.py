"""Listings from a file: first a plan, which says what would happen, then the deed.

A plan reads and writes nothing; the deed is one transaction, so a file is never half in. A row is
known again by its owner and its ``source_key``; a row without one by the digest of its text.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace import audit
from marketplace.accounts.models import Organization, OrganizationKind
from marketplace.accounts.operations import owner_named
from marketplace.audit import Tag
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.listings import operations, queries, sheets
from marketplace.listings.cells import text_of
from marketplace.listings.columns import (
    ALIASES,
    COLUMNS,
    ORGANIZATION,
    ORGANIZATION_HEADING,
    checked,
    names_of,
)
from marketplace.listings.models import KINDS, Listing
from marketplace.listings.sheets import Row
from marketplace.permissions import Permission, permits, require

#: Parameters of one statement; SQLite takes 32,766.
CHUNK = 5_000
UNNAMED_OWNER = "未署名单位"
OWNER_KINDS = {"need": OrganizationKind.ENTERPRISE, "result": OrganizationKind.INSTITUTE}


Entry = tuple[Row, dict[str, Any], Organization]


@dataclass(frozen=True)
class Rejected:
    """A row that stays out: its number, its cells as they came, and what is wrong by heading."""

    row: int
    original: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]]

    @property
    def title(self) -> str:
        """What the row calls itself, to be recognised by."""
        names = (self.original.get(name) for name in ("名称", "title", "项目名称", "project_name"))
        return str(next(filter(None, names), ""))[:60]

    @property
    def message(self) -> str:
        """All that is wrong, in one line."""
        named = (
            (f"{name}：" if name else "", "，".join(texts)) for name, texts in self.errors.items()
        )
        return "；".join(name + text for name, text in named)


@dataclass
class Report:
    """What an import did, or in a dry run would do; counts are of rows."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[Rejected] = field(default_factory=list)
    #: Headings of the file that no column has.
    unknown: list[str] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows stay out."""
        return len(self.errors)

    @property
    def counts(self) -> dict[str, int]:
        """The four counts by name."""
        names = ("added", "updated", "unchanged", "rejected")
        return {name: getattr(self, name) for name in names}


@dataclass
class Owner:
    """Whose listings the rows are: one organisation, or for an operator those that the rows name."""

    organization: Organization | None
    kind: OrganizationKind
    now: datetime
    known: dict[str, Organization] = field(default_factory=dict)

    def of(self, name: str) -> Organization:
        """The organisation for a row that names ``name``; a new one only an operator may name."""
        if self.organization is not None:
            return self.organization
        name = name or UNNAMED_OWNER
        if name not in self.known:
            self.known[name] = owner_named(name, self.kind, now=self.now)
        return self.known[name]


@dataclass
class Plan:
    """What a file would do: rows to add and to change, and the report."""

    kind: str
    report: Report = field(default_factory=Report)
    to_add: list[tuple[dict[str, Any], Organization]] = field(default_factory=list)
    to_change: list[tuple[Listing, dict[str, Any]]] = field(default_factory=list)


def import_file(
    kind: str,
    path: Path,
    *,
    actor: Any,
    organization: Organization | None = None,
    dry_run: bool = False,
    now: datetime,
) -> Report:
    """Import the rows of a file; see :func:`import_rows`. A broken file is :class:`InvalidInput`."""
    rows = read_rows(kind, path)
    return import_rows(kind, rows, actor=actor, organization=organization, dry_run=dry_run, now=now)


def read_rows(kind: str, path: Path) -> list[Row]:
    """The rows of a file under headings that a library of ``kind`` knows."""
    return sheets.read(path, names_of(kind))


def import_rows(
    kind: str,
    rows: Sequence[Row],
    *,
    actor: Any,
    organization: Organization | None = None,
    dry_run: bool = False,
    now: datetime,
) -> Report:
    """Add what is new, change what differs, leave what is alike, and report what cannot go in.

    Whoever may review publishes by importing; other members' rows become drafts of their own
    organisation, and what they have published already is refused.
    """
    require(actor, Permission.IMPORT)
    reviewer = permits(actor, Permission.REVIEW_LISTING)
    if not reviewer:
        organization = actor.organization
    with db.session.no_autoflush:
        owner = Owner(organization, OWNER_KINDS[kind], now)
        plan = _plan(kind, rows, owner, reviewer=reviewer)
    if dry_run:
        db.session.rollback()  # organisations that rows named were only thought of
    else:
        _carry_out(plan, actor=actor, now=now, publish=reviewer)
    return plan.report


def _plan(kind: str, rows: Sequence[Row], owner: Owner, *, reviewer: bool) -> Plan:
    plan = Plan(kind)
    names = names_of(kind)
    plan.report.unknown = _unknown_headings(rows, names)
    entries = [entry for row in rows if (entry := _entry(plan, row, names, owner)) is not None]
    keys = [facts["source_key"] for _row, facts, _owner in entries]
    stored, numbered = _stored(kind, keys), queries.by_numbers(kind, keys)
    ambiguous = _ambiguous(entries)
    seen: set[tuple[int, str]] = set()
    for row, facts, organization in entries:
        key = (id(organization), facts["source_key"])
        namesake = numbered.get(facts["source_key"])
        if namesake is not None and namesake.organization_id != organization.id:
            text = _("%(number)s 是另一单位的记录", number=namesake.number)
            _reject(plan, row, {"source_key": [text]})
        elif key in ambiguous:
            numbers = "、".join(map(str, ambiguous[key]))
            text = _("第%(rows)s行编号相同而内容不同，请保留一行", rows=numbers)
            _reject(plan, row, {"source_key": [text]})
        elif key not in seen:
            listing = stored.get((organization.id, facts["source_key"])) or namesake
            if listing is not None:  # called by its number it keeps its own key, or none
                facts["source_key"] = listing.source_key
            _decide(plan, row, facts, organization, listing, reviewer=reviewer)
        else:
            plan.report.unchanged += 1
        seen.add(key)
    plan.report.errors.sort(key=lambda rejected: rejected.row)
    return plan


def _ambiguous(entries: Sequence[Entry]) -> dict[tuple[int, str], list[int]]:
    """The keys under which the file says two different things, with the numbers of the rows."""
    rows: dict[tuple[int, str], list[tuple[int, dict[str, Any]]]] = {}
    for row, facts, organization in entries:
        key = (id(organization), facts["source_key"])
        rows.setdefault(key, []).append((row.number, facts))
    return {
        key: [number for number, _facts in alike]
        for key, alike in rows.items()
        if any(facts != alike[0][1] for _number, facts in alike)
    }


def _entry(plan: Plan, row: Row, names: Mapping[str, str], owner: Owner) -> Entry | None:
    if row.fault:
        _reject(plan, row, {"": [row.fault]})
        return None
    cells = _named(row.cells, names)
    facts, errors = checked(plan.kind, cells)
    facts["source_key"] = facts.get("source_key") or _digest(facts)
    if errors:
        _reject(plan, row, errors)
        return None
    try:
        return row, facts, owner.of(text_of(cells.get(ORGANIZATION)))
    except InvalidInput as refusal:
        _reject(plan, row, refusal.errors)
        return None


def _named(cells: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The cells by the English names; a bare number under 拟投入资金（万元） gains its unit."""
    named: dict[str, Any] = {}
    aliases = {alias for others in ALIASES.values() for alias in others}
    for heading, cell in sorted(cells.items(), key=lambda c: sheets.bare_heading(c[0]) in aliases):
        name = names.get(heading) or names.get(sheets.bare_heading(heading))
        if name is None or (named.get(name) not in (None, "")):
            continue
        named[name] = sheets.with_unit(heading, cell)
    return named


def _decide(
    plan: Plan,
    row: Row,
    facts: dict[str, Any],
    organization: Organization,
    listing: Listing | None,
    *,
    reviewer: bool,
) -> None:
    if listing is None:
        plan.to_add.append((facts, organization))
        plan.report.added += 1
    elif operations.agrees(listing, facts):
        plan.report.unchanged += 1
    elif reviewer or listing.is_editable:
        plan.to_change.append((listing, facts))
        plan.report.updated += 1
    else:
        text = _("%(number)s 已提交或已发布，请先撤回再导入修改", number=listing.number)
        _reject(plan, row, {"source_key": [text]})


def _reject(plan: Plan, row: Row, errors: Mapping[str, Sequence[str]]) -> None:
    headings = {column.name: column.heading for column in COLUMNS[plan.kind]}
    headings[ORGANIZATION] = ORGANIZATION_HEADING
    named = {headings.get(name, name): texts for name, texts in errors.items()}
    plan.report.errors.append(Rejected(row.number, row.cells, named))


def _stored(kind: str, keys: Iterable[str]) -> dict[tuple[int, str], Listing]:
    model = KINDS[kind]
    wanted = sorted(set(keys))
    found: dict[tuple[int, str], Listing] = {}
    for start in range(0, len(wanted), CHUNK):
        part = (
            select(model)
            .where(model.source_key.in_(wanted[start : start + CHUNK]))
            .options(selectinload(model.confidential))  # type: ignore[arg-type]
        )
        found |= {(r.organization_id, str(r.source_key)): r for r in db.session.scalars(part)}
    return found


def _carry_out(plan: Plan, *, actor: Any, now: datetime, publish: bool) -> None:
    model = KINDS[plan.kind]
    operations.add_drafts(model, plan.to_add, actor=actor, now=now, publish=publish)
    for listing, facts in plan.to_change:
        operations.replace_facts(listing, facts, now=now)
        audit.record(actor, Tag.LISTING_CHANGED, listing.key, now=now, revision=listing.revision)
    if plan.to_add or plan.to_change:
        audit.record(actor, Tag.LISTINGS_IMPORTED, plan.kind, now=now, **plan.report.counts)
    db.session.flush()


def _digest(facts: Mapping[str, Any]) -> str:
    text = "\0".join(" ".join(str(facts.get(n, "")).split()) for n in ("title", "description"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _unknown_headings(rows: Sequence[Row], names: Mapping[str, str]) -> list[str]:
    headings = dict.fromkeys(h for row in rows if not row.fault for h in row.cells)
    ours = {"错误信息", "编号", "发布日期", "number", "published_at"}
    return [h for h in headings if sheets.bare_heading(h) not in names and h not in ours]
