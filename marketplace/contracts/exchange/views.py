"""Pages that bring contracts in from a file and take them out."""

from io import BytesIO

from flask import Blueprint, flash, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_user
from marketplace.contracts.exchange.exporting import export, template
from marketplace.contracts.exchange.importing import import_rows, read_rows
from marketplace.contracts.office.queries import everything
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.listings import uploads
from marketplace.listings.exporting import write_errors
from marketplace.listings.importing import Report
from marketplace.listings.sheets import FORMATS
from marketplace.permissions import Permission, requires
from marketplace.rules import Rules
from marketplace.transactions import transact
from marketplace.working_days import local_day

blueprint = Blueprint("exchange", __name__, url_prefix="/contracts")


@blueprint.get("/template")
@requires(Permission.POST_CONTRACT)
def import_template() -> ResponseReturnValue:
    """The file to fill in."""
    content = BytesIO(template(Rules.in_force(local_day(utcnow()))))
    return send_file(content, as_attachment=True, download_name="contracts-template.xlsx")


@blueprint.get("/export")
@login_required
def export_contracts() -> ResponseReturnValue:
    """Every contract that the user may see, as a file."""
    form = request.args.get("format", "xlsx")
    if form not in FORMATS:
        raise InvalidInput({"format": [_("只能导出为 xlsx、csv 或 jsonl")]})
    content, day = BytesIO(), local_day(utcnow())
    export(everything(current_user), content, form, user=current_user, day=day)
    content.seek(0)
    return send_file(content, as_attachment=True, download_name=f"contracts.{form}")


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.POST_CONTRACT)
def import_contracts() -> ResponseReturnValue:
    """Choose a file; it is checked first, and nothing is written yet."""
    if request.method == "GET":
        return render_template("contracts/import.html", errors={})
    try:
        name = uploads.keep(request.files.get("file"), current_user.id)
        report = _import(name, dry_run=True)
    except InvalidInput as refusal:
        return render_template("contracts/import.html", errors=refusal.errors), refusal.status
    return render_template("contracts/import_report.html", name=name, report=report, done=False)


@blueprint.post("/import/<name>")
@requires(Permission.POST_CONTRACT)
def confirm_import(name: str) -> ResponseReturnValue:
    """The rows that were found good become drafts, in one transaction."""
    report = _import(name, dry_run=False)
    text = _(
        "导入完成：新增%(added)d，更新%(updated)d，未变%(unchanged)d，拒绝%(rejected)d",
        **report.counts,
    )
    flash(text, "success")
    return render_template("contracts/import_report.html", name=name, report=report, done=True)


@blueprint.get("/import/<name>/errors")
@requires(Permission.POST_CONTRACT)
def import_errors(name: str) -> ResponseReturnValue:
    """The rows that cannot go in, in the file's own format, each with what is wrong."""
    path = uploads.path_of(name, current_user.id)
    content = BytesIO()
    write_errors(content, path.suffix.lstrip("."), _import(name, dry_run=True))
    content.seek(0)
    return send_file(content, as_attachment=True, download_name=f"contracts-errors{path.suffix}")


def _import(name: str, *, dry_run: bool) -> Report:
    """Check or import an upload; it is parsed without holding the store's lock."""
    rows = read_rows(uploads.path_of(name, current_user.id))

    def work() -> Report:
        actor = load_user(current_user.id)
        return import_rows(rows, actor=actor, dry_run=dry_run, now=utcnow())

    return work() if dry_run else transact(work)
