"""One deal from a posted need to verified income, its people at their browsers at the same time.

After each stage the figures of the funnel, the ledger, the statistics, the seller's credit and the
broker's board are read from their pages by somebody who looks on.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from marketplace.accounts.models import Organization, User
from marketplace.database import utcnow
from marketplace.funnel.counting import Stage
from marketplace.funnel.operations import remember_shown
from marketplace.listings.models import Result, ResultConfidential
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.worker import collect_credit
from marketplace.working_days import local_time
from tests.contracts.factories import PDF, Office, an_office
from tests.contracts.today import able_to_log_in, day
from tests.factories import a_result, a_user
from tests.journeys.conftest import Visitor
from tests.journeys.test_journeys import expect_within

pytestmark = pytest.mark.browser

NEED = {
    "title": "输送带老跑偏",
    "description": "选煤厂的皮带一上量就跑偏，撒料，人工调一天三回，希望自动纠偏。",
}
RECIPE, PROBLEM = "辊子涂层配比：甲三乙七", "去年因跑偏停产四十小时"
TERMS = {
    "type": "11",
    "signed_on": day(-20).isoformat(),
    "begins_on": day(-20).isoformat(),
    "ends_on": day(300).isoformat(),
    "deal_amount": "120万元",
    "deal_words": "壹佰贰拾万元整",
    "technology_amount": "120万元",
    "payment": "1",
    "plan": "5",
    "goal": "10",
    "industry": "C26",
    "rights-0-kind": "9",
}
PROPOSAL = {
    "offer": "带式输送机自动纠偏装置一套，先装一台试用",
    "fit": "贵厂皮带一上量就跑偏，装置在输送带跑偏时自动调心",
    "next_step": "下周到现场量带宽",
}


@dataclass
class Cast:
    """Everybody in the deal, each a user who can log in."""

    enterprise: User
    institute: User
    broker: User
    operator: User
    office: Office
    result: Result


@pytest.fixture
def cast(app: Flask) -> Cast:
    """A market with one result, and a point where no contract is drawn for a second review."""
    app.extensions["rules"] = tuple(
        replace(one, thresholds=replace(one.thresholds, random_share=0))
        for one in app.extensions["rules"]
    )
    roles = (Role.ENTERPRISE, Role.INSTITUTE, Role.BROKER, Role.OPERATOR)
    enterprise, institute, broker, operator = (a_user(role) for role in roles)
    office = an_office()
    able_to_log_in(office.clerk)
    result = a_result(
        institute.organization,
        title="带式输送机自动纠偏装置",
        description="输送带跑偏时自动调心，适用于选煤厂的带式输送机，已在三条线上使用。",
        field="05",
    )
    transact(lambda: setattr(result, "confidential", ResultConfidential(text=RECIPE)))
    return Cast(enterprise, institute, broker, operator, office, result)


@dataclass
class Onlooker:
    """The operator, who reads the figures from the pages and says what became more."""

    visitor: Visitor
    broker: Visitor
    seller: Organization
    before: Counter[str] = field(default_factory=Counter)

    def funnel(self) -> Counter[str]:
        """How many pairs reached each stage."""
        transact(remember_shown)
        page = self.visitor.goes_to("/funnel")
        rows = page.locator("section[aria-labelledby=steps] tbody tr td:nth-child(2)")
        return Counter(dict(zip(Stage, map(int, rows.all_inner_texts()), strict=True)))

    def ledger(self) -> Counter[str]:
        """How many entries of each kind there are."""
        page = self.visitor.goes_to("/ledger")
        return Counter(
            text.split(" · ")[0] for text in page.locator("tbody .hint").all_inner_texts()
        )

    def statistics(self) -> Counter[str]:
        """项数 and 成交额 (万元) of this year in T1."""
        page = self.visitor.goes_to("/statistics/T1")
        cells = page.locator(".figures-table tbody tr").first.locator("td").all_inner_texts()
        numbers = [float(cell.replace(",", "")) for cell in cells[:3:2]]
        return Counter({"项数": int(numbers[0]), "成交额": int(numbers[1])})

    def credit(self) -> Counter[str]:
        """The seller's behaviour records by kind."""
        collect_credit()
        page = self.visitor.goes_to(f"/credit/organizations/{self.seller.id}")
        return Counter(page.locator("td.title").all_inner_texts())

    def column(self) -> str:
        """Where the broker's card stands."""
        page = self.broker.goes_to("/broker/board")
        cards = page.locator("[data-column]").filter(has=page.locator("[data-card]"))
        return cards.locator("h2").inner_text().split()[0]

    def sees(self, column: str, *, more: dict[str, int]) -> None:
        """Just these figures have grown by so much since the last look; the card stands there."""
        now = self.funnel() + self.ledger() + self.statistics() + self.credit()
        grown = {name: now[name] - self.before[name] for name in now | self.before}
        assert {name: by for name, by in grown.items() if by} == more
        self.before = now
        assert self.column() == column


