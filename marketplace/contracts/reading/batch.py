"""Many texts in one file: a line in, a line out, in the same order."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from marketplace.contracts.reading.documents import LONGEST_TEXT
from marketplace.contracts.reading.reading import Reader
from marketplace.contracts.reading.writing import batch_line


@dataclass(frozen=True)
class BadLine:
    """A line that could not be read: its number from one, and why."""

    line: int
    message: str


class BadRow(ValueError):
    """Raised for a line that is no text to be read; the message is in the user's words."""


def answers(reader: Reader, lines: Iterable[bytes], faults: list[BadLine]) -> Iterator[str]:
    """The answer of every good line as JSON; the bad ones are added to ``faults``. Empty lines go."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _row(line)
        except BadRow as fault:
            faults.append(BadLine(number, str(fault)))
            continue
        reading = reader.read(row["text"], row.get("title") or "")
        yield json.dumps(batch_line(row["id"], reading), ensure_ascii=False)


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise BadRow(_("不是 UTF-8 编码")) from fault
    except ValueError as fault:
        raise BadRow(_("不是完整的 JSON")) from fault
    except RecursionError as fault:
        raise BadRow(_("JSON 嵌套过深")) from fault
    if not isinstance(row, dict):
        raise BadRow(_("应为一个对象，含 id、title、text"))
    _check(row)
    return row


def _check(row: dict[str, Any]) -> None:
    if not isinstance(row.get("id"), (str, int)):
        raise BadRow(_("id 应为文字或整数"))
    if not isinstance(row.get("title") or "", str):
        raise BadRow(_("title 应为文字"))
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadRow(_("text 缺少或为空"))
    if len(text) > LONGEST_TEXT:
        raise BadRow(_("text 超过30万字"))
