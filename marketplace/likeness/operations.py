"""Find listings that are alike, in the background, and keep what the operator judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from marketplace import audit
from marketplace.audit import Tag
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.likeness.models import CommonNeed, LikePair, Verdict
from marketplace.listings.models import KINDS, Need
from marketplace.matchmaking.indexing import current_library, id_of
from marketplace.permissions import Permission, require
from matching import Matcher
from matching.likeness import WITH_MODEL, WITHOUT_MODEL, Alike, Thresholds, alike, groups

#: The type of need that looks for staff: alike in words, and no technical problem.
HIRING = "talent"


@dataclass(frozen=True)
class Found:
    """What one search found: resembling pairs by kind, needs by group, and the revisions compared."""

    duplicates: Mapping[str, Sequence[Alike]]
    common: Sequence[tuple[str, ...]]
    revisions: Mapping[str, int]


def find() -> Found:
    """Compare every public listing with every other of its library; reads, computes, writes nothing.

    Pairs that the operator judged different join no group, nor do searches for staff.
    """
    apart = {
        (f"need/{pair.first_id}", f"need/{pair.second_id}")
        for pair in db.session.scalars(select(LikePair).where(LikePair.kind == Need.kind))
        if pair.verdict == Verdict.DIFFERENT
    }
    hiring = select(Need.id).where(Need.need_type == HIRING)
    no_problem = {f"need/{need_id}" for need_id in db.session.scalars(hiring)}
    db.session.rollback()
    duplicates: dict[str, Sequence[Alike]] = {}
    common: Sequence[tuple[str, ...]] = ()
    revisions: dict[str, int] = {}
    for kind, matcher in current_library().matchers.items():
        thresholds = WITH_MODEL if matcher.recipe.weights.dense else WITHOUT_MODEL
        pairs, compared = _compared(matcher, thresholds)
        revisions |= compared
        duplicates[kind] = [p for p in pairs if p.resemblance >= thresholds.duplicate]
        if kind == Need.kind:
            problems = [p for p in pairs if not {p.first, p.second} & no_problem]
            common = groups(problems, thresholds.shared, {_in_key_order(*one) for one in apart})
    return Found(duplicates, common, revisions)


def _compared(matcher: Matcher, thresholds: Thresholds) -> tuple[tuple[Alike, ...], dict[str, int]]:
    """The near pairs of one library as it is at this moment, and the revisions in it."""
    state = matcher.state
    documents = list(state.documents.values())
    vectors = {}
    for document in documents if thresholds.weights[2] else ():
        vector = state.vectors.vector(document.key)
        if vector is not None:
            vectors[document.key] = vector
    pairs = alike(documents, current_library().segmenter, thresholds, vectors)
    return pairs, {document.key: document.revision for document in documents}


def _in_key_order(one: str, other: str) -> tuple[str, str]:
    """Keys are ordered as texts, ``need/10`` before ``need/9``; ids as numbers."""
    return (one, other) if one < other else (other, one)


def keep(found: Found, *, now: datetime) -> dict[str, int]:
    """Write what was found; how many pairs wait for a verdict, and how many groups there are.

    A pair found again keeps its number, so that a page that stands open can still judge it; one
    with a verdict stays as it is, and that its texts changed since shows from the revisions.
    """
    known = {
        (pair.kind, pair.first_id, pair.second_id): pair
        for pair in db.session.scalars(select(LikePair))
    }
    waiting = []
    for row in (_row(kind, one, found, now) for kind in KINDS for one in found.duplicates[kind]):
        pair = known.pop((row["kind"], row["first_id"], row["second_id"]), None)
        if pair is None or pair.verdict is None:
            waiting.append(pair or LikePair())
            _set(waiting[-1], row)
    db.session.add_all(waiting)
    for pair in known.values():
        if pair.verdict is None:
            db.session.delete(pair)
    db.session.execute(delete(CommonNeed))
    members = [_members(group) for group in found.common]
    if members:
        db.session.execute(insert(CommonNeed), [row for group in members for row in group])
    db.session.flush()
    return {"pairs": len(waiting), "groups": len(members)}


def _set(pair: LikePair, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(pair, name, value)


def _row(kind: str, pair: Alike, found: Found, now: datetime) -> dict[str, Any]:
    first, second = sorted((pair.first, pair.second), key=id_of)
    return {
        "kind": kind,
        "first_id": id_of(first),
        "second_id": id_of(second),
        "first_revision": found.revisions[first],
        "second_revision": found.revisions[second],
        "resemblance": pair.resemblance,
        "found_at": now,
    }


def _members(group: Sequence[str]) -> list[dict[str, int]]:
    ids = [id_of(key) for key in group]
    return [{"need_id": i, "lead_id": min(ids)} for i in ids]


def judge(pair: LikePair, verdict: str, *, actor: Any, now: datetime) -> None:
    """Say that a pair is the same listing twice, or two; a verdict may be changed."""
    require(actor, Permission.REVIEW_LISTING)
    if verdict not in list(Verdict):
        raise InvalidInput({"verdict": [_("请选择“同一内容”或“不同内容”")]})
    first, second = (db.session.get(KINDS[pair.kind], i) for i in (pair.first_id, pair.second_id))
    pair.verdict, pair.decided_at, pair.decided_by_id = Verdict(verdict), now, actor.id
    if first is not None and second is not None:
        pair.first_revision, pair.second_revision = first.revision, second.revision
    subject = f"{pair.kind}/{pair.first_id}"
    other = f"{pair.kind}/{pair.second_id}"
    audit.record(actor, Tag.LIKENESS_JUDGED, subject, now=now, other=other, verdict=verdict)
    db.session.flush()
