"""Pages of credit: whose it is, one record, what waits for the operator, and the signs."""

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace import files
from marketplace.accounts.operations import load_user
from marketplace.credit import forms, operations, queries, states
from marketplace.credit.behaviours import Subject
from marketplace.credit.lifecycle import RECORD
from marketplace.credit.models import BehaviourRecord
from marketplace.credit.rules import CreditRules, months_after
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, GuardFailed, IllegalMove, InvalidInput
from marketplace.listings.cells import text_of
from marketplace.permissions import Permission, Role, permits, require, requires
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("credit", __name__)
#: Names of codes for every page.
NAMES = {
    "behaviour_names": states.BEHAVIOUR_NAMES,
    "state_names": states.STATE_NAMES,
    "action_names": states.ACTION_NAMES,
    "sign_names": states.SIGN_NAMES,
    "verdict_names": states.VERDICT_NAMES,
}


@blueprint.get("/credit")
@login_required
def mine() -> ResponseReturnValue:
    """我的信用: of the user's organisation, and of the user where they are a broker."""
    subjects = []
    if current_user.organization is not None:
        home = current_user.organization
        subjects.append((Subject(organization_id=home.id), home.name))
    if current_user.role == Role.BROKER:
        subjects.append((Subject(user_id=current_user.id), current_user.display_name))
    accounts = [_account(subject, name) for subject, name in subjects]
    return render_template("credit/mine.html", accounts=accounts, **NAMES)


@blueprint.get("/credit/organizations/<int:organization_id>")
@requires(Permission.SEE_SIGNED_IN)
def organization(organization_id: int) -> ResponseReturnValue:
    """The credit of an organisation with its parts."""
    found = queries.organization(organization_id)
    return _show(_account(Subject(organization_id=found.id), found.name))


@blueprint.get("/credit/brokers/<int:user_id>")
@requires(Permission.SEE_SIGNED_IN)
def broker(user_id: int) -> ResponseReturnValue:
    """The credit of a broker with its parts."""
    found = queries.broker(user_id)
    return _show(_account(Subject(user_id=found.id), found.display_name))


def _account(subject: Subject, name: str) -> queries.Account:
    return queries.account_of(subject, name, current_user, local_day(utcnow()))


def _show(account: queries.Account) -> str:
    return render_template("credit/account.html", account=account, **NAMES)


@blueprint.get("/credit/records/<int:record_id>")
@login_required
def show(record_id: int) -> ResponseReturnValue:
    """One record: its source, its dates, what was said, and what may be done now."""
    return _record(queries.load(record_id, current_user))


@blueprint.post("/credit/records/<int:record_id>/move")
@login_required
def move(record_id: int) -> ResponseReturnValue:
    """Object, ask for repair, or decide; what was typed comes back where it is refused."""
    try:
        transact(lambda: _advance(record_id))
    except (InvalidInput, GuardFailed, IllegalMove) as refusal:
        record = queries.load(record_id, current_user)
        place = "action" if isinstance(refusal, IllegalMove) else "words"
        errors = getattr(refusal, "errors", {}) or {place: [str(refusal.message)]}
        return _record(record, request.form.to_dict(), errors), refusal.status
    flash(_("已提交"), "success")
    return redirect(url_for("credit.show", record_id=record_id), 303)


def _advance(record_id: int) -> None:
    actor = load_user(current_user.id)
    record = queries.load(record_id, actor)
    action = forms.action_of(request.form)
    # Who may not move it hands in no file either.
    require(actor, RECORD.choose(record.state, action).permission, record)
    proof = forms.proof_of(request.files.get("file"))
    words = text_of(request.form.get("words", ""))
    operations.advance(record, action, actor=actor, now=utcnow(), words=words, proof=proof)


def _record(
    record: BehaviourRecord,
    values: dict[str, str] | None = None,
    errors: dict[str, list[str]] | None = None,
) -> str:
    rules = CreditRules.called(record.rules)
    since = record.effective_on
    page: dict[str, Any] = {
        "record": record,
        "rule": rules.kinds[record.kind],
        "rules": rules,
        "repair_from": months_after(since, rules.repair.length) if since else None,
        "actions": [
            row.action
            for row in RECORD.moves_from(record.state)
            if row.action in forms.ASKED and permits(current_user, row.permission, record)
        ],
        "may_see_files": _may_see_files(record),
        "today": local_day(utcnow()),
        "values": values or {},
        "errors": errors or {},
    }
    return render_template("credit/record.html", **page, **NAMES)


