"""The operator at the queue of what came in, with the keyboard alone."""

import os
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from marketplace.extensions import db
from marketplace.intake.lifecycle import State
from marketplace.intake.models import CollectedNotice, CollectedPair
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_collected_notice, a_collected_pair, a_user
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser
MIXED = (
    "我公司有以下需求：1.开发马铃薯淀粉废水中蛋白回收的技术；2.解决羊绒染色色差大的难题；"
    "3.招聘硕士以上化工专业人才5名，月薪面谈。"
)


def state_of(notice: CollectedNotice) -> State:
    db.session.rollback()  # the server has written since
    return notice.state


def keep_picture(visitor: Visitor, name: str) -> None:
    """A picture of the page, where somebody wants to look at it."""
    folder = os.environ.get("PICTURES")
    if folder:
        width = visitor.page.viewport_size["width"] if visitor.page.viewport_size else 0
        visitor.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def some_notices() -> list[CollectedNotice]:
    """Needs of several kinds: one like another, one of several, one that is none."""
    text = (
        "需求单位：包头市恒远选煤厂\n需求内容：高矿化度矿井水脱盐能耗高，膜污染快，希望研发低能耗工艺。\n"
        "预期目标：脱盐率≥98%，吨水电耗不高于2.5 kWh。拟投入120万元。联系人：［已隐去］"
    )
    rows = [a_collected_notice(title=f"矿井水脱盐工艺{n}", text=text) for n in range(2)]
    rows.append(a_collected_notice(title="淀粉与羊绒加工技术需求", text=MIXED))
    hiring = "诚聘机械工程师2名，月薪8000元，五险一金。"
    rows.append(a_collected_notice(title="招聘公告", text=hiring, route="people"))
    a_collected_pair(rows[1], rows[0])
    return rows


def at_the_queue(visitor: Visitor) -> None:
    operator = a_user(Role.OPERATOR)
    visitor.logs_in(operator.username)
    visitor.goes_to("/operator/intake")


def test_an_operator_decides_with_keys_and_no_single_key_commits(
    app: Flask, visitor: Visitor
) -> None:
    notices = some_notices()
    at_the_queue(visitor)
    page = visitor.page
    page.keyboard.press("j")
    expect(page.locator("tr[aria-current=true]")).to_contain_text("矿井水脱盐工艺1")
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_url("**do=accept")
    expect(page.locator("#accept")).to_be_focused()
    assert {state_of(notice) for notice in notices} == {State.WAITING}
    page.keyboard.press("Enter")
    page.wait_for_url("**/operator/intake")
    assert state_of(notices[1]) == State.ACCEPTED
    page.keyboard.press("r")
    page.wait_for_url("**do=reject")
    expect(page.locator("#reason")).to_be_focused()
    assert state_of(notices[0]) == State.WAITING


def test_keys_lead_to_the_split_and_to_duplicates(app: Flask, visitor: Visitor) -> None:
    notices = some_notices()
    at_the_queue(visitor)
    page = visitor.page
    page.keyboard.press("j")
    page.keyboard.press("d")
    page.wait_for_url("**#duplicates")
    expect(page.locator("#duplicates")).to_be_focused()
    visitor.goes_to("/operator/intake")
    for _ in range(2):
        page.keyboard.press("j")
    page.keyboard.press("s")
    page.wait_for_url("**do=split")
    expect(page.get_by_text("拆分为3条需求")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/operator/intake")
    assert state_of(notices[2]) == State.SPLIT and len(notices[2].became) == 2


def test_keys_typed_into_a_field_are_text(app: Flask, visitor: Visitor) -> None:
    notice = some_notices()[0]
    at_the_queue(visitor)
    page = visitor.goes_to(f"/operator/intake/{notice.id}")
    page.locator("#title").focus()
    page.keyboard.press("End")
    page.keyboard.type("ars")
    assert page.url.endswith(f"/operator/intake/{notice.id}")
    assert page.locator("#title").input_value().endswith("ars")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/operator/intake/{notice.id + 1}")
    assert state_of(notice) == State.ACCEPTED


def test_pages_of_the_intake_have_no_barriers_at_any_width(
    app: Flask, visitor_of_width: Visitor
) -> None:
    visitor = visitor_of_width
    notices = some_notices()
    at_the_queue(visitor)
    addresses = {
        "queue": "/operator/intake",
        "notice": f"/operator/intake/{notices[1].id}",
        "split": f"/operator/intake/{notices[2].id}?do=split",
        "sources": "/operator/intake/sources",
        "source": "/operator/intake/sources/nmg_kjt_needs",
    }
    for name, address in addresses.items():
        page = visitor.goes_to(address)
        visitor.finds_no_barrier()
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{address} is {wider} pixels too wide"
        keep_picture(visitor, name)


def test_the_queue_works_with_the_mouse_and_without_scripts(
    app: Flask, visitor_without_scripts: Visitor
) -> None:
    visitor = visitor_without_scripts
    notices = some_notices()
    at_the_queue(visitor)
    page = visitor.page
    for notice in notices[:2]:
        page.check(f"input[name=notice][value='{notice.id}']")
    page.click("button[value=reject]")
    page.select_option("#reason", "unclear")
    page.fill("#count", "2")
    page.click("main form button.btn-primary")
    page.wait_for_url("**/operator/intake")
    assert {state_of(notice) for notice in notices[:2]} == {State.REJECTED}


def test_the_same_content_is_merged_by_a_person(app: Flask, visitor: Visitor) -> None:
    notices = some_notices()
    at_the_queue(visitor)
    page = visitor.goes_to(f"/operator/intake/{notices[1].id}")
    page.click("button[value=same]")
    expect(page.get_by_text("判断已记录")).to_be_visible()
    assert state_of(notices[1]) == State.MERGED
    assert transact(lambda: db.session.query(CollectedPair).one().verdict) == "same"
