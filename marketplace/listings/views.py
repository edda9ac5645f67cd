"""Writing, reviewing and importing, for both libraries: the address says which."""

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required

from marketplace.accounts.views import signed_in
from marketplace.database import utcnow
from marketplace.errors import Conflict, InvalidInput
from marketplace.listings import forms, operations, queries, uploads
from marketplace.listings.exporting import template, write_errors
from marketplace.listings.importing import Report, import_rows, read_rows
from marketplace.listings.lifecycle import Action
from marketplace.listings.models import KINDS, LIBRARIES, Listing
from marketplace.permissions import Permission, permits, require, requires
from marketplace.transactions import transact

blueprint = Blueprint("listings", __name__)
MOVED = {
    Action.SUBMIT: _l("已提交审核，通过后公开"),
    Action.RETURN: _l("已退回，对方能看到原因"),
    Action.PUBLISH: _l("已发布"),
    Action.START_TALKS: _l("已进入对接"),
    Action.END_TALKS: _l("对接已结束，重新开放"),
    Action.CONTRACT: _l("已记为签约"),
    Action.SOLVE: _l("已记为解决"),
    Action.CLOSE: _l("已关闭"),
    Action.CONFIRM: _l("有效期已延长"),
    Action.EXPIRE: _l("已设为过期"),
    Action.WITHDRAW: _l("已撤回，不再公开"),
}
LIBRARY = "<any(needs, results):library>"


@blueprint.get("/my")
@login_required
def workbench() -> ResponseReturnValue:
    """Everything one's organisation has written."""
    organization_id = current_user.organization_id or 0
    rows = {kind: queries.of_organization(model, organization_id) for kind, model in KINDS.items()}
    return render_template("listings/workbench.html", rows=rows)


@blueprint.get("/review")
@requires(Permission.REVIEW_LISTING)
def review() -> ResponseReturnValue:
    """What waits to be published, the longest waiting first."""
    rows = [row for model in KINDS.values() for row in queries.awaiting_review(model)]
    rows.sort(key=lambda row: row.updated_at)
    waiting = queries.count_awaiting_review()
    return render_template("listings/review.html", rows=rows, waiting=waiting)


@blueprint.route(f"/{LIBRARY}/new", methods=["GET", "POST"])
@login_required
def new(library: str) -> ResponseReturnValue:
    """A title is enough to begin; the rest is written, and saved, in steps."""
    model = KINDS[LIBRARIES[library]]
    require(current_user, operations.POST[model])
    if request.method == "GET":
        return render_template("listings/new.html", library=library, values={}, errors={})
    values = forms.values_of(model.kind, request.form)
    facts, errors = forms.checked(model.kind, values)
    if errors:
        return render_template(
            "listings/new.html", library=library, values=values, errors=errors
        ), 422
    return _to_edit(
        transact(lambda: operations.create(model, facts, actor=signed_in(), now=utcnow()))
    )


@blueprint.route(f"/{LIBRARY}/<int:listing_id>/edit", methods=["GET", "POST"])
@login_required
def edit(library: str, listing_id: int) -> ResponseReturnValue:
    """The form in steps; what is right is saved as one types, what is not is named."""
    kind = LIBRARIES[library]
    listing = queries.load(kind, listing_id, current_user)
    require(current_user, Permission.EDIT_LISTING, listing)
    if not listing.is_editable:
        flash(_("已提交或已发布的内容不能直接修改，请先撤回"), "info")
        return redirect(url_for("matchmaking.show", library=library, listing_id=listing_id))
    if request.method == "GET":
        return _form(listing, forms.written(listing), {})
    values = forms.values_of(kind, request.form)
    facts, errors = forms.checked(kind, values)
    typing = bool(request.headers.get("HX-Request"))
    if errors and not typing:
        return _form(listing, values, errors), 422
    revision = request.form.get("revision", 0, type=int)
    try:
        saved = transact(lambda: _change(kind, listing_id, facts, revision))
    except Conflict as conflict:
        if typing:
            return render_template(
                "listings/_saved.html", revision=revision, errors={"": [str(conflict.message)]}
            )
        return _form(
            queries.load(kind, listing_id, current_user), values, {"": [str(conflict.message)]}
        ), 409
    if typing:
        labels = forms.labels(kind)
        values = {"revision": saved.revision, "errors": errors, "labels": labels}
        return render_template("listings/_saved.html", **values)
    flash(_("已保存"), "success")
    return redirect(url_for("matchmaking.show", library=library, listing_id=listing_id))


@blueprint.post(f"/{LIBRARY}/<int:listing_id>/move")
@login_required
def move(library: str, listing_id: int) -> ResponseReturnValue:
    """Submit, publish, return, withdraw and so on: one row of the table."""
    name = request.form.get("action", "")
    if name not in list(Action):
        raise InvalidInput({"action": [_("没有这个操作")]})
    reason = request.form.get("reason", "")
    seen = request.form.get("revision", type=int)

    def work() -> None:
        listing = queries.load(LIBRARIES[library], listing_id, signed_in())
        if seen is not None and seen != listing.revision:
            raise Conflict(_("内容在您打开之后已被修改，请刷新页面看过后再操作"))
        operations.move(listing, Action(name), actor=signed_in(), now=utcnow(), reason=reason)

    transact(work)
    flash(str(MOVED[Action(name)]), "success")
    if permits(current_user, Permission.REVIEW_LISTING):
        return redirect(url_for("listings.review"))
    return redirect(url_for("matchmaking.show", library=library, listing_id=listing_id))


