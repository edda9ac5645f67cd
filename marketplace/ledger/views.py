"""The public pages of the ledger: its head, its entries, their proofs, and the check of a proof."""

import re
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.ledger import queries, verify_proof
from marketplace.ledger.entry import RESERVED
from marketplace.ledger.models import LedgerHead
from marketplace.ledger.signing import current_signer
from marketplace.permissions import Permission, requires

blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")
SHOWN = 12
LARGEST_PROOF = 256 * 1024


@blueprint.get("")
def home() -> ResponseReturnValue:
    """The latest head, how to check a proof oneself, and the last entries."""
    wanted = request.args.get("q", "").strip()
    if wanted:
        return redirect(url_for("ledger.show", position=_position_of(wanted)))
    values: dict[str, Any] = {"head": queries.latest_head(), "size": queries.size()}
    values["reserved"] = RESERVED
    values |= {"entries": queries.latest(SHOWN), "fingerprint": current_signer().fingerprint}
    return render_template("ledger/home.html", **values)


def _position_of(wanted: str) -> int:
    """The entry that was asked for by 登记编号 or by its position."""
    if re.fullmatch(r"[0-9]{16}", wanted):
        return queries.entry_of_number(wanted).position
    if not re.fullmatch(r"[0-9]{1,15}", wanted):
        raise NotFound(_("请输入 16 位登记编号或台账序号"))
    return queries.load(int(wanted)).position


@blueprint.get("/<int:position>")
def show(position: int) -> ResponseReturnValue:
    """One entry: that it is there, its hash and its kind; its sums for those who may see them."""
    entry, head = queries.load(position), queries.latest_head()
    values = {"entry": entry, "said": entry.envelope, "facts": entry.facts, "head": head}
    values["covered"] = head is not None and head.size > position
    values["reserved"] = entry.kind in RESERVED
    values["is_last"] = position == queries.size() - 1
    return render_template("ledger/show.html", **values)


@blueprint.get("/<int:position>/proof")
@requires(Permission.SEE_ENTRY)
def proof(position: int) -> ResponseReturnValue:
    """The receipt of an entry, as a file; it holds the sums. Parties have it in their certificate.

    Of a commission they have it on the agreement's page.
    """
    if queries.load(position).kind in RESERVED:
        raise Forbidden(_("这一条只向当事各方出示，请在中介协议页面下载证明"))
    return _file(verify_proof.written(queries.receipt(position)), f"proof-{position}.json")


@blueprint.get("/head.json")
def head_file() -> ResponseReturnValue:
    """The latest head with the key that signed it, as a file to keep."""
    head = _signed_head()
    return _file(verify_proof.written(queries.head_file(head)), f"head-{head.size}.json")


@blueprint.get("/checkpoint")
def checkpoint() -> ResponseReturnValue:
    """The latest head as other logs and witnesses read it."""
    return _signed_head().note, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/consistency")
def consistency() -> ResponseReturnValue:
    """The proof that the latest head extends the one of ``old`` entries."""
    older = queries.head_of_size(request.args.get("old", -1, type=int))
    newer = _signed_head()
    document = queries.consistency(verify_proof.read_head(older.note), newer)
    return _file(verify_proof.written(document), f"consistency-{older.size}-{newer.size}.json")


@blueprint.get("/verify_proof.py")
def checker() -> ResponseReturnValue:
    """The program with which anybody checks a proof."""
    return _file(Path(verify_proof.__file__).read_bytes(), "verify_proof.py", "text/x-python")


@blueprint.route("/check", methods=["GET", "POST"])
def check() -> ResponseReturnValue:
    """The check of an uploaded proof; nothing of it is kept."""
    if request.method == "GET":
        return render_template("ledger/check.html", errors={}, answers=None)
    try:
        data, kept = _uploaded("proof"), _uploaded("head")
        if data is None:
            raise InvalidInput({"proof": [_("请先选择一个文件")]})
        answers, sound = queries.check_file(data, kept, current_signer())
    except InvalidInput as refusal:
        return render_template("ledger/check.html", errors=refusal.errors, answers=None), 422
    except verify_proof.Refused as fault:
        errors = {"proof": [_in_one_language(str(fault))]}
        return render_template("ledger/check.html", errors=errors, answers=None), 422
    said = {q: (state, _in_one_language(reason)) for q, (state, reason) in answers.items()}
    return render_template("ledger/check.html", errors={}, answers=said, sound=sound)


def _uploaded(name: str) -> bytes | None:
    upload: FileStorage | None = request.files.get(name)
    if upload is None or not upload.filename:
        return None
    with closing(upload):  # a large one lies in a file until then
        data = upload.read(LARGEST_PROOF + 1)
    if len(data) > LARGEST_PROOF:
        raise InvalidInput({name: [_("证明文件不会大于 256 KB")]})
    return data


def _in_one_language(reason: str) -> str:
    """A reason of ``verify_proof`` is said twice: in Chinese · in English."""
    chinese, _dot, english = reason.partition(" · ")
    return english if english and get_locale().language != "zh" else chinese


def _signed_head() -> LedgerHead:
    head = queries.latest_head()
    if head is None:
        raise NotFound(_("台账还没有签署树头，请稍后再试"))
    return head


def _file(data: bytes, name: str, mimetype: str = "application/json") -> ResponseReturnValue:
    return send_file(BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)
