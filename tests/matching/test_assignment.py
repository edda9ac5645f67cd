from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import (
    Edge,
    Limits,
    assign,
    exposure,
    figures,
    gini,
    mean_ndcg,
    plain,
    ranked,
)

EVERYBODY_WANTS_ONE = [Edge(f"need{n}", "star", 0.9) for n in range(6)] + [
    Edge(f"need{n}", f"other{n}", 0.5) for n in range(6)
]


def keys(pairs: tuple[Edge, ...]) -> list[tuple[str, str]]:
    return [(edge.query, edge.document) for edge in pairs]


def within(pairs: tuple[Edge, ...], queries: Limits, documents: Limits) -> bool:
    for side, limits in (("query", queries), ("document", documents)):
        load = Counter(getattr(edge, side) for edge in pairs)
        owners = Counter(limits.owner_of.get(getattr(edge, side)) for edge in pairs)
        if any(count > limits.limit(key) for key, count in load.items()):
            return False
        if any(owners[owner] > most for owner, most in limits.of_owner.items()):
            return False
    return True


def test_whoever_can_take_three_contacts_is_not_sent_six() -> None:
    before = plain(EVERYBODY_WANTS_ONE, Limits(1))
    after = assign(EVERYBODY_WANTS_ONE, queries=Limits(1), documents=Limits(3))
    assert Counter(edge.document for edge in before)["star"] == 6
    assert Counter(edge.document for edge in after)["star"] == 3
    assert len(after) == 6, "those who cannot have the first choice are given the second"


def test_a_firm_is_given_no_more_answers_than_it_can_look_at() -> None:
    edges = [Edge("need", f"result{n:02d}", 0.5 + n / 100) for n in range(30)]
    chosen = assign(edges, queries=Limits(5), documents=Limits(3))
    assert [edge.document for edge in chosen] == [f"result{n}" for n in (29, 28, 27, 26, 25)]


def test_an_organisation_is_not_sent_more_than_it_can_take_over_all_its_listings() -> None:
    edges = [Edge(f"need{n}", f"result{n}", 0.9) for n in range(4)]
    owned = Limits(
        3, owner_of={f"result{n}": "institute" for n in range(4)}, of_owner={"institute": 2}
    )
    assert len(assign(edges, queries=Limits(5), documents=owned)) == 2


def test_who_takes_no_contacts_is_sent_none() -> None:
    edges = [Edge("need", "busy", 0.9), Edge("need", "free", 0.3)]
    chosen = assign(edges, queries=Limits(5), documents=Limits(3, of={"busy": 0}))
    assert keys(chosen) == [("need", "free")]


def test_ties_go_to_the_earlier_key_in_whatever_order_the_pairs_come() -> None:
    edges = [Edge(q, d, 0.5) for q in ("a", "b") for d in ("x", "y")]
    for order in (edges, edges[::-1]):
        chosen = assign(order, queries=Limits(1), documents=Limits(1))
        assert keys(chosen) == [("a", "x"), ("b", "y")]


def test_nobody_is_given_a_second_contact_while_somebody_could_have_a_first() -> None:
    edges = [Edge("rich", "star", 0.9), Edge("rich", "other", 0.8), Edge("poor", "star", 0.3)]
    by_score, with_first = (
        assign(edges, queries=Limits(5), documents=Limits(1), first=first) for first in (0.0, 1.0)
    )
    assert keys(by_score) == [("rich", "star"), ("rich", "other")]
    assert keys(with_first) == [("poor", "star"), ("rich", "other")]


def test_nothing_is_assigned_where_there_is_nothing() -> None:
    assert assign([], queries=Limits(5), documents=Limits(3)) == ()
    nothing = figures((), (), Limits(3))
    assert (nothing.pairs, nothing.exposure_gini, nothing.most) == (0, 0.0, 0)


small_edges = st.lists(
    st.builds(
        Edge,
        st.sampled_from(["n1", "n2", "n3"]),
        st.sampled_from(["r1", "r2", "r3"]),
        st.integers(1, 999).map(lambda score: score / 1000),
    ),
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(
    edges=small_edges,
    q=st.integers(1, 2),
    d=st.integers(0, 2),
    owner=st.integers(0, 3),
    first=st.sampled_from([0.0, 0.4, 1.0]),
)
def test_no_other_choice_within_the_limits_is_better(
    edges: list[Edge], q: int, d: int, owner: int, first: float
) -> None:
    queries = Limits(q)
    documents = Limits(d, owner_of={"r1": "o", "r2": "o"}, of_owner={"o": owner})
    chosen = assign(edges, queries=queries, documents=documents, first=first)
    assert within(chosen, queries, documents)

    def worth(pairs: tuple[Edge, ...]) -> float:
        return sum(pair.score for pair in pairs) + first * len({pair.query for pair in pairs})

    candidates = ranked(edges)
    every = (set_ for size in range(len(candidates) + 1) for set_ in combinations(candidates, size))
    best = max(worth(pairs) for pairs in every if within(pairs, queries, documents))
    assert worth(chosen) == pytest.approx(best, abs=1e-4)


def test_gini_is_that_of_its_definition() -> None:
    assert gini([1, 1, 1, 1]) == 0
    assert gini([0, 0, 0, 4]) == pytest.approx(0.75)
    values = [1.0, 2.0, 5.0]
    pairs = sum(abs(a - b) for a in values for b in values)
    assert gini(values) == pytest.approx(pairs / (2 * len(values) ** 2 * (8 / 3)))


def test_the_first_place_is_worth_more_attention_than_the_second() -> None:
    seen = exposure([Edge("q", "a", 0.9), Edge("q", "b", 0.8)], ["a", "b", "c"])
    assert seen["a"] == 1 and 0 < seen["b"] < 1 and seen["c"] == 0


def test_the_figures_say_how_crowded_lists_were_and_what_evening_them_cost() -> None:
    limits = Limits(3)
    before = figures(plain(EVERYBODY_WANTS_ONE, Limits(1)), EVERYBODY_WANTS_ONE, limits)
    chosen = assign(EVERYBODY_WANTS_ONE, queries=Limits(1), documents=limits)
    after = figures(chosen, EVERYBODY_WANTS_ONE, limits)
    assert (before.most, after.most) == (6, 3)
    assert before.over_limit == pytest.approx(1 / 7, abs=1e-4) and after.over_limit == 0
    assert after.exposure_gini < before.exposure_gini
    assert before.mean_score == 0.9 and after.mean_score == pytest.approx(0.7)
    grades = {f"need{n}": {"star": 3, f"other{n}": 2} for n in range(6)}
    assert mean_ndcg(chosen, grades) < mean_ndcg(plain(EVERYBODY_WANTS_ONE, Limits(1)), grades) <= 1


def test_a_query_that_lost_its_whole_list_counts_as_nothing() -> None:
    assert mean_ndcg([Edge("a", "x", 0.5)], {"a": {"x": 3}, "b": {"x": 3}}) == 0.5
    assert mean_ndcg([], {"a": {"x": 0}}) is None
