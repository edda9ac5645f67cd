"""A contract's own pages: the applicant's draft, the case, and every move that can be made of it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace import files
from marketplace.accounts.views import signed_in
from marketplace.contracts import (
    casefile,
    directory,
    drafts,
    forms,
    moves,
    operations,
    queries,
)
from marketplace.contracts.countries import countries
from marketplace.contracts.differences import changed
from marketplace.contracts.models import Contract
from marketplace.contracts.origins import contracts_of
from marketplace.contracts.states import ACTION_NAMES, STATE_NAMES, Action
from marketplace.database import utcnow
from marketplace.errors import (
    Conflict,
    GuardFailed,
    InvalidInput,
    MarketplaceError,
    NotFound,
)
from marketplace.permissions import Permission, Role, require, requires
from marketplace.rules import Rules
from marketplace.transactions import transact
from marketplace.working_days import local_day, local_time

blueprint = Blueprint("contracts", __name__, url_prefix="/contracts")
for _name, _function in (
    ("contracts_of", contracts_of),
    ("countries", countries),
    ("heading_of", forms.heading_of),
    ("local_time", local_time),
    ("spoken", forms.spoken),
    ("sums_of", forms.sums_of),
):
    blueprint.add_app_template_global(_function, _name)
#: Where 合同登记 leads whom; everybody else begins at the directory of points.
HOMES = {
    Role.ENTERPRISE: "contracts.mine",
    Role.INSTITUTE: "contracts.mine",
    Role.CLERK: "office.queue",
    Role.REVIEWER: "office.queue",
    Role.AUTHORITY: "office.queue",
    Role.EXPERT: "office.queue",
    Role.TAX: "office.search",
}


@blueprint.get("")
@login_required
def home() -> ResponseReturnValue:
    """The one entry: to whatever the role has to do with contracts."""
    return redirect(url_for(HOMES.get(current_user.role, "network.points")))


@blueprint.get("/mine")
@login_required
def mine() -> ResponseReturnValue:
    """The contracts of one's organisation, with what each waits for."""
    rows = [queries.waiting_as(contract, _today()) for contract in queries.own(current_user)]
    return render_template("contracts/mine.html", rows=rows, state_names=STATE_NAMES)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.POST_CONTRACT)
def new() -> ResponseReturnValue:
    """Begin with a name, or with the need and the result that led to the contract."""
    values = request.values.to_dict()
    try:
        begun = drafts.begin(values, current_user, _today())
        if request.method == "GET":
            return render_template("contracts/new.html", begun=begun, values=values, errors={})
        draft = transact(lambda: drafts.create(values, actor=signed_in(), now=utcnow()))
    except InvalidInput as refusal:
        begun = drafts.begin({}, current_user, _today())
        page = {"begun": begun, "values": values, "errors": refusal.errors}
        return render_template("contracts/new.html", **page), refusal.status
    return redirect(url_for("contracts.edit", contract_id=draft.id))


@blueprint.get("/<int:contract_id>")
@login_required
def show(contract_id: int) -> ResponseReturnValue:
    """The case: what it says, what is wrong with it, what is beside it, and what may be done."""
    contract = queries.load(contract_id, current_user)
    return render_template("contracts/case.html", **case_of(contract))


@blueprint.get("/<int:contract_id>/edit")
@login_required
def edit(contract_id: int) -> ResponseReturnValue:
    """The form in steps; what is right is saved as one types, what is not is named."""
    contract = queries.load(contract_id, current_user)
    require(current_user, Permission.APPLY_CONTRACT, contract)
    if not contract.is_editable:
        flash(_("已提交的申请不能直接修改；已登记的合同请申请变更登记"), "info")
        return redirect(url_for("contracts.show", contract_id=contract_id))
    return _form(contract, forms.shown(contract, _rules(contract)), {})


@blueprint.post("/<int:contract_id>/edit")
@login_required
def save(contract_id: int) -> ResponseReturnValue:
    """Save the form; while one types, what is right of it."""
    contract = queries.load(contract_id, current_user)
    values = forms.values_of(request.form)
    facts, errors = forms.read(values, _rules(contract))
    typing, revision = "HX-Request" in request.headers, request.form.get("revision", 0, type=int)
    if errors and not typing:
        return _form(contract, values, errors), 422
    try:
        contract = transact(lambda: _change(contract_id, facts, revision))
    except Conflict as conflict:
        errors = {"": [str(conflict.message)]}
        contract = queries.load(contract_id, current_user)
        return (
            _saved(contract, errors, revision) if typing else (_form(contract, values, errors), 409)
        )
    return _saved(contract, errors, contract.revision) if typing else _onwards(contract)


