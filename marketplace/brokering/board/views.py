"""The home of the workbench and the board. Every move is a form, so that both work without scripts."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.accounts.views import signed_in
from marketplace.brokering import operations
from marketplace.brokering import queries as introductions
from marketplace.brokering.board import forms, queries
from marketplace.brokering.board.columns import COLUMN_NAMES, Card, Column, page_with, shown
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.brokers.states import STATE_NAMES as RECORD_STATES
from marketplace.brokering.cases import pairs
from marketplace.brokering.cases import queries as cases
from marketplace.brokering.models import Introduction
from marketplace.brokering.progress import name_of
from marketplace.brokering.states import (
    ACTION_NAMES,
    REASON_NAMES,
    STATE_NAMES,
    Action,
    Reason,
    Side,
)
from marketplace.database import utcnow
from marketplace.errors import Conflict, InvalidInput, MarketplaceError
from marketplace.pages import page_asked
from marketplace.paging import pages_of
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("board", __name__, url_prefix="/broker")
#: Of the lists on the home page so many lines are shown; each has a page of its own.
SHOWN_AT_HOME = 6


@blueprint.get("")
@requires(Permission.WORK_AS_BROKER)
def home() -> ResponseReturnValue:
    """经纪工作台: what is late, what lacks a next step, today's pairs, the queue."""
    now, broker = utcnow(), brokers.of_user(current_user.id)
    page = {
        "summary": queries.summary_of(current_user, now=now),
        "broker": broker,
        "active": brokers.is_active(current_user.id, now=now),
        "record_states": RECORD_STATES,
        "cases": cases.live_of(current_user.id),
        "pairs": pairs.todays_for(broker)[:SHOWN_AT_HOME] if broker else [],
        "most": SHOWN_AT_HOME,
    }
    return render_template("brokers/home.html", **page, **_names())


@blueprint.get("/board")
@requires(Permission.WORK_AS_BROKER)
def board() -> ResponseReturnValue:
    """The pipeline; on a telephone the column of the address alone."""
    return _board({}, {}, request.args.get("at", type=int))


@blueprint.post("/board/<int:introduction_id>/move")
@requires(Permission.WORK_AS_BROKER)
def move(introduction_id: int) -> ResponseReturnValue:
    """Move a card, and name what comes next where that was typed with it."""

    def work() -> Column:
        asked, actor, now = forms.move_of(request.form), signed_in(), utcnow()
        introduction = introductions.load(introduction_id, actor)
        if introduction.revision != asked.revision:
            raise Conflict(_("内容在您打开之后已被修改，请刷新页面看过后再操作"))
        told: dict[str, Any] = {"words": asked.words, "reason": asked.reason}
        operations.advance(introduction, asked.action, actor=actor, now=now, **told)
        if asked.step is not None and asked.action not in (Action.LOSE, Action.WITHDRAW):
            step = asked.step
            operations.plan(introduction, step.todo, step.due_at, actor=actor, now=now)
        return Card(introduction, now).column

    return _carried_out(introduction_id, work, _("已移动"))


@blueprint.post("/board/<int:introduction_id>/todo")
@requires(Permission.WORK_AS_BROKER)
def plan(introduction_id: int) -> ResponseReturnValue:
    """下一步 of a card."""

    def work() -> Column:
        step, actor, now = forms.step_of(request.form), signed_in(), utcnow()
        introduction = introductions.load(introduction_id, actor)
        operations.plan(introduction, step.todo, step.due_at, actor=actor, now=now)
        return Card(introduction, now).column

    return _carried_out(introduction_id, work, _("下一步已记下"))


def _carried_out(introduction_id: int, work: Any, said: str) -> ResponseReturnValue:
    """To the card in its column; where it is refused, the board with what was typed in that card."""
    try:
        column = transact(work)
    except InvalidInput as refusal:
        return _board(request.form.to_dict(), refusal.errors, introduction_id), refusal.status
    except (Conflict, MarketplaceError) as refusal:
        if refusal.status not in (409, 422):
            raise
        errors = {"": [str(refusal.message)]}
        return _board(request.form.to_dict(), errors, introduction_id), refusal.status
    flash(said, "success")
    anchor = f"card-{introduction_id}"
    return redirect(url_for("board.board", column=column, at=introduction_id, _anchor=anchor))


def _board(typed: dict[str, str], errors: dict[str, list[str]], at: int | None) -> str:
    now = utcnow()
    columns = queries.board_of(current_user, now=now)
    chosen = _chosen(columns, at)
    cards = columns[chosen]
    number = min(page_asked(), pages_of(len(cards))) if at is None else page_with(cards, at)
    page: dict[str, Any] = {"columns": columns, "column": chosen, "number": number}
    page |= {"shown": shown(columns, chosen, number), "pages_of": pages_of}
    page |= {"typed": typed, "errors": errors, "at": at, "day": local_day(now)}
    page["moves_of"] = lambda introduction: queries.moves_of(introduction, current_user)
    return render_template("brokers/board.html", **page, **_names())


def _chosen(columns: dict[Column, list[Card]], at: int | None) -> Column:
    """Where the refused card is; the column of the address; the first that has a card."""
    for column, cards in columns.items():
        if any(card.introduction.id == at for card in cards):
            return column
    asked = request.args.get("column", "")
    if asked in list(Column):
        return Column(asked)
    return next((column for column, cards in columns.items() if cards), Column.NEW)


def _names() -> dict[str, Any]:
    said = {r: name for r, name in REASON_NAMES.items() if r != Reason.NO_ANSWER}
    return {
        "column_names": COLUMN_NAMES,
        "state_names": STATE_NAMES,
        "action_names": ACTION_NAMES,
        "reason_names": said,
        "counterparts": _counterparts,
    }


def _counterparts(introduction: Introduction) -> list[str]:
    """Whose need and whose result, by name as far as the broker may know it."""
    return [name_of(introduction, side, current_user) for side in Side]
