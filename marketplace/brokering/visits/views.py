"""A visit on a telephone, and the page by which the enterprise confirms it."""

from pathlib import Path
from typing import Any

import segno
from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace import files
from marketplace.accounts.views import signed_in
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.visits import forms, links, operations, queries
from marketplace.brokering.visits.models import Visit
from marketplace.brokering.visits.states import STATE_NAMES, State
from marketplace.codes import current_codes
from marketplace.database import utcnow
from marketplace.errors import GuardFailed, InvalidInput, NotFound
from marketplace.extensions import limiter
from marketplace.listings.columns import first_sentence
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("visits", __name__)
PICTURES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@blueprint.get("/broker/visits")
@requires(Permission.WORK_AS_BROKER)
def mine() -> ResponseReturnValue:
    """What one has written down."""
    rows = queries.of_user(current_user.id)
    return render_template("brokers/visits.html", rows=rows, state_names=STATE_NAMES)


@blueprint.route("/broker/visits/new", methods=["GET", "POST"])
@requires(Permission.WORK_AS_BROKER)
def new() -> ResponseReturnValue:
    """One small form."""
    if request.method == "GET":
        return _new({"visited_on": local_day(utcnow()).isoformat()}, {})

    def work() -> Visit:
        now = utcnow()
        facts = forms.visit_of(request.form, local_day(now))
        photo = forms.photo_of(request.files.get("photo"))
        return operations.write_down(facts, photo, actor=signed_in(), now=now)

    try:
        visit = transact(work)
    except (InvalidInput, GuardFailed) as refusal:
        errors = _of_photo(refusal.errors) or {"": [str(refusal.message)]}
        return _new(request.form.to_dict(), errors), refusal.status
    flash(_("已记下，请把确认链接发给企业"), "success")
    return redirect(url_for("visits.show", visit_id=visit.id, saved=1))


def _of_photo(errors: forms.Errors) -> forms.Errors:
    """What is said of a file is said of the photo: there is no other."""
    return {("photo" if name == "file" else name): texts for name, texts in errors.items()}


def _new(values: dict[str, Any], errors: forms.Errors) -> str:
    page: dict[str, Any] = {"values": values, "errors": errors}
    page["leagues"] = current_codes().leagues
    page["active"] = brokers.is_active(current_user.id, now=utcnow())
    return render_template("brokers/visit_new.html", **page, labels=forms.LABELS)


@blueprint.get("/broker/visits/<int:visit_id>")
@requires(Permission.WORK_AS_BROKER)
def show(visit_id: int) -> ResponseReturnValue:
    """What was written down, with the link while it waits."""
    visit = queries.load(visit_id, current_user)
    page: dict[str, Any] = {"visit": visit, "state_names": STATE_NAMES, "labels": forms.LABELS}
    if visit.state == State.WAITING:
        link = url_for("visits.answer", token=links.token_of(visit), _external=True)
        page |= {"link": link, "picture": segno.make(link).svg_data_uri(scale=4)}
        page["until"] = visit.linked_at + links.VALIDITY
    return render_template("brokers/visit.html", **page)


@blueprint.post("/broker/visits/<int:visit_id>/link")
@requires(Permission.WORK_AS_BROKER)
def renew(visit_id: int) -> ResponseReturnValue:
    """A new link; the old one opens nothing any more."""

    def work() -> None:
        actor = signed_in()
        operations.renew_link(queries.load(visit_id, actor), actor=actor, now=utcnow())

    transact(work)
    flash(_("已生成新链接，旧链接作废"), "success")
    return redirect(url_for("visits.show", visit_id=visit_id))


@blueprint.post("/broker/visits/<int:visit_id>/withdraw")
@requires(Permission.WORK_AS_BROKER)
def withdraw(visit_id: int) -> ResponseReturnValue:
    """Take it back."""

    def work() -> None:
        actor = signed_in()
        operations.withdraw(queries.load(visit_id, actor), actor=actor, now=utcnow())

    transact(work)
    flash(_("走访记录已撤回，链接作废"), "success")
    return redirect(url_for("visits.mine"))


@blueprint.get("/broker/visits/<int:visit_id>/photo")
@requires(Permission.SEE_SIGNED_IN)
def photo(visit_id: int) -> ResponseReturnValue:
    """The picture, for the broker and the operator."""
    return _picture(queries.load(visit_id, current_user))


@blueprint.get("/visits/<int:visit_id>")
@requires(Permission.SEE_SIGNED_IN)
def open_notice(visit_id: int) -> ResponseReturnValue:
    """From a notice to the page of the link, for a member of the enterprise."""
    visit = queries.to_answer(visit_id, current_user)
    return redirect(url_for("visits.answer", token=links.token_of(visit)))


@blueprint.route("/visits/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def answer(token: str) -> ResponseReturnValue:
    """Exactly what was written down; the enterprise confirms, corrects or refuses."""
    visit = links.visit_of(token, now=utcnow())
    if visit.needs_account and not current_user.is_authenticated:
        abort(401)
    if visit.needs_account:
        queries.to_answer(visit.id, current_user)
    if request.method == "GET" or visit.state != State.WAITING:
        return _answer(visit, token, _captured(visit), {})
    try:
        transact(lambda: _say(token))
    except InvalidInput as refusal:
        page = _answer(
            links.visit_of(token, now=utcnow()), token, request.form.to_dict(), refusal.errors
        )
        return page, refusal.status
    flash(_("您的答复已记录，谢谢"), "success")
    return redirect(url_for("visits.answer", token=token))


def _say(token: str) -> None:
    now = utcnow()
    visit = links.visit_of(token, now=now)
    person: Any = signed_in() if current_user.is_authenticated else current_user
    if request.form.get("answer") == "refuse":
        reason = forms.reason_of(request.form)
        operations.refuse(visit, reason, person=person, now=now)
    else:
        operations.confirm(visit, forms.need_of(request.form), person=person, now=now)


def _captured(visit: Visit) -> dict[str, Any]:
    title = first_sentence({"description": visit.words})
    return {"title": title, "description": visit.words, "region": visit.region}


def _answer(visit: Visit, token: str, values: dict[str, Any], errors: forms.Errors) -> str:
    page = {"visit": visit, "link": token, "values": values, "errors": errors}
    page |= {"leagues": current_codes().leagues, "state_names": STATE_NAMES}
    page["until"] = visit.linked_at + links.VALIDITY
    return render_template("brokers/visit_answer.html", **page)


@blueprint.get("/visits/<token>/photo")
@limiter.limit("30 per minute")
def linked_photo(token: str) -> ResponseReturnValue:
    """The picture, for whoever may answer."""
    visit = links.visit_of(token, now=utcnow())
    if visit.needs_account:
        queries.to_answer(visit.id, current_user)
    if visit.state != State.WAITING:
        raise NotFound()
    return _picture(visit)


def _picture(visit: Visit) -> ResponseReturnValue:
    if not visit.photo:
        raise NotFound()
    kind = PICTURES[Path(visit.photo_name).suffix.lower()]
    return send_file(files.path_of(visit.photo), mimetype=kind)
