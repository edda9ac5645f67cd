"""Contracts in files: checked first, bad rows given back, the same file twice adds nothing."""

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from marketplace.contracts import queries
from marketplace.contracts.exchange.columns import path_of, places
from marketplace.contracts.exchange.exporting import export, template
from marketplace.contracts.exchange.importing import import_rows, read_rows
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action
from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings import sheets
from marketplace.rules import Rules
from marketplace.transactions import transact
from tests.contracts.factories import WAN, Office, an_office
from tests.contracts.today import a_draft_today, day, enters, moved


def a_row(office: Office, **changes: Any) -> dict[str, Any]:
    """A contract of the applicant as people write it in Excel."""
    seller = office.applicant.organization
    return {
        "项目名称": "循环水阻垢剂开发",
        "合同类别": "委托开发",
        "合同签订日期": day(-10).isoformat(),
        "合同成交额（万元）": "120",
        "技术交易额（万元）": "100",
        "卖方名称": seller.name,
        "卖方统一社会信用代码或证件号": seller.uscc,
        "买方名称": office.buyer.name,
        "买方统一社会信用代码或证件号": office.buyer.uscc,
        "知识产权类别": "未涉及知识产权",
        "扣除类别": "设备",
        "扣除项目": "加药装置",
        "扣除金额": "20万元",
    } | changes


def a_file(tmp_path: Path, *rows: dict[str, Any], form: str = "xlsx") -> Path:
    """A file of those rows."""
    path = tmp_path / f"contracts.{form}"
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    with path.open("wb") as stream:
        sheets.write(form, headings, rows, stream)
    return path


def brought_in(path: Path, actor: Any, *, dry_run: bool = False) -> Any:
    """The report of the file."""
    return transact(
        lambda: import_rows(read_rows(path), actor=actor, dry_run=dry_run, now=utcnow())
    )


def contracts() -> list[Contract]:
    return list(db.session.scalars(db.select(Contract)))


def test_every_heading_of_the_template_leads_back_to_its_field(app: Flask) -> None:
    for place in places():
        assert path_of(place.heading) == place.path and path_of(place.path) == place.path
    assert path_of("卖方2名称") == "sellers.1.name" and path_of("备注") is None


