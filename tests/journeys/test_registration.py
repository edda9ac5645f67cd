"""The clerk's day in a real browser: a contract is registered by the keyboard alone."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action, State
from marketplace.extensions import db
from tests.contracts.factories import PDF, Office, an_office
from tests.contracts.today import (
    a_draft_today,
    able_to_log_in,
    day,
    in_review_today,
    in_second_review_today,
    moved,
    registered_today,
    submitted_today,
)
from tests.factories import a_need, a_result
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser


@dataclass
class Typist:
    """Fingers on a keyboard that are counted: each key, and each character of a text, is one."""

    page: Page
    keys: int = 0
    began: float = field(default_factory=time.monotonic)

    def press(self, *keys: str) -> None:
        """Press keys one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def writes(self, text: str) -> None:
        """Write into the field at hand; Chinese counts by its characters."""
        ascii_ = text.isascii()
        (self.page.keyboard.type if ascii_ else self.page.keyboard.insert_text)(text)
        self.keys += len(text)

    def goes_on_to(self, name: str) -> None:
        """Enter, or Tab in a box of many lines, until the field of that name is at hand."""
        for _ in range(120):
            at, tag = self.page.evaluate(
                "[document.activeElement.name, document.activeElement.tagName]"
            )
            if at == name:
                return
            self.press("Tab" if tag == "TEXTAREA" else "Enter")
        raise AssertionError(f"{name} is not reached by Enter")

    def jumps_to(self, name: str) -> None:
        """F8, from one field that is still wrong to the next, until that one is at hand."""
        for _ in range(30):
            if self.page.evaluate("document.activeElement.name") == name:
                return
            self.press("F8")
        raise AssertionError(f"{name} is not reached by F8")

    def mends(self, fields: dict[str, str]) -> None:
        """Fill the fields that are still wrong, past all that is right already."""
        for name, text in fields.items():
            self.jumps_to(name)
            self.writes(text)

    def fills(self, fields: dict[str, str]) -> None:
        """Fill fields in the order of the form."""
        for name, text in fields.items():
            self.goes_on_to(name)
            self.writes(text)

    def attaches(self, path: Path) -> None:
        """U, the kind as it stands, then the file and the button."""
        self.page.wait_for_load_state("load")
        self.press("u")
        expect(self.page.locator("#files select").first).to_be_focused()
        self.press("Tab")
        expect(self.page.locator("#files input[type=file]").first).to_be_focused()
        with self.page.expect_file_chooser() as chooser:
            self.press("Space")
        chooser.value.set_files(path)
        with self.page.expect_navigation():
            self.press("Tab", "Enter")

    def confirms(self, key: str) -> None:
        """A key opens the page that asks; Enter does it."""
        with self.page.expect_navigation():
            self.press(key)
        expect(self.page.locator("[data-first]")).to_be_focused()
        with self.page.expect_navigation():
            self.press("Enter")


@pytest.fixture
def office(app: Flask) -> Office:
    """A point whose people can log in; no contract is drawn at random for a second review."""
    app.extensions["rules"] = tuple(
        replace(one, thresholds=replace(one.thresholds, random_share=0))
        for one in app.extensions["rules"]
    )
    office = an_office()
    for person in (office.clerk, office.other_clerk, office.reviewer, office.applicant):
        able_to_log_in(person)
    return office


@pytest.fixture
def text_of_contract(tmp_path: Path) -> Path:
    """A scanned contract."""
    path = tmp_path / "contract.pdf"
    path.write_bytes(PDF + b"scan")
    return path


def stored() -> Contract:
    """The only contract there is, as it is stored now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Contract)).one()


TERMS = {
    "signed_on": day(-20).isoformat(),
    "begins_on": day(-20).isoformat(),
    "ends_on": day(300).isoformat(),
}
MONEY = {
    "deal_amount": "120万元",
    "deal_words": "壹佰贰拾万元整",
    "technology_amount": "120万元",
    "payment": "1",
}
CODES = {"plan": "5", "field": "05", "goal": "10", "industry": "C26", "rights-0-kind": "9"}


def reviews(typist: Typist) -> None:
    """Accept, tick each test with its clause, propose: the clerk's part."""
    typist.confirms("a")
    expect(typist.page.locator("#tests")).to_be_visible()
    typist.press("t")
    for _test in range(3):
        typist.press("y")
        typist.writes("第三条")
        typist.press("Enter")
    with typist.page.expect_navigation():
        typist.press("Enter")
    typist.confirms("a")


def reported(record_property, what: str, typist: Typist) -> None:
    """The figures, for whoever reads the record of the tests."""
    seconds = time.monotonic() - typist.began
    record_property(f"{what}: keystrokes", typist.keys)
    record_property(f"{what}: seconds", round(seconds, 1))
    print(f"\n{what}: {typist.keys} keystrokes, {seconds:.1f} s in the browser")


