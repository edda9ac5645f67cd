"""How a draft begins, how a clerk takes a case, and how a receipt is read from its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from marketplace.accounts.models import Organization
from marketplace.accounts.queries import organization_called
from marketplace.brokering.models import Introduction
from marketplace.contracts import directory, operations
from marketplace.contracts.columns import Facts
from marketplace.contracts.models import Contract
from marketplace.contracts.origins import facts_from_origin, load_origin
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.prefill import facts_from
from marketplace.contracts.states import Action
from marketplace.errors import InvalidInput, NotFound
from marketplace.listings import queries as listings
from marketplace.listings.cells import BadCell, bounded_text
from marketplace.listings.models import Listing, Need, Result
from marketplace.permissions import Permission, Role, permits
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Beginning:
    """What is known before a draft is made: who applies, for which deal, and where it may be."""

    applicant: Organization | None
    points: list[RegistrationPoint]
    need: Need | None
    result: Result | None
    facts: Facts
    #: The introduction from which the contract comes.
    origin: Introduction | None = None


def begin(values: Mapping[str, str], user: Any, day: date) -> Beginning:
    """Read the page that begins a contract; :class:`InvalidInput` names the field that is wrong.

    At the counter a clerk types for the applicant named in ``applicant``, at the own point alone.
    """
    origin = load_origin(values.get("introduction", ""), user)
    need = origin.need if origin else _listing("need", values.get("need", ""), user)
    result = origin.result if origin else _listing("result", values.get("result", ""), user)
    applicant = _applicant(values.get("applicant", "").strip(), user)
    if user.role == Role.CLERK:
        points = [
            p for p in directory.open_points(day) if p.organization_id == user.organization_id
        ]
    else:
        points = directory.points_for(user.organization, day)
    known: dict[str, Any] = {"need": need, "result": result, "named": origin is not None}
    facts = facts_from(applicant, **known) if applicant else {}
    if origin is not None:
        facts |= facts_from_origin(origin)
    return Beginning(applicant, points, need, result, facts, origin)


def _listing(kind: str, text: str, user: Any) -> Any:
    if not text.strip():
        return None
    name = _("需求") if kind == "need" else _("成果")
    unknown = InvalidInput({kind: [_("没有找到编号为“%(t)s”的%(n)s", t=text[:20], n=name)]})
    try:
        listing: Listing = listings.by_number(text.strip())
    except NotFound as fault:
        raise unknown from fault
    if listing.kind != kind or not permits(user, Permission.SEE_LISTING, listing):
        raise unknown
    return listing


def _applicant(text: str, user: Any) -> Organization | None:
    if user.role != Role.CLERK:
        return user.organization
    found = organization_called(text) if text else None
    if text and found is None:
        message = _("没有名为“%(text)s”的单位；请先由单位在本平台注册", text=text[:40])
        raise InvalidInput({"applicant": [message]})
    return found


def create(
    values: Mapping[str, str], *, actor: Any, now: datetime, facts: Facts | None = None
) -> Contract:
    """The draft that the page begins, with all that is known of it; ``facts`` are checked ones."""
    beginning = begin(values, actor, local_day(now))
    if beginning.applicant is None:
        raise InvalidInput({"applicant": [_("请填写登记主体的名称或统一社会信用代码")]})
    chosen = values.get("point") or (beginning.points[0].code if beginning.points else "")
    points = {point.code: point for point in beginning.points}
    if chosen not in points:
        raise InvalidInput(
            {"point": [_("请选择受理的登记点；所在地区还没有登记点的，请联系科技主管部门")]}
        )
    try:
        name = bounded_text(values.get("project_name", ""), 200)
    except BadCell as fault:
        raise InvalidInput({"project_name": [str(fault)]}) from fault
    known = beginning.facts | ({"project_name": name} if name else {}) | (facts or {})
    return operations.create(
        known, point=points[chosen], applicant=beginning.applicant, actor=actor, now=now
    )


def move(
    contract: Contract, action: Action, facts: Facts, *, actor: Any, now: datetime, take: bool
) -> Contract:
    """Make the move; whoever accepts a case may take it into the first review at once."""
    facts = {name: value for name, value in facts.items() if value is not None}
    moved = operations.advance(contract, action, actor=actor, now=now, **facts)
    if take and action == Action.ACCEPT:
        return operations.advance(moved, Action.ASSIGN, actor=actor, now=now, clerk=actor)
    return moved
