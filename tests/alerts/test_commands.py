"""``shuangku digests`` and ``shuangku mail``, as an administrator types them."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from config import Settings
from marketplace.cli import shuangku
from marketplace.extensions import db
from marketplace.notices.models import Mailing, MailingState
from tests.alerts.factories import a_mailing, a_notice, a_reader, a_search
from tests.factories import a_result


@pytest.fixture
def typed(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """Type a command over the store of the test."""
    monkeypatch.setenv("SHUANGKU_HOME", str(settings.home))
    monkeypatch.setenv("SHUANGKU_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("SHUANGKU_ENCODER", "ngrams")

    def run(*words: str | Path) -> Result:
        db.session.rollback()
        return CliRunner().invoke(shuangku, [str(word) for word in words])

    return run


def test_digests_are_composed_once_and_mailed_by_the_next_command(typed) -> None:
    reader = a_reader()
    a_search(reader)
    new = a_result()
    assert "应编 0 人" in typed("digests", "--daily").output
    assert "应编 1 人" in typed("digests").output
    assert "应编 0 人" in typed("digests", "--weekly").output
    answer = typed("mail")
    assert answer.exit_code == 0 and "已发 sent 1，待发 waiting 0" in answer.output
    assert new.title in db.session.query(Mailing).one().body


def test_what_failed_is_tried_again_when_asked_for(typed) -> None:
    reader = a_reader()
    row = a_mailing(reader, key=f"notice/{a_notice(reader).id}")
    assert "失败 failed 1" in typed("mail").output
    assert "失败 failed 0" in typed("mail", "--retry").output
    db.session.rollback()
    assert row.state == MailingState.SENT
