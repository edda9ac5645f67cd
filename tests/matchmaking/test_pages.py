"""What a visitor gets from the public pages, with and without HTMX."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.database import utcnow
from marketplace.extensions import db
from marketplace.listings import operations
from marketplace.listings.models import Need, Result
from marketplace.matchmaking.indexing import current_library
from tests.factories import PASSWORD, a_need, a_result, a_user, an_organization


@pytest.fixture
def library(app: Flask) -> None:
    """Three results and a need, indexed."""
    a_need()
    a_result(field="05", region="150203", modes=["joint"], stage="mature")
    a_result(
        title="羊绒分梳低损伤工艺", description="减少羊绒纤维的断裂。", field="03", stage="early"
    )
    a_result(
        title="奶牛乳房炎试纸", description="十分钟检出隐性乳房炎。", field="04", anonymous=True
    )
    current_library().reconcile()


def _cards(page: str) -> str:
    return page[page.index('class="cards"') :]


def test_the_health_check_counts_both_libraries(client: FlaskClient, library: None) -> None:
    assert client.get("/healthz").json == {"status": "ok", "needs": 1, "results": 3}


def test_a_search_finds_words_inside_texts_and_marks_them(
    client: FlaskClient, library: None
) -> None:
    page = client.get("/results?q=羊绒").text
    assert "共 1 条" in page and "<mark>羊绒</mark>" in page


def test_a_search_without_an_answer_says_what_to_do(client: FlaskClient, library: None) -> None:
    assert "换一个说法" in client.get("/results?q=区块链").text


def test_a_facet_counts_what_choosing_it_would_show(client: FlaskClient, library: None) -> None:
    page = client.get("/results?stage=early").text
    assert "共 1 条" in page and "羊绒" in page
    assert "成熟应用阶段 <span" in page, "another stage can still be chosen"


def test_what_the_texts_speak_of_narrows_a_list_beside_other_facets(
    app: Flask, client: FlaskClient
) -> None:
    a_need(title="水锈堵了换热器", description="炉水水锈太多。", field="05")
    a_need(title="锅炉结水垢", description="碳酸钙沉积物怎么除？", field="03")
    a_need(title="奶牛乳房炎", description="早点查出来。", field="04")
    current_library().reconcile()
    page = client.get("/needs").text
    assert "相关技术" in page
    assert re.search(r"concept=[^>]*>\s*碳酸钙垢 <span class=\"count\">2<", page)
    narrowed = client.get("/needs?concept=碳酸钙垢").text
    assert "共 2 条" in narrowed and "乳房炎" not in _cards(narrowed)
    assert "去掉" in narrowed, "the condition can be taken away again"
    assert "共 1 条" in client.get("/needs?concept=碳酸钙垢&field=03").text
    assert "共 2 条" in client.get("/needs?concept=水锈").text, "any name of it will do"
    assert "共 1 条" in client.get("/needs?concept=碳酸钙垢&q=锅炉").text
    exported = client.get("/needs/export?format=csv&concept=碳酸钙垢").get_data(as_text=True)
    assert "水锈" in exported and "乳房炎" not in exported


def test_a_text_that_changes_speaks_of_other_things(app: Flask, client: FlaskClient) -> None:
    need = a_need(title="锅炉结水垢", description="碳酸钙沉积物怎么除？")
    current_library().reconcile()
    operations.replace_facts(need, {"title": "奶牛乳房炎", "description": "查"}, now=utcnow())
    db.session.commit()
    current_library().look_again([need.key])
    assert "碳酸钙垢" not in client.get("/needs").text


def test_values_that_no_list_knows_are_ignored(client: FlaskClient, library: None) -> None:
    odd = "/results?field=99&page=-4&order=nonsense&stage=x&concept=无此技术"
    assert "共 3 条" in client.get(odd).text


def test_htmx_is_given_the_list_alone_and_caches_are_told(
    client: FlaskClient, library: None
) -> None:
    whole, part = client.get("/results"), client.get("/results", headers={"HX-Request": "true"})
    assert "<html" in whole.text and "<html" not in part.text
    assert "HX-Request" in part.headers["Vary"]


def test_an_anonymous_owner_is_shown_nowhere(app: Flask, client: FlaskClient) -> None:
    secret = a_need(an_organization(name="不愿具名的厂"), anonymous=True)
    current_library().reconcile()
    for path in ("/", "/needs", f"/needs/{secret.id}", "/needs/export?format=csv"):
        assert "不愿具名" not in client.get(path).get_data(as_text=True)


def test_a_page_shows_why_a_result_is_recommended(client: FlaskClient, library: None) -> None:
    page = client.get("/needs/1").text
    assert "循环水锅炉长效阻垢缓蚀剂" in page.replace("<mark>", "").replace("</mark>", "")
    assert "词语相合" in page and "为什么推荐" in page


def test_matches_can_be_filtered(client: FlaskClient, library: None) -> None:
    assert 'href="/results/1"' in client.get("/needs/1?stage=mature").text
    assert "暂无合适" in client.get("/needs/1?stage=early").text


def test_a_pasted_text_is_matched_against_both_libraries(
    client: FlaskClient, library: None
) -> None:
    page = client.post("/match", data={"text": "锅炉结垢，想少停炉清洗"}).text
    assert 'href="/results/1"' in page and 'href="/needs/1"' in page


def test_text_in_a_listing_is_never_markup(app: Flask, client: FlaskClient) -> None:
    need = a_need(title="<script>alert(1)</script>锅炉", description="<b>结垢</b>")
    current_library().reconcile()
    for path in (f"/needs/{need.id}", "/needs?q=锅炉", "/"):
        page = client.get(path).text
        assert "<script>alert" not in page and "<b>" not in page


def test_an_unknown_format_is_refused_in_words(client: FlaskClient, library: None) -> None:
    answer = client.get("/results/export?format=exe")
    assert answer.status_code == 422 and "xlsx" in answer.text


def test_pages_speak_english_when_asked(client: FlaskClient, library: None) -> None:
    client.get("/language/en")
    page = client.get("/").text
    assert '<html lang="en"' in page and ">Results</a>" in page


def test_what_is_shown_and_all_of_it_are_two_exports(client: FlaskClient, library: None) -> None:
    page = client.get("/results?stage=early").text
    shown = client.get("/results/export?format=jsonl&stage=early").text
    everything = client.get("/results/export?format=jsonl").text
    assert "导出当前结果" in page and "导出全部" in page
    assert (len(shown.splitlines()), len(everything.splitlines())) == (1, 3)


NEEDED = (
    "循环流化床锅炉出口粉尘38mg/m³，滤袋破得快。要求：①出口粉尘降到10mg/m³以下；"
    "②滤袋寿命3年以上；③清灰时不停炉。"
)
OFFERED = (
    "锅炉烟气除尘用覆膜滤袋与袋式除尘器，工作温度240℃，处理风量120000m³/h。"
    "出口粉尘浓度6mg/m³，滤袋寿命2年，在线清灰不停炉。"
)


@pytest.fixture
def dusty(app: Flask) -> tuple[Need, Result]:
    """A need with three points and two wanted numbers, and a result that meets one of them."""
    need = a_need(title="锅炉除尘滤袋破损", description=NEEDED)
    result = a_result(title="锅炉烟气袋式除尘器", description=OFFERED)
    current_library().reconcile()
    return need, result


def matches_on(client: FlaskClient, library: str, listing: Need | Result) -> str:
    page = client.get(f"/{library}/{listing.id}").text
    return page[page.index('id="matches-list"') :]


@pytest.mark.parametrize(("library", "place"), [("needs", 0), ("results", 1)])
def test_the_numbers_of_both_sides_stand_in_a_table_in_words(
    client: FlaskClient, dusty: tuple[Need, Result], library: str, place: int
) -> None:
    part = matches_on(client, library, dusty[place])
    assert "指标对照" in part
    for words in ("10mg/m³以下", "6mg/m³", "3年以上", "2年", "满足", "未满足"):
        assert words in part


@pytest.mark.parametrize(("library", "place"), [("needs", 0), ("results", 1)])
def test_the_points_of_the_need_that_are_answered_are_named(
    client: FlaskClient, dusty: tuple[Need, Result], library: str, place: int
) -> None:
    part = matches_on(client, library, dusty[place])
    assert "点（共3点）" in part and "对应需求第1" in part


def test_only_who_may_change_a_text_is_told_what_to_add(
    client: FlaskClient, dusty: tuple[Need, Result]
) -> None:
    need, _ = dusty
    assert "文中没有写明" not in matches_on(client, "needs", need)
    owner = a_user(organization=need.organization)
    client.post("/login", data={"username": owner.username, "password": PASSWORD})
    assert "文中没有写明：" in matches_on(client, "needs", need)


def test_a_pasted_text_is_told_what_to_add(client: FlaskClient, dusty: tuple[Need, Result]) -> None:
    page = client.post("/match", data={"text": NEEDED}).text
    assert "指标对照" in page and "文中没有写明：" in page
