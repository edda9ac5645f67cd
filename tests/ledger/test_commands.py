"""``shuangku ledger``, as an administrator types it."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from config import Settings, kept_secret, new_ledger_key
from marketplace import create_app
from marketplace.cli import shuangku
from marketplace.extensions import db
from marketplace.ledger import verify_proof
from marketplace.transactions import transact
from tests.factories import an_entry, some_entries


@pytest.fixture
def home(tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a ledger of six entries."""
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)
    in_the_market(lambda: some_entries(5))
    return tmp_path


def in_the_market(work) -> object:
    app: Flask = create_app(Settings.from_environ())
    with app.test_request_context():
        outcome = work()
        db.session.remove()
        db.engine.dispose()
        return outcome


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(shuangku, ["ledger", *map(str, words)])


def test_a_sound_ledger_is_said_to_be_sound(home: Path) -> None:
    answer = typed("verify")
    assert (answer.exit_code, answer.output.strip()) == (
        0,
        "✓ 台账完好，共 5 条 · the ledger is sound, 5 entries",
    )


def test_a_changed_ledger_names_the_first_bad_position(home: Path) -> None:
    change = "UPDATE ledger_figure SET deal = 1 WHERE position = 3"
    drop = "DROP TRIGGER ledger_figure_refuses_update"
    in_the_market(lambda: transact(lambda: [db.session.execute(text(s)) for s in (drop, change)]))
    answer = typed("verify")
    assert answer.exit_code == 1 and "第 3 条 · position 3" in answer.output
    assert len(answer.output.splitlines()) == 1


def test_a_kept_head_is_held_against_the_ledger(home: Path, tmp_path: Path) -> None:
    assert typed("head", "-o", tmp_path / "head.json").exit_code == 0
    in_the_market(lambda: some_entries(3))
    assert typed("verify", "--against", tmp_path / "head.json").exit_code == 0
    head = json.loads((tmp_path / "head.json").read_text("utf-8"))
    root = head["head"].splitlines()[2]
    head["head"] = head["head"].replace(root, "A" * 43 + "=")
    (tmp_path / "head.json").write_bytes(verify_proof.written(head))
    answer = typed("verify", "--against", tmp_path / "head.json")
    assert answer.exit_code == 1 and "给出的树头" in answer.output


def test_a_head_is_written_as_json_or_as_a_bare_checkpoint(home: Path, tmp_path: Path) -> None:
    typed("head", "-o", tmp_path / "head.json")
    shown = typed("head", "-o", tmp_path / "head.txt").output
    note = (tmp_path / "head.txt").read_text("utf-8")
    assert json.loads((tmp_path / "head.json").read_text("utf-8"))["head"] == note
    assert shown.startswith(note)


def test_an_entry_is_proved_by_number_or_position_and_its_proof_checked(
    home: Path, tmp_path: Path
) -> None:
    number = in_the_market(lambda: an_entry().facts["number"])
    for wanted in ("5", number):
        proof = tmp_path / f"{wanted}.json"
        assert typed("prove", wanted, "-o", proof).exit_code == 0
        answer = typed("check", proof)
        assert answer.exit_code == 0
        assert "included: 是 yes" in answer.output and "signed: 是 yes" in answer.output
        proof.write_bytes(proof.read_bytes().replace(b'"position": 5', b'"position": 4'))
        assert typed("check", proof).exit_code == 1


def test_two_heads_are_proved_consistent_by_size_or_by_file(home: Path, tmp_path: Path) -> None:
    typed("head", "-o", tmp_path / "old.json")
    in_the_market(lambda: some_entries(4))
    typed("head", "-o", tmp_path / "new.txt")
    for old, new in (("5", "9"), (tmp_path / "old.json", tmp_path / "new.txt")):
        assert typed("consistency", old, new, "-o", tmp_path / "c.json").exit_code == 0
        answer = typed("check", tmp_path / "c.json", "--head", tmp_path / "old.json")
        assert answer.exit_code == 0 and "consistent: 是 yes" in answer.output


def test_what_cannot_be_is_said_in_one_line(home: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.json"
    junk.write_text("{}", "utf-8")
    for words, code in (
        (("prove", "99", "-o", junk), 1),
        (("prove", "2026150103999999", "-o", junk), 1),
        (("prove", "锅炉", "-o", junk), 2),
        (("prove", "1"), 2),
        (("check", junk), 1),
        (("check", tmp_path / "missing"), 2),
        (("verify", "--against", junk), 2),
        (("consistency", "3", "4", "-o", tmp_path / "c.json"), 1),
        (("consistency", "no file", "5", "-o", tmp_path / "c.json"), 2),
    ):
        answer = typed(*words)
        assert answer.exit_code == code, (words, answer.output)
        assert "Traceback" not in answer.output and "Error: " in answer.output


def test_the_key_is_made_once_and_readable_by_its_owner_alone(home: Path) -> None:
    path = home / "ledger.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CliRunner().invoke(shuangku, ["check"]).exit_code == 0
    path.chmod(0o640)
    assert "chmod 600" in CliRunner().invoke(shuangku, ["check"]).output
    before = path.read_text("ascii")
    assert Settings.from_environ().ledger_key == before == kept_secret(path, new_ledger_key)
    assert before not in repr(Settings.from_environ())
    assert [*home.glob("ledger.key.*")] == []
