"""What the page of an agreement sends."""

from collections.abc import Mapping
from decimal import Decimal

from flask_babel import gettext as _

from marketplace import money
from marketplace.accounts.models import User
from marketplace.accounts.queries import user_called
from marketplace.brokering.agreements.operations import Offer
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import Terms
from marketplace.errors import InvalidInput
from marketplace.listings.cells import folded, text_of
from marketplace.permissions import Role

Errors = dict[str, list[str]]
LONGEST = 2_000
#: So many brokers may share with the introduction's own.
MOST_OTHERS = 3


def offer_of(form: Mapping[str, str]) -> Offer:
    """The version of the form; :class:`InvalidInput` names every field that is wrong."""
    errors: Errors = {}
    rate = percentage("rate", form.get("rate", ""), errors)
    floor, cap = (_sum(name, form.get(name, ""), errors) for name in ("floor", "cap"))
    payer, condition = form.get("payer", ""), form.get("condition", "")
    if payer not in list(Payer):
        errors["payer"] = [_("请选择由谁支付")]
    if condition not in list(Condition):
        errors["condition"] = [_("请选择支付条件")]
    words = text_of(form.get("words", ""))
    if len(words) > LONGEST:
        errors["words"] = [_("不超过%(n)s字", n=LONGEST)]
    others = _others(form, errors)
    if errors:
        raise InvalidInput(errors)
    terms = Terms(rate, floor or 0, cap)
    return Offer(terms, Payer(payer), Condition(condition), others, words)


def percentage(name: str, text: str, errors: Errors) -> int:
    """Basis points of ``3.5`` or ``3.5%``; to two places."""
    try:
        points = Decimal(folded(text).rstrip("%")) * 100
    except ArithmeticError:  # what is no number, and what no number can be
        points = Decimal("NaN")
    if points.is_nan() or points != points.to_integral_value() or not 0 <= points <= 10_000:
        errors[name] = [_("比例应写作 3 或 3.5（百分数，最多两位小数，0 至 100）")]
        return 0
    return int(points)


def _sum(name: str, text: str, errors: Errors) -> int | None:
    try:
        return money.parse_amount(text[:60])
    except money.BadAmount as fault:
        errors[name] = [str(fault)]
        return None


def _others(form: Mapping[str, str], errors: Errors) -> list[tuple[User, int]]:
    """Rows of user name and share; an empty row is none."""
    found: list[tuple[User, int]] = []
    for n in range(1, MOST_OTHERS + 1):
        name = form.get(f"other{n}", "").strip()
        if not name:
            continue
        user = user_called(name)
        if user is None or user.role != Role.BROKER:
            errors["others"] = [_("没有用户名为“%(name)s”的经纪人", name=name[:40])]
            continue
        wrong: Errors = {}
        share = percentage("others", form.get(f"share{n}", ""), wrong)
        errors.update(wrong)
        found.append((user, share))
    return found
