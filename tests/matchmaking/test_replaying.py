"""A list that was shown can be made again, and says what has changed."""

import json
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from config import Settings
from marketplace import create_app, worker
from marketplace.database import utcnow
from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.listings import operations as listings
from marketplace.listings.lifecycle import Action
from marketplace.matchmaking import cli, indexing, operations, queries
from marketplace.matchmaking.indexing import current_library
from marketplace.matchmaking.models import ShownList
from marketplace.matchmaking.sightings import MOST_WAITING, Sightings
from marketplace.permissions import Role
from marketplace.transactions import transact
from matching.shown import Listed
from tests.factories import a_need, a_result, a_user
from tests.processes import begin, next_word

TEXT = "锅炉结垢，想少停炉清洗"


@pytest.fixture
def need(app: Flask):
    """A need whose list of results was shown and stored."""
    need = a_need()
    for title in ("循环水锅炉长效阻垢缓蚀剂", "锅炉停炉清洗服务", "锅炉结垢在线监测装置"):
        a_result(title=title, description=f"{title}，用于锅炉结垢的治理，减少停炉。")
    a_result(title="奶牛乳房炎试纸", description="十分钟检出隐性乳房炎。")
    current_library().reconcile()
    return need


def shown(need) -> ShownList:
    number = queries.matches_of(need).number
    worker.keep_shown()
    return queries.shown_list(number)


def test_the_same_list_is_stored_once_and_counted(need, client: FlaskClient) -> None:
    row = shown(need)
    for _ in range(3):
        assert row.digest[: queries.NUMBER_LENGTH] in client.get(f"/needs/{need.id}").text
    worker.keep_shown()
    db.session.expire_all()
    lists = db.session.query(ShownList).filter_by(subject=need.key, against="result").all()
    assert [(one.digest, one.times) for one in lists] == [(row.digest, 4)]
    body = json.loads(row.body)
    assert body["recipe"] == row.recipe and len(body["entries"]) >= 3


def test_a_page_view_writes_nothing(need, client: FlaskClient) -> None:
    client.get(f"/needs/{need.id}")
    assert db.session.query(ShownList).count() == 0


def test_what_could_not_be_stored_is_not_forgotten(need) -> None:
    queries.matches_of(need)
    db.session.remove()
    _rename("shown_list", "shown_before")
    with pytest.raises(Exception, match="shown_list"):
        worker.keep_shown()
    _rename("shown_before", "shown_list")
    assert worker.keep_shown() == 1


def _rename(old: str, new: str) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def test_a_process_without_a_worker_does_not_grow_without_end() -> None:
    sightings = Sightings()
    for number in range(MOST_WAITING + 5):
        sightings.add(Listed(f"need/{number}", "", "result", (), 10, "", "", ()))
    taken = {listed.subject for listed, _times in sightings.take()}
    assert len(taken) == MOST_WAITING and "need/0" not in taken


def replay_in_batches_of_one(settings: Settings, numbers: list[str], answer: Connection) -> None:
    """Make lists again over an index that was built one document at a time."""
    indexing.BATCH = 1
    with create_app(settings).test_request_context():
        indexing.current_library().rebuild()
        answer.send([cli.replay_list(number, "") for number in numbers])


def test_another_process_with_another_batch_size_makes_identical_bytes(
    settings: Settings, need
) -> None:
    row = shown(need)
    proposal = operations.weigh(day=operations.local_day(utcnow()))
    run = transact(lambda: operations.propose(proposal, now=utcnow()))
    said, answer = Pipe(duplex=False)
    numbers = [row.digest[:12], f"push/{run.id}"]
    other = begin(replay_in_batches_of_one, settings, numbers, answer)
    for again in next_word(other, said):
        assert again["same"] and again["digest"][0] == again["digest"][1]
        assert again["differs"] == again["changed"] == []


def test_a_list_whose_documents_changed_says_which(need) -> None:
    row = shown(need)
    first = json.loads(row.body)["entries"][0]["key"]
    result = listings.queries.by_keys([first])[0]
    transact(lambda: listings.replace_facts(result, {"description": "改为污水处理"}, now=utcnow()))
    worker.drain()
    again = cli.replay_list(row.digest, "")
    assert not again["same"]
    assert again["differs"] == ["index"] and again["changed"] == [first]


def test_a_run_says_which_listings_changed_and_whose_limits(need) -> None:
    proposal = operations.weigh(day=operations.local_day(utcnow()))
    run = transact(lambda: operations.propose(proposal, now=utcnow()))
    assert cli.replay_list(f"push/{run.id}", "")["same"]
    transact(lambda: listings.replace_facts(need, {"title": "锅炉水垢多"}, now=utcnow()))
    transact(lambda: setattr(need, "contact_limit", 1))
    worker.drain()
    again = cli.replay_list(f"push/{run.id}", "")
    assert not again["same"] and again["changed"] == [need.key]
    assert again["differs"] == ["need_index", "limits"]


def test_a_visitor_s_own_words_are_not_kept_and_must_be_given_again(need) -> None:
    number = queries.matches_of_text(TEXT, "result").number
    worker.keep_shown()
    assert TEXT not in queries.shown_list(number).body
    with pytest.raises(NotFound, match="--text"):
        cli.replay_list(number, "")
    assert cli.replay_list(number, TEXT)["same"]
    assert cli.replay_list(number, "光伏组件清扫")["differs"] == ["query"]


def test_unknown_and_ambiguous_numbers_are_refused(need) -> None:
    shown(need)
    for number in ("", "abc", "0" * 12, "%%%%%%%%%%", "push/99", "push/" + "9" * 30):
        with pytest.raises(NotFound):
            cli.replay_list(number, "")


def test_the_list_of_a_withdrawn_need_cannot_be_made_again(need) -> None:
    row, owner = shown(need), a_user(Role.ENTERPRISE, need.organization)
    transact(lambda: listings.move(need, Action.WITHDRAW, actor=owner, now=utcnow()))
    worker.drain()
    with pytest.raises(NotFound, match="不公开"):
        cli.replay_list(row.digest, "")


def test_similar_listings_are_a_list_too(need) -> None:
    a_need(title="锅炉结垢怎么治理")
    current_library().reconcile()
    queries.similar_to(need)
    worker.keep_shown()
    row = db.session.query(ShownList).filter_by(against="need").one()
    assert cli.replay_list(row.digest, "")["same"]
