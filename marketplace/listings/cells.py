"""One cell of a form or a file: from what people write to what is stored."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

#: What no text may hold: control characters but line ends and tabs, and zero-width characters.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff\ud800-\udfff]")
SEPARATORS = re.compile(r"[、,，;；\n]+")
#: Years that anybody means; others are slips of the finger.
YEARS = range(1900, 2200)
DAY_FORMATS = ("%Y-%m-%d", "%Y年%m月%d日", "%Y%m%d")
MONTH_FORMATS = ("%Y-%m", "%Y年%m月")
YES = ("1", "是", "true", "yes", "y", "匿名")
NO = ("", "0", "否", "false", "no", "n", "不匿名", "公开")


class BadCell(ValueError):
    """Raised by every parser of a cell; the message is in the user's words."""


def text_of(cell: Any) -> str:
    """The text of any cell; a number that is whole without its ``.0``, a day as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, (list, tuple)):
        return "、".join(text_of(part) for part in cell)
    text = UNSEEN.sub("", str(cell).replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()


def folded(cell: Any) -> str:
    """The text in half width and without inner spaces: for codes, numbers and names of lists."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text_of(cell)))


def bounded_text(cell: Any, limit: int) -> str:
    """The text; refused above ``limit`` characters, because a cut text is a lost text."""
    text = text_of(cell)
    if len(text) > limit:
        raise BadCell(_("不能超过%(limit)d字，现有%(count)d字", limit=limit, count=len(text)))
    return text


def parts_of(cell: Any) -> list[str]:
    """The parts of a list, or of a text with 、 ， ； or line ends between; no part twice."""
    parts: Sequence[Any] = (
        cell if isinstance(cell, (list, tuple)) else SEPARATORS.split(text_of(cell))
    )
    return list(dict.fromkeys(text for part in parts if (text := text_of(part))))


def day_of(cell: Any) -> date | None:
    """The day of ``2027-06-30``, ``2027/6/30``, ``2027年6月`` (its last day) or ``2027年底``."""
    text = folded(cell)
    if not text:
        return None
    text = re.sub(r"(日)?(以)?前$", r"\1", text).replace("年底", "年12月").replace("年内", "年12月")
    text = re.sub(r"(?<=\d)[/.](?=\d)", "-", text)
    for form in DAY_FORMATS:
        if (day := _day(text, form)) is not None:
            return day
    for form in MONTH_FORMATS:
        if (day := _day(text, form)) is not None:
            return day.replace(day=monthrange(day.year, day.month)[1])
    raise BadCell(_("日期应写成 2027-06-30、2027年6月30日或2027年6月"))


def _day(text: str, form: str) -> date | None:
    try:
        day = datetime.strptime(text, form).date()
    except ValueError:  # not of this form; the next is tried
        return None
    return day if day.year in YEARS else None


def yes_or_no(cell: Any) -> bool:
    """Whether the cell says yes."""
    text = folded(cell).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise BadCell(_("请填“是”或“否”"))
