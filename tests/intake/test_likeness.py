"""Which texts are put beside each other."""

import random

from marketplace.intake.likeness import Text, near

TRADE = "露天矿 井下 综采面 选煤厂 矿井水 皮带机 支架 锅炉 风机 光伏板 电解槽 奶牛 玉米 羊绒 稀土 电石炉".split()  # noqa: SIM905
STATE = "磨损 堵塞 结垢 腐蚀 断裂 超标 滞后 泄漏 振动 积灰 冻裂 偏移 失效 老化 板结 波动".split()  # noqa: SIM905


def a_text(seed: int, sentences: int = 8) -> str:
    """A text of its own, with the phrases of a form around it."""
    rng = random.Random(seed)
    told = [
        f"{rng.choice(TRADE)}{rng.choice(STATE)}{rng.randrange(100, 999)}{rng.choice(TRADE)}与{rng.choice(TRADE)}{rng.choice(STATE)}有关。"
        for _ in range(sentences)
    ]
    return "根据年度征集安排现将需求予以发布欢迎对接。" + "".join(told)


OTHERS = [Text(f"need/{n}", a_text(n)) for n in range(100, 160)]


def pairs(*fresh: Text) -> set[tuple[str, str]]:
    return {(one.key, one.other) for one in near(fresh, OTHERS)}


def test_a_copy_is_found_with_what_is_there() -> None:
    assert pairs(Text("notice/1", a_text(100))) == {("notice/1", "need/100")}


def test_a_copy_that_was_cut_off_is_found() -> None:
    text = a_text(101)
    assert pairs(Text("notice/1", text[: len(text) * 6 // 10])) == {("notice/1", "need/101")}


def test_a_copy_in_another_order_with_words_around_it_is_found() -> None:
    sentences = a_text(102).split("。")
    text = "本平台不承担责任，请登录查看。" + "。".join(reversed(sentences)) + "以上信息请核实。"
    assert pairs(Text("notice/1", text)) == {("notice/1", "need/102")}


def test_punctuation_width_and_case_do_not_matter() -> None:
    text = a_text(103).replace("。", "；\n").translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    assert pairs(Text("notice/1", text)) == {("notice/1", "need/103")}


def test_phrases_of_a_form_make_no_two_needs_alike() -> None:
    assert pairs(Text("notice/1", a_text(1)), Text("notice/2", a_text(2))) == set()


def test_two_short_needs_are_alike_only_if_they_are_equal() -> None:
    fresh = [
        Text("notice/1", "羊绒分梳断绒多，求解决办法"),
        Text("notice/2", "羊绒分梳断绒多 求解决办法。"),
        Text("notice/3", "羊绒分梳断绒多，求新设备"),
    ]
    assert pairs(*fresh) == {("notice/2", "notice/1")}


def test_versions_of_one_notice_are_no_pair() -> None:
    fresh = [Text("notice/1", a_text(3), "one"), Text("notice/2", a_text(3) + "又及。", "one")]
    assert pairs(*fresh) == set()


def test_nothing_is_alike_where_nothing_is() -> None:
    assert near([]) == ()
    assert near([Text("notice/1", "")]) == ()
