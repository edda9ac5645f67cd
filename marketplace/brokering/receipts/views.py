"""The receipt of an introduction: a page, its proof, and the values that open it."""

from io import BytesIO

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from marketplace.brokering.receipts import queries
from marketplace.brokering.states import STATE_NAMES
from marketplace.ledger import queries as ledger
from marketplace.ledger import verify_proof

blueprint = Blueprint(
    "introduction_receipts", __name__, url_prefix="/introductions/<int:introduction_id>/receipt"
)


@blueprint.get("")
@login_required
def show(introduction_id: int) -> ResponseReturnValue:
    """Who introduced whom to whom on which day, and where the proof is."""
    receipt = queries.load(introduction_id, current_user)
    values = {"introduction": receipt.introduction, "receipt": receipt}
    return render_template("introductions/receipt.html", state_names=STATE_NAMES, **values)


@blueprint.get("/proof.json")
@login_required
def proof(introduction_id: int) -> ResponseReturnValue:
    """The proof as ``shuangku ledger prove`` writes it: ``verify_proof.py`` checks it alone."""
    receipt = queries.load(introduction_id, current_user)
    document = ledger.receipt(receipt.entry.position, receipt.head)
    return _file(verify_proof.written(document), f"{receipt.introduction.number}-proof.json")


@blueprint.get("/opened.json")
@login_required
def opened(introduction_id: int) -> ResponseReturnValue:
    """Names and salts behind the entry's commitments: whoever has them can show them to others."""
    receipt = queries.load(introduction_id, current_user)
    content = verify_proof.written(receipt.openings())
    return _file(content, f"{receipt.introduction.number}-opened.json")


def _file(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), "application/json", as_attachment=True, download_name=name)
