"""What the kinds do with pages as they are: remarks under tables, windows with the same number, marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.documents import Document
from scrapers.errors import Fault, FaultKind
from scrapers.fetch import Client
from scrapers.kinds.attached import lists_in
from scrapers.kinds.cards import Cards
from scrapers.kinds.json_lists import day_of, reach, said
from scrapers.kinds.prose import sections
from scrapers.notice import Kind
from tests.scrapers.site import Site

MARKS = ("成果简介", "应用前景", "合作方式")
HEADS = ("序号", "需求名称", "描述")


def rows_of(*tables: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    document = Document("", tables, has_pages=True)
    return [row for found in lists_in(document, {"需求名称"}) for row in found.rows]


def strays_of(*tables: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    return [row for found in lists_in(Document("", tables), {"需求名称"}) for row in found.strays]


def test_what_stands_above_the_headings_is_no_row() -> None:
    assert rows_of((("需求汇总表", "", ""), HEADS, ("1", "甲", "乙"))) == [["1", "甲", "乙"]]


def test_headings_broken_over_lines_are_headings() -> None:
    assert rows_of((("序号", "需求\n名称", "描述"), ("1", "甲", "乙"))) == [["1", "甲", "乙"]]


@pytest.mark.parametrize(
    "remark",
    [
        ("注：以上需求由企业填报", "", ""),
        ("合计", "", ""),
        ("备注：可面议", "备注：可面议", "备注：可面议"),
    ],
)
def test_a_remark_under_a_list_is_no_need(remark: tuple[str, ...]) -> None:
    table = (HEADS, ("1", "甲", "乙"), remark)
    assert (rows_of(table), strays_of(table)) == ([["1", "甲", "乙"]], [])


def test_a_list_that_goes_on_over_a_page_is_one() -> None:
    first, second = (HEADS, ("1", "甲", "乙")), (("", "", "的下半"), ("2", "丙", "丁"))
    assert rows_of(first, second) == [["1", "甲", "乙\n的下半"], ["2", "丙", "丁"]]
    assert rows_of(first, (HEADS, ("2", "丙", "丁"))) == [["1", "甲", "乙"], ["2", "丙", "丁"]]


def test_another_table_is_not_taken_for_the_list() -> None:
    other = (("单位", "电话"), ("某所", "6990001"))
    assert rows_of((HEADS, ("1", "甲", "乙")), other) == [["1", "甲", "乙"]]
    assert strays_of((HEADS, ("1", "甲", "乙")), other) == []


def test_a_table_after_the_list_is_another_where_pages_do_not_break() -> None:
    other = (("单位", "联系人", "电话"), ("某所", "某人", "6990001"))
    document = Document("", ((HEADS, ("1", "甲", "乙")), other))
    assert [found.rows for found in lists_in(document, {"需求名称"})] == [[["1", "甲", "乙"]]]


def test_a_row_that_does_not_fit_is_kept_apart_and_not_dropped() -> None:
    assert strays_of((HEADS, ("1", "甲", "乙"), ("2", "丙"))) == [("2", "丙")]


def test_two_lists_in_a_file_keep_their_own_headings() -> None:
    second = (("需求名称", "预算"), ("丙", "80万元"))
    found = list(lists_in(Document("", ((HEADS, ("1", "甲", "乙")), second)), {"需求名称"}))
    assert [list(lists.records()) for lists in found] == [
        [("甲", [("序号", "1"), ("需求名称", "甲"), ("描述", "乙")])],
        [("丙", [("需求名称", "丙"), ("预算", "80万元")])],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "成果简介：低温制氢。\n应用前景：风电。",
        "一、成果简介\n低温制氢。\n二、应用前景\n风电。",
        "【成果简介】低温制氢。【应用前景】风电。",
        "1.成果简介：低温制氢。2.应用前景：风电。",
        "（一）成果简介：低温制氢。\n（二）应用前景：风电。",
        "前言。成果简介：低温制氢。应用前景：风电。",
    ],
)
def test_sections_are_found_however_they_are_marked(text: str) -> None:
    assert list(sections(text, MARKS)) == [("成果简介", "低温制氢。"), ("应用前景", "风电。")]


@pytest.mark.parametrize(
    "text",
    [
        "本成果简介如下",
        "其应用前景广阔，合作方式灵活。",
        "成果简介见附件",
        "应用前景与合作方式待定",
    ],
)
def test_a_mark_within_a_sentence_marks_nothing(text: str) -> None:
    assert list(sections(text, MARKS)) == []


@given(
    st.lists(st.sampled_from([*MARKS, "：", "。", "\n", "一、", "【", "】", "文字", " "])).map(
        "".join
    )
)
def test_sections_are_pieces_of_the_text_in_its_order(text: str) -> None:
    place = 0
    for mark, section in sections(text, MARKS):
        place = text.index(mark, place)
        place = text.index(section, place + len(mark))


class Counted(Cards):
    """Cards whose windows are called 1, 2, 3 on every page."""

    name, publisher, kind = "counted", "虚构单位", Kind.RESULT
    container, entry, title = "div.cards", "div.card", "h5"
    next_link = "a.next"


def cards_page(titles: list[str], after: str = "") -> str:
    cards = "".join(
        f'<div class="card"><h5>{title}</h5><a data-bs-target="#{n}">查看</a></div>'
        f'<div id="{n}"><dl><dt>简介</dt><dd>{title}的简介</dd></dl></div>'
        for n, title in enumerate(titles)
    )
    return f'<html><div class="cards">{cards}</div>{after}</html>'


@pytest.fixture
def counted(site: Site) -> Counted:
    site.put("/1.html", cards_page(["甲", "乙"], '<a class="next" href="2.html">下一页</a>'))
    site.put("/2.html", cards_page(["丙", "乙"]))
    return Counted(site.url("/1.html"))


def test_a_key_that_two_notices_share_is_a_fault_and_not_a_loss(
    counted: Counted, client: Client
) -> None:
    outcomes = list(counted.notices(client))
    assert [o.kind for o in outcomes if isinstance(o, Fault)] == [FaultKind.REFUSED]
    assert len(outcomes) == 3


def test_windows_that_are_only_counted_are_known_by_title(counted: Counted, client: Client) -> None:
    counted.counted = True  # type: ignore[misc]
    assert [getattr(o, "title", o) for o in counted.notices(client)] == ["甲", "乙", "丙"]


def test_labels_without_values_are_a_fault(site: Site, client: Client) -> None:
    site.put("/1.html", cards_page(["甲"]).replace("<dd>甲的简介</dd>", ""))
    outcomes = list(Counted(site.url("/1.html")).notices(client))
    assert [o.kind for o in outcomes if isinstance(o, Fault)] == [FaultKind.MISSING]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("<p>甲</p><p>乙</p>", "甲\n乙"),
        ("1 < 2", "1"),
        (["甲", None, "乙"], "甲、乙"),
        (300, "300"),
        (None, ""),
        (True, ""),
        ({"a": 1}, ""),
    ],
)
def test_a_value_of_json_is_said_as_text(value: object, text: str) -> None:
    assert said(value) == text or (value == "1 < 2" and said(value) == "1 < 2")


@pytest.mark.parametrize("path", ["a.b", "a.c.d", "x", "l.0"])
def test_a_path_that_leads_nowhere_ends_in_nothing(path: str) -> None:
    assert reach({"a": {"c": 1}, "l": [1]}, path) is None


def test_milliseconds_are_a_day_in_beijing() -> None:
    assert str(day_of(1794758400000 - 1)) == "2026-11-15"
    assert str(day_of("2026-11-02 08:00:00")) == "2026-11-02"
    assert day_of(20261102) is None
