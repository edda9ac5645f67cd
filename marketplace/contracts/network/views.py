"""Pages of the registration points: who registers where, who is there, how much they have to do."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_user
from marketplace.accounts.views import signed_in
from marketplace.contracts import directory
from marketplace.contracts.network import forms
from marketplace.contracts.network.queries import office_of, targets_of
from marketplace.contracts.states import STATE_NAMES
from marketplace.database import utcnow
from marketplace.errors import InvalidInput, NotFound
from marketplace.permissions import Permission, Role, requires
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("network", __name__, url_prefix="/points")
INSIDERS = (Role.AUTHORITY, Role.OPERATOR)
POINT = "<string(length=6):code>"


@blueprint.get("")
@login_required
def points() -> ResponseReturnValue:
    """Every point with its place, host, staff and, for those it concerns, its work."""
    now = utcnow()
    rows = [office_of(point, now=now) for point in directory.points()]
    page = {"rows": rows, "day": local_day(now), "insider": _is_insider, "hosts": forms.HOST_NAMES}
    return render_template("points/index.html", **page)


@blueprint.get(f"/{POINT}")
@login_required
def point(code: str) -> ResponseReturnValue:
    """One point: what it may take, who is there, what waits."""
    return _page(code, {})


@blueprint.get("/coverage")
@login_required
def coverage() -> ResponseReturnValue:
    """The plan's targets for the network, with what there is."""
    found, targets = targets_of(local_day(utcnow()))
    page = {"coverage": found, "targets": targets, "hosts": forms.HOST_NAMES}
    return render_template("points/coverage.html", **page)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_POINTS)
def new() -> ResponseReturnValue:
    """Set up a point."""
    if request.method == "GET":
        return _new({}, {})
    try:
        transact(_open)
    except InvalidInput as refusal:
        return _new(request.form.to_dict(), refusal.errors), refusal.status
    flash(_("登记点已设立"), "success")
    return redirect(url_for("network.point", code=request.form["code"].strip()))


def _open() -> None:
    said = forms.new_point(request.form)
    directory.open_point(
        said.code,
        said.organization,
        said.host_kind,
        region=said.region,
        host=said.host,
        serves=said.serves,
        limit_fen=said.limit_fen,
        actor=signed_in(),
        now=utcnow(),
    )


def _new(values: dict[str, str], errors: forms.Errors) -> str:
    page = {"values": values, "errors": errors, "hosts": forms.HOST_NAMES}
    return render_template("points/new.html", **page)


@blueprint.post(f"/{POINT}/close")
@requires(Permission.MANAGE_POINTS)
def close(code: str) -> ResponseReturnValue:
    """Close a point; what it has not decided goes to its successor."""

    def work() -> int:
        successor = directory.load_point(request.form.get("successor", ""))
        return directory.close_point(
            directory.load_point(code), successor, actor=signed_in(), now=utcnow()
        )

    moved = transact(work)
    flash(_("登记点已停用，%(count)d件未办结的案件已转交", count=moved), "success")
    return redirect(url_for("network.point", code=code))


@blueprint.post(f"/{POINT}/staff")
@requires(Permission.MANAGE_POINTS)
def appoint(code: str) -> ResponseReturnValue:
    """Put somebody of the point at a desk."""

    def work() -> None:
        desk = forms.desk_of(request.form)
        user = load_user(request.form.get("user", 0, type=int))
        directory.appoint(directory.load_point(code), user, desk, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("岗位已安排"), "success")
    return redirect(url_for("network.point", code=code))


@blueprint.post(f"/{POINT}/staff/<int:user_id>/absence")
@login_required
def absence(code: str, user_id: int) -> ResponseReturnValue:
    """Say when somebody of the point is away, so that B stands in for A."""
    start, end = forms.absence_of(request.form)

    def work() -> None:
        members = [m for m in directory.load_point(code).staff if m.user_id == user_id]
        if not members:
            raise NotFound(_("该登记点没有这名人员"))
        directory.set_absence(members[0], start, end, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("缺勤已登记") if start or end else _("已取消缺勤"), "success")
    return redirect(url_for("network.point", code=code))


def _page(code: str, errors: forms.Errors) -> str:
    now = utcnow()
    office = office_of(directory.load_point(code), now=now)
    others = [p for p in directory.open_points(local_day(now)) if p.code != code]
    page = {"office": office, "errors": errors, "others": others, "hosts": forms.HOST_NAMES}
    page |= {
        "day": local_day(now),
        "insider": _is_insider(office.point),
        "state_names": STATE_NAMES,
    }
    return render_template("points/show.html", **page, staff=directory.eligible(office.point))


def _is_insider(point: Any) -> bool:
    """Whether the user may read of a point's people and work: its own staff, and who supervises."""
    works_here = current_user.organization_id == point.organization_id
    return works_here or current_user.role in INSIDERS
