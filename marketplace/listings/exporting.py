"""Listings as files, the template to fill in, and bad rows given back."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, BinaryIO

import xlsxwriter

from marketplace.codes import current_codes
from marketplace.listings import sheets
from marketplace.listings.columns import COLUMNS, ORGANIZATION, ORGANIZATION_HEADING
from marketplace.listings.importing import Report
from marketplace.listings.models import Listing
from marketplace.listings.sheets import FORMATS

__all__ = ["FORMATS", "export", "template", "write_errors"]
ERROR_HEADING = "错误信息"
NUMBER_HEADING = "编号"
PUBLISHED_HEADING = "发布日期"
TEMPLATE_ROWS = 5_000


def export(kind: str, listings: Sequence[Listing], stream: BinaryIO, form: str) -> None:
    """Write public fields of public ``listings``; no owner where the owner is anonymous.

    A .jsonl file has the English names of the fields, the others their Chinese headings; each can
    be imported again.
    """
    english = form == "jsonl"
    columns = [column for column in COLUMNS[kind] if not column.reserved]
    names = {column.name: column.name if english else column.heading for column in columns}
    owner = ORGANIZATION if english else ORGANIZATION_HEADING
    number = "number" if english else NUMBER_HEADING
    published = "published_at" if english else PUBLISHED_HEADING

    def rows() -> Iterator[dict[str, Any]]:
        for listing in listings:
            row: dict[str, Any] = {names[column.name]: column.write(listing) for column in columns}
            # An anonymous owner's own key may name the owner; the number serves as well.
            key = "" if listing.anonymous else listing.source_key
            row[names["source_key"]] = key or listing.number
            row[number] = listing.number
            row[owner] = "" if listing.anonymous else listing.organization.name
            row[published] = listing.published_at and listing.published_at.date().isoformat()
            yield row

    sheets.write(form, [number, owner, *names.values(), published], rows(), stream)


def write_errors(stream: BinaryIO, form: str, report: Report) -> None:
    """Write the rejected rows as they came, each with the column 错误信息."""
    headings = list(dict.fromkeys(h for row in report.errors for h in row.original))
    headings = [heading for heading in headings if heading != ERROR_HEADING]
    rows = ({**row.original, ERROR_HEADING: row.message} for row in report.errors)
    sheets.write(form, [ERROR_HEADING, *headings], rows, stream)


def template(kind: str) -> bytes:
    """An .xlsx with one column for each field, drop-down lists, and a sheet that explains."""
    content = BytesIO()
    book = xlsxwriter.Workbook(content)
    fill, explain, lists = (book.add_worksheet(name) for name in ("填写", "填写说明", "选项"))
    lists.hide()
    bold = book.add_format({"bold": True, "bg_color": "#E6EEF7", "border": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    fill.freeze_panes(1, 0)
    explain.set_column(0, 0, 18)
    explain.set_column(1, 1, 90)
    explain.write_row(0, 0, ["列名", "说明"], bold)
    for number, column in enumerate(COLUMNS[kind]):
        fill.write_string(0, number, column.heading, bold)
        fill.set_column(number, number, 40 if column.name in ("title", "description") else 18, text)
        explain.write_row(number + 1, 0, [column.heading, _explanation(column)])
        if column.code_list:
            names = list(current_codes().lists[column.code_list].values())
            several = column.hint if column.several else ""
            drop_down(fill, lists, number, names, several=several)
    book.close()
    return content.getvalue()


def _explanation(column: Any) -> str:
    names = "、".join(current_codes().lists[column.code_list].values()) if column.code_list else ""
    return "；".join(filter(None, [column.hint, f"可填：{names}" if names else ""]))


def drop_down(
    fill: Any, lists: Any, number: int, names: Sequence[str], *, several: str = ""
) -> None:
    """Offer ``names`` in a column; ``several`` is the hint where more than one may be written.

    The list lies in cells of the hidden sheet: a list in the rule itself ends at 255 characters.
    """
    lists.write_column(0, number, names)
    letter = xlsxwriter.utility.xl_col_to_name(number)
    rule: dict[str, Any] = {
        "validate": "list",
        "source": f"=选项!${letter}$1:${letter}${len(names)}",
    }
    if several:
        rule |= {"error_type": "information", "error_message": several}
    fill.data_validation(1, number, TEMPLATE_ROWS, number, rule)
