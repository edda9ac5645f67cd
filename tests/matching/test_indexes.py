from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.filters import FacetIndex
from matching.index import FIRST_DEPTH
from matching.layers import Layers, Selection, merge
from matching.lexical import (
    LEAST_COLLECTION,
    USUAL_IDEAL,
    Bm25Index,
    Fields,
    Part,
    Summed,
    best,
    term_weights,
    weighed,
)
from matching.recipe import Bm25
from matching.vectors import FaissVectors, Vectors

WORDS = st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=8)
ENTRIES = st.dictionaries(st.sampled_from([f"d{n}" for n in range(12)]), WORDS, max_size=12)
CHANGES = st.lists(st.tuples(st.sampled_from([f"d{n}" for n in range(8)]), st.none() | WORDS))


def weights_of(words: list[str]) -> dict[str, float]:
    return term_weights({}, Counter(words), Bm25())


def reference(texts: Mapping[str, list[str]], query: Mapping[str, float], key: str) -> float:
    """BM25 written out from the formula, over the root of Σ weight · idf times its unit."""
    parameters = Bm25()
    score = ideal = 0.0
    for term, weight in query.items():
        df = sum(term in words for words in texts.values())
        idf = math.log(1 + (max(len(texts), LEAST_COLLECTION) - df + 0.5) / (df + 0.5))
        b, length = parameters.body_b, len(texts[key])
        tf = texts[key].count(term) / (1 - b + b * length / parameters.body_length)
        score += weight * idf * tf / (parameters.k1 + tf)
        ideal += weight * idf
    return score / math.sqrt(ideal * USUAL_IDEAL)


@given(ENTRIES)
def test_scores_equal_those_of_the_written_out_formula(texts: dict[str, list[str]]) -> None:
    query = {"甲": 1.0, "丙": 0.5, "庚": 1.0}
    index = Bm25Index().put({key: weights_of(words) for key, words in texts.items()})
    keys = sorted(texts)
    expected = [reference(texts, query, key) for key in keys]
    assert index.query(query).of(keys) == pytest.approx(expected, abs=2e-5)


@given(CHANGES)
def test_changes_in_any_order_score_exactly_as_a_fresh_build(
    changes: list[tuple[str, list[str] | None]],
) -> None:
    index, texts = Bm25Index(), dict[str, list[str]]()
    for key, words in changes:
        if words is None:
            index = index.remove([key])
            texts.pop(key, None)
        else:
            index = index.put({key: weights_of(words)})
            texts[key] = words
    fresh = Bm25Index().put({key: weights_of(texts[key]) for key in sorted(texts)})
    query = {"甲": 1.0, "丙": 0.5, "戊": 1.0}
    keys = sorted(texts)
    assert len(index) == len(texts)
    assert index.query(query).of(keys).tolist() == fresh.query(query).of(keys).tolist()
    assert set(index.query(query).top(3).keys) <= set(texts)


@given(CHANGES)
def test_layers_in_a_file_score_exactly_as_layers_in_memory(
    changes: list[tuple[str, list[str] | None]],
) -> None:
    index = Bm25Index()
    for key, words in changes:
        index = index.remove([key]) if words is None else index.put({key: weights_of(words)})
    if not index.layers.layers:
        return
    layer = merge(index.layers.layers, spill_bytes=0)
    spilled = Bm25Index(Layers((layer,)), index.name, index.vocabulary)
    query, keys = {"甲": 1.0, "丙": 0.5}, [f"d{n}" for n in range(8)]
    assert spilled.query(query).of(keys).tolist() == index.query(query).of(keys).tolist()
    assert sorted(spilled.query(query).top(9).keys) == sorted(index.query(query).top(9).keys)
    assert layer.mapped is not None and len(spilled) == len(index)


FIELDS = st.lists(st.tuples(WORDS, WORDS), max_size=6)


