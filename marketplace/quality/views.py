"""匹配质量, for everybody."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from marketplace.quality import queries

blueprint = Blueprint("quality", __name__)


@blueprint.get("/quality")
def show() -> ResponseReturnValue:
    """The figures of the last evaluation, and how they went from version to version."""
    found = queries.evaluations(current_app.extensions["settings"].figures)
    points = queries.chart(found[0]["reliability"]) if found else []
    sizes = {"side": queries.SIDE, "margin": queries.MARGIN}
    return render_template("quality/show.html", evaluations=found, points=points, **sizes)
