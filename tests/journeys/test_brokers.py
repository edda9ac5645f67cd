"""A broker's morning: the board by keyboard and on a phone, a visit where there is no network."""

import pytest
from flask import Flask
from playwright.sync_api import expect

from marketplace.brokering import operations
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, State
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.brokering.factories import Pair, move
from tests.factories import a_user
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser


def a_contact(broker: object) -> Introduction:
    pair = Pair()
    introduction = pair.sent(broker)
    move(introduction, Action.INTEREST, pair.seller)
    return move(introduction, Action.INTEREST, pair.buyer)


def test_a_card_is_moved_by_keys_and_no_stray_key_moves_it(app: Flask, visitor: Visitor) -> None:
    broker = a_user(Role.BROKER)
    first, second = a_contact(broker), a_contact(broker)
    visitor.logs_in(broker.username)
    page = visitor.goes_to("/broker/board")
    visitor.finds_no_barrier()
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    assert page.get_attribute("[data-card][aria-current=true]", "id") == f"card-{second.id}"
    keys.press("n")
    keys.type("jkhlmn 约见面")
    assert page.input_value(f"#card-{second.id} [data-step] input[name=todo]") == "jkhlmn 约见面"
    keys.press("Escape")
    keys.press("m")
    assert page.evaluate("document.activeElement.value") == "meet"
    for stray in "hjkl":
        keys.press(stray)
    db.session.rollback()  # what this side read before is old
    assert {first.state, second.state} == {State.CONTACTED}
    page.focus(f"#card-{second.id} [data-move] button[value=meet]")
    keys.press("Enter")
    page.wait_for_url("**/broker/board?column=met*")
    assert page.get_attribute("[data-card][aria-current=true]", "id") == f"card-{second.id}"
    db.session.rollback()  # what this side read before is old
    assert (first.state, second.state) == (State.CONTACTED, State.MET)


def test_on_a_phone_one_column_is_shown_and_another_chosen(app: Flask, visitor: Visitor) -> None:
    broker = a_user(Role.BROKER)
    introduction = a_contact(broker)
    transact(lambda: operations.advance(introduction, Action.MEET, actor=broker, now=utcnow()))
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.logs_in(broker.username)
    page = visitor.goes_to("/broker/board?column=contacted")
    columns = page.locator("[data-column]:visible")
    assert columns.count() == 1 and "已对接" in columns.first.inner_text()
    page.click(".column-switch >> text=已会面")
    expect(page.locator(f"#card-{introduction.id}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.finds_no_barrier()


def test_a_visits_words_outlive_a_dead_spot(app: Flask, visitor: Visitor) -> None:
    broker = a_user(Role.BROKER)
    visitor.page.set_viewport_size({"width": 390, "height": 844})
    visitor.logs_in(broker.username)
    page = visitor.goes_to("/broker/visits/new")
    visitor.finds_no_barrier()
    page.fill("#company", "某某耐火材料厂")
    page.fill("#words", "托轮瓦一个月烧两次")
    page.context.set_offline(True)
    page.click("main form button.btn-primary")
    page.wait_for_selector("[data-offline]:visible")
    page.context.set_offline(False)
    visitor.goes_to("/broker/visits/new")
    assert page.input_value("#words") == "托轮瓦一个月烧两次"
    page.click("main form button.btn-primary")
    page.wait_for_url("**/broker/visits/*saved=1")
    assert page.is_visible("text=托轮瓦一个月烧两次")
    visitor.goes_to("/broker/visits/new")
    assert page.input_value("#words") == ""