@given(FIELDS)
def test_documents_weighed_together_weigh_what_each_does_alone(
    documents: list[tuple[list[str], list[str]]],
) -> None:
    vocabulary: dict[str, int] = {}
    postings = weighed([Fields(*one) for one in documents], vocabulary, Bm25())
    numbers = np.array(list(vocabulary.values()), np.int64)
    held = postings.held_by(np.arange(len(documents)), numbers)
    for row, (title, body) in enumerate(documents):
        weights = term_weights(Counter(title), Counter(body), Bm25())
        expected = [weights.get(term, 0.0) for term in vocabulary]
        assert held[row] == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.integers(0, 9), max_size=3_000), st.integers(1, 40))
def test_the_best_are_those_of_a_full_sort(values: list[int], count: int) -> None:
    scores = np.array(values, np.float32)
    places, bound = best(scores, count)
    positive = sorted((value for value in values if value), reverse=True)
    assert sorted(scores[places].tolist(), reverse=True) == positive[:count]
    assert bound == (positive[count] if len(positive) > count else 0)


def test_the_best_of_a_sum_are_found_and_the_others_lie_under_its_bound() -> None:
    random = np.random.default_rng(2)
    entries = {
        f"d{n:04}": dict(zip("甲乙丙丁", random.random(4).tolist(), strict=True))
        for n in range(900)
    }
    index = Bm25Index().put(entries).remove(["d0007"])
    first, second = index.query({"甲": 1.0, "乙": 0.4}), index.query({"丙": 1.0})
    summed = Summed([Part(first, 0.5), Part(second, 0.8, 0.1)], first.mask)
    keys = sorted(set(entries) - {"d0007"})
    exact = dict(zip(keys, summed.of(keys).tolist(), strict=True))
    ranking = summed.top(20)
    assert set(sorted(keys, key=exact.__getitem__)[-20:]) == set(ranking.keys)
    assert all(exact[key] <= ranking.bound for key in exact.keys() - set(ranking.keys))


def test_a_reader_keeps_the_index_that_it_took() -> None:
    before = Bm25Index().put({"a": {"甲": 0.5}})
    before.put({"b": {"乙": 0.5}}).remove(["a"])
    assert before.query({"甲": 1.0}).top(5).keys == ("a",)


def test_the_reasons_sum_to_the_score() -> None:
    index = Bm25Index().put({"a": {"甲": 0.5, "乙": 0.25}, "b": {"甲": 0.5}})
    scored = index.query({"甲": 1.0, "乙": 2.0, "丙": 1.0})
    assert sum(scored.terms_of("a").values()) == pytest.approx(scored.of(["a"])[0])


class Quantised(Vectors):
    """Vectors that are quantised from 16 rows, as those of a large layer are."""

    exact_rows = 15


