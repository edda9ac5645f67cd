"""Registration points 登记点: the directory, their staff, and the rows that count numbers."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import Organization, User
from marketplace.database import Instant, enum_column
from marketplace.extensions import db


class HostKind(StrEnum):
    """Who runs a point."""

    LEAGUE = "league"
    BANNER = "banner"
    UNIVERSITY = "university"
    INSTITUTE = "institute"
    PARK = "park"


class Desk(StrEnum):
    """AB角: A does the first reviews, B does them while an A is absent or conflicted."""

    A = "A"
    B = "B"


class RegistrationPoint(db.Model):
    """A body that registers contracts; its six digits are PPCC and two of its own, never re-used."""

    __tablename__ = "registration_point"
    __table_args__ = (
        CheckConstraint("length(code) = 6", name="point_code_has_six_digits"),
        CheckConstraint(
            "host_kind NOT IN ('university', 'institute') OR host_id IS NOT NULL",
            name="institution_point_has_host",
        ),
        CheckConstraint(
            "closed_on IS NULL OR closed_on >= opened_on", name="point_closes_after_it_opened"
        ),
    )

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), unique=True)
    host_kind: Mapped[HostKind] = mapped_column(enum_column(HostKind))
    #: The university, institute or park whose own contracts a point inside it registers.
    host_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    #: Where it stands: a league, or a banner for a point below it.
    region: Mapped[str] = mapped_column(String(6))
    #: The regions whose applicants it serves; a league stands for all its banners. Empty: its own.
    serves: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: Delegation: the largest 技术交易额 in fen that it may register; none: no limit.
    limit_fen: Mapped[int | None] = mapped_column(BigInteger)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    #: The point that takes over the cases of a closed one.
    successor_code: Mapped[str | None] = mapped_column(ForeignKey("registration_point.code"))

    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])
    host: Mapped[Organization | None] = relationship(foreign_keys=[host_id])
    staff: Mapped[list["StaffMember"]] = relationship(back_populates="point", lazy="selectin")

    @property
    def league(self) -> str:
        """The league whose PPCC the code begins with, as six digits."""
        return f"{self.code[:4]}00"

    def takes(self, region: str, organization_id: int) -> bool:
        """Whether the point may take a case of that applicant; ``region`` has six digits."""
        if self.host_kind in (HostKind.UNIVERSITY, HostKind.INSTITUTE):
            return organization_id == self.host_id
        return any(_lies_in(region, served) for served in self.serves or [self.region])

    def is_open(self, day: date) -> bool:
        """Whether the point takes cases on ``day``."""
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


def _lies_in(region: str, whole: str) -> bool:
    """GB/T 2260: ``150000`` holds all of ``15``, ``150100`` all of ``1501``, a banner itself."""
    return region.startswith(whole.removesuffix("0000").removesuffix("00"))


class StaffMember(db.Model):
    """Someone who reviews at a point: the desk, and when they are away."""

    __tablename__ = "point_staff"
    __table_args__ = (
        CheckConstraint(
            "absent_until IS NULL OR absent_from <= absent_until",
            name="absence_ends_after_it_begins",
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    point_code: Mapped[str] = mapped_column(ForeignKey("registration_point.code"), index=True)
    desk: Mapped[Desk] = mapped_column(enum_column(Desk))
    absent_from: Mapped[date | None]
    absent_until: Mapped[date | None]
    appointed_at: Mapped[datetime] = mapped_column(Instant)

    user: Mapped[User] = relationship(lazy="joined")
    point: Mapped[RegistrationPoint] = relationship(back_populates="staff")

    def is_away(self, day: date) -> bool:
        """Whether the person is absent on ``day``."""
        began = self.absent_from is not None and self.absent_from <= day
        return began and (self.absent_until is None or day <= self.absent_until)


class NumberSequence(db.Model):
    """The last serial issued at one point in one year; counted up with the registration itself."""

    __tablename__ = "number_sequence"

    point_code: Mapped[str] = mapped_column(ForeignKey("registration_point.code"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
