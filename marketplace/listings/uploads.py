"""Uploaded files between the dry run and the deed: kept a day, for the uploader alone."""

import re
import secrets
import time
from contextlib import closing
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace.errors import InvalidInput, NotFound
from marketplace.listings import sheets

KEPT_SECONDS = 24 * 3600
NAME = re.compile(r"[\w-]{10,40}\.(?:xlsx|csv|jsonl|docx|pdf|txt)", re.ASCII)


def keep(upload: FileStorage | None, user_id: int) -> str:
    """Store the upload and return the name under which :func:`path_of` finds it."""
    if upload is None or not upload.filename:
        raise InvalidInput({"file": [_("请先选择一个文件")]})
    with closing(upload):
        name = f"{secrets.token_urlsafe(16)}.{sheets.format_of(Path(upload.filename))}"
        upload.save(_folder() / f"{user_id}-{name}")
    return name


def keep_content(content: bytes, ending: str, user_id: int) -> str:
    """Store what was read already and return its name; ``ending`` is without its dot."""
    name = f"{secrets.token_urlsafe(16)}.{ending}"
    (_folder() / f"{user_id}-{name}").write_bytes(content)
    return name


def path_of(name: str, user_id: int) -> Path:
    """The file that this user uploaded; :class:`NotFound` once it is gone."""
    path = _folder() / f"{user_id}-{name}"
    if not NAME.fullmatch(name) or not path.is_file():
        raise NotFound(_("上传的文件已过期，请重新上传"))
    return path


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].home / "files" / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forget_old() -> None:
    """Delete uploads that nobody has confirmed within a day."""
    for path in _folder().iterdir():
        if time.time() - path.stat().st_mtime > KEPT_SECONDS:
            path.unlink(missing_ok=True)
