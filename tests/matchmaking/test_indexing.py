"""The index follows the store, whatever happens to it."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import SHIPPED_ENCODER, Settings
from marketplace import create_app, worker
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings import operations
from marketplace.listings.lifecycle import Action, State
from marketplace.listings.models import Need
from marketplace.matchmaking import indexing, queries
from marketplace.matchmaking.indexing import UnusableRecipe, current_library, document_of
from marketplace.outbox import OutboxRow
from marketplace.permissions import Role
from marketplace.transactions import transact
from matching import Recipe
from tests.factories import a_need, a_result, a_user
from tests.processes import begin

PROBLEM = "循环水锅炉结垢，希望有阻垢缓蚀剂"


def keys(kind: str) -> set[str]:
    return set(current_library().matchers[kind].revisions())


def test_a_published_listing_is_found_after_the_worker_has_looked(app: Flask) -> None:
    need = a_need(state=State.SUBMITTED)
    transact(
        lambda: operations.move(need, Action.PUBLISH, actor=a_user(Role.OPERATOR), now=utcnow())
    )
    assert keys("need") == set()
    assert worker.drain() >= 1
    assert keys("need") == {need.key}
    assert db.session.query(OutboxRow).count() == 0


def test_a_withdrawn_listing_leaves_the_index(app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization)
    current_library().reconcile()
    assert keys("need") == {need.key}
    transact(lambda: operations.move(need, Action.WITHDRAW, actor=owner, now=utcnow()))
    worker.drain()
    assert keys("need") == set()


def test_confidential_text_is_in_no_index(app: Flask) -> None:
    a_need(signed_in_note="某某专有配方", confidential="氟硼酸镧的用量")
    current_library().reconcile()
    for words in ("专有配方", "氟硼酸镧"):
        assert queries.search("need", words)[0] == []


def test_a_need_finds_the_result_and_the_result_finds_the_need(app: Flask) -> None:
    need, result = a_need(), a_result()
    for other in ("羊绒分梳低损伤工艺", "奶牛乳房炎快速检测试纸", "光伏组件干式清扫机器人"):
        a_result(title=other, description=f"本成果公开{other}，已在多家单位应用。")
    current_library().reconcile()
    assert queries.matches_of(need).ranked[0].listing is result
    assert queries.matches_of(result).ranked[0].listing is need
    hit = queries.matches_of(need).ranked[0].hit
    assert {"锅炉", "结垢"} & {term.word for term in hit.terms}
    assert "循环水锅炉" in hit.sentences[0].text


def test_a_contracted_result_is_searched_but_no_longer_matched(app: Flask) -> None:
    result = a_result(state=State.CONTRACTED)
    current_library().reconcile()
    assert queries.search("result", "阻垢缓蚀剂")[0] == [result.id]
    assert not queries.matches_of(a_need()).ranked


def test_too_little_text_is_said_and_is_not_a_score_of_nothing(app: Flask) -> None:
    a_result()
    current_library().reconcile()
    assert not queries.matches_of_text("技术", "result").enough_text
    far = queries.matches_of_text("奶牛乳房炎快速检测与隔离饲养", "result")
    assert far.enough_text and not far.ranked


def test_a_damaged_snapshot_costs_a_rebuild_and_no_listing(
    settings: Settings, app: Flask, start_again
) -> None:
    result = a_result()
    current_library().reconcile()
    path = settings.home / "index" / "n-grams" / "result.index"
    path.write_bytes(path.read_bytes()[:100])
    with start_again().app_context():
        current_library().open_snapshots()
        assert current_library().reconcile() == 1
        assert keys("result") == {result.key}


def test_a_snapshot_saves_the_work_of_the_next_start(app: Flask, start_again) -> None:
    result = a_result()
    current_library().reconcile()
    with start_again().app_context():
        current_library().open_snapshots()
        assert keys("result") == {result.key}
        assert current_library().reconcile() == 0


def test_a_handler_that_fails_keeps_its_rows_and_says_why(app: Flask, tmp_path: Path) -> None:
    need = a_need()
    transact(lambda: operations.replace_facts(need, {"title": "改名"}, now=utcnow()))
    library = current_library()
    (tmp_path / "a-file").touch()
    folder, library.snapshots = library.snapshots, tmp_path / "a-file" / "index"
    assert worker.drain() == 0
    row = db.session.query(OutboxRow).one()
    assert row.failures == 1 and "a-file" in row.message
    library.snapshots = folder
    transact(lambda: setattr(db.session.get(OutboxRow, row.id), "due_at", utcnow()))
    assert worker.drain() == 1


def drain_until_killed(settings: Settings, moment: str) -> None:
    """Follow the store, and die at that moment."""

    def die(*_args: object, **_options: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with create_app(settings).test_request_context():
        library = current_library()
        library.open_snapshots()
        if moment == "before the index":
            library.matchers["need"].put = die
        elif moment == "while saving":
            indexing.save = die
        elif moment == "before the rows are deleted":
            library.save = die
        worker.drain()


@pytest.mark.parametrize(
    "moment", ["before the index", "while saving", "before the rows are deleted"]
)
def test_a_kill_at_any_moment_loses_no_change(
    settings: Settings, app: Flask, start_again, moment: str
) -> None:
    need = a_need()
    transact(lambda: operations.replace_facts(need, {"title": "冷却塔结垢"}, now=utcnow()))
    killed = begin(drain_until_killed, settings, moment)
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    with start_again().test_request_context():
        current_library().open_snapshots()
        worker.drain()
        current_library().reconcile()
        assert queries.search("need", "冷却塔")[0] == [need.id]
        assert db.session.query(OutboxRow).count() == 0


def test_the_worker_outlives_a_store_that_does_not_answer(app: Flask) -> None:
    embedded = worker.Worker(app)
    db.session.remove()
    db.drop_all()
    assert not embedded.run_round()
    db.create_all()
    need = a_need()
    transact(lambda: operations.replace_facts(need, {"title": "冷却塔结垢"}, now=utcnow()))
    assert embedded.run_round()
    assert keys("need") == {need.key}


def test_what_is_withdrawn_leaves_the_disk_at_once(settings: Settings, app: Flask) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, title="氟硼酸镧")
    current_library().reconcile()
    stored = settings.home / "index" / "n-grams" / "need.index"
    assert "氟硼酸镧".encode() in stored.read_bytes()
    transact(lambda: operations.move(need, Action.WITHDRAW, actor=owner, now=utcnow()))
    worker.drain()
    assert '"title":"氟硼酸镧"'.encode() not in stored.read_bytes()


def test_each_encoder_keeps_an_index_of_its_own(
    settings: Settings, app: Flask, start_again, caplog: pytest.LogCaptureFixture
) -> None:
    a_result()
    current_library().reconcile()
    other = start_again(encoder=str(SHIPPED_ENCODER))
    other.logger.setLevel("INFO")
    with other.app_context():
        current_library().open_snapshots()
        assert keys("result") == set() and current_library().reconcile() == 1
    index = settings.home / "index"
    assert {path.parent.name for path in index.rglob("result.index")} == {
        "n-grams",
        "shuangku-static-zh",
    }
    # A file that was copied between them is refused by name, and the index is built anew.
    copied = index / "shuangku-static-zh" / "result.index"
    copied.write_bytes((index / "n-grams" / "result.index").read_bytes())
    with start_again(encoder=str(SHIPPED_ENCODER)).app_context() as context:
        context.app.logger.setLevel("INFO")
        current_library().open_snapshots()
        assert current_library().reconcile() == 1
    said = caplog.text
    assert "n-grams" in said and "shuangku-static-zh" in said and "shuangku reindex" in said


def test_a_listing_asks_with_what_the_model_wants_before_a_query(app: Flask, start_again) -> None:
    number = a_need().id
    a_result()
    with start_again(encoder=str(SHIPPED_ENCODER), query_prefix="锅炉：").app_context():
        current_library().reconcile()
        matchers, need = current_library().matchers, db.session.get(Need, number)
        asked = document_of(need)
        told = matchers["result"].rank(asked)[0][1]
        stored = matchers["result"].rank(asked, vector=matchers["need"].vector(need.key))[0][1]
        matching = queries.matches_of(need)
        (shown,) = (*matching.ranked, *matching.lower)
        assert shown.hit.score == told != stored


def test_what_is_withdrawn_leaves_the_index_of_every_encoder(
    settings: Settings, app: Flask, start_again
) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, title="氟硼酸镧")
    with start_again(encoder=str(SHIPPED_ENCODER)).app_context():
        current_library().reconcile()
    current_library().reconcile()
    transact(lambda: operations.move(need, Action.WITHDRAW, actor=owner, now=utcnow()))
    worker.drain()
    left = (settings.home / "index").rglob("need.index")
    assert all('"title":"氟硼酸镧"'.encode() not in path.read_bytes() for path in left)


def test_a_model_may_bring_its_own_weights_and_threshold(
    settings: Settings, app: Flask, start_again
) -> None:
    tuned = settings.home / "recipe.json"
    shipped = Recipe()
    tuned.write_text(replace(shipped, threshold=0.9).as_json(), encoding="utf-8")
    with start_again(recipe=str(tuned)).app_context():
        assert current_library().matchers["result"].recipe.threshold == 0.9 != shipped.threshold


@pytest.mark.parametrize("text", ["{", replace(Recipe(), encoder="another").as_json()])
def test_weights_that_do_not_go_with_the_model_are_refused_by_their_file(
    settings: Settings, app: Flask, start_again, text: str
) -> None:
    tuned = settings.home / "recipe.json"
    tuned.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableRecipe, match=r"SHUANGKU_RECIPE.*recipe\.json"):
        start_again(recipe=str(tuned))