def _onwards(contract: Contract) -> ResponseReturnValue:
    flash(_("已保存"), "success")
    following = queries.next_draft(contract, current_user)
    if request.form.get("then") == "next" and following is not None:
        return redirect(url_for("contracts.edit", contract_id=following.id))
    return redirect(url_for("contracts.show", contract_id=contract.id))


@blueprint.post("/<int:contract_id>/files")
@login_required
def attach(contract_id: int) -> ResponseReturnValue:
    """Add a file to the case."""
    queries.load(contract_id, current_user)
    upload, kind = request.files.get("file"), request.form.get("kind", "")
    if upload is None or not upload.filename:
        raise InvalidInput({"file": [_("请先选择一个文件")]})
    name, content = upload.filename, upload.read()

    def work() -> None:
        contract = queries.load(contract_id, signed_in())
        operations.attach(contract, kind, name, content, actor=signed_in(), now=utcnow())

    transact(work)
    flash(_("已上传“%(name)s”", name=name), "success")
    back = "contracts.edit" if request.form.get("back") == "edit" else "contracts.show"
    return redirect(url_for(back, contract_id=contract_id) + "#files")


@blueprint.get("/<int:contract_id>/files/<int:file_id>")
@login_required
def download(contract_id: int, file_id: int) -> ResponseReturnValue:
    """One file of the case, to be kept by whoever may see the case."""
    contract = queries.load(contract_id, current_user)
    found = [paper for paper in contract.attachments if paper.id == file_id]
    if not found:
        raise NotFound(_("附件不存在或已按规定移除"))
    path = files.path_of(found[0].digest)
    return send_file(path, as_attachment=True, download_name=found[0].name)


@blueprint.post("/<int:contract_id>/files/<int:file_id>/remove")
@login_required
def detach(contract_id: int, file_id: int) -> ResponseReturnValue:
    """Take a file off a draft."""

    def work() -> None:
        contract = queries.load(contract_id, signed_in())
        operations.detach(contract, file_id, actor=signed_in(), now=utcnow())

    transact(work)
    return redirect(url_for("contracts.edit", contract_id=contract_id) + "#files")


@blueprint.post("/<int:contract_id>/again")
@login_required
def again(contract_id: int) -> ResponseReturnValue:
    """The repaired case after a refusal or withdrawal, as a new draft with a link."""

    def work() -> Contract:
        contract = queries.load(contract_id, signed_in())
        return operations.apply_again(contract, actor=signed_in(), now=utcnow())

    draft = transact(work)
    return redirect(url_for("contracts.edit", contract_id=draft.id))


@blueprint.get("/<int:contract_id>/move/<any({}):action>".format(", ".join(Action)))
@login_required
def ask(contract_id: int, action: str) -> ResponseReturnValue:
    """What a move asks for, and the button that makes it: no key alone moves a case."""
    contract = queries.load(contract_id, current_user)
    return _ask(contract, Action(action), forms.shown(contract, _rules(contract)), {})


@blueprint.post("/<int:contract_id>/move/<any({}):action>".format(", ".join(Action)))
@login_required
def move(contract_id: int, action: str) -> ResponseReturnValue:
    """One row of the table; what fails is named on the page that keeps what was typed."""
    contract, wanted = queries.load(contract_id, current_user), Action(action)
    values = forms.values_of(request.form) if "change" in moves.asks_of(wanted, contract) else {}
    try:
        target = transact(lambda: _advance(contract_id, wanted, values))
    except (InvalidInput, GuardFailed, Conflict) as refusal:
        contract = queries.load(contract_id, current_user)
        values = values or forms.shown(contract, _rules(contract))
        return _ask(contract, wanted, values, _errors_of(refusal), refusal)
    flash(_("%(action)s：完成", action=ACTION_NAMES[wanted]), "success")
    return _after(target)


def _errors_of(refusal: MarketplaceError) -> forms.Errors:
    return getattr(refusal, "errors", {}) or {"": [str(refusal.message)]}


def _advance(contract_id: int, action: Action, values: dict[str, Any]) -> Contract:
    actor, now = signed_in(), utcnow()
    contract = queries.load(contract_id, actor)
    _require_seen(contract)
    facts = moves.facts_of(action, request.form, contract)
    upload = request.files.get("proof_file")
    if "proof" in facts and upload is not None and upload.filename:
        kind, content = moves.PROOF_KINDS[action], upload.read()
        paper = operations.attach(contract, kind, upload.filename, content, actor=actor, now=now)
        facts["proof"] = [*facts["proof"], paper.digest]
    if values:
        said, errors = forms.read(values, queries.rules_of(contract, local_day(now)))
        if errors:
            raise InvalidInput(errors)
        facts["change"] = changed(contract, said)
    return drafts.move(contract, action, facts, actor=actor, now=now, take="take" in request.form)


