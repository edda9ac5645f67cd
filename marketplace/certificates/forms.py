"""What is typed on the verification page, and the file that is handed in there."""

import re
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace.errors import InvalidInput

NUMBER = re.compile(r"[0-9]{16}|QD[0-9]{12}")
#: A list of 200 contracts has about 2 MB.
LARGEST_FILE = 8 * 1024 * 1024


@dataclass(frozen=True)
class Question:
    """A number and a code as typed, blanks and hyphens between the digits left out."""

    number: str
    code: str

    @classmethod
    def from_text(cls, number: str, code: str) -> "Question":
        """:class:`InvalidInput` where the number is none or no code was typed."""
        plain = re.sub(r"[\s\-]", "", number[:60]).upper()
        errors = {}
        if not NUMBER.fullmatch(plain):
            errors["number"] = [_("请输入证明上的16位登记编号，或清单上以QD开头的编号")]
        if not code.strip():
            errors["code"] = [_("请输入证明上的12位核对码")]
        if errors:
            raise InvalidInput(errors)
        return cls(plain, code.strip())


def uploaded_pdf(upload: FileStorage | None) -> bytes:
    """The bytes of a PDF file; :class:`InvalidInput` for none, another kind or too large a file."""
    if upload is None or not upload.filename:
        raise InvalidInput({"file": [_("请先选择证明的PDF文件")]})
    content = upload.read(LARGEST_FILE + 1)
    upload.close()
    if len(content) > LARGEST_FILE:
        raise InvalidInput({"file": [_("本系统签发的文件不会大于 8 MB")]})
    if not content.startswith(b"%PDF-"):
        raise InvalidInput({"file": [_("这不是PDF文件")]})
    return content