def test_a_dry_run_writes_nothing_and_the_deed_writes_a_draft(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    path = a_file(tmp_path, a_row(office))
    assert brought_in(path, office.applicant, dry_run=True).added == 1 and contracts() == []
    assert brought_in(path, office.applicant).added == 1
    (draft,) = contracts()
    assert (draft.deal_amount, draft.technology_amount) == (120 * WAN, 100 * WAN)
    assert draft.deducted == 20 * WAN and draft.buyers[0].organization_id == office.buyer.id


def test_the_same_file_twice_adds_nothing(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    path = a_file(tmp_path, a_row(office), a_row(office, 项目名称="另一合同"))
    brought_in(path, office.applicant)
    report = brought_in(path, office.applicant)
    assert report.counts == {"added": 0, "updated": 0, "unchanged": 2, "rejected": 0}
    assert len(contracts()) == 2


def test_bad_rows_come_back_with_field_and_rule(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    rows = (
        a_row(office, **{"合同成交额（万元）": "很多", "合同类别": "开发"}),
        a_row(office, 项目名称=""),
        a_row(office, **{"技术交易额（万元）": "500"}),
        a_row(office),
        a_row(office),
    )
    report = brought_in(a_file(tmp_path, *rows), office.applicant)
    assert report.added == 1 and [row.row for row in report.errors] == [2, 3, 4, 6]
    said = [row.message for row in report.errors]
    assert "合同成交额：金额应写成" in said[0] and "合同类别：没有“开发”这一项" in said[0]
    assert "项目名称" in said[1] and "不能高于合同成交额" in said[2] and "已有同一" in said[3]


def test_what_was_submitted_is_not_changed_by_a_file(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    draft = a_draft_today(office)
    content = BytesIO()
    export([draft], content, "xlsx", user=office.applicant, day=day())
    path = tmp_path / "export.xlsx"
    path.write_bytes(content.getvalue())
    assert brought_in(path, office.applicant, dry_run=True).unchanged == 1
    moved(draft, Action.SUBMIT, office.applicant)
    with path.open("rb"):
        (row,) = read_rows(path)
    changed = a_file(tmp_path, dict(row.cells) | {"有效期说明": "至履行完毕"})
    report = brought_in(changed, office.applicant)
    assert report.rejected == 1 and "申请变更登记" in report.errors[0].message


def test_a_clerk_imports_for_the_applicant_that_the_row_names(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    nobody = a_row(office, 项目名称="无主", **{"卖方统一社会信用代码或证件号": ""})
    report = brought_in(a_file(tmp_path, a_row(office), nobody), office.clerk)
    (draft,) = contracts()
    assert draft.typist_id == office.clerk.id
    assert draft.organization_id == office.applicant.organization_id
    assert "没有找到登记主体" in report.errors[0].message


def test_the_template_can_be_read_back(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(template(Rules.in_force(day())))
    assert read_rows(path) == []


def test_the_pages_check_confirm_and_give_bad_rows_back(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    office = an_office()
    path = a_file(tmp_path, a_row(office), a_row(office, 合同类别="无此类"))
    page = enters(client, office.applicant)
    sent = {"file": (BytesIO(path.read_bytes()), "contracts.xlsx")}
    checked = page.post("/contracts/import", data=sent, content_type="multipart/form-data").text
    assert "这是检查结果" in checked and "没有“无此类”这一项" in checked and contracts() == []
    address = checked.partition('action="/contracts/import/')[2].partition('"')[0]
    back = page.get(f"/contracts/import/{address}/errors")
    assert "attachment" in back.headers["Content-Disposition"]
    assert "导入完成：新增1" in page.post(f"/contracts/import/{address}").text
    assert len(contracts()) == 1
    assert queries.own(office.applicant)[0].project_name == "循环水阻垢剂开发"


def test_an_export_hides_persons_from_those_without_a_part(app: Flask) -> None:
    office = an_office()
    draft = a_draft_today(office)
    for user, seen in ((office.clerk, True), (office.authority, False)):
        content = BytesIO()
        export([draft], content, "jsonl", user=user, day=day())
        text = content.getvalue().decode()
        assert (draft.sellers[0].phone in text) == seen and draft.project_name in text


def test_a_row_that_may_not_go_in_does_not_keep_the_others_out(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    own = a_file(tmp_path, a_row(office))
    brought_in(own, office.applicant)  # the applicant's own draft
    home = office.clerk.organization
    path = a_file(
        tmp_path,
        a_row(office, 支付方式="一次支付"),
        a_row(office, 项目名称="另一合同", 登记主体=home.name),
        a_row(office, 项目名称="第三份合同"),
    )
    for dry_run in (True, False):
        report = brought_in(path, office.clerk, dry_run=dry_run)
        assert report.counts == {"added": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    assert [sorted(one.errors) for one in report.errors] == [["项目名称"], ["登记主体"]]


def test_an_amount_that_contradicts_the_stored_one_is_a_bad_row(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    brought_in(a_file(tmp_path, a_row(office)), office.applicant)
    row = a_row(office, **{"技术交易额（万元）": "500"})
    del row["合同成交额（万元）"]
    report = brought_in(a_file(tmp_path, row), office.applicant)
    assert report.counts["rejected"] == 1 and "技术交易额" in [*report.errors[0].errors][0]


def test_a_file_changes_only_what_it_has_a_column_for(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    brought_in(a_file(tmp_path, a_row(office, 卖方项目联系人="张三")), office.applicant)
    few = {name: cell for name, cell in a_row(office).items() if not name.startswith("扣除")}
    report = brought_in(a_file(tmp_path, few), office.applicant)
    assert report.counts == {"added": 0, "updated": 0, "unchanged": 1, "rejected": 0}
    report = brought_in(a_file(tmp_path, few | {"卖方法定代表人": "李四"}), office.applicant)
    (draft,) = contracts()
    seller = draft.sellers[0]
    assert report.updated == 1 and draft.deducted == 20 * WAN
    assert (seller.contact, seller.representative) == ("张三", "李四")
    brought_in(a_file(tmp_path, few | {"卖方项目联系人": ""}), office.applicant)
    assert contracts()[0].sellers[0].contact == ""


def test_an_exported_draft_comes_back_unchanged(app: Flask, tmp_path: Path) -> None:
    office = an_office()
    a_draft_today(office)
    path = tmp_path / "out.xlsx"
    with path.open("wb") as stream:
        export(contracts(), stream, "xlsx", user=office.applicant, day=day())
    report = brought_in(path, office.applicant)
    assert report.counts == {"added": 0, "updated": 0, "unchanged": 1, "rejected": 0}
