"""``shuangku credit``, as an operator types it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import shuangku
from marketplace.credit import operations
from marketplace.transactions import transact
from tests.contracts.factories import NOW, an_office, registered
from tests.ledger.test_commands import in_the_market


@pytest.fixture
def buyer(tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Name and code of the buyer of one registered contract in an installation."""
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)

    def fill() -> tuple[str, str]:
        office = an_office()
        registered(office)
        transact(lambda: operations.collect(now=NOW))
        return office.buyer.name, office.buyer.uscc or ""

    return in_the_market(fill)


def typed(*words: str) -> Result:
    return CliRunner().invoke(shuangku, ["credit", *words])


def test_the_score_of_a_day_is_printed_with_its_parts(buyer: tuple[str, str]) -> None:
    name, code = buyer
    answer = json.loads(typed(name, "--as-of", "2026-03-10", "--json").stdout)
    (part,) = answer.pop("parts")
    day = {"name": name, "total": 63, "base": 60, "day": "2026-03-10", "rules": "CR-2026"}
    assert answer == day
    said = {"kind": "contract_registered", "count": 1, "points": 3, "full": 3, "capped": False}
    assert part == said
    assert json.loads(typed(code, "--as-of", "2026-03-09", "--json").stdout)["total"] == 60
    assert "合同登记 × 1" in typed(name, "--as-of", "2026-03-10").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["无此单位"], "无此单位"),
        (["{name}", "--as-of", "2020-01-01"], "2020-01-01没有生效的信用规则"),
        (["{name}", "--as-of", "昨天"], "--as-of"),
    ],
)
def test_what_cannot_be_answered_is_said_in_one_line(
    buyer: tuple[str, str], words: list[str], said: str
) -> None:
    answer = typed(*(word.format(name=buyer[0]) for word in words))
    assert answer.exit_code != 0 and said in answer.stderr and "Traceback" not in answer.stderr
