"""The life of a listing: who moves it, what is recorded, what the others see."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace.audit import AuditEntry, Tag
from marketplace.database import utcnow
from marketplace.errors import Conflict, Forbidden, IllegalMove, InvalidInput
from marketplace.extensions import db
from marketplace.listings import operations
from marketplace.listings.lifecycle import LISTING, Action, State
from marketplace.listings.models import Need
from marketplace.outbox import OutboxRow
from marketplace.permissions import Permission, Role
from marketplace.transactions import transact
from tests.factories import a_need, a_user, an_organization


def moved(need: Need, action: Action, actor: Any, reason: str = "") -> State:
    transact(lambda: operations.move(need, action, actor=actor, now=utcnow(), reason=reason))
    return need.state


def test_a_need_goes_from_draft_to_the_public_library_and_back(app: Flask) -> None:
    owner, operator = a_user(Role.ENTERPRISE), a_user(Role.OPERATOR)
    need = a_need(owner.organization, state=State.DRAFT)
    assert moved(need, Action.SUBMIT, owner) == State.SUBMITTED
    assert moved(need, Action.RETURN, operator, "缺少指标") == State.RETURNED
    assert need.return_reason == "缺少指标"
    assert moved(need, Action.SUBMIT, owner) == State.SUBMITTED
    assert moved(need, Action.PUBLISH, operator) == State.PUBLISHED
    assert need.is_public and need.valid_until > utcnow().date() and not need.return_reason
    assert moved(need, Action.WITHDRAW, owner) == State.WITHDRAWN


def test_every_move_is_recorded_with_who_from_where_and_why(app: Flask) -> None:
    operator = a_user(Role.OPERATOR)
    need = a_need(state=State.SUBMITTED)
    moved(need, Action.RETURN, operator, "缺少指标")
    entry = db.session.query(AuditEntry).filter_by(tag=Tag.LISTING_MOVED).one()
    assert (entry.actor_id, entry.subject) == (operator.id, need.key)
    assert entry.facts == {
        "from": "submitted", "to": "returned", "action": "return", "reason": "缺少指标",
    }  # fmt: skip


def test_every_move_asks_the_index_to_look_again(app: Flask) -> None:
    need = a_need(state=State.SUBMITTED)
    moved(need, Action.PUBLISH, a_user(Role.OPERATOR))
    assert need.key in {row.subject for row in db.session.query(OutboxRow)}


def test_a_listing_is_returned_with_a_reason_or_not_at_all(app: Flask) -> None:
    need = a_need(state=State.SUBMITTED)
    with pytest.raises(InvalidInput):
        moved(need, Action.RETURN, a_user(Role.OPERATOR), "  ")
    assert need.state == State.SUBMITTED


def test_what_no_row_of_the_table_allows_is_refused(app: Flask) -> None:
    need = a_need(state=State.DRAFT)
    with pytest.raises(IllegalMove):
        moved(need, Action.PUBLISH, a_user(Role.OPERATOR))


@pytest.mark.parametrize("move", LISTING.moves.values(), ids=lambda m: f"{m.source}-{m.action}")
def test_a_stranger_moves_nothing(app: Flask, move: Any) -> None:
    need = a_need(state=move.source)
    with pytest.raises(Forbidden):
        moved(need, move.action, a_user(Role.ENTERPRISE), "我想")


@pytest.mark.parametrize("move", LISTING.moves.values(), ids=lambda m: f"{m.source}-{m.action}")
def test_whoever_holds_the_permission_moves_it_to_its_target(app: Flask, move: Any) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=move.source)
    actor = owner if move.permission == Permission.EDIT_LISTING else a_user(Role.OPERATOR)
    assert moved(need, move.action, actor, "有理由") == move.target


def test_an_unverified_organisation_keeps_its_drafts(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE, an_organization(verified=False))
    need = a_need(owner.organization, state=State.DRAFT)
    with pytest.raises(InvalidInput):
        moved(need, Action.SUBMIT, owner)
    assert need.state == State.DRAFT


def test_a_lapsed_listing_expires_and_one_click_renews_it(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    moved(need, Action.SUBMIT, owner)
    moved(need, Action.PUBLISH, a_user(Role.OPERATOR))
    later = utcnow() + operations.VALIDITY + timedelta(days=1)
    assert transact(lambda: operations.expire_lapsed(now=later)) == 1
    assert need.state == State.EXPIRED and not need.is_public
    assert moved(need, Action.CONFIRM, owner) == State.PUBLISHED
    assert need.valid_until == (utcnow() + operations.VALIDITY).date()


def test_of_two_who_change_a_draft_the_second_is_told(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, state=State.DRAFT)
    read = need.revision
    change = {"title": "第一个人改的"}
    transact(lambda: operations.change(need, change, revision=read, actor=owner, now=utcnow()))
    with pytest.raises(Conflict):
        transact(lambda: operations.change(need, {}, revision=read, actor=owner, now=utcnow()))
    assert need.title == "第一个人改的"


def test_a_copy_is_a_new_draft_with_the_same_content(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, source_key="K1", modes=["joint"], confidential="秘密")
    twin = transact(lambda: operations.copy(need, actor=owner, now=utcnow()))
    assert twin.state == State.DRAFT and twin.source_key is None and twin.id != need.id
    assert [row.mode for row in twin.mode_rows] == ["joint"]
    assert twin.confidential.text == "秘密" and twin.title == "锅炉结垢怎么治（副本）"
