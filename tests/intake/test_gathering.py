"""What a run of a source keeps, and what it never does."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest
from filelock import FileLock
from flask import Flask
from sqlalchemy import text

from config import Settings
from marketplace import outbox
from marketplace.accounts.models import Console
from marketplace.audit import Tag, entries_of
from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db
from marketplace.intake import operations, queries, worker
from marketplace.intake.models import Outcome, ScrapeRun, SourceState
from marketplace.outbox import OutboxRow, Topic
from marketplace.transactions import transact
from marketplace.worker import gathering_handlers
from tests.intake.factories import (
    PATH,
    LocalNeeds,
    UnconfirmedNeeds,
    a_row,
    gathered,
    knows,
    notices,
    serve,
)
from tests.scrapers import site as faults
from tests.scrapers.site import Site

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)  # ten o'clock in Beijing


def test_a_run_keeps_each_notice_once_with_its_origin(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(n) for n in range(6)])
    run = gathered()
    assert (run.outcome, run.added, run.entries, run.fault_count) == (Outcome.DONE, 6, 6, 0)
    first = notices()[0]
    assert (first.source, first.source_key, first.version) == ("local_needs", "n0", 1)
    assert first.url == site.url("/need/n0.html") and len(first.content_hash) == 64
    assert [entry.tag for entry in entries_of("source/local_needs")] == [Tag.SOURCE_ASKED]


def test_running_again_adds_nothing_and_asks_for_no_known_notice(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(n) for n in range(6)])
    gathered()
    again = gathered()
    assert (again.added, again.changed, again.unchanged, again.passed_over) == (0, 0, 0, 6)
    once_more = gathered(again=True)
    assert (once_more.added, once_more.changed, once_more.unchanged) == (0, 0, 6)
    assert len(notices()) == 6


def test_a_changed_notice_is_a_new_version_beside_the_old(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(1)])
    gathered()
    serve(site, [a_row(1, goal="指标提高90%以上。")])
    run = gathered(again=True)
    assert (run.added, run.changed) == (0, 1)
    old, new = notices()
    assert (old.version, new.version, old.source_key) == (1, 2, new.source_key)
    assert "提高11%" in old.text and "提高90%" in new.text
    assert queries.beside(new) == [], "a version is no duplicate of the other"


def test_only_entries_of_a_day_and_later_are_asked_for(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(1, day="2026-10-01"), a_row(2, day="2026-11-20")])
    assert gathered(since=date(2026, 11, 1)).added == 1
    assert [row.source_key for row in notices()] == ["n2"]


def test_contacts_are_kept_apart_and_nowhere_else(app: Flask, site: Site) -> None:
    knows(app, site)
    content = "锅炉结垢严重，希望研发阻垢剂。联系人：王小明，电话13947212345，邮箱wang@example.com"
    serve(site, [a_row(1, content=content)])
    gathered()
    row = notices()[0]
    shown = f"{row.title}{row.text}{row.fields}{row.attachments}"
    for personal in ("王小明", "13947212345", "wang@example.com"):
        assert personal in row.original.text and personal not in shown
    kinds = {kind for kind, _start, _end in row.original.personal}
    assert kinds == {"phone", "mail", "name"}
    start, end = next((s, e) for kind, s, e in row.original.personal if kind == "phone")
    assert row.original.text[start:end] == "13947212345"


def test_a_source_that_nobody_compared_is_not_run_unless_by_hand(app: Flask, site: Site) -> None:
    knows(app, site, UnconfirmedNeeds)
    serve(site, [a_row(1)])
    with pytest.raises(Conflict, match="尚未有人与实际网站核对"):
        gathered("unconfirmed_needs")
    assert db.session.query(ScrapeRun).count() == 0 and not site.asked()
    assert gathered("unconfirmed_needs", by_hand=True).added == 1


def test_none_of_the_shipped_sources_can_be_scheduled_yet(app: Flask) -> None:
    names = [one.name for one in queries.health()]
    assert len(names) >= 8
    for name in names:
        with pytest.raises(Conflict, match="不能定时运行"):
            operations.schedule(name, enabled=True, hour=3, actor=Console(), now=NOW)


def test_an_unknown_source_is_named_with_those_there_are(app: Flask) -> None:
    with pytest.raises(NotFound, match="可用：.*nmg_kjt_needs"):
        gathered("no_such_source")


def test_a_trial_writes_nothing(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(n) for n in range(3)])
    done = worker.try_out("local_needs", worker.Asked())
    assert len(done.notices) == 3
    assert notices() == [] and db.session.query(ScrapeRun).count() == 0


def test_a_changed_layout_is_held_back_until_a_person_confirms_it(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(n) for n in range(12)])
    gathered()
    rebuilt = [{k: v for k, v in a_row(n).items() if k != "goal"} for n in range(20, 30)]
    serve(site, rebuilt)
    held = gathered()
    assert (held.outcome, held.held_back, held.added) == (Outcome.HELD_BACK, 10, 0)
    assert held.layout == {
        "source": "local_needs",
        "missing": ["预期目标"],
        "entries": None,
        "characters": None,
        "places": [],
    }
    assert len(notices()) == 12
    transact(lambda: operations.confirm_layout("local_needs", actor=Console(), now=NOW))
    assert gathered().added == 10


def test_faults_are_kept_with_their_kind_and_address(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(n) for n in range(4)], per_page=2)
    site.spoil_all(f"{PATH}?page=2", faults.answers(404))
    run = gathered()
    assert (run.outcome, run.added, run.fault_count) == (Outcome.DONE, 2, 1)
    assert run.faults[0]["kind"] == "status" and run.faults[0]["url"].endswith("page=2")
    site.mend()
    assert gathered().added == 2, "what could not be had is had by the next run"


def test_a_source_is_asked_once_a_day_from_its_hour_on(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(1)])
    transact(
        lambda: operations.schedule("local_needs", enabled=True, hour=9, actor=Console(), now=NOW)
    )
    assert transact(lambda: worker.put_due(now=NOW.replace(hour=0))) == [], "eight in the morning"
    assert transact(lambda: worker.put_due(now=NOW)) == ["local_needs"]
    assert transact(lambda: worker.put_due(now=NOW.replace(hour=3))) == [], "the same day"
    assert db.session.query(OutboxRow).filter_by(topic=Topic.SCRAPE).count() == 1
    outbox.drain(gathering_handlers())
    assert db.session.query(OutboxRow).filter_by(topic=Topic.SCRAPE).count() == 0
    run = db.session.query(ScrapeRun).one()
    assert run.scheduled and run.added == 1


def test_a_source_that_fails_keeps_its_row_and_hinders_no_other(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(1)])
    transact(lambda: outbox.put_many(Topic.SCRAPE, ["gone", "local_needs"], now=NOW))
    assert outbox.drain(gathering_handlers()) == 1
    left = db.session.query(OutboxRow).filter_by(topic=Topic.SCRAPE).one()
    assert (left.subject, left.failures) == ("gone", 1) and left.message.startswith("NotFound")
    assert len(notices()) == 1, "and the source that answered is not asked again with the other"


def test_two_processes_never_ask_one_source_at_a_time(app: Flask, site: Site) -> None:
    knows(app, site)
    serve(site, [a_row(1)])
    folder = app.extensions["intake"].folder
    with FileLock(folder / "local_needs.lock"), pytest.raises(Conflict, match="正在采集"):
        gathered()


GATHER_UNTIL_KILLED = """
    import sys
    from pathlib import Path
    from config import Settings
    from marketplace import create_app
    from tests.intake.factories import LocalNeeds, a_client, gathered
    from dataclasses import replace

    home, url, key, listing, host = sys.argv[1:]
    settings = Settings(home=Path(home), database_url=url, secret_key="for-tests", ledger_key=key)
    app = create_app(settings)
    catalogue = app.extensions["intake"]
    app.extensions["intake"] = replace(
        catalogue,
        sources={"local_needs": lambda: LocalNeeds(listing)},
        open_client=lambda: a_client(host, catalogue.folder),
    )
    with app.test_request_context():
        gathered()
