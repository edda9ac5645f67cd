"""A notice is whole or it is not."""

from dataclasses import FrozenInstanceError
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from scrapers.errors import FaultKind, ScrapeFailed
from scrapers.notice import Attachment, Kind, Notice
from scrapers.personal import MARK, PersonalKind, find
from tests.scrapers.clock import START


def a_notice(**changes: Any) -> Notice:
    """A notice of which everything is right."""
    right = {
        "source": "nmg_needs",
        "source_key": "/art/2026/11/1.html",
        "kind": Kind.NEED,
        "url": "https://example.org/art/2026/11/1.html",
        "fetched_at": START,
        "title": "低温电解水制氢技术",
        "text": "需求描述：零下三十度启动。\n联系人：张三，电话：0471-6991234",
        "fields": (("需求描述", "零下三十度启动。"), ("联系人", "张三"), ("电话", "0471-6991234")),
        "published_on": date(2026, 11, 18),
        "attachments": (
            Attachment(
                "需求表.xlsx",
                "https://example.org/1.xlsx",
                "ab" * 32,
                "联系人：张三",
                (("联系人", "电话"), ("张三", "6991234")),
            ),
        ),
    }
    return Notice(**{**right, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ""},
        {"source_key": ""},
        {"source_key": "k" * 301},
        {"title": "  "},
        {"title": "两\n行"},
        {"title": "长" * 301},
        {"text": ""},
        {"text": "字" * 500_001},
        {"text": "有\x00的"},
        {"text": "半个\ud83d字"},
        {"fetched_at": datetime(2026, 11, 20, 8, 0)},
        {"fetched_at": datetime(2026, 11, 20, 8, 0, tzinfo=timezone(timedelta(hours=8)))},
        {"published_on": date(2026, 11, 22)},
        {"fields": (("需求", "甲"), ("需求", "乙"))},
        {"fields": ((" ", "甲"),)},
    ],
    ids=str,
)
def test_bad_data_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ScrapeFailed) as failed:
        a_notice(**changes)
    assert failed.value.fault.kind is FaultKind.REFUSED


@pytest.mark.parametrize("url", ["", "art/1.html", "file:///etc/passwd", "javascript:alert(1)"])
def test_an_address_nobody_can_open_is_refused(url: str) -> None:
    with pytest.raises(ScrapeFailed):
        a_notice(url=url)


def test_a_notice_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        a_notice().title = "另一个"  # type: ignore[misc]


def test_a_field_is_found_by_the_first_label_the_page_has() -> None:
    assert a_notice().value("简介", "需求描述", "联系人") == "零下三十度启动。"
    assert a_notice().value("预算") == ""


def test_the_hash_follows_what_is_said() -> None:
    same = a_notice(fetched_at=START + timedelta(days=1), url="https://example.org/other.html")
    assert same.content_hash == a_notice().content_hash
    for changes in ({"title": "另一个"}, {"text": "另一段"}, {"fields": ()}, {"attachments": ()}):
        assert a_notice(**changes).content_hash != a_notice().content_hash


def test_the_hash_tells_a_moved_border_from_none() -> None:
    assert (
        a_notice(title="甲乙", text="丙").content_hash
        != a_notice(title="甲", text="乙丙").content_hash
    )


def test_personal_data_is_found_in_the_text_with_its_place() -> None:
    notice = a_notice()
    found = {place.kind: notice.text[place.start : place.end] for place in notice.personal}
    assert found == {PersonalKind.NAME: "张三", PersonalKind.PHONE: "0471-6991234"}


def test_a_notice_full_of_names_is_redacted_too() -> None:
    full = a_notice(title="张三" * 150, text="张三" * 250_000).redacted()
    assert (len(full.title), len(full.text)) == (300, 500_000)
    assert "张三" not in full.text


def test_a_redacted_notice_holds_none_anywhere() -> None:
    notice = a_notice().redacted()
    assert dict(notice.fields) == {"需求描述": "零下三十度启动。", "联系人": MARK, "电话": MARK}
    assert notice.attachments[0].rows == (("联系人", "电话"), (MARK, MARK))
    assert find(notice.text) == []
    assert "张三" not in repr(notice)
    assert "6991234" not in repr(notice)
