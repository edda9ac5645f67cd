from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.filters import FacetIndex
from matching.lexical import LEAST_COLLECTION, USUAL_IDEAL, Bm25Index, term_weights
from matching.recipe import Bm25
from matching.vectors import FaissVectors

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


def test_a_reader_keeps_the_index_that_it_took() -> None:
    before = Bm25Index().put({"a": {"甲": 0.5}})
    before.put({"b": {"乙": 0.5}}).remove(["a"])
    assert before.query({"甲": 1.0}).top(5).keys == ("a",)


def test_the_reasons_sum_to_the_score() -> None:
    index = Bm25Index().put({"a": {"甲": 0.5, "乙": 0.25}, "b": {"甲": 0.5}})
    scored = index.query({"甲": 1.0, "乙": 2.0, "丙": 1.0})
    assert sum(scored.terms_of("a").values()) == pytest.approx(scored.of(["a"])[0])


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(1, 10))
def test_vector_search_equals_brute_force(count: int, seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = [f"v{n}" for n in range(count)]
    index = FaissVectors().put(keys[: count // 2], vectors[: count // 2])
    index = index.put(keys[count // 2 :], vectors[count // 2 :]).remove(keys[::5])
    allowed = frozenset(key for n, key in enumerate(keys) if n % 5 and n % 3)
    scored = index.query(vectors[0], allowed)
    kept = sorted(allowed)
    exact = dict(zip(kept, (vectors[[keys.index(key) for key in kept]] @ vectors[0]), strict=True))
    assert scored.of(kept) == pytest.approx(list(exact.values()), abs=1e-5)
    ranking = scored.top(k)
    assert set(ranking.keys) <= allowed
    left_out = [score for key, score in exact.items() if key not in ranking.keys]
    assert all(score <= ranking.bound for score in left_out)
    assert len(ranking.keys) >= min(k, len(allowed))


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
