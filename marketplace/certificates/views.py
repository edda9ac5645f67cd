"""The public verification pages, and the page where holders take certificates and ask for lists."""

import hashlib
from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.certificates import operations, queries, verification
from marketplace.certificates.check_code import grouped
from marketplace.certificates.forms import Question, uploaded_pdf
from marketplace.certificates.models import RegistrationList
from marketplace.certificates.pdf import PROOF, attachments_of
from marketplace.database import utcnow
from marketplace.errors import InvalidInput, NotFound
from marketplace.extensions import limiter
from marketplace.ledger.signing import current_signer
from marketplace.pages import page_asked
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("certificates", __name__)
PAGE_SIZE = 50
SHOWN_LISTS = 50
#: Guessing a code of 60 bits is hopeless at any rate; this keeps machines from walking the numbers.
LOOKUPS = "30 per minute"
UPLOADS = "10 per minute"


@blueprint.route("/verify", methods=["GET", "POST"])
@limiter.limit(LOOKUPS, methods=["POST"])
def verify() -> ResponseReturnValue:
    """Ask for a number and a code; the answer has an address of its own."""
    if request.method == "GET":
        return _ask({}, {})
    typed = {name: request.form.get(name, "") for name in ("number", "code")}
    try:
        question = Question.from_text(**typed)
    except InvalidInput as refusal:
        return _ask(typed, refusal.errors), 422
    return redirect(url_for("certificates.answer", number=question.number, c=question.code), 303)


@blueprint.get("/verify/<number>")
@limiter.limit(LOOKUPS)
def answer(number: str) -> ResponseReturnValue:
    """What a certificate or list is worth now, to whoever has its code; nothing without it."""
    typed = {"number": number[:20], "code": request.args.get("c", "")}
    if not typed["code"]:
        return _ask(typed, {})
    try:
        question = Question.from_text(**typed)
        version = request.args.get("v", type=int)
        issued = queries.by_code(question.number, question.code, version)
    except InvalidInput as refusal:
        return _ask(typed, refusal.errors), 422
    except NotFound as refusal:
        return _ask(typed, {"number": [str(refusal.message)]}), 404
    return _show(verification.about(issued))


@blueprint.post("/verify/file")
@limiter.limit(UPLOADS)
def check_file() -> ResponseReturnValue:
    """Whether an uploaded file is the one that was issued, and what its proof says; nothing is kept."""
    try:
        content = uploaded_pdf(request.files.get("file"))
        checked = verification.of_file(content, current_signer())
    except InvalidInput as refusal:
        return _ask({}, refusal.errors), 422
    if checked is None:
        digest = hashlib.sha256(content).hexdigest()
        return render_template("certificates/refused.html", digest=digest), 422
    return _show(checked)


def _ask(typed: dict[str, Any], errors: dict[str, list[str]]) -> str:
    return render_template("certificates/verify.html", values=typed, errors=errors)


def _show(checked: verification.Verified) -> str:
    template = "list_answer" if checked.is_list else "answer"
    values = {"checked": checked, "names": queries.STANDING_NAMES, "grouped": grouped}
    return render_template(f"certificates/{template}.html", **values)


@blueprint.get("/certificates")
@login_required
def home() -> ResponseReturnValue:
    """The certificates that the user may take, and the lists."""
    page = page_asked()
    number = request.args.get("number", "")
    found = queries.holdings(current_user, page=page, size=PAGE_SIZE, number=number)
    values = {"holdings": found[:PAGE_SIZE], "page": page, "more": len(found) > PAGE_SIZE}
    lists = queries.lists_of(current_user, limit=SHOWN_LISTS)
    values |= {"lists": [(one, queries.standing_of_list(one)) for one in lists]}
    values |= {"names": queries.STANDING_NAMES, "today": local_day(utcnow())}
    return render_template("certificates/home.html", **values)


@blueprint.get("/certificates/<number>/<int:version>.pdf")
@login_required
def download(number: str, version: int) -> ResponseReturnValue:
    """The file of a certificate, as issued."""
    issued = queries.load(number, version, current_user)
    return _file(queries.file_of(issued), f"{issued.contract.local_no}-v{version}.pdf")


@blueprint.get("/certificates/<number>/<int:version>.json")
@login_required
def download_proof(number: str, version: int) -> ResponseReturnValue:
    """The receipt of a certificate's entry, as it is inside the file."""
    issued = queries.load(number, version, current_user)
    receipt = attachments_of(queries.file_of(issued))[f"{PROOF}.json"]
    return _file(receipt, f"{issued.contract.local_no}-v{version}-proof.json", "application/json")


@blueprint.post("/certificates/lists")
@login_required
def ask_list() -> ResponseReturnValue:
    """Ask for a list of the chosen contracts."""
    numbers = request.form.getlist("number")
    asked = transact(lambda: operations.ask_list(numbers, actor=current_user, now=utcnow()).number)
    flash(_("清单 %(number)s 正在生成，稍后刷新本页即可下载", number=asked), "success")
    return redirect(url_for("certificates.home"), 303)


@blueprint.get("/certificates/lists/<number>.pdf")
@login_required
def download_list(number: str) -> ResponseReturnValue:
    """The file of a list, as issued."""
    issued: RegistrationList = queries.load_list(number, current_user)
    return _file(queries.file_of(issued), f"{issued.number}.pdf")


def _file(content: bytes, name: str, mimetype: str = "application/pdf") -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=mimetype, as_attachment=True, download_name=name)
