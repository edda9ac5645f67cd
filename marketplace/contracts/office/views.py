"""The office's pages: the queue with its keys, the checklist, the assessment, many cases at once."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.contracts import casefile, forms, operations, queries
from marketplace.contracts.models import Contract
from marketplace.contracts.office import forms as office
from marketplace.contracts.office import operations as marks
from marketplace.contracts.office.queries import (
    chosen,
    declared,
    flags_of,
    following,
    found,
    queue_for,
)
from marketplace.contracts.states import ACTION_NAMES, STATE_NAMES, Action
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError
from marketplace.permissions import Permission, Role, require
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("office", __name__, url_prefix="/office")
OFFICERS = (Role.CLERK, Role.REVIEWER, Role.AUTHORITY, Role.EXPERT)
READERS = (*OFFICERS, Role.TAX)


def _require_role(roles: tuple[Role, ...]) -> None:
    if current_user.role not in roles:
        raise Forbidden(_("您没有进行此操作的权限"))


@blueprint.get("")
@login_required
def queue() -> ResponseReturnValue:
    """One list: the overdue and the risky first, then by days left."""
    _require_role(OFFICERS)
    rows = queue_for(current_user, now=utcnow())
    flags = flags_of([row.contract.id for row in rows])
    page = {"rows": rows, "flags": flags, "text": "", "declared": declared(current_user)}
    return render_template("contracts/queue.html", **_names(), **page)


@blueprint.get("/search")
@login_required
def search() -> ResponseReturnValue:
    """Cases in any state, by number, project, party or code."""
    _require_role(READERS)
    text, day = request.args.get("q", "")[:200], local_day(utcnow())
    rows = [queries.waiting_as(contract, day) for contract in found(current_user, text)]
    flags = flags_of([row.contract.id for row in rows])
    return render_template(
        "contracts/queue.html", **_names(), rows=rows, flags=flags, text=text, searching=True
    )


@blueprint.get("/contracts/<int:contract_id>/following")
@login_required
def next_case(contract_id: int) -> ResponseReturnValue:
    """The most urgent case other than this one; the queue where there is none."""
    _require_role(OFFICERS)
    contract = following(current_user, contract_id, now=utcnow())
    if contract is None:
        flash(_("没有其他待办的案件"), "info")
        return redirect(url_for("office.queue"))
    return redirect(url_for("contracts.show", contract_id=contract.id))


@blueprint.post("/contracts/<int:contract_id>/tests")
@login_required
def tick(contract_id: int) -> ResponseReturnValue:
    """Save the checklist as far as it was answered."""
    contract = queries.load(contract_id, current_user)
    require(current_user, Permission.EXAMINE_CONTRACT, contract)
    tests = casefile.of(contract, current_user, utcnow()).tests
    ticks, errors = office.ticks_of(request.form, tests)
    if errors:
        return _case(contract, errors, ticked=request.form), 422

    def work() -> None:
        row = queries.load(contract_id, signed_in())
        for code, (answer, clause) in ticks.items():
            operations.tick(row, code, answer, clause, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("认定条件已保存"), "success")
    return _onwards(contract_id)


@blueprint.post("/contracts/<int:contract_id>/assessment")
@login_required
def assess(contract_id: int) -> ResponseReturnValue:
    """核定: type, codes, deductions and 技术交易额, by the first reviewer."""
    contract = queries.load(contract_id, current_user)
    require(current_user, Permission.REVIEW_CONTRACT, contract)
    rules = queries.rules_of(contract, local_day(utcnow()))
    facts, errors, values = office.assessment_of(request.form, rules)
    errors |= _above_the_deal(contract, facts)
    if errors:
        return _case(contract, errors, assessed=values), 422

    def work() -> None:
        row = queries.load(contract_id, signed_in())
        operations.assess(row, facts, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("核定已保存"), "success")
    return _onwards(contract_id)


def _above_the_deal(contract: Contract, facts: dict[str, Any]) -> forms.Errors:
    technology, deal = facts.get("technology_amount"), contract.deal_amount
    if technology is None or deal is None or technology <= deal:
        return {}
    return {"technology_amount": [_("技术交易额不能高于合同成交额")]}


def _onwards(contract_id: int) -> ResponseReturnValue:
    if request.form.get("then") == "next":
        return redirect(url_for("office.next_case", contract_id=contract_id))
    return redirect(url_for("contracts.show", contract_id=contract_id))


@blueprint.route("/contracts/<int:contract_id>/flag", methods=["GET", "POST"])
@login_required
def flag(contract_id: int) -> ResponseReturnValue:
    """F: a word to the colleagues, which moves nothing."""
    contract = queries.load(contract_id, current_user)
    require(current_user, Permission.EXAMINE_CONTRACT, contract)
    if request.method == "GET":
        note = flags_of([contract_id]).get(contract_id)
        return render_template(
            "contracts/flag.html", contract=contract, note=note.note if note else ""
        )

    def work() -> None:
        row, note = queries.load(contract_id, signed_in()), request.form.get("note", "")
        marks.flag(row, note, actor=signed_in(), now=utcnow())

    transact(work)
    return redirect(url_for("office.queue"))


@blueprint.post("/together")
@login_required
def together() -> ResponseReturnValue:
    """Many cases at once: first how many, which and how much, then each by a move of its own."""
    _require_role(OFFICERS)
    revisions = office.revisions_of(request.form)
    if "confirmed" in request.form and request.form.get("action") in list(Action):
        return _carry_out(Action(request.form["action"]), revisions)
    ids = office.numbers_of(request.form.getlist("case"))
    batches = office.batches_of(chosen(current_user, ids))
    if not batches:
        raise InvalidInput({"case": [_("请先勾选已提交待受理、或待复核的案件")]})
    return render_template("contracts/together.html", **_names(), batches=batches)


def _carry_out(action: Action, revisions: dict[int, int]) -> ResponseReturnValue:
    """One transaction for each case: what fails is named, the others stand."""
    if action not in office.IN_BULK.values():
        raise InvalidInput({"action": [_("没有这个操作")]})
    done: list[Contract] = []
    failed: list[tuple[int, str]] = []
    for contract_id, revision in list(revisions.items())[: office.MOST_AT_ONCE]:
        try:
            done.append(_move(contract_id, action, revision))
        except MarketplaceError as refusal:
            failed.append((contract_id, str(refusal.message)))
    names = {row.id: row for row in chosen(current_user, [key for key, _text in failed])}
    page = {"batch": office.Batch(action, done), "failed": failed, "failures": names}
    return render_template("contracts/together_done.html", **_names(), **page)


def _move(contract_id: int, action: Action, revision: int) -> Contract:
    def work() -> Contract:
        contract = queries.load(contract_id, signed_in())
        if contract.revision != revision:
            raise Conflict(_("内容在您打开之后已被修改，请刷新页面看过后再操作"))
        return operations.advance(contract, action, actor=signed_in(), now=utcnow())

    return transact(work)


def _case(contract: Contract, errors: forms.Errors, **typed: Any) -> str:
    case = casefile.of(contract, current_user, utcnow())
    page = {"contract": contract, "case": case, "rules": case.situation.rules, "forms": forms}
    return render_template("contracts/case.html", **_names(), **page, errors=errors, **typed)


def _names() -> dict[str, Any]:
    return {"state_names": STATE_NAMES, "action_names": ACTION_NAMES}
