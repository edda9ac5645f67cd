from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Document, Matcher, NgramEncoder, Recipe, RecipeMismatch, Segmenter, Weights
from matching.snapshot import load, save
from matching.text import normalise
from matching.thesaurus import Concept, Thesaurus, read_concepts

SHIPPED = Path(__file__).parents[2] / "config" / "thesaurus"
HEADER = "preferred\tsynonyms\tworkshop\tsymbols\tenglish\tbroader\n"
SMALL = Thesaurus(
    [
        Concept("碳酸钙垢", ("碳酸钙垢", "碳酸钙沉积物", "水锈", "CaCO3"), "污垢"),
        Concept("污垢", ("污垢", "结垢物")),
        Concept("聚乙烯", ("聚乙烯", "PE")),
    ]
)
NEED = Document("need", "", "炉子里老长水锈，隔几天就得停炉敲一回")


@pytest.fixture
def weighed(segmenter: Segmenter, documents: list[Document]) -> Matcher:
    """A matcher whose concepts weigh something."""
    recipe = Recipe(weights=Weights(concepts=0.5))
    built = Matcher(recipe, segmenter, NgramEncoder(64), SMALL)
    built.put(documents)
    return built


def test_a_workshop_word_finds_the_word_of_the_patent(weighed: Matcher) -> None:
    best = weighed.match(NEED).hits[0]
    assert best.key == "scale"
    shared = best.concepts[0]
    assert (shared.concept, shared.query_names, shared.names) == (
        "碳酸钙垢", ("水锈",), ("碳酸钙沉积物",),
    )  # fmt: skip
    assert shared.in_other_words and shared.weight > 0 and best.parts.concepts >= shared.weight


def test_the_sentences_with_either_name_are_the_evidence(weighed: Matcher) -> None:
    best = weighed.match(NEED).hits[0]
    assert "水锈" in best.query_sentences[0].text
    assert any("碳酸钙沉积物" in sentence.text for sentence in best.sentences)


def test_the_longest_name_counts_and_latin_names_only_as_words() -> None:
    names = [
        mention.name for mention in SMALL.mentions(normalise("碳酸钙沉积物与PE管、PET瓶").text)
    ]
    assert names == ["碳酸钙沉积物", "pe"]


def test_a_broader_concept_counts_in_part() -> None:
    counts = SMALL.counts("水锈")
    assert counts["碳酸钙垢"] == 1 and 0 < counts["污垢"] < 1


def test_a_snapshot_keeps_the_concepts(
    weighed: Matcher, segmenter: Segmenter, tmp_path: Path
) -> None:
    save(weighed, tmp_path / "index")
    other = Matcher(weighed.recipe, segmenter, NgramEncoder(64), SMALL)
    load(other, tmp_path / "index")
    assert other.match(NEED) == weighed.match(NEED)


def test_another_thesaurus_is_refused(weighed: Matcher, segmenter: Segmenter) -> None:
    with pytest.raises(RecipeMismatch):
        Matcher(weighed.recipe, segmenter, NgramEncoder(64))


@given(st.text(max_size=60))
def test_mentions_stand_where_they_say(text: str) -> None:
    normal = normalise(text).text
    for mention in SMALL.mentions(normal):
        assert normal[mention.start : mention.end] == mention.name


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("锅炉", "six cells"), ("\t\t\t\t\t", "not empty")],
)
def test_a_line_that_is_no_concept_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    (tmp_path / "bad.tsv").write_text(HEADER + line + "\n", "utf-8")
    with pytest.raises(ValueError, match=complaint):
        list(read_concepts(tmp_path / "bad.tsv"))


def test_shared_names_lost_and_circular_broader_concepts_are_found() -> None:
    wrong = Thesaurus(
        [
            Concept("甲烷", ("甲烷", "瓦斯"), "乙烷"),
            Concept("乙烷", ("乙烷", "瓦斯"), "甲烷"),
            Concept("丙烷", ("丙烷",), "没有的"),
        ]
    )
    problems = "；".join(wrong.problems())
    assert "瓦斯" in problems and "broader than itself" in problems and "没有的" in problems


def test_the_shipped_thesaurus_has_no_faults() -> None:
    shipped = Thesaurus.read(SHIPPED)
    assert shipped.problems() == []


def test_a_folder_without_a_thesaurus_is_not_taken_for_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        Thesaurus.read(tmp_path)


def test_a_matcher_without_a_thesaurus_ranks_as_before(new_matcher: Callable[[], Matcher]) -> None:
    assert new_matcher().recipe.thesaurus == Thesaurus(()).digest
