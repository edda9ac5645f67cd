"""Both sides at the same moment: two yeses are seen, no version is written twice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import Flask

from marketplace.accounts.models import User
from marketplace.accounts.operations import create_user
from marketplace.brokering import operations as introductions
from marketplace.brokering.brokers import operations as brokers
from marketplace.brokering.disclosure import operations as disclosure
from marketplace.brokering.disclosure import statements
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Action, State
from marketplace.brokering.threads import operations
from marketplace.brokering.threads.models import Meeting, PaperKind
from marketplace.brokering.visits import operations as visits
from marketplace.brokering.visits.models import Visit
from marketplace.database import utcnow
from marketplace.errors import Conflict, IllegalMove
from marketplace.extensions import db
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.working_days import local_day
from tests.brokering.factories import Pair
from tests.brokering.test_threads import a_meeting
from tests.contracts.test_concurrency import at_once
from tests.factories import PASSWORD, a_user

Deed = Callable[[Introduction, User], Any]


def by_each(app: Flask, introduction_id: int, user_ids: list[int], deed: Deed) -> list[Any]:
    """What the deed gave to each of the users, all in the same instant."""

    def of(user_id: int) -> Callable[[], Any]:
        def work() -> Any:
            introduction = db.session.get_one(Introduction, introduction_id)
            return deed(introduction, db.session.get_one(User, user_id))

        return work

    return at_once(app, [of(user_id) for user_id in user_ids])


def test_two_who_confirm_at_once_have_met(app: Flask) -> None:
    introduction = (pair := Pair()).contacted()
    key = introduction.id
    meeting_id = a_meeting(introduction, pair.buyer, starts_in=-timedelta(hours=1)).id

    def confirm(one: Introduction, user: User) -> None:
        meeting = db.session.get_one(Meeting, meeting_id)
        operations.confirm_held(one, meeting, actor=user, now=utcnow())

    by_each(app, key, [pair.buyer.id, pair.seller.id] * 3, confirm)
    assert db.session.get_one(Introduction, key).state == State.MET


def test_versions_written_at_once_are_numbered_one_after_the_other(app: Flask) -> None:
    introduction = (pair := Pair()).contacted()

    def write(one: Introduction, user: User) -> int:
        now = utcnow()
        kind = PaperKind.MINUTES
        return operations.write_paper(one, kind, "纪要", actor=user, now=now).version

    users = [pair.buyer.id, pair.seller.id] * 3
    assert sorted(by_each(app, introduction.id, users, write)) == [1, 2, 3, 4, 5, 6]


def test_a_statement_confirmed_twice_at_once_is_kept_once(app: Flask) -> None:
    introduction = (pair := Pair()).contacted()
    digest = statements.in_force(local_day(utcnow())).sha256

    def confirm(one: Introduction, user: User) -> int:
        return disclosure.confirm(one, digest, actor=user, now=utcnow()).id

    assert len(set(by_each(app, introduction.id, [pair.buyer.id] * 6, confirm))) == 1


def test_of_two_proposals_sent_at_once_one_lives_and_the_other_is_told(app: Flask) -> None:
    pair, broker = Pair(), a_user(Role.BROKER)
    openers = [pair.buyer, pair.seller, broker]
    sent = [(pair.draft(opener).id, opener.id) for opener in openers]

    def send(introduction_id: int, user_id: int) -> Callable[[], None]:
        def work() -> None:
            one = db.session.get_one(Introduction, introduction_id)
            user = db.session.get_one(User, user_id)
            introductions.advance(one, Action.SEND, actor=user, now=utcnow())

        return work

    given = at_once(app, [send(*one) for one in sent])
    assert sorted(map(str, given)) == sorted(map(str, [None, Conflict, Conflict]))


def test_a_record_begun_twice_at_once_is_begun_once(app: Flask) -> None:
    home = a_user(Role.BROKER).organization
    values = ("jingji", "经纪", PASSWORD, Role.BROKER, home)
    user_id = transact(lambda: create_user(*values, now=utcnow())).id

    def begin() -> int:
        return brokers.record_of(db.session.get_one(User, user_id), now=utcnow()).id

    assert len(set(at_once(app, [begin] * 6))) == 1


def test_a_visit_is_confirmed_or_withdrawn_and_not_both(app: Flask) -> None:
    broker, member = a_user(Role.BROKER), a_user()
    facts = {"company": member.organization.name, "words": "结垢", "visited_on": date(2026, 1, 5)}
    key = transact(lambda: visits.write_down(facts, None, actor=broker, now=utcnow())).id
    broker_id, member_id = broker.id, member.id

    def withdraw() -> None:
        who = db.session.get_one(User, broker_id)
        visits.withdraw(db.session.get_one(Visit, key), actor=who, now=utcnow())

    def confirm() -> None:
        who = db.session.get_one(User, member_id)
        said = {"title": "锅炉结垢", "description": "结垢", "region": "150200"}
        visits.confirm(db.session.get_one(Visit, key), said, person=who, now=utcnow())

    given = at_once(app, [withdraw, confirm] * 2)
    assert sorted(map(str, given)) == sorted(map(str, [None, *[IllegalMove] * 3]))
