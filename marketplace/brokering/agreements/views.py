"""An introduction's brokerage agreement: its versions, who has confirmed, and what fell due."""

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_user
from marketplace.brokering.agreements import forms, operations, queries
from marketplace.brokering.agreements.models import Agreement, AgreementVersion
from marketplace.brokering.agreements.states import CONDITION_NAMES, PAYER_NAMES
from marketplace.brokering.models import Introduction
from marketplace.brokering.progress import name_is_open, name_of
from marketplace.brokering.states import SIDE_NAMES, STATE_NAMES, Side
from marketplace.database import utcnow
from marketplace.errors import Conflict, InvalidInput, NotFound
from marketplace.ledger import queries as ledger
from marketplace.ledger import verify_proof
from marketplace.permissions import Permission, permits
from marketplace.transactions import transact

blueprint = Blueprint("agreements", __name__, url_prefix="/agreements")


@blueprint.get("/<int:introduction_id>")
@login_required
def show(introduction_id: int) -> ResponseReturnValue:
    """The versions, the latest first, and a form for the next one."""
    introduction, agreement = queries.load(introduction_id, current_user)
    return _show(introduction, agreement, _values(agreement), {})


@blueprint.post("/<int:introduction_id>")
@login_required
def offer(introduction_id: int) -> ResponseReturnValue:
    """Offer a version."""
    queries.load(introduction_id, current_user)
    after = request.form.get("after", 0, type=int)

    def work() -> AgreementVersion:
        actor = load_user(current_user.id)
        introduction, _agreement = queries.load(introduction_id, actor)
        said = forms.offer_of(request.form)
        return operations.offer(introduction, said, after=after, actor=actor, now=utcnow())

    try:
        transact(work)
    except (InvalidInput, Conflict) as refusal:
        errors = getattr(refusal, "errors", {"": [str(refusal.message)]})
        introduction, agreement = queries.load(introduction_id, current_user)
        return _show(introduction, agreement, request.form.to_dict(), errors), refusal.status
    flash(_("已提出，待其余各方确认"), "success")
    return redirect(url_for("agreements.show", introduction_id=introduction_id))


@blueprint.post("/<int:introduction_id>/confirm")
@login_required
def confirm(introduction_id: int) -> ResponseReturnValue:
    """Say yes to the latest version."""

    def work() -> None:
        actor = load_user(current_user.id)
        agreement = _existing(queries.load(introduction_id, actor)[1])
        version = request.form.get("version", 0, type=int)
        operations.confirm(agreement, version, actor=actor, now=utcnow())

    transact(work)
    flash(_("已确认"), "success")
    return redirect(url_for("agreements.show", introduction_id=introduction_id))


@blueprint.get("/<int:introduction_id>/entries/<int:position>")
@login_required
def proof(introduction_id: int, position: int) -> ResponseReturnValue:
    """The receipt of a commission's entry, for those whom it concerns."""
    agreement = _existing(queries.load(introduction_id, current_user)[1])
    if not queries.is_entry_of(agreement, position):
        raise NotFound()
    written = BytesIO(verify_proof.written(ledger.receipt(position)))
    name = f"proof-{position}.json"
    return send_file(written, mimetype="application/json", as_attachment=True, download_name=name)


def _existing(agreement: Agreement | None) -> Agreement:
    if agreement is None:
        raise NotFound()
    return agreement


def _show(
    introduction: Introduction,
    agreement: Agreement | None,
    values: dict[str, Any],
    errors: forms.Errors,
) -> str:
    party = queries.party_of(agreement, current_user) if agreement else ""
    page: dict[str, Any] = {"introduction": introduction, "agreement": agreement}
    page |= {"values": values, "errors": errors, "party": party, "party_name": _party_name}
    page["offered_by"] = _offered_by
    page |= {"payers": PAYER_NAMES, "conditions": CONDITION_NAMES, "others": forms.MOST_OTHERS}
    page["state_names"] = STATE_NAMES
    page["may_offer"] = introduction.broker_id is not None and permits(
        current_user, Permission.OFFER_AGREEMENT, introduction
    )
    return render_template("brokers/agreement.html", **page)


def _party_name(introduction: Introduction, version: AgreementVersion, party: str) -> str:
    if party in list(Side):
        side = Side(party)
        return f"{SIDE_NAMES[side]} {name_of(introduction, side, current_user)}"
    names = {f"broker/{row['user_id']}": row["name"] for row in version.shares}
    return _("经纪人 %(name)s", name=names[party])


def _offered_by(introduction: Introduction, version: AgreementVersion) -> str:
    """Who wrote the version; of an anonymous side no person is named before contact either."""
    side = introduction.side_of(version.offered_by.organization_id)
    if side is None or name_is_open(introduction, side, current_user):
        return version.offered_by.display_name
    return str(SIDE_NAMES[side])


def _values(agreement: Agreement | None) -> dict[str, Any]:
    """The next version begins as the last one."""
    if agreement is None:
        return {}
    last = agreement.latest
    values: dict[str, Any] = {"payer": last.payer, "condition": last.condition}
    values |= {"rate": f"{last.rate / 100:g}", "words": last.words}
    values["floor"] = f"{last.floor / 100:.2f}元" if last.floor else ""
    values["cap"] = f"{last.cap / 100:.2f}元" if last.cap is not None else ""
    for n, row in enumerate(last.shares[1:], start=1):
        values |= {f"other{n}": load_user(row["user_id"]).username}
        values |= {f"share{n}": f"{row['share'] / 100:g}"}
    return values
