"""What the pages of a contract send, and what they show again.

Fields of a table are named ``sellers-0-name``; a row whose cells are all empty is left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from marketplace.codes import current_codes
from marketplace.contracts.columns import (
    CONTRACT,
    TABLES,
    Column,
    Facts,
    Kind,
    read_row,
    written,
)
from marketplace.contracts.countries import countries
from marketplace.contracts.models import Contract
from marketplace.money import format_both
from marketplace.rules import Rules

Errors = dict[str, list[str]]
#: The form in steps: its place on the page, its heading, its fields and its tables.
STEPS: tuple[tuple[str, Any, tuple[str, ...], tuple[str, ...]], ...] = (
    ("step-what", _l("1 合同"), ("project_name", "type", "content", "signed_on", "begins_on", "ends_on", "term_text"), ()),
    ("step-parties", _l("2 当事人"), ("related", "relation", "related_share"), ("sellers", "buyers", "brokers")),
    ("step-money", _l("3 金额"), ("deal_amount", "deal_words", "technology_amount", "payment", "estimated", "tax_relief", "mixed", "new_investment", "new_output"), ("deductions",)),
    ("step-class", _l("4 分类"), ("plan", "plan_number", "field", "goal", "industry", "licence", "licence_territory", "licence_use", "licence_until", "parent_number"), ("rights",)),
    ("step-abroad", _l("5 涉外与其他"), ("trade", "country", "currency", "foreign_amount", "rate", "rate_on", "trade_number", "foreign_language", "department_signed", "government_project", "needs_approval", "classified", "visibility"), ()),
)  # fmt: skip
TABLE_NAMES = {
    "sellers": _l("卖方"),
    "buyers": _l("买方"),
    "brokers": _l("中介方"),
    "deductions": _l("扣除项目"),
    "rights": _l("知识产权"),
}
#: What is named beside the fields of the form: the case, a move, a receipt.
BESIDE = {
    "attachments": _l("附件"),
    "point_code": _l("登记点"),
    "parties": _l("当事人"),
    "reason": _l("原因"),
    "received_on": _l("到账日期"),
    "voucher": _l("发票或凭证号"),
    "received": _l("到账金额"),
    "non_technical": _l("非技术性部分"),
    "verified": _l("核定额"),
    "rewards": _l("奖酬金"),
    "settlement": _l("提成结算证明"),
}
BY_NAME = {column.name: column for column in CONTRACT}
#: What lights speak of beside the fields themselves.
PLACES = ("point_code", "parties", "attachments", *TABLES)
CELL = re.compile(r"(?P<table>[a-z]+)-(?P<place>\d{1,3})-(?P<name>[a-z_]+)", re.ASCII)
MOST_ROWS = 100


def values_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, field by field and row by row, ready to be checked and shown again."""
    values: dict[str, Any] = {c.name: form[c.name] for c in CONTRACT if c.name in form}
    for column in CONTRACT:  # a box that is not ticked is not sent
        if column.kind == Kind.FLAG:
            values.setdefault(column.name, "")
    for table in TABLES:
        values[table] = _rows_of(form, table)
    return values


def _rows_of(form: MultiDict[str, str], table: str) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for key, value in form.items():
        match = CELL.fullmatch(key)
        if match and match["table"] == table:
            rows.setdefault(int(match["place"]), {})[match["name"]] = value
    return [row for _place, row in sorted(rows.items()) if any(map(str.strip, row.values()))]


def read(values: Mapping[str, Any], rules: Rules) -> tuple[Facts, Errors]:
    """``(facts, errors)``: facts as operations take them; errors by ``field`` or ``sellers.0.name``.

    The shape alone is judged here; whether a contract may be registered is judged by ``checks``.
    """
    facts, errors = read_row(CONTRACT, values, rules)
    for table, columns in TABLES.items():
        if table not in values:
            continue
        rows = values[table]
        if len(rows) > MOST_ROWS:
            errors[table] = [_("最多%(most)d行", most=MOST_ROWS)]
            continue
        facts[table] = []
        for place, row in enumerate(rows):
            cells = {column.name: row.get(column.name, "") for column in columns}
            found, wrong = read_row(columns, cells, rules, path=f"{table}.{place}.")
            facts[table].append(found)
            errors |= wrong
    _settle_single_shares(facts)
    _hold_back_impossible(facts, errors)
    return facts, errors


