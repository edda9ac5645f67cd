"""The console command, as an administrator types it."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from marketplace.cli import shuangku

ROWS = [
    {"source_key": "r1", "title": "循环水锅炉长效阻垢缓蚀剂", "description": "用于循环水锅炉，抑制碳酸钙结垢，延长清洗周期。"},
    {"source_key": "r2", "title": "羊绒分梳低损伤工艺", "description": "一种羊绒分梳方法，减少纤维损伤，提高长度。"},
    {"source_key": "r3", "title": "奶牛乳房炎快速检测", "description": "一种试纸，十分钟检出隐性乳房炎。"},
    {"source_key": "r4", "title": "光伏组件干式清扫机器人", "description": "不用水，适于沙尘地区的光伏电站。"},
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SHUANGKU_DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def results(home: Path, new_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(new_home, home)
    path = tmp_path / "results.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in [*ROWS, {"source_key": "bad"}]]
    path.write_text("\n".join(lines), "utf-8")
    return path


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(shuangku, [str(word) for word in words])


def test_importing_answers_with_four_counts_and_names_bad_rows(results: Path) -> None:
    first = typed("import", "results", results, "--json")
    assert json.loads(first.stdout) == {"added": 4, "updated": 0, "unchanged": 0, "rejected": 1}
    assert "第 5 行" in first.stderr
    again = json.loads(typed("import", "results", results, "--json").stdout)
    assert again == {"added": 0, "updated": 0, "unchanged": 4, "rejected": 1}


def test_a_dry_run_only_counts(results: Path) -> None:
    assert (
        json.loads(typed("import", "results", results, "--dry-run", "--json").stdout)["added"] == 4
    )
    assert json.loads(typed("import", "results", results, "--json").stdout)["added"] == 4


def test_bad_rows_are_written_to_the_file_asked_for(results: Path, tmp_path: Path) -> None:
    errors = tmp_path / "bad.jsonl"
    typed("import", "results", results, "--errors", errors)
    row = json.loads(errors.read_text("utf-8"))
    assert row["source_key"] == "bad" and "名称" in row["错误信息"]


def test_a_text_is_matched_with_reasons(results: Path) -> None:
    typed("import", "results", results)
    answer = json.loads(typed("match", "--text", "锅炉老结水垢，想少停炉清洗", "--json").stdout)
    best = answer["matches"][0]
    assert best["source_key"] == "r1" and "锅炉" in best["terms"]
    assert best["sentences"] and 0 < best["score"] <= 1


def test_the_reasons_are_given_as_facts(results: Path) -> None:
    typed("import", "results", results)
    text = "锅炉老结水垢，冬天停炉清洗。要求：①少停炉，清洗周期一年以上；②除垢药剂不伤管。"
    best = json.loads(typed("match", "--text", text, "--json").stdout)["matches"][0]
    assert [point["index"] for point in best["points"]] == [1, 2]
    assert all(text[p["start"] : p["end"]] == p["text"] for p in best["points"])
    assert isinstance(best["comparisons"], list) and isinstance(best["missing"], list)


def test_a_listing_is_matched_by_its_number(results: Path, tmp_path: Path) -> None:
    typed("import", "results", results)
    needs = tmp_path / "needs.jsonl"
    row = {"title": "羊绒分梳断得厉害", "description": "分梳时纤维损伤大，长度不够。"}
    needs.write_text(json.dumps(row, ensure_ascii=False), "utf-8")
    typed("import", "needs", needs)
    answer = json.loads(typed("match", "XQ000001", "--json").stdout)
    assert answer["matches"][0]["source_key"] == "r2"


@pytest.mark.parametrize("words", [["match"], ["match", "XQ000009"], ["match", "nonsense"]])
def test_what_cannot_be_matched_is_said_in_one_line(results: Path, words: list[str]) -> None:
    answer = typed(*words)
    assert answer.exit_code == 1 and answer.stderr.startswith("Error: ")
    assert "Traceback" not in answer.output


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl"])
def test_what_is_public_is_exported_and_goes_in_again(
    results: Path, tmp_path: Path, form: str
) -> None:
    typed("import", "results", results)
    path = tmp_path / f"out.{form}"
    assert typed("export", "results", path).exit_code == 0
    counts = json.loads(typed("import", "results", path, "--json").stdout)
    assert counts == {"added": 0, "updated": 0, "unchanged": 4, "rejected": 0}


def test_a_rebuilt_index_holds_what_the_store_holds(results: Path) -> None:
    typed("import", "results", results)
    assert "4" in typed("reindex").stdout


def test_an_empty_installation_is_told_to_begin(home: Path) -> None:
    assert "shuangku init" in typed("match", "--text", "锅炉结垢").stderr
    assert typed("check").exit_code == 1
    typed("init")
    assert typed("check").exit_code == 0


def test_the_first_operator_is_made_at_the_console(home: Path) -> None:
    typed("init")
    name, password = typed("operator", "boss").stdout.split()
    assert name == "boss" and len(password) >= 8
    assert "已被使用" in typed("operator", "boss").stderr


def test_a_home_that_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("SHUANGKU_HOME", str(tmp_path / "a-file" / "home"))
    answer = typed("init")
    assert answer.exit_code == 1 and "a-file" in answer.stderr
    assert answer.stderr.startswith("Error: ") and "Traceback" not in answer.output


def test_a_database_that_does_not_answer_is_said_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUANGKU_DATABASE_URL", f"sqlite:///{home / 'nowhere' / 'market.db'}")
    answer = typed("init")
    assert answer.exit_code == 1 and answer.stderr.startswith("Error: 数据库")


def test_a_taken_port_is_said_in_one_line(home: Path) -> None:
    typed("init")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = typed("serve", "--port", str(port))
    assert answer.exit_code == 1 and str(port) in answer.stderr


def test_a_second_server_on_one_home_is_refused_in_one_line(home: Path) -> None:
    typed("init")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with FileLock(home / "serve.lock"):
        answer = typed("serve", "--port", str(port))
    assert answer.exit_code == 1 and str(home) in answer.stderr


def test_the_demonstration_is_served_and_a_second_start_loses_nothing(home: Path) -> None:
    assert typed("init", "--demo").exit_code == 0
    assert "载入" not in typed("init", "--demo").stdout
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "marketplace.cli", "serve", "--port", str(port)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as server:
        address = next(line.strip() for line in server.stdout if line.startswith("http"))
        health = json.load(urlopen(f"{address}/healthz"))
        server.terminate()
    assert health["status"] == "ok" and health["needs"] >= 150 and health["results"] >= 320


def test_the_day_s_recommendations_can_be_made_and_made_again(
    results: Path, tmp_path: Path
) -> None:
    typed("import", "results", results)
    needs = tmp_path / "needs.jsonl"
    row = {"title": "锅炉老结水垢", "description": "循环水锅炉结垢，想少停炉清洗。"}
    needs.write_text(json.dumps(row | {"organization": "热电厂"}, ensure_ascii=False), "utf-8")
    typed("import", "needs", needs)
    made = json.loads(typed("propose", "--json").stdout)
    assert made["id"] == "push/1" and made["figures"]["after"]["pairs"] >= 1
    assert "Gini" in typed("propose").stdout
    again = typed("replay", "push/1", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["same"]


def test_a_list_is_replayed_by_its_number_and_says_what_changed(results: Path) -> None:
    typed("import", "results", results)
    words = "锅炉老结水垢，想少停炉清洗"
    number = json.loads(typed("match", "--text", words, "--json").stdout)["list"]
    same = typed("replay", number, "--text", words)
    assert same.exit_code == 0 and "逐字节相同" in same.stdout
    lines = results.read_text("utf-8").replace("抑制碳酸钙结垢", "抑制腐蚀")
    results.write_text(lines, "utf-8")
    typed("import", "results", results)
    other = typed("replay", number, "--text", words)
    assert other.exit_code == 1 and "result/1" in other.stdout and "库中内容已变" in other.stdout
    assert "没有编号为" in typed("replay", "ffffffffffff").output


def test_likeness_counts_pairs_and_groups(results: Path) -> None:
    typed("import", "results", results)
    assert json.loads(typed("likeness", "--json").stdout) == {"pairs": 0, "groups": 0}
    assert "疑似重复 0" in typed("likeness").stdout


def test_sources_are_listed_with_their_standing(home: Path) -> None:
    assert typed("init").exit_code == 0
    answer = typed("scrape", "--list")
    assert answer.exit_code == 0
    assert "nmg_kjt_needs" in answer.stdout and "未核对" in answer.stdout
    assert answer.stdout.count("从未采集") >= 8


def test_a_source_that_nobody_compared_is_not_asked_without_saying_so(home: Path) -> None:
    assert typed("init").exit_code == 0
    answer = typed("scrape", "nmg_kjt_needs", "--dry-run")
    assert answer.exit_code == 1 and "--unconfirmed" in answer.stderr
    assert typed("scrape", "nmg_kjt_needs").exit_code == 1


def test_an_unknown_source_and_a_wrong_day_are_named(home: Path) -> None:
    assert typed("init").exit_code == 0
    answer = typed("scrape", "no_such_source", "--unconfirmed")
    assert answer.exit_code == 1 and "nmg_kjt_needs" in answer.stderr
    assert typed("scrape", "nmg_kjt_needs", "--since", "昨天").exit_code == 2