def test_a_need_becomes_verified_income(
    cast: Cast, beside: Callable[..., Visitor], tmp_path: Path
) -> None:
    broker, operator = beside(cast.broker), beside(cast.operator)
    buyer, seller = beside(cast.enterprise), beside(cast.institute)
    looks = Onlooker(operator, broker, cast.institute.organization)

    posts_a_need(buyer.page)
    publishes_it(operator.page)
    finds_the_match(broker, cast.result)
    proposes(broker.page)
    looks.sees("新建", more={"shown": 1})

    for side in (seller, buyer):
        answers_from_the_notices(side.page)
    looks.sees("已对接", more={"contacted": 1, "对接存证": 1, "按期答复对接": 1})

    agree_on_commission(broker.page, seller.page, buyer.page)
    confirm_confidence(seller.page, buyer.page)
    talk(seller.page, buyer.page)
    looks.sees("已对接", more={})
    meet(seller.page, buyer.page)
    looks.sees("已会面", more={"met": 1, "会面已确认": 1})
    agree(seller.page, buyer.page)
    looks.sees("洽谈", more={"agreed": 1})

    applies(seller.page, tmp_path)
    looks.sees("签约", more={"contract": 1})
    clerk = beside(cast.office.clerk)
    registers(clerk.page)
    counted = {"登记": 1, "项数": 1, "成交额": 120, "合同登记": 1}
    looks.sees("登记", more={"registered": 1} | counted)

    declares(seller.page)
    looks.sees("登记", more={})
    verifies(clerk.page)
    looks.sees("到账", more={"income": 1, "收入核定": 1, "佣金": 1, "收入核定（已付款）": 1})
    sees_the_commission(buyer.page)


