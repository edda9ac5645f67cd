"""Attachments, kept by the digest of their bytes in the home folder and never overwritten."""

import hashlib
import os
import re
import secrets
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from marketplace.errors import InvalidInput, NotFound

DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST = 32 * 1024 * 1024
#: What each kind of file begins with; a name alone proves nothing.
SIGNATURES = {
    ".pdf": (b"%PDF-",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".ofd": (b"PK\x03\x04",),
    ".doc": (b"\xd0\xcf\x11\xe0",),
    ".zip": (b"PK\x03\x04",),
    ".txt": (b"",),  # text begins with anything; it is only ever handed out as a download
}


def keep(content: bytes, name: str) -> str:
    """Store ``content`` and return its SHA-256 in hex; the same bytes are stored once.

    ``name`` is what the sender called it; :class:`InvalidInput` where the bytes are not of the kind
    that its ending says, are empty or too many.
    """
    _check(content, name)
    digest = hashlib.sha256(content).hexdigest()
    path = _path(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{digest}.{secrets.token_hex(4)}.part")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    return digest


def path_of(digest: str) -> Path:
    """Where the bytes with that digest lie; :class:`NotFound` where there are none."""
    if not DIGEST.fullmatch(digest) or not _path(digest).is_file():
        raise NotFound(_("附件不存在或已按规定移除"))
    return _path(digest)


def is_whole(digest: str) -> bool:
    """Whether the stored bytes still have the digest under which they were stored."""
    return hashlib.sha256(path_of(digest).read_bytes()).hexdigest() == digest


def purge(digest: str) -> None:
    """Remove the bytes from ordinary storage, where an order requires it."""
    _path(digest).unlink(missing_ok=True)


def _path(digest: str) -> Path:
    home: Path = current_app.extensions["settings"].home
    return home / "files" / "attachments" / digest[:2] / digest


def _check(content: bytes, name: str) -> None:
    ending = Path(name).suffix.lower()
    if ending not in SIGNATURES:
        endings = "、".join(SIGNATURES)
        raise InvalidInput({"file": [_("附件“%(n)s”的格式不支持，可用：%(e)s", n=name, e=endings)]})
    if not content or not content.startswith(SIGNATURES[ending]):
        raise InvalidInput({"file": [_("附件“%(n)s”的内容与扩展名不符或为空", n=name)]})
    if len(content) > LARGEST:
        raise InvalidInput({"file": [_("附件“%(n)s”超过32 MB", n=name)]})