def test_a_deal_of_the_market_is_registered_by_keyboard_alone(
    office: Office, visitor: Visitor, text_of_contract: Path, record_property
) -> None:
    result = a_result(office.applicant.organization, field="05")
    need = a_need(office.buyer)
    visitor.logs_in(office.applicant.username)
    page = visitor.goes_to(f"/contracts/new?result={result.number}&need={need.number}")
    seller = Typist(page)
    with page.expect_navigation():
        seller.press(*["Enter"] * 5)
    seller.mends({"type": "11"} | TERMS | {"deal_amount": "120万元"})
    seller.fills({"deal_words": "壹佰贰拾万元整"})
    seller.mends({"technology_amount": "120万元", "payment": "1"})
    seller.mends({"plan": "5", "goal": "10", "industry": "C26", "rights-0-kind": "9"})
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    with page.expect_navigation():
        seller.press("Control+Enter")
    seller.attaches(text_of_contract)
    seller.confirms("a")
    assert stored().state == State.SUBMITTED and stored().result_id == result.id
    reported(record_property, "prefilled from a deal, the applicant", seller)

    page.context.clear_cookies()
    visitor.logs_in(office.clerk.username)
    visitor.goes_to("/office")
    clerk = Typist(page)
    reviews(clerk)
    assert stored().state == State.REGISTERED and stored().local_no
    reported(record_property, "prefilled from a deal, the clerk", clerk)


def test_a_contract_on_paper_is_registered_by_keyboard_alone(
    office: Office, visitor: Visitor, text_of_contract: Path, record_property
) -> None:
    visitor.logs_in(office.other_clerk.username)
    page = visitor.goes_to("/contracts/new")
    clerk = Typist(page)
    clerk.writes(str(office.applicant.organization.uscc))
    clerk.press("Enter")
    clerk.writes("循环水阻垢剂开发")
    with page.expect_navigation():
        clerk.press(*["Enter"] * 5)
    clerk.fills({"type": "11", "content": "研究开发循环水阻垢剂，提交配方和试验报告。"} | TERMS)
    buyer = office.buyer
    party = {"name": buyer.name, "seal_name": buyer.name, "uscc": str(buyer.uscc), "nature": "150"}
    party |= {"region": "包头市", "scale": "s", "representative": "王某", "contact": "李某"}
    clerk.fills({"sellers-0-representative": "赵某", "sellers-0-contact": "钱某"})
    clerk.fills({f"buyers-0-{name}": text for name, text in party.items()})
    clerk.fills(MONEY | CODES)
    expect(page.locator("#saved")).to_contain_text("已自动保存")
    with page.expect_navigation():
        clerk.press("Control+Enter")
    clerk.attaches(text_of_contract)
    clerk.confirms("a")
    assert stored().state == State.SUBMITTED
    reported(record_property, "typed from paper, the typist", clerk)

    page.context.clear_cookies()
    visitor.logs_in(office.clerk.username)
    visitor.goes_to("/office")
    reviewer = Typist(page)
    reviews(reviewer)
    assert stored().state == State.REGISTERED
    reported(record_property, "typed from paper, the reviewer", reviewer)


def test_lights_appear_beside_the_field_while_one_types(office: Office, visitor: Visitor) -> None:
    draft = a_draft_today(office)
    visitor.logs_in(office.applicant.username)
    page = visitor.goes_to(f"/contracts/{draft.id}/edit")
    page.fill("#deal_words", "壹佰零壹万元整")
    expect(page.locator("#light-deal_words")).to_contain_text("大写与数字不一致")
    page.fill("#deal_amount", "101万元")
    expect(page.locator("#light-deal_amount")).to_contain_text("1,010,000.00元（101万元）")
    page.fill("#signed_on", "明天")
    expect(page.locator("#light-signed_on")).to_contain_text("日期应写成")
    assert page.input_value("#signed_on") == "明天"


def test_a_form_that_is_sent_while_it_is_being_saved_meets_no_conflict(
    office: Office, visitor: Visitor
) -> None:
    draft = a_draft_today(office)
    visitor.logs_in(office.applicant.username)
    page = visitor.goes_to(f"/contracts/{draft.id}/edit")
    saving: list[Route] = []

    def holds_it(route: Route) -> None:
        if "hx-request" in route.request.headers:
            saving.append(route)
        else:
            route.continue_()

    page.route("**/edit", holds_it)
    page.fill("#content", "研究开发循环水阻垢剂，提交配方。")
    expect(page.locator("#saved")).to_contain_text("正在保存")
    answer = saving[0].fetch()  # the server has saved, the page does not know yet
    page.get_by_role("button", name="保存并查看").click()
    saving[0].fulfill(response=answer)
    page.wait_for_url(f"**/contracts/{draft.id}")
    expect(page.locator("main")).to_contain_text("提交配方。")


