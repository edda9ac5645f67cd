"""User and Organization."""

import secrets
from datetime import datetime
from enum import StrEnum

from flask_login import AnonymousUserMixin, UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.permissions import Role


class OrganizationKind(StrEnum):
    """What an organisation is to the market."""

    ENTERPRISE = "enterprise"
    INSTITUTE = "institute"
    BROKER = "broker"
    REGISTRATION_POINT = "registration_point"
    AUTHORITY = "authority"
    TAX_OR_FINANCE = "tax_or_finance"


#: Who may sign up alone; an authority's powers are given by the operator.
SELF_SIGN_UP = (
    OrganizationKind.ENTERPRISE,
    OrganizationKind.INSTITUTE,
    OrganizationKind.BROKER,
    OrganizationKind.REGISTRATION_POINT,
)


class Organization(db.Model):
    """A legal person that takes part; until verified its listings stay drafts."""

    __tablename__ = "organization"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    #: 统一社会信用代码, GB 32100-2015; none where an import alone has named the organisation
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    kind: Mapped[OrganizationKind] = mapped_column(enum_column(OrganizationKind))
    region: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    #: How many recommended contacts it can take at a time, over all its listings of one library;
    #: none: as many as its listings can.
    contact_limit: Mapped[int | None]

    users: Mapped[list["User"]] = relationship(back_populates="organization")

    @property
    def organization_id(self) -> int:
        """An organisation is its own owner."""
        return self.id


class User(UserMixin, db.Model):
    """A person who logs in. ``session_token`` is in the cookie: a new one logs out everywhere."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    display_name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    session_token: Mapped[str] = mapped_column(
        String(64), unique=True, default=lambda: secrets.token_urlsafe(32)
    )
    role: Mapped[Role] = mapped_column(enum_column(Role))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    #: Where mail goes; set only once its owner has confirmed it by the link that was sent there.
    email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Instant)

    organization: Mapped[Organization | None] = relationship(back_populates="users", lazy="joined")

    def get_id(self) -> str:
        """What the session cookie holds."""
        return self.session_token


class Visitor(AnonymousUserMixin):
    """Whoever has not logged in."""

    id = None
    role = Role.VISITOR
    organization_id = None
    organization = None


class Console:
    """Whoever holds the command line of the server: may do what the operator may."""

    id = None
    role = Role.OPERATOR
    organization_id = None
    organization = None