@blueprint.post(f"/{LIBRARY}/<int:listing_id>/copy")
@login_required
def copy(library: str, listing_id: int) -> ResponseReturnValue:
    """复制一份."""

    def work() -> Listing:
        listing = queries.load(LIBRARIES[library], listing_id, signed_in())
        return operations.copy(listing, actor=signed_in(), now=utcnow())

    return _to_edit(transact(work))


@blueprint.get(f"/{LIBRARY}/template")
def import_template(library: str) -> ResponseReturnValue:
    """The file to fill in for an import."""
    content = BytesIO(template(LIBRARIES[library]))
    return send_file(content, as_attachment=True, download_name=f"{library}-template.xlsx")


@blueprint.route(f"/{LIBRARY}/import", methods=["GET", "POST"])
@requires(Permission.IMPORT)
def import_listings(library: str) -> ResponseReturnValue:
    """Choose a file; it is checked first, and nothing is written yet."""
    if request.method == "GET":
        return render_template("listings/import.html", library=library, errors={})
    try:
        name = uploads.keep(request.files.get("file"), current_user.id)
        report = _import(library, name, dry_run=True)
    except InvalidInput as refusal:
        page = render_template("listings/import.html", library=library, errors=refusal.errors)
        return page, refusal.status
    return render_template("listings/import_report.html", library=library, name=name, report=report)


@blueprint.post(f"/{LIBRARY}/import/<name>")
@requires(Permission.IMPORT)
def confirm_import(library: str, name: str) -> ResponseReturnValue:
    """The rows that were found good go in, in one transaction."""
    report = _import(library, name, dry_run=False)
    flash(
        _(
            "导入完成：新增%(added)d，更新%(updated)d，未变%(unchanged)d，拒绝%(rejected)d",
            **report.counts,
        ),
        "success",
    )
    values = {"library": library, "name": name, "report": report, "done": True}
    return render_template("listings/import_report.html", **values)


@blueprint.get(f"/{LIBRARY}/import/<name>/errors")
@requires(Permission.IMPORT)
def import_errors(library: str, name: str) -> ResponseReturnValue:
    """The rows that cannot go in, in the file's own format, each with what is wrong."""
    path = uploads.path_of(name, current_user.id)
    report = _import(library, name, dry_run=True)
    content = BytesIO()
    write_errors(content, path.suffix.lstrip("."), report)
    content.seek(0)
    return send_file(content, as_attachment=True, download_name=f"{library}-errors{path.suffix}")


@blueprint.post(f"/{LIBRARY}/submit")
@login_required
def submit_drafts(library: str) -> ResponseReturnValue:
    """Submit every draft of one's organisation, after an import."""
    model = KINDS[LIBRARIES[library]]
    count = transact(lambda: operations.submit_drafts(model, actor=signed_in(), now=utcnow()))
    flash(_("已提交%(count)d条", count=count), "success")
    return redirect(url_for("listings.workbench"))


@blueprint.post("/review/publish")
@requires(Permission.REVIEW_LISTING)
def publish_chosen() -> ResponseReturnValue:
    """Publish the listings that were ticked."""
    keys = request.form.getlist("key")
    if not keys:
        raise InvalidInput({"key": [_("请先勾选要发布的内容")]})
    count = transact(
        lambda: operations.publish(queries.by_keys(keys), actor=signed_in(), now=utcnow())
    )
    flash(_("已发布%(count)d条", count=count), "success")
    return redirect(url_for("listings.review"))


def _import(library: str, name: str, *, dry_run: bool) -> Report:
    """Check or import an upload; it is parsed, and checked, without holding the store's lock."""
    kind = LIBRARIES[library]
    rows = read_rows(kind, uploads.path_of(name, current_user.id))

    def work() -> Report:
        return import_rows(kind, rows, actor=signed_in(), dry_run=dry_run, now=utcnow())

    return work() if dry_run else transact(work)


def _change(kind: str, listing_id: int, facts: dict[str, Any], revision: int) -> Listing:
    listing = queries.load(kind, listing_id, signed_in())
    operations.change(listing, facts, revision=revision, actor=signed_in(), now=utcnow())
    return listing


def _form(listing: Listing, values: dict[str, Any], errors: dict[str, list[str]]) -> str:
    return render_template(
        "listings/edit.html",
        library=listing.library,
        listing=listing,
        values=values,
        errors=errors,
        labels=forms.labels(listing.kind),
    )


def _to_edit(listing: Listing) -> ResponseReturnValue:
    return redirect(url_for("listings.edit", library=listing.library, listing_id=listing.id))
