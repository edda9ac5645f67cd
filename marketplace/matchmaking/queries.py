"""Ranked matches with their listings, what the typed search finds, and the day's recommendations."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.listings import queries as listings
from marketplace.listings.lifecycle import OPEN
from marketplace.listings.models import KINDS, OTHER, Listing, Need, Result
from marketplace.listings.queries import CONCEPT
from marketplace.matchmaking.indexing import current_library, document_of, id_of
from marketplace.matchmaking.models import Match, PushRun, ShownList
from marketplace.matchmaking.sightings import current_sightings
from matching import Asks, Document, Hit
from matching.shown import Listed, Replay, ask, replay

Where = Mapping[str, Sequence[str]]
SHOWN = 10
SIMILAR = 4
#: So many of the concepts that the listings of a list speak of can be chosen there.
CONCEPTS_SHOWN = 12
#: So many of what a typed search finds are ranked; a page says when there may be more.
MOST_FOUND = 1_000
#: The key of a text that a visitor typed; the text itself is not kept.
TYPED = "text"
NUMBER_LENGTH = 12
LEAST_NUMBER = 8
RUNS_SHOWN = 30


@dataclass(frozen=True)
class Ranked:
    """One match: the listing found, and the hit that says why."""

    listing: Listing
    hit: Hit


@dataclass(frozen=True)
class Matching:
    """The answer to a match: suitable ones, best first, then those below the threshold."""

    ranked: Sequence[Ranked]
    enough_text: bool
    lower: Sequence[Ranked] = ()
    #: What the text says nothing of, where it is one that asks.
    absent: Sequence[str] = ()
    #: What the list can be asked about by, see ``shuangku replay``.
    number: str = ""


def matches_of(listing: Listing, where: Where | None = None, k: int = SHOWN) -> Matching:
    """The other library, ranked for ``listing``; only what is open and good enough."""
    other = OTHER[listing.kind]
    vector = current_library().matchers[listing.kind].asking_vector(listing.key)
    return _matching(document_of(listing), other, where, k, vector)


def matches_of_text(
    text: str, against: str, where: Where | None = None, k: int = SHOWN
) -> Matching:
    """One library, ranked for any text; a first line of several counts as title."""
    title, body = _title_and_body(text)
    return _matching(Document(TYPED, title, body), against, where, k, None)


def explained(need: Need, result: Result) -> Hit | None:
    """The hit that ``result`` is for ``need``, however low; ``None`` where it is not indexed."""
    library = current_library()
    offers = library.matchers[result.kind]
    vector = library.matchers[need.kind].asking_vector(need.key)
    if result.key not in offers:
        return None
    return offers.explain(document_of(need), result.key, vector=vector, asks="query")


def similar_to(listing: Listing) -> list[Listing]:
    """Listings of the same library that resemble this one."""
    matcher = current_library().matchers[listing.kind]
    found, listed = ask(
        matcher,
        document_of(listing),
        against=listing.kind,
        k=SIMILAR,
        exclude=[listing.key],
        vector=matcher.vector(listing.key),
        asks="neither",
    )
    current_sightings().add(listed)
    near = [hit for hit in found.hits if hit.score >= matcher.recipe.threshold]
    return listings.by_ids(listing.kind, [id_of(hit.key) for hit in near])


def search(kind: str, text: str) -> tuple[list[int], bool]:
    """Ids that ``text`` finds, best first; false if none holds all of its words.

    An owner's or a region's name finds what is theirs; other words are looked up in the texts.
    """
    theirs = listings.named(kind, text)
    found = current_library().matchers[kind].search(text, k=MOST_FOUND)
    if theirs and not found.complete:
        return theirs, True
    ids = [id_of(key) for key in found.keys]
    return list(dict.fromkeys([*theirs, *ids])), found.complete


def known(conditions: listings.Conditions) -> listings.Conditions:
    """The conditions with concepts by their preferred terms; what the thesaurus lacks is left out."""
    called = current_library().thesaurus.called
    names = dict.fromkeys(map(called, conditions.chosen.get(CONCEPT, ())))
    concepts = {CONCEPT: tuple(filter(None, names))}
    chosen = {facet: values for facet, values in (conditions.chosen | concepts).items() if values}
    return replace(conditions, chosen=chosen)


def spoken_of(conditions: listings.Conditions, ranked: Sequence[int] | None) -> listings.Spoken:
    """Which listings speak of the chosen concepts, and of what those under the conditions speak."""
    matcher = current_library().matchers[conditions.kind]
    where = {facet: values for facet, values in conditions.chosen.items() if facet != CONCEPT}
    keys = None if ranked is None else [f"{conditions.kind}/{i}" for i in ranked]
    counts = matcher.counts(CONCEPT, where, keys)
    often = sorted(counts, key=lambda name: (-counts[name], name))[:CONCEPTS_SHOWN]
    chosen = conditions.chosen.get(CONCEPT, ())
    shown = {name: counts.get(name, 0) for name in dict.fromkeys((*often, *chosen))}
    if not chosen:
        return listings.Spoken(None, shown)
    return listings.Spoken([id_of(key) for key in matcher.keys({CONCEPT: chosen})], shown)


def found_among(kind: str, text: str, ids: Sequence[int]) -> set[int]:
    """Which of ``ids`` a typed search would show as full answers: all of its words, or the owner.

    Only these are looked at, so a new listing is found however many older ones answer better.
    """
    keys = [f"{kind}/{i}" for i in ids]
    found = current_library().matchers[kind].search(text, k=len(keys), keys=keys)
    theirs = set(listings.named(kind, text)) & set(ids)
    return theirs | ({id_of(key) for key in found.keys} if found.complete else set())


def words_of(text: str) -> list[str]:
    """The words of a typed search, for marking."""
    return current_library().segmenter.words(text)


def _matching(document: Document, kind: str, where: Where | None, k: int, vector) -> Matching:
    library = current_library()
    wanted = {"open": ("yes",), **(where or {})}
    matcher = library.matchers[kind]
    # Needs ask and results offer, whichever of them is looked up.
    asks: Asks = "query" if kind == Result.kind else "document"
    found, listed = ask(
        matcher, document, against=kind, k=k, where=wanted, vector=vector, asks=asks
    )
    current_sightings().add(listed)
    rows = {row.key: row for row in listings.by_ids(kind, [id_of(hit.key) for hit in found.hits])}
    ranked = [Ranked(rows[hit.key], hit) for hit in found.hits if hit.key in rows]
    suitable = [one for one in ranked if one.hit.score >= matcher.recipe.threshold]
    lower = ranked[len(suitable) :]
    number = listed.digest[:NUMBER_LENGTH]
    return Matching(suitable, found.enough_text, lower, found.absent, number)


def _title_and_body(text: str) -> tuple[str, str]:
    title, _newline, body = text.strip().partition("\n")
    return (title, body) if body and len(title) <= 60 else ("", text)


@dataclass(frozen=True)
class Recommended:
    """One line of 今日推荐: a listing of the other library, and how likely it is worth a contact."""

    listing: Listing
    score: float


def latest_run() -> PushRun | None:
    """The recommendations of today, or of the last day that has some."""
    return db.session.scalar(select(PushRun).order_by(PushRun.id.desc()).limit(1))


def past_runs() -> Sequence[PushRun]:
    """The latest runs, the newest first."""
    return db.session.scalars(select(PushRun).order_by(PushRun.id.desc()).limit(RUNS_SHOWN)).all()


def recommended_to(organization_id: int) -> dict[str, list[tuple[Listing, list[Recommended]]]]:
    """For each kind the organisation's open listings with what is recommended to each, best first.

    What has been closed or withdrawn since the lists were made is left out.
    """
    run = latest_run()
    return {kind: _recommended(run, kind, organization_id) for kind in KINDS}


def _recommended(
    run: PushRun | None, kind: str, organization_id: int
) -> list[tuple[Listing, list[Recommended]]]:
    model, other = KINDS[kind], KINDS[OTHER[kind]]
    own = select(model).where(model.organization_id == organization_id, model.state.in_(OPEN))
    rows = db.session.scalars(own.order_by(model.published_at.desc(), model.id.desc())).all()
    found: dict[int, list[Recommended]] = defaultdict(list)
    if run is not None and rows:
        mine, theirs = getattr(Match, kind), getattr(Match, OTHER[kind])
        wanted = (
            select(Match)
            .join(mine)
            .join(theirs)
            .where(Match.run_id == run.id, model.organization_id == organization_id)
            .where(other.state.in_(OPEN))
            .order_by(Match.score.desc(), other.id)
            .options(joinedload(theirs))
        )
        for match in db.session.scalars(wanted):
            line = Recommended(getattr(match, OTHER[kind]), match.score)
            found[getattr(match, f"{kind}_id")].append(line)
    return [(row, found[row.id]) for row in rows]


@dataclass(frozen=True)
class Pair:
    """A recommended pair by ids, with the owners of both."""

    need_id: int
    result_id: int
    score: float
    need_owner: int
    result_owner: int


def pairs_of_owners(organization_ids: Collection[int]) -> list[Pair]:
    """What the latest run recommends to these organisations, best first; both still open."""
    run = latest_run()
    if run is None:
        return []
    columns = (
        Match.need_id, Match.result_id, Match.score, Need.organization_id, Result.organization_id,
    )  # fmt: skip
    theirs = or_(
        Need.organization_id.in_(organization_ids), Result.organization_id.in_(organization_ids)
    )
    standing = (Match.run_id == run.id, Need.state.in_(OPEN), Result.state.in_(OPEN), theirs)
    asked = select(*columns).join(Match.need).join(Match.result).where(*standing)
    rows = db.session.execute(asked.order_by(Match.score.desc(), Match.need_id, Match.result_id))
    return [Pair(*row) for row in rows]


def shown_list(number: str) -> ShownList:
    """The list whose digest begins with ``number``, eight characters or more; else NotFound."""
    text = number.strip().lower()
    begins = ShownList.digest.startswith(text, autoescape=True)
    found = db.session.scalars(select(ShownList).where(begins).limit(2)).all()
    if len(text) < LEAST_NUMBER or len(found) != 1:
        raise NotFound(_("没有编号为 %(number)s 的清单", number=number))
    return found[0]


def replay_shown(row: ShownList, text: str = "") -> Replay:
    """The list made again from what is stored now; ``text`` where a visitor's words had asked.

    NotFound where the listing that asked is no longer public, or its words are not given.
    """
    before = Listed.from_bytes(row.body.encode("ascii"))
    matcher = current_library().matchers[before.against]
    if row.subject == TYPED:
        if not text.strip():
            raise NotFound(_("这份清单由输入的文字得出，文字未保存；请用 --text 给出原文"))
        return replay(matcher, before, Document(TYPED, *_title_and_body(text)))
    kind = row.subject.partition("/")[0]
    asking = listings.by_ids(kind, [id_of(row.subject)])
    if not asking:
        raise NotFound(_("%(key)s 已不公开，清单无法重算", key=row.subject))
    similar = kind == before.against
    own = current_library().matchers[kind]
    vector = own.vector(row.subject) if similar else own.asking_vector(row.subject)
    exclude = [row.subject] if similar else []
    return replay(matcher, before, document_of(asking[0]), exclude=exclude, vector=vector)


def run_numbered(number: int) -> PushRun:
    """One day's recommendations by their number; else NotFound."""
    run = db.session.get(PushRun, number) if number <= listings.LARGEST_ID else None
    if run is None:
        raise NotFound(_("没有编号为 %(number)s 的推送", number=f"push/{number}"))
    return run


