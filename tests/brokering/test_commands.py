"""``shuangku brokers daily``, as a scheduler runs it."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import shuangku
from marketplace.permissions import Role
from tests.factories import a_need, a_user
from tests.ledger.test_commands import in_the_market


@pytest.fixture
def home(tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a broker and a need."""
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)
    in_the_market(lambda: (a_user(Role.BROKER), a_need(field="05", region="150200")))
    return tmp_path


def daily() -> Result:
    return CliRunner().invoke(shuangku, ["brokers", "daily"])


def test_the_days_work_shares_out_once(home: Path) -> None:
    first, second = daily(), daily()
    assert (first.exit_code, first.output) == (0, "到期 · expired: 0  分派 · shared out: 1\n")
    assert second.output == "到期 · expired: 0  分派 · shared out: 0\n"
