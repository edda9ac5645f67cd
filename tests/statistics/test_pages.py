"""The pages: published tables for everybody, every figure and what is behind it for the authority."""

import json
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import Console
from marketplace.database import utcnow
from marketplace.ledger.entry import Draft, Kind
from marketplace.permissions import Role
from marketplace.statistics.definitions import current_definitions
from marketplace.statistics.operations import publish_month
from marketplace.statistics.publications import published
from marketplace.statistics.respondents import Respondents
from marketplace.transactions import transact
from tests.factories import a_user, reversed_facts
from tests.statistics.factories import a_random_ledger, a_registration, enter


@pytest.fixture
def market(app: Flask) -> Flask:
    """A ledger whose year 2024 was published."""
    a_random_ledger(3, 80)
    known = Respondents()
    transact(lambda: publish_month("2024-12", respondents=known, actor=Console(), now=utcnow()))
    return app


def test_a_visitor_reads_every_published_table_and_no_other(
    market: Flask, client: FlaskClient
) -> None:
    assert "T17" in client.get("/statistics").text
    for key in current_definitions().tables:
        page = client.get(f"/statistics/{key}")
        assert page.status_code == 200 and "树根" in page.text and "同比" in page.text
    assert client.get("/statistics/T1?period=2023").status_code == 404
    assert "as_of" not in client.get("/statistics/T1").text


def test_a_visitor_cannot_choose_another_moment(market: Flask, client: FlaskClient) -> None:
    """Two moments one entry apart would give that entry away."""
    chosen = client.get("/statistics/T1?year=2023&as_of=5&format=json").get_json()
    assert chosen["public"] and chosen["as_of"]["size"] == published("T1", "2024-12").size
    assert client.get("/statistics/T1/entries").status_code == 302


def test_what_is_downloaded_is_what_was_published(market: Flask, client: FlaskClient) -> None:
    file = client.get("/statistics/T2?period=2024&format=json")
    assert file.data == published("T2", "2024").content
    assert client.get("/statistics/T2?period=2024&format=csv").data.startswith(b"\xef\xbb\xbf")
    assert client.get("/statistics/T2?period=2024&format=xlsx").data.startswith(b"PK")
    assert client.get("/statistics/T2?period=2024&format=doc").status_code == 404


def test_before_anything_is_published_the_page_says_so(app: Flask, client: FlaskClient) -> None:
    assert "还没有发布过" in client.get("/statistics").text
    assert "还没有发布过" in client.get("/statistics/T1").text
    assert client.get("/statistics/T99").status_code == 404


def test_the_operator_chooses_period_scope_place_and_moment(
    market: Flask, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    page = client.get("/statistics/T1?year=2024&span=H1&basis=output&region=150200&as_of=40").text
    assert "2024年上半年" in page and "包头市" in page and "前 40 条" in page
    assert "不得对外提供" in page and "口径：输出" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("year=二〇二四", "年份应为四位数字"),
        ("as_of=x", "截止点应写作"),
        ("span=Q9", "统计期应写作"),
        ("basis=odd", "口径只能是"),
        ("region=1", "请选择盟市"),
    ],
)
def test_a_wrong_choice_is_explained_beside_the_choices(
    market: Flask, client: FlaskClient, log_in, words: str, said: str
) -> None:
    log_in(a_user(Role.OPERATOR))
    page = client.get(f"/statistics/T1?{words}")
    assert page.status_code == 422 and said in page.text and 'id="as_of"' in page.text


def test_every_chart_has_a_table_with_its_numbers_beside_it(
    market: Flask, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    page = client.get("/statistics/T2?year=2024").text
    chart = json.loads(unescape(re.search(r'data-chart="([^"]+)"', page)[1]))
    assert chart["measure"] == "成交额"
    for name, value in zip(chart["names"], chart["series"][0]["values"], strict=True):
        assert name in page and f"{value:,.2f}" in page
    assert "<script>" not in page and "style=" not in page.split("<main")[1].replace(
        "data-chart", ""
    )


def test_a_figure_opens_the_entries_behind_it(market: Flask, client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.OPERATOR))
    page = client.get("/statistics/T1?year=2024").text
    made = client.get("/statistics/T1?year=2024&format=json").get_json()
    link = unescape(re.search(r'href="(/statistics/T1/entries[^"]*cell=10[^"]*)"', page)[1])
    listed = client.get(link).text
    assert re.search(r'href="/ledger/\d+"', listed) and 'href="/contracts/' in listed
    signs = [int(n) for n in re.findall(r'<td class="text-end">(-?\d+)</td>', listed)]
    row = next(r for r in made["parts"][0]["rows"] if r["cell"] == ["10"])
    assert sum(signs) == row["now"][0]


def test_the_entries_of_a_figure_that_is_not_there_are_none(
    market: Flask, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    assert "没有条目" in client.get("/statistics/T1/entries?cell=nothing&page=99").text
    assert client.get("/statistics/T1/entries?part=7").status_code == 404


def test_a_revision_shows_beside_the_published_table(
    app: Flask, client: FlaskClient, log_in
) -> None:
    drafts = [a_registration(n, "2024-05-10") for n in range(1, 6)]
    enter(*drafts)
    transact(
        lambda: publish_month("2024-05", respondents=Respondents(), actor=Console(), now=utcnow())
    )
    assert "发布后的更正" not in client.get("/statistics/T1?period=2024-05").text
    taken_back = reversed_facts(dict(drafts[0].facts), 0) | {"date": "2024-07-02"}
    enter(Draft(Kind.CANCELLED, drafts[0].subject, taken_back, 1, "RV-2001"))
    page = client.get("/statistics/T1?period=2024-05").text
    assert "发布后的更正" in page and "2024-07" in page and "-1.00" not in page
    log_in(a_user(Role.OPERATOR))
    assert "-1.00" in client.get("/statistics/T1?period=2024-05").text


def test_the_operator_publishes_from_the_page(app: Flask, client: FlaskClient, log_in) -> None:
    enter(*(a_registration(n, "2024-05-10") for n in range(1, 6)))
    log_in(a_user(Role.OPERATOR))
    answer = client.post("/statistics/publish", data={"month": "2024-05"}, follow_redirects=True)
    assert "已发布 34 张表" in answer.text
    answer = client.post("/statistics/publish", data={"month": "x"}, follow_redirects=True)
    assert "月份应写作" in answer.text


def test_the_overview_sets_the_target_beside_the_figures(
    market: Flask, client: FlaskClient
) -> None:
    page = client.get("/statistics").text
    assert "2025年达到100亿元以上" in page and "高质量发展科技赋能实施方案" in page
    assert "口径：登记" in page and "2024年" in page


def test_days_and_refusals_are_said_not_to_be_of_the_ledger(
    market: Flask, client: FlaskClient, log_in
) -> None:
    assert "不能由台账得出" in client.get("/statistics/T14").text
