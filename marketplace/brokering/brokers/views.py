"""The public directory, a broker's own record, and the operator's decisions on records."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace import files
from marketplace.accounts.views import signed_in
from marketplace.brokering.brokers import forms, operations, queries
from marketplace.brokering.brokers.lifecycle import BROKER, DECLARATION, DECLARATION_VERSION
from marketplace.brokering.brokers.models import USUAL_CAPACITY, Broker
from marketplace.brokering.brokers.states import ACTION_NAMES, LEVEL_NAMES, STATE_NAMES, Action
from marketplace.codes import current_codes
from marketplace.database import utcnow
from marketplace.errors import Conflict, GuardFailed, IllegalMove, InvalidInput
from marketplace.permissions import Permission, permits, requires
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("brokers", __name__)


@blueprint.get("/brokers")
def directory() -> ResponseReturnValue:
    """Recorded brokers: name, level, fields, regions; nothing by which a person is reached."""
    day, codes = local_day(utcnow()), current_codes()
    rows = queries.recorded(day)
    field, league = request.args.get("field", ""), request.args.get("league", "")
    shown = [b for b in rows if _serves(b, field, league)]
    page = {"rows": shown, "total": len(rows), "day": day, "field": field, "league": league}
    page |= {"fields": codes.lists["field"], "leagues": codes.leagues}
    return render_template("brokers/directory.html", **page, **_names())


def _serves(broker: Broker, field: str, league: str) -> bool:
    return (not field or field in broker.fields) and (not league or league in broker.regions)


@blueprint.get("/broker/record")
@requires(Permission.WORK_AS_BROKER)
def record() -> ResponseReturnValue:
    """我的备案."""
    return _record({}, {})


@blueprint.post("/broker/record")
@requires(Permission.WORK_AS_BROKER)
def keep() -> ResponseReturnValue:
    """Affiliation, fields, regions and capacity."""
    revision = request.form.get("revision", 0, type=int)

    def work() -> None:
        facts, actor, now = forms.record_of(request.form), signed_in(), utcnow()
        broker = operations.record_of(actor, now=now)
        operations.keep(broker, facts, revision=revision or 1, actor=actor, now=now)

    return _kept(work, _("已保存"))


@blueprint.post("/broker/record/certificates")
@requires(Permission.WORK_AS_BROKER)
def certify() -> ResponseReturnValue:
    """Add a certificate."""

    def work() -> None:
        actor, now = signed_in(), utcnow()
        new = forms.certificate_of(request.form, request.files.get("file"))
        operations.certify(operations.record_of(actor, now=now), new, actor=actor, now=now)

    return _kept(work, _("证书已添加，待运营方核验"))


@blueprint.post("/broker/record/certificates/<int:certificate_id>/drop")
@requires(Permission.WORK_AS_BROKER)
def drop_certificate(certificate_id: int) -> ResponseReturnValue:
    """Take back a certificate that was not verified yet."""

    def work() -> None:
        actor = signed_in()
        certificate = queries.load_certificate(certificate_id, actor)
        broker = queries.load(certificate.broker_id, actor)
        operations.drop_certificate(certificate, broker, actor=actor, now=utcnow())

    return _kept(work, _("证书已删除"))


@blueprint.post("/broker/record/declaration")
@requires(Permission.WORK_AS_BROKER)
def declare() -> ResponseReturnValue:
    """Sign the declaration of interests."""

    def work() -> None:
        if request.form.get("agreed") != "yes":
            raise InvalidInput({"agreed": [_("请勾选“我已阅读并作出以上声明”")]})
        actor, now = signed_in(), utcnow()
        interests = forms.words_of(request.form, "interests", forms.INTERESTS_LIMIT)
        broker = operations.record_of(actor, now=now)
        operations.declare(broker, interests, actor=actor, now=now)

    return _kept(work, _("声明已签署"))


@blueprint.post("/broker/record/apply")
@requires(Permission.WORK_AS_BROKER)
def apply() -> ResponseReturnValue:
    """Apply to be recorded."""

    def work() -> None:
        actor, now = signed_in(), utcnow()
        broker = operations.record_of(actor, now=now)
        operations.move(broker, Action.APPLY, actor=actor, now=now)

    return _kept(work, _("已申请备案，结果会通知您"))


@blueprint.get("/broker/certificates/<int:certificate_id>/file")
@requires(Permission.SEE_SIGNED_IN)
def certificate_file(certificate_id: int) -> ResponseReturnValue:
    """The scan of a certificate, for its owner and the operator."""
    certificate = queries.load_certificate(certificate_id, current_user)
    name = certificate.file_name
    return send_file(files.path_of(certificate.digest), as_attachment=True, download_name=name)


@blueprint.get("/operator/brokers")
@requires(Permission.DECIDE_BROKER)
def records() -> ResponseReturnValue:
    """All records, what waits first."""
    rows, day = queries.everybody(), local_day(utcnow())
    return render_template("brokers/records.html", rows=rows, day=day, **_names())


@blueprint.get("/operator/brokers/<int:broker_id>")
@requires(Permission.DECIDE_BROKER)
def decide(broker_id: int) -> ResponseReturnValue:
    """One record with its certificates, and what may be decided."""
    return _decide(broker_id, {}, {})


def _decide(broker_id: int, typed: dict[str, str], errors: forms.Errors) -> str:
    broker = queries.load(broker_id, current_user)
    moves = [m for m in BROKER.moves_from(broker.state) if _may(m, broker)]
    page = {"broker": broker, "moves": moves, "day": local_day(utcnow())}
    page |= {"typed": typed, "errors": errors}
    return render_template("brokers/decide.html", **page, **_names())


def _may(move: Any, broker: Broker) -> bool:
    return move.action != Action.EXPIRE and permits(current_user, move.permission, broker)


@blueprint.post("/operator/brokers/<int:broker_id>/move")
@requires(Permission.DECIDE_BROKER)
def move(broker_id: int) -> ResponseReturnValue:
    """Record, return, suspend, reinstate, strike off."""

    def work() -> None:
        actor, action = signed_in(), forms.action_of(request.form)
        reason = forms.words_of(request.form, "reason", forms.REASON_LIMIT)
        broker = queries.load(broker_id, actor)
        operations.move(broker, action, actor=actor, now=utcnow(), reason=reason)

    try:
        transact(work)
    except (InvalidInput, GuardFailed, IllegalMove) as refusal:
        errors = getattr(refusal, "errors", {}) or {"action": [str(refusal.message)]}
        return _decide(broker_id, request.form.to_dict(), errors), refusal.status
    flash(_("已办理，结果已通知经纪人"), "success")
    return redirect(url_for("brokers.decide", broker_id=broker_id))


def _kept(work: Any, said: str) -> ResponseReturnValue:
    """Do it and show the record again; where it is refused, with everything that was typed."""
    try:
        transact(work)
    except (InvalidInput, Conflict) as refusal:
        errors = getattr(refusal, "errors", {"": [str(refusal.message)]})
        return _record(request.form.to_dict(), errors), refusal.status
    flash(said, "success")
    return redirect(url_for("brokers.record"))


def _record(typed: dict[str, Any], errors: forms.Errors) -> str:
    codes, broker = current_codes(), queries.of_user(current_user.id)
    kept = {"affiliation": _affiliation(broker), "capacity": USUAL_CAPACITY}
    if broker is not None:
        kept["capacity"] = broker.capacity
    chosen = {"fields": broker.fields, "regions": broker.regions} if broker else {}
    if "capacity" in typed:
        chosen = {name: request.form.getlist(name) for name in ("fields", "regions")}
    page: dict[str, Any] = {
        "broker": broker,
        "values": kept | typed,
        "chosen": chosen,
        "errors": errors,
    }
    page |= {"fields": codes.lists["field"], "leagues": codes.leagues, "day": local_day(utcnow())}
    page |= {"declaration": DECLARATION, "version": DECLARATION_VERSION, "labels": forms.LABELS}
    page["may_apply"] = broker is not None and Action.APPLY in BROKER.actions(broker.state)
    return render_template("brokers/record.html", **page, **_names())


def _affiliation(broker: Broker | None) -> str:
    if broker is not None and broker.affiliation:
        return broker.affiliation
    return current_user.organization.name if current_user.organization else ""


def _names() -> dict[str, Any]:
    return {"state_names": STATE_NAMES, "action_names": ACTION_NAMES, "level_names": LEVEL_NAMES}
