"""The day's best pairs that nobody serves, for a broker's fields and regions; no writes.

They are lines of the latest run of recommendations, which is capacity-aware already: what stands
here its owners have room for.
"""

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import contains_eager

from marketplace.brokering.brokers.models import Broker
from marketplace.brokering.cases.queries import is_served
from marketplace.brokering.models import Introduction
from marketplace.extensions import db
from marketplace.listings.lifecycle import OPEN
from marketplace.listings.models import Need, Result
from marketplace.matchmaking.models import Match
from marketplace.matchmaking.queries import latest_run

MOST = 50


def todays_for(broker: Broker) -> Sequence[Match]:
    """The pairs of the latest run in the broker's fields and regions, best first.

    A pair fits where the need's field is served and either owner is in a region that is served.
    Left out are needs with a living introduction, pairs that were tried before, and listings of the
    broker's own organisation.
    """
    run = latest_run()
    if run is None:
        return []
    tried = exists().where(
        Introduction.need_id == Match.need_id, Introduction.result_id == Match.result_id
    )
    own = broker.user.organization_id or 0
    rows = (
        select(Match)
        .join(Match.need)
        .join(Match.result)
        .options(contains_eager(Match.need), contains_eager(Match.result))
        .where(Match.run_id == run.id, Need.state.in_(OPEN), Result.state.in_(OPEN))
        .where(Need.field.in_(broker.fields))
        .where(or_(Need.league.in_(broker.regions), Result.league.in_(broker.regions)))
        .where(Need.organization_id != own, Result.organization_id != own, ~is_served(), ~tried)
    )
    return db.session.scalars(rows.order_by(Match.score.desc(), Match.id).limit(MOST)).all()
