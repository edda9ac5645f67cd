"""The figures of the funnel, from journeys that are written down here."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from marketplace.funnel.counting import (
    Journey,
    ShownIn,
    Stage,
    Touch,
    attribution,
    last_touch,
    losses,
    median_days,
    reasons,
    row,
    rows_by,
    shared,
)

START = datetime(2026, 3, 2, tzinfo=UTC)
STAGES = [stage for stage in Stage if stage != Stage.SHOWN]


def a_journey(upto: Stage | None = None, *, days: float = 1.0, **facts: Any) -> Journey:
    there = STAGES[: STAGES.index(upto) + 1] if upto else []
    reached = {stage: START + timedelta(days=i * days) for i, stage in enumerate(there)}
    values: dict[str, Any] = {
        "pair": (1, 1),
        "field": "07",
        "league": "150200",
        "broker": "",
        "sent_on": date(2026, 3, 1),
        "reached": reached,
    }
    return Journey(**values | facts)


def test_a_pair_that_was_introduced_twice_is_counted_once() -> None:
    twice = [a_journey(Stage.CONTACTED), a_journey(Stage.MET)]
    counts = row("", twice, shown=9).counts
    assert (counts[Stage.SHOWN], counts[Stage.CONTACTED], counts[Stage.MET]) == (9, 1, 1)


def test_each_share_is_of_the_stage_before() -> None:
    taken = [a_journey(Stage.REGISTERED, pair=(n, 1)) for n in range(3)]
    taken += [a_journey(Stage.CONTACTED, pair=(n, 1)) for n in range(3, 12)]
    total = row("", taken, shown=24)
    assert total.share(Stage.CONTACTED) == 0.5
    assert total.share(Stage.MET) == 0.25
    assert total.share(Stage.INCOME) == 0.0
    assert row("", [], shown=0).share(Stage.CONTACTED) is None


def test_fields_that_were_shown_and_never_contacted_have_a_line_too() -> None:
    seen = {ShownIn("05", "150200", "2026-02"): 3, ShownIn("07", "150200", "2026-03"): 4}
    lines = {line.name: line.counts for line in rows_by([a_journey(Stage.MET)], seen, "field")}
    assert lines["05"][Stage.SHOWN] == 3 and lines["05"][Stage.MET] == 0
    assert lines["07"][Stage.SHOWN] == 4 and lines["07"][Stage.MET] == 1


def test_days_are_medians_between_steps_that_follow_each_other() -> None:
    taken = [a_journey(Stage.MET, days=d) for d in (1, 5, 30)] + [a_journey(Stage.CONTACTED)]
    assert median_days(taken) == {(Stage.CONTACTED, Stage.MET): (5.0, 3)}


def test_losses_are_counted_by_where_and_why() -> None:
    taken = [a_journey(lost="lost", lost_from="met", lost_reason="price")] * 2
    taken += [a_journey(lost="declined", lost_from="sent", lost_reason="scale"), a_journey()]
    assert losses(taken) == [("met", "price", 2), ("sent", "scale", 1)]


def test_the_last_touch_takes_all_and_shared_divides() -> None:
    touches = (
        Touch("list", START),
        Touch("push", START + timedelta(1)),
        Touch("broker/王", START + timedelta(2)),
    )
    won = [a_journey(Stage.REGISTERED, touches=touches), a_journey(Stage.MET, touches=touches)]
    assert attribution(won, last_touch) == {"broker/王": 1.0}
    assert attribution(won, shared) == {"list": 0.333, "push": 0.333, "broker/王": 0.333}


def test_reasons_are_set_beside_what_came_of_them() -> None:
    taken = [a_journey(Stage.REGISTERED, reasons=("水垢", "锅炉")), a_journey(reasons=("水垢",))]
    counted = [(r.name, r.introductions, r.contacted, r.won) for r in reasons(taken)]
    assert counted == [("水垢", 2, 1, 1), ("锅炉", 1, 1, 1)]


journeys = st.builds(
    lambda upto, pair, sources: a_journey(
        upto,
        pair=pair,
        touches=tuple(Touch(name, START + timedelta(i)) for i, name in enumerate(sources)),
    ),
    st.sampled_from([None, *STAGES]),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.lists(st.sampled_from(["push", "list", "owner"]), max_size=4),
)


@given(st.lists(journeys, max_size=30))
def test_lines_by_league_sum_to_the_whole_where_each_pair_has_one_league(taken: Any) -> None:
    (line, *others) = rows_by(taken, {}, "league") or [row("", [], 0)]
    assert not others
    assert line.counts == row("", taken, 0).counts


@given(st.lists(journeys, max_size=30))
def test_both_rules_give_away_the_same_number_of_contracts(taken: Any) -> None:
    won = sum(j.is_won and bool(j.touches) for j in taken)
    for rule in (last_touch, shared):
        assert abs(sum(attribution(taken, rule).values()) - won) < 0.01