"""


def killed_in_its_midst(settings: Settings, site: Site) -> None:
    """Kill -9 a process that has read one page and waits for the second."""
    asked = Event()

    def hold(handler: faults.Handler, answer: faults.Answer) -> None:
        asked.set()
        faults.silent(handler, answer)

    site.spoil(f"{PATH}?page=2", hold)
    words = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(GATHER_UNTIL_KILLED)]
    words += [str(settings.home), settings.database_url, settings.ledger_key]
    words += [site.url(PATH), site.host]
    with subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(ROOT)}) as maker:
        assert asked.wait(60), "the second page was never asked for"
        maker.send_signal(signal.SIGKILL)


def test_after_a_kill_the_next_run_reads_all_and_doubles_nothing(
    app: Flask, settings: Settings, site: Site
) -> None:
    serve(site, [a_row(n) for n in range(6)], per_page=3)
    db.session.rollback()
    killed_in_its_midst(settings, site)
    assert notices() == []
    assert db.session.query(ScrapeRun).one().outcome == Outcome.RUNNING
    knows(app, site)
    site.released.set()
    assert gathered().added == 6
    assert gathered().added == 0
    outcomes = [run.outcome for run in db.session.query(ScrapeRun).order_by(ScrapeRun.id)]
    assert outcomes == [Outcome.INTERRUPTED, Outcome.DONE, Outcome.DONE]
    assert db.session.scalar(text("SELECT count(*) FROM collected_notice")) == 6
    assert db.session.get(SourceState, LocalNeeds.name).profile
