"""Who may do what: one table. Predicates read attributes and import no feature.

``permits`` is ``any(all(…))`` with no exception handling: a broken predicate is a failure,
not a refusal.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.errors import Forbidden


class Role(StrEnum):
    """What a person does here."""

    VISITOR = "visitor"
    ENTERPRISE = "enterprise"
    INSTITUTE = "institute"
    BROKER = "broker"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    OPERATOR = "operator"


class Permission(StrEnum):
    """One thing that may be allowed."""

    POST_NEED = "post_need"  # write down a need of one's own organisation
    POST_RESULT = "post_result"  # write down a result of one's own organisation
    EDIT_LISTING = "edit_listing"  # change, submit, withdraw, confirm one's own listing
    SET_LIMIT = "set_limit"  # say how many contacts one's listings and organisation can take
    REVIEW_LISTING = "review_listing"  # publish, return or close anybody's listing
    SEE_LISTING = "see_listing"  # see a listing that is not public
    SEE_SIGNED_IN = "see_signed_in"  # see what is shown to signed-in users
    SEE_CONFIDENTIAL = "see_confidential"  # see what is shown only after agreement
    IMPORT = "import"  # bring listings in from a file
    VERIFY_ORGANIZATION = "verify_organization"  # confirm that an organisation is who it says
    MANAGE_USERS = "manage_users"  # reset a password


Predicate = Callable[[Any, Any], bool]


def is_operator(user: Any, subject: Any) -> bool:
    """The user runs this market."""
    return user.role == Role.OPERATOR


def is_signed_in(user: Any, subject: Any) -> bool:
    """The user has logged in."""
    return user.role != Role.VISITOR


def is_enterprise(user: Any, subject: Any) -> bool:
    """The user works for an enterprise."""
    return user.role == Role.ENTERPRISE


def is_institute(user: Any, subject: Any) -> bool:
    """The user works for a university or a research institute."""
    return user.role == Role.INSTITUTE


def is_owner(user: Any, subject: Any) -> bool:
    """The subject belongs to the user's organisation."""
    return user.organization_id is not None and user.organization_id == subject.organization_id


def is_public(user: Any, subject: Any) -> bool:
    """The subject stands open to everybody."""
    return bool(subject.is_public)


GRANTS: dict[Permission, list[tuple[Predicate, ...]]] = {  # any row whose every predicate holds
    Permission.POST_NEED: [(is_enterprise,), (is_institute,)],
    Permission.POST_RESULT: [(is_institute,), (is_enterprise,)],
    Permission.EDIT_LISTING: [(is_owner,)],
    Permission.SET_LIMIT: [(is_owner,)],
    Permission.REVIEW_LISTING: [(is_operator,)],
    Permission.SEE_LISTING: [(is_public,), (is_owner,), (is_operator,)],
    Permission.SEE_SIGNED_IN: [(is_signed_in,)],
    Permission.SEE_CONFIDENTIAL: [(is_owner,), (is_operator,)],
    Permission.IMPORT: [(is_enterprise,), (is_institute,), (is_operator,)],
    Permission.VERIFY_ORGANIZATION: [(is_operator,)],
    Permission.MANAGE_USERS: [(is_operator,)],
}


def permits(user: Any, permission: Permission, subject: Any = None) -> bool:
    """Whether ``user`` holds ``permission`` over ``subject``."""
    return any(all(holds(user, subject) for holds in row) for row in GRANTS[permission])


def require(user: Any, permission: Permission, subject: Any = None) -> None:
    """Raise :class:`Forbidden` unless ``user`` holds ``permission`` over ``subject``."""
    if not permits(user, permission, subject):
        raise Forbidden(_("您没有进行此操作的权限"))


def requires(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a page that needs no subject: visitors go to the login page, others are refused."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                abort(401)
            require(current_user, permission)
            return view(*args, **kwargs)

        return guarded

    return guard
