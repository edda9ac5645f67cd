"""我要对接: the proposal, the other side's answer, and the list of one's introductions."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.brokering import forms, operations, progress, proposals, queries
from marketplace.brokering.models import BOXES, Introduction
from marketplace.brokering.states import (
    ACTION_NAMES,
    REASON_NAMES,
    SIDE_NAMES,
    STATE_NAMES,
    Action,
    Reason,
    State,
)
from marketplace.database import utcnow
from marketplace.errors import (
    Conflict,
    GuardFailed,
    IllegalMove,
    InvalidInput,
    MarketplaceError,
)
from marketplace.pages import page_asked
from marketplace.permissions import Permission, permits, require
from marketplace.transactions import transact

blueprint = Blueprint("introductions", __name__, url_prefix="/introductions")
#: What a side may give as its reason; silence is told by the deadline alone.
REASONS = {code: name for code, name in REASON_NAMES.items() if code != Reason.NO_ANSWER}
DONE = {
    Action.SEND: _l("已发出，对方会收到通知"),
    Action.INTEREST: _l("已答复：有意向"),
    Action.ASK: _l("已答复：需要更多信息"),
    Action.DECLINE: _l("已婉拒，对方会看到原因"),
    Action.SUPPLY: _l("补充说明已发出，答复期限重新计算"),
    Action.WITHDRAW: _l("已撤回"),
    Action.NEGOTIATE: _l("已进入洽谈"),
    Action.LOSE: _l("已记为未成"),
}
for _name, _function in (
    ("may_propose", proposals.may_propose),
    ("name_of_side", progress.name_of),
    ("next_step", progress.next_step),
):
    blueprint.add_app_template_global(_function, _name)


@blueprint.get("")
@login_required
def mine() -> ResponseReturnValue:
    """我的对接: state, counterpart, deadline and next step of each."""
    found = queries.of_user(current_user, page_asked())
    return render_template("introductions/mine.html", found=found, **_names())


@blueprint.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """The proposal beside need and result; the draft begins with the first word that is saved."""
    need_id, result_id = _number("need"), _number("result")
    pair = proposals.load_pair(need_id, result_id, current_user)
    require(current_user, Permission.OPEN_INTRODUCTION, pair)
    begun = queries.draft_of(current_user, need_id, result_id)
    if request.method == "POST":
        return _save(_begin)
    living = queries.live_of_pair(need_id, result_id)
    if living is not None and permits(current_user, Permission.SEE_INTRODUCTION, living):
        flash(_("这一对需求与成果已有进行中的对接"), "info")
        return redirect(url_for("introductions.show", introduction_id=living.id))
    if begun is not None:
        return redirect(url_for("introductions.edit", introduction_id=begun.id))
    return _form(pair, proposals.first_words(pair), {}, revision=1)


@blueprint.route("/<int:introduction_id>/edit", methods=["GET", "POST"])
@login_required
def edit(introduction_id: int) -> ResponseReturnValue:
    """Go on with a proposal that is not sent yet."""
    introduction = queries.load(introduction_id, current_user)
    require(current_user, Permission.SEND_INTRODUCTION, introduction)
    if request.method == "POST":
        return _save(lambda: queries.load(introduction_id, signed_in()))
    if introduction.state != State.DRAFT:
        return redirect(url_for("introductions.show", introduction_id=introduction_id))
    boxes = {box: getattr(introduction, box) for box in BOXES}
    return _form(introduction, boxes, {}, revision=introduction.revision)


@blueprint.get("/<int:introduction_id>")
@login_required
def show(introduction_id: int) -> ResponseReturnValue:
    """One introduction: the pair, the proposal, what was said, and what may be done."""
    introduction = queries.load(introduction_id, current_user)
    return render_template("introductions/show.html", **_page_of(introduction))


@blueprint.post("/<int:introduction_id>/move")
@login_required
def move(introduction_id: int) -> ResponseReturnValue:
    """Answer, withdraw, go on or give up; what was typed stays where the move is refused."""
    introduction = queries.load(introduction_id, current_user)
    try:
        action = forms.action_of(request.form)
        words, reason = forms.said(request.form)
        transact(lambda: _advance(introduction_id, action, words, reason))
    except (InvalidInput, GuardFailed, Conflict, IllegalMove) as refusal:
        problem = {"problem": _message(refusal), "values": request.form}
        page = _page_of(queries.load(introduction_id, current_user)) | problem
        return render_template("introductions/show.html", **page), refusal.status
    flash(str(DONE.get(action, ACTION_NAMES[action])), "success")
    return redirect(url_for("introductions.show", introduction_id=introduction.id))


def _begin() -> Introduction:
    actor = signed_in()
    pair = proposals.load_pair(_number("need"), _number("result"), actor)
    begun = queries.draft_of(actor, pair.need.id, pair.result.id)
    if begun is not None:
        return begun
    origin = proposals.origin_of(pair, request.form.get("list", ""))
    return operations.open_introduction(
        pair.need, pair.result, actor=actor, now=utcnow(), origin=origin
    )


def _save(find: Any) -> ResponseReturnValue:
    """Keep the boxes, and send them where that button was pressed."""
    boxes = forms.boxes_of(request.form)
    revision = request.form.get("revision", 0, type=int)
    typing = "HX-Request" in request.headers
    sending = request.form.get("then") == "send" and not typing

    def work() -> Introduction:
        introduction: Introduction = find()
        operations.write(introduction, boxes, revision=revision, actor=signed_in(), now=utcnow())
        return introduction

    try:
        saved = transact(work)
    except (InvalidInput, Conflict) as refusal:
        return _unsaved(refusal, boxes, revision, typing=typing)
    if typing:
        return render_template("introductions/_saved.html", revision=saved.revision, errors={})
    return _send(saved.id) if sending else _kept(saved)


def _unsaved(
    refusal: InvalidInput | Conflict, boxes: dict[str, str], revision: int, *, typing: bool
) -> ResponseReturnValue:
    """Say what is wrong with the boxes, with every word that was typed."""
    errors = getattr(refusal, "errors", {"": [str(refusal.message)]})
    if typing:
        return render_template("introductions/_saved.html", revision=revision, errors=errors)
    view_args = request.view_args or {}
    if "introduction_id" in view_args:
        subject: Any = queries.load(view_args["introduction_id"], current_user)
    else:
        subject = proposals.load_pair(_number("need"), _number("result"), current_user)
    return _form(subject, boxes, errors, revision=revision), refusal.status


def _send(introduction_id: int) -> ResponseReturnValue:
    try:
        transact(lambda: _advance(introduction_id, Action.SEND, "", None))
    except (GuardFailed, Conflict) as refusal:
        introduction = queries.load(introduction_id, current_user)
        boxes = {box: getattr(introduction, box) for box in BOXES}
        errors = {"": [str(refusal.message)]}
        page = _form(introduction, boxes, errors, revision=introduction.revision)
        return page, refusal.status
    flash(str(DONE[Action.SEND]), "success")
    return redirect(url_for("introductions.show", introduction_id=introduction_id))


def _kept(introduction: Introduction) -> ResponseReturnValue:
    flash(_("已保存为草稿，尚未发出"), "success")
    return redirect(url_for("introductions.edit", introduction_id=introduction.id))


def _advance(introduction_id: int, action: Action, words: str, reason: Reason | None) -> None:
    actor = signed_in()
    introduction = queries.load(introduction_id, actor)
    said: dict[str, Any] = {"words": words, "reason": reason}
    operations.advance(introduction, action, actor=actor, now=utcnow(), **said)


def _form(subject: Any, boxes: dict[str, str], errors: Any, *, revision: int) -> str:
    """The proposal's page; ``subject`` is a pair, or the introduction that was begun for one."""
    return render_template(
        "introductions/edit.html",
        pair=subject,
        introduction=subject if isinstance(subject, Introduction) else None,
        values=boxes,
        errors=errors,
        revision=revision,
        number=request.values.get("list", ""),
        limits=BOXES,
        labels=forms.BOX_LABELS,
    )


def _page_of(introduction: Introduction) -> dict[str, Any]:
    values: dict[str, Any] = {"introduction": introduction, "values": {}, "problem": ""}
    values |= {"moves": progress.moves_of(introduction, current_user), "reasons": REASONS}
    return values | {"labels": forms.BOX_LABELS, **_names()}


def _names() -> dict[str, Any]:
    names = {"state_names": STATE_NAMES, "action_names": ACTION_NAMES}
    return names | {"side_names": SIDE_NAMES, "reason_names": REASON_NAMES}


def _message(error: MarketplaceError) -> str:
    errors = getattr(error, "errors", {})
    told = [str(text) for texts in errors.values() for text in texts]
    return _("；").join(told) or str(error.message)


def _number(name: str) -> int:
    return request.values.get(name, 0, type=int)
