"""What a digest tells, to whom, and what it never tells."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.alerts import operations, queries, worker
from marketplace.alerts.letters import of_digests
from marketplace.alerts.models import Digest
from marketplace.alerts.news import MOST_OF_A_SEARCH
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action, State
from marketplace.matchmaking import operations as matchmaking
from marketplace.matchmaking.indexing import current_library
from marketplace.notices.models import Cadence, Mailing, Notice, NoticeKind
from marketplace.outbox import OutboxRow, Topic
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.alerts.factories import a_reader, a_search, compose, digest_of, send_all, told_to
from tests.factories import a_need, a_result, a_user, an_organization

FIRST, SECOND = "2026-11-26", "2026-11-27"


def recommend() -> None:
    """Today's recommendations for everybody."""
    current_library().reconcile()
    proposal = matchmaking.weigh(day=matchmaking.local_day(utcnow()))
    assert proposal is not None
    transact(lambda: matchmaking.propose(proposal, now=utcnow()))


def text_of(user) -> str:
    """All that stands in the mail of a user's digest."""
    send_all()
    row = db.session.query(Mailing).filter_by(user_id=user.id).one()
    return row.body


def test_a_search_tells_what_was_published_since_it_was_saved(app: Flask) -> None:
    old = a_result(published_at=None)
    transact(lambda: setattr(old, "published_at", utcnow() - timedelta(days=2)))
    user = a_user()
    search = a_search(user, "锅炉", field=("05",))
    new = a_result(field="05")
    a_result(field="03")
    a_result(title="羊绒分梳", description="减少羊绒纤维的断裂。", field="05")
    a_need(field="05")
    compose(FIRST, user)
    assert told_to(user, FIRST) == [(search.key, new.key)]


def test_a_search_by_a_technology_tells_what_speaks_of_it_by_any_name(app: Flask) -> None:
    user = a_user()
    search = a_search(user, "", concept=("水垢",))
    spoken = a_result(title="锅炉水锈清除剂", description="用于清除锅炉水锈。")
    a_result(title="羊绒分梳", description="减少羊绒纤维的断裂。")
    current_library().reconcile()
    compose(FIRST, user)
    assert told_to(user, FIRST) == [(search.key, spoken.key)]


def test_a_new_listing_is_found_however_many_older_ones_answer_better(app: Flask) -> None:
    for _time in range(12):
        row = a_result(title="锅炉锅炉锅炉")
        transact(lambda row=row: setattr(row, "published_at", utcnow() - timedelta(days=60)))
    user = a_user()
    search = a_search(user, "锅炉")
    new = a_result(title="阻垢剂", description="长文" * 200 + "也可用于锅炉。")
    compose(FIRST, user)
    assert told_to(user, FIRST) == [(search.key, new.key)]


def test_each_listing_is_told_once_under_each_subscription(app: Flask) -> None:
    user = a_user()
    first, second = a_search(user, "锅炉"), a_search(user, "", field=("05",))
    new = a_result(field="05")
    compose(FIRST, user)
    assert told_to(user, FIRST) == [(first.key, new.key), (second.key, new.key)]
    compose(SECOND, user)
    assert digest_of(user, SECOND) is None, "there is nothing new"
    later = a_result(field="05")
    compose(SECOND, user)
    assert told_to(user, SECOND) == [(first.key, later.key), (second.key, later.key)]


def test_what_does_not_fit_is_told_next_time(app: Flask) -> None:
    user = a_user()
    a_search(user, "锅炉")
    for _time in range(MOST_OF_A_SEARCH + 3):
        a_result()
    compose(FIRST, user)
    compose(SECOND, user)
    assert [len(told_to(user, period)) for period in (FIRST, SECOND)] == [MOST_OF_A_SEARCH, 3]


def test_new_matches_of_ones_own_listings_are_told_to_both_owners(app: Flask) -> None:
    seeker, maker = a_user(Role.ENTERPRISE), a_user(Role.INSTITUTE)
    need, result = a_need(seeker.organization), a_result(maker.organization)
    recommend()
    compose(FIRST, seeker, maker)
    assert told_to(seeker, FIRST) == [(need.key, result.key)]
    assert told_to(maker, FIRST) == [(result.key, need.key)]
    recommend()
    compose(SECOND, seeker, maker)
    assert told_to(seeker, SECOND) == told_to(maker, SECOND) == []


def test_what_ones_own_organisation_publishes_is_no_news(app: Flask) -> None:
    user = a_user(Role.INSTITUTE)
    a_search(user)
    a_result(user.organization)
    compose(FIRST, user)
    assert digest_of(user, FIRST) is None


def test_a_digest_is_composed_once_and_told_once(app: Flask) -> None:
    user = a_user()
    a_search(user)
    a_result()
    for _time in range(3):
        compose(FIRST, user)
    assert db.session.query(Digest).count() == 1
    (notice,) = db.session.query(Notice)
    assert (notice.user_id, notice.kind, notice.facts["count"]) == (user.id, NoticeKind.DIGEST, 1)


def test_whoever_stopped_digests_between_asking_and_composing_gets_none(app: Flask) -> None:
    user = a_reader(cadence=Cadence.NONE)
    a_search(user)
    a_result()
    compose(FIRST, user)
    assert digest_of(user, FIRST) is None


