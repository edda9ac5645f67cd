"""知识产权: kinds and numbers of rights, and whether a patent number can be one."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from marketplace.codes import current_codes
from marketplace.listings.cells import BadCell, text_of

PATENTS = ("invention", "utility", "design")
#: The fifth digit of an application number says the kind; 8 and 9 came in by the PCT.
KIND_DIGITS = {"1": "invention", "8": "invention", "2": "utility", "9": "utility", "3": "design"}
APPLICATION = re.compile(r"^(?:ZL|CN)?(\d{4}([12389])\d{7})\.?([\dX])$")
OLD_APPLICATION = re.compile(r"^(?:ZL|CN)?(\d{2}([12389])\d{5})\.?([\dX])$")
PUBLICATION = re.compile(r"^CN\d{7,9}[ABCUSY]\d?$")
SOFTWARE = re.compile(r"^(?:软著登字第?\d{6,8}号?|\d{4}SR\d{6,8})$")
WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9)


def parse_rights(cell: Any) -> list[dict[str, str]]:
    """``[{"kind", "number"}]`` from such a list, or from ``发明专利 ZL201510123456.1；技术秘密``."""
    if isinstance(cell, list) and all(isinstance(row, Mapping) for row in cell):
        written = [f"{row.get('kind', '')} {row.get('number', '')}" for row in cell]
    else:
        written = re.split(r"[；;\n]+", text_of(cell))
    return [_right(text) for text in written if text.strip()]


def write_rights(rights: list[dict[str, str]]) -> str:
    """The text that :func:`parse_rights` reads back."""
    codes = current_codes()
    return "；".join(
        f"{codes.name('ip_kind', row['kind'])} {row['number']}".strip() for row in rights
    )


def check_digit(digits: str) -> str:
    """The check digit of a patent application number (ZC 0006-2003, 5.2): weights 2…9, modulo 11."""
    rest = sum(int(d) * WEIGHTS[i % len(WEIGHTS)] for i, d in enumerate(digits)) % 11
    return "X" if rest == 10 else str(rest)


def _right(text: str) -> dict[str, str]:
    plain = unicodedata.normalize("NFKC", text).strip()
    names = {name: code for code, name in current_codes().lists["ip_kind"].items()}
    names |= {code: code for code in names.values()} | {"专利": ""}
    name = next((n for n in sorted(names, key=len, reverse=True) if plain.startswith(n)), "")
    number = re.sub(r"[\s:：()]|专利号|申请号|登记号|No\.?", "", plain[len(name) :]).upper()
    kind = names.get(name, "") or _kind_of(number)
    if not kind:
        raise BadCell(_("“%(text)s”应写成“发明专利 ZL201510123456.1”这样的类别加号码", text=text))
    return {"kind": kind, "number": _checked_number(kind, number)}


def _kind_of(number: str) -> str:
    match = APPLICATION.match(number) or OLD_APPLICATION.match(number)
    if match:
        return KIND_DIGITS[match[2]]
    if PUBLICATION.match(number):
        return "invention"
    return "software" if SOFTWARE.match(number) else ""


def _checked_number(kind: str, number: str) -> str:
    if not number or kind not in PATENTS or PUBLICATION.match(number):
        return number
    match = APPLICATION.match(number) or OLD_APPLICATION.match(number)
    if match is None:
        raise BadCell(
            _("“%(number)s”不像专利号（应为 ZL 加 12 位数字、小数点和校验位）", number=number)
        )
    if check_digit(match[1]) != match[3]:
        raise BadCell(_("专利号“%(number)s”的校验位不对，请核对", number=number))
    return f"ZL{match[1]}.{match[3]}" if not number.startswith("CN") else number
