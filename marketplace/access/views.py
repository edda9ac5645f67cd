"""Error pages that leave a trace: what a signed-in person may not see, or may not do."""

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace.access import operations
from marketplace.database import utcnow
from marketplace.errors import Forbidden, Hidden, MarketplaceError
from marketplace.pages import show_error
from marketplace.transactions import transact

LONGEST_ADDRESS = 200


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
    app.register_error_handler(Forbidden, show_refusal)
    app.register_error_handler(Hidden, show_refusal)
