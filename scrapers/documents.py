"""Attached files into text and tables: .xlsx and .xls, .docx, .pdf.

What a file is, its first bytes tell; its name and what the host declares are often wrong.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import docx
import pdfplumber
from python_calamine import CalamineWorkbook

from scrapers.errors import FaultKind, ScrapeFailed
from scrapers.page import BROKEN_LINE

Table = tuple[tuple[str, ...], ...]

MOST_ROWS = 50_000
MOST_PAGES = 300
#: Bytes of a packed document when unpacked; beyond that it is no list of needs.
MOST_UNPACKED = 200 * 1024 * 1024
#: Radicals that PDFs of browsers hold in place of the characters that look the same.
RADICALS = re.compile("[\u2e80-\u2fdf]")
HAN = "\u3000-\u9fff\uff00-\uffef"
WRAPPED = re.compile(rf"\n(?=[{HAN}≤≥±])|(?<=[{HAN}≤≥±])\n")
WHOLE_NUMBER = re.compile(r"(-?\d+)\.0")
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Document:
    """What a file says: its text outside tables, and its tables, row by row."""

    text: str
    tables: tuple[Table, ...]
    #: Whether a table ends where a page ends, and goes on as another on the next.
    has_pages: bool = False


def read_document(body: bytes, url: str) -> Document:
    """Read a file; ScrapeFailed(UNREADABLE) if it is of none of the known kinds or damaged."""
    try:
        return reader_of(body)(body)
    # The readers raise whatever the part of the file they stand in suggests: KeyError, struct.error,
    # errors of lxml and of Rust. For a stranger's file they all mean one thing.
    except Exception as error:
        raise ScrapeFailed(
            FaultKind.UNREADABLE, url, f"{type(error).__name__}: {error}"[:200]
        ) from error


def is_whole_document(body: bytes) -> bool:
    """Whether a file has the end that its kind ends with; other kinds are taken as whole."""
    if body.startswith(b"PK"):
        return zipfile.is_zipfile(io.BytesIO(body))
    return b"%%EOF" in body[-2048:] if body.startswith(b"%PDF") else bool(body)


def reader_of(body: bytes) -> Callable[[bytes], Document]:
    """The reader for a file by its first bytes; ValueError for another kind, or one too large."""
    if body.startswith(b"%PDF"):
        return read_pdf
    if body.startswith(OLD_EXCEL):
        return read_workbook
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        names = package.namelist()
        if sum(part.file_size for part in package.infolist()) > MOST_UNPACKED:
            raise ValueError(f"over {MOST_UNPACKED} bytes when unpacked")
    if "word/document.xml" in names:
        return read_word
    if "xl/workbook.xml" in names:
        return read_workbook
    raise ValueError("a package that is neither Word nor Excel")


def read_workbook(body: bytes) -> Document:
    """The sheets of a workbook, a table each."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    sheets = (book.get_sheet_by_name(name).to_python(nrows=MOST_ROWS) for name in book.sheet_names)
    return Document("", tuple(table for sheet in sheets if (table := table_of(sheet))))


def read_word(body: bytes) -> Document:
    """Paragraphs and tables of a Word file."""
    document = docx.Document(io.BytesIO(body))
    paragraphs = (clean(paragraph.text) for paragraph in document.paragraphs)
    tables = (table_of([[c.text for c in row.cells] for row in t.rows]) for t in document.tables)
    return Document("\n".join(filter(None, paragraphs)), tuple(filter(None, tables)))


def read_pdf(body: bytes) -> Document:
    """Text and ruled tables of a PDF, page by page."""
    with pdfplumber.open(io.BytesIO(body)) as file:
        if len(file.pages) > MOST_PAGES:
            raise ValueError(f"{len(file.pages)} pages")
        texts, tables = [], []
        for page in file.pages:
            texts.append("\n".join(filter(None, map(clean, page.extract_text().split("\n")))))
            tables += [table_of(map(unwrapped, rows)) for rows in page.extract_tables()]
            page.close()
    return Document("\n".join(filter(None, texts)), tuple(filter(None, tables)), has_pages=True)


def unwrapped(row: Iterable[str | None]) -> Iterator[str]:
    """The cells of a PDF's row, whose line breaks only say how wide the column was."""
    yield from (WRAPPED.sub("", cell or "").replace("\n", " ") for cell in row)


def table_of(rows: Iterable[Iterable[object]]) -> Table:
    """Rows of cells as text; rows without any are left out."""
    return tuple(row for row in _rows_of(rows) if any(row))


def _rows_of(rows: Iterable[Iterable[object]]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield tuple(clean("" if cell is None else str(cell)) for cell in row)


def clean(cell: str) -> str:
    """A cell as a person reads it: broken lines joined, radicals as characters, 3.0 as 3."""
    joined = BROKEN_LINE.sub("", RADICALS.sub(lambda m: unicodedata.normalize("NFKC", m[0]), cell))
    lines = (" ".join(line.split()) for line in joined.split("\n"))
    text = "\n".join(line for line in lines if line)
    whole = WHOLE_NUMBER.fullmatch(text)
    return whole.group(1) if whole else text
