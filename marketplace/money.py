"""Money is integer fen; people write and read 元, 万元 and 亿元."""

import re
import unicodedata
from decimal import Decimal

import cn2an
from flask_babel import gettext as _

FEN = {"亿元": 10_000_000_000, "亿": 10_000_000_000, "万元": 1_000_000, "万": 1_000_000, "元": 100}
AMOUNT = r"(\d[\d,]{0,20}(?:\.\d{1,6})?)\s*(亿元|亿|万元|万|元)?"
RANGE = re.compile(rf"^{AMOUNT}(?:\s*[-~—–至到]{{1,3}}\s*{AMOUNT})?(以内|以下|以上|左右)?$")
#: Written before an amount and changing nothing, or (不超过) saying what 以内 says after it.
PREFIXES = re.compile(r"^(?:约|大约|人民币|RMB|[¥￥]|预算|总投资)+\s*")
AT_MOST = re.compile(r"^(?:不超过|不高于|最高|≤|<=|<)\s*(.+)$")
AT_LEAST = re.compile(r"^(?:不低于|不少于|最低|≥|>=|>)\s*(.+)$")
SAYS_NOTHING = ("无", "暂无", "待定", "不限", "-", "/", "—", "未定", "另议")
NEGOTIABLE = ("面议", "面谈", "协商", "negotiable")
LARGEST = 10**16


class BadAmount(ValueError):
    """Raised by :func:`parse_range` for text that is no amount, range or 面议."""


def parse_range(text: str) -> tuple[int | None, int | None, bool]:
    """``(least, most, negotiable)`` in fen from ``50-80万元``, ``120万元以内``, ``面议`` or nothing.

    A bare number is refused: whether 元 or 万元 was meant is the classic ten-thousandfold error.
    """
    folded = unicodedata.normalize("NFKC", text).strip().replace("，", ",")
    folded = PREFIXES.sub("", folded)
    if not folded or folded in SAYS_NOTHING:
        return None, None, False
    if any(word in folded for word in NEGOTIABLE):
        return None, None, True
    folded = AT_LEAST.sub(r"\1以上", AT_MOST.sub(r"\1以内", folded))
    match = RANGE.match(folded)
    if match is None or not (match[2] or match[4]):
        raise BadAmount(_("金额应写成“50-80万元”“120万元”或“面议”，并写明单位"))
    return _bounds(match)


def _bounds(match: re.Match[str]) -> tuple[int | None, int | None, bool]:
    least = _fen(match[1], match[2] or match[4])
    most = _fen(match[3], match[4] or match[2]) if match[3] else least
    if least > most:
        raise BadAmount(_("金额的下限不能高于上限"))
    bound = match[5] or ""
    return (None if bound in ("以内", "以下") else least, None if bound == "以上" else most, False)


def _fen(digits: str, unit: str) -> int:
    amount = Decimal(digits.replace(",", "")) * FEN[unit]
    if amount != int(amount) or amount > LARGEST:
        raise BadAmount(_("金额最小到分，且不得超过一百万亿元"))
    return int(amount)


def format_fen(fen: int) -> str:
    """``1200000000`` → ``1,200万元``; below 万元 in 元, without trailing zeros."""
    unit, size = ("万元", 1_000_000) if fen >= 1_000_000 else ("元", 100)
    return f"{Decimal(fen) / size:,.6f}".rstrip("0").rstrip(".") + unit


def format_range(least: int | None, most: int | None, negotiable: bool) -> str:
    """The range as :func:`parse_range` reads it back; empty where nothing is known."""
    if negotiable:
        return "面议"
    if least is None and most is None:
        return ""
    if least is None:
        return format_fen(most or 0) + "以内"
    if most is None:
        return format_fen(least) + "以上"
    low, high = format_fen(least), format_fen(most)
    if low == high:
        return low
    unit = re.sub(r"[\d,.]", "", high)
    return (
        f"{low.removesuffix(unit)}-{high}"
        if re.sub(r"[\d,.]", "", low) == unit
        else f"{low}-{high}"
    )


def parse_amount(text: str) -> int | None:
    """One exact sum in fen from ``1,200,000.00元`` or ``120万元``; ``None`` for nothing.

    The unit must be written, for the same reason as in :func:`parse_range`.
    """
    folded = unicodedata.normalize("NFKC", text).strip().replace("，", ",")
    folded = re.sub(r"^(?:人民币|RMB|[¥￥])+\s*", "", folded)
    if not folded:
        return None
    match = re.fullmatch(AMOUNT, folded)
    if match is None or not match[2]:
        raise BadAmount(_("金额应写成“1200000元”或“120万元”，并写明单位"))
    return _fen(match[1], match[2])


def format_yuan(fen: int) -> str:
    """``120000005`` → ``1,200,000.05元``: every fen, in the unit of the regulation."""
    return f"{Decimal(fen) / 100:,.2f}元"


def format_both(fen: int) -> str:
    """The sum in 元 and in 万元 beside each other, so that a slip of unit is seen."""
    wan = f"{Decimal(fen) / 1_000_000:,.6f}".rstrip("0").rstrip(".")
    return f"{format_yuan(fen)}（{wan}万元）"


def in_capitals(fen: int) -> str:
    """大写 as on a cheque: ``120000005`` → ``壹佰贰拾万元零伍分``."""
    return cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb")


#: Ways of writing one figure: numerals of every day, 圆 for 元, a 壹 before 拾 or none.
PLAIN_NUMERALS = str.maketrans(
    "一二三四五六七八九〇圆貳叁陸萬億两", "壹贰叁肆伍陆柒捌玖零元贰叁陆万亿贰"
)
CAPITALS = str.maketrans("十百千", "拾佰仟")


def agrees_with_capitals(fen: int, words: str) -> bool:
    """Whether ``words``, a sum in 大写, say ``fen``; zeros and 整 between the units say nothing."""
    return _bare_capitals(words) == _bare_capitals(in_capitals(fen))


def _bare_capitals(words: str) -> str:
    plain = re.sub(r"\s|人民币|[(（)）:：]|大写", "", unicodedata.normalize("NFKC", words))
    plain = plain.translate(PLAIN_NUMERALS).translate(CAPITALS)
    return plain.replace("壹拾", "拾").replace("零", "").replace("整", "").replace("正", "")
