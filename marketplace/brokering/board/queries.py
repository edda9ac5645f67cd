"""What stands on a broker's board, and what the home of the workbench sums up; no writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from marketplace.brokering.board.columns import Card, Column, arranged
from marketplace.brokering.lifecycle import INTRODUCTION
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action
from marketplace.extensions import db
from marketplace.notices.models import Notice
from marketplace.permissions import permits

#: What a card offers: the rest is said on the introduction's own page, by the other side, or by
#: the contract's case.
MOVES = (Action.MEET, Action.NEGOTIATE, Action.AGREE, Action.LOSE, Action.WITHDRAW)


def introductions_of(user: Any) -> Sequence[Introduction]:
    """All that the user brokers, with both listings."""
    rows = select(Introduction).where(Introduction.broker_id == user.id)
    loaded = rows.options(
        selectinload(Introduction.need),
        selectinload(Introduction.result),
        selectinload(Introduction.need_owner),
        selectinload(Introduction.result_owner),
    )
    return db.session.scalars(loaded.order_by(Introduction.id)).all()


def board_of(user: Any, *, now: datetime) -> dict[Column, list[Card]]:
    """The user's board."""
    return arranged(introductions_of(user), now)


def moves_of(introduction: Introduction, user: Any) -> list[Action]:
    """The moves that a card offers to ``user``."""
    steps = INTRODUCTION.moves_from(introduction.state)
    may = {s.action for s in steps if permits(user, s.permission, introduction)}
    return [action for action in MOVES if action in may]


@dataclass(frozen=True)
class Summary:
    """What a broker reads in the morning."""

    counts: dict[Column, int]
    overdue: list[Card]
    lacking: list[Card]
    unread: int


def summary_of(user: Any, *, now: datetime) -> Summary:
    """How many cards stand where, which are late or lack a next step, and how much was told."""
    columns = board_of(user, now=now)
    cards = [card for column in columns.values() for card in column]
    late = sorted((c for c in cards if c.is_overdue), key=lambda c: c.order)
    lacking = sorted((c for c in cards if c.lacks_todo and not c.is_overdue), key=lambda c: c.order)
    unread = select(func.count()).where(Notice.user_id == user.id, Notice.read_at.is_(None))
    counts = {column: len(cards) for column, cards in columns.items()}
    return Summary(counts, late, lacking, db.session.scalar(unread) or 0)
