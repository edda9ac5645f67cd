"""通知, 通知设置, 已发邮件; the links in mails that work without logging in."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import csrf, limiter
from marketplace.notices import forms, mailings, operations, queries, tokens
from marketplace.notices.mail import current_post
from marketplace.notices.models import AddressRequest, Cadence, NoticeKind
from marketplace.notices.words import CADENCE_NAMES, KIND_NAMES, place_of, words_of
from marketplace.pages import page_asked
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact
from marketplace.working_days import local_time

blueprint = Blueprint("notices", __name__)
#: A market is no means to write to strangers.
ADDRESSES = "10 per hour"
LINKS = "60 per minute"


@blueprint.app_template_global()
def unread_notices() -> str:
    """How many notices wait for the user, for the head of every page; empty where none does."""
    count = queries.unread_count(current_user.id) if current_user.is_authenticated else 0
    if count > queries.MOST_COUNTED:
        return f"{queries.MOST_COUNTED}+"
    return str(count) if count else ""


@blueprint.app_template_filter("beijing")
def at_beijing(instant: datetime) -> str:
    """An instant to the minute, by the clocks of the region."""
    return local_time(instant).strftime("%Y-%m-%d %H:%M")


@blueprint.get("/notices")
@login_required
def home() -> ResponseReturnValue:
    """What the user was told, the unread first."""
    page = page_asked()
    found = queries.notices_of(current_user.id, page)
    rows = [(one, words_of(one)) for one in found[: queries.PAGE_SIZE]]
    more = len(found) > queries.PAGE_SIZE
    return render_template("notices/home.html", rows=rows, page=page, more=more)


@blueprint.post("/notices/<int:notice_id>/open")
@login_required
def open_notice(notice_id: int) -> ResponseReturnValue:
    """It is read with that, and the page it speaks of comes up."""

    def work() -> str:
        notice = queries.notice(notice_id, signed_in())
        operations.read(notice, actor=signed_in(), now=utcnow())
        return notice.subject

    return redirect(place_of(transact(work)), 303)


@blueprint.post("/notices/read")
@login_required
def read_all() -> ResponseReturnValue:
    """All at once."""
    transact(lambda: operations.read_all(actor=signed_in(), now=utcnow()))
    return redirect(url_for("notices.home"), 303)


@blueprint.route("/notices/settings", methods=["GET", "POST"])
@login_required
def settings() -> ResponseReturnValue:
    """Which kinds come by mail, and how often a digest."""
    if request.method == "GET":
        return _settings({})
    kinds, cadence = request.form.getlist("kind"), request.form.get("cadence", "")
    try:
        chosen = forms.checked_choice(kinds, cadence)
    except InvalidInput as refusal:
        return _settings(refusal.errors), refusal.status
    transact(lambda: operations.choose(*chosen, actor=signed_in(), now=utcnow()))
    flash(_("通知设置已保存"), "success")
    return redirect(url_for("notices.settings"), 303)


@blueprint.post("/notices/address")
@login_required
@limiter.limit(ADDRESSES)
def ask_address() -> ResponseReturnValue:
    """Name an address: a link goes there, and mail after the link was followed."""
    typed = request.form.get("address", "")
    try:
        address = forms.checked_address(typed)
        asked = transact(lambda: operations.ask_address(address, actor=signed_in(), now=utcnow()))
    except InvalidInput as refusal:
        return _settings(refusal.errors, typed), 422
    said = (
        _("确认链接已发往 %(address)s，三天内有效", address=address) if asked else _("邮箱已移除")
    )
    flash(said, "success")
    return redirect(url_for("notices.settings"), 303)


@blueprint.route("/notices/address/<token>", methods=["GET", "POST"])
@limiter.limit(LINKS)
def confirm(token: str) -> ResponseReturnValue:
    """The link in the mail; a button, because programs open links to look at them."""
    request_id = tokens.confirmed(token)
    if request.method == "GET":
        asked = queries.address_request(request_id)
        return render_template("notices/confirm.html", asked=asked, done=False)

    def work() -> AddressRequest:
        return operations.confirm_address(request_id, now=utcnow())

    return render_template("notices/confirm.html", asked=transact(work), done=True)


@blueprint.route("/notices/stop/<token>", methods=["GET", "POST"])
@csrf.exempt  # RFC 8058: the reader's mail program sends this form, and has no page of ours
@limiter.limit(LINKS)
def stop(token: str) -> ResponseReturnValue:
    """Stop one kind of mail without logging in; whoever has the signed link has the mail."""
    user_id, kind = tokens.stopped(token)
    if request.method == "POST":
        transact(lambda: operations.stop(user_id, kind, now=utcnow()))
    values = {"name": KIND_NAMES[kind], "done": request.method == "POST"}
    values["digest"] = kind == NoticeKind.DIGEST
    return render_template("notices/stop.html", **values)


@blueprint.get("/mail")
@login_required
def mail() -> ResponseReturnValue:
    """已发邮件: one's own; everybody's for the operator, who sees what failed and why."""
    page = page_asked()
    failed = request.args.get("state") == "failed"
    found = queries.mailings(current_user, page, failed=failed)
    values: dict[str, Any] = {"rows": found[: queries.PAGE_SIZE], "page": page, "failed": failed}
    values |= {"more": len(found) > queries.PAGE_SIZE, "local": current_post().server is None}
    return render_template("notices/mail.html", **values)


@blueprint.get("/mail/<int:mailing_id>")
@login_required
def mailing(mailing_id: int) -> ResponseReturnValue:
    """One mail: where it went, and its text where no server took it over."""
    row = queries.mailing(mailing_id, current_user)
    message_id = current_post().sender.message_id(row.key)
    return render_template("notices/mailing.html", row=row, message_id=message_id)


@blueprint.post("/mail/<int:mailing_id>/retry")
@requires(Permission.MANAGE_MAIL)
def retry(mailing_id: int) -> ResponseReturnValue:
    """Try again what was given up."""

    def work() -> None:
        row = queries.mailing(mailing_id, signed_in())
        mailings.retry(row, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("这封邮件将重新发送"), "success")
    return redirect(url_for("notices.mail"), 303)


def _settings(errors: dict[str, list[str]], typed: str | None = None) -> str:
    preference = queries.preference(current_user.id)
    asked = queries.latest_request(current_user.id)
    waiting = asked.address if asked and asked.confirmed_at is None else ""
    return render_template(
        "notices/settings.html",
        kinds={k: name for k, name in KIND_NAMES.items() if k != NoticeKind.DIGEST},
        cadences=CADENCE_NAMES,
        cadence=Cadence(preference.cadence),
        muted=preference.muted,
        waiting=waiting,
        values={"address": current_user.email or "" if typed is None else typed},
        errors=errors,
        digest=NoticeKind.DIGEST,
    )
