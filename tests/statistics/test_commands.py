"""``shuangku statistics`` and ``shuangku publish``, as a statistician types them."""

import csv
import json
import os
import shutil
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from marketplace.cli import shuangku
from tests.ledger.test_commands import in_the_market
from tests.statistics.factories import a_random_ledger

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path, new_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a ledger."""
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    shutil.copytree(new_home, tmp_path, dirs_exist_ok=True)
    in_the_market(lambda: a_random_ledger(5, 30))
    return tmp_path


def typed(*words: object) -> Result:
    return CliRunner().invoke(shuangku, [*map(str, words)])


def test_a_table_is_printed_with_all_that_says_what_it_is(home: Path) -> None:
    answer = typed("statistics", "--table", "T1", "--year", "2024")
    lines = [*csv.reader(StringIO(answer.stdout_bytes.decode("utf-8-sig")))]
    said = {line[0]: line[1] for line in lines[:10]}
    assert said["表号"] == "T1" and said["口径"].startswith("登记：") and len(said["树根"]) == 64
    assert "万元" in said["指标"] and "RV-2001" in said["规则版本"]
    assert any(line[:1] == ["合计"] for line in lines)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        (["--quarter", "2"], "2024年第2季度"),
        (["--half", "1"], "2024年上半年"),
        (["--month", "2"], "2024年2月"),
        (["--to-date", "--as-of", "2024-05-15"], "2024年（截至5月15日）"),
    ],
)
def test_every_kind_of_period_can_be_asked_for(home: Path, words: list[str], label: str) -> None:
    answer = typed("statistics", "--table", "T9", "--year", 2024, "--format", "json", *words)
    assert json.loads(answer.output)["period"]["label"] == label


PRINT_EACH = """
import json, sys
from marketplace.cli import shuangku
for words in json.loads(sys.argv[1]):
    shuangku.main(words, standalone_mode=False)
"""


def in_another_process(home: Path, commands: list[list[str]]) -> None:
    """Give the commands in a process of their own, in another time zone and hash seed."""
    environ = os.environ | {
        "SHUANGKU_HOME": str(home), "PYTHONPATH": str(ROOT), "TZ": "America/Lima",
        "PYTHONHASHSEED": "77", "LC_ALL": "C.UTF-8", "LANGUAGE": "en",
    }  # fmt: skip
    program = [sys.executable, "-c", PRINT_EACH, json.dumps(commands)]
    subprocess.run(program, check=True, capture_output=True, env=environ)


def test_two_processes_print_the_same_bytes(home: Path) -> None:
    words = ["statistics", "--table", "T11", "--year", "2024", "--public"]
    forms = {form: home / f"T11.{form}" for form in ("csv", "json", "xlsx")}
    commands = [[*words, "--format", form, "-o", str(file)] for form, file in forms.items()]
    in_another_process(home, commands)
    for form, file in forms.items():
        assert typed(*words, "--format", form).stdout_bytes == file.read_bytes(), form


def test_a_workbook_has_the_same_figures(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "T1.xlsx"
    words = ["statistics", "--table", "T1", "--year", "2023"]
    assert typed(*words, "--format", "xlsx", "-o", file).exit_code == 0
    total = next(
        row
        for row in CalamineWorkbook.from_filelike(BytesIO(file.read_bytes()))
        .get_sheet_by_index(0)
        .to_python()
        if row[0] == "合计"
    )
    made = json.loads(typed(*words, "--format", "json").output)["parts"][0]["rows"][0]["now"]
    assert total[2] == made[0] and round(total[5] * 1_000_000) == made[1]


def test_a_table_of_this_ledger_passes_the_check_and_a_touched_one_does_not(home: Path) -> None:
    file = home / "T4.json"
    typed(
        "statistics", "--table", "T4", "--year", "2024", "--format", "json", "--public", "-o", file
    )
    answer = typed("statistics", "--check", file)
    assert answer.exit_code == 0 and "逐字节一致" in answer.output
    file.write_bytes(file.read_bytes().replace(b'"T4"', b'"T5"'))
    assert typed("statistics", "--check", file).exit_code == 1
    for odd in (b"", b"[]", b"{}", b'{"format":"shuangku-table","version":1}', b"\xff\xfe"):
        file.write_bytes(odd)
        answer = typed("statistics", "--check", file)
        assert answer.exit_code == 1 and "不是本台账的统计表" in answer.output


def test_a_month_is_published_once(home: Path) -> None:
    assert "已发布 68 张表" in typed("publish", "2024-12").output
    assert "未作改动" in typed("publish", "2024-12").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--table", "T18", "--year", "2024"], "没有统计表 T18"),
        (["--table", "T1", "--year", "2024", "--month", "13"], "没有这个统计期"),
        (["--table", "T1", "--year", "0"], "年份"),
        (["--table", "T1", "--year", "2024", "--as-of", "2024-02-30"], "没有 2024-02-30 这一天"),
        (["--table", "T1", "--year", "2024", "--as-of", "999999"], "台账只有"),
        (["--table", "T1", "--year", "2024", "--as-of", "2199-01-01"], "不能晚于今天"),
        (["--table", "T1", "--year", "2024", "--as-of", "昨天"], "截止点应写作"),
        (["--table", "T6", "--year", "2024", "--scope", "absorbed"], "口径是固定的"),
        (["--table", "T1", "--year", "2024", "--region", "110000"], "请选择盟市"),
        (["--table", "T1", "--year", "2024", "--month", "1", "--quarter", "1"], "只能选一个"),
        (["--table", "T1"], "请给出 --table 和 --year"),
    ],
)
def test_what_cannot_be_counted_is_said_in_one_line(
    home: Path, words: list[str], said: str
) -> None:
    answer = typed("statistics", *words)
    assert answer.exit_code in (1, 2) and said in answer.output and "Traceback" not in answer.output
