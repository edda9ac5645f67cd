"""What real files and forms hold, and what becomes of it."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.listings.columns import COLUMNS, checked
from marketplace.listings.rights import check_digit

TEXT = {"title": "锅炉结垢怎么治", "description": "每年停炉清洗四次。"}


def facts_of(kind: str, **cells: Any) -> dict[str, Any]:
    facts, errors = checked(kind, TEXT | cells)
    assert not errors
    return facts


def errors_of(kind: str, **cells: Any) -> dict[str, list[str]]:
    return checked(kind, TEXT | cells)[1]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2027-06-30", date(2027, 6, 30)),
        ("2027/6/5", date(2027, 6, 5)),
        ("2027.6.5", date(2027, 6, 5)),
        ("２０２７年６月５日", date(2027, 6, 5)),
        ("2027年6月30日前", date(2027, 6, 30)),
        ("2027年2月", date(2027, 2, 28)),
        ("2027年底", date(2027, 12, 31)),
        ("", None),
    ],
)
def test_a_deadline_is_read_in_the_ways_people_write_it(
    app: Flask, written: str, day: date
) -> None:
    assert facts_of("need", deadline=written)["deadline"] == day


def test_a_day_that_does_not_exist_is_refused_by_name(app: Flask) -> None:
    assert "2027-06-30" in errors_of("need", deadline="2027-02-30")["deadline"][0]


def test_words_beside_a_deadline_or_an_amount_are_kept_with_the_text(app: Flask) -> None:
    facts = facts_of("need", deadline="尽快")
    assert facts["deadline"] is None and facts["description"].endswith("需求时限：尽快")
    facts = facts_of("result", price="35万元/台")
    assert facts["amount_most"] == 35_000_000
    assert facts["description"].endswith("意向价格：35万元/台")


def test_codes_may_be_given_by_name_or_by_code(app: Flask) -> None:
    assert facts_of("need", field="新材料及其应用")["field"] == "05"
    assert facts_of("need", field="05")["field"] == "05"
    assert facts_of("result", trl="TRL7")["trl"] == facts_of("result", trl="7 环境级")["trl"] == 7
    assert facts_of("need", modes="技术转让、合作开发")["modes"] == ["joint", "transfer"]


@pytest.mark.parametrize(
    "region", ["包头市昆都仑区", "150203", "内蒙古自治区包头市昆都仑区", "昆都仑区"]
)
def test_a_region_is_found_by_its_names_and_code(app: Flask, region: str) -> None:
    assert facts_of("need", region=region)["region"] == "150203"


def test_an_unknown_name_of_a_list_is_answered_with_the_names_there_are(app: Flask) -> None:
    assert "新材料及其应用" in errors_of("need", field="材料学")["field"][0]


def test_every_bad_cell_of_a_row_is_named_and_the_good_ones_are_kept(app: Flask) -> None:
    facts, errors = checked("need", TEXT | {"field": "?", "budget": "50", "region": "包头市"})
    assert set(errors) == {"field", "budget"}
    assert facts["region"] == "150200" and facts["title"] == TEXT["title"]


def test_a_text_without_a_title_is_called_by_its_first_sentence(app: Flask) -> None:
    facts, errors = checked("need", {"title": "", "description": "皮带老跑偏。换了三家都不行。"})
    assert not errors and facts["title"] == "皮带老跑偏"


def test_a_row_without_any_text_is_refused(app: Flask) -> None:
    assert checked("need", {"title": " ", "description": ""})[1].keys() == {"title"}


def test_a_patent_number_must_have_the_right_check_digit(app: Flask) -> None:
    good = f"ZL201510123456.{check_digit('201510123456')}"
    right = {"kind": "invention", "number": good}
    assert facts_of("result", ip=f"发明专利 {good}；技术秘密")["ip"] == [
        right,
        {"kind": "secret", "number": ""},
    ]
    assert facts_of("result", ip=good.replace("ZL", "ｚｌ "))["ip"] == [right]
    wrong = good[:-1] + ("1" if good[-1] != "1" else "2")
    assert "校验位" in errors_of("result", ip=f"发明专利{wrong}")["ip"][0]
    assert "专利号" in errors_of("result", ip="发明专利 ZL2015")["ip"][0]


def test_indicators_may_be_a_table_or_lines(app: Flask) -> None:
    rows = [{"name": "纯度", "unit": "%", "now": "95", "wanted": "≥99.9"}]
    assert facts_of("need", indicators=rows)["indicators"] == rows
    assert facts_of("need", indicators="纯度 | % | 95 | ≥99.9")["indicators"] == rows


def test_a_text_beyond_its_limit_is_refused_and_not_cut(app: Flask) -> None:
    assert "300" in errors_of("need", title="长" * 301)["title"][0]


cells = st.one_of(
    st.text(max_size=60), st.floats(), st.integers(), st.none(), st.booleans(), st.dates(),
    st.lists(st.text(max_size=8), max_size=3),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_whatever_a_cell_holds_it_is_read_or_refused_and_never_breaks(
    app: Flask, data: Any
) -> None:
    kind = data.draw(st.sampled_from(["need", "result"]))
    row = {column.name: data.draw(cells) for column in COLUMNS[kind]}
    facts, errors = checked(kind, row)
    assert errors or facts["title"]
    assert all(messages and all(messages) for messages in errors.values())
