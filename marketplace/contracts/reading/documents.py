"""The text out of .docx, .pdf and .txt files; what cannot be read is said in the user's words."""

import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import error as DeflateError

import docx
import pypdf
from docx.opc.exceptions import PackageNotFoundError
from flask_babel import gettext as _
from lxml.etree import XMLSyntaxError
from pypdf.errors import PyPdfError

from marketplace.errors import InvalidInput

LARGEST_FILE = 20 * 1024 * 1024
#: What the parts of a .docx may unpack to; more is no contract but an attack.
LARGEST_UNPACKED = 100 * 1024 * 1024
MOST_PAGES = 400
LONGEST_TEXT = 300_000
#: So few characters on a page are a page number or a stamp, not a text layer.
LEAST_PER_PAGE = 20


def text_of(content: bytes, name: str) -> str:
    """The text of a file called ``name``; :class:`InvalidInput` says why there is none."""
    if not content.strip():
        raise _refusal(_("文件“%(n)s”是空的", n=name))
    if len(content) > LARGEST_FILE:
        raise _refusal(_("文件“%(n)s”超过20 MB，请只上传合同正文", n=name))
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        raise _refusal(_("“%(n)s”的格式不能读取，可用：.docx、.pdf、.txt，或直接粘贴文字", n=name))
    return checked(reader(content, name), name)


def checked(text: str, name: str) -> str:
    """The text itself, once it is known to hold something and to be no book."""
    if not text.strip():
        raise _refusal(_("“%(n)s”中没有文字", n=name))
    if len(text) > LONGEST_TEXT:
        raise _refusal(_("“%(n)s”超过30万字，请只提交合同正文", n=name))
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _refusal(text: str) -> InvalidInput:
    return InvalidInput({"file": [text]})


def _plain(content: bytes, name: str) -> str:
    """UTF-8, then GB18030, which holds every older Chinese encoding; UTF-16 by its mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # not UTF-8; the older encoding is tried
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as fault:
        raise _refusal(_("“%(n)s”的编码无法识别，请另存为 UTF-8 或 GB18030", n=name)) from fault


def _word(content: bytes, name: str) -> str:
    broken = _refusal(_("“%(n)s”不是完好的 .docx 文件；旧的 .doc 请先另存为 .docx", n=name))
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            unpacked = sum(part.file_size for part in package.infolist())
        if unpacked > LARGEST_UNPACKED:
            raise _refusal(_("“%(n)s”解压后过大，不予读取", n=name))
        document = docx.Document(BytesIO(content))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as fault:
        raise broken from fault
    except (XMLSyntaxError, DeflateError, EOFError) as fault:
        raise broken from fault
    return "\n".join(_blocks(document))


def _blocks(document: Any) -> Iterator[str]:
    """Paragraphs and tables in their order; cells of a row side by side, merged cells once."""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield from (_row(row) for row in block.rows)
        else:
            yield block.text


def _row(row: Any) -> str:
    cells: dict[int, str] = {}
    for cell in row.cells:
        cells.setdefault(id(cell._tc), cell.text.replace("\n", " "))
    return "\t".join(cells.values())


def _pdf(content: bytes, name: str) -> str:
    try:
        document = pypdf.PdfReader(BytesIO(content))
        if document.is_encrypted and not document.decrypt(""):
            raise _refusal(_("“%(n)s”已加密，请先取消密码再上传", n=name))
        if len(document.pages) > MOST_PAGES:
            raise _refusal(_("“%(n)s”超过400页，请只上传合同正文", n=name))
        pages = [page.extract_text() for page in document.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, DeflateError) as fault:
        raise _refusal(_("“%(n)s”不是完好的 PDF 文件", n=name)) from fault
    text = "\n".join(pages)
    if len(text.strip()) < LEAST_PER_PAGE * max(len(pages), 1):
        raise _refusal(
            _(
                "“%(n)s”是没有文字层的扫描件，请上传带文字的 PDF 或 .docx，或先识别后粘贴文字",
                n=name,
            )
        )
    return text


READERS: dict[str, Callable[[bytes, str], str]] = {".txt": _plain, ".docx": _word, ".pdf": _pdf}
