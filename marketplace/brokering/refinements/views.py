"""The questions of a need, and the answers as changes that its owner accepts or refuses."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_user
from marketplace.brokering.refinements import operations, queries
from marketplace.brokering.refinements.differences import pieces_of
from marketplace.brokering.refinements.models import Refinement
from marketplace.brokering.refinements.states import STATE_NAMES, State
from marketplace.database import utcnow
from marketplace.errors import Conflict, GuardFailed, InvalidInput
from marketplace.listings import forms as listing_forms
from marketplace.listings import queries as listings
from marketplace.listings.models import Need
from marketplace.permissions import Permission, permits, require
from marketplace.transactions import transact

blueprint = Blueprint("refinements", __name__)


@blueprint.get("/refinements")
@login_required
def concerning() -> ResponseReturnValue:
    """What one wrote, and what was offered to one's organisation."""
    rows = queries.concerning(current_user)
    return render_template("brokers/refinements.html", rows=rows, state_names=STATE_NAMES)


@blueprint.route("/needs/<int:need_id>/refine", methods=["GET", "POST"])
@login_required
def refine(need_id: int) -> ResponseReturnValue:
    """What the need leaves open, with a box for each answer."""
    need = _need(need_id)
    require(current_user, Permission.REFINE_NEED, need)
    questions = queries.asked(need)
    if request.method == "GET":
        return _questions(need, questions, {}, {})
    answers = {q.code: request.form.get(q.code, "") for q in questions}

    def work() -> Refinement:
        return operations.offer(
            _need(need_id), questions, answers, actor=load_user(current_user.id), now=utcnow()
        )

    try:
        refinement = transact(work)
    except (InvalidInput, GuardFailed) as refusal:
        errors = refusal.errors or {"": [str(refusal.message)]}
        return _questions(_need(need_id), questions, answers, errors), refusal.status
    flash(_("回答已整理为修改建议，由需求方逐项决定"), "success")
    return redirect(url_for("refinements.show", refinement_id=refinement.id))


def _need(need_id: int) -> Need:
    return listings.load(Need.kind, need_id, current_user)  # type: ignore[return-value]


def _questions(need: Need, questions: list[Any], values: Any, errors: Any) -> str:
    labels = listing_forms.labels(Need.kind)
    page = {"need": need, "questions": questions, "values": values, "errors": errors}
    return render_template("brokers/refine.html", **page, labels=labels)


@blueprint.get("/refinements/<int:refinement_id>")
@login_required
def show(refinement_id: int) -> ResponseReturnValue:
    """Each field with what would go and what would come."""
    return _show(queries.load(refinement_id, current_user), {})


def _show(refinement: Refinement, errors: dict[str, list[str]]) -> str:
    page: dict[str, Any] = {"refinement": refinement, "errors": errors, "pieces_of": pieces_of}
    page |= {"labels": listing_forms.labels(Need.kind), "state_names": STATE_NAMES}
    page["may_decide"] = refinement.state == State.OFFERED and permits(
        current_user, Permission.EDIT_LISTING, refinement.need
    )
    page["reviewed"] = refinement.need.state in operations.REVIEWED
    return render_template("brokers/refinement.html", **page)


@blueprint.post("/refinements/<int:refinement_id>")
@login_required
def decide(refinement_id: int) -> ResponseReturnValue:
    """The owner's word on each field."""
    queries.load(refinement_id, current_user)
    accepted = request.form.getlist("accepted")

    def work() -> None:
        actor = load_user(current_user.id)
        refinement = queries.load(refinement_id, actor)
        operations.decide(refinement, accepted, actor=actor, now=utcnow())

    try:
        transact(work)
    except Conflict as refusal:
        refinement = queries.load(refinement_id, current_user)
        return _show(refinement, {"": [str(refusal.message)]}), refusal.status
    flash(_("已记录您的决定"), "success")
    return redirect(url_for("refinements.show", refinement_id=refinement_id))
