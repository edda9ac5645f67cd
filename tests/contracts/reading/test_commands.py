"""The command reads one file, many lines, and judges a set."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from marketplace.cli import shuangku

CONTRACT = "技术咨询合同\n委托方：甲某有限公司\n顾问方：乙某研究院\n对项目进行可行性论证，提交咨询报告，咨询费12万元。"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(shuangku, ["contracts", "read", *map(str, words)])


def test_a_file_is_answered_with_values_sentences_and_reasons(tmp_path: Path) -> None:
    path = tmp_path / "合同.txt"
    path.write_text(CONTRACT, encoding="gb18030")
    answer = json.loads(typed(path, "--json").stdout)
    assert (answer["technical"], answer["type"]) == (True, "咨询")
    amount = answer["fields"]["amount"]
    assert amount["value"] == 12_000_000 and CONTRACT[amount["start"] : amount["end"]] == "12万元"
    assert answer["reasons"] and len(answer["grounds"]) == 12
    assert "咨询" in typed(path).stdout


def test_a_batch_answers_each_line_in_its_order_and_names_the_bad_ones(tmp_path: Path) -> None:
    path, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = json.dumps({"id": 7, "title": "技术咨询合同", "text": CONTRACT}, ensure_ascii=False)
    bad = ["{", "[]", '{"id": 1}', '{"id": 1, "text": " "}', '{"id": [], "text": "a"}']
    path.write_text("\n".join([good, *bad, "", good.replace("7", '"b"', 1)]), encoding="utf-8")
    result = typed("--batch", path, "-o", output)
    assert result.exit_code == 1
    assert [f"第 {n} 行" in result.stderr for n in range(1, 9)] == [
        False,
        *[True] * 5,
        False,
        False,
    ]
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [7, "b"]
    assert set(rows[0]) == {"id", "technical", "type", "reasons", "fields"}
    assert typed("--batch", path).stdout == output.read_text("utf-8")


def test_a_set_is_judged_by_field_and_by_type() -> None:
    result = typed("--evaluate", Path(__file__).parent / "texts")
    assert result.exit_code == 0
    for word in (
        "report：60 篇",
        "tuning：168 篇",
        "blind_report：40 篇",
        "seller",
        "非技术",
        "precision",
    ):
        assert word in result.stdout


def test_nothing_and_too_much_to_read_are_refused_in_one_line(tmp_path: Path) -> None:
    empty = tmp_path / "a.txt"
    empty.touch()
    assert typed().exit_code == 1 and typed(empty, "--batch", empty).exit_code == 1
    assert "是空的" in typed(empty).stderr
