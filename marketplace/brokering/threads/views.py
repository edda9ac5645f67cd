"""The thread of an introduction: what is said, filed, planned and confirmed, as one page."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace import files
from marketplace.accounts.operations import load_user
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import PARTY_NAMES, STATE_NAMES, Party
from marketplace.brokering.threads import forms, operations, queries
from marketplace.brokering.threads.calendars import calendar_of
from marketplace.brokering.threads.models import Meeting, Paper, PaperKind, ThreadFile
from marketplace.database import utcnow
from marketplace.errors import Conflict, GuardFailed, IllegalMove, InvalidInput
from marketplace.pages import page
from marketplace.permissions import Permission, permits, require
from marketplace.transactions import transact

blueprint = Blueprint("threads", __name__, url_prefix="/introductions/<int:introduction_id>/thread")
Work = Callable[[Introduction, Any], Any]


@blueprint.get("")
@login_required
def show(introduction_id: int) -> ResponseReturnValue:
    """The thread; asked again by HTMX, only what is new, and nothing where nothing is."""
    introduction = queries.load(introduction_id, current_user)
    values = _values(introduction)
    if request.headers.get("HX-Request") and request.args.get("seen") == values["stamp"]:
        return "", 204
    return page("introductions/thread.html", fragment="introductions/_thread.html", **values)


@blueprint.post("/messages")
@login_required
def say(introduction_id: int) -> ResponseReturnValue:
    """Send a message."""

    def work(introduction: Introduction, actor: Any) -> None:
        text = forms.text_of(request.form, "text", forms.MESSAGE_LIMIT)
        operations.say(introduction, text, actor=actor, now=utcnow())

    return _do(introduction_id, work, _("已发送"), "#write")


@blueprint.post("/draft")
@login_required
def keep_draft(introduction_id: int) -> ResponseReturnValue:
    """Keep what is typed; for scripts alone, the button sends."""
    text = forms.draft_of(request.form)

    def work() -> None:
        actor = load_user(current_user.id)
        introduction = queries.load(introduction_id, actor)
        operations.keep_draft(introduction, text, actor=actor, now=utcnow())

    transact(work)
    return _("已自动保存")


@blueprint.post("/files")
@login_required
def add_file(introduction_id: int) -> ResponseReturnValue:
    """Put a file into the thread."""
    return _do(introduction_id, lambda i, a: _filed(i, a, needed=True), _("文件已上传"), "#files")


@blueprint.get("/files/<int:file_id>")
@login_required
def download(introduction_id: int, file_id: int) -> ResponseReturnValue:
    """A file as it was sent: saved, never opened in the page; who took it is written down."""
    row = queries.load_row(ThreadFile, introduction_id, file_id, current_user)
    path, name = files.path_of(row.digest), row.name

    def work() -> None:
        actor = load_user(current_user.id)
        taken = queries.load_row(ThreadFile, introduction_id, file_id, actor)
        operations.take_file(taken, actor=actor, now=utcnow())

    transact(work)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=name)


@blueprint.post("/meetings")
@login_required
def plan(introduction_id: int) -> ResponseReturnValue:
    """Set a meeting."""

    def work(introduction: Introduction, actor: Any) -> None:
        operations.plan(introduction, forms.plan_of(request.form), actor=actor, now=utcnow())

    return _do(introduction_id, work, _("会面已约定，其他各方会收到通知"), "#meetings")


@blueprint.route("/meetings/<int:meeting_id>", methods=["GET", "POST"])
@login_required
def change_plan(introduction_id: int, meeting_id: int) -> ResponseReturnValue:
    """Another time, place or agenda."""
    meeting = queries.load_row(Meeting, introduction_id, meeting_id, current_user)
    introduction = queries.load(introduction_id, current_user)
    require(current_user, Permission.WRITE_THREAD, introduction)
    values: dict[str, Any] = {"introduction": introduction, "meeting": meeting}
    if request.method == "GET":
        page = values | {"values": forms.shown(meeting), "errors": {}}
        return render_template("introductions/meeting.html", **page)

    def work() -> None:
        actor = load_user(current_user.id)
        row = queries.load_row(Meeting, introduction_id, meeting_id, actor)
        what, now = forms.plan_of(request.form), utcnow()
        operations.change_plan(
            queries.load(introduction_id, actor), row, what, actor=actor, now=now
        )

    try:
        transact(work)
    except (InvalidInput, Conflict) as refusal:
        errors = getattr(refusal, "errors", {"": [str(refusal.message)]})
        page = values | {"values": request.form, "errors": errors}
        return render_template("introductions/meeting.html", **page), refusal.status
    flash(_("会面已更改，其他各方会收到通知"), "success")
    return redirect(url_for("threads.show", introduction_id=introduction_id))


@blueprint.post("/meetings/<int:meeting_id>/<any(cancel, held):what>")
@login_required
def decide_meeting(introduction_id: int, meeting_id: int, what: str) -> ResponseReturnValue:
    """Call a meeting off, or confirm that it was held."""

    def work(introduction: Introduction, actor: Any) -> None:
        meeting = queries.load_row(Meeting, introduction_id, meeting_id, actor)
        decide = operations.call_off if what == "cancel" else operations.confirm_held
        decide(introduction, meeting, actor=actor, now=utcnow())

    done = _("会面已取消，其他各方会收到通知") if what == "cancel" else _("已确认会面举行")
    return _do(introduction_id, work, done, "#meetings")


@blueprint.get("/meetings/<int:meeting_id>.ics")
@login_required
def calendar(introduction_id: int, meeting_id: int) -> ResponseReturnValue:
    """The meeting for one's calendar."""
    meeting = queries.load_row(Meeting, introduction_id, meeting_id, current_user)
    introduction = queries.load(introduction_id, current_user)
    address = url_for("threads.show", introduction_id=introduction_id, _external=True)
    content = BytesIO(calendar_of(introduction, meeting, address))
    name = f"{introduction.number}-{meeting.id}.ics"
    return send_file(content, "text/calendar", as_attachment=True, download_name=name)


