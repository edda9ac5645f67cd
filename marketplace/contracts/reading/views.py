"""Pages on which a contract is read: the text with every value marked, and the draft made of it."""

from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace import files
from marketplace.accounts.operations import load_user
from marketplace.contracts import drafts, queries
from marketplace.contracts.reading import documents, drafting, marks
from marketplace.contracts.reading.installation import current_reader
from marketplace.database import utcnow
from marketplace.errors import InvalidInput, NotFound
from marketplace.listings import uploads
from marketplace.permissions import Permission, requires
from marketplace.rules import Rules, current_rules
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("reading", __name__, url_prefix="/contracts")


@blueprint.get("/read")
@requires(Permission.POST_CONTRACT)
def begin() -> ResponseReturnValue:
    """Choose a file or paste the text."""
    return render_template("contracts/read.html", values={}, errors={})


@blueprint.post("/read")
@requires(Permission.POST_CONTRACT)
def upload() -> ResponseReturnValue:
    """Keep what was given for a day, and show what it says; what cannot be read is said."""
    try:
        name, content = _given()
        documents.text_of(content, name)
    except InvalidInput as refusal:
        page = {"values": request.form, "errors": refusal.errors}
        return render_template("contracts/read.html", **page), refusal.status
    ending = Path(name).suffix.lower().lstrip(".")
    kept = uploads.keep_content(content, ending, current_user.id)
    return redirect(url_for("reading.show", name=kept, called=name))


def _given() -> tuple[str, bytes]:
    chosen, text = request.files.get("file"), request.form.get("text", "")
    if chosen is not None and chosen.filename:
        return Path(chosen.filename).name[-120:], chosen.read()
    if not text.strip():
        raise InvalidInput({"file": [_("请选择一个文件，或粘贴合同文字")]})
    return _("粘贴的合同文本") + ".txt", text.encode("utf-8")


@blueprint.get("/read/<name>")
@requires(Permission.POST_CONTRACT)
def show(name: str) -> ResponseReturnValue:
    """The reading beside the text; each value is confirmed by whoever makes the draft."""
    return _page(_paper(name), {}, {}, name=name)


@blueprint.post("/read/<name>")
@requires(Permission.POST_CONTRACT)
def draft(name: str) -> ResponseReturnValue:
    """The confirmed values become a draft with the file attached; errors lose nothing typed."""
    paper, form = _paper(name), request.form
    try:
        contract = transact(
            lambda: drafting.draft(form, paper, actor=load_user(current_user.id), now=utcnow())
        )
    except InvalidInput as refusal:
        return _page(paper, form, refusal.errors, name=name), refusal.status
    flash(_("已按确认的内容建立草稿，合同文本已作为附件保存"), "success")
    return redirect(url_for("contracts.edit", contract_id=contract.id))


@blueprint.get("/<int:contract_id>/files/<int:file_id>/read")
@login_required
def attached(contract_id: int, file_id: int) -> ResponseReturnValue:
    """A file of a case, read for whoever may see the case; nothing is filled in."""
    contract = queries.load(contract_id, current_user)
    found = [paper for paper in contract.attachments if paper.id == file_id]
    if not found:
        raise NotFound(_("附件不存在或已按规定移除"))
    content = files.path_of(found[0].digest).read_bytes()
    return _page(drafting.Paper(found[0].name, content), {}, {}, contract=contract)


def _paper(name: str) -> drafting.Paper:
    path = uploads.path_of(name, current_user.id)
    called = Path(request.values.get("called", "")).name[-120:]
    suits = Path(called).suffix.lower() == path.suffix
    return drafting.Paper(called if suits else f"contract{path.suffix}", path.read_bytes())


def _page(paper: drafting.Paper, typed: Any, errors: dict[str, list[str]], **page: Any) -> str:
    reading = current_reader().read(documents.text_of(paper.content, paper.name))
    values, day = marks.values_of(reading), local_day(utcnow())
    grounds = {code: text for rules in current_rules() for code, text in rules.grounds.items()}
    begun = drafts.begin({}, current_user, day) if "name" in page else None
    return render_template(
        "contracts/reading.html",
        reading=reading,
        values=values,
        pieces=marks.pieces_of(reading.text, values),
        grounds=grounds,
        rules=Rules.in_force(day),
        typed=typed,
        confirmed=typed.getlist(drafting.CONFIRMED) if typed else [],
        errors=errors,
        called=paper.name,
        begun=begun,
        **page,
    )