def follows(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow the first link of that name in the main part."""
    page.locator("main").get_by_role("link", name=name).first.click()


def presses(page: Page, name: str, within: str = "main") -> None:
    """Press the first button of that name, and see the page that comes of it."""
    with page.expect_navigation():
        page.locator(within).get_by_role("button", name=name).first.click()


def posts_a_need(page: Page) -> None:
    """The enterprise writes its need, a part of it in confidence, and submits it."""
    page.get_by_role("link", name="发布需求").click()
    for name, text in NEED.items():
        page.fill(f"#{name}", text)
    presses(page, "开始填写")
    page.fill("#confidential", PROBLEM)
    presses(page, "保存并预览")
    presses(page, "提交审核")


def publishes_it(page: Page) -> None:
    """The operator reads and publishes."""
    page.locator("summary", has_text="管理").click()
    page.get_by_role("link", name="待审核").click()
    follows(page, NEED["title"])
    presses(page, "发布")


def finds_the_match(broker: Visitor, result: Result) -> None:
    """The broker sees the need under the result as soon as it is indexed, and presses 我要对接."""

    def sees_it() -> bool:
        page = broker.goes_to(f"/results/{result.id}")
        return page.locator("#matches .listing-title", has_text=NEED["title"]).count() == 1

    expect_within(sees_it)
    expect(broker.page.locator("main")).not_to_contain_text(RECIPE)
    follows(broker.page, "我要对接：" + NEED["title"])


def proposes(page: Page) -> None:
    """The broker fills the boxes and sends them."""
    for name, text in PROPOSAL.items():
        page.fill(f"#{name}", text)
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    presses(page, "发出")
    expect(page.locator("main")).to_contain_text("答复期限")


def answers_from_the_notices(page: Page) -> None:
    """A side sees that something waits, reads the proposal and is interested."""
    page.reload()
    expect(page.locator(".unread")).to_contain_text("1")
    page.get_by_role("link", name=re.compile("^通知")).click()
    presses(page, "收到对接提议")
    expect(page.locator("main")).to_contain_text(PROPOSAL["offer"])
    presses(page, "有意向")


def agree_on_commission(broker: Page, *sides: Page) -> None:
    """The broker offers five per cent of what is verified; both sides confirm it."""
    follows(broker, NEED["title"])
    follows(broker, "中介协议")
    broker.fill("#rate", "5")
    broker.select_option("#payer", "result")
    broker.select_option("#condition", "income")
    presses(broker, "提出")
    for side in sides:
        side.reload()
        follows(side, "中介协议")
        presses(side, "确认这一版")
    expect(sides[-1].locator("main")).to_contain_text("现行有效")


def confirm_confidence(seller: Page, buyer: Page) -> None:
    """Each side confirms the statement, and only then sees what the other keeps in confidence."""
    for side, secret in ((seller, PROBLEM), (buyer, RECIPE)):
        follows(side, "保密内容")
        expect(side.locator("main")).not_to_contain_text(secret)
        side.check("input[name=agreed]")
        presses(side, "确认保密声明")
        expect(side.locator("main")).to_contain_text(secret)


def talk(seller: Page, buyer: Page) -> None:
    """A message of one appears before the other, who answers."""
    for side in (seller, buyer):
        follows(side, "沟通")
    seller.fill("#text", "明天能否到贵厂量带宽？")
    presses(seller, "发送")
    buyer.reload()
    expect(buyer.locator("#thread")).to_contain_text("明天能否到贵厂量带宽？")
    buyer.fill("#text", "可以，上午九点东门见。")
    presses(buyer, "发送")


def meet(seller: Page, buyer: Page) -> None:
    """A meeting that began an hour ago; both say that it was held."""
    began = local_time(utcnow()) - timedelta(hours=1)
    seller.fill("#starts_at", began.strftime("%Y-%m-%dT%H:%M"))
    seller.fill("#place", "选煤厂东门")
    presses(seller, "约定")
    for side in (seller, buyer):
        side.reload()
        presses(side, "确认已举行")
    expect(buyer.locator("#meetings")).to_contain_text("双方确认已举行")


def agree(seller: Page, buyer: Page) -> None:
    """The seller writes the draft agreement, the buyer confirms the same version."""
    seller.reload()
    seller.get_by_text("写纪要或意向协议").click()
    seller.check("input[name=kind][value=agreement]")
    seller.fill("#paper", "先装一台试用三个月，合格后签技术转让合同，价款一百二十万元。")
    presses(seller, "提交这一版")
    buyer.reload()
    presses(buyer, "我方确认这一版")
    expect(buyer.locator("#papers")).to_contain_text("双方已确认")


def applies(page: Page, folder: Path) -> None:
    """The seller begins the contract from the introduction, fills the rest and submits it."""
    follows(page, "提议与答复")
    follows(page, "登记合同")
    presses(page, "开始填写")
    expect(page.locator("#project_name")).to_have_value("带式输送机自动纠偏装置")
    for name, text in TERMS.items():
        box = page.locator(f"[name={name}]")
        chosen = box.evaluate("one => one.tagName") == "SELECT"
        (box.select_option if chosen else box.fill)(text)
    presses(page, "保存并查看")
    for kind in ("contract", "brokerage"):
        paper = folder / f"{kind}.pdf"
        paper.write_bytes(PDF + kind.encode())
        page.select_option("#kind", kind)
        page.set_input_files("#files input[type=file]", paper)
        presses(page, "上传")
    follows(page, re.compile("^提交"))
    presses(page, "确认：提交")


def registers(page: Page) -> None:
    """The clerk accepts the case, finds its tests met with the clause, and registers it."""
    page.get_by_role("link", name="合同登记").click()
    follows(page, "受理")
    presses(page, "确认：受理")
    for test in page.locator("#tests fieldset").all():
        test.locator("input[value=yes]").check()
        test.locator("input[name^=clause-]").fill("第三条")
    presses(page, "保存认定条件")
    follows(page, re.compile("^拟予登记"))
    presses(page, "确认：拟予登记")
    expect(page.locator(".row-head .state")).to_contain_text("已登记")


def declares(page: Page) -> None:
    """The seller declares what was received, from the page of the introduction."""
    page.get_by_role("link", name="我的对接").click()
    follows(page, re.compile("^DJ"))
    follows(page, re.compile("^带式输送机自动纠偏装置 [0-9]{16}$"))
    follows(page, "技术性收入")
    page.fill("#received_on", day().isoformat())
    page.fill("#voucher", "FP0001")
    page.fill("#received", "40万元")
    presses(page, "申报")
    expect(page.locator("main")).to_contain_text("待核定")


def verifies(page: Page) -> None:
    """The clerk finds the line among what waits, and verifies it as it was declared."""
    page.get_by_role("link", name="合同登记").click()
    page.locator("#declared").get_by_role("link").click()
    presses(page, "核定")
    expect(page.locator("main")).to_contain_text("已核定")


def sees_the_commission(page: Page) -> None:
    """Five per cent of 40 万元 is 2 万元, and the parties can prove it."""
    page.get_by_role("link", name="我的对接").click()
    follows(page, re.compile("^DJ"))
    follows(page, "中介协议")
    expect(page.get_by_role("region", name="佣金")).to_contain_text("20,000.00")
