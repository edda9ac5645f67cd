"""The directory of registration points: who registers where, who is there, how much they have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy import case, func, select, update

from marketplace import audit
from marketplace.accounts.models import Organization, OrganizationKind, User
from marketplace.audit import Tag
from marketplace.codes import current_codes
from marketplace.contracts.models import Contract
from marketplace.contracts.points import Desk, HostKind, RegistrationPoint, StaffMember
from marketplace.contracts.states import TERMINAL, TIMED, State
from marketplace.errors import InvalidInput, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, Role, require
from marketplace.working_days import local_day

#: 登记人员 that a point needs at least.
LEAST_STAFF = 3
WHOLE_REGION = "150000"


def init_app(
    app: Flask, *, targets: Sequence[Mapping[str, Any]], zones: Sequence[Mapping[str, str]]
) -> None:
    """Let the application know how many points are meant to be, and the zones beside the tree."""
    app.extensions["point_targets"] = targets
    app.extensions["zones"] = zones


def load_point(code: str) -> RegistrationPoint:
    """The point with that code; :class:`NotFound` where there is none."""
    point = db.session.get(RegistrationPoint, code)
    if point is None:
        raise NotFound(_("没有代码为“%(code)s”的登记点", code=code[:10]))
    return point


def points() -> Sequence[RegistrationPoint]:
    """Every point that there ever was, by code."""
    return db.session.scalars(select(RegistrationPoint).order_by(RegistrationPoint.code)).all()


def open_points(day: date) -> list[RegistrationPoint]:
    """The points that take cases on ``day``."""
    return [point for point in points() if point.is_open(day)]


def points_for(organization: Organization, day: date) -> list[RegistrationPoint]:
    """Where that applicant may register: its own institution's point, then those of its region."""
    fitting = [p for p in open_points(day) if p.takes(organization.region, organization.id)]
    return sorted(fitting, key=lambda point: (point.host_id is None, point.code))


def open_point(
    code: str,
    organization: Organization,
    host_kind: HostKind,
    *,
    region: str,
    actor: Any,
    now: datetime,
    host: Organization | None = None,
    serves: Sequence[str] = (),
    limit_fen: int | None = None,
) -> RegistrationPoint:
    """A new point; its code is PPCC of its league and two digits that no point has had."""
    require(actor, Permission.MANAGE_POINTS)
    errors = _errors_of_point(code, organization, host_kind, region, host)
    if errors:
        raise InvalidInput(errors)
    point = RegistrationPoint(
        code=code,
        organization_id=organization.id,
        host_kind=host_kind,
        host_id=host.id if host else None,
        region=region,
        serves=list(serves),
        limit_fen=limit_fen,
        opened_on=local_day(now),
    )
    db.session.add(point)
    db.session.flush()
    audit.record(actor, Tag.POINT_OPENED, f"point/{code}", now=now, region=region)
    return point


def _errors_of_point(
    code: str, organization: Organization, kind: HostKind, region: str, host: Organization | None
) -> dict[str, list[str]]:
    codes, errors = current_codes(), {}
    is_regional = region == WHOLE_REGION and code[:4] == "1500"
    league = codes.league(region) if region in codes.regions else ""
    if not (code.isascii() and code.isdigit() and len(code) == 6 and code[4:] != "00"):
        errors["code"] = [_("登记点代码应为六位数字：盟市前四位加两位编号（01—99）")]
    elif code[:4] != league[:4] and not is_regional:
        errors["code"] = [_("登记点代码的前四位应为所在盟市的代码")]
    elif db.session.get(RegistrationPoint, code) is not None:
        errors["code"] = [_("该代码已用过；停用登记点的代码不再使用")]
    if region not in codes.regions:
        errors["region"] = [_("行政区划须为六位代码")]
    if organization.kind != OrganizationKind.REGISTRATION_POINT:
        errors["organization"] = [_("该单位不是登记机构")]
    if kind in (HostKind.UNIVERSITY, HostKind.INSTITUTE) and host is None:
        errors["host"] = [_("高校、院所内的登记点须指明所属单位")]
    return errors


def close_point(
    point: RegistrationPoint, successor: RegistrationPoint, *, actor: Any, now: datetime
) -> int:
    """Close a point; its cases move to the successor, but those at their end. How many."""
    require(actor, Permission.MANAGE_POINTS)
    day = local_day(now)
    if successor.code == point.code or not successor.is_open(day):
        raise InvalidInput({"successor": [_("请选择另一个在用的登记点承接未办结的案件")]})
    point.closed_on, point.successor_code = day, successor.code
    stays = TERMINAL - {State.REFUSED}  # a refusal may still be objected to
    going = (Contract.point_code == point.code, Contract.state.not_in(stays))
    moved = db.session.scalars(
        update(Contract)
        .where(*going)
        .values(point_code=successor.code, first_reviewer_id=_reviewer_after_closing())
        .returning(Contract.id)
    ).all()
    facts = {"successor": successor.code, "moved": len(moved)}
    audit.record(actor, Tag.POINT_CLOSED, f"point/{point.code}", now=now, **facts)
    return len(moved)


def _reviewer_after_closing() -> Any:
    """A first review begins anew at the successor; whoever has done one stays on the record."""
    begun = Contract.state.in_((State.ACCEPTED, State.REVIEW1, State.EXPERT))
    return case((begun, None), else_=Contract.first_reviewer_id)


