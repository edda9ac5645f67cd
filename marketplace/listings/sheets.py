"""Tables in files: .xlsx, .csv and .jsonl, read and written alike.

A cell that begins with ``=`` is text and stays text: in .xlsx by its type, in .csv behind an
apostrophe, which is taken off again on reading (OWASP, CSV injection).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from flask_babel import gettext as _

from marketplace.errors import InvalidInput
from marketplace.listings.workbooks import tables_of

FORMATS = ("xlsx", "csv", "jsonl")
MOST_ROWS = 50_000
#: Notes above the headings are passed over; so many lines are looked at.
HEADING_WITHIN = 10
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LARGEST_CELL = 10_000_000
#: What Excel holds in one cell.
CELL_LIMIT = 32_767


@dataclass(frozen=True)
class Row:
    """One row of a file: its number as people count it, and its cells by heading."""

    number: int
    cells: Mapping[str, Any]
    fault: str = ""


def format_of(path: Path) -> str:
    """One of :data:`FORMATS`, by the ending."""
    form = path.suffix.lower().lstrip(".")
    if form not in FORMATS:
        raise InvalidInput(
            {"file": [_("只能使用 .xlsx、.csv 或 .jsonl 文件；旧 .xls 请另存为 .xlsx")]}
        )
    return form


def read(path: Path, known: Iterable[str]) -> list[Row]:
    """The rows of the first sheet under the first line that holds a ``known`` heading.

    Empty rows are passed over. :class:`InvalidInput` where the file is broken, has no heading, or
    has more than :data:`MOST_ROWS` rows.
    """
    form = format_of(path)
    rows = _json_rows(path) if form == "jsonl" else _first_with_headings(path, form, set(known))
    if len(rows) > MOST_ROWS:
        raise InvalidInput({"file": [_("一个文件最多%(most)d行，请分成几个文件", most=MOST_ROWS)]})
    return rows


def write(
    form: str, headings: Sequence[str], rows: Iterable[Mapping[str, Any]], stream: BinaryIO
) -> None:
    """Write ``rows`` as ``form``; a heading that a row lacks is an empty cell."""
    {"xlsx": _write_xlsx, "csv": _write_csv, "jsonl": _write_jsonl}[form](headings, rows, stream)


def _first_with_headings(path: Path, form: str, known: set[str]) -> list[Row]:
    """The rows of the first sheet that has headings; people leave empty sheets before it."""
    tables = [_csv_table(path.read_bytes())] if form == "csv" else tables_of(path)
    for table in tables:
        rows = _table_rows(table, known)
        if rows is not None:
            return rows
    text = _("没有找到列名。第一行应为列名，如“名称”“详细描述”；可先下载模板")
    raise InvalidInput({"file": [text]})


def _csv_table(content: bytes) -> Iterator[list[str]]:
    """WPS and Excel write UTF-8 with a mark, or GB 18030."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(LARGEST_CELL)
    try:
        for row in csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter):
            yield [_without_apostrophe(cell) for cell in row]
    except csv.Error as fault:
        raise InvalidInput({"file": [_("文件打不开：不是完整的 .csv")]}) from fault


def _without_apostrophe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _table_rows(table: Iterable[Sequence[Any]], known: set[str]) -> list[Row] | None:
    """The rows under the headings; ``None`` where there are no headings."""
    headings: list[str] = []
    rows: list[Row] = []
    for number, cells in enumerate(table, start=1):
        if headings:
            named = _named_cells(headings, cells)
            if any(cell not in ("", None) for cell in named.values()):
                rows.append(Row(number, named))
        elif number > HEADING_WITHIN:
            break
        elif any(bare_heading(cell) in known for cell in cells):
            headings = [str(cell).strip() for cell in cells]
    return rows if headings else None


def _named_cells(headings: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    """Cells by heading; of two columns under one heading the first that is filled counts."""
    named: dict[str, Any] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading and named.get(heading) in (None, ""):
            named[heading] = cell
    return named


def _sound(value: Any) -> Any:
    """The value without lone surrogates, which no database takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_sound(part) for part in value]
    if isinstance(value, dict):
        return {_sound(name): _sound(part) for name, part in value.items()}
    return value


def with_unit(heading: str, cell: Any) -> Any:
    """A bare number under ``拟投入资金（万元）`` with its unit; any other cell as it is."""
    unit = re.search(r"[（(](亿元|万元|元)[）)]", heading)
    bare = written_cell(cell).strip()
    if unit and bare and not bare.endswith(("元", "万", "亿", "议")):
        return bare + unit[1]
    return cell


def bare_heading(cell: Any) -> str:
    """``拟投入资金（万元）*`` → ``拟投入资金``."""
    return str(cell).strip().strip("*＊ ").split("（")[0].split("(")[0].strip()


def _json_rows(path: Path) -> list[Row]:
    rows = []
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append(_json_row(number, line))
    return rows


def _json_row(number: int, line: str) -> Row:
    try:
        cells = json.loads(line)
    except (ValueError, RecursionError):
        cells = None
    if not isinstance(cells, dict):
        return Row(number, {"原文": line.strip()}, _("这一行不是完整的 JSON 对象"))
    return Row(number, _sound(cells))


def _write_xlsx(
    headings: Sequence[str], rows: Iterable[Mapping[str, Any]], stream: BinaryIO
) -> None:
    book = xlsxwriter.Workbook(stream, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bg_color": "#E6EEF7", "border": 1})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, 48 if heading in ("名称", "详细描述", "错误信息") else 16)
    for number, row in enumerate(rows, start=1):
        for column, heading in enumerate(headings):
            if text := written_cell(row.get(heading)):
                sheet.write_string(number, column, _within_a_cell(text))
    book.close()


def _within_a_cell(text: str) -> str:
    """Excel refuses a file with a longer cell; the reader is told where the rest is."""
    if len(text) <= CELL_LIMIT:
        return text
    mark = _("…（全文见 csv 或 jsonl 格式）")
    return text[: CELL_LIMIT - len(mark)] + mark


def _write_csv(
    headings: Sequence[str], rows: Iterable[Mapping[str, Any]], stream: BinaryIO
) -> None:
    text = TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    for row in chain([{heading: heading for heading in headings}], rows):
        cells = (written_cell(row.get(heading)) for heading in headings)
        writer.writerow([f"'{c}" if c.startswith(FORMULA_STARTS) else c for c in cells])
    text.detach()


def _write_jsonl(
    headings: Sequence[str], rows: Iterable[Mapping[str, Any]], stream: BinaryIO
) -> None:
    for row in rows:
        kept = {heading: row[heading] for heading in headings if row.get(heading) not in (None, "")}
        stream.write(json.dumps(kept, ensure_ascii=False, default=str).encode() + b"\n")


def written_cell(cell: Any) -> str:
    """A cell as text; what is a table inside a .jsonl row stays JSON."""
    if cell is None:
        return ""
    if isinstance(cell, (list, dict)):
        return json.dumps(cell, ensure_ascii=False)
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
