"""A table of moves that is not clear about a move is refused when it is made."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import GuardFailed, IllegalMove
from marketplace.lifecycle import Guard, Lifecycle, Move, says


class State(StrEnum):
    OPEN = "open"
    LEFT = "left"
    RIGHT = "right"


class Action(StrEnum):
    GO = "go"
    STAY = "stay"


class Permission(StrEnum):
    WALK = "walk"
    RUN = "run"


@says("偶数走左")
def is_even(number: int) -> bool:
    return number % 2 == 0


@says("奇数走右")
def is_odd(number: int) -> bool:
    return number % 2 == 1


@says("不小于零")
def is_not_negative(number: int) -> bool:
    return number >= 0


def go(target: State, when: Guard | None, permission: Permission = Permission.WALK) -> Move:
    return Move(State.OPEN, Action.GO, target, permission, when=when, guards=(is_not_negative,))


FORK = Lifecycle([go(State.LEFT, is_even), go(State.RIGHT, is_odd)])


@given(st.integers(-50, 50))
def test_of_rows_that_share_source_and_action_one_holds(number: int) -> None:
    if number < 0:
        with pytest.raises(GuardFailed, match="不小于零"):
            FORK.decide(State.OPEN, Action.GO, number)
    else:
        move = FORK.decide(State.OPEN, Action.GO, number)
        assert move.target == (State.LEFT if number % 2 == 0 else State.RIGHT)


def test_what_has_no_row_is_illegal(app: object) -> None:
    with pytest.raises(IllegalMove):
        FORK.decide(State.OPEN, Action.STAY, 1)
    assert FORK.actions(State.OPEN) == [Action.GO] and FORK.actions(State.LEFT) == []


@pytest.mark.parametrize(
    "rows",
    [
        [go(State.LEFT, is_even), go(State.LEFT, is_odd)],
        [go(State.LEFT, is_even), go(State.RIGHT, None)],
        [go(State.LEFT, is_even), go(State.RIGHT, is_odd, Permission.RUN)],
    ],
    ids=["the same target twice", "nothing tells them apart", "two permissions"],
)
def test_an_unclear_table_is_refused(rows: list[Move]) -> None:
    with pytest.raises(ValueError):
        Lifecycle(rows)


def test_two_guards_that_hold_at_once_are_a_fault_not_a_choice() -> None:
    both = Lifecycle([go(State.LEFT, is_even), go(State.RIGHT, is_not_negative)])
    with pytest.raises(ValueError):
        both.decide(State.OPEN, Action.GO, 2)
