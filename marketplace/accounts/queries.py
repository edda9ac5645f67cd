"""Whom the operator sees."""

from collections.abc import Sequence

from sqlalchemy import or_, select

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
    """The organisation of that name or 统一社会信用代码; of equal names the oldest."""
    named = or_(Organization.name == text, Organization.uscc == text.upper())
    return db.session.scalar(select(Organization).where(named).order_by(Organization.id).limit(1))
