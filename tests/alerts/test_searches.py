"""Searches saved from the list with one button."""

import pytest
from flask.testing import FlaskClient

from marketplace.alerts import operations, queries
from marketplace.alerts.models import SavedSearch
from marketplace.audit import Tag, entries_of
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.listings.queries import Conditions
from marketplace.transactions import transact
from tests.alerts.factories import a_search
from tests.factories import a_result, a_user


def test_the_button_on_the_list_saves_its_conditions_under_their_names(
    client: FlaskClient, log_in
) -> None:
    a_result(field="05", stage="mature")
    user = a_user()
    log_in(user)
    page = client.get("/results?q=锅炉&field=05&stage=mature").text
    assert 'action="/searches/results"' in page
    client.post("/searches/results", data={"q": "锅炉", "field": "05", "stage": ["mature", "x"]})
    (search,) = queries.searches_of(user.id)
    assert (search.kind, search.text) == ("result", "锅炉")
    assert search.chosen == {"field": ["05"], "stage": ["mature"]}
    assert search.name.startswith("锅炉 · ") and "成熟应用阶段" in search.name
    page = client.get("/searches").text
    assert "q=%E9%94%85%E7%82%89" in page and "field=05" in page and "stage=mature" in page


def test_a_visitor_is_led_to_the_login_page(client: FlaskClient) -> None:
    assert "登录后可保存搜索" in client.get("/results?q=锅炉").text


def test_the_same_conditions_are_one_search(client: FlaskClient, log_in) -> None:
    user = a_user()
    log_in(user)
    for data in (
        {"q": "锅炉", "mode": ["joint", "license"]},
        {"q": " 锅炉", "mode": ["license", "joint"]},
    ):
        client.post("/searches/needs", data=data)
    assert len(queries.searches_of(user.id)) == 1


def test_an_ended_search_tells_nothing_and_begins_anew_when_saved_again(
    client: FlaskClient, log_in
) -> None:
    user = a_user()
    search = a_search(user)
    log_in(user)
    client.post(f"/searches/{search.id}/end")
    assert not queries.searches_of(user.id) and "还没有保存的搜索" in client.get("/searches").text
    client.post("/searches/results", data={"q": "锅炉"})
    assert [one.id for one in queries.searches_of(user.id)] == [search.id]
    tags = [entry.tag for entry in entries_of(search.key)]
    assert tags == [Tag.SEARCH_SAVED, Tag.SEARCH_ENDED, Tag.SEARCH_SAVED]


def test_a_search_is_renamed_and_its_name_is_only_text(client: FlaskClient, log_in) -> None:
    user = a_user()
    search = a_search(user)
    log_in(user)
    client.post(f"/searches/{search.id}/rename", data={"name": " <b>我的</b>\r\n锅炉 "})
    assert search.name == "<b>我的</b> 锅炉"
    assert "&lt;b&gt;我的" in client.get("/searches").text
    for name in ("", " \n", "长" * 101):
        answer = client.post(f"/searches/{search.id}/rename", data={"name": name})
        assert answer.status_code == 422 and "1 至 100" in answer.text
    assert search.name == "<b>我的</b> 锅炉"


def test_nobody_collects_searches_without_end(app) -> None:
    user = a_user()
    for number in range(operations.MOST_SEARCHES):
        a_search(user, f"锅炉{number}")
    with pytest.raises(InvalidInput):
        transact(
            lambda: operations.save_search(Conditions("need"), "全部需求", actor=user, now=utcnow())
        )
    assert db.session.query(SavedSearch).count() == operations.MOST_SEARCHES
