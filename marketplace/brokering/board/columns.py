"""The columns of the board, and how cards stand in them; decided purely."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import ENDED, State
from marketplace.paging import PER_PAGE


class Column(StrEnum):
    """One column, from left to right."""

    NEW = "new"
    CONTACTED = "contacted"
    MET = "met"
    NEGOTIATING = "negotiating"
    CONTRACT = "contract"
    REGISTERED = "registered"
    PAID = "paid"
    LOST = "lost"


COLUMN_NAMES = {
    Column.NEW: _l("新建"),
    Column.CONTACTED: _l("已对接"),
    Column.MET: _l("已会面"),
    Column.NEGOTIATING: _l("洽谈"),
    Column.CONTRACT: _l("签约"),
    Column.REGISTERED: _l("登记"),
    Column.PAID: _l("到账"),
    Column.LOST: _l("未成"),
}
COLUMN_OF = {
    State.DRAFT: Column.NEW,
    State.SENT: Column.NEW,
    State.QUESTIONED: Column.NEW,
    State.CONTACTED: Column.CONTACTED,
    State.MET: Column.MET,
    State.NEGOTIATING: Column.NEGOTIATING,
    State.AGREED: Column.NEGOTIATING,
    State.CONTRACTED: Column.CONTRACT,
    State.REGISTERED: Column.REGISTERED,
    State.PAID: Column.PAID,
    State.DECLINED: Column.LOST,
    State.EXPIRED: Column.LOST,
    State.WITHDRAWN: Column.LOST,
    State.LOST: Column.LOST,
}
#: Nothing comes next in these; in all others a card may not lack its next step.
PAST = ENDED | {State.PAID}


@dataclass(frozen=True)
class Card:
    """One introduction as the board shows it at an instant."""

    introduction: Introduction
    now: datetime

    @property
    def column(self) -> Column:
        """Where it stands."""
        return COLUMN_OF[self.introduction.state]

    @property
    def due_at(self) -> datetime | None:
        """What has to be done first: the next step, or the other side's answer."""
        if self.introduction.state in PAST:
            return None
        dues = (self.introduction.todo_due_at, self.introduction.answer_due_at)
        return min((due for due in dues if due is not None), default=None)

    @property
    def is_overdue(self) -> bool:
        """Whether something should have been done by now."""
        return self.due_at is not None and self.due_at < self.now

    @property
    def lacks_todo(self) -> bool:
        """Whether nobody has said what comes next."""
        return self.introduction.state not in PAST and not self.introduction.todo

    @property
    def order(self) -> tuple[int, float, int]:
        """The overdue first, the longest overdue before; then who lacks a step; then by deadline."""
        rank = 0 if self.is_overdue else 1 if self.lacks_todo else 2
        due = self.due_at.timestamp() if self.due_at else float("inf")
        return rank, due, self.introduction.id


def arranged(introductions: Sequence[Introduction], now: datetime) -> dict[Column, list[Card]]:
    """Every column with its cards in order; of what is over the latest first."""
    columns: dict[Column, list[Card]] = {column: [] for column in Column}
    for introduction in introductions:
        card = Card(introduction, now)
        columns[card.column].append(card)
    for column, cards in columns.items():
        if column in (Column.PAID, Column.LOST):
            cards.sort(key=lambda card: card.introduction.updated_at, reverse=True)
        else:
            cards.sort(key=lambda card: card.order)
    return columns


def page_with(cards: Sequence[Card], introduction_id: int | None) -> int:
    """The page of a column on which an introduction's card stands; the first where none does."""
    places = (n for n, card in enumerate(cards) if card.introduction.id == introduction_id)
    return next(places, 0) // PER_PAGE + 1


def shown(columns: dict[Column, list[Card]], chosen: Column, page: int) -> dict[Column, list[Card]]:
    """The first cards of every column; of the chosen one alone, a further page."""
    if page > 1:
        return {chosen: columns[chosen][(page - 1) * PER_PAGE : page * PER_PAGE]}
    return {column: cards[:PER_PAGE] for column, cards in columns.items()}
