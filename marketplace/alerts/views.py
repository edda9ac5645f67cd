"""Save a search from the list with one button; 我的订阅; a digest as a page."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.alerts import operations, queries
from marketplace.alerts.forms import name_of_conditions
from marketplace.alerts.letters import heading_of
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.listings import forms
from marketplace.listings.models import KINDS, LIBRARIES
from marketplace.listings.views import LIBRARY
from marketplace.notices.queries import preference
from marketplace.notices.words import CADENCE_NAMES
from marketplace.transactions import transact

blueprint = Blueprint("alerts", __name__)


@blueprint.post(f"/searches/{LIBRARY}")
@login_required
def save(library: str) -> ResponseReturnValue:
    """The button on the list: its conditions are kept under a name made of them."""
    conditions = forms.conditions_of(LIBRARIES[library], request.form)
    name = name_of_conditions(conditions)
    transact(lambda: operations.save_search(conditions, name, actor=signed_in(), now=utcnow()).id)
    flash(_("已保存搜索“%(name)s”，有新发布的会汇总告知", name=name), "success")
    return redirect(url_for("alerts.searches"), 303)


@blueprint.get("/searches")
@login_required
def searches() -> ResponseReturnValue:
    """我的订阅: the saved searches, and how often one hears of them."""
    return _searches(None, "", {})


def _searches(at: int | None, typed: str, errors: dict[str, list[str]]) -> str:
    """The page; beside the search ``at``, what was typed and why it was refused."""
    rows = queries.searches_of(current_user.id)
    cadence = CADENCE_NAMES[preference(current_user.id).cadence]
    libraries = {kind: model.library for kind, model in KINDS.items()}
    values = {"rows": rows, "cadence": cadence, "libraries": libraries}
    values |= {"at": at, "typed": typed, "errors": errors}
    return render_template("alerts/searches.html", most=operations.LONGEST_NAME, **values)


@blueprint.post("/searches/<int:search_id>/rename")
@login_required
def rename(search_id: int) -> ResponseReturnValue:
    """Call a search otherwise."""
    name = request.form.get("name", "")

    def work() -> None:
        search = queries.search(search_id, signed_in())
        operations.rename_search(search, name, actor=signed_in(), now=utcnow())

    try:
        transact(work)
    except InvalidInput as refusal:
        return _searches(search_id, name, refusal.errors), refusal.status
    flash(_("名称已保存"), "success")
    return redirect(url_for("alerts.searches"), 303)


@blueprint.post("/searches/<int:search_id>/end")
@login_required
def end(search_id: int) -> ResponseReturnValue:
    """Hear no more of a search."""

    def work() -> None:
        search = queries.search(search_id, signed_in())
        operations.end_search(search, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("已停止这个搜索"), "success")
    return redirect(url_for("alerts.searches"), 303)


@blueprint.get("/digests/<int:digest_id>")
@login_required
def show(digest_id: int) -> ResponseReturnValue:
    """What a digest told, of which what is still public is shown."""
    digest = queries.digest(digest_id, current_user)
    told = queries.contents([digest.id]).get(digest.id, [])
    values: dict[str, Any] = {"digest": digest, "told": told, "heading_of": heading_of}
    return render_template("alerts/digest.html", **values)
