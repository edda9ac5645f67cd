"""Everybody is recommended what they can take, once a day, in the background."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import worker
from marketplace.database import utcnow
from marketplace.errors import Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action, State
from marketplace.matchmaking import operations, queries
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.models import Match, PushRun, ShownList
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_need, a_result, a_user, an_organization


def recommend() -> PushRun:
    """Make a day's recommendations."""
    proposal = operations.weigh(day=operations.local_day(utcnow()))
    return transact(lambda: operations.propose(proposal, now=utcnow()))


@pytest.fixture
def six_firms_and_one_professor(app: Flask) -> None:
    """Six firms with one problem; one result answers it well, a second one less well."""
    for number in range(6):
        a_need(title=f"{number}号锅炉结垢怎么治")
    a_result()
    a_result(title="锅炉停炉清洗服务", description="锅炉结垢后停炉清洗，去除水垢。")
    for other in ("羊绒分梳低损伤工艺", "奶牛乳房炎快速检测试纸", "光伏组件干式清扫机器人"):
        a_result(title=other, description=f"本成果公开{other}，已在多家单位应用。")
    current_library().reconcile()


def test_a_professor_who_can_take_three_contacts_is_not_sent_six(
    six_firms_and_one_professor: None,
) -> None:
    run = recommend()
    load = Counter(match.result_id for match in db.session.query(Match))
    assert load and max(load.values()) <= 3
    assert run.figures["before"]["most"] == 6 and run.figures["before"]["over_limit"] > 0
    assert run.figures["after"]["most"] == 3 and run.figures["after"]["over_limit"] == 0
    assert run.figures["after"]["exposure_gini"] <= run.figures["before"]["exposure_gini"]
    assert run.figures["open"] == {"need": 6, "result": 5}


def test_owners_say_how_many_contacts_they_can_take(app: Flask) -> None:
    owner = a_user(Role.INSTITUTE)
    result = a_result(owner.organization)
    for number in range(4):
        a_need(title=f"{number}号锅炉结垢怎么治")
    current_library().reconcile()
    for limit, expected in ((1, 1), (0, 0), (None, 3)):
        transact(lambda n=limit: operations.set_limit(result, n, actor=owner, now=utcnow()))
        assert recommend().figures["after"]["pairs"] == expected
    organization = result.organization
    transact(lambda: operations.set_limit(organization, 2, actor=owner, now=utcnow()))
    assert recommend().figures["after"]["pairs"] == 2


def test_nobody_sets_the_limit_of_others_or_an_impossible_one(app: Flask) -> None:
    owner, stranger, result = a_user(Role.INSTITUTE), a_user(Role.INSTITUTE), None
    result = a_result(owner.organization)
    with pytest.raises(Forbidden):
        operations.set_limit(result, 2, actor=stranger, now=utcnow())
    with pytest.raises(Forbidden):
        operations.set_limit(result.organization, 2, actor=stranger, now=utcnow())
    for impossible in (-1, 1_001):
        with pytest.raises(InvalidInput):
            operations.set_limit(result, impossible, actor=owner, now=utcnow())


def test_a_firm_is_not_recommended_to_itself(app: Flask) -> None:
    owner = an_organization()
    a_need(owner)
    a_result(owner)
    current_library().reconcile()
    assert recommend().figures["candidates"] == 0


def test_only_what_is_open_and_indexed_as_it_stands_is_recommended(app: Flask) -> None:
    a_need()
    a_result(state=State.CONTRACTED)
    changed = a_result()
    current_library().reconcile()
    transact(lambda: listings.replace_facts(changed, {"title": "改名"}, now=utcnow()))
    assert recommend().figures["after"]["pairs"] == 0


def test_the_worker_recommends_once_a_day(six_firms_and_one_professor: None) -> None:
    assert worker.do_daily(lambda: True)
    assert not worker.do_daily(lambda: True)
    assert db.session.query(PushRun).count() == 1
    assert operations.is_due(now=utcnow() + timedelta(days=1))


def test_a_worker_that_is_stopped_writes_nothing(six_firms_and_one_professor: None) -> None:
    worker.do_daily(lambda: False)
    assert db.session.query(PushRun).count() == 0
    assert operations.is_due(now=utcnow())


def test_what_is_long_past_is_forgotten(six_firms_and_one_professor: None) -> None:
    old = recommend()
    transact(lambda: setattr(old, "made_at", utcnow() - timedelta(days=93)))
    need = db.session.get(Match, db.session.query(Match.id).first()[0]).need
    queries.matches_of(need)
    assert worker.keep_shown() == 1
    row = db.session.query(ShownList).one()
    transact(lambda: setattr(row, "last_shown_at", utcnow() - timedelta(days=401)))
    kept = recommend()
    assert [run.id for run in db.session.query(PushRun)] == [kept.id]
    assert {match.run_id for match in db.session.query(Match)} == {kept.id}
    assert db.session.query(ShownList).count() == 0


def test_both_owners_see_the_pair_until_one_withdraws(
    app: Flask, client: FlaskClient, log_in
) -> None:
    firm, institute = a_user(Role.ENTERPRISE), a_user(Role.INSTITUTE)
    need, result = a_need(firm.organization), a_result(institute.organization)
    current_library().reconcile()
    log_in(firm)
    assert "还没有生成" in client.get("/my/today").text
    recommend()
    assert result.title in client.get("/my/today").text
    log_in(institute)
    assert need.title in client.get("/my/today").text
    transact(lambda: listings.move(need, Action.WITHDRAW, actor=firm, now=utcnow()))
    assert need.title not in client.get("/my/today").text


def test_a_limit_is_set_from_the_page_and_nonsense_is_refused_in_words(
    app: Flask, client: FlaskClient, log_in
) -> None:
    owner = a_user(Role.INSTITUTE)
    result = a_result(owner.organization)
    log_in(owner)
    revision = result.revision
    client.post(f"/results/{result.id}/limit", data={"limit": "7"})
    client.post("/my/limit", data={"limit": " 12 "})
    db.session.expire_all()
    assert (result.contact_limit, result.organization.contact_limit) == (7, 12)
    assert (result.revision, result.state) == (revision, State.PUBLISHED), "no new review"
    page = client.get("/my/today").text
    assert 'value="7"' in page and 'value="12"' in page
    for nonsense in ("三个", "-1", "1001", "99999"):
        answer = client.post(f"/results/{result.id}/limit", data={"limit": nonsense})
        assert answer.status_code == 422 and "可承接对接数" in answer.text
    client.post(f"/results/{result.id}/limit", data={"limit": ""})
    db.session.expire_all()
    assert result.contact_limit is None


def test_who_has_nothing_open_is_told_so(client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.ENTERPRISE))
    assert "没有公开征集中的需求或成果" in client.get("/my/today").text


def test_the_operator_sees_evenness_before_and_after(
    six_firms_and_one_professor: None, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    assert "还没有生成过推荐" in client.get("/operator/fairness").text
    run = recommend()
    page = client.get("/operator/fairness").text
    assert f"push/{run.id}" in page and "曝光基尼系数" in page
    assert f"{run.figures['before']['exposure_gini']:.3f}" in page
