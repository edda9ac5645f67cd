from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Segmenter, find_words, normalise
from matching.text import split_sentences

CHINESE = st.text(
    alphabet="煤矸石的風電場氫能１２３ＡＢm³㎡℃。，；\n 本发明涉及abc0.5^%é́\ud800\x00😀",
    max_size=60,
)


@given(st.text(max_size=80) | st.text(st.characters(), max_size=40) | CHINESE)
def test_every_normalised_character_maps_to_a_place_in_the_original(original: str) -> None:
    form = normalise(original)
    assert len(form.origins) == len(form.text) + 1
    assert form.origins[-1] == len(original)
    assert all(first <= second for first, second in pairwise(form.origins))


@given(CHINESE)
def test_the_original_of_a_span_normalises_to_something_that_holds_it(original: str) -> None:
    form = normalise(original)
    for at in range(len(form.text)):
        start, end = form.original_span(at, at + 1)
        assert 0 <= start < end <= len(original)
        # A superscript reads differently without the digit before it.
        if form.text[at] != "^":
            assert form.text[at] in normalise(original[start:end]).text


@given(CHINESE)
def test_a_normal_form_holds_no_control_and_no_surrogate(original: str) -> None:
    text = normalise(original).text
    assert not any(character < " " and character != "\n" for character in text)
    text.encode()


@pytest.mark.parametrize(
    ("original", "normal"),
    [
        ("ＡＢＣ１２", "abc12"),
        ("10³", "10^3"),
        ("10⁻³", "10^-3"),
        ("m³/h", "m3/h"),
        ("㎡", "m2"),
        ("℃", "°c"),
        ("CO₂", "co2"),
        ("風電場與氫能", "风电场与氢能"),
        ("水\u200b垢", "水垢"),
        ("a\ud800b", "a b"),
    ],
)
def test_forms_of_the_same_thing_are_made_one(original: str, normal: str) -> None:
    assert normalise(original).text == normal


def test_words_are_found_in_the_original_that_was_typed() -> None:
    original = "ＣＯ₂驅油與風電場"
    spans = find_words(original, ["co2", "风电场"])
    assert [original[start:end] for start, end in spans] == ["ＣＯ₂", "風電場"]


@given(CHINESE)
def test_sentences_do_not_overlap_and_miss_only_blanks_and_stops(original: str) -> None:
    spans = split_sentences(original)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    covered = set().union(*(range(start, end) for start, end in spans))
    missed = "".join(original[at] for at in range(len(original)) if at not in covered)
    assert not missed.strip(" \n\r\t。！？!?；;\x00").strip()


@given(CHINESE)
def test_words_cover_every_letter_that_is_not_stopped(segmenter: Segmenter, original: str) -> None:
    normal = normalise(original).text
    blanked = segmenter.blank_stock_phrases(normal)
    covered = set().union(*(range(t.start, t.end) for t in segmenter._cut(blanked, "search")))
    assert all(at in covered for at, letter in enumerate(blanked) if letter.isalnum())


@given(CHINESE)
def test_blanking_keeps_the_length(segmenter: Segmenter, original: str) -> None:
    assert len(segmenter.blank_stock_phrases(original)) == len(original)


def test_terms_of_the_region_are_one_word_with_their_parts(segmenter: Segmenter) -> None:
    assert "低温甲醇洗" in segmenter.words("煤化工低温甲醇洗装置")
    assert {"风电场", "风电"} <= set(segmenter.words("风电场"))


def test_the_names_of_the_thesaurus_are_words_of_the_same_dictionary(tmp_path: Path) -> None:
    terms = tmp_path / "terms.txt"
    terms.write_text("荒煤气\n", encoding="utf-8")
    plain, named = Segmenter(terms), Segmenter(terms, names=["跑煤水坑", "CaCO3", "荒煤气"])
    assert "跑煤水坑" in named.words("跑煤水坑堵了") and "荒煤气" in named.words("荒煤气外泄")
    assert "跑煤水坑" not in plain.words("跑煤水坑堵了")
    assert plain.digest != named.digest


def test_stock_phrases_say_nothing(segmenter: Segmenter) -> None:
    assert segmenter.words("本发明公开了一种阻垢剂，其特征在于") == ["阻垢剂"]


def test_a_number_and_its_unit_are_two_words(segmenter: Segmenter) -> None:
    assert segmenter.words("500kW") == segmenter.words("500千瓦") == ["500", "kw"]


def test_bigrams_stay_inside_a_run(segmenter: Segmenter) -> None:
    assert segmenter.bigrams("煤矸石，CO₂") == ["煤矸", "矸石", "co2"]