def _may_see_files(record: BehaviourRecord) -> bool:
    """Files are for the subject and the operator alone, whatever the state."""
    rights = (Permission.OBJECT_TO_CREDIT, Permission.DECIDE_CREDIT)
    return any(permits(current_user, right, record) for right in rights)


@blueprint.get("/credit/records/<int:record_id>/files/<int:step_id>")
@login_required
def file(record_id: int, step_id: int) -> ResponseReturnValue:
    """A file that was handed in with a step."""
    record = queries.load(record_id, current_user)
    if not _may_see_files(record):
        raise Forbidden(_("材料只供当事人和运营方查看"))
    step = queries.step_with_file(record, step_id)
    content = BytesIO(files.path_of(step.file_digest).read_bytes())
    return send_file(content, as_attachment=True, download_name=step.file_name)


@blueprint.get("/operator/credit")
@requires(Permission.DECIDE_CREDIT)
def waiting() -> ResponseReturnValue:
    """Objections and repairs to decide, and what is in its objection period."""
    return render_template("credit/waiting.html", records=queries.undecided(), **NAMES)


@blueprint.route("/operator/credit/new", methods=["GET", "POST"])
@requires(Permission.RECORD_CREDIT)
def new() -> ResponseReturnValue:
    """Record a behaviour with its evidence; what was typed comes back where it is refused."""
    if request.method == "GET":
        return _form(request.args.to_dict(), {})
    try:
        made = transact(_record_behaviour)
    except (InvalidInput, Conflict) as refusal:
        errors = getattr(refusal, "errors", {"words": [str(refusal.message)]})
        return _form(request.form.to_dict(), errors), refusal.status
    flash(_("已记录并告知当事人"), "success")
    return redirect(url_for("credit.show", record_id=made), 303)


def _record_behaviour() -> int:
    sign = _sign_named(request.form.get("sign", ""))
    report = forms.report_of(request.form, request.files.get("file"), sign)
    actor = load_user(current_user.id)
    return operations.record_behaviour(report, actor=actor, now=utcnow()).id


def _sign_named(text: str) -> str:
    """``sign/3`` where a record comes from a sign; :class:`NotFound` where there is no such sign."""
    # So many digits are beyond every row already; Python reads no more than some thousands.
    return queries.load_sign(int(text[:20])).audit_key if text.isdecimal() else ""


def _form(values: dict[str, str], errors: dict[str, list[str]]) -> str:
    kinds = {kind: states.BEHAVIOUR_NAMES[kind] for kind in states.BY_HAND}
    page = {"values": values, "errors": errors, "kinds": kinds}
    return render_template("credit/new.html", **page, today=local_day(utcnow()))


@blueprint.get("/operator/credit/signs")
@requires(Permission.DECIDE_CREDIT)
def signs() -> ResponseReturnValue:
    """异常迹象: what waits for a verdict, and what was judged."""
    return _signs({}, {})


@blueprint.post("/operator/credit/signs/<int:sign_id>")
@requires(Permission.DECIDE_CREDIT)
def judge(sign_id: int) -> ResponseReturnValue:
    """Keep the verdict; a sign that is followed up leads to the form of a record."""
    try:
        verdict = forms.verdict_of(request.form)
        transact(lambda: _judge(sign_id, verdict))
    except InvalidInput as refusal:
        return _signs(request.form.to_dict() | {"sign": str(sign_id)}, refusal.errors), 422
    flash(_("结论已记录"), "success")
    if verdict == states.Verdict.FOLLOWED:
        return redirect(url_for("credit.new", sign=sign_id), 303)
    return redirect(url_for("credit.signs"), 303)


def _judge(sign_id: int, verdict: states.Verdict) -> None:
    words = text_of(request.form.get("words", ""))
    actor = load_user(current_user.id)
    operations.judge(queries.load_sign(sign_id), verdict, words, actor=actor, now=utcnow())


def _signs(values: dict[str, str], errors: dict[str, list[str]]) -> str:
    found = queries.signs()
    page = {
        "open": [sign for sign in found if sign.verdict == states.Verdict.OPEN],
        "judged": [sign for sign in found if sign.verdict != states.Verdict.OPEN],
        "values": values,
        "errors": errors,
    }
    return render_template("credit/signs.html", **page, **NAMES)
