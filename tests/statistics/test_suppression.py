"""Small cells stay hidden, whatever is added to and subtracted from what is published."""

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.statistics.counting import ALL, TOTAL, constraints
from marketplace.statistics.definitions import Part, SmallCells
from marketplace.statistics.respondents import is_small
from marketplace.statistics.suppression import closed, exposed
from tests.statistics.arithmetic import determined, rank_says_determined
from tests.statistics.factories import DAY_ONE

RULE = SmallCells(DAY_ONE, 3, 8000, "")
LIST = Part("type", "", 2, "")
MATRIX = Part("seller_unit", "buyer_unit", 1, "")


def test_two_contracts_are_too_few() -> None:
    assert is_small({"1": 1, "2": 1}, [], RULE)
    assert not is_small({"1": 1, "2": 1, "3": 1}, [], RULE)


def test_one_party_of_four_fifths_dominates() -> None:
    assert is_small({"1": 80, "2": 10, "3": 10}, [], RULE)
    assert not is_small({"1": 79, "2": 11, "3": 10}, [], RULE)


def test_a_party_behind_several_contracts_counts_as_one() -> None:
    amounts, sellers = {"1": 30, "2": 30, "3": 30}, dict.fromkeys("123", ("a",))
    assert not is_small(amounts, [], RULE)
    assert is_small(amounts, [sellers], RULE)


def test_a_party_that_always_stands_second_dominates_as_well() -> None:
    amounts, buyers = {"1": 30, "2": 30, "3": 30}, {n: (f"first {n}", "a") for n in "123"}
    assert is_small(amounts, [buyers], RULE)
    assert not is_small(amounts, [{n: (f"first {n}", f"second {n}") for n in "123"}], RULE)


def test_an_empty_cell_is_not_small() -> None:
    assert not is_small({}, [], RULE)


def test_one_hidden_member_takes_another_with_it() -> None:
    cells = [TOTAL, ("1",), ("2",), ("3",)]
    cost = {TOTAL: 100, ("1",): 5, ("2",): 15, ("3",): 80}
    assert closed({("1",)}, constraints(cells, LIST), cost) == {("1",), ("2",)}


def test_an_only_member_takes_its_total_with_it_and_that_one_another() -> None:
    cells = [TOTAL, ("1",), ("1", "11"), ("2",), ("2", "21"), ("2", "22")]
    cost = dict.fromkeys(cells, 10) | {TOTAL: 100}
    hidden = closed({("1", "11")}, constraints(cells, LIST), cost)
    assert {("1", "11"), ("1",), ("2",)} <= hidden and TOTAL not in hidden


def test_counting_the_unknowns_of_each_line_would_miss_a_bridge() -> None:
    """Two squares of unknowns joined by one cell: each line has two or more, yet it is determined."""
    square = {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    other = {("c", "u"), ("c", "v"), ("d", "u"), ("d", "v")}
    bridge = ("b", "u")
    inner = {(r, c) for r in "abcd" for c in "xyuv"}
    cells = {TOTAL, *inner, *((r, ALL) for r in "abcd"), *((ALL, c) for c in "xyuv")}
    assert exposed(square | other | {bridge}, constraints(cells, MATRIX)) == [bridge]


@st.composite
def tables(draw):
    """A list in two levels or a matrix, with contracts and amounts in its cells."""
    amounts = st.integers(0, 12)
    if draw(st.booleans()):
        inner = {
            (r, c): draw(amounts)
            for r in "abcd"[: draw(st.integers(1, 4))]
            for c in "wxyz"[: draw(st.integers(1, 4))]
        }
        margins = [{(r, ALL), (ALL, c), (r, c), TOTAL} for r, c in inner]
        part = MATRIX
    else:
        inner = {
            (g, g + m): draw(amounts)
            for g in "abc"[: draw(st.integers(1, 3))]
            for m in "xyz"[: draw(st.integers(1, 3))]
        }
        margins = [{cell, cell[:1], TOTAL} for cell in inner]
        part = LIST
    sums: dict = {}
    for (_cell, amount), keys in zip(inner.items(), margins, strict=True):
        for key in keys:
            sums[key] = sums.get(key, 0) + amount
    return part, sums


@settings(max_examples=100, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_exactly_the_bridges_follow_from_the_rest(table, random) -> None:
    part, sums = table
    equations = constraints(sums, part)
    unknown = {cell for cell in sorted(sums) if random.random() < 0.5}
    found = set(exposed(unknown, equations))
    assert found == {c for c in unknown if rank_says_determined(c, unknown, equations)}
    assert found == determined(unknown, equations)


@settings(max_examples=150, deadline=None)
@given(tables())
def test_no_withheld_cell_follows_from_what_is_published(table) -> None:
    part, sums = table
    equations = constraints(sums, part)
    small = {cell for cell, amount in sums.items() if 0 < amount < 3}
    cost = {cell: 100 * (cell == TOTAL) + amount for cell, amount in sums.items() if amount}
    hidden = closed(small, equations, cost)
    assert small <= hidden <= set(cost)
    assert not determined(hidden, equations)
    if not small:
        assert not hidden
