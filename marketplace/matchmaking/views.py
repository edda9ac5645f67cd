"""What everybody sees: home, search, the lists, a listing with its matches; and 今日推荐."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from marketplace.accounts.operations import load_organization, load_user
from marketplace.database import utcnow
from marketplace.errors import Forbidden, InvalidInput
from marketplace.likeness import queries as likeness
from marketplace.listings import forms
from marketplace.listings import queries as listings
from marketplace.listings.exporting import FORMATS, export
from marketplace.listings.lifecycle import LISTING
from marketplace.listings.models import KINDS, LIBRARIES, OTHER
from marketplace.listings.rights import write_rights
from marketplace.listings.views import LIBRARY
from marketplace.matchmaking import operations, queries
from marketplace.pages import page
from marketplace.permissions import Permission, permits, requires
from marketplace.transactions import transact

blueprint = Blueprint("matchmaking", __name__)
TEXT_LIMIT = 5_000
EXPORT_LIMIT = 50_000
NAMES = {"needs": "技术需求", "results": "科技成果"}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Search, counts, fields, and the newest of both libraries."""
    newest = {kind: listings.latest(kind, 6) for kind in KINDS}
    return render_template("matchmaking/home.html", counts=listings.count_public(), newest=newest)


@blueprint.route("/match", methods=["GET", "POST"])
def match_text() -> ResponseReturnValue:
    """Both libraries ranked for a pasted text; a POST because a text may be long."""
    text = request.values.get("text", "")[:TEXT_LIMIT]
    found = {kind: queries.matches_of_text(text, kind) for kind in KINDS} if text.strip() else {}
    empty = request.method == "POST" and not found
    values = {"text": text, "found": found, "empty": empty}
    return page("matchmaking/match_text.html", fragment="matchmaking/_found.html", **values)


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """The box of the home page: to the list of the library chosen there."""
    library = "needs" if request.args.get("library") == "needs" else "results"
    return redirect(
        url_for("matchmaking.browse", library=library, q=request.args.get("q", "").strip())
    )


@blueprint.get(f"/{LIBRARY}")
def browse(library: str) -> ResponseReturnValue:
    """Search and facets over one public library."""
    conditions = _conditions(LIBRARIES[library])
    called = listings.public_number(conditions.text)
    if called is not None:
        address = url_for("matchmaking.show", library=called.library, listing_id=called.id)
        return redirect(address)
    ranked, complete = _ranked(conditions)
    found = listings.browse(conditions, ranked, queries.spoken_of(conditions, ranked))
    values: dict[str, Any] = {"library": library, "conditions": conditions, "found": found}
    values |= {
        "complete": complete,
        "formats": FORMATS,
        "searched": queries.words_of(conditions.text),
    }
    values["cut"] = len(ranked or ()) >= queries.MOST_FOUND
    values["shown"] = {**conditions.chosen, "q": conditions.text, "order": conditions.order}
    return page("listings/browse.html", fragment="listings/_cards.html", **values)


@blueprint.get(f"/{LIBRARY}/<int:listing_id>")
def show(library: str, listing_id: int) -> ResponseReturnValue:
    """One listing, the ranked other side, and similar ones."""
    listing = listings.load(LIBRARIES[library], listing_id, current_user)
    steps = LISTING.moves_from(listing.state)
    where = _conditions(OTHER[listing.kind]).chosen
    return render_template(
        "listings/show.html",
        library=library,
        listing=listing,
        moves=[step for step in steps if permits(current_user, step.permission, listing)],
        where=where,
        rights=write_rights,
        matching=queries.matches_of(listing, where),
        similar=queries.similar_to(listing),
        common=likeness.group_of(listing),
        confidential=permits(current_user, Permission.SEE_CONFIDENTIAL, listing),
    )


@blueprint.get(f"/{LIBRARY}/export")
def export_listings(library: str) -> ResponseReturnValue:
    """当前筛选结果, or with no condition 全部, as a file."""
    form = request.args.get("format", "xlsx")
    if form not in FORMATS:
        raise InvalidInput({"format": [_("只能导出 xlsx、csv 或 jsonl")]})
    conditions = _conditions(LIBRARIES[library])
    ranked, _complete = _ranked(conditions)
    spoken = queries.spoken_of(conditions, ranked)
    rows = listings.everything(conditions, ranked, EXPORT_LIMIT, spoken)
    content = BytesIO()
    export(LIBRARIES[library], rows, content, form)
    content.seek(0)
    return send_file(
        content, as_attachment=True, download_name=f"{NAMES[library]}-{utcnow():%Y%m%d}.{form}"
    )


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """How many needs and results stand in the public libraries."""
    counts = listings.count_public()
    return jsonify(status="ok", needs=counts["need"], results=counts["result"])


def _conditions(kind: str) -> listings.Conditions:
    return queries.known(forms.conditions_of(kind, request.args))


def _ranked(conditions: listings.Conditions) -> tuple[list[int] | None, bool]:
    if not conditions.text:
        return None, True
    return queries.search(conditions.kind, conditions.text)


@blueprint.get("/my/today")
@login_required
def today() -> ResponseReturnValue:
    """What is recommended to each of one's organisation's open listings, made in the background."""
    values: dict[str, Any] = {"run": queries.latest_run()}
    values["recommended"] = queries.recommended_to(current_user.organization_id or 0)
    values |= {
        "usual": operations.USUAL_LIMITS,
        "largest": operations.LARGEST_LIMIT,
    }
    return render_template("matchmaking/today.html", **values)


@blueprint.post(f"/{LIBRARY}/<int:listing_id>/limit")
@login_required
def set_limit(library: str, listing_id: int) -> ResponseReturnValue:
    """Say how many contacts one listing can take; its text and review stay as they are."""
    limit = _limit()

    def work() -> None:
        actor = load_user(current_user.id)
        listing = listings.load(LIBRARIES[library], listing_id, actor)
        operations.set_limit(listing, limit, actor=actor, now=utcnow())

    return _limit_set(work)


@blueprint.post("/my/limit")
@login_required
def set_limit_of_organization() -> ResponseReturnValue:
    """Say how many contacts one's organisation can take over all its listings."""
    if current_user.organization_id is None:
        raise Forbidden(_("您没有进行此操作的权限"))
    limit = _limit()

    def work() -> None:
        actor = load_user(current_user.id)
        organization = load_organization(actor.organization_id or 0)
        operations.set_limit(organization, limit, actor=actor, now=utcnow())

    return _limit_set(work)


@blueprint.get("/operator/fairness")
@requires(Permission.REVIEW_LISTING)
def fairness() -> ResponseReturnValue:
    """How evenly the recommendations reach people, before and after limits were kept."""
    return render_template("matchmaking/fairness.html", runs=queries.past_runs())


def _limit() -> int | None:
    text = request.form.get("limit", "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4:
        raise InvalidInput({"limit": [_("可承接对接数应为整数，留空则按惯例")]})
    return int(text)


def _limit_set(work: Callable[[], None]) -> ResponseReturnValue:
    transact(work)
    flash(_("可承接对接数已保存，明天的推荐照此安排"), "success")
    return redirect(url_for("matchmaking.today"))
