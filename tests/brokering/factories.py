"""Introductions between two organisations, at any point of their life."""

from datetime import datetime
from typing import Any

from marketplace.accounts.models import User
from marketplace.brokering import operations
from marketplace.brokering.models import BOXES, Introduction
from marketplace.brokering.states import Action
from marketplace.database import utcnow
from marketplace.listings.models import Need, Result
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_need, a_result, a_user

PROPOSAL = dict.fromkeys(BOXES, "") | {
    "offer": "提供长效阻垢剂中试样品",
    "fit": "与贵方锅炉结垢问题对应",
    "next_step": "下周到现场取水样",
}


class Pair:
    """A need, a result, and somebody who works for each owner."""

    def __init__(self, buyer: User | None = None, seller: User | None = None) -> None:
        self.buyer: User = buyer or a_user(Role.ENTERPRISE)
        self.seller: User = seller or a_user(Role.INSTITUTE)
        self.need: Need = a_need(self.buyer.organization)
        self.result: Result = a_result(self.seller.organization)

    def draft(self, opener: User) -> Introduction:
        """A proposal that is written and not sent."""

        def work() -> Introduction:
            made = operations.open_introduction(self.need, self.result, actor=opener, now=utcnow())
            operations.write(made, PROPOSAL, revision=made.revision, actor=opener, now=utcnow())
            return made

        return transact(work)

    def sent(self, opener: User | None = None, now: datetime | None = None) -> Introduction:
        """A proposal that waits for its answer."""
        opener = opener or self.seller
        return move(self.draft(opener), Action.SEND, opener, now=now)

    def contacted(self) -> Introduction:
        """Both sides want to talk."""
        return move(self.sent(), Action.INTEREST, self.buyer)

    def brokered(self, broker: User) -> Introduction:
        """Brought together by a broker, and both want to talk."""
        introduction = self.sent(broker)
        move(introduction, Action.INTEREST, self.seller)
        return move(introduction, Action.INTEREST, self.buyer)


def move(
    introduction: Introduction,
    action: Action,
    actor: Any,
    now: datetime | None = None,
    **facts: Any,
) -> Introduction:
    """One move, committed."""
    at = now or utcnow()
    transact(lambda: operations.advance(introduction, action, actor=actor, now=at, **facts))
    return introduction
