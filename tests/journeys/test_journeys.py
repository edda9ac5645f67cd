"""What the market's people come to do, in a real browser."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from marketplace.listings.lifecycle import State
from marketplace.matchmaking.indexing import current_library
from marketplace.permissions import Role
from marketplace.worker import do_daily
from tests.factories import (
    a_common_problem,
    a_like_pair,
    a_need,
    a_result,
    a_user,
    an_entry,
)
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser
SHORTLY_SECONDS = 5.0  # the worker looks twice a second


@pytest.fixture
def library(app) -> None:
    """A few results and needs that stand open."""
    an_entry()
    a_need()
    a_result(field="05", region="150203", stage="mature", modes=["joint"])
    for title in ("羊绒分梳低损伤工艺", "奶牛乳房炎快速检测试纸", "光伏组件干式清扫机器人"):
        a_result(title=title, description=f"本成果为{title}，已在多家单位应用。", stage="early")


def test_a_visitor_searches_narrows_and_reads_why(library: None, visitor: Visitor) -> None:
    page = visitor.goes_to("/")
    page.fill("input[name=q]", "锅炉")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1")
    page.goto(visitor.base + "/results")
    page.get_by_role("link", name=re.compile("成熟应用阶段")).click()
    expect(page).to_have_url(re.compile("stage=mature"))
    expect(page.locator(".cards > li")).to_have_count(1)
    page.locator(".chosen .chip").first.click()
    expect(page.locator(".cards > li")).to_have_count(4)
    page.get_by_role("link", name="循环水锅炉长效阻垢缓蚀剂").click()
    expect(page.locator("#matches .listing-title")).to_contain_text("锅炉结垢怎么治")
    page.get_by_text("为什么推荐").click()
    expect(page.get_by_text("词语相合")).to_be_visible()


def test_the_lists_work_without_scripts(library: None, visitor_without_scripts: Visitor) -> None:
    page = visitor_without_scripts.goes_to("/results")
    page.get_by_role("link", name=re.compile("成熟应用阶段")).click()
    expect(page.locator(".cards > li")).to_have_count(1)
    page.goto(visitor_without_scripts.base + "/match")
    page.fill("#text", "锅炉结垢，想少停炉清洗")
    page.click("main button")
    expect(page.locator("#found .listing-title").first).to_be_visible()


def test_an_enterprise_posts_the_operator_publishes_and_the_institute_sees_the_match(
    library: None, visitor: Visitor, app
) -> None:
    enterprise, operator, institute = (
        a_user(role) for role in (Role.ENTERPRISE, Role.OPERATOR, Role.INSTITUTE)
    )
    result = a_result(
        institute.organization, title="带式输送机自动纠偏装置", description="输送带跑偏时自动调心。"
    )
    page = visitor.page
    visitor.logs_in(enterprise.username)
    page.get_by_role("link", name="发布需求").click()
    page.fill("#title", "输送带老跑偏")
    page.fill("#description", "选煤厂的皮带一上量就跑偏，撒料，人工调一天三回。")
    page.get_by_role("button", name="开始填写").click()
    page.fill("#budget", "30-50万元")
    expect(page.locator("#saved")).to_have_text("已自动保存")
    page.get_by_role("button", name="保存并预览").click()
    page.get_by_role("button", name="提交审核").click()
    page.get_by_role("button", name="退出").click()

    visitor.logs_in(operator.username)
    page.locator("summary", has_text="管理").press("Enter")
    page.get_by_role("link", name="待审核").click()
    page.get_by_role("link", name="输送带老跑偏").click()
    page.get_by_role("button", name="发布").click()
    page.get_by_role("button", name="退出").click()

    visitor.logs_in(institute.username)
    page.get_by_role("link", name="带式输送机自动纠偏装置").click()

    def sees_it() -> bool:
        page.goto(f"{visitor.base}/results/{result.id}")
        return page.locator("#matches .listing-title", has_text="输送带老跑偏").count() == 1

    expect_within(sees_it)
    assert "30-50万元" in page.locator("#matches").inner_text()


def expect_within(happens: Callable[[], bool]) -> None:
    """The page is asked again until it shows the thing, for two seconds of the promise and a margin."""
    deadline = time.monotonic() + SHORTLY_SECONDS
    while not happens():
        assert time.monotonic() < deadline, "not within the time that the market promises"


def test_an_import_with_bad_rows_gives_them_back(visitor: Visitor, tmp_path: Path) -> None:
    member = a_user(Role.INSTITUTE)
    path = tmp_path / "results.jsonl"
    path.write_text('{"title": "好的成果"}\n{"title": "坏的成果", "stage": "未知"}\n', "utf-8")
    page = visitor.page
    visitor.logs_in(member.username)
    visitor.goes_to("/results/import")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="检查文件").click()
    expect(page.get_by_text("这是检查结果")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载不合格")).click()
    back = Path(download.value.path()).read_text("utf-8")
    assert "坏的成果" in back and "错误信息" in back
    page.get_by_role("button", name=re.compile("导入合格的")).click()
    expect(page.get_by_text("导入完成")).to_be_visible()
    visitor.goes_to("/my")
    expect(page.get_by_role("link", name="好的成果")).to_be_visible()


def test_the_main_path_needs_no_mouse(library: None, visitor: Visitor) -> None:
    page = visitor.goes_to("/results")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "listing-title":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus can be seen"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/results/\d+$"))


PUBLIC = (
    "/",
    "/results",
    "/needs?q=锅炉",
    "/needs/1",
    "/results/1",
    "/match",
    "/common-needs",
    "/quality",
    "/ledger",
    "/ledger/0",
    "/ledger/check",
    "/login",
    "/signup",
    "/nowhere",
)


def test_public_pages_have_no_barriers_at_any_width(
    library: None, visitor_of_width: Visitor
) -> None:
    for path in PUBLIC:
        visitor_of_width.goes_to(path)
        visitor_of_width.finds_no_barrier()
        wide = visitor_of_width.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{path} scrolls sideways"


def test_pages_of_members_and_operators_have_no_barriers(
    library: None, visitor_of_width: Visitor, app
) -> None:
    member, operator = a_user(Role.ENTERPRISE), a_user(Role.OPERATOR)
    draft = a_need(member.organization, state=State.DRAFT)
    a_need(member.organization)
    first, other = a_common_problem()
    a_like_pair(first, other)
    current_library().reconcile()
    assert do_daily(lambda: True)
    a_need(member.organization, state=State.SUBMITTED)
    pages = {
        member.username: ["/my", "/my/today", "/needs/new", f"/needs/{draft.id}", f"/needs/{draft.id}/edit", "/needs/import", "/password"],
        operator.username: ["/review", "/operator/duplicates", "/operator/fairness", "/operator/organizations", "/operator/users"],
    }  # fmt: skip
    for username, paths in pages.items():
        visitor_of_width.page.context.clear_cookies()
        visitor_of_width.logs_in(username)
        for path in paths:
            visitor_of_width.goes_to(path)
            visitor_of_width.finds_no_barrier()
            wide = visitor_of_width.page.evaluate(
                "document.documentElement.scrollWidth > innerWidth"
            )
            assert not wide, f"{path} scrolls sideways"


def test_an_owner_reads_the_day_s_recommendations_and_says_how_many_are_enough(
    library: None, visitor: Visitor, app
) -> None:
    institute = a_user(Role.INSTITUTE)
    result = a_result(institute.organization, title="锅炉阻垢缓蚀剂")
    current_library().reconcile()
    assert do_daily(lambda: True)
    page = visitor.page
    visitor.logs_in(institute.username)
    page.get_by_role("link", name="今日推荐").click()
    expect(page.get_by_role("link", name="锅炉结垢怎么治", exact=True)).to_be_visible()
    page.get_by_label(f"{result.number} 可承接对接数", exact=True).fill("2")
    page.keyboard.press("Enter")
    expect(page.get_by_text("明天的推荐照此安排")).to_be_visible()
    expect(page.get_by_label(f"{result.number} 可承接对接数", exact=True)).to_have_value("2")


def test_the_operator_judges_a_pair_with_the_keyboard_alone(visitor: Visitor, app) -> None:
    a_like_pair(a_need(), a_need(title="锅炉又结垢"))
    current_library().reconcile()
    visitor.logs_in(a_user(Role.OPERATOR).username)
    page = visitor.goes_to("/operator/duplicates")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "same":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_text("判断已记录")).to_be_visible()
    expect(page.get_by_text("没有待判断的疑似重复")).to_be_visible()
    expect(page.get_by_role("button", name="改为 不同内容")).to_be_visible()
