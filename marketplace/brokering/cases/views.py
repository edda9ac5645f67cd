"""A broker's cases and pairs, and the operator's page of who has how much."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.accounts.operations import load_user
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.cases import forms, operations, pairs, queries
from marketplace.brokering.cases.states import STATE_NAMES, Action
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.matchmaking.queries import latest_run
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact

blueprint = Blueprint("cases", __name__)
LATEST = 50


@blueprint.get("/broker/cases")
@requires(Permission.WORK_AS_BROKER)
def queue() -> ResponseReturnValue:
    """The needs in one's hands."""
    return _queue({}, None)


@blueprint.post("/broker/cases/<int:case_id>/move")
@requires(Permission.WORK_AS_BROKER)
def move(case_id: int) -> ResponseReturnValue:
    """Take a case, or hand it back."""
    name = request.form.get("action", "")

    def work() -> None:
        action, reason = forms.move_of(request.form)
        actor = load_user(current_user.id)
        case = queries.load(case_id, actor)
        operations.move(case, action, actor=actor, now=utcnow(), reason=reason)

    try:
        transact(work)
    except InvalidInput as refusal:
        return _queue(refusal.errors, case_id), refusal.status
    flash(_("已受理") if name == Action.TAKE else _("已交回，将另行分派"), "success")
    return redirect(url_for("cases.queue"))


@blueprint.get("/broker/pairs")
@requires(Permission.WORK_AS_BROKER)
def todays_pairs() -> ResponseReturnValue:
    """今日对子: the best pairs in one's fields and regions."""
    broker, run = brokers.of_user(current_user.id), latest_run()
    page = {"broker": broker, "pairs": pairs.todays_for(broker) if broker else [], "run": run}
    return render_template("brokers/pairs.html", **page)


@blueprint.get("/operator/cases")
@requires(Permission.SHARE_OUT_CASES)
def loads() -> ResponseReturnValue:
    """Who has how much, how much waits, and what was shared out last."""
    page: dict[str, Any] = {"rows": queries.loads(utcnow()), "waiting": queries.count_unserved()}
    page |= {"latest": queries.latest(LATEST), "state_names": STATE_NAMES}
    return render_template("brokers/loads.html", **page)


@blueprint.post("/operator/cases/share")
@requires(Permission.SHARE_OUT_CASES)
def share() -> ResponseReturnValue:
    """Share out now what waits, as the day's work does."""

    def work() -> int:
        return len(operations.share(actor=load_user(current_user.id), now=utcnow()))

    flash(_("已分派%(count)d条需求", count=transact(work)), "success")
    return redirect(url_for("cases.loads"))


def _queue(errors: dict[str, list[str]], at: int | None) -> str:
    page: dict[str, Any] = {"rows": queries.live_of(current_user.id), "errors": errors, "at": at}
    page |= {"typed": request.form, "state_names": STATE_NAMES}
    page["active"] = brokers.is_active(current_user.id, now=utcnow())
    return render_template("brokers/cases.html", **page)