def withdraw(listing) -> None:
    owner = a_user(Role.INSTITUTE, listing.organization)
    transact(lambda: listings.move(listing, Action.WITHDRAW, actor=owner, now=utcnow()))


def test_what_is_withdrawn_before_is_in_no_digest_even_if_the_index_still_has_it(
    app: Flask,
) -> None:
    user = a_user()
    a_search(user)
    new = a_result()
    current_library().reconcile()
    withdraw(new)
    worker.compose([f"{FIRST}/{user.id}"])
    assert digest_of(user, FIRST) is None


def test_what_is_withdrawn_after_is_neither_mailed_nor_shown(
    app: Flask, client: FlaskClient, log_in
) -> None:
    reader = a_reader()
    a_search(reader)
    kept, withdrawn = a_result(title="锅炉阻垢"), a_result(title="锅炉除垢")
    compose(FIRST, reader)
    withdraw(withdrawn)
    assert kept.title in text_of(reader) and withdrawn.title not in text_of(reader)
    log_in(reader)
    digest = digest_of(reader, FIRST)
    page = client.get(f"/digests/{digest.id}").text
    assert kept.title in page and withdrawn.title not in page


def test_a_digest_of_which_nothing_is_left_is_not_mailed(app: Flask) -> None:
    reader = a_reader()
    a_search(reader)
    only = a_result()
    compose(FIRST, reader)
    withdraw(only)
    send_all()
    assert not db.session.query(Mailing).count()
    assert of_digests(db.session.query(Notice).all()) == {}


@pytest.mark.parametrize("state", sorted(set(State) - {State.PUBLISHED, State.IN_TALKS}))
def test_only_what_looks_for_a_partner_is_told(app: Flask, state: State) -> None:
    user = a_user()
    a_search(user)
    a_result(state=state)
    compose(FIRST, user)
    assert digest_of(user, FIRST) is None


def test_no_owner_who_wants_no_name_and_no_confidential_word_is_told(
    app: Flask, client: FlaskClient, log_in
) -> None:
    reader = a_reader()
    a_search(reader)
    secret = {"confidential": "签约才能看的配方", "signed_in_note": "登录才能看的价格"}
    shy = a_result(an_organization(name="不愿具名的研究所"), anonymous=True, **secret)
    compose(FIRST, reader)
    log_in(reader)
    page = client.get(f"/digests/{digest_of(reader, FIRST).id}").text
    for told in (text_of(reader), page):
        assert shy.title in told and "匿名单位" in told
        assert not any(word in told for word in ("不愿具名", "签约才能看", "登录才能看"))
    search = a_search(reader, "不愿具名的研究所")
    again = a_result(shy.organization, anonymous=True)
    compose(SECOND, reader)
    assert (search.key, again.key) not in told_to(reader, SECOND), "a name that is not shown"


def test_long_and_strange_titles_are_told_as_text(app: Flask, client: FlaskClient, log_in) -> None:
    reader = a_reader()
    a_search(reader)
    a_result(title="锅炉<script>alert(1)</script>" + "长" * 260)
    compose(FIRST, reader)
    text = text_of(reader)
    assert "锅炉<script>" in text and "长" * 130 not in text
    log_in(reader)
    page = client.get(f"/digests/{digest_of(reader, FIRST).id}").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_nobody_reads_anothers_digest(client: FlaskClient, log_in) -> None:
    user = a_user()
    a_search(user)
    a_result()
    compose(FIRST, user)
    log_in(a_user())
    assert client.get(f"/digests/{digest_of(user, FIRST).id}").status_code == 404


def at(hour: int, day: int = 23) -> datetime:
    """An hour of the Monday 2026-11-23, in UTC."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def asked() -> list[str]:
    rows = db.session.query(OutboxRow).filter_by(topic=Topic.DIGEST).order_by(OutboxRow.id)
    return [row.subject for row in rows]


def test_each_morning_the_daily_and_each_monday_the_weekly_readers_are_asked_about_once(
    app: Flask,
) -> None:
    daily, weekly = a_reader(cadence=Cadence.DAILY), a_reader(cadence=Cadence.WEEKLY)
    usual, never = a_reader(), a_reader(cadence=Cadence.NONE)
    for user in (daily, weekly, usual, never):
        a_search(user)
    a_reader(cadence=Cadence.DAILY)  # has nothing to hear of
    owner = a_reader(cadence=Cadence.DAILY)
    a_need(owner.organization)
    for hour in (0, 1, 9):
        transact(lambda hour=hour: operations.ask_due(now=at(hour)))
    monday = [f"2026-11-23/{daily.id}", f"2026-11-23/{owner.id}"]
    week = [f"2026-W48/{weekly.id}", f"2026-W48/{usual.id}"]
    assert asked() == monday + week
    assert transact(lambda: operations.ask_due(now=at(23))) == 0
    transact(lambda: operations.ask_due(now=at(2, day=24)))
    assert asked()[4:] == [f"2026-11-24/{daily.id}", f"2026-11-24/{owner.id}"]
    assert queries.was_asked("2026-11-24") and not queries.was_asked("2026-11-25")
