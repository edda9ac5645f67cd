"""Attachments are kept by their digest, once, and never under a false name."""

import hashlib

import pytest
from flask import Flask

from marketplace import files
from marketplace.errors import InvalidInput, NotFound

PDF = b"%PDF-1.7 text"


def test_the_same_bytes_are_kept_once_under_their_digest(app: Flask) -> None:
    digest = files.keep(PDF, "合同.pdf")
    assert digest == hashlib.sha256(PDF).hexdigest() == files.keep(PDF, "副本.PDF")
    assert files.path_of(digest).read_bytes() == PDF and files.is_whole(digest)
    assert len(list(files.path_of(digest).parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.pdf"),
        (b"MZ\x90", "a.pdf"),
        (PDF, "a.exe"),
        (PDF, "a"),
        (PDF, "a.docx"),
        (b"%PDF-" + b"0" * files.LARGEST, "a.pdf"),
    ],
    ids=["empty", "a program", "exe", "no ending", "pdf as docx", "too large"],
)
def test_what_is_not_what_its_name_says_is_refused(app: Flask, content: bytes, name: str) -> None:
    with pytest.raises(InvalidInput):
        files.keep(content, name)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 64, "Z" * 64])
def test_no_other_path_is_reached(app: Flask, digest: str) -> None:
    with pytest.raises(NotFound):
        files.path_of(digest)


def test_altered_bytes_are_noticed_and_purged_bytes_are_gone(app: Flask) -> None:
    digest = files.keep(PDF, "合同.pdf")
    files.path_of(digest).write_bytes(b"%PDF-other")
    assert not files.is_whole(digest)
    files.purge(digest)
    with pytest.raises(NotFound):
        files.path_of(digest)
