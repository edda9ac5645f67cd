"""What is new for whom: reads alone, so that many can be asked about before anything is written."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.alerts import queries
from marketplace.alerts.models import SavedSearch
from marketplace.extensions import db
from marketplace.listings.models import Need, Result
from marketplace.listings.queries import Conditions, Published, published_since
from marketplace.matchmaking.queries import Pair, found_among, known, pairs_of_owners, spoken_of

#: Whoever comes back after longer looks for themselves.
WINDOW = timedelta(days=31)
#: What does not fit is told next time.
MOST_OF_A_SEARCH = 20
MOST_OF_A_LISTING = 5
MOST_LINES = 50


@dataclass(frozen=True)
class Line:
    """One listing to be told under one subscription: ``search/3`` or one's own ``need/5``."""

    subscription: str
    listing: str


def news_for(user_ids: Collection[int], *, now: datetime) -> dict[int, list[Line]]:
    """What each of these people was not told yet; who has no news is left out."""
    users = db.session.scalars(select(User).where(User.id.in_(user_ids)).order_by(User.id)).all()
    searches = _searches(user_ids)
    answers = _answers([one for own in searches.values() for one in own], now=now)
    pairs = _pairs({user.organization_id for user in users if user.organization_id})
    found = {
        user.id: [
            *_of_searches(searches[user.id], answers, user.organization_id),
            *_of_listings(pairs[user.organization_id or 0]),
        ]
        for user in users
    }
    keys = sorted({line.listing for lines in found.values() for _most, line in lines})
    known = queries.told(user_ids, keys)
    news = {user_id: _untold(user_id, lines, known) for user_id, lines in found.items()}
    return {user_id: lines for user_id, lines in news.items() if lines}


#: A line, and how many of its subscription fit into one digest.
Candidate = tuple[int, Line]


def _untold(
    user_id: int, lines: Sequence[Candidate], known: set[tuple[int, str, str]]
) -> list[Line]:
    counts: dict[str, int] = defaultdict(int)
    chosen = []
    for most, line in lines:
        new = (user_id, line.subscription, line.listing) not in known
        if new and counts[line.subscription] < most:
            counts[line.subscription] += 1
            chosen.append(line)
    return chosen[:MOST_LINES]


def _searches(user_ids: Collection[int]) -> Mapping[int, list[SavedSearch]]:
    asked = select(SavedSearch).where(
        SavedSearch.user_id.in_(user_ids), SavedSearch.ended_at.is_(None)
    )
    found: dict[int, list[SavedSearch]] = defaultdict(list)
    for search in db.session.scalars(asked.order_by(SavedSearch.id)):
        found[search.user_id].append(search)
    return found


def _answers(searches: Sequence[SavedSearch], *, now: datetime) -> dict[str, list[Published]]:
    """What has come under each conditions, by fingerprint: many people ask for the same."""
    same: dict[str, list[SavedSearch]] = defaultdict(list)
    for search in searches:
        same[search.fingerprint].append(search)
    return {
        fingerprint: _answer(group[0], max(now - WINDOW, min(one.since for one in group)))
        for fingerprint, group in same.items()
    }


def _answer(search: SavedSearch, since: datetime) -> list[Published]:
    chosen = {facet: tuple(values) for facet, values in search.chosen.items()}
    conditions = known(Conditions(search.kind, chosen=chosen))
    new = published_since(conditions, since)
    spoken = spoken_of(conditions, [one.id for one in new]).ids
    if spoken is not None:
        new = [one for one in new if one.id in set(spoken)]
    if not search.text or not new:
        return new
    found = found_among(search.kind, search.text, [one.id for one in new])
    return [one for one in new if one.id in found]


def _of_searches(
    searches: Sequence[SavedSearch], answers: Mapping[str, list[Published]], owner: int | None
) -> Iterator[Candidate]:
    """The newest first; one's own organisation's are no news."""
    for search in searches:
        for one in answers[search.fingerprint]:
            if one.at >= search.since and one.organization_id != owner:
                yield MOST_OF_A_SEARCH, Line(search.key, f"{search.kind}/{one.id}")


def _pairs(owners: Collection[int]) -> Mapping[int, list[tuple[Pair, bool]]]:
    """Owner → pairs, and whether the need is theirs; best first."""
    found: dict[int, list[tuple[Pair, bool]]] = defaultdict(list)
    for pair in pairs_of_owners(owners) if owners else ():
        found[pair.need_owner].append((pair, True))
        found[pair.result_owner].append((pair, False))
    return found


def _of_listings(pairs: Sequence[tuple[Pair, bool]]) -> Iterator[Candidate]:
    for pair, needs_it in pairs:
        need, result = f"{Need.kind}/{pair.need_id}", f"{Result.kind}/{pair.result_id}"
        yield MOST_OF_A_LISTING, Line(need, result) if needs_it else Line(result, need)
