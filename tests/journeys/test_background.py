"""The operator sees on a desk and on a phone what failed and why, and has it tried again."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.outbox import OutboxRow, Topic
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_user
from tests.journeys.conftest import Visitor

pytestmark = pytest.mark.browser


def test_what_failed_is_seen_without_scrolling_sideways_and_tried_again(
    app: Flask, visitor_of_width: Visitor
) -> None:
    now = utcnow()
    later, message = now + timedelta(days=1), "ConnectionError: the national system does not answer"
    facts = {"put_at": now, "due_at": later, "failures": 3, "message": message}
    row = OutboxRow(topic=Topic.EXPORT, subject="contract/1", **facts)
    transact(lambda: db.session.add(row))
    visitor_of_width.logs_in(a_user(Role.OPERATOR).username)
    page = visitor_of_width.goes_to("/operator/background")
    again = page.get_by_role("button", name="立即重试")
    for seen in (page.get_by_text(message), again):
        box = seen.bounding_box()
        assert box is not None and box["x"] + box["width"] <= page.evaluate("innerWidth")
    visitor_of_width.finds_no_barrier()
    again.click()
    expect(page.get_by_text("已安排重试 1 项")).to_be_visible()
