"""The pages of the statistics: what was published for everybody, any table for the authority."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.database import utcnow
from marketplace.errors import InvalidInput, NotFound
from marketplace.ledger.entry import day_of
from marketplace.permissions import Permission, permits, requires
from marketplace.statistics import asking, casework, charts, publications, queries, renderings
from marketplace.statistics.counting import Sorter
from marketplace.statistics.definitions import Basis, current_definitions, targets_of
from marketplace.statistics.documents import document, names_of
from marketplace.statistics.forms import Asked
from marketplace.statistics.operations import publish_month
from marketplace.transactions import transact
from marketplace.working_days import current_calendar

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")
PAGE = 50
#: Where a contract has its page, its number being ``id``.
CONTRACT_PAGE = "contracts.show"


@blueprint.app_template_global()
def wan(fen: int) -> str:
    """万元 with thousands and two decimals, as tables on pages show it."""
    return f"{renderings.wan(fen):,.2f}"


@blueprint.app_template_global()
def per_cent(basis_points: int) -> str:
    """``+12.34%``: the sign says what colour would."""
    return f"{basis_points / 100:+,.2f}%"


@blueprint.get("")
def home() -> ResponseReturnValue:
    """The overview: all tables, what was published, the plan's targets beside the figures."""
    defined, years = current_definitions(), queries.years()
    values: dict[str, Any] = {"tables": defined.tables.values(), "scopes": defined.scopes}
    values |= {"periods": publications.published_periods(), "years": years}
    values |= {"totals": _published_years()}
    if permits(current_user, Permission.SEE_FIGURES) and years:
        moment = asking.as_of("", today=day_of(utcnow()))
        values["months"] = queries.months_of(years[0], moment.size)
        values["monthly"] = charts.months_chart(f"{years[0]}年", values["months"])
        values["closable"] = _month_before(day_of(utcnow()))
    return render_template("statistics/home.html", **values)


def _month_before(day: date) -> str:
    return (day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _published_years() -> list[dict[str, Any]]:
    """The total of every published year, with the plan's target where there is one."""
    found = []
    for key, label in publications.published_periods():
        if key.isdigit():
            total = renderings.read(publications.published("T1", key).content)
            targets = [t for t in targets_of([int(key)]) if t.basis == Basis.REGISTERED]
            row = total["parts"][0]["rows"][0]
            found.append({"key": key, "label": label, "row": row, "targets": targets})
    known = {row["key"] for row in found}
    waiting = [t for t in current_definitions().targets if str(t.year) not in known]
    return found + [
        {"key": str(t.year), "label": f"{t.year}年", "row": None, "targets": [t]} for t in waiting
    ]


@blueprint.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """One table: as it was published, or counted now for those who may see every figure."""
    table = current_definitions().table(key)
    if not _counts_now():
        return _show_published(table.id)
    asked = Asked.of(request.args, (queries.years() or [day_of(utcnow()).year])[0])
    try:
        selection = asked.selection(table.id, today=day_of(utcnow()))
    except InvalidInput as refusal:
        values = {"table": table, "asked": asked, "errors": refusal.errors, "document": None}
        return render_template("statistics/show.html", **_selectors(), **values), 422
    made = document(selection)
    if form := _form_of_file():
        return _file(made, selection.period.key, form)
    values = {"table": table, "asked": asked, "errors": {}, "document": made, "live": True}
    values |= {"charts": charts.charts_of(made), "address": asked.address()}
    if table.id == "T14":
        days = (selection.seen.first, selection.seen.last)
        values["casework"] = casework.casework(*days, current_calendar())
    return render_template("statistics/show.html", **_selectors(), **values)


def _counts_now() -> bool:
    return "period" not in request.args and permits(current_user, Permission.SEE_FIGURES)


def _selectors() -> dict[str, Any]:
    defined = current_definitions()
    return {
        "periods": publications.published_periods(),
        "years": queries.years(),
        "scopes": defined.scopes,
        "units": queries.units(),
        "region": defined.region,
        "region_name": defined.region_name,
    }


def _show_published(key: str) -> ResponseReturnValue:
    periods = publications.published_periods()
    chosen = request.args.get("period") or (periods[0][0] if periods else "")
    table = current_definitions().table(key)
    if not periods and not request.args.get("period"):
        return render_template("statistics/show.html", table=table, document=None, periods=[])
    row = publications.published(key, chosen)
    made = renderings.read(row.content)
    if form := _form_of_file():
        return _file(made, row.period, form)
    values: dict[str, Any] = {"table": table, "document": made, "published": row, "live": False}
    values |= {"charts": charts.charts_of(made), "address": {"period": row.period}}
    values |= {"periods": periods}
    values["revisions"] = queries.revisions(row.first, row.last, row.size)
    return render_template("statistics/show.html", **values)


def _form_of_file() -> str:
    form = request.args.get("format", "")
    if form and form not in renderings.RENDERINGS:
        raise NotFound(_("可下载 xlsx、csv 或 json"))
    return form


def _file(made: dict[str, Any], period: str, form: str) -> ResponseReturnValue:
    render, mimetype = renderings.RENDERINGS[form]
    name = f"{renderings.name_of(made, period)}.{form}"
    return send_file(BytesIO(render(made)), mimetype, as_attachment=True, download_name=name)


@blueprint.get("/<key>/entries")
@requires(Permission.SEE_FIGURES)
def entries(key: str) -> ResponseReturnValue:
    """The entries behind one figure, each with its place in the ledger and its contract."""
    asked = Asked.of(request.args, (queries.years() or [day_of(utcnow()).year])[0])
    selection = asked.selection(key, today=day_of(utcnow()))
    number = request.args.get("part", 0, type=int)
    if not 0 <= number < len(selection.table.parts):
        raise NotFound(_("没有这个数字"))
    sorter = Sorter(selection.table.parts[number], queries.names_for(selection))
    cell = tuple(request.args.getlist("cell"))
    positions = queries.entries_behind(selection, sorter, cell)
    page = max(request.args.get("page", 1, type=int), 1)
    shown = queries.entries_at(positions[(page - 1) * PAGE : page * PAGE])
    values: dict[str, Any] = {"selection": selection, "cell": cell, "count": len(positions)}
    values |= {"entries": shown, "page": page, "pages": max(-(-len(positions) // PAGE), 1)}
    values |= {"address": asked.address() | {"part": number, "cell": list(cell)}}
    values |= {"back": asked.address(), "names": names_of(cell, sorter)}
    if CONTRACT_PAGE in current_app.view_functions:
        values["contract_page"] = CONTRACT_PAGE
    return render_template("statistics/entries.html", **values)


@blueprint.post("/publish")
@requires(Permission.PUBLISH_STATISTICS)
def publish() -> ResponseReturnValue:
    """Give a month's tables out and close the month."""
    month, actor = request.form.get("month", "").strip(), current_user._get_current_object()
    made = transact(
        lambda: publish_month(month, respondents=casework.respondents(), actor=actor, now=utcnow())
    )
    flash(
        _("已发布 %(count)d 张表，%(month)s 已关账", count=len(made), month=month)
        if made
        else _("%(month)s 以前已发布，未作改动", month=month),
        "success",
    )
    return redirect(url_for("statistics.home"), 303)
