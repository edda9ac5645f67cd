"""What is read off a page: its text in any encoding, lines, dates, addresses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.encoding import decode
from scrapers.errors import ScrapeFailed
from scrapers.page import Page, date_in, is_whole_html, joined, prose_of, prose_of_html
from tests.scrapers.clock import START

CHINESE = "内蒙古稀土永磁材料制备技术需求，拟投入三百万元"


def a_page(html: str) -> Page:
    return Page("http://example.org/a/b.html", html.encode(), "text/html", START)


@pytest.mark.parametrize(
    "declared", ["", "utf-8", "gb2312", "gbk", "gb18030", "iso-8859-1", "nonsense"]
)
@pytest.mark.parametrize("real", ["utf-8", "gb2312", "gb18030", "utf-8-sig", "utf-16"])
def test_text_is_read_whatever_is_declared(real: str, declared: str) -> None:
    if real in {"gb2312", "gb18030"} and declared == "iso-8859-1":
        pytest.skip("every byte is Latin-1, so that nothing contradicts it")
    assert decode(CHINESE.encode(real), declared=declared) == CHINESE


def test_a_mark_of_utf8_before_gbk_proves_nothing() -> None:
    assert decode(b"\xef\xbb\xbf" + CHINESE.encode("gbk"), declared="utf-8") == CHINESE


def test_what_the_page_itself_declares_counts() -> None:
    body = '<meta charset="big5">內蒙古稀土永磁材料製備技術需求'.encode("big5")
    assert "永磁材料製備" in decode(body)


def test_a_character_cut_in_two_leaves_a_mark_and_not_another_encoding() -> None:
    body = (CHINESE * 10).encode()[:-1]
    assert decode(body) == (CHINESE * 10)[:-1] + "\ufffd"


@given(st.lists(st.sampled_from(CHINESE), min_size=12, unique=True).map("".join))
def test_gb18030_is_not_taken_for_utf8(text: str) -> None:
    assert decode(text.encode("gb18030"), declared="utf-8") == text


def test_noise_has_no_text() -> None:
    with pytest.raises(ScrapeFailed):
        decode(bytes(range(128, 256)) * 20)


def test_a_line_ends_where_a_reader_sees_it_end() -> None:
    page = a_page(
        "<div id=b><p>一、成果<b>简介</b>：\n   低温</p><p></p>第二<br>第三&nbsp;行"
        "<table><tr><td>预算</td><td>300 万元</td></tr></table><script>var a</script></div>"
    )
    assert prose_of(page.one("#b")).split("\n") == [
        "一、成果简介：低温",
        "第二",
        "第三 行",
        "预算",
        "300 万元",
    ]


def test_plain_text_keeps_its_lines() -> None:
    assert prose_of_html("甲\n乙") == "甲\n乙"


def test_what_must_be_there_and_is_not_is_a_fault() -> None:
    with pytest.raises(ScrapeFailed):
        a_page("<p>x</p>").one("div.body")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("发布时间：2026-03-05 10:20", date(2026, 3, 5)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("［２０２６／０３／０５］", date(2026, 3, 5)),
        ("2026.3.5", date(2026, 3, 5)),
        ("2026-02-30，后改为2026-03-01", date(2026, 3, 1)),
        ("2026年3月", None),
        ("1234-5678", None),
        ("12026-03-05", None),
        ("", None),
    ],
)
def test_a_date_is_whole_or_none(text: str, day: date | None) -> None:
    assert date_in(text) == day


@pytest.mark.parametrize(
    ("href", "whole"),
    [
        ("c.html", "http://example.org/a/c.html"),
        ("./c.html#x", "http://example.org/a/c.html"),
        ("/c d.html", "http://example.org/c%20d.html"),
        ("?page=2", "http://example.org/a/b.html?page=2"),
        ("//other.org/c", "http://other.org/c"),
        (" https://other.org ", "https://other.org"),
        ("需求.html", "http://example.org/a/%E9%9C%80%E6%B1%82.html"),
    ],
)
def test_an_address_is_made_whole(href: str, whole: str) -> None:
    assert joined("http://example.org/a/b.html", href) == whole


def test_half_a_page_is_known() -> None:
    assert is_whole_html(b"<html>x</HTML >\n<!-- 12 ms -->")
    assert not is_whole_html(b"<html><body>x</bo")
