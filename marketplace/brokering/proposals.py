"""How a proposal begins: the pair, where it was shown, and why it fits in the matcher's words."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from marketplace.brokering.models import BOXES
from marketplace.brokering.operations import Origin
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing, Need, Result
from marketplace.matchmaking import queries as matchmaking
from marketplace.matchmaking.reasons import codes_of
from marketplace.permissions import Permission, permits

SENTENCES = 2


@dataclass(frozen=True)
class Pair:
    """A need and a result that somebody thinks of bringing together."""

    need: Need
    result: Result

    @property
    def need_owner_id(self) -> int:
        """Whose need it is."""
        return self.need.organization_id

    @property
    def result_owner_id(self) -> int:
        """Whose result it is."""
        return self.result.organization_id


def load_pair(need_id: int, result_id: int, user: Any) -> Pair:
    """Both listings as far as ``user`` may see them; NotFound else."""
    need: Any = listings.load("need", need_id, user)
    result: Any = listings.load("result", result_id, user)
    return Pair(need, result)


def may_propose(user: Any, first: Listing, second: Listing) -> bool:
    """Whether 我要对接 stands beside a match: also for visitors, whom it leads to the login page."""
    by_kind: dict[str, Any] = {first.kind: first, second.kind: second}
    pair = Pair(by_kind["need"], by_kind["result"])
    if pair.need_owner_id == pair.result_owner_id or not (first.is_open and second.is_open):
        return False
    return not permits(user, Permission.SEE_SIGNED_IN) or permits(
        user, Permission.OPEN_INTRODUCTION, pair
    )


def origin_of(pair: Pair, number: str) -> Origin:
    """The list in which the pair was shown, with rank, score and the matcher's reasons."""
    hit = matchmaking.explained(pair.need, pair.result)
    seen = matchmaking.sighting_of(pair.need, pair.result, number)
    reasons = codes_of(hit) if hit else []
    if seen is None:
        return Origin(score=hit.score if hit else None, reasons=reasons)
    return Origin(seen.digest, seen.recipe, seen.rank, seen.score, reasons)


def first_words(pair: Pair) -> dict[str, str]:
    """The boxes of a new proposal: why it fits as the matcher explains it, the rest empty."""
    hit = matchmaking.explained(pair.need, pair.result)
    lines = _reasons(hit) if hit else []
    fit = ""
    for line in lines:  # whole lines only: half a reason misleads
        if len(fit) + len(line) + 1 <= BOXES["fit"]:
            fit = f"{fit}\n{line}" if fit else line
    return dict.fromkeys(BOXES, "") | {"fit": fit}


def _reasons(hit: Any) -> list[str]:
    met = [one for one in hit.comparisons if one.verdict == "met"]
    numbers = [
        _(
            "%(name)s：要求%(asked)s，提供%(offered)s",
            name=one.name,
            asked=one.asked.shown,
            offered=one.offered.shown,
        )
        for one in met
    ]
    points = [_("对应需求：%(text)s", text=one.point.text) for one in hit.points if one.answered]
    sentences = [
        _("成果写明：%(text)s", text=sentence.text) for sentence in hit.sentences[:SENTENCES]
    ]
    return [*numbers, *points, *sentences]
