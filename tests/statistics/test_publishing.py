"""A published month stays as it was; what is corrected later counts later and shows as a revision."""

import json
from datetime import date
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace.accounts.models import Console, Visitor
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.ledger.entry import Draft, Kind
from marketplace.statistics import casework, queries
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.definitions import current_definitions
from marketplace.statistics.documents import document
from marketplace.statistics.models import PublishedTable
from marketplace.statistics.operations import publish_month
from marketplace.statistics.periods import periods_ending
from marketplace.statistics.protection import cells_to_withhold
from marketplace.statistics.publications import (
    follows_from_ledger,
    made_again,
    published,
    published_periods,
)
from marketplace.statistics.renderings import read
from marketplace.statistics.respondents import Respondents
from marketplace.transactions import transact
from tests.contracts.factories import an_office, party_facts, registered
from tests.factories import an_organization, reversed_facts
from tests.statistics.arithmetic import determined, equations_of_year
from tests.statistics.factories import a_random_ledger, a_registration, enter

NOBODY = Respondents()


def publish(month: str, respondents: Respondents = NOBODY):
    return transact(
        lambda: publish_month(month, respondents=respondents, actor=Console(), now=utcnow())
    )


def some_registrations(day: str = "2024-05-10", count: int = 5) -> list[Draft]:
    drafts = [a_registration(serial, day) for serial in range(1, count + 1)]
    enter(*drafts)
    return drafts


def test_a_month_is_published_with_the_year_up_to_it(app: Flask) -> None:
    some_registrations()
    assert len(publish("2024-05")) == 2 * 17
    assert [key for key, _label in published_periods()] == ["2024-05", "2024-to-0531"]


def test_publishing_again_changes_nothing(app: Flask) -> None:
    some_registrations()
    first = [(row.table, row.content) for row in publish("2024-05")]
    assert publish("2024-05") == []
    assert published("T1", "2024-05").content in [content for _table, content in first]


def test_a_month_that_was_passed_over_is_published_later(app: Flask) -> None:
    some_registrations("2024-04-10")
    enter(*(a_registration(n, "2024-05-10") for n in range(20, 26)))
    publish("2024-05")
    assert len(publish("2024-04")) == 2 * 17
    april = published("T1", "2024-04")
    assert read(april.content)["parts"][0]["rows"][0]["now"][0] == 5
    assert follows_from_ledger(april.content)


def test_a_month_passed_over_does_not_give_away_a_small_one_beside_it(app: Flask) -> None:
    """Two registrations in May: the years up to its beginning and its end must not both be shown."""
    enter(*(a_registration(n, "2024-04-10") for n in range(1, 9)))
    enter(*(a_registration(n, "2024-05-10") for n in range(20, 22)))
    enter(*(a_registration(n, "2024-06-10") for n in range(30, 38)))
    publish("2024-06")
    publish("2024-04")
    shown = {
        key: rows_of(published("T1", key).content)[()] is not None
        for key in ("2024-to-0430", "2024-06", "2024-to-0630")
    }
    assert not all(shown.values()), shown


def test_a_published_month_takes_no_entry_more(app: Flask) -> None:
    some_registrations()
    publish("2024-05")
    for day in ("2024-05-31", "2024-04-01"):
        with pytest.raises(Conflict, match="已关账"):
            enter(a_registration(99, day))
    enter(a_registration(99, "2024-06-01"))


def test_a_later_correction_counts_in_its_own_month_and_shows_as_a_revision(app: Flask) -> None:
    first, *_others = some_registrations()
    publish("2024-05")
    before = published("T1", "2024-05").content
    taken_back = reversed_facts(dict(first.facts), 0) | {"date": "2024-07-02"}
    enter(Draft(Kind.CANCELLED, first.subject, taken_back, 1, "RV-2001"))
    row = published("T1", "2024-05")
    assert row.content == before and read(row.content)["parts"][0]["rows"][0]["now"][0] == 5
    assert queries.revisions(row.first, row.last, row.size) == [
        ("2024-07", [1, -1, -1_000_000, -800_000])
    ]
    july = document(select_table("T1", period_called("2024-07"), as_of("", today=date(2026, 1, 1))))
    assert july["parts"][0]["rows"][0]["now"] == [-1, -1_000_000, -800_000]
    assert july["corrections"] == {
        "entries": 1, "count": -1, "deal": -1_000_000, "technology": -800_000
    }  # fmt: skip