@blueprint.post("/papers")
@login_required
def write_paper(introduction_id: int) -> ResponseReturnValue:
    """A new version of minutes or of the draft agreement, with a file where there is one."""

    def work(introduction: Introduction, actor: Any) -> None:
        kind = forms.kind_of(request.form)
        text = forms.text_of(request.form, "paper", forms.PAPER_LIMIT)
        attached = _filed(introduction, actor, needed=False)
        said = {"actor": actor, "now": utcnow(), "attached": attached}
        operations.write_paper(introduction, kind, text, **said)

    return _do(introduction_id, work, _("已提交，等待对方确认"), "#papers")


@blueprint.post("/papers/<int:paper_id>/confirm")
@login_required
def confirm_paper(introduction_id: int, paper_id: int) -> ResponseReturnValue:
    """Agree to the latest version."""

    def work(introduction: Introduction, actor: Any) -> None:
        paper = queries.load_row(Paper, introduction_id, paper_id, actor)
        operations.confirm_paper(introduction, paper, actor=actor, now=utcnow())

    return _do(introduction_id, work, _("已确认"), "#papers")


def _filed(introduction: Introduction, actor: Any, *, needed: bool) -> ThreadFile | None:
    """The uploaded file in the store and in the thread; its kind is told by its bytes."""
    require(actor, Permission.WRITE_THREAD, introduction)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        if needed:
            raise InvalidInput({"file": [_("请先选择一个文件")]})
        return None
    name, content = forms.upload_of(upload)
    digest = files.keep(content, name)
    return operations.file(introduction, name, digest, len(content), actor=actor, now=utcnow())


def _do(introduction_id: int, work: Work, done: str, place: str) -> ResponseReturnValue:
    """One change of the thread; where it is refused, the page again with all that was typed."""
    introduction = queries.load(introduction_id, current_user)
    require(current_user, Permission.WRITE_THREAD, introduction)

    def change() -> None:
        actor = load_user(current_user.id)
        work(queries.load(introduction_id, actor), actor)

    try:
        transact(change)
    except (InvalidInput, GuardFailed, Conflict, IllegalMove) as refusal:
        values = _values(queries.load(introduction_id, current_user))
        errors = getattr(refusal, "errors", {}) or {"": [str(refusal.message)]}
        values |= {"errors": errors, "typed": request.form, "endpoint": request.endpoint}
        return render_template("introductions/thread.html", **values), refusal.status
    flash(done, "success")
    return redirect(url_for("threads.show", introduction_id=introduction_id, _anchor=place[1:]))


def _values(introduction: Introduction) -> dict[str, Any]:
    thread = queries.thread_of(introduction)
    latest = {
        kind: next((p for p in reversed(thread.papers) if p.kind == kind), None)
        for kind in PaperKind
    }
    return {
        "introduction": introduction,
        "thread": thread,
        "stamp": thread.stamp,
        "latest": latest,
        "writes": permits(current_user, Permission.WRITE_THREAD, introduction),
        "party": introduction.party_of(current_user),
        "confirms": introduction.party_of(current_user) != Party.BROKER,
        "draft": queries.draft_of(introduction, current_user),
        "now": utcnow(),
        "party_names": PARTY_NAMES,
        "state_names": STATE_NAMES,
        "typed": {},
        "errors": {},
        "endpoint": "",
    }
