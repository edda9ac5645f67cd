"""Who is given which need: decided purely, all needs at once, by field, region and load.

An assignment problem: each broker is as many seats as there is room for, a need and a seat go
together by the weight of what fits, less the fuller the broker is, and the sum is the highest
(Crouse 2016, ``scipy.optimize.linear_sum_assignment``). Sharing out one need after another would
give the only broker of a rare field away to a common need.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

#: In points. A field counts more than a region: distance can be travelled. A full desk costs as
#: much as a region brings; a week of waiting as much as nothing but a tie.
FIELD, REGION, LOAD, WAITING = 6.0, 3.0, 3.0, 0.01
#: A longer wait than this, in days, counts no more.
LONGEST_WAIT = 90


@dataclass(frozen=True)
class Waiting:
    """A need that nobody serves."""

    need_id: int
    owner_id: int
    field: str
    league: str
    days: int


@dataclass(frozen=True)
class Desk:
    """A broker in good standing: what they serve, how much they have, and whom they may not."""

    user_id: int
    organization_id: int | None
    fields: Collection[str]
    regions: Collection[str]
    load: int
    capacity: int
    #: Needs that were handed back by, or taken back from, this broker.
    declined: Collection[int] = field(default_factory=frozenset)

    @property
    def room(self) -> int:
        """How many more cases fit."""
        return max(self.capacity - self.load, 0)


@dataclass(frozen=True)
class Share:
    """One need for one broker, and why, in points."""

    need_id: int
    user_id: int
    grounds: dict[str, float]


def share_out(needs: Sequence[Waiting], desks: Sequence[Desk]) -> list[Share]:
    """The needs that find a broker, by need; those that fit nobody stay where they are."""
    seats = [(desk, desk.load + n) for desk in desks for n in range(desk.room)]
    if not needs or not seats:
        return []
    ordered = sorted(needs, key=lambda need: need.need_id)
    worth = np.array([[_worth(need, *seat) for seat in seats] for need in ordered])
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [
        _share(ordered[row], *seats[column])
        for row, column in zip(rows, columns, strict=True)
        if worth[row, column] > 0
    ]


def grounds_of(need: Waiting, desk: Desk, load: int) -> dict[str, float]:
    """What speaks for the broker, in points; the load against. Empty where they may not have it."""
    fits_field, fits_region = need.field in desk.fields, need.league in desk.regions
    if not (fits_field or fits_region) or need.need_id in desk.declined:
        return {}
    if desk.organization_id is not None and desk.organization_id == need.owner_id:
        return {}
    return {
        "field": FIELD * fits_field,
        "region": REGION * fits_region,
        "load": -LOAD * load / desk.capacity,
        "waiting": WAITING * min(need.days, LONGEST_WAIT),
    }


def _worth(need: Waiting, desk: Desk, load: int) -> float:
    return sum(grounds_of(need, desk, load).values())


def _share(need: Waiting, desk: Desk, load: int) -> Share:
    grounds = {name: round(points, 2) for name, points in grounds_of(need, desk, load).items()}
    return Share(need.need_id, desk.user_id, grounds | {"before": load, "room": desk.capacity})