def test_what_is_changed_within_its_month_is_no_correction_of_an_earlier_one(app: Flask) -> None:
    first, *_others = some_registrations()
    taken_back = reversed_facts(dict(first.facts), 0) | {"date": "2024-05-20"}
    enter(Draft(Kind.CANCELLED, first.subject, taken_back, 1, "RV-2001"))
    may = document(select_table("T1", period_called("2024-05"), as_of("", today=date(2026, 1, 1))))
    assert may["corrections"]["entries"] == 0 and may["parts"][0]["rows"][0]["now"][0] == 4


def test_a_published_table_cannot_be_changed(app: Flask) -> None:
    some_registrations()
    publish("2024-05")
    for change in ("UPDATE published_table SET content = ''", "DELETE FROM published_table"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(change))
        db.session.rollback()


def test_a_month_that_is_not_over_is_not_published(app: Flask) -> None:
    for month in (utcnow().strftime("%Y-%m"), "2024-13", "五月", ""):
        with pytest.raises(InvalidInput):
            publish(month)


def test_a_visitor_publishes_nothing(app: Flask) -> None:
    with pytest.raises(Forbidden):
        publish_month("2024-05", respondents=NOBODY, actor=Visitor(), now=utcnow())


def rows_of(content: bytes) -> dict[tuple, list[int] | None]:
    return {tuple(row["cell"]): row["now"] for row in read(content)["parts"][0]["rows"]}


def test_a_small_cell_is_withheld_and_another_with_it(app: Flask) -> None:
    types = ["11"] * 4 + ["40"] + ["51"] * 6
    enter(*(a_registration(n, "2024-05-10", type=code) for n, code in enumerate(types, 1)))
    publish("2024-05")
    shown = rows_of(published("T1", "2024-05").content)
    assert shown["40",] is None and shown[()][0] == 11
    assert [cell for cell, now in shown.items() if now is None and len(cell) == 1] == [
        ("10",),
        ("40",),
    ]


def test_a_cell_that_one_seller_dominates_is_withheld(app: Flask) -> None:
    enter(*(a_registration(n, "2024-05-10", type="11" if n < 4 else "51") for n in range(1, 9)))
    numbers = [f"202615010300{n:04d}" for n in range(1, 4)]
    known = Respondents([dict.fromkeys(numbers, {"某所"})])
    selection = select_table("T1", period_called("2024-05"), as_of("", today=date(2026, 1, 1)))
    assert ("10",) not in cells_to_withhold(selection, NOBODY)[0, False]
    assert ("10",) in cells_to_withhold(selection, known)[0, False]


def test_every_buyer_of_a_contract_is_a_respondent(app: Flask) -> None:
    office, second = an_office(), an_organization()
    shares = [party_facts(office.buyer, share=6_000), party_facts(second, share=4_000)]
    contract = registered(office, buyers=shares)
    sellers, buyers = casework.respondents().sides
    assert len(sellers[contract.local_no]) == 1
    assert buyers[contract.local_no] == {office.buyer.uscc, second.uscc}


def test_a_change_is_not_shown_where_the_year_before_is_withheld(app: Flask) -> None:
    enter(a_registration(1, "2023-05-10"), a_registration(2, "2023-05-10"))
    enter(*(a_registration(n, "2024-05-10") for n in range(3, 9)))
    publish("2024-05")
    total = read(published("T1", "2024-05").content)["parts"][0]["rows"][0]
    assert total["now"][0] == 6 and total["before"] is None and total["change"] is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_published_table_follows_from_the_ledger_even_later(app: Flask, seed: int) -> None:
    a_random_ledger(seed)
    known = Respondents([{f"2023150103{n:06d}": {"某所"} for n in range(30)}])
    rows = publish("2024-12", known)
    assert len(rows) == 4 * 17
    enter(a_registration(900, "2025-01-03"))
    for row in rows:
        assert follows_from_ledger(row.content), (row.table, row.period)


def test_a_table_in_which_a_figure_was_touched_does_not_follow(app: Flask) -> None:
    some_registrations()
    publish("2024-05")
    said = json.loads(published("T1", "2024-05").content)
    said["parts"][0]["rows"][0]["now"][1] += 1
    assert not follows_from_ledger(json.dumps(said).encode())
    assert made_again(said) == published("T1", "2024-05").content


