"""Recommend for everybody at once, within what each can take; keep and replay what was shown.

Weighing reads and computes, and may take minutes; no transaction is open meanwhile. Only
:func:`propose` writes.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from marketplace import audit
from marketplace.accounts.models import Organization
from marketplace.audit import Tag
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.listings.lifecycle import OPEN
from marketplace.listings.models import KINDS, Listing, Need, Result
from marketplace.matchmaking.indexing import current_library, id_of
from marketplace.matchmaking.models import Match, PushRun, ShownList
from marketplace.permissions import Permission, require
from matching import Matcher
from matching.assignment import Edge, Limits, Pairs, assign, figures, plain
from matching.shown import Listed

#: How many of each need's best results may become contacts.
CANDIDATES = 20
#: 可承接对接数 where nobody said otherwise: a result's owner answers each, a need's reads them.
USUAL_LIMITS = {Need.kind: 5, Result.kind: 3}
#: An organisation that said nothing can take what its listings can.
LARGEST_LIMIT = 1_000
#: A need without any contact comes before another's second one.
FIRST_CONTACT = 1.0
REGION_TIME = timezone(timedelta(hours=8))
RUNS_KEPT = timedelta(days=92)
#: A list shown last year can still be asked about.
SHOWN_KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Open:
    """The open listings of one kind: revision, owner and limit of each by key."""

    revisions: Mapping[str, int]
    limits: Limits


@dataclass(frozen=True)
class Proposal:
    """A day's lists before they are written, with all that decided them."""

    day: date
    recipe: str
    need_index: str
    result_index: str
    limits: str
    pairs: Pairs
    revisions: Mapping[str, int]
    figures: dict[str, Any] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Canonical JSON of the lists and of what decided them; not the day, which did not."""
        lines = [
            [p.query, self.revisions[p.query], p.document, self.revisions[p.document], p.score]
            for p in self.pairs
        ]
        decided = [self.recipe, self.need_index, self.result_index, self.limits]
        return json.dumps([*decided, lines], separators=(",", ":")).encode("ascii")

    @property
    def digest(self) -> str:
        """SHA-256 over the bytes."""
        return sha256(self.as_bytes()).hexdigest()


def local_day(now: datetime) -> date:
    """The day of an instant in the region."""
    return now.astimezone(REGION_TIME).date()


def is_due(*, now: datetime) -> bool:
    """Whether nothing was recommended yet on this day."""
    made = select(PushRun.id).where(PushRun.day == local_day(now)).limit(1)
    return db.session.scalar(made) is None


def weigh(*, day: date, go_on: Callable[[], bool] = lambda: True) -> Proposal | None:
    """The best lists for everybody within all limits; None where ``go_on`` said no meanwhile."""
    matchers = {
        kind: matcher.with_weights(matcher.recipe.weights)  # of this moment, whatever comes
        for kind, matcher in current_library().matchers.items()
    }
    standing = {kind: _open(kind, matcher) for kind, matcher in matchers.items()}
    db.session.rollback()
    edges = _candidates(matchers, standing, go_on)
    if edges is None:
        return None
    queries, documents = standing[Need.kind].limits, standing[Result.kind].limits
    before = plain(edges, queries)
    after = assign(edges, queries=queries, documents=documents, first=FIRST_CONTACT)
    compared = {
        name: asdict(figures(pairs, edges, documents))
        for name, pairs in (("before", before), ("after", after))
    }
    counts = {kind: len(one.revisions) for kind, one in standing.items()}
    return Proposal(
        day=day,
        recipe=matchers[Result.kind].recipe.digest,
        need_index=matchers[Need.kind].index_digest,
        result_index=matchers[Result.kind].index_digest,
        limits=_digest_of_limits(queries, documents),
        pairs=after,
        revisions={**standing[Need.kind].revisions, **standing[Result.kind].revisions},
        figures=compared | {"candidates": len(edges), "open": counts},
    )


def propose(proposal: Proposal, *, now: datetime) -> PushRun:
    """Write a day's recommendations, and drop those that are long past."""
    run = PushRun(
        day=proposal.day,
        made_at=now,
        digest=proposal.digest,
        recipe=proposal.recipe,
        need_index=proposal.need_index,
        result_index=proposal.result_index,
        limits=proposal.limits,
        figures=proposal.figures,
    )
    db.session.add(run)
    db.session.flush()
    rows = [
        {
            "run_id": run.id,
            "need_id": id_of(pair.query),
            "result_id": id_of(pair.document),
            "need_revision": proposal.revisions[pair.query],
            "result_revision": proposal.revisions[pair.document],
            "score": pair.score,
        }
        for pair in proposal.pairs
    ]
    if rows:
        db.session.execute(insert(Match), rows)
    _forget_past(now)
    return run


