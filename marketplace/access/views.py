"""Error pages that leave a trace, of what a signed-in person may not see or do; the traces."""

from flask import Blueprint, Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.access import operations, queries
from marketplace.database import utcnow
from marketplace.errors import Forbidden, Hidden, MarketplaceError
from marketplace.pages import page_asked, show_error
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact

blueprint = Blueprint("access", __name__)
LONGEST_ADDRESS = 200


@blueprint.get("/operator/refusals")
@requires(Permission.MANAGE_USERS)
def refusals() -> ResponseReturnValue:
    """访问被拒: who reached for what is others', when, and how often."""
    page, rows = queries.refusals(page_asked(), now=utcnow())
    return render_template("access/refusals.html", page=page, rows=rows)


def show_refusal(error: MarketplaceError) -> ResponseReturnValue:
    """The same page as ever; who asked, and for what, goes into the audit."""
    if current_user.is_authenticated:
        actor, now, address = current_user._get_current_object(), utcnow(), request.path
        asked = (address[:LONGEST_ADDRESS], request.method)
        if operations.is_news(actor, *asked, now=now):
            transact(lambda: operations.note_refusal(actor, *asked, now=now))
    return show_error(error)


def init_app(app: Flask) -> None:
    """Register the page; what does not exist at all leaves no trace."""
    app.register_blueprint(blueprint)
    app.register_error_handler(Forbidden, show_refusal)
    app.register_error_handler(Hidden, show_refusal)
