"""A checked table of transitions, used by every feature that has states."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from flask_babel import gettext as _

from marketplace.errors import IllegalMove

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
P = TypeVar("P", bound=StrEnum)


@dataclass(frozen=True)
class Move(Generic[S, A, P]):
    """From ``source``, ``action`` leads to ``target`` for whoever holds ``permission``."""

    source: S
    action: A
    target: S
    permission: P
    needs_reason: bool = False


class Lifecycle(Generic[S, A, P]):
    """The moves of one kind of record; refuses a table with two targets for one move."""

    def __init__(self, moves: Sequence[Move[S, A, P]]) -> None:
        self.moves = {(move.source, move.action): move for move in moves}
        if len(self.moves) != len(moves):
            raise ValueError("two moves share source and action")

    def choose(self, state: S, action: A) -> Move[S, A, P]:
        """The move for ``action`` in ``state``; :class:`IllegalMove` where there is none."""
        move = self.moves.get((state, action))
        if move is None:
            raise IllegalMove(_("当前状态下不能进行此操作，请刷新页面后再试"))
        return move

    def moves_from(self, state: S) -> list[Move[S, A, P]]:
        """Every move that leaves ``state``, in the order of the table."""
        return [move for move in self.moves.values() if move.source == state]
