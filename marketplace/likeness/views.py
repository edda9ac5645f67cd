"""共性需求 for everybody, and 查重 for the operator."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.accounts.operations import load_user
from marketplace.database import utcnow
from marketplace.errors import NotFound
from marketplace.likeness import operations, queries
from marketplace.listings import queries as listings
from marketplace.listings.models import Need
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact

blueprint = Blueprint("likeness", __name__)


@blueprint.get("/common-needs")
def common_needs() -> ResponseReturnValue:
    """Problems that two organisations or more have."""
    return render_template("likeness/common_needs.html", groups=queries.groups())


@blueprint.get("/common-needs/<int:need_id>")
def common_need(need_id: int) -> ResponseReturnValue:
    """One such problem, named by any of its needs."""
    group = queries.group_of(listings.load(Need.kind, need_id, current_user))
    if group is None:
        raise NotFound(_("这条需求目前没有其他单位提出过"))
    return render_template("likeness/common_need.html", group=group)


@blueprint.get("/operator/duplicates")
@requires(Permission.REVIEW_LISTING)
def duplicates() -> ResponseReturnValue:
    """Pairs that may be one listing twice, beside each other, and what was judged before."""
    values = {"waiting": queries.waiting(), "judged": queries.judged()}
    return render_template("likeness/duplicates.html", **values)


@blueprint.post("/operator/duplicates/<int:pair_id>")
@requires(Permission.REVIEW_LISTING)
def judge(pair_id: int) -> ResponseReturnValue:
    """Keep the operator's verdict on a pair."""
    verdict = request.form.get("verdict", "")
    actor_id = current_user.id

    def work() -> None:
        pair = queries.load_pair(pair_id)
        operations.judge(pair, verdict, actor=load_user(actor_id), now=utcnow())

    transact(work)
    flash(_("判断已记录"), "success")
    return redirect(url_for("likeness.duplicates"))