def _require_seen(contract: Contract) -> None:
    seen = request.form.get("revision", type=int)
    if seen is not None and seen != contract.revision:
        raise Conflict(_("内容在您打开之后已被修改，请刷新页面看过后再操作"))


def _after(contract: Contract) -> ResponseReturnValue:
    """To the case where there is more to do in it; officers otherwise to their queue."""
    is_officer = HOMES.get(current_user.role) == "office.queue"
    if request.form.get("then") == "next":
        return redirect(url_for("office.next_case", contract_id=contract.id))
    if is_officer and contract.first_reviewer_id != current_user.id:
        return redirect(url_for("office.queue"))
    return redirect(url_for("contracts.show", contract_id=contract.id))


@blueprint.route("/<int:contract_id>/return", methods=["GET", "POST"])
@login_required
def send_back(contract_id: int) -> ResponseReturnValue:
    """R: one of nine reasons, by its number, and the words that go with it."""
    contract = queries.load(contract_id, current_user)
    values = request.form.to_dict()
    if request.method == "GET":
        return render_template("contracts/return.html", **_return(contract, values, {}))
    chosen = moves.return_of(
        values.get("reason", ""), values.get("words", "").strip(), contract.state
    )
    if chosen is None:
        errors = {"reason": [_("请选择退回的理由")]}
        return render_template("contracts/return.html", **_return(contract, values, errors)), 422
    action, facts = chosen
    try:
        returned = transact(lambda: _do(contract_id, action, facts))
    except (InvalidInput, GuardFailed, Conflict) as refusal:
        contract = queries.load(contract_id, current_user)
        page = _return(contract, values, _errors_of(refusal))
        return render_template("contracts/return.html", **page), refusal.status
    flash(_("已退回，申请人能看到原因"), "success")
    return _after(returned)


def _return(contract: Contract, values: dict[str, str], errors: forms.Errors) -> dict[str, Any]:
    reasons = moves.return_reasons(contract.state)
    return {"contract": contract, "values": values, "errors": errors, "reasons": reasons}


def _do(contract_id: int, action: Action, facts: dict[str, Any]) -> Contract:
    contract = queries.load(contract_id, signed_in())
    _require_seen(contract)
    return operations.advance(contract, action, actor=signed_in(), now=utcnow(), **facts)


def _change(contract_id: int, facts: dict[str, Any], revision: int) -> Contract:
    contract = queries.load(contract_id, signed_in())
    operations.change(contract, facts, revision=revision, actor=signed_in(), now=utcnow())
    return contract


def _ask(
    contract: Contract,
    action: Action,
    values: dict[str, Any],
    errors: forms.Errors,
    refusal: MarketplaceError | None = None,
) -> ResponseReturnValue:
    case = case_of(contract)
    if not any(offer.action == action for offer in case["case"].offers):
        raise NotFound(_("当前状态下不能进行此操作，请刷新页面后再试"))
    page: dict[str, Any] = {
        "action": action,
        "asks": moves.asks_of(action, contract),
        "typed": request.form,
    }
    page |= {"values": values, "errors": errors, "refusal": refusal, "clerks": _clerks(contract)}
    return render_template(
        "contracts/move.html", **case, **page
    ), refusal.status if refusal else 200


def _clerks(contract: Contract) -> list[tuple[Any, int, bool]]:
    load, fitting = directory.workload(contract.point), directory.fitting_clerk(contract, _today())
    return [(one, load[one.id], one == fitting) for one in directory.clerks_of(contract.point)]


def _saved(contract: Contract, errors: forms.Errors, revision: int) -> str:
    page = {**case_of(contract), "errors": errors, "revision": revision}
    return render_template("contracts/_saved.html", **page)


def _form(contract: Contract, values: dict[str, Any], errors: forms.Errors) -> str:
    return render_template("contracts/edit.html", **case_of(contract), values=values, errors=errors)


def case_of(contract: Contract) -> dict[str, Any]:
    """What every page of a case shows, as the present user sees it."""
    case = casefile.of(contract, current_user, utcnow())
    names = {"state_names": STATE_NAMES, "action_names": ACTION_NAMES}
    return {
        "contract": contract,
        "case": case,
        "rules": case.situation.rules,
        "forms": forms,
    } | names


def _rules(contract: Contract) -> Rules:
    return queries.rules_of(contract, _today())


def _today() -> Any:
    return local_day(utcnow())
