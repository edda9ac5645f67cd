"""Registration points from the command line, as an administrator types it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import Settings
from marketplace import create_app
from marketplace.accounts.models import OrganizationKind
from marketplace.cli import shuangku
from tests.factories import an_organization


@pytest.fixture
def offices(new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of two bodies that may register, in a home of their own."""
    home = tmp_path / "home"
    shutil.copytree(new_home, home)
    monkeypatch.setenv("SHUANGKU_HOME", str(home))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    with create_app(Settings.from_environ()).test_request_context():
        return [an_organization(OrganizationKind.REGISTRATION_POINT).name for _n in range(2)]


def typed(*words: str) -> Result:
    return CliRunner().invoke(shuangku, ["points", *words])


def opened(code: str, organization: str) -> Result:
    return typed("open", code, "--organization", organization, "--region", "包头市")


def test_a_point_is_set_up_listed_and_closed(offices: list[str]) -> None:
    for code, office in zip(("150201", "150202"), offices, strict=True):
        assert opened(code, office).exit_code == 0
    assert [row["code"] for row in json.loads(typed("list", "--json").stdout)] == [
        "150201",
        "150202",
    ]
    closed = typed("close", "150201", "--successor", "150202")
    assert closed.exit_code == 0 and "0 件" in closed.stdout
    assert [line[:6] for line in typed("list").stdout.splitlines()] == ["150202"]
    first, _second = json.loads(typed("list", "--all", "--json").stdout)
    assert first["code"] == "150201" and first["successor"] == "150202" and first["closed_on"]
    assert "由 150202 承接" in typed("list", "--all").stdout


def test_what_is_wrong_is_said_in_one_line_and_nothing_is_set_up(offices: list[str]) -> None:
    for code, name, said in (
        ("150300", offices[0], "六位数字"),
        ("150201", "无此单位", "没有名为"),
    ):
        refused = opened(code, name)
        assert refused.exit_code == 1 and said in refused.stderr
        assert "Traceback" not in refused.output
    assert json.loads(typed("list", "--all", "--json").stdout) == []


def test_a_point_is_not_closed_without_another_that_takes_over(offices: list[str]) -> None:
    opened("150201", offices[0])
    for successor, said in (("150299", "没有代码"), ("150201", "另一个在用")):
        refused = typed("close", "150201", "--successor", successor)
        assert refused.exit_code == 1 and said in refused.stderr
    assert typed("list").stdout.startswith("150201")
