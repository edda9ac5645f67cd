"""Pages of the receipts: declared by the applicant, verified or returned by another."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.contracts import income, queries
from marketplace.contracts.forms import Errors
from marketplace.contracts.models import Contract
from marketplace.contracts.receipts import forms
from marketplace.contracts.views import case_of
from marketplace.database import utcnow
from marketplace.errors import GuardFailed, InvalidInput
from marketplace.transactions import transact

blueprint = Blueprint("receipts", __name__, url_prefix="/contracts")


@blueprint.route("/<int:contract_id>/income", methods=["GET", "POST"])
@login_required
def incomes(contract_id: int) -> ResponseReturnValue:
    """技术性收入核定表: the receipts, and the line to declare the next."""
    contract = queries.load(contract_id, current_user)
    if request.method == "GET":
        return _incomes(contract, {}, {})
    receipt, errors = forms.receipt_of(request.form)
    try:
        if receipt is None:
            raise InvalidInput(errors)
        transact(lambda: _declare(contract_id, receipt))
    except (InvalidInput, GuardFailed) as refusal:
        contract = queries.load(contract_id, current_user)
        errors = refusal.errors or {"": [str(refusal.message)]}
        return _incomes(contract, request.form.to_dict(), errors), refusal.status
    flash(_("已申报，等待登记机构核定"), "success")
    return redirect(url_for("receipts.incomes", contract_id=contract_id))


@blueprint.post("/<int:contract_id>/income/<int:line>")
@login_required
def decide_income(contract_id: int, line: int) -> ResponseReturnValue:
    """核定 or 退回 one line; what fails is named above the line, which keeps what was typed."""
    amount, errors = forms.amount_of("verified", request.form)
    returns = request.form.get("decision") == "return"
    try:
        if errors and not returns:
            raise InvalidInput(errors)
        transact(lambda: _decide(contract_id, line, None if returns else amount or 0))
    except (InvalidInput, GuardFailed) as refusal:
        contract = queries.load(contract_id, current_user)
        errors = refusal.errors or {"": [str(refusal.message)]}
        typed = {line: request.form.to_dict()}
        return _incomes(contract, {}, {}, decided=typed, faults=errors), refusal.status
    flash(_("已退回") if returns else _("已核定"), "success")
    return redirect(url_for("receipts.incomes", contract_id=contract_id))


def _decide(contract_id: int, line: int, amount: int | None) -> None:
    """Verify ``amount`` fen of the line; none: return it."""
    contract = queries.load(contract_id, signed_in())
    row = queries.income_line(contract, line)
    if amount is None:
        reason = request.form.get("reason", "")
        income.return_line(contract, row, reason, actor=signed_in(), now=utcnow())
    else:
        income.verify(contract, row, amount, actor=signed_in(), now=utcnow())


def _declare(contract_id: int, receipt: income.Receipt) -> None:
    contract = queries.load(contract_id, signed_in())
    income.declare(contract, receipt, actor=signed_in(), now=utcnow())


def _incomes(contract: Contract, values: dict[str, str], errors: Errors, **page: Any) -> str:
    left = (contract.technology_amount or 0) - queries.verified_income(contract)
    page |= {**case_of(contract), "lines": queries.incomes_of(contract), "left": left}
    return render_template("contracts/income.html", **page, values=values, errors=errors)
