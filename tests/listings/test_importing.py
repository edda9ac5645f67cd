"""Files of listings: what goes in, what comes back, and that nothing is lost."""

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from marketplace.accounts.models import Console, OrganizationKind
from marketplace.database import utcnow
from marketplace.errors import Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.listings import exporting, sheets
from marketplace.listings.importing import Report, import_file
from marketplace.listings.lifecycle import State
from marketplace.listings.models import Need, Result
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_need, a_result, a_user, an_organization

HEADINGS = ["来源编号", "名称", "详细描述", "技术领域", "拟投入资金（万元）", "单位名称"]


def an_xlsx(path: Path, headings: list[str], rows: list[list[Any]]) -> Path:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate([headings, *rows]):
        sheet.write_row(number, 0, row)
    book.close()
    return path


def a_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def imported(kind: str, path: Path, actor: Any = None, **options: Any) -> Report:
    who = actor or Console()
    return transact(lambda: import_file(kind, path, actor=who, now=utcnow(), **options))


def test_the_same_file_twice_adds_nothing(app: Flask, tmp_path: Path) -> None:
    rows = [["A-1", "锅炉结垢", "每年停炉清洗。", "新材料及其应用", 50, "包头某厂"]]
    path = an_xlsx(tmp_path / "needs.xlsx", HEADINGS, rows)
    assert imported("need", path).counts == {
        "added": 1, "updated": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
    assert imported("need", path).counts["unchanged"] == 1
    need = db.session.query(Need).one()
    assert (need.state, need.field, need.amount_most) == (State.PUBLISHED, "05", 50_000_000)
    assert need.organization.name == "包头某厂" and need.organization.verified_at is None


def test_a_changed_row_updates_its_listing(app: Flask, tmp_path: Path) -> None:
    row = {"source_key": "A-1", "title": "锅炉结垢", "description": "每年停炉清洗。"}
    imported("need", a_jsonl(tmp_path / "a.jsonl", [row]))
    path = a_jsonl(tmp_path / "b.jsonl", [row | {"description": "每月停炉清洗。"}])
    assert imported("need", path).counts["updated"] == 1
    assert db.session.query(Need).one().description == "每月停炉清洗。"


def test_a_dry_run_writes_nothing_at_all(app: Flask, tmp_path: Path) -> None:
    path = an_xlsx(tmp_path / "a.xlsx", HEADINGS, [["1", "锅炉结垢", "", "", "", "新来的厂"]])
    assert imported("need", path, dry_run=True).added == 1
    assert db.session.query(Need).count() == 0
    assert imported("need", path).added == 1


def test_rows_without_a_key_are_known_again_by_their_text(app: Flask, tmp_path: Path) -> None:
    row = {"title": "锅炉结垢", "description": "每年停炉清洗。"}
    path = a_jsonl(tmp_path / "a.jsonl", [row, row])
    assert imported("need", path).counts == {
        "added": 1, "updated": 0, "unchanged": 1, "rejected": 0,
    }  # fmt: skip
    assert imported("need", path).unchanged == 2


def test_of_two_contents_under_one_key_neither_is_taken(app: Flask, tmp_path: Path) -> None:
    rows = [{"source_key": "1", "title": "甲"}, {"source_key": "1", "title": "乙"}]
    report = imported("need", a_jsonl(tmp_path / "a.jsonl", rows))
    assert report.added == 0 and [rejected.row for rejected in report.errors] == [1, 2]
    assert "第1、2行" in report.errors[0].message


def test_bad_rows_come_back_in_their_own_words_and_go_in_once_mended(
    app: Flask, tmp_path: Path
) -> None:
    rows = [
        ["1", "好的一行", "内容", "农业", "", ""],
        ["2", "坏的一行", "=1+1", "没有的领域", "五十", ""],
    ]
    report = imported("need", an_xlsx(tmp_path / "a.xlsx", HEADINGS, rows))
    assert report.counts == {"added": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    back = tmp_path / "bad.xlsx"
    with back.open("wb") as stream:
        exporting.write_errors(stream, "xlsx", report)
    heading, bad = CalamineWorkbook.from_path(back).get_sheet_by_index(0).to_python()
    assert heading == ["错误信息", *HEADINGS]
    assert "技术领域：" in bad[0] and "拟投入资金：" in bad[0] and bad[1:4] == rows[1][:3]
    mended = [[*bad[1:4], "农业", 50, ""]]
    assert imported("need", an_xlsx(tmp_path / "b.xlsx", HEADINGS, mended)).added == 1
    assert {need.description for need in db.session.query(Need)} == {"内容", "=1+1"}


def test_ten_thousand_rows_go_in_and_three_hundred_bad_ones_are_all_named(
    app: Flask, tmp_path: Path
) -> None:
    bad = {n * 33 + 7 for n in range(300)}
    rows = [
        [f"K{n}", f"第{n}号需求", f"第{n}条描述", "不存在" if n in bad else "农业", "", "某厂"]
        for n in range(10_000)
    ]
    report = imported("need", an_xlsx(tmp_path / "many.xlsx", HEADINGS, rows))
    assert report.counts == {"added": 9_700, "updated": 0, "unchanged": 0, "rejected": 300}
    assert {rejected.row for rejected in report.errors} == {n + 2 for n in bad}
    assert all("技术领域" in rejected.message for rejected in report.errors)
    assert db.session.query(Need).count() == 9_700


def test_a_members_rows_become_drafts_of_the_own_organisation(app: Flask, tmp_path: Path) -> None:
    member = a_user(Role.INSTITUTE)
    path = a_jsonl(tmp_path / "a.jsonl", [{"title": "缓蚀剂", "organization": "别人的单位"}])
    assert imported("result", path, actor=member).added == 1
    result = db.session.query(Result).one()
    assert result.state == State.DRAFT and result.organization_id == member.organization_id


def test_a_member_cannot_change_what_is_published_by_importing(app: Flask, tmp_path: Path) -> None:
    member = a_user(Role.INSTITUTE)
    a_result(member.organization, source_key="K1")
    path = a_jsonl(tmp_path / "a.jsonl", [{"source_key": "K1", "title": "改了的名称"}])
    report = imported("result", path, actor=member)
    assert report.rejected == 1 and "撤回" in report.errors[0].message


def test_a_broker_may_not_import(app: Flask, tmp_path: Path) -> None:
    path = a_jsonl(tmp_path / "a.jsonl", [{"title": "缓蚀剂"}])
    with pytest.raises(Forbidden):
        imported("result", path, actor=a_user(Role.BROKER))


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.txt"])
def test_a_file_of_another_kind_or_broken_is_refused_in_one_sentence(
    app: Flask, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(InvalidInput) as refusal:
        imported("need", path)
    assert "file" in refusal.value.errors


def test_a_file_without_headings_is_refused(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        imported("need", an_xlsx(tmp_path / "a.xlsx", ["甲", "乙"], [["1", "2"]]))
    assert "列名" in str(refusal.value.errors["file"])


def test_notes_above_the_headings_and_other_forms_headings_are_understood(
    app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    lines = "2026年需求征集表,,\n需求名称*,需求描述,所在盟市\n皮带跑偏,换了三家都不行,包头\n"
    path.write_bytes(lines.encode("gb18030"))
    report = imported("need", path)
    assert report.counts["added"] == 1 and not report.unknown
    assert db.session.query(Need).one().league == "150200"


def test_columns_that_were_not_read_are_said(app: Flask, tmp_path: Path) -> None:
    path = a_jsonl(tmp_path / "a.jsonl", [{"title": "皮带跑偏", "经办人": "某"}])
    assert imported("need", path).unknown == ["经办人"]


def test_a_line_that_is_no_json_is_named(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "皮带跑偏"}\n{"title": \n[1]\n', "utf-8")
    report = imported("need", path)
    assert report.added == 1 and [rejected.row for rejected in report.errors] == [2, 3]


@pytest.mark.parametrize("form", sheets.FORMATS)
def test_an_export_goes_in_again_unchanged(app: Flask, tmp_path: Path, form: str) -> None:
    facts = {
        "source_key": "K1", "field": "05", "region": "150203", "modes": ["joint", "transfer"],
        "keywords": ["结垢"], "amount_least": 50_000_000, "amount_most": 80_000_000,
        "indicators": [{"name": "周期", "unit": "天", "now": "90", "wanted": "≥365"}],
        "description": "=HYPERLINK(\"x\")\n第二行", "signed_in_note": "内部", "confidential": "秘密",
    }  # fmt: skip
    owner = an_organization()
    need = a_need(owner, **facts)
    path = tmp_path / f"needs.{form}"
    with path.open("wb") as stream:
        exporting.export("need", [need], stream, form)
    assert "秘密".encode() not in path.read_bytes() and "内部".encode() not in path.read_bytes()
    assert imported("need", path, organization=owner).counts["unchanged"] == 1


def test_an_anonymous_owner_is_not_in_the_export(app: Flask) -> None:
    need = a_need(an_organization(name="不愿具名的厂"), anonymous=True)
    content = BytesIO()
    exporting.export("need", [need], content, "csv")
    assert "不愿具名" not in content.getvalue().decode("utf-8-sig")


def test_a_csv_opens_in_excel_with_its_marks_and_without_formulas(app: Flask) -> None:
    content = BytesIO()
    sheets.write("csv", ["名称"], [{"名称": "=1+1"}, {"名称": "+86"}], content)
    assert content.getvalue().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(content.getvalue().decode("utf-8-sig"))))
    assert rows == [["名称"], ["'=1+1"], ["'+86"]]


def test_the_template_is_itself_a_file_that_can_be_imported(app: Flask, tmp_path: Path) -> None:
    for kind in ("need", "result"):
        path = tmp_path / f"{kind}.xlsx"
        path.write_bytes(exporting.template(kind))
        assert imported(kind, path).counts["added"] == 0


texts = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40
).map(str.strip)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(st.sampled_from(sheets.FORMATS), st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_any_text_survives_being_written_and_read(
    app: Flask, tmp_path: Path, form: str, pairs: list[tuple[str, str]]
) -> None:
    rows = [{"名称": f"名{one}", "摘要": other} for one, other in pairs]
    path = tmp_path / f"any.{form}"
    with path.open("wb") as stream:
        sheets.write(form, ["名称", "摘要"], rows, stream)
    read = [dict(row.cells) for row in sheets.read(path, ["名称"])]
    assert [{k: row.get(k) or "" for k in ("名称", "摘要")} for row in read] == rows


def test_owners_named_by_code_are_the_registered_ones(app: Flask, tmp_path: Path) -> None:
    owner = an_organization(OrganizationKind.INSTITUTE)
    path = a_jsonl(tmp_path / "a.jsonl", [{"title": "缓蚀剂", "organization": owner.uscc}])
    imported("result", path)
    assert db.session.query(Result).one().organization_id == owner.id
