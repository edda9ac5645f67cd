"""Text comes out of files, and a file without text is refused in words."""

import zipfile
from io import BytesIO

import docx
import pypdf
import pytest
from flask import Flask
from weasyprint import HTML

from marketplace.contracts.reading import documents
from marketplace.errors import InvalidInput


def a_word_file() -> bytes:
    """A paragraph and a table of label and value."""
    document = docx.Document()
    document.add_paragraph("技术开发合同")
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "委托方", "甲某有限公司"
    document.add_paragraph("签订日期：2024年2月20日")
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def a_pdf(body: str) -> bytes:
    """A page with a text layer."""
    return HTML(string=body).write_pdf() or b""


def encrypted(content: bytes) -> bytes:
    """The same pages behind a password."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(content))
    writer.encrypt("geheim", algorithm="RC4-128")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def a_bomb() -> bytes:
    """A .docx whose one part unpacks to more than is read."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * (documents.LARGEST_UNPACKED + 1))
    return file.getvalue()


def test_paragraphs_and_tables_of_a_word_file_come_in_their_order() -> None:
    text = documents.text_of(a_word_file(), "合同.docx")
    assert text.split("\n") == ["技术开发合同", "委托方\t甲某有限公司", "签订日期：2024年2月20日"]


def test_the_text_layer_of_a_pdf_is_read() -> None:
    body = "<p>技术咨询合同</p><p>委托方：甲某有限公司，顾问方：乙某研究院。</p>"
    assert "甲某有限公司" in documents.text_of(a_pdf(body), "合同.pdf")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_plain_text_is_read_in_the_encodings_of_its_time(encoding: str) -> None:
    content = "技术转让合同\r\n受让方：甲某厂".encode(encoding)
    assert documents.text_of(content, "合同.txt") == "技术转让合同\n受让方：甲某厂"


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.txt", "是空的"),
        (b"  \n ", "a.txt", "是空的"),
        (b"x" * (documents.LARGEST_FILE + 1), "a.txt", "超过20 MB"),
        (b"x" * (10 * 1024 * 1024), "a.txt", "超过30万字"),
        (b"\xff\x00\xfe\xfd\xff", "a.txt", "编码无法识别"),
        (b"MZ", "a.exe", "格式不能读取"),
        (b"PK\x03\x04broken", "a.docx", "不是完好的 .docx"),
        (b"%PDF-1.7 broken", "a.pdf", "不是完好的 PDF"),
    ],
)
def test_a_bad_file_is_refused_by_its_name_and_fault(
    app: Flask, content: bytes, name: str, said: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        documents.text_of(content, name)
    (text,) = refusal.value.errors["file"]
    assert said in text and name in text


def test_a_bomb_is_not_unpacked(app: Flask) -> None:
    with pytest.raises(InvalidInput) as refusal:
        documents.text_of(a_bomb(), "a.docx")
    assert "解压后过大" in refusal.value.errors["file"][0]


def test_a_locked_pdf_and_a_scan_say_what_to_do(app: Flask) -> None:
    page = a_pdf("<p>技术咨询合同，委托方为甲某有限公司，顾问方为乙某研究院。</p>")
    for content, said in ((encrypted(page), "已加密"), (a_pdf("<p></p>"), "没有文字层的扫描件")):
        with pytest.raises(InvalidInput) as refusal:
            documents.text_of(content, "a.pdf")
        assert said in refusal.value.errors["file"][0]
