"""The one tree of errors, and what each means in HTTP."""

from flask_babel import lazy_gettext as _l


class MarketplaceError(Exception):
    """Base of all; ``message`` is in the user's words and names the remedy."""

    status = 400

    def __init__(self, message: object = "") -> None:
        super().__init__(message)
        self.message = message


class NotFound(MarketplaceError):
    """Raised by queries: there is no such thing, or the asker may not know of it."""

    status = 404


class Hidden(NotFound):
    """Raised by queries: there is such a thing, and the asker may not know of it.

    Shown exactly as :class:`NotFound`; only the audit tells them apart.
    """


class Forbidden(MarketplaceError):
    """Raised by ``permissions.require``: the actor may not do this."""

    status = 403


class IllegalMove(MarketplaceError):
    """Raised by a lifecycle: no row of its table has this state and action."""

    status = 409


class GuardFailed(MarketplaceError):
    """Raised by a lifecycle: the move exists, but a condition named in ``message`` does not hold.

    ``errors`` maps fields to what is wrong with each, where the condition is about fields.
    """

    status = 409

    def __init__(self, message: object, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or {}


class Conflict(MarketplaceError):
    """Raised by operations: somebody else changed the record since it was read."""

    status = 409


class InvalidInput(MarketplaceError):
    """Raised by forms and importers; ``errors`` maps a field to its messages."""

    status = 422

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(_l("填写的内容有误，请按提示修改"))
        self.errors = errors