def unit_vectors(count: int, seed: int, dim: int = 8) -> np.ndarray:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("kind", [Vectors, Quantised])
@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(1, 10))
@settings(max_examples=15)
def test_vector_search_equals_brute_force(
    kind: type[Vectors], count: int, seed: int, k: int
) -> None:
    vectors = unit_vectors(count, seed)
    keys = [f"v{n}" for n in range(count)]
    index = FaissVectors(kind=kind).put(keys[: count // 2], vectors[: count // 2])
    index = index.put(keys[count // 2 :], vectors[count // 2 :]).remove(keys[::5])
    allowed = frozenset(key for n, key in enumerate(keys) if n % 5 and n % 3)
    scored = index.query(vectors[0], allowed)
    kept = sorted(allowed)
    exact = dict(zip(kept, (vectors[[keys.index(key) for key in kept]] @ vectors[0]), strict=True))
    assert scored.of(kept) == pytest.approx(list(exact.values()), abs=1e-5)
    ranking = scored.top(k)
    assert set(ranking.keys) <= allowed
    left_out = [score for key, score in exact.items() if key not in ranking.keys]
    assert all(score <= ranking.bound + 1e-6 for score in left_out)
    assert len(ranking.keys) >= min(k, len(allowed))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.05])
def test_the_quantised_index_finds_what_an_exact_one_finds_and_obeys_the_filter(
    share: float,
) -> None:
    # Vectors around a few centres, as those of texts are: neighbours lie close together.
    random, count = np.random.default_rng(5), 6_000
    vectors = unit_vectors(40, 3, 64)[random.integers(0, 40, count)]
    vectors = vectors + 0.15 * random.standard_normal((count, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = [f"v{n}" for n in range(count)]
    index = FaissVectors(kind=Quantised).put(keys, vectors)
    allowed = np.flatnonzero(random.random(count) < share)
    names = None if share == 1.0 else frozenset(keys[row] for row in allowed)
    found = 0
    for query in unit_vectors(20, 9, 64):
        scores = vectors[allowed] @ query
        best = {keys[row] for row in allowed[np.argsort(-scores)[:10]]}
        ranked = index.query(query, names).top(FIRST_DEPTH).keys
        assert names is None or set(ranked) <= names
        found += len(best & set(ranked))
    assert found / 200 >= 0.98


def test_a_vector_is_given_back_as_it_was_put() -> None:
    vectors = unit_vectors(3, 1)
    index = FaissVectors().put(["a", "b", "c"], vectors).remove(["b"])
    assert np.array_equal(index.vector("c"), vectors[2])
    assert index.vector("b") is None and len(index) == 2


def test_vectors_of_another_length_are_refused() -> None:
    index = FaissVectors().put(["a"], np.ones((1, 4), np.float32))
    with pytest.raises(ValueError, match="do not fit"):
        index.put(["b"], np.ones((1, 5), np.float32))


VALUES = st.lists(st.sampled_from("xyz"), unique=True, max_size=3).map(tuple)
FACETS = st.fixed_dictionaries({"f": VALUES, "g": VALUES})
HELD = st.dictionaries(st.sampled_from("abcdefgh"), FACETS)


@given(HELD, HELD, st.dictionaries(st.sampled_from("fgh"), st.sets(st.sampled_from("xyz"))))
def test_filters_equal_brute_force(
    first: dict[str, dict[str, tuple[str, ...]]],
    second: dict[str, dict[str, tuple[str, ...]]],
    where: dict[str, set[str]],
) -> None:
    index = FacetIndex().put(first).put(second)
    held = {**first, **second}
    expected = {
        key
        for key, facets in held.items()
        if all(wanted & set(facets.get(facet, ())) for facet, wanted in where.items())
    }
    allowed = index.allowed(where)
    assert (allowed is None and not where) or allowed == expected
    assert index.remove(first).allowed({}, expected) == expected - first.keys()


@given(HELD, HELD, st.dictionaries(st.just("f"), st.sets(st.sampled_from("xyz"))))
def test_counts_of_a_facet_equal_brute_force(
    first: dict[str, dict[str, tuple[str, ...]]],
    second: dict[str, dict[str, tuple[str, ...]]],
    where: dict[str, set[str]],
) -> None:
    index = FacetIndex().put(first).put(second)
    held = {**first, **second}
    allowed = index.allowed(where)
    kept = [facets for key, facets in held.items() if allowed is None or key in allowed]
    expected = Counter(value for facets in kept for value in facets["g"])
    assert index.counts("g", allowed) == expected


def test_a_selection_is_a_set_of_keys() -> None:
    index = FacetIndex().put(
        {key: {"f": (value,)} for key, value in zip("abc", "xxy", strict=True)}
    )
    some = index.allowed({"f": ["x"]})
    assert isinstance(some, Selection) and some == {"a", "b"}
    assert "a" in some and "c" not in some and "z" not in some and 7 not in some
    assert some & {"b", "c"} == {"b"} and some | {"c"} == {"a", "b", "c"} and some - {"a"} == {"b"}
    assert not index.allowed({"f": ["unknown"]})