def appoint(
    point: RegistrationPoint, user: User, desk: Desk, *, actor: Any, now: datetime
) -> StaffMember:
    """Put a clerk or reviewer of the point's organisation at a desk; again: at the other."""
    require(actor, Permission.MANAGE_POINTS)
    if user.organization_id != point.organization_id or user.role not in STAFF_ROLES:
        raise InvalidInput({"user": [_("只能任用本登记机构的登记员或复核员")]})
    member = db.session.get(StaffMember, user.id)
    if member is None:
        member = StaffMember(user=user, point=point, desk=desk, appointed_at=now)
        db.session.add(member)
    member.desk = desk
    db.session.flush()
    facts = {"user": user.id, "desk": desk}
    audit.record(actor, Tag.POINT_STAFFED, f"point/{point.code}", now=now, **facts)
    return member


STAFF_ROLES = (Role.CLERK, Role.REVIEWER)


def set_absence(
    member: StaffMember, start: date | None, end: date | None, *, actor: Any, now: datetime
) -> None:
    """Say when a clerk is away; nothing: not at all. The point's own reviewers may say so too."""
    is_colleague = (
        getattr(actor, "organization_id", None) == member.point.organization_id
        and actor.role in STAFF_ROLES
    )
    if not is_colleague:
        require(actor, Permission.MANAGE_POINTS)
    if start and end and end < start:
        raise InvalidInput({"absent_until": [_("结束日期不能早于开始日期")]})
    member.absent_from, member.absent_until = start, end
    db.session.flush()
    facts = {"user": member.user_id, "absent": [str(start), str(end)]}
    audit.record(actor, Tag.POINT_STAFFED, f"point/{member.point_code}", now=now, **facts)


def desk_of(user: User) -> Desk:
    """The desk of a clerk; whoever was not put at one sits at A."""
    member = db.session.get(StaffMember, user.id)
    return member.desk if member else Desk.A


def is_away(user: User, day: date) -> bool:
    """Whether the clerk is absent on ``day``."""
    member = db.session.get(StaffMember, user.id)
    return member is not None and member.is_away(day)


def is_conflicted(user: User, contract: Contract) -> bool:
    """Whether the clerk has a stake in the case or typed it."""
    own = user.organization
    concerned = own is not None and contract.concerns(own.id, own.uscc)
    return concerned or contract.typist_id == user.id


def clerks_at_desk_a(contract: Contract, day: date) -> list[User]:
    """The clerks at desk A who could do the first review of that case on ``day``."""
    return [
        clerk
        for clerk in clerks_of(contract.point)
        if desk_of(clerk) == Desk.A
        and not is_away(clerk, day)
        and not is_conflicted(clerk, contract)
    ]


def clerks_of(point: RegistrationPoint) -> Sequence[User]:
    """The clerks of a point."""
    wanted = (User.organization_id == point.organization_id, User.role == Role.CLERK)
    return db.session.scalars(select(User).where(*wanted).order_by(User.id)).all()


def eligible(point: RegistrationPoint) -> Sequence[User]:
    """Whoever can be put at a desk of the point: clerks and reviewers of its organisation."""
    wanted = (User.organization_id == point.organization_id, User.role.in_(STAFF_ROLES))
    return db.session.scalars(select(User).where(*wanted).order_by(User.id)).all()


def workload(point: RegistrationPoint) -> dict[int, int]:
    """Clerk → how many undecided cases lie with them."""
    counted = (
        select(Contract.first_reviewer_id, func.count())
        .where(Contract.point_code == point.code, Contract.state.in_(TIMED))
        .group_by(Contract.first_reviewer_id)
    )
    found = {user: number for user, number in db.session.execute(counted) if user is not None}
    return {clerk.id: 0 for clerk in clerks_of(point)} | found


def fitting_clerk(contract: Contract, day: date) -> User | None:
    """Whom to give the case: the least burdened at desk A, a B where there is none."""
    load = workload(contract.point)
    candidates = clerks_at_desk_a(contract, day) or [
        clerk
        for clerk in clerks_of(contract.point)
        if not is_away(clerk, day) and not is_conflicted(clerk, contract)
    ]
    return min(candidates, key=lambda clerk: (load[clerk.id], clerk.id), default=None)


def shortcomings(point: RegistrationPoint, day: date) -> list[str]:
    """What a point lacks of what is asked of it."""
    staff = [m for m in point.staff if not m.is_away(day)]
    lacks = []
    if len(point.staff) < LEAST_STAFF:
        lacks.append(_("登记人员少于%(least)d名", least=LEAST_STAFF))
    if not {Desk.A, Desk.B} <= {member.desk for member in point.staff}:
        lacks.append(_("未设AB角"))
    if not any(member.user.role == Role.REVIEWER for member in staff):
        lacks.append(_("没有在岗的复核员"))
    return lacks


@dataclass(frozen=True)
class Coverage:
    """How far the network has come: points by host kind beside the target in force, and leagues."""

    targets: Mapping[str, Any]
    open: dict[HostKind, int]
    leagues_without: list[str]


def coverage(day: date) -> Coverage:
    """The network on ``day`` beside the last target that had been set by then."""
    here = open_points(day)
    known = current_app.extensions["point_targets"]
    targets = [target for target in known if target["valid_from"] <= day]
    codes = current_codes()
    leagues = [code for code in codes.leagues if codes.parents[code] == WHOLE_REGION]
    covered = {point.league for point in here}
    return Coverage(
        targets=max(targets, key=lambda target: target["valid_from"], default={}),
        open={kind: sum(point.host_kind == kind for point in here) for kind in HostKind},
        leagues_without=[code for code in leagues if code not in covered],
    )
