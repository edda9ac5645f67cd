"""The operator's queue of what came in, with keys and bulk decisions, and the health of sources."""

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.views import signed_in
from marketplace.database import utcnow
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.intake import forms, operations, queries
from marketplace.intake.catalogue import current_catalogue
from marketplace.intake.lifecycle import REASON_NAMES, ROUTE_NAMES, STATE_NAMES, State
from marketplace.intake.models import CollectedNotice
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact

blueprint = Blueprint("intake", __name__, url_prefix="/operator/intake")


@blueprint.get("")
@requires(Permission.TAKE_IN)
def queue() -> ResponseReturnValue:
    """What waits, or what was decided, a page at a time."""
    asked = forms.asked_of(request.args)
    values = {"asked": asked, "counts": queries.counts_by_state(), **_names()}
    return render_template("intake/queue.html", page=queries.queue(asked), **values)


@blueprint.get("/<int:notice_id>")
@requires(Permission.TAKE_IN)
def show(notice_id: int) -> ResponseReturnValue:
    """One notice: the form it would fill, with the evidence beside each guess."""
    return _page(queries.load(notice_id))


def _page(notice: CollectedNotice, status: int = 200, **typed: Any) -> ResponseReturnValue:
    reading = queries.reading_of(notice)
    splitting = typed.pop("splitting", request.args.get("do") == "split")
    values: dict[str, Any] = {
        "notice": notice,
        "reading": reading,
        "values": forms.values_of(reading.whole),
        "parts": [forms.values_of(part) for part in reading.parts],
        "errors": {},
        "part_errors": {},
        "splitting": splitting and bool(reading.parts),
        "versions": queries.versions(notice),
        "beside": queries.beside(notice),
        "relatives": queries.relatives(notice),
        "became": queries.drafts_of([notice]),
        "publisher": current_catalogue().source(notice.source).publisher,
        "labels": forms.labels,
        "edited": forms.EDITED,
        **_names(),
    }
    return render_template("intake/show.html", **(values | typed)), status


@blueprint.post("/<int:notice_id>/accept")
@requires(Permission.TAKE_IN)
def accept(notice_id: int) -> ResponseReturnValue:
    """Make a draft of what stands in the form."""
    values = forms.typed(request.form)
    draft, errors = forms.draft_of(values)
    if draft is None:
        return _page(queries.load(notice_id), 422, values=values, errors=errors)

    def work() -> None:
        operations.accept(queries.load(notice_id), [draft], actor=signed_in(), now=utcnow())

    try:
        transact(work)
    except InvalidInput as refusal:
        return _page(queries.load(notice_id), 422, values=values, errors=refusal.errors)
    flash(_("已采纳为草稿，尚未公开"), "success")
    return _onwards(notice_id)


@blueprint.post("/<int:notice_id>/split")
@requires(Permission.TAKE_IN)
def split(notice_id: int) -> ResponseReturnValue:
    """Make a draft of each part that is ticked; the notice stays as their parent."""
    notice = queries.load(notice_id)
    count = len(queries.reading_of(notice).parts)
    parts = [forms.typed(request.form, number) for number in range(1, count + 1)]
    kept = {number for number in range(1, count + 1) if f"p{number}-keep" in request.form}
    checked = {number: forms.draft_of(parts[number - 1]) for number in sorted(kept)}
    errors = {number: faults for number, (_draft, faults) in checked.items() if faults}
    if errors:
        return _page(notice, 422, parts=parts, part_errors=errors, kept=kept, splitting=True)
    drafts = [draft for draft, _faults in checked.values() if draft is not None]

    def work() -> None:
        operations.accept(queries.load(notice_id), drafts, actor=signed_in(), now=utcnow())

    try:
        transact(work)
    except InvalidInput as refusal:
        wrong = {number: refusal.errors for number in sorted(kept) or [1]}
        return _page(notice, 422, parts=parts, part_errors=wrong, kept=kept, splitting=True)
    flash(_("已拆分为%(n)s条草稿，尚未公开", n=len(drafts)), "success")
    return _onwards(notice_id)


@blueprint.post("/<int:notice_id>/reject")
@requires(Permission.TAKE_IN)
def reject(notice_id: int) -> ResponseReturnValue:
    """Do not take it in."""
    reason = request.form.get("reason", "")

    def work() -> None:
        operations.reject(queries.load(notice_id), reason, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("已记为不采纳"), "success")
    return _onwards(notice_id)


@blueprint.post("/<int:notice_id>/reopen")
@requires(Permission.TAKE_IN)
def reopen(notice_id: int) -> ResponseReturnValue:
    """Put it back into the queue."""
    transact(lambda: operations.reopen(queries.load(notice_id), actor=signed_in(), now=utcnow()))
    flash(_("已放回待处理"), "success")
    return redirect(url_for("intake.show", notice_id=notice_id))


@blueprint.post("/<int:notice_id>/pairs/<int:pair_id>")
@requires(Permission.TAKE_IN)
def judge(notice_id: int, pair_id: int) -> ResponseReturnValue:
    """Say whether it is the same as what it resembles."""
    verdict = request.form.get("verdict", "")

    def work() -> None:
        notice = queries.load(notice_id)
        pair = queries.load_pair(notice, pair_id)
        operations.judge(pair, notice, verdict, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("判断已记录"), "success")
    return redirect(url_for("intake.show", notice_id=notice_id) + "#duplicates")


