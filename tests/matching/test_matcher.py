from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import Document, Matcher, NgramEncoder, Recipe, RecipeMismatch, Segmenter, Weights

NEED = Document("need", "换热器结垢", "循环水换热器结垢严重，求缓蚀阻垢剂。预算十万元。")
FIXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def test_the_document_that_answers_the_need_comes_first(matcher: Matcher) -> None:
    matches = matcher.match(NEED)
    assert matches.enough_text
    assert matches.hits[0].key == "scale"


def test_the_parts_sum_to_the_raw_score_and_order_the_hits(matcher: Matcher) -> None:
    hits = matcher.match(NEED).hits
    for hit in hits:
        assert hit.parts.words + hit.parts.bigrams + hit.parts.dense == pytest.approx(hit.raw)
    assert [hit.key for hit in hits] == [
        hit.key for hit in sorted(hits, key=lambda hit: (-hit.raw, hit.key))
    ]


def test_the_evidence_stands_in_the_originals(matcher: Matcher, documents: list[Document]) -> None:
    hit = matcher.match(NEED).hits[0]
    found = next(document for document in documents if document.key == hit.key)
    assert hit.terms and hit.sentences and hit.query_sentences
    for document, sentences in ((NEED, hit.query_sentences), (found, hit.sentences)):
        for sentence in sentences:
            original = document.title if sentence.side == "title" else document.text
            assert original[sentence.start : sentence.end] == sentence.text


def test_an_explanation_is_the_hit_of_the_ranking(matcher: Matcher) -> None:
    for hit in matcher.match(NEED).hits:
        assert matcher.explain(NEED, hit.key) == hit


def test_a_filter_an_exclusion_and_a_subset_are_exact(matcher: Matcher) -> None:
    filtered = matcher.match(NEED, where={"field": ["煤化工", "稀土"]}).hits
    assert {hit.key for hit in filtered} <= {"scale", "magnet"}
    assert filtered[0].key == "scale"
    assert "scale" not in [h.key for h in matcher.match(NEED, exclude=["scale"]).hits]
    assert {h.key for h in matcher.match(NEED, keys=["scale", "milk"]).hits} <= {"scale", "milk"}
    assert matcher.match(NEED, where={"field": []}).hits == ()


@FIXED
@given(st.permutations(range(6)), st.sets(st.integers(0, 5)))
def test_any_order_of_changes_gives_the_ranking_of_a_fresh_build(
    new_matcher: Callable[[], Matcher], documents: list[Document], order: list[int], gone: set[int]
) -> None:
    changed, fresh = new_matcher(), new_matcher()
    for number in order:
        changed.put([replace(documents[number], text="旧文")])
        changed.put([documents[number]])
    changed.remove([documents[number].key for number in gone])
    fresh.put([document for number, document in enumerate(documents) if number not in gone])
    assert changed.match(NEED) == fresh.match(NEED)
    assert changed.revisions() == fresh.revisions()


def test_the_first_k_are_the_head_of_the_whole_ranking(new_matcher: Callable[[], Matcher]) -> None:
    built = new_matcher()
    words = ["换热器", "结垢", "阻垢剂", "循环水", "煤矸石", "陶粒", "风机", "叶片", "除冰", "奶牛"]
    built.put(
        Document(f"{n:04}", words[n % 10], "".join(words[n % k] for k in (2, 3, 5, 7, 9)))
        for n in range(1500)
    )
    whole = built.match(NEED, k=1500).hits
    assert built.match(NEED, k=7).hits == whole[:7]


@pytest.mark.parametrize(
    "text", ["", "。，！？" * 20, "😀🐎", "\x00\x01\x07", "\ud800\udfff", " \u200b\n", "的", "123"]
)
def test_too_little_text_is_an_answer_of_its_own(matcher: Matcher, text: str) -> None:
    assert matcher.match(Document("q", "", text)) == matcher.match(Document("q", text, ""))
    assert not matcher.match(Document("q", "", text)).enough_text


