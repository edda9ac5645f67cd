"""Whom the operator sees."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from marketplace.accounts.models import Organization, User
from marketplace.extensions import db


def organizations() -> Sequence[Organization]:
    """All organisations, those that wait for verification first."""
    waiting_first = Organization.verified_at.is_not(None)
    return db.session.scalars(
        select(Organization).order_by(waiting_first, Organization.created_at.desc())
    ).all()


def users() -> Sequence[User]:
    """All users by name."""
    return db.session.scalars(select(User).order_by(User.username)).all()


def by_session_token(token: str) -> User | None:
    """The user whose session this is."""
    return db.session.scalar(select(User).where(User.session_token == token))


def organization_called(text: str) -> Organization | None:
    """The organisation of that name or 统一社会信用代码; of equal names the oldest.

    By its name only one that is verified or that nobody has signed up for: whoever signs up under
    another's name must not be given what an operator imports under it.
    """
    safe = or_(Organization.verified_at.is_not(None), Organization.uscc.is_(None))
    named = or_(and_(Organization.name == text, safe), Organization.uscc == text.upper())
    return db.session.scalar(select(Organization).where(named).order_by(Organization.id).limit(1))


def user_called(username: str) -> User | None:
    """The user of that name, whatever its case."""
    return db.session.scalar(select(User).where(func.lower(User.username) == username.lower()))