@blueprint.post("/together")
@requires(Permission.TAKE_IN)
def together() -> ResponseReturnValue:
    """Many at once: first which and how many; then, when the number was typed, all or none."""
    ids = [int(text) for text in request.form.getlist("notice") if text.isdecimal()]
    notices = queries.load_many(ids)
    action = request.form.get("action", "")
    if not notices or action not in ("accept", "reject"):
        raise InvalidInput({"notice": [_("请先勾选待处理的内容，再选择操作")]})
    if "confirmed" not in request.form:
        return _confirm(notices, action, "")
    if request.form.get("count", "").strip() != str(len(notices)) or len(notices) != len(set(ids)):
        return _confirm(notices, action, _("件数不符：请输入 %(n)s", n=len(notices)))
    return _carry_out(ids, action)


def _confirm(notices: list[CollectedNotice], action: str, error: str) -> ResponseReturnValue:
    rows = [(row, *forms.draft_of(_proposed(row))) for row in notices]
    values = {"action": action, "error": error, "reason": request.form.get("reason", "")}
    status = 422 if error else 200
    return render_template("intake/together.html", rows=rows, **values, **_names()), status


def _proposed(notice: CollectedNotice) -> dict[str, Any]:
    return forms.values_of(queries.reading_of(notice).whole)


def _carry_out(ids: list[int], action: str) -> ResponseReturnValue:
    """One transaction; each notice has an audit entry of its own under the number of the batch."""
    batch, reason = secrets.token_hex(6), request.form.get("reason", "")

    def work() -> int:
        actor, now = signed_in(), utcnow()
        notices = queries.load_many(ids)
        if len(notices) != len(set(ids)):
            raise Conflict(_("所选内容有变化，请回到队列刷新后再试"))
        for notice in notices:
            if action == "reject":
                operations.reject(notice, reason, actor=actor, now=now, batch=batch)
            else:
                draft = _draft_or_refuse(notice)
                operations.accept(notice, [draft], actor=actor, now=now, batch=batch)
        return len(notices)

    count = transact(work)
    flash(_("已一并办理%(n)s条，批次 %(batch)s", n=count, batch=batch), "success")
    return redirect(url_for("intake.queue"))


def _draft_or_refuse(notice: CollectedNotice) -> operations.Draft:
    draft, errors = forms.draft_of(_proposed(notice))
    if draft is None:
        texts = _("；").join(text for texts in errors.values() for text in texts)
        raise Conflict(_("“%(title)s”：%(texts)s", title=notice.title, texts=texts))
    return draft


@blueprint.post("/publish")
@requires(Permission.REVIEW_LISTING)
def publish() -> ResponseReturnValue:
    """Make the drafts of accepted notices public: the explicit second step."""
    ids = [int(text) for text in request.form.getlist("notice") if text.isdecimal()]
    ids = ids[: queries.MOST_AT_ONCE]

    def work() -> int:
        notices = queries.load_accepted(ids)
        if request.form.get("count", "").strip() != str(len(ids)) or not ids:
            raise InvalidInput({"count": [_("发布前请输入所选件数 %(n)s", n=len(ids))]})
        if len(notices) != len(set(ids)):
            raise Conflict(_("所选内容有变化，请回到队列刷新后再试"))
        rows = queries.drafts_of(notices)
        return operations.publish(rows, actor=signed_in(), now=utcnow())

    flash(_("已发布%(n)s条", n=transact(work)), "success")
    return redirect(url_for("intake.queue", state=State.ACCEPTED))


@blueprint.get("/sources")
@requires(Permission.TAKE_IN)
def sources() -> ResponseReturnValue:
    """来源: what each brought last, its faults, and whether it is asked by itself."""
    values = {"faults": forms.FAULT_NAMES}
    return render_template("intake/sources.html", sources=queries.health(), **values)


@blueprint.get("/sources/<name>")
@requires(Permission.TAKE_IN)
def source(name: str) -> ResponseReturnValue:
    """The runs of one source."""
    values = {"one": queries.health_of(name), "runs": queries.runs_of(name)}
    return render_template("intake/source.html", faults=forms.FAULT_NAMES, **values)


@blueprint.post("/sources/<name>")
@requires(Permission.TAKE_IN)
def schedule(name: str) -> ResponseReturnValue:
    """When it is asked, if at all."""
    enabled, hour = "enabled" in request.form, request.form.get("hour", type=int)

    def work() -> None:
        operations.schedule(name, enabled=enabled, hour=hour, actor=signed_in(), now=utcnow())

    return _settled(name, work)


@blueprint.post("/sources/<name>/layout")
@requires(Permission.TAKE_IN)
def confirm_layout(name: str) -> ResponseReturnValue:
    """A person has compared the rebuilt site with what is read of it."""
    return _settled(name, lambda: operations.confirm_layout(name, actor=signed_in(), now=utcnow()))


@blueprint.post("/sources/<name>/ask")
@requires(Permission.TAKE_IN)
def ask(name: str) -> ResponseReturnValue:
    """Have it asked in the background."""
    return _settled(name, lambda: operations.ask_now(name, actor=signed_in(), now=utcnow()))


def _settled(name: str, work: Any) -> ResponseReturnValue:
    """Do it, and say on the source's page what was refused."""
    try:
        transact(work)
    except Conflict as refusal:
        flash(str(refusal.message), "danger")
    else:
        flash(_("已保存"), "success")
    return redirect(url_for("intake.source", name=name))


def _onwards(notice_id: int) -> ResponseReturnValue:
    following = queries.following(notice_id) if request.form.get("then") == "next" else None
    db.session.rollback()
    if following is not None:
        return redirect(url_for("intake.show", notice_id=following))
    return redirect(url_for("intake.queue"))


def _names() -> dict[str, Any]:
    return {
        "state_names": STATE_NAMES,
        "route_names": ROUTE_NAMES,
        "reason_names": REASON_NAMES,
        "publishers": {
            name: make().publisher for name, make in current_catalogue().sources.items()
        },
    }
