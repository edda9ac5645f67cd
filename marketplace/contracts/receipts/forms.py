"""How a receipt, and the sum that is verified of it, are read from their forms."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from marketplace import money
from marketplace.contracts.income import Receipt
from marketplace.listings.cells import BadCell, day_of


def amount_of(name: str, form: Mapping[str, str]) -> tuple[int | None, dict[str, list[str]]]:
    """``(fen, errors)`` of one sum of a form, with its unit."""
    try:
        return money.parse_amount(form.get(name, "")[:60]), {}
    except money.BadAmount as fault:
        return None, {name: [str(fault)]}


def receipt_of(form: Mapping[str, str]) -> tuple[Receipt | None, dict[str, list[str]]]:
    """The receipt that was declared, or what is wrong with it by field."""
    errors: dict[str, list[str]] = {}
    received, wrong = amount_of("received", form)
    other, also_wrong = amount_of("non_technical", form)
    errors |= wrong | also_wrong
    received_on = None
    try:
        received_on = day_of(form.get("received_on", ""))
    except BadCell as fault:
        errors["received_on"] = [str(fault)]
    rewards = _rewards(form.get("rewards", ""), errors)
    if received_on is None:
        errors.setdefault("received_on", [_("请填写到账日期")])
    if errors or received_on is None:
        return None, errors
    voucher, settlement = form.get("voucher", ""), form.get("settlement", "")
    return Receipt(received_on, voucher, received or 0, other or 0, settlement, rewards), {}


def _rewards(text: str, errors: dict[str, list[str]]) -> list[dict[str, Any]]:
    """One person a line: the name, a blank, the sum with its unit."""
    rows = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        name, _blank, amount = line.rpartition(" ")
        try:
            fen = money.parse_amount(amount)
        except money.BadAmount:
            fen = None
        if not name or fen is None:
            errors["rewards"] = [_("奖酬金第%(n)d行应写成“姓名 金额”，如：张某 3000元", n=number)]
        else:
            rows.append({"name": name.strip()[:60], "amount": fen})
    return rows
