"""The home page, matches for any text, and the answer to a health check."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from marketplace.listings import queries as listings
from marketplace.listings.models import KINDS
from marketplace.matchmaking import queries
from marketplace.pages import page

blueprint = Blueprint("matchmaking", __name__)
TEXT_LIMIT = 5000


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
    values = {"text": text, "found": found}
    return page("matchmaking/match_text.html", fragment="matchmaking/_found.html", **values)


@blueprint.get("/healthz")
def health() -> ResponseReturnValue:
    """How many needs and results stand in the public libraries."""
    counts = listings.count_public()
    return jsonify(status="ok", needs=counts["need"], results=counts["result"])
