from __future__ import annotations

from dataclasses import replace

import pytest

from matching import Document, Matcher, NgramEncoder, Recipe, Segmenter, Weights
from matching.affinity import affinity

TWINS = ("换热器碳酸钙垢的阻垢剂", "用于循环水换热器，抑制碳酸钙沉积物。")
WEIGHTS = replace(Weights(), affinity={"field": 0.03, "mode": 0.02})


@pytest.fixture
def twins(segmenter: Segmenter) -> Matcher:
    """Two results of the same text, of other fields and other ways of co-operation."""
    matcher = Matcher(Recipe(weights=WEIGHTS), segmenter, NgramEncoder(64))
    matcher.put(
        Document(key, *TWINS, {"field": (field,), "mode": (mode,)})
        for key, field, mode in (("a", "energy", "joint"), ("b", "chemistry", "licence"))
    )
    return matcher


@pytest.mark.parametrize(
    ("asked", "offered", "added"),
    [
        ({"field": ("x",)}, {"field": ("x",)}, 0.03),
        ({"field": ("x",), "mode": ("p", "q")}, {"field": ("x",), "mode": ("q",)}, 0.05),
        ({"field": ("x",)}, {"field": ("y",)}, 0.0),
        ({"field": ("",)}, {"field": ("",)}, 0.0),
        ({}, {"field": ("x",)}, 0.0),
    ],
)
def test_only_values_that_both_sides_hold_count(asked, offered, added) -> None:
    assert affinity(asked, offered, WEIGHTS.affinity) == added


def test_of_equal_texts_the_one_of_the_same_field_comes_first(twins: Matcher) -> None:
    for field, first in (("energy", "a"), ("chemistry", "b")):
        asked = Document("", "换热器结垢", "循环水换热器碳酸钙垢严重", {"field": (field,)})
        hits = twins.match(asked).hits
        assert hits[0].key == first and hits[0].parts.affinity == 0.03
        assert hits[0].raw == pytest.approx(hits[1].raw + 0.03)


def test_what_explains_a_hit_is_what_ranked_it(twins: Matcher) -> None:
    asked = Document("", "换热器结垢", "循环水换热器碳酸钙垢严重", {"mode": ("joint",)})
    for hit in twins.match(asked).hits:
        assert twins.explain(asked, hit.key) == hit
