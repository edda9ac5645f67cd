"""``shuangku contracts``, as an administrator types it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import Settings
from marketplace import create_app
from marketplace.certificates.pdf import attachments_of
from marketplace.cli import shuangku
from marketplace.extensions import db
from marketplace.ledger import verify_proof
from tests.certificates.factories import text_of
from tests.contracts.factories import a_draft, an_office, registered


@pytest.fixture
def home(tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation, made by its migrations, with a registered contract and a draft."""
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)
    app = create_app(Settings.from_environ())
    with app.test_request_context():
        office = an_office()
        registered(office)
        a_draft(office)
        db.session.remove()
        db.engine.dispose()
    return tmp_path


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(shuangku, ["contracts", *map(str, words)])


def test_the_certificate_of_a_number_is_written_to_a_file(home: Path) -> None:
    answer = typed("certificate", "2026150203000001", "-o", home / "c.pdf")
    assert answer.exit_code == 0 and "有效 · valid" in answer.output, answer.output
    content = (home / "c.pdf").read_bytes()
    assert "000001" in text_of(content)
    assert verify_proof.check(attachments_of(content)["proof.json"])[1]
    typed("certificate", "2026150203000001", "-o", home / "again.pdf")
    assert (home / "again.pdf").read_bytes() == content


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2026150203000009"], "没有登记编号"),
        (["2026150203000001", "--version", "7"], "没有找到这份证明"),
    ],
)
def test_what_there_is_not_is_said_in_one_line(home: Path, words: list[str], said: str) -> None:
    answer = typed("certificate", *words, "-o", home / "c.pdf")
    assert answer.exit_code == 1 and said in answer.output and "Traceback" not in answer.output
    assert not (home / "c.pdf").exists()


def test_registered_contracts_are_listed_for_programs(home: Path) -> None:
    answer = typed("list", "--state", "registered", "--limit", "5", "--json")
    (row,) = json.loads(answer.output)
    assert row["number"] == "2026150203000001" and row["deal_amount"] == 100_000_000
    assert row["registered_on"] == "2026-03-10" and row["version"] == 1
    everything = typed("list").output.splitlines()
    assert len(everything) == 2 and "草稿" in everything[0] and "1,000,000.00元" in everything[1]
    assert len(typed("list", "--limit", "1").output.splitlines()) == 1
