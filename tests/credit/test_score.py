"""The score follows from the records alone."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from marketplace.credit.rules import CreditRules, months_after, versions_from
from marketplace.credit.score import Standing, score
from marketplace.credit.states import POSITIVE, Behaviour

TABLE = Settings(home=Path(), database_url="", secret_key="").credit
RULES = versions_from(TABLE)[0]
DAY = date(2026, 6, 30)
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


any_kind = st.sampled_from(Behaviour)
good_kind = st.sampled_from(sorted(POSITIVE))
bad_kind = st.sampled_from(sorted(set(Behaviour) - POSITIVE))


@st.composite
def standings(draw, kinds=any_kind) -> Standing:
    begun = draw(st.none() | days)
    ended = draw(st.none() | days)
    return Standing(draw(kinds), draw(days), begun, ended, draw(st.none() | days))


@given(st.lists(standings()), standings(good_kind))
def test_a_positive_fact_never_lowers_the_score(records: list[Standing], one: Standing) -> None:
    assert score([*records, one], RULES, DAY).total >= score(records, RULES, DAY).total


@given(st.lists(standings()), standings(bad_kind))
def test_a_negative_fact_never_raises_it(records: list[Standing], one: Standing) -> None:
    assert score([*records, one], RULES, DAY).total <= score(records, RULES, DAY).total


@given(st.lists(standings(), max_size=80))
def test_it_stays_within_its_bounds_and_each_kind_within_its_cap(records: list[Standing]) -> None:
    counted = score(records, RULES, DAY)
    assert RULES.lowest <= counted.total <= RULES.highest
    for part in counted.parts:
        cap = RULES.kinds[part.kind].cap
        years = {r.day.year for r in records if r.kind == part.kind}
        assert not cap or abs(part.points) <= cap * len(years)


@given(st.lists(standings()), st.randoms())
def test_the_order_of_the_records_does_not_matter(records: list[Standing], random: Random) -> None:
    mixed = [*records]
    random.shuffle(mixed)
    assert score(mixed, RULES, DAY) == score(records, RULES, DAY)


@given(st.lists(standings()), days)
def test_what_is_not_in_effect_on_the_day_is_as_if_it_were_not_there(
    records: list[Standing], day: date
) -> None:
    counting = [
        r
        for r in records
        if r.effective_on
        and r.effective_on <= day
        and not (r.ended_on and r.ended_on <= day)
        and not (r.expires_on and r.expires_on <= day)
    ]
    assert score(records, RULES, day) == score(counting, RULES, day)


@given(st.lists(standings()))
def test_the_parts_add_up_to_the_total(records: list[Standing]) -> None:
    counted = score(records, RULES, DAY)
    added = counted.base + sum(part.points for part in counted.parts)
    assert counted.total == max(RULES.lowest, min(RULES.highest, added))


def test_five_registrations_of_one_year_reach_the_cap_of_that_year_alone() -> None:
    def registered(year: int, count: int) -> list[Standing]:
        day = date(year, 5, 8)
        return [Standing(Behaviour.CONTRACT_REGISTERED, day, day)] * count

    part = score(registered(2026, 5), RULES, DAY).parts[0]
    assert (part.points, part.full, part.is_capped) == (12, 15, True)
    assert score(registered(2026, 5) + registered(2025, 1), RULES, DAY).parts[0].points == 15


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 12), 36, date(2029, 3, 12)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_a_term_of_months_ends_on_the_same_day_or_the_last(
    day: date, count: int, then: date
) -> None:
    assert months_after(day, count) == then


def test_versions_may_neither_overlap_nor_leave_a_gap() -> None:
    first = TABLE["version"][0]
    second = first | {"name": "CR-X", "valid_from": first["valid_from"] + timedelta(days=400)}
    with pytest.raises(ValueError, match="CR-2026"):
        versions_from({"version": [first, second]})


def test_a_kind_that_counts_with_the_wrong_sign_is_refused() -> None:
    first = TABLE["version"][0]
    wrong = first["kinds"]["false_material"] | {"points": 5}
    with pytest.raises(ValueError, match="false_material"):
        CreditRules.from_table(first | {"kinds": first["kinds"] | {"false_material": wrong}})
