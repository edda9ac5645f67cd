"""The funnel, from records of the market: what was shown, introduced, won and lost."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import Console
from marketplace.brokering import operations
from marketplace.brokering.states import Action, Reason
from marketplace.cli import shuangku
from marketplace.database import utcnow
from marketplace.funnel import queries
from marketplace.funnel.counting import Stage
from marketplace.funnel.operations import remember_shown
from marketplace.matchmaking import operations as matchmaking
from marketplace.matchmaking import queries as matches
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.sightings import current_sightings
from marketplace.permissions import Role
from marketplace.transactions import transact
from marketplace.worker import keep_shown
from tests.brokering.factories import Pair, move
from tests.factories import PASSWORD, a_user
from tests.ledger.test_commands import in_the_market


@pytest.fixture
def pair(app: Flask) -> Pair:
    return Pair()


def counts() -> dict[Stage, int]:
    return dict(queries.funnel().total.counts)


def follow(introduction: object, *actions: Action) -> None:
    def work() -> None:
        for action in actions:
            operations.follow(introduction, action, actor=Console(), now=utcnow(), contract_id=1)

    transact(work)


def test_a_pair_that_was_recommended_is_shown_once_however_often(pair: Pair) -> None:
    current_library().reconcile()
    for _day in range(2):
        proposal = matchmaking.weigh(day=matchmaking.local_day(utcnow()), go_on=lambda: True)
        transact(lambda proposal=proposal: matchmaking.propose(proposal, now=utcnow()))
        transact(remember_shown)
    assert transact(remember_shown) == 0
    assert counts()[Stage.SHOWN] == 1


def test_a_pair_seen_in_a_list_is_remembered_when_the_list_is_forgotten(pair: Pair) -> None:
    current_library().reconcile()
    matches.matches_of(pair.need)
    assert current_sightings() is not None and keep_shown() == 1
    assert transact(remember_shown) == 1
    assert counts()[Stage.SHOWN] == 1


def test_each_step_of_an_introduction_moves_one_number(pair: Pair) -> None:
    introduction = pair.contacted()
    assert counts()[Stage.CONTACTED] == 1 and counts()[Stage.MET] == 0
    for action in (Action.MEET, Action.NEGOTIATE, Action.AGREE):
        move(introduction, action, pair.buyer)
    follow(introduction, Action.CONTRACT, Action.REGISTER, Action.VERIFY_INCOME)
    assert [counts()[stage] for stage in Stage] == [0, 1, 1, 1, 1, 1, 1]


def test_a_cancelled_contract_is_taken_out_again(pair: Pair) -> None:
    introduction = pair.contacted()
    follow(introduction, Action.CONTRACT, Action.REGISTER, Action.FALL_BACK)
    assert [counts()[stage] for stage in Stage] == [0, 1, 0, 0, 0, 0, 0]


def test_a_broker_sees_their_own_introductions_alone(pair: Pair, client: FlaskClient) -> None:
    broker = a_user(Role.BROKER)
    pair.contacted()
    mine = Pair().sent(broker)
    assert len(queries.journeys(broker_id=broker.id)) == 1
    assert mine.broker is broker
    client.post("/login", data={"username": broker.username, "password": PASSWORD})
    page = client.get("/funnel")
    assert page.status_code == 200 and "您发起的对接" in page.text


def test_losses_become_weak_judgements_and_no_answer_becomes_none(pair: Pair) -> None:
    move(pair.sent(), Action.DECLINE, pair.buyer, reason=Reason.MATURITY)
    busy = Pair()
    move(busy.sent(), Action.DECLINE, busy.buyer, reason=Reason.CAPACITY)
    won = Pair()
    follow(won.contacted(), Action.CONTRACT)
    lines = list(queries.weak_judgements())
    assert [(line["grade"], line["because"]) for line in lines] == [
        (1, "maturity"),
        (3, "contracted"),
    ]
    assert all(line["weak"] for line in lines)


def test_the_command_says_what_the_page_says(
    tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)
    in_the_market(lambda: Pair().contacted())
    answer = CliRunner().invoke(shuangku, ["funnel", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["total"]["contacted"] == 1
    lines = CliRunner().invoke(shuangku, ["funnel"]).stdout.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["已展示", "0"], ["已对接", "1"]]
    weak = CliRunner().invoke(shuangku, ["judgements", "-o", str(tmp_path / "weak.jsonl")])
    assert weak.exit_code == 0 and (tmp_path / "weak.jsonl").read_text() == ""


def test_namesakes_are_two_and_another_broker_is_not_named(
    pair: Pair, client: FlaskClient, log_in
) -> None:
    before, own = a_user(Role.BROKER), a_user(Role.BROKER)
    transact(lambda: setattr(before, "display_name", own.display_name))
    first = pair.brokered(before)
    move(first, Action.LOSE, pair.buyer, reason=Reason.PRICE)
    follow(pair.brokered(own), Action.CONTRACT, Action.REGISTER)
    found = queries.funnel()
    assert [row.name for row in found.by_broker] == sorted(str(one.id) for one in (before, own))
    assert len(set(found.brokers.values())) == 2
    assert found.shared == {f"broker/{before.id}": 0.5, f"broker/{own.id}": 0.5}
    mine = queries.funnel(broker_id=own.id)
    assert mine.shared == {"broker/others": 0.5, f"broker/{own.id}": 0.5}
    assert mine.brokers == {str(own.id): own.display_name}
    log_in(own)
    assert "其他经纪人" in client.get("/funnel").text