@pytest.mark.parametrize("text", ["", "。，！？", "😀🐎", "\x00\x01", "\ud800\udfff", "的"])
def test_a_search_for_no_words_finds_nothing(matcher: Matcher, text: str) -> None:
    assert matcher.search(text).keys == ()


def test_a_text_of_a_megabyte_is_capped(matcher: Matcher) -> None:
    long = Document("long", "长文", "换热器结垢，" * 170_000)
    assert matcher.match(long).hits[0].key == "scale"
    matcher.put([long])
    assert "long" in matcher
    assert matcher.search("换热器" * 300_000).keys


@FIXED
@given(st.text(max_size=50) | st.text(st.characters(), max_size=20))
def test_no_text_makes_a_search_or_a_match_fail(matcher: Matcher, text: str) -> None:
    matcher.put([Document("odd", text, text)])
    assert matcher.match(Document("q", text, "煤矸石陶粒" + text)).enough_text
    assert len(matcher.search(text).keys) == len(matcher.search(text).scores)


def test_an_empty_matcher_answers_with_nothing(new_matcher: Callable[[], Matcher]) -> None:
    assert new_matcher().match(NEED).hits == ()
    assert new_matcher().search("换热器").keys == ()


def test_a_search_prefers_documents_that_hold_all_the_words(matcher: Matcher) -> None:
    complete = matcher.search("煤矸石 粉煤灰")
    assert (complete.complete, complete.keys) == (True, ("gangue",))
    partial = matcher.search("煤矸石 乳房炎")
    assert not partial.complete
    assert set(partial.keys) == {"gangue", "milk"}


def test_a_search_finds_a_part_of_a_longer_word(matcher: Matcher) -> None:
    assert matcher.search("矸石").keys == ("gangue",)
    assert set(matcher.search("垢").keys) == {"scale"}


def test_a_search_obeys_the_filter(matcher: Matcher) -> None:
    assert matcher.search("煤矸石", where={"field": ["乳业"]}).keys == ()


def test_a_stored_vector_answers_without_an_encoder(matcher: Matcher, segmenter: Segmenter) -> None:
    vector = matcher.vector("scale")
    bare = Matcher(matcher.recipe, segmenter)
    bare.restore(matcher.state)
    assert bare.match(NEED, vector=vector) == matcher.match(NEED, vector=vector)
    assert bare.match(NEED).hits[0].parts.dense == 0
    assert matcher.vector("unknown") is None


def test_another_dictionary_or_encoder_is_refused(matcher: Matcher, segmenter: Segmenter) -> None:
    with pytest.raises(RecipeMismatch):
        Matcher(matcher.recipe, Segmenter(), NgramEncoder(64))
    with pytest.raises(RecipeMismatch):
        Matcher(matcher.recipe, segmenter, NgramEncoder(32))


def test_a_recipe_survives_its_json(matcher: Matcher) -> None:
    assert Recipe.from_json(matcher.recipe.as_json()) == matcher.recipe
    assert replace(matcher.recipe, weights=Weights(words=0.4)).digest != matcher.recipe.digest


def test_readers_are_undisturbed_by_a_writer(matcher: Matcher, documents: list[Document]) -> None:
    expected = {hit.key for hit in matcher.match(NEED).hits} | {"new"}
    answers: list[set[str]] = []

    def read() -> None:
        answers.extend({hit.key for hit in matcher.match(NEED).hits} for _ in range(20))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for round_number in range(20):
        matcher.put([Document("new", "换热器结垢", f"阻垢剂{round_number}"), documents[0]])
        matcher.remove(["new"])
    for reader in readers:
        reader.join()
    assert len(answers) == 60
    assert all("scale" in answer and answer <= expected for answer in answers)


def test_importing_and_building_a_matcher_loads_no_model_library() -> None:
    program = (
        "import sys, matching; assert 'jieba' not in sys.modules;"
        "matching.Matcher(matching.Recipe(), matching.Segmenter(), matching.SentenceEncoder('x'));"
        "assert not {'torch', 'sentence_transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