def _hold_back_impossible(facts: Facts, errors: Errors) -> None:
    """A draft too keeps 技术交易额 within 成交额; what breaks that is named, not stored."""
    deal, technology = facts.get("deal_amount"), facts.get("technology_amount")
    if technology is not None and deal is not None and technology > deal:
        heading = BY_NAME["technology_amount"].heading
        text = _("%(heading)s：不能高于合同成交额（两项金额改好后一并保存）", heading=heading)
        errors["technology_amount"] = [text]
    if {"deal_amount", "technology_amount"} & set(errors):
        facts.pop("deal_amount", None)
        facts.pop("technology_amount", None)


def _settle_single_shares(facts: Facts) -> None:
    """Whoever stands alone on a side has all of it, whatever was left over in the box."""
    for side in ("sellers", "buyers"):
        if len(facts.get(side, ())) == 1:
            facts[side][0]["share"] = 10_000


def shown(contract: Contract, rules: Rules) -> dict[str, Any]:
    """The values of a stored contract as :func:`values_of` would give them; codes as codes."""
    values: dict[str, Any] = {c.name: _cell(c, contract, rules) for c in CONTRACT}
    for table, columns in TABLES.items():
        values[table] = [
            {column.name: _cell(column, row, rules) for column in columns}
            for row in getattr(contract, table)
        ]
    return values


def _cell(column: Any, row: Any, rules: Rules) -> str:
    value = getattr(row, column.name)
    if column.kind in (Kind.CODE, Kind.COUNTRY, Kind.REGION, Kind.VISIBILITY):
        return str(value or "")
    return written(column, value, rules)


def readable(contract: Contract, rules: Rules) -> dict[str, str]:
    """Heading → value of the contract's own fields for reading: names for codes, both units."""
    rows = {}
    for column in CONTRACT:
        value = getattr(contract, column.name)
        is_money = column.kind == Kind.MONEY and value is not None
        rows[column.heading] = format_both(value) if is_money else written(column, value, rules)
    return rows


def heading_of(path: str) -> str:
    """``卖方1 名称`` of ``sellers.0.name``; the path itself where it names no field."""
    table, _dot, rest = path.partition(".")
    if not rest:
        names = {path: str(heading) for path, heading in BESIDE.items()}
        known = {name: column.heading for name, column in BY_NAME.items()}
        return str((names | known | TABLE_NAMES).get(path, path))
    place, _dot, name = rest.partition(".")
    if table == "tests":
        return _("认定条件%(code)s", code=rest)
    if table not in TABLES or not place.isdecimal():
        return path
    headings = {column.name: column.heading for column in TABLES[table]}
    return f"{TABLE_NAMES[table]}{int(place) + 1} {headings.get(name, name)}"


def cells_of(contract: Contract) -> Iterator[tuple[str, Column, Any]]:
    """Path, column and stored value of every cell of the form, for what is shown beside each."""
    for column in CONTRACT:
        yield column.name, column, getattr(contract, column.name)
    for table, columns in TABLES.items():
        for place, row in enumerate(getattr(contract, table)):
            for column in columns:
                yield f"{table}.{place}.{column.name}", column, getattr(row, column.name)


def sums_of(contract: Contract) -> dict[str, int]:
    """Path → fen of every sum that is stored, to be shown in both units beside its field."""
    return {
        path: value
        for path, column, value in cells_of(contract)
        if column.kind == Kind.MONEY and value is not None
    }


def spoken(kind: str, value: str) -> str:
    """A region or a country by its name, so that the box holds what a person would write."""
    if kind == Kind.REGION:
        return current_codes().full_region(value) if value in current_codes().regions else value
    return countries().get(value, value) if kind == Kind.COUNTRY else value