def _forget_past(now: datetime) -> None:
    old = select(PushRun.id).where(PushRun.made_at < now - RUNS_KEPT)
    db.session.execute(delete(Match).where(Match.run_id.in_(old)))
    db.session.execute(delete(PushRun).where(PushRun.made_at < now - RUNS_KEPT))
    forgettable = (ShownList.last_shown_at < now - SHOWN_KEPT, ShownList.acted_on_at.is_(None))
    db.session.execute(delete(ShownList).where(*forgettable))


def _open(kind: str, matcher: Matcher) -> Open:
    """The listings that stand open in the store and, at the same revision, in the index."""
    model = KINDS[kind]
    columns = (model.id, model.revision, model.organization_id, model.contact_limit)
    stored = db.session.execute(select(*columns).where(model.state.in_(OPEN))).all()
    known = matcher.revisions()
    rows = [(f"{kind}/{row.id}", row) for row in stored]
    rows = [(key, row) for key, row in rows if known.get(key) == row.revision]
    owner_of = {key: str(row.organization_id) for key, row in rows}
    limits = Limits(
        USUAL_LIMITS[kind],
        of={key: row.contact_limit for key, row in rows if row.contact_limit is not None},
        owner_of=owner_of,
        of_owner=_limits_of_organizations(set(owner_of.values())),
    )
    return Open({key: row.revision for key, row in rows}, limits)


def _limits_of_organizations(owners: set[str]) -> dict[str, int]:
    """The limits that organisations among ``owners`` have set."""
    columns = (Organization.id, Organization.contact_limit)
    said = select(*columns).where(Organization.contact_limit.is_not(None))
    rows = db.session.execute(said)
    return {str(i): limit for i, limit in rows if limit is not None and str(i) in owners}


def _candidates(
    matchers: Mapping[str, Matcher], standing: Mapping[str, Open], go_on: Callable[[], bool]
) -> list[Edge] | None:
    """Each need's best suitable open results of other owners."""
    needs, results = standing[Need.kind], standing[Result.kind]
    edges: list[Edge] = []
    for key in sorted(needs.revisions):
        if not go_on():
            return None
        own, matcher = matchers[Need.kind], matchers[Result.kind]
        document, vector = own.state.documents[key], own.asking_vector(key)
        found = matcher.rank(document, k=CANDIDATES, where={"open": ("yes",)}, vector=vector)
        edges += [
            Edge(key, other, score)
            for other, score in found
            if score >= matcher.recipe.threshold
            and other in results.revisions
            and results.limits.owner_of[other] != needs.limits.owner_of[key]
        ]
    return edges


def _digest_of_limits(*sides: Limits) -> str:
    """SHA-256 over who may get how many: part of what decides the lists."""
    parts = [CANDIDATES, FIRST_CONTACT, *(asdict(one) for one in sides)]
    return sha256(json.dumps(parts, sort_keys=True).encode("ascii")).hexdigest()


def set_limit(
    subject: Listing | Organization, limit: int | None, *, actor: Any, now: datetime
) -> None:
    """Set 可承接对接数 of a listing or of an organisation; None takes the usual number again."""
    require(actor, Permission.SET_LIMIT, subject)
    if limit is not None and not 0 <= limit <= LARGEST_LIMIT:
        most = LARGEST_LIMIT
        raise InvalidInput({"limit": [_("可承接对接数应为 0 至 %(most)d 的整数", most=most)]})
    subject.contact_limit = limit
    name = subject.key if isinstance(subject, Listing) else f"organization/{subject.id}"
    audit.record(actor, Tag.LIMIT_SET, name, now=now, limit=limit)
    db.session.flush()


def keep_shown(seen: Sequence[tuple[Listed, int]], *, now: datetime) -> None:
    """Store lists that were shown; one that is known already is only counted."""
    for listed, times in seen:
        row = db.session.get(ShownList, listed.digest)
        if row is None:
            row = ShownList(
                digest=listed.digest,
                subject=listed.subject,
                against=listed.against,
                recipe=listed.recipe,
                body=listed.as_bytes().decode("ascii"),
                first_shown_at=now,
                times=0,
            )
            db.session.add(row)
        row.times += times
        row.last_shown_at = now
    db.session.flush()


def hold_shown(digest: str, *, now: datetime) -> None:
    """Keep a list for good: somebody acted on what it showed, and may be asked why."""
    row = db.session.get(ShownList, digest)
    if row is not None and row.acted_on_at is None:
        row.acted_on_at = now
        db.session.flush()
