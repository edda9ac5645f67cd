"""What is typed becomes facts, or an error that names the field."""

import random
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from marketplace.contracts import forms
from marketplace.contracts.columns import CONTRACT, TABLES
from marketplace.contracts.snapshot import amended, facts_of, fingerprint
from marketplace.rules import Rules
from tests.contracts.factories import TODAY, WAN, a_draft, an_office

TYPED = MultiDict(
    {
        "project_name": "稀土永磁材料研究",
        "type": "委托开发",
        "signed_on": "2026年2月2日",
        "deal_amount": "120万元",
        "technology_amount": "1,000,000.00元",
        "field": "水污染防治",
        "goal": "01",
        "trade": "技术出口",
        "country": "日本",
        "rate": "7.14285714",
        "foreign_amount": "140,000.50",
        "related": "是",
        "related_share": "51.5%",
        "sellers-0-name": "甲单位",
        "sellers-0-region": "包头市昆都仑区",
        "sellers-0-uscc": " 9115 0100ma0000001x ",
        "buyers-0-name": "乙单位",
        "buyers-0-country": "392",
        "buyers-2-name": "",
        "deductions-0-kind": "设备",
        "deductions-0-amount": "20万元",
    }
)


def test_what_is_typed_is_read_in_the_units_that_are_stored(app: Flask) -> None:
    facts, errors = forms.read(forms.values_of(TYPED), Rules.in_force(TODAY))
    assert errors == {}
    assert (facts["type"], facts["field"], facts["goal"]) == ("11", "0702", "01")
    assert (facts["deal_amount"], facts["technology_amount"]) == (120 * WAN, 100 * WAN)
    assert facts["signed_on"] == date(2026, 2, 2) and facts["country"] == "392"
    assert facts["rate"] == Decimal("7.14285714") and facts["foreign_amount"] == 14_000_050
    assert facts["related"] is True and facts["related_share"] == 5_150
    (seller,), (buyer,) = facts["sellers"], facts["buyers"]
    assert (seller["region"], seller["uscc"], seller["share"]) == (
        "150203", "91150100MA0000001X", 10_000,
    )  # fmt: skip
    assert buyer["country"] == "392"
    assert facts["deductions"][0]["kind"] == "equipment"
    assert facts["classified"] is False


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("deal_amount", "120", "单位"),
        ("deal_amount", "-5万元", "写成"),
        ("signed_on", "去年", "日期"),
        ("type", "开发合同", "列表"),
        ("rate", "NaN", "数字"),
        ("rate", "7.123456789", "8位"),
        ("foreign_amount", "1e400", "数字"),
        ("related", "也许", "是"),
        ("related_share", "101%", "100"),
        ("country", "火星", "火星"),
        ("sellers-0-region", "火星市", "火星市"),
        ("sellers-0-share", "三成", "数字"),
        ("deductions-0-quantity", "0", "正整数"),
        ("project_name", "长" * 201, "200"),
        ("visibility", "保密", "公开"),
    ],
)
def test_what_cannot_be_read_names_its_field(app: Flask, field: str, typed: str, says: str) -> None:
    values = forms.values_of(MultiDict(dict(TYPED.items()) | {field: typed}))
    _facts, errors = forms.read(values, Rules.in_force(TODAY))
    (messages,) = errors.values()
    assert list(errors) == [field.replace("-", ".")] and says in messages[0]


def test_no_typed_text_is_a_traceback(app: Flask) -> None:
    rules, dice = Rules.in_force(TODAY), random.Random(5)
    odd = ["", "0", "-1", "１２", "九", "Infinity", "2026-02-30", "万元", "\u200b", "🜀" * 300, "%"]
    names = [c.name for c in CONTRACT]
    names += [f"{t}-0-{c.name}" for t, columns in TABLES.items() for c in columns]
    for _ in range(300):
        form = MultiDict({name: dice.choice(odd) for name in names})
        facts, errors = forms.read(forms.values_of(form), rules)
        assert facts.keys() | errors.keys()


def test_a_table_of_a_thousand_rows_is_refused(app: Flask) -> None:
    form = MultiDict({f"sellers-{n}-name": "某" for n in range(999)})
    _facts, errors = forms.read(forms.values_of(form), Rules.in_force(TODAY))
    assert errors == {"sellers": ["最多100行"]}


def test_what_a_form_shows_is_what_it_reads_back(app: Flask) -> None:
    contract = a_draft(an_office())
    rules = Rules.in_force(TODAY)
    facts, errors = forms.read(forms.shown(contract, rules), rules)
    assert errors == {}
    assert facts_of(amended(contract, facts)) == facts_of(amended(contract, {}))


def test_reading_shows_names_and_both_units(app: Flask) -> None:
    rows = forms.readable(a_draft(an_office()), Rules.in_force(TODAY))
    assert rows["合同成交额"] == "1,000,000.00元（100万元）" and rows["合同类别"] == "委托开发"


def test_a_change_is_tried_on_a_value_and_touches_nothing(app: Flask) -> None:
    contract = a_draft(an_office())
    before = facts_of(contract)
    other = amended(contract, {"deal_amount": 7, "deductions": []})
    assert (other.deal_amount, other.deductions) == (7, [])
    assert facts_of(contract) == before and fingerprint(other) == fingerprint(contract)
