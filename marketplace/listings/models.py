"""Need and Result: two tables of one shape, so that a match has two honest foreign keys.

What is shown only after agreement has a table of its own and stays out of ``searchable_text``.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from marketplace.accounts.models import Organization
from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.listings.lifecycle import EDITABLE, OPEN, PUBLIC, State


class Listing:
    """What a need and a result have in common."""

    kind: ClassVar[str]
    #: The library it stands in, as addresses and commands name it.
    library: ClassVar[str]
    prefix: ClassVar[str]

    if TYPE_CHECKING:  # the subclasses map them, each to tables of its own
        mode_rows: Mapped[list[Any]]
        confidential: Mapped[Any]

        def __init__(self, **facts: Any) -> None: ...

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.DRAFT)
    #: Counts changes; a form that was read before another's change is refused with it.
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    field: Mapped[str] = mapped_column(String(8), default="")
    topic: Mapped[str] = mapped_column(String(60), default="")
    region: Mapped[str] = mapped_column(String(6), default="")
    league: Mapped[str] = mapped_column(String(6), default="")
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    indicators: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    #: Money in fen; both bounds empty and not negotiable: nothing was said.
    amount_least: Mapped[int | None] = mapped_column(BigInteger)
    amount_most: Mapped[int | None] = mapped_column(BigInteger)
    negotiable: Mapped[bool] = mapped_column(default=False)
    band: Mapped[str] = mapped_column(String(16), default="")
    anonymous: Mapped[bool] = mapped_column(default=False)
    #: Shown to signed-in users, and never indexed.
    signed_in_note: Mapped[str] = mapped_column(Text, default="")
    #: Where an imported row came from; the same key twice is the same listing.
    source: Mapped[str] = mapped_column(String(60), default="")
    source_key: Mapped[str | None] = mapped_column(String(120))
    #: 可承接对接数: how many recommended contacts its owner can take at a time; none: the usual.
    contact_limit: Mapped[int | None]
    return_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    valid_until: Mapped[date | None]

    @declared_attr
    def organization_id(self) -> Mapped[int]:
        """The owner."""
        return mapped_column(ForeignKey("organization.id"), index=True)

    @declared_attr
    def organization(self) -> Mapped[Organization]:
        """The owner."""
        return relationship(Organization, lazy="joined")

    @property
    def number(self) -> str:
        """``XQ000123``, what people say on the telephone."""
        return f"{self.prefix}{self.id:06d}"

    @property
    def key(self) -> str:
        """How the index and the outbox name it."""
        return f"{self.kind}/{self.id}"

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it."""
        return self.state in PUBLIC

    @property
    def is_open(self) -> bool:
        """Whether it looks for a partner."""
        return self.state in OPEN

    @property
    def is_editable(self) -> bool:
        """Whether its text may be changed now."""
        return self.state in EDITABLE

    def own_text(self) -> list[str]:
        """What the subclass adds to the public text."""
        return []

    def searchable_text(self) -> str:
        """All public text but the title: what the index may know."""
        rows = [" ".join(filter(None, map(str, row.values()))) for row in self.indicators]
        parts = [self.summary, self.description, *self.own_text(), *rows, " ".join(self.keywords)]
        return "\n".join(part for part in parts if part)


class ModeRow:
    """One way of co-operation of one listing."""

    mode: Mapped[str] = mapped_column(String(20), primary_key=True)


class ConfidentialRow:
    """What is shown only after agreement: never in an index, an export or a log."""

    text: Mapped[str] = mapped_column(Text)


class NeedMode(ModeRow, db.Model):
    """A way in which a need may be answered."""

    __tablename__ = "need_mode"
    listing_id: Mapped[int] = mapped_column(
        ForeignKey("need.id", ondelete="CASCADE"), primary_key=True
    )


class ResultMode(ModeRow, db.Model):
    """A way in which a result may be had."""

    __tablename__ = "result_mode"
    listing_id: Mapped[int] = mapped_column(
        ForeignKey("result.id", ondelete="CASCADE"), primary_key=True
    )


class NeedConfidential(ConfidentialRow, db.Model):
    """The confidential part of a need."""

    __tablename__ = "need_confidential"
    listing_id: Mapped[int] = mapped_column(ForeignKey("need.id"), primary_key=True)


class ResultConfidential(ConfidentialRow, db.Model):
    """The confidential part of a result."""

    __tablename__ = "result_confidential"
    listing_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)


def _constraints(kind: str, *facets: str) -> tuple[Any, ...]:
    """Checks, and an index for each facet that answers its counts without reading the texts."""
    return (
        *(
            db.Index(f"ix_{kind}_state_{facet}", "state", facet)
            for facet in ("published_at", *facets)
        ),
        CheckConstraint(
            "amount_least IS NULL OR amount_most IS NULL OR amount_least <= amount_most",
            name=f"{kind}_least_within_most",
        ),
        CheckConstraint(
            "state NOT IN ('published', 'in_talks', 'contracted', 'solved')"
            " OR published_at IS NOT NULL",
            name=f"{kind}_public_has_instant",
        ),
        db.UniqueConstraint("organization_id", "source_key", name=f"uq_{kind}_source_key"),
    )


class Need(Listing, db.Model):
    """技术需求: what an enterprise cannot do yet."""

    __tablename__ = "need"
    __table_args__ = _constraints("need", "field", "league", "band")
    kind = "need"
    library = "needs"
    prefix = "XQ"

    need_type: Mapped[str] = mapped_column(String(20), default="")
    problem: Mapped[str] = mapped_column(Text, default="")
    goal: Mapped[str] = mapped_column(Text, default="")
    deadline: Mapped[date | None]

    mode_rows: Mapped[list[NeedMode]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=NeedMode.mode
    )
    confidential: Mapped[NeedConfidential | None] = relationship(cascade="all, delete-orphan")

    def own_text(self) -> list[str]:
        """The boxes 主要问题 and 预期目标."""
        return [self.problem, self.goal]


class Result(Listing, db.Model):
    """科技成果: what an institute can already do."""

    __tablename__ = "result"
    __table_args__ = _constraints("result", "field", "league", "band", "stage")
    kind = "result"
    library = "results"
    prefix = "CG"

    result_kind: Mapped[str] = mapped_column(String(20), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    trl: Mapped[int | None]
    level: Mapped[str] = mapped_column(String(20), default="")
    ip: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    applications: Mapped[str] = mapped_column(Text, default="")

    mode_rows: Mapped[list[ResultMode]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by=ResultMode.mode
    )
    confidential: Mapped[ResultConfidential | None] = relationship(cascade="all, delete-orphan")

    def own_text(self) -> list[str]:
        """The box 应用场景."""
        return [self.applications]


MODES: dict[type[Listing], Any] = {Need: NeedMode, Result: ResultMode}
CONFIDENTIAL: dict[type[Listing], Any] = {Need: NeedConfidential, Result: ResultConfidential}
KINDS: dict[str, type[Listing]] = {"need": Need, "result": Result}
#: The two libraries by the names that addresses and commands use.
LIBRARIES: dict[str, str] = {model.library: kind for kind, model in KINDS.items()}
OTHER: dict[str, str] = {"need": "result", "result": "need"}


def band_of(least: int | None, most: int | None, negotiable: bool) -> str:
    """The price band for browsing; the upper bound decides, empty where nothing was said."""
    if negotiable:
        return "negotiable"
    fen = most if most is not None else least
    if fen is None:
        return ""
    limits = (("under_20", 20), ("under_100", 100), ("under_500", 500))
    return next((band for band, wan in limits if fen < wan * 1_000_000), "over_500")
