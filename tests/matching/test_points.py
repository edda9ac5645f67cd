from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Document, split_points
from matching.points import LEAST_LENGTH, MOST_POINTS, Kind

WORDS = st.text("煤泥水处理节能降耗粉尘温度", min_size=LEAST_LENGTH, max_size=20)
MARKS = {
    "dots": [f"{n}." for n in range(1, 9)],
    "brackets": [f"（{n}）" for n in "一二三四五六七八"],
    "circles": list("①②③④⑤⑥⑦⑧"),
    "spoken": [f"{n}是" for n in "一二三四五六七八"],
}


def texts(text: str) -> list[str]:
    return [point.text for point in split_points(Document("", "", text))]


@given(st.lists(WORDS, min_size=2, max_size=8), st.sampled_from(sorted(MARKS)))
def test_what_was_numbered_is_split_as_it_was_numbered(points: list[str], marks: str) -> None:
    numbered = "；".join(mark + text for mark, text in zip(MARKS[marks], points, strict=False))
    assert texts(f"我厂有困难。要求：{numbered}。愿意合作。") == points


@pytest.mark.parametrize(
    "text",
    [
        "",
        "换热器结垢严重，求阻垢剂。",
        "采用3.5MPa蒸汽，2.0版本系统。",
        "1.只有一点，没有第二点。",
        "第2点之前没有第1点：2、降耗；3、节能增效。",
        "试过：①加石灰，污泥太多；②活性炭，一周就饱和。",
        "要求：降低能耗。",
        "①②③",
    ],
)
def test_no_points_are_made_up(text: str) -> None:
    assert texts(text) == []


def test_asks_between_semicolons_are_points() -> None:
    found = split_points(Document("", "", "需求内容：蒸发前除去有机物；处理已有杂盐。其他面谈。"))
    assert [point.text for point in found] == ["蒸发前除去有机物", "处理已有杂盐"]
    assert {point.kind for point in found} == {Kind.LISTED}


def test_a_list_of_asks_comes_before_a_list_of_troubles() -> None:
    text = (
        "主要问题：1.量不大不小；2.乳清里带盐；3.酸乳清粘塔。需要：一、脱盐设备；二、蛋白粉去处。"
    )
    assert texts(text) == ["脱盐设备", "蛋白粉去处"]


@given(st.text(max_size=300))
def test_points_stand_in_the_text_in_order(text: str) -> None:
    whole = f"{text}要求：（1）粉尘降下来；（2）温度稳得住。"
    points = split_points(Document("", "", whole))
    assert [point.index for point in points] == list(range(1, len(points) + 1))
    for point in points:
        assert whole[point.start : point.end] == point.text


def test_thousands_of_points_are_cut_to_a_few() -> None:
    text = "要求：" + "；".join(f"第{n}项要做好的事情" for n in range(5_000))
    assert len(texts(text)) == MOST_POINTS
