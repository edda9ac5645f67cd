"""A document as JSON, CSV or XLSX: the same bytes for the same document, wherever and whenever.

Of the three, JSON is the one that is kept when a table is published; the others are made from it.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

from marketplace.ledger.entry import canonical
from marketplace.money import FEN
from marketplace.statistics.documents import FORMAT, VERSION

WITHHELD = "*"
NOTHING_TO_COMPARE = "—"
Cell = str | int | Decimal
#: More than any table of this region has, and few enough for whoever hands us another file.
LARGEST_DOCUMENT = 8 * 1024 * 1024


def as_json(document: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) and a line's end."""
    return canonical(document) + b"\n"


def read(data: bytes) -> dict[str, Any]:
    """A document from its JSON; ``ValueError`` for anything else."""
    document = json.loads(data)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not a table of statistics")
    if document.get("version") != VERSION:
        raise ValueError("a table in another version of the format")
    return document


def preamble(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What always stands on a table: scope, unit, kind of amount, period, ledger, rules."""
    scope, period, as_of = document["scope"], document["period"], document["as_of"]
    names = "、".join(measure["name"] for measure in document["measures"])
    pairs = [
        ("表号", document["table"]),
        ("表名", document["title"]),
        ("范围", scope["region_name"]),
        ("口径", f"{scope['name']}：{scope['meaning']}"),
        ("指标", f"{names}；金额单位：万元"),
        ("统计期", f"{period['label']}（{period['first']} 至 {period['last']}）"),
        ("同期", f"{period['compared_first']} 至 {period['compared_last']}"),
        ("台账", f"前 {as_of['size']} 条，截至 {as_of['day']}"),
        ("树根", document["root"]),
        ("规则版本", f"{document['rules']}；统计定义 {document['definitions']}"),
    ]
    pairs += [("说明", note) for note in document["notes"]]
    corrections = document.get("corrections")
    if corrections and corrections["entries"]:
        pairs.append(("更正", correction_text(corrections)))
    if document["demonstration_entries"]:
        text = f"含虚构的演示数据 {document['demonstration_entries']} 条，不得作为统计使用"
        pairs.append(("注意", text))
    return pairs


def correction_text(corrections: Mapping[str, int]) -> str:
    """How much of the figures corrects earlier periods."""
    deal, technology = wan(corrections["deal"]), wan(corrections["technology"])
    return (
        f"本期数含对以前各期登记的更正 {corrections['entries']} 条："
        f"项数 {corrections['count']:+d}，成交额 {deal:+f} 万元，技术交易额 {technology:+f} 万元"
    )


def wan(fen: int) -> Decimal:
    """万元, exactly: ``1`` fen is ``0.000001``."""
    return Decimal(fen) / FEN["万元"]


def headings(document: Mapping[str, Any], part: Mapping[str, Any]) -> list[str]:
    """The head of a list: names, then now, the year before and 同比 of every measure."""
    names = []
    for measure in document["measures"]:
        unit = "（万元）" if measure["unit"] == "fen" else ""
        names += [f"{measure['name']}{unit}", f"{measure['name']}上年同期{unit}"]
        names.append(f"{measure['name']}同比（%）")
    return [*part["headings"], *names]


def cells_of(
    document: Mapping[str, Any], part: Mapping[str, Any], row: Mapping[str, Any]
) -> list[Cell]:
    """One line below :func:`headings`."""
    width = len(part["headings"])
    names: list[Cell] = [*row["names"], *[""] * (width - len(row["names"]))]
    for i, measure in enumerate(document["measures"]):
        is_money = measure["unit"] == "fen"
        names += [_shown(row[time], i, is_money=is_money) for time in ("now", "before")]
        change = row["change"] and row["change"][i]
        withheld = row["change"] is None
        names.append(
            WITHHELD if withheld
            else NOTHING_TO_COMPARE if change is None
            else Decimal(change) / 100
        )  # fmt: skip
    return names


def _shown(values: list[int] | None, i: int, *, is_money: bool) -> Cell:
    if values is None:
        return WITHHELD
    return wan(values[i]) if is_money else values[i]


def lines(document: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """The whole document, line by line."""
    for name, text in preamble(document):
        yield [name, text]
    for part in document["parts"]:
        yield []
        if part["title"]:
            yield [part["title"]]
        yield [*headings(document, part)]
        yield from (cells_of(document, part, row) for row in part["rows"])


def as_csv(document: Mapping[str, Any]) -> bytes:
    """UTF-8 with the mark that spreadsheets look for."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows(
        [f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in line]
        for line in lines(document)
    )
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(document: Mapping[str, Any]) -> bytes:
    """One sheet; its only date is the last day that the document counts."""
    data = BytesIO()
    day = date.fromisoformat(document["as_of"]["day"])
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(day.year, day.month, day.day, tzinfo=UTC)})
        sheet = book.add_worksheet(document["table"])
        head = book.add_format({"bold": True})
        money = book.add_format({"num_format": "#,##0.00"})
        sheet.set_column(0, 1, 24)
        sheet.set_column(2, 40, 16)
        for number, line in enumerate(lines(document)):
            is_head = len(line) == 1 or (len(line) > 2 and not any(map(_is_number, line)))
            for place, cell in enumerate(line):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, place, float(cell), money)
                elif isinstance(cell, int):
                    sheet.write_number(number, place, cell)
                else:
                    sheet.write_string(number, place, cell, head if is_head else None)
    return data.getvalue()


def _is_number(cell: Cell) -> bool:
    return not isinstance(cell, str)


Rendering = Callable[[Mapping[str, Any]], bytes]
RENDERINGS: dict[str, tuple[Rendering, str]] = {
    "json": (as_json, "application/json"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def name_of(document: Mapping[str, Any], key: str) -> str:
    """The name of its file, without the ending."""
    return f"{document['table']}-{key}-{document['scope']['region']}-{document['as_of']['size']}"