def pairs_of(run: PushRun) -> dict[tuple[str, str], tuple[float, int, int]]:
    """Score and both revisions of every pair of a run, by the keys of need and result."""
    columns = (
        Match.need_id, Match.result_id, Match.score, Match.need_revision, Match.result_revision,
    )  # fmt: skip
    rows = db.session.execute(select(*columns).where(Match.run_id == run.id))
    return {(f"need/{n}", f"result/{r}"): (s, first, second) for n, r, s, first, second in rows}


@dataclass(frozen=True)
class Sighting:
    """Where a pair was shown before somebody acted on it."""

    recipe: str
    rank: int
    score: float
    #: The list of a listing's page, none for 今日推荐.
    digest: str | None = None


def sighting_of(need: Need, result: Result, number: str) -> Sighting | None:
    """How the list called ``number`` showed the pair, or else today's recommendations did.

    A list that speaks of another pair says nothing of this one.
    """
    return (_in_list(need, result, number) if number else None) or _in_run(need, result)


def _in_list(need: Need, result: Result, number: str) -> Sighting | None:
    try:
        row = shown_list(number)
    except NotFound:
        return None
    listed = Listed.from_bytes(row.body.encode("ascii"))
    other = {need.key: result.key, result.key: need.key}.get(listed.subject)
    places = enumerate(listed.entries, 1)
    found = ((rank, one.score) for rank, one in places if one.key == other)
    return next((Sighting(listed.recipe, *place, row.digest) for place in found), None)


def _in_run(need: Need, result: Result) -> Sighting | None:
    run = latest_run()
    if run is None:
        return None
    ordered = select(Match.result_id, Match.score).where(
        Match.run_id == run.id, Match.need_id == need.id
    )
    rows = db.session.execute(ordered.order_by(Match.score.desc(), Match.result_id)).all()
    places = enumerate(rows, 1)
    found = ((rank, score) for rank, (key, score) in places if key == result.id)
    return next((Sighting(run.recipe, *place) for place in found), None)
