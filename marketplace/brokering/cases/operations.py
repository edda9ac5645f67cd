"""Share needs out, take them, hand them back. ``move`` is the only writer of ``state``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from marketplace import audit
from marketplace.accounts.models import Console
from marketplace.audit import Tag
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.cases import queries
from marketplace.brokering.cases.lifecycle import CASE
from marketplace.brokering.cases.models import Case
from marketplace.brokering.cases.sharing import Share, share_out
from marketplace.brokering.cases.states import LIVE, Action, State
from marketplace.brokering.effects import answer_due
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.permissions import Permission, require
from marketplace.transactions import lock


@dataclass(frozen=True)
class Situation:
    """One attempt to move one case."""

    case: Case
    is_active: bool


def share(*, actor: Any, now: datetime) -> list[Case]:
    """Give every unserved need to the broker whom it fits best; the new cases.

    First what is over is ended, so that its need and its place on a desk are free again.
    """
    require(actor, Permission.SHARE_OUT_CASES)
    end_what_is_over(now=now)
    shares = share_out(queries.unserved(now), queries.desks(now))
    cases = [_case(one, now) for one in shares]
    db.session.add_all(cases)
    db.session.flush()
    for case in cases:
        audit.record(actor, Tag.CASE_SHARED, case.key, now=now, **case.grounds)
    return cases


def _case(share: Share, now: datetime) -> Case:
    return Case(
        need_id=share.need_id,
        live_need_id=share.need_id,
        user_id=share.user_id,
        grounds=share.grounds,
        offered_at=now,
        due_at=answer_due(now),
    )


def move(case: Case, action: Action, *, actor: Any, now: datetime, reason: str = "") -> None:
    """Choose the row, ask permission and guards, then change."""
    lock(case)
    step = CASE.choose(case.state, action)
    require(actor, step.permission, case)
    if step.needs_reason and not reason.strip():
        raise InvalidInput({"reason": [_("请写明交回的原因")]})
    situation = Situation(case, brokers.is_active(case.user_id, now=now))
    source, case.state = case.state, CASE.decide(case.state, action, situation).target
    if case.state == State.TAKEN:
        case.taken_at = now
    if case.state not in LIVE:
        case.ended_at, case.live_need_id, case.reason = now, None, reason.strip()
    db.session.flush()
    said = {"from": source, "to": case.state, "reason": reason.strip()}
    audit.record(actor, Tag.CASE_MOVED, case.key, now=now, **said)


def end_what_is_over(*, now: datetime) -> int:
    """End cases whose need is served or closed, and take back those nobody took; how many."""
    over = queries.to_end(now)
    for case, settled in over:
        move(case, Action.SERVE if settled else Action.LAPSE, actor=Console(), now=now)
    return len(over)
