"""Contracts as files, and the template to fill in."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO

import xlsxwriter

from marketplace.contracts.columns import Column, Kind
from marketplace.contracts.exchange.columns import (
    APPLICANT_HEADING,
    Place,
    needed_rows,
    places,
    row_of,
)
from marketplace.contracts.models import Contract
from marketplace.contracts.queries import rules_of
from marketplace.contracts.states import STATE_NAMES
from marketplace.listings import sheets
from marketplace.listings.exporting import drop_down
from marketplace.rules import Rules

FIRST = ("登记编号", "状态", "登记日期", "登记点", APPLICANT_HEADING)
HINTS = {
    Kind.DAY: "如 2026-06-30",
    Kind.MONEY: "写明单位，如 1200000元 或 120万元",
    Kind.FLAG: "是或否",
    Kind.REGION: "全称或六位代码",
    Kind.COUNTRY: "名称或三位代码，境内可不填",
}


def export(
    contracts: Sequence[Contract], stream: BinaryIO, form: str, *, user: Any, day: Any
) -> None:
    """Write the contracts, one a row; each draft can be imported again."""
    shown = list(places(needed_rows(contracts)))

    def rows() -> Iterator[dict[str, Any]]:
        for contract in contracts:
            part = (contract.organization_id, contract.point_organization_id)
            persons = user.organization_id in part
            first = (
                contract.local_no or "",
                str(STATE_NAMES[contract.state]),
                contract.registered_on and contract.registered_on.isoformat(),
                contract.point.organization.name,
                contract.organization.name,
            )
            cells = row_of(contract, shown, rules_of(contract, day), with_persons=persons)
            yield dict(zip(FIRST, first, strict=True)) | cells

    sheets.write(form, [*FIRST, *(place.heading for place in shown)], rows(), stream)


def template(rules: Rules) -> bytes:
    """An .xlsx with a column for each field, drop-down lists, and a sheet that explains."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content)
    fill, explain, lists = (book.add_worksheet(name) for name in ("填写", "填写说明", "选项"))
    lists.hide()
    bold = book.add_format({"bold": True, "bg_color": "#E6EEF7", "border": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    fill.freeze_panes(1, 1)
    explain.set_column(0, 0, 26)
    explain.set_column(1, 1, 90)
    explain.write_row(0, 0, ["列名", "说明"], bold)
    fill.write_string(0, 0, APPLICANT_HEADING, bold)
    explain.write_row(1, 0, [APPLICANT_HEADING, "登记员代录时填写；申请人自己导入时不用填"])
    for number, place in enumerate(places(), start=1):
        fill.write_string(0, number, place.heading, bold)
        fill.set_column(number, number, 40 if place.column.name == "content" else 18, text)
        explain.write_row(number + 1, 0, [place.heading, _explanation(place, rules)])
        if place.column.code_list:
            names = list(rules.codes_of(place.column.code_list).values())
            drop_down(fill, lists, number, names)
    book.close()
    return content.getvalue()


def _explanation(place: Place, rules: Rules) -> str:
    column: Column = place.column
    parts = ["必填" if column.required else "", column.hint or HINTS.get(column.kind, "")]
    if column.code_list:
        parts.append("可填：" + "、".join(rules.codes_of(column.code_list).values()))
    if place.table:
        parts.append("另有一个时加一列，标题中写序号，如“卖方2名称”")
    return "；".join(filter(None, parts))
