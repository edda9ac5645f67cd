from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from matching import Document, Matcher, load, save
from matching.fingerprint import changed, digest_of, total
from matching.shown import Listed, ask, replay

NEED = Document("need", "换热器结垢", "循环水换热器结垢严重，求缓蚀阻垢剂。")


def shown(matcher: Matcher) -> Listed:
    return ask(matcher, NEED, against="result", k=5, where={"field": ["煤化工", "固废"]})[1]


def test_a_list_can_be_made_again_by_another_matcher_that_was_filled_otherwise(
    matcher: Matcher, new_matcher: Callable[[], Matcher], documents: list[Document]
) -> None:
    other = new_matcher()
    for document in reversed(documents):
        other.put([document])
    again = replay(other, Listed.from_bytes(shown(matcher).as_bytes()), NEED)
    assert again.same and again.differences == ()
    assert again.before.entries[0].key == "scale"


def test_a_ranking_without_reasons_is_that_of_the_match(matcher: Matcher) -> None:
    hits = matcher.match(NEED, k=5, where={"field": ["煤化工"]}).hits
    ranked = matcher.rank(NEED, k=5, where={"field": ["煤化工"]})
    assert ranked == [(hit.key, hit.score) for hit in hits] != []
    assert matcher.rank(Document("", "", "技术")) == []


def test_a_changed_document_is_named(matcher: Matcher) -> None:
    before = shown(matcher)
    matcher.put([Document("scale", "阻垢剂", "用于换热器结垢。", {"field": ("煤化工",)}, 2)])
    again = replay(matcher, before, NEED)
    assert not again.same and again.differences == ("index",)
    assert again.changed == ("scale",) and again.gone == ()


def test_a_document_that_left_and_one_that_came_are_named(matcher: Matcher) -> None:
    before = shown(matcher)
    matcher.remove(["scale"])
    matcher.put([Document("late", "换热器结垢", "循环水缓蚀阻垢剂。", {"field": ("煤化工",)})])
    again = replay(matcher, before, NEED)
    assert again.gone == ("scale",) and again.come == ("late",) and not again.same_order


def test_another_query_and_another_recipe_are_told_apart(
    matcher: Matcher,
) -> None:
    before = shown(matcher)
    assert replay(matcher, before, replace(NEED, title="结垢")).differences == ("query",)
    weights = replace(matcher.recipe.weights, words=0.9)
    assert replay(matcher.with_weights(weights), before, NEED).differences == ("recipe",)


def test_the_index_digest_follows_every_change_and_survives_a_snapshot(
    matcher: Matcher, new_matcher: Callable[[], Matcher], tmp_path: Path
) -> None:
    first = matcher.index_digest
    odd = Document("odd", "\ud800", "")
    matcher.put([odd])
    assert matcher.index_digest != first
    save(matcher, tmp_path / "snapshot")
    restored = new_matcher()
    load(restored, tmp_path / "snapshot")
    assert restored.index_digest == matcher.index_digest
    restored.remove(["odd", "unknown"])
    assert restored.index_digest == first
    restored.remove(list(restored.revisions()))
    assert int(restored.index_digest, 16) == 0


documents_of_any_kind = st.lists(
    st.builds(Document, st.sampled_from("abc"), st.text(max_size=5), st.text(max_size=5)),
    unique_by=lambda one: one.key,
)


@given(documents_of_any_kind, documents_of_any_kind)
def test_the_number_of_a_set_does_not_depend_on_the_way_to_it(
    before: list[Document], after: list[Document]
) -> None:
    assert changed(total(before), gone=before, come=after) == total(reversed(after))
    assert len({digest_of(one) for one in before}) == len(before)
