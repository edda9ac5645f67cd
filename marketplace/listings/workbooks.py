""".xlsx files, measured before they are opened: five kilobytes can claim a sheet of terabytes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from flask_babel import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from marketplace.errors import InvalidInput

LARGEST_UNPACKED = 400 * 1024 * 1024
#: Cells of the rectangle that holds a sheet; 50,000 rows of a hundred columns.
MOST_CELLS = 5_000_000
CELL = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?r="([A-Z]{1,3})(\d{1,7})"')
CHUNK = 1 << 20
OVERLAP = 256


def tables_of(path: Path) -> Iterator[list[list[Any]]]:
    """The worksheets in their order; :class:`InvalidInput` for a broken or monstrous file."""
    _require_sane(path)
    try:
        book = CalamineWorkbook.from_path(path)
        for sheet in book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield book.get_sheet_by_name(sheet.name).to_python()
    except CalamineError as fault:
        raise InvalidInput({"file": [_("文件打不开：已损坏、有密码，或不是 .xlsx")]}) from fault


def _require_sane(path: Path) -> None:
    try:
        with ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
            sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
            sane = unpacked <= LARGEST_UNPACKED
            sane = sane and all(_cells(archive, name) <= MOST_CELLS for name in sheets)
    except BadZipFile as fault:
        raise InvalidInput({"file": [_("文件打不开：已损坏、有密码，或不是 .xlsx")]}) from fault
    if not sane:
        text = _("表格范围过大（可能有格子远在数据之外）。请把数据复制到新的表格再导入")
        raise InvalidInput({"file": [text]})


def _cells(archive: ZipFile, name: str) -> int:
    """Rows times columns up to the farthest cell that the sheet names."""
    columns: set[bytes] = set()
    last_row = 0
    with archive.open(name) as sheet:
        tail = b""
        while chunk := sheet.read(CHUNK):
            for letters, digits in CELL.findall(tail + chunk):
                columns.add(letters)
                last_row = max(last_row, int(digits))
            tail = chunk[-OVERLAP:]
    return last_row * max(map(_column, columns), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
