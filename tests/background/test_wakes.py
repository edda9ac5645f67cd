"""What beat wakes, and that somebody drains it."""

import re
from pathlib import Path

from flask import Flask

from marketplace.outbox import Topic
from marketplace.tasks import QUEUES, make_celery
from marketplace.worker import gathering_handlers, handlers, post_handlers

DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


def test_every_topic_that_beat_wakes_has_somebody_who_drains_it(app: Flask) -> None:
    drained = handlers() | post_handlers() | gathering_handlers()
    assert set(QUEUES) == set(drained)
    assert set(Topic) - set(QUEUES) == {Topic.EXPORT}, "nobody reads it, so its queue would grow"


def test_every_queue_that_beat_fills_is_read_by_a_worker_of_the_document(app: Flask) -> None:
    schedule = make_celery(app, "memory://").conf.beat_schedule
    filled = {entry["options"]["queue"] for entry in schedule.values()}
    asked = re.findall(r"^celery .* -Q (\S+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    read = [queue for names in asked for queue in names.split(",")]
    assert sorted(read) == sorted(filled)