def test_no_single_key_changes_a_case(office: Office, visitor: Visitor) -> None:
    case = submitted_today(office)
    visitor.logs_in(office.clerk.username)
    for key in "adefjkoprstuxyn169":
        for address in ("/office", f"/contracts/{case.id}"):
            page = visitor.page.context.new_page()  # a key may be on its way to another page
            page.goto(visitor.base + address)
            page.keyboard.press(key)
            page.close()
    assert (stored().state, stored().revision) == (State.SUBMITTED, case.revision)


def test_keys_move_open_and_leave_typing_alone(office: Office, visitor: Visitor) -> None:
    first, second = submitted_today(office), submitted_today(office)
    visitor.logs_in(office.clerk.username)
    page = visitor.goes_to("/office")
    current = page.locator("tr[aria-current=true]")
    expect(current).to_contain_text(first.project_name)
    page.keyboard.press("j")
    expect(current).to_contain_text(second.project_name)
    page.keyboard.press("k")
    expect(current).to_contain_text(first.project_name)
    composing = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', isComposing: true, bubbles: true}))"
    page.evaluate(composing)
    page.keyboard.press("/")
    page.keyboard.type("arjkdf?")
    expect(page.locator("#q")).to_have_value("arjkdf?")
    expect(page).to_have_url(visitor.base + "/office")
    page.locator("#q").blur()
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("#duplicates")).to_be_focused()


def test_r_takes_a_reason_by_its_number(office: Office, visitor: Visitor) -> None:
    submitted_today(office)
    visitor.logs_in(office.clerk.username)
    page = visitor.goes_to("/office")
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="确认退回")).to_be_focused()
    page.keyboard.press("6")
    assert stored().state == State.SUBMITTED
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert stored().state == State.SUPPLEMENT


def test_control_enter_saves_the_ticks_and_opens_the_next_case(
    office: Office, visitor: Visitor
) -> None:
    first, second = in_review_today(office), in_review_today(office)
    visitor.logs_in(office.clerk.username)
    page = visitor.goes_to(f"/contracts/{first.id}")
    page.keyboard.press("t")
    page.keyboard.press("n")
    page.keyboard.insert_text("第二条")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text(second.project_name)


def test_the_office_works_with_the_mouse_and_without_scripts(
    office: Office, visitor_without_scripts: Visitor
) -> None:
    submitted_today(office)
    visitor_without_scripts.logs_in(office.clerk.username)
    page = visitor_without_scripts.goes_to("/office")
    page.get_by_role("link", name="受理").click()
    page.get_by_role("button", name="确认：受理").click()
    page.locator("input[name=answer-A1][value=yes]").check()
    page.locator("input[name=clause-A1]").fill("第一条")
    page.get_by_role("button", name="保存认定条件").click()
    expect(page.locator("input[name=clause-A1]")).to_have_value("第一条")
    assert stored().state == State.REVIEW1


def test_registration_pages_have_no_barriers_at_any_width(
    office: Office, visitor_of_width: Visitor
) -> None:
    draft, waiting, review = a_draft_today(office), submitted_today(office), in_review_today(office)
    second, done = in_second_review_today(office), registered_today(office)
    back = submitted_today(office)
    moved(back, Action.ASK_REPAIR, office.clerk, repairs=[{"field": "content", "text": "补"}])
    pages = {
        office.applicant: ["/contracts/mine", "/contracts/new", f"/contracts/{draft.id}/edit", f"/contracts/{draft.id}/move/submit", f"/contracts/{back.id}/edit", f"/contracts/{back.id}/move/resubmit", f"/contracts/{done.id}", f"/contracts/{done.id}/income", f"/contracts/{done.id}/move/request_change", "/contracts/import", "/points"],
        office.clerk: ["/office", "/office/search?q=无", f"/contracts/{waiting.id}/move/accept", f"/contracts/{waiting.id}/return", f"/contracts/{waiting.id}/move/ask_repair", f"/contracts/{review.id}", f"/contracts/{review.id}/move/refuse", f"/office/contracts/{review.id}/flag", "/points/150203", "/points/coverage"],
        office.reviewer: [f"/contracts/{second.id}", f"/contracts/{second.id}/move/agree"],
    }  # fmt: skip
    for person, paths in pages.items():
        visitor_of_width.page.context.clear_cookies()
        visitor_of_width.logs_in(person.username)
        for path in paths:
            visitor_of_width.goes_to(path)
            visitor_of_width.finds_no_barrier()
            wide = visitor_of_width.page.evaluate(
                "document.documentElement.scrollWidth > innerWidth"
            )
            assert not wide, f"{path} scrolls sideways"
