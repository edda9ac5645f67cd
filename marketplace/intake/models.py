"""Sources and their runs, the notices they brought with every version, and pairs that are alike."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.database import Instant, enum_column
from marketplace.extensions import db
from marketplace.intake.lifecycle import State
from marketplace.likeness.models import Verdict


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    DONE = "done"
    #: The layout changed: nothing was taken in.
    HELD_BACK = "held_back"
    #: Its process died; what it had not written is read again by the next run.
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class SourceState(db.Model):
    """What is remembered of a source between runs, and whether and when it is asked by itself."""

    __tablename__ = "intake_source"
    __table_args__ = (
        CheckConstraint("hour IS NULL OR hour BETWEEN 0 AND 23", name="source_hour_of_day"),
        CheckConstraint("NOT enabled OR hour IS NOT NULL", name="enabled_source_has_hour"),
    )

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=False)
    #: Hour of the day in Beijing from which it is asked.
    hour: Mapped[int | None]
    #: The day on which it was last asked by the schedule.
    asked_on: Mapped[date | None]
    #: ``scrapers.layout.Profile`` as it dumps itself.
    profile: Mapped[str] = mapped_column(Text, default="")
    #: How the layout differs, as long as nobody has confirmed it.
    layout: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ScrapeRun(db.Model):
    """One time that a source was asked."""

    __tablename__ = "scrape_run"
    __table_args__ = (
        CheckConstraint("(outcome = 'running') = (ended_at IS NULL)", name="ended_run_has_instant"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(60), index=True)
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome), default=Outcome.RUNNING)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    #: Entries dated earlier were not asked for.
    since: Mapped[date | None]
    scheduled: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    pages: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(default=0)
    passed_over: Mapped[int] = mapped_column(default=0)
    #: Notices never seen before, new versions of known ones, and those that said the same.
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    held_back: Mapped[int] = mapped_column(default=0)
    fault_count: Mapped[int] = mapped_column(default=0)
    #: The first faults: kind, address, detail.
    faults: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    layout: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    message: Mapped[str] = mapped_column(Text, default="")


class CollectedNotice(db.Model):
    """One version of what a source says under a key, without contacts: what may be shown."""

    __tablename__ = "collected_notice"
    __table_args__ = (
        db.UniqueConstraint("source", "source_key", "content_hash", name="uq_collected_version"),
        db.Index("ix_collected_notice_queue", "state", "id"),
        CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name="decided_notice_has_instant"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[State] = mapped_column(enum_column(State), default=State.WAITING)
    source: Mapped[str] = mapped_column(String(60))
    source_key: Mapped[str] = mapped_column(String(300))
    content_hash: Mapped[str] = mapped_column(String(64))
    #: 1 for what was found first under the key, 2 for what it said after the first change.
    version: Mapped[int] = mapped_column(default=1)
    #: need or result, as the source is; the reading may propose the other.
    kind: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime] = mapped_column(Instant)
    #: When it was last seen to say the same.
    checked_at: Mapped[datetime] = mapped_column(Instant)
    published_on: Mapped[date | None]
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    #: name, url and text of each file that belongs to it
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    #: What it seems to be, where it is no technical need; empty for a technical text.
    route: Mapped[str] = mapped_column(String(16), default="")
    run_id: Mapped[int] = mapped_column(ForeignKey("scrape_run.id"), index=True)
    #: When it was compared with all others.
    compared_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    #: The drafts it became, or the listing or notice it was merged into: ``need/12``, ``notice/7``.
    became: Mapped[list[str]] = mapped_column(JSON, default=list)

    original: Mapped["CollectedOriginal"] = relationship(cascade="all, delete-orphan")
    patents: Mapped[list["CollectedPatent"]] = relationship(
        cascade="all, delete-orphan", order_by="CollectedPatent.number"
    )

    @property
    def key(self) -> str:
        """How audit, pairs and pages name it."""
        return f"notice/{self.id}"


class CollectedOriginal(db.Model):
    """The text as it was found, contacts included, in a table of its own: never shown or indexed."""

    __tablename__ = "collected_original"

    notice_id: Mapped[int] = mapped_column(
        ForeignKey("collected_notice.id", ondelete="CASCADE"), primary_key=True
    )
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    #: ``[kind, start, end]`` of each place in the text that is personal.
    personal: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class CollectedPatent(db.Model):
    """A patent's number that a notice names, and the number its family is known by."""

    __tablename__ = "collected_patent"

    notice_id: Mapped[int] = mapped_column(
        ForeignKey("collected_notice.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    family: Mapped[str] = mapped_column(String(40), index=True)


class CollectedPair(db.Model):
    """A notice and something that it resembles; a verdict is kept."""

    __tablename__ = "collected_pair"
    __table_args__ = (
        db.UniqueConstraint("notice_id", "other", name="uq_collected_pair_other"),
        CheckConstraint(
            "(verdict IS NULL) = (decided_at IS NULL)", name="collected_verdict_has_instant"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("collected_notice.id"))
    #: ``notice/7``, ``need/12`` or ``result/3``.
    other: Mapped[str] = mapped_column(String(40), index=True)
    #: The share of the shorter text that the longer holds too, 0 to 1.
    resemblance: Mapped[float] = mapped_column(Double)
    found_at: Mapped[datetime] = mapped_column(Instant)
    verdict: Mapped[Verdict | None] = mapped_column(enum_column(Verdict))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
