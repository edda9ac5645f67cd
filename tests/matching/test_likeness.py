from __future__ import annotations

from dataclasses import replace

import pytest

from matching import Document, NgramEncoder, Segmenter, likeness
from matching.likeness import WITHOUT_MODEL, Alike, alike, groups, resemblance

BOILER = "循环水锅炉结垢严重，每年停炉清洗四次，换热效率下降，希望找到长效的阻垢办法，减少停炉。"
NEEDS = [
    Document("a", "锅炉结垢怎么治", BOILER),
    Document("b", "求长效阻垢办法", BOILER.replace("四次", "六次").replace("严重，", "很厉害，")),
    Document("c", "供热锅炉水垢多", "锅炉换热管里结垢，清洗要停炉，想要长效阻垢的药剂或办法。"),
    Document("d", "奶牛乳房炎检测", "想要能在牛场当场测出隐性乳房炎的试纸，十分钟出结果。"),
]


def by_keys(pairs: tuple[Alike, ...]) -> dict[str, Alike]:
    return {pair.first + pair.second: pair for pair in pairs}


def test_an_edited_copy_resembles_its_original_and_another_wording_does_not(
    segmenter: Segmenter,
) -> None:
    found = by_keys(alike(NEEDS, segmenter, WITHOUT_MODEL))
    assert found["ab"].resemblance >= WITHOUT_MODEL.duplicate
    assert found["ac"].resemblance < WITHOUT_MODEL.duplicate
    assert found["ac"].likeness > WITHOUT_MODEL.floor
    assert not {"ad", "bd", "cd"} & set(found)


def test_the_order_and_the_company_in_which_listings_come_changes_nothing(
    segmenter: Segmenter,
) -> None:
    assert alike(NEEDS[::-1], segmenter, WITHOUT_MODEL) == alike(NEEDS, segmenter, WITHOUT_MODEL)
    assert alike(NEEDS[:1], segmenter, WITHOUT_MODEL) == ()


def test_meaning_counts_where_there_is_an_encoder(segmenter: Segmenter) -> None:
    with_meaning = replace(WITHOUT_MODEL, weights=(0.0, 0.0, 1.0), floor=0.0)
    encoded = NgramEncoder(64).encode([one.text for one in NEEDS], query=False)
    vectors = {one.key: row for one, row in zip(NEEDS, encoded, strict=True)}
    found = by_keys(alike(NEEDS, segmenter, with_meaning, vectors))
    cosine = float(encoded[0] @ encoded[1])
    assert found["ab"].likeness == pytest.approx(cosine, abs=1e-3)
    with pytest.raises(KeyError):
        alike(NEEDS, segmenter, with_meaning, {})


def test_bare_titles_and_empty_texts_resemble_nothing(segmenter: Segmenter) -> None:
    short = [Document("a", "锅炉结垢", ""), Document("b", "锅炉结垢", ""), Document("c", "", "")]
    assert all(pair.resemblance == 0 for pair in alike(short, segmenter, WITHOUT_MODEL))
    assert resemblance(range(30), range(30)) == 1.0


def test_a_chain_of_neighbours_is_not_one_group() -> None:
    chain = [Alike("a", "b", 0.8, 0), Alike("b", "c", 0.7, 0), Alike("c", "d", 0.8, 0)]
    assert groups(chain, 0.5) == (("a", "b"), ("c", "d"))
    whole = [*chain, Alike("a", "c", 0.7, 0), Alike("b", "d", 0.7, 0), Alike("a", "d", 0.6, 0)]
    assert groups(whole, 0.5) == (("a", "b", "c", "d"),)


def test_a_crowd_too_large_to_compare_is_cut_where_it_hangs_together_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(likeness, "LARGEST_COMPONENT", 2)
    crowd = [Alike("a", "b", 0.9, 0), Alike("b", "c", 0.52, 0), Alike("c", "d", 0.9, 0)]
    assert groups(crowd, 0.5) == (("a", "b"), ("c", "d"))
    same = [Alike(*pair, 1.0, 0) for pair in (("a", "b"), ("b", "c"), ("a", "c"))]
    assert groups(same, 0.5) == (), "nothing tells them apart"


def test_what_was_judged_apart_stays_apart() -> None:
    pairs = [Alike("a", "b", 0.9, 0.9), Alike("c", "d", 0.9, 0.9)]
    assert groups(pairs, 0.5, apart={("a", "b")}) == (("c", "d"),)
    assert groups([], 0.5) == ()
