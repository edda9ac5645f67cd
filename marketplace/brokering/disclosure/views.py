"""保密内容 of an introduction: the statement, what is open after it, and who has looked."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_user
from marketplace.brokering import queries as introductions
from marketplace.brokering.disclosure import operations, queries, statements
from marketplace.brokering.disclosure.queries import Part
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import PARTY_NAMES, SIDE_NAMES, STATE_NAMES, Side
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, bounded_text
from marketplace.permissions import Permission, require
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint(
    "disclosure", __name__, url_prefix="/introductions/<int:introduction_id>/confidential"
)
CONTACT_LIMIT = 300


@blueprint.get("")
@login_required
def show(introduction_id: int) -> ResponseReturnValue:
    """What is open to whoever asks: a look at another's part is written down as it is shown."""
    introduction = introductions.load(introduction_id, current_user)
    require(current_user, Permission.SEE_THREAD, introduction)
    parts = transact(lambda: _look(introduction_id)) if _sees_anothers(introduction) else {}
    return _page(introduction, parts, {}, {})


@blueprint.post("/confirm")
@login_required
def confirm(introduction_id: int) -> ResponseReturnValue:
    """Confirm the statement that was read, by its digest."""
    introduction = introductions.load(introduction_id, current_user)
    require(current_user, Permission.WRITE_THREAD, introduction)
    if request.form.get("agreed") != "1":
        flash(_("请先阅读并勾选同意保密声明"), "danger")
        return redirect(url_for("disclosure.show", introduction_id=introduction_id))
    digest = request.form.get("sha256", "")
    _change(introduction_id, lambda i, a: operations.confirm(i, digest, actor=a, now=utcnow()))
    flash(_("已确认保密声明，对方会收到通知"), "success")
    return redirect(url_for("disclosure.show", introduction_id=introduction_id))


@blueprint.post("/broker")
@login_required
def allow_broker(introduction_id: int) -> ResponseReturnValue:
    """Let the broker in, or shut the broker out."""
    allowed = request.form.get("allowed") == "1"
    _change(
        introduction_id, lambda i, a: operations.allow_broker(i, allowed, actor=a, now=utcnow())
    )
    flash(_("已允许经纪人查看") if allowed else _("已不再允许经纪人查看"), "success")
    return redirect(url_for("disclosure.show", introduction_id=introduction_id))


@blueprint.post("/contact")
@login_required
def leave_contact(introduction_id: int) -> ResponseReturnValue:
    """Keep whom to call."""
    introduction = introductions.load(introduction_id, current_user)
    require(current_user, Permission.WRITE_THREAD, introduction)
    try:
        text = bounded_text(request.form.get("contact", ""), CONTACT_LIMIT)
    except BadCell as fault:
        return _page(introduction, {}, {"contact": [str(fault)]}, request.form), InvalidInput.status
    _change(introduction_id, lambda i, a: operations.leave_contact(i, text, actor=a, now=utcnow()))
    flash(_("联系方式已保存，对方确认保密声明后可见"), "success")
    return redirect(url_for("disclosure.show", introduction_id=introduction_id))


def _change(introduction_id: int, work: Callable[[Introduction, Any], Any]) -> None:
    def change() -> None:
        actor = load_user(current_user.id)
        work(introductions.load(introduction_id, actor), actor)

    transact(change)


def _sees_anothers(introduction: Introduction) -> bool:
    opened = queries.opened_to(introduction, current_user)
    return any(part.organization_id != current_user.organization_id for part in opened.values())


def _look(introduction_id: int) -> dict[Side, Part]:
    actor = load_user(current_user.id)
    introduction = introductions.load(introduction_id, actor)
    opened = queries.opened_to(introduction, actor)
    return {side: operations.look(introduction, side, actor=actor, now=utcnow()) for side in opened}


def _page(introduction: Introduction, parts: Any, errors: Any, values: Any) -> str:
    """The page with ``parts`` of others as far as they were looked at, and one's own."""
    mine = introduction.side_of(current_user.organization_id)
    own = queries.parts_of(introduction)[mine] if mine else None
    return render_template(
        "introductions/confidential.html",
        introduction=introduction,
        mine=mine,
        own=own,
        others={side: part for side, part in parts.items() if side != mine},
        views=queries.views_of(introduction, mine) if mine else (),
        confirmations=queries.confirmations_of(introduction),
        party=introduction.party_of(current_user),
        allowances=queries.allowances_of(introduction),
        statement=statements.in_force(local_day(utcnow())),
        party_names=PARTY_NAMES,
        side_names=SIDE_NAMES,
        state_names=STATE_NAMES,
        errors=errors,
        values=values or {"contact": own.contact if own else ""},
        writes=introduction.is_in_talks,
        limit=CONTACT_LIMIT,
    )