def test_a_month_does_not_follow_from_the_years_up_to_it(app: Flask) -> None:
    enter(*(a_registration(n, "2024-01-10", type="40" if n < 6 else "51") for n in range(1, 12)))
    enter(*(a_registration(n, "2024-02-10", type="40" if n < 22 else "51") for n in range(20, 30)))
    publish("2024-01")
    publish("2024-02")
    january, february, both = (
        rows_of(published("T1", key).content) for key in ("2024-01", "2024-02", "2024-to-0229")
    )
    assert january["40",][0] == 5 and february["40",] is None
    assert both["40",] is None and None not in (january[()], february[()], both[()])


def test_what_the_year_before_withheld_is_withheld_again(app: Flask) -> None:
    enter(*(a_registration(n, "2023-05-10", type="40" if n < 2 else "51") for n in range(1, 12)))
    publish("2023-05")
    enter(*(a_registration(n, "2024-05-10") for n in range(20, 30)))
    publish("2024-05")
    hidden = [
        cell for cell, now in rows_of(published("T1", "2023-05").content).items() if now is None
    ]
    rows = read(published("T1", "2024-05").content)["parts"][0]["rows"]
    assert hidden and hidden == [tuple(r["cell"]) for r in rows if r["before"] is None]


def contracts_of(month: str, random: Random) -> list[Draft]:
    places = ("150102", "150102", "150203", "150602", "110000")
    return [
        a_registration(
            100 * (12 * (month > "2024") + int(month[5:])) + n,
            f"{month}-10",
            type=random.choice(("11", "11", "12", "21", "40", "51", "52")),
            sellers=[a_party(random.choice(places))],
            buyers=[a_party(random.choice(places))],
        )
        for n in range(random.randrange(8, 25))
    ]


def a_party(region: str) -> dict:
    return {"nature": "150", "region": region, "country": "156", "share": 10_000}


def told_of(year: int, key: str) -> dict[str, dict[tuple, list[int] | None]]:
    """Period → cell → what was given out of it, in tables of its year and of the next."""
    found: dict[str, dict] = {}
    for row in db.session.scalars(select(PublishedTable).where(PublishedTable.table == key)):
        time = {year: "now", year + 1: "before"}[row.first.year]
        own = found.setdefault(f"{year}{row.period[4:]}", {})
        for one in read(row.content)["parts"][0]["rows"]:
            own[tuple(one["cell"])] = own.get(tuple(one["cell"])) or one[time]
    return found


IN_ORDER = ("2023-02", "2023-03", "2023-12", "2024-01", "2024-02")
PASSED_OVER = ("2023-03", "2023-12", "2024-02", "2023-02", "2024-01", "2023-09")


@pytest.mark.parametrize(("seed", "order"), [(1, IN_ORDER), (2, IN_ORDER), (3, PASSED_OVER)])
def test_no_withheld_cell_follows_from_a_year_and_what_the_next_says_of_it(
    app: Flask, seed: int, order: tuple[str, ...]
) -> None:
    random, months = Random(seed), [f"2023-{n:02d}" for n in range(1, 13)] + ["2024-01", "2024-02"]
    enter(*(draft for month in months for draft in contracts_of(month, random)))
    for month in order:
        publish(month)
    for key in ("T1", "T9", "T11"):
        told = told_of(2023, key)
        paths = {path for cells in told.values() for path in cells}
        part = current_definitions().table(key).parts[0]
        periods = {one.key for n in range(1, 13) for one in periods_ending(date(2023, n, 1))}
        unknown = {
            (period, path)
            for period in periods
            for path in paths
            if period not in told or told[period].get(path, ()) is None
        }
        hidden = {(period, path) for period, path in unknown if period in told}
        equations = equations_of_year(2023, paths, part)
        assert hidden and not determined(unknown, equations) & hidden


def test_a_month_without_contracts_is_withheld_where_it_would_give_another_away(app: Flask) -> None:
    """One contract in January and none in February: the year up to February would be January."""
    enter(a_registration(1, "2024-01-10", type="40"))
    enter(*(a_registration(n, f"2024-0{1 + n % 2}-10", type="51") for n in range(2, 12)))
    publish("2024-01")
    publish("2024-02")
    february = rows_of(published("T1", "2024-02").content)
    assert february["40",] is None and follows_from_ledger(published("T1", "2024-02").content)
