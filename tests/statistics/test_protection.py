"""Nobody learns a small cell from the overlapping periods of a year, published month after month."""

from collections.abc import Collection
from datetime import date
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.statistics.counting import ALL, TOTAL
from marketplace.statistics.definitions import Part, SmallCells
from marketplace.statistics.dimensions import Path
from marketplace.statistics.periods import Period, Span, periods_ending
from marketplace.statistics.protection import Told, closed_ends
from marketplace.statistics.respondents import Behind, Respondents
from tests.statistics.arithmetic import equations_of_year, follows, solve
from tests.statistics.factories import DAY_ONE

RULE = SmallCells(DAY_ONE, 3, 8000, "")
LIST = Part("type", "", 2, "")
MATRIX = Part("seller_unit", "buyer_unit", 1, "")
YEAR = 2024
#: A contract: its month, the cell at the end of its path, its amount.
Contract = tuple[int, Path, int]


def cells_of(inner: Path, part: Part) -> set[Path]:
    if part.columns:
        row, column = inner
        return {TOTAL, (row, ALL), (ALL, column), inner}
    return {inner[:depth] for depth in range(len(inner) + 1)}


def behind(contracts: Collection[Contract], part: Part, until: int = 12) -> Behind:
    months: dict = {}
    for number, (month, inner, amount) in enumerate(contracts):
        if month <= until:
            for cell in cells_of(inner, part):
                months.setdefault(month, {}).setdefault(cell, {})[str(number)] = [1, amount]
    return Behind(months, 1, RULE, Respondents())


def ends_of(period: Period) -> tuple[int, int]:
    return period.first.month - 1, period.last.month


def publish(contracts: Collection[Contract], part: Part, months: Collection[int]):
    """Period → what it withholds, each of ``months`` published when it was over."""
    found: dict[Period, frozenset[Path]] = {}
    for month in months:
        periods = periods_ending(date(YEAR, month, 1))
        told = [Told(*ends_of(period), hidden) for period, hidden in found.items()]
        known = behind(contracts, part, month)
        ends = closed_ends([ends_of(one) for one in periods], told, known, part, 0)
        for period in periods:
            first, last = ends_of(period)
            found[period] = frozenset(ends[first] | ends[last])
    return found


def every_month(cell: Path, count: int, amount: int = 10) -> list[Contract]:
    return [(month, cell, amount) for month in range(-11, 13) for _n in range(count)]


def hidden_in(published, span: Span) -> set[Path]:
    found = (hidden for period, hidden in published.items() if period.span == span)
    return {cell for hidden in found for cell in hidden}


def test_cells_with_many_contracts_are_all_shown() -> None:
    contracts = every_month(("1", "11"), 5) + every_month(("2", "21"), 5)
    assert not any(publish(contracts, LIST, range(1, 13)).values())


def test_what_is_small_in_months_is_shown_in_quarters() -> None:
    contracts = every_month(("1",), 1) + every_month(("2",), 4) + every_month(("3",), 30)
    published = publish(contracts, LIST, range(1, 13))
    assert hidden_in(published, Span.MONTH) == {("1",), ("2",)}
    for span in (Span.QUARTER, Span.HALF, Span.YEAR):
        assert not hidden_in(published, span)


def test_a_small_december_does_not_cost_the_year() -> None:
    """Were the cell open at the end of November, the year would give December away."""
    rare = [(month, ("1",), 10) for month in (-6, -2, 1, 4, 8, 12) for _n in range(2)]
    contracts = rare + every_month(("2",), 5) + every_month(("3",), 30)
    published = publish(contracts, LIST, range(1, 13))
    assert {("1",), ("2",)} <= hidden_in(published, Span.MONTH)
    assert not hidden_in(published, Span.YEAR)


def test_a_small_month_of_the_total_cannot_be_had_from_the_year_up_to_it() -> None:
    contracts = [(1, ("1",), 10)] * 5 + [(2, ("1",), 10)] + [(3, ("1",), 10)] * 5
    published = publish(contracts, LIST, range(1, 4))
    assert {p.key for p, hidden in published.items() if TOTAL in hidden} == {
        "2024-02", "2024-to-0229", "2024-03"
    }  # fmt: skip


def test_two_small_cells_are_not_hidden_by_each_other_alone() -> None:
    """Their sum would follow, of two contracts; so each would learn of the other."""
    contracts = [(1, ("1",), 10), (1, ("2",), 10), *[(1, ("3",), 10)] * 4, *[(1, ("4",), 10)] * 9]
    published = publish(contracts, LIST, [1])
    assert hidden_in(published, Span.MONTH) == {("1",), ("2",), ("3",)}


@st.composite
def ledgers(draw) -> tuple[list[Contract], Part]:
    """Contracts of two years in a list of two levels or in a matrix; some cells rare, some frequent."""
    part = draw(st.sampled_from([LIST, MATRIX]))
    if part == LIST:
        inner = [(g, g + m) for g in "123"[: draw(st.integers(1, 3))] for m in "12"] + [("4",)]
    else:
        inner = [(r, c) for r in "ab" for c in "xyz"[: draw(st.integers(1, 3))]]
    random = draw(st.randoms(use_true_random=False))
    often = {cell: random.choice((0.1, 0.5, 1, 3, 8)) for cell in inner}
    return [
        (month, cell, random.choice((1, 5, 20, 400)))
        for month in range(-11, 13)
        for cell in inner
        for _n in range(random.randrange(int(2 * often[cell]) + 1) + (random.random() < 0.1))
    ], part


@settings(max_examples=40, deadline=None)
@given(ledgers(), st.sets(st.integers(1, 12), min_size=1).map(sorted))
def test_nothing_withheld_follows_from_all_periods_of_the_year(ledger, months) -> None:
    contracts, part = ledger
    published, known = publish(contracts, part, months), behind(contracts, part, months[-1])
    paths = known.cells(0, 12)
    everything = {
        (period, path)
        for month in range(1, 13)
        for period in periods_ending(date(YEAR, month, 1))
        for path in paths
    }
    unknown = {
        (period.key, path) for period, path in everything if path in published.get(period, paths)
    }
    solved = solve(unknown, equations_of_year(YEAR, paths, part))
    told = {key_and_path for key_and_path in solved if len(solved[key_and_path]) == 1}
    for period, path in everything:
        if period.last.month <= months[-1]:
            first, last = ends_of(period)
            is_known = (period.key, path) not in unknown or (period.key, path) in told
            assert not (is_known and known.is_small([path], first, last)), (period.key, path)
    assert not [one for one in told if one[1] in hidden_at(published, one[0])]
    for period, hidden in published.items():
        if part == LIST and TOTAL not in hidden:  # record 0012 says where sums may be known
            for pair in combinations(sorted(hidden), 2):
                is_apart = pair[0] != pair[1][: len(pair[0])]
                if is_apart and follows([(period.key, path) for path in pair], solved):
                    assert not known.is_small(pair, *ends_of(period)), (period.key, pair)


def hidden_at(published, key: str) -> frozenset[Path]:
    return next((hidden for period, hidden in published.items() if period.key == key), frozenset())
