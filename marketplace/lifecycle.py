"""A checked table of transitions, used by every feature that has states."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _

from marketplace.errors import GuardFailed, IllegalMove

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
P = TypeVar("P", bound=StrEnum)
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Guard:
    """A fact about a situation, and what to say where it does not hold.

    ``explain`` gives what is wrong field by field, for guards that speak of fields.
    """

    name: str
    message: Any
    holds: Callable[[Any], bool]
    explain: Callable[[Any], Errors] = lambda situation: {}


def says(message: Any) -> Callable[[Callable[[Any], bool]], Guard]:
    """Make a guard of a predicate; ``message`` is shown where it does not hold."""
    return lambda predicate: Guard(predicate.__name__, message, predicate)


@dataclass(frozen=True)
class Move(Generic[S, A, P]):
    """From ``source``, ``action`` leads to ``target`` for whoever holds ``permission``.

    ``when`` tells rows of the same source and action apart; of them at most one holds. Then each
    of ``guards`` must hold.
    """

    source: S
    action: A
    target: S
    permission: P
    needs_reason: bool = False
    when: Guard | None = None
    guards: tuple[Guard, ...] = ()


class Lifecycle(Generic[S, A, P]):
    """The moves of one kind of record; refuses a table that is not clear about a move."""

    def __init__(self, moves: Sequence[Move[S, A, P]]) -> None:
        self.rows = tuple(moves)
        self.moves = {(move.source, move.action, move.target): move for move in moves}
        if len(self.moves) != len(moves):
            raise ValueError("two moves share source, action and target")
        for move in moves:
            self._check_siblings(self._rows_of(move.source, move.action))

    @staticmethod
    def _check_siblings(rows: Sequence[Move[S, A, P]]) -> None:
        if len(rows) > 1 and not all(row.when for row in rows):
            raise ValueError("two moves share source and action, and nothing tells them apart")
        if len({(row.permission, row.needs_reason) for row in rows}) != 1:
            raise ValueError("two moves share source and action, but not who may and why")

    def _rows_of(self, state: S, action: A) -> list[Move[S, A, P]]:
        return [row for row in self.rows if (row.source, row.action) == (state, action)]

    def choose(self, state: S, action: A) -> Move[S, A, P]:
        """A move for ``action`` in ``state``; :class:`IllegalMove` where there is none.

        Where several differ by their guard, they still agree in permission and reason.
        """
        rows = self._rows_of(state, action)
        if not rows:
            raise IllegalMove(_("当前状态下不能进行此操作，请刷新页面后再试"))
        return rows[0]

    def decide(self, state: S, action: A, situation: Any) -> Move[S, A, P]:
        """The one move whose guards hold in ``situation``; :class:`GuardFailed` names the one that
        does not, :class:`IllegalMove` where there is no move at all."""
        first = self.choose(state, action)
        rows = self._rows_of(state, action)
        fitting = [row for row in rows if row.when is None or row.when.holds(situation)]
        if len(fitting) > 1:
            raise ValueError(f"{action} in {state} leads to two targets")
        if not fitting:
            raise GuardFailed(first.when.message if first.when else "")
        for guard in fitting[0].guards:
            if not guard.holds(situation):
                raise GuardFailed(guard.message, guard.explain(situation))
        return fitting[0]

    def moves_from(self, state: S) -> list[Move[S, A, P]]:
        """Every move that leaves ``state``, in the order of the table."""
        return [move for move in self.rows if move.source == state]

    def actions(self, state: S) -> list[A]:
        """What can be done in ``state``, each action once, in the order of the table."""
        return list(dict.fromkeys(move.action for move in self.moves_from(state)))
