"""The journeys and the shown pairs, read from the records; and the weak judgements they give."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from marketplace.accounts.models import User
from marketplace.brokering.brokers.models import Broker
from marketplace.brokering.models import Introduction, Step
from marketplace.brokering.states import ENDED, WON, Action, Reason, State
from marketplace.extensions import db
from marketplace.funnel.counting import (
    Journey,
    Row,
    ShownIn,
    Stage,
    Touch,
    attribution,
    last_touch,
    losses,
    median_days,
    reasons,
    row,
    rows_by,
    shared,
    without_other_brokers,
)
from marketplace.funnel.models import ShownPair
from marketplace.listings.models import Need
from marketplace.working_days import local_day

#: The move that reaches a stage.
REACHED_BY = {
    Action.MEET: Stage.MET,
    Action.AGREE: Stage.AGREED,
    Action.CONTRACT: Stage.CONTRACT,
    Action.REGISTER: Stage.REGISTERED,
    Action.VERIFY_INCOME: Stage.INCOME,
}
#: What a contract's end takes back.
TAKEN_BACK = (Stage.CONTRACT, Stage.REGISTERED, Stage.INCOME)
#: 0–3, as a weak opinion of the pair: that it came to nothing over the price says nothing of the fit.
WEAK_GRADES = {Reason.MATURITY: 1, Reason.SCALE: 1, Reason.RIGHTS: 2, Reason.PRICE: 2}


@dataclass(frozen=True)
class Funnel:
    """All that the page and the command show."""

    total: Row
    by_field: list[Row]
    by_league: list[Row]
    by_broker: list[Row]
    by_month: list[Row]
    days: Mapping[tuple[Stage, Stage], tuple[float, int]]
    losses: list[tuple[str, str, int]]
    last_touch: Mapping[str, float]
    shared: Mapping[str, float]
    reasons: list[Any]
    #: Id of a broker, as the rows and sources have it → name; of others' work an id may be missing.
    brokers: Mapping[str, str]


def funnel(*, broker_id: int | None = None) -> Funnel:
    """The whole market's, or one broker's own introductions, of which nothing is "shown".

    A broker reads of other brokers of a pair that they were there, and not who they are.
    """
    taken = journeys(broker_id=broker_id)
    if broker_id is not None:
        taken = [without_other_brokers(one, broker_id) for one in taken]
    seen = {} if broker_id is not None else shown()
    return Funnel(
        total=row("", taken, sum(seen.values())),
        by_field=rows_by(taken, seen, "field"),
        by_league=rows_by(taken, seen, "league"),
        by_broker=rows_by(taken, seen, "broker"),
        by_month=rows_by(taken, seen, "month"),
        days=median_days(taken),
        losses=losses(taken),
        last_touch=attribution(taken, last_touch),
        shared=attribution(taken, shared),
        reasons=reasons(taken),
        brokers=_names_of_brokers(broker_id),
    )


def _names_of_brokers(only: int | None) -> dict[str, str]:
    """Names by id; two of one name are told apart by their number, which the directory has."""
    found = select(User.id, User.display_name, Broker.id).outerjoin(
        Broker, Broker.user_id == User.id
    )
    brokered = found.where(User.id.in_(select(Introduction.broker_id)))
    rows = db.session.execute(brokered if only is None else found.where(User.id == only)).all()
    names = Counter(name for _id, name, _record in rows)
    return {
        str(user_id): name if names[name] == 1 else f"{name}（JJ{record or 0:06d}）"
        for user_id, name, record in rows
    }


def shown() -> dict[ShownIn, int]:
    """How many different pairs were shown, by field and league of the need and by month."""
    pairs = (
        select(ShownPair.need_id, ShownPair.result_id, ShownPair.first_at, Need.field, Need.league)
        .join(Need, Need.id == ShownPair.need_id)
        .order_by(ShownPair.first_at)
    )
    first: dict[tuple[int, int], ShownIn] = {}
    for need_id, result_id, at, field, league in db.session.execute(pairs):
        month = local_day(at).strftime("%Y-%m")
        first.setdefault((need_id, result_id), ShownIn(field, league, month))
    return dict(Counter(first.values()))


def journeys(*, broker_id: int | None = None) -> list[Journey]:
    """Every introduction that was sent, oldest first."""
    sent = _sent()
    if broker_id is not None:
        sent = sent.where(Introduction.broker_id == broker_id)
    found = db.session.scalars(sent.order_by(Introduction.sent_at, Introduction.id)).unique().all()
    steps = _steps_of([one.id for one in found])
    touches = _touches([(one.need_id, one.result_id) for one in found])
    return [_journey(one, steps[one.id], touches) for one in found]


def _sent() -> Select[Any]:
    return (
        select(Introduction)
        .where(Introduction.sent_at.is_not(None))
        .options(selectinload(Introduction.need), selectinload(Introduction.broker))
    )


def _steps_of(ids: Sequence[int]) -> dict[int, list[Step]]:
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in db.session.scalars(select(Step).order_by(Step.id)):
        steps[step.introduction_id].append(step)
    return steps


def _touches(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[Touch]]:
    """Where the pairs were seen, and who proposed them."""
    wanted = set(pairs)
    found: dict[tuple[int, int], list[Touch]] = defaultdict(list)
    for pair in db.session.scalars(
        select(ShownPair).where(ShownPair.need_id.in_({n for n, _ in wanted}))
    ):
        if (pair.need_id, pair.result_id) in wanted:
            found[pair.need_id, pair.result_id].append(Touch(pair.channel.value, pair.first_at))
    for one in db.session.scalars(_sent()).unique():
        if one.sent_at is not None:
            source = f"broker/{one.broker_id}" if one.broker_id is not None else "owner"
            found[one.need_id, one.result_id].append(Touch(source, one.sent_at))
    return found


def _journey(
    one: Introduction, steps: Sequence[Step], touches: Mapping[tuple[int, int], list[Touch]]
) -> Journey:
    pair = (one.need_id, one.result_id)
    until = one.contacted_at or one.updated_at
    sent_at = one.sent_at or one.created_at
    last = steps[-1] if steps else None
    ended = one.state in ENDED
    return Journey(
        pair=pair,
        field=one.need.field,
        league=one.need.league,
        broker=str(one.broker_id) if one.broker_id is not None else "",
        sent_on=local_day(sent_at),
        reached=_reached(one, steps),
        lost=one.state.value if ended else "",
        lost_from=last.source.value if ended and last else "",
        lost_reason=one.lost_reason.value if ended and one.lost_reason else "",
        reasons=tuple(one.match_reasons),
        touches=tuple(t for t in touches.get(pair, ()) if t.at <= until),
    )


def _reached(one: Introduction, steps: Sequence[Step]) -> dict[Stage, datetime]:
    reached = {Stage.CONTACTED: one.contacted_at} if one.contacted_at else {}
    for step in steps:
        if step.action == Action.FALL_BACK:
            for stage in TAKEN_BACK:
                reached.pop(stage, None)
        elif step.action in REACHED_BY:
            reached.setdefault(REACHED_BY[step.action], step.at)
    return reached


def weak_judgements() -> Iterator[dict[str, Any]]:
    """What introductions say of their pairs, as lines beside the graded judgements.

    A contract and agreed talks say 3; a no says what its reason says of the fit, and
    nothing where it was about time, capacity or no answer at all.
    """
    ended = select(Introduction).where(Introduction.state.in_(ENDED | WON | {State.AGREED}))
    for one in db.session.scalars(ended.order_by(Introduction.id)).unique():
        grade = _weak_grade(one)
        if grade is not None:
            yield {
                "query_id": f"need/{one.need_id}",
                "document_id": f"result/{one.result_id}",
                "grade": grade,
                "weak": True,
                "because": one.lost_reason.value if one.lost_reason else one.state.value,
            }


def _weak_grade(one: Introduction) -> int | None:
    if one.state not in ENDED:
        return 3
    return WEAK_GRADES.get(one.lost_reason) if one.lost_reason else None
