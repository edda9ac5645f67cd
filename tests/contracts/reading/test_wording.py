"""The wording of a text is weighed, and told sentence by sentence."""

import pytest

from marketplace.contracts.reading.cues import KINDS, Kind
from marketplace.contracts.reading.wording import BIAS, Wording, strengths_of
from tests.contracts.reading.reader import read, reader, script

LETTER = """你厂酱油二次沉淀的问题我们接了，派人取样，找出沉淀从哪儿来。
把灭菌温度和助滤剂给你们调好，带着班组做到连续二十批合格。费用十一万，不卖专利。"""


def table(**weights: tuple[float, ...]) -> Wording:
    """A wording of the given pieces, each of rarity one."""
    rows = [
        {"piece": piece, "rarity": "1"} | dict(zip(KINDS, map(str, row), strict=True))
        for piece, row in weights.items()
    ]
    return Wording.from_table(rows)


def test_the_sentences_add_up_to_the_score() -> None:
    wording, text = reader().scales.wording, script(LETTER)
    scores = [one - free for one, free in zip(wording.scores(text, ""), wording.bias, strict=True)]
    for place, kind in enumerate(KINDS):
        others = (sum(scores) - scores[place]) / (len(KINDS) - 1)
        told = sum(one.weight for one in wording.told(text, "", kind))
        assert told == pytest.approx(scores[place] - others)


def test_an_empty_table_weighs_nothing_and_a_text_without_known_pieces_has_the_bias() -> None:
    assert Wording.from_table([]).scores(script(LETTER), "") == [0.0] * len(KINDS)
    known = table(乙=(1, 0, 0, 0, 0, 0), **{BIAS: (0, 0, 0, 0, 0, 2)})
    assert known.scores(script("丙"), "") == [0, 0, 0, 0, 0, 2]


def test_a_long_text_speaks_no_louder_than_a_short_one() -> None:
    rarity = {"研究": 2.0, "甲方": 1.0}
    for counts in ({"研究": 1, "甲方": 1}, {"研究": 40, "甲方": 40, "他": 9}):
        heard = strengths_of(counts, rarity)
        assert sum(one**2 for one in heard.values()) == pytest.approx(1)
        assert heard["研究"] == pytest.approx(2 * heard["甲方"])


def test_figures_the_title_and_the_notes_of_a_form_tell_nothing() -> None:
    wording, title = reader().scales.wording, "设备采购合同"
    assert wording.scores(script("共12万元。"), "") == wording.scores(script("共98万元。"), "")
    bare = wording.scores(script("甲方：" + LETTER), "")
    notes = "填写说明：本合同适用于研究开发新产品。"
    assert wording.scores(script(notes, "甲方：" + LETTER), "") == pytest.approx(bare)
    assert wording.scores(script(title, "甲方：" + LETTER), title) == pytest.approx(bare)
    assert wording.scores(script(title, "甲方：" + LETTER), "") != pytest.approx(bare)


def test_a_letter_in_plain_words_is_known_by_them_and_says_which() -> None:
    judgement = read(LETTER).judgement
    assert judgement.kind == Kind.SERVICE
    told = [one for one in judgement.speaks_for if one.cue == "wording"]
    assert told and all("技术服务合同" in one.text for one in told)
    assert all(one.found.sentence in LETTER for one in told)
