"""Every address for every role: who is let in, who is sent to the login page, who is refused."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.listings.lifecycle import State
from marketplace.permissions import Role
from tests.factories import PASSWORD, a_head, a_need, a_result, a_user, an_entry

V, E, I, B, C, R, O, A, X, T = Role  # noqa: E741 - one letter a role keeps the table a table
ALL, SIGNED_IN, POSTERS = set(Role), set(Role) - {V}, {E, I}

#: address → (method, roles that are let in); {own} is a draft of the asker's own organisation
TABLE: dict[str, tuple[str, set[Role]]] = {
    "/": ("GET", ALL),
    "/healthz": ("GET", ALL),
    "/search?q=x": ("GET", ALL),
    "/match": ("GET", ALL),
    "/match ": ("POST", ALL),
    "/needs": ("GET", ALL),
    "/results?q=锅炉&field=05&order=newest&page=2": ("GET", ALL),
    "/needs/{public_need}": ("GET", ALL),
    "/results/{public_result}": ("GET", ALL),
    "/needs/export?format=csv": ("GET", ALL),
    "/results/template": ("GET", ALL),
    "/ledger": ("GET", ALL),
    "/ledger/head.json": ("GET", ALL),
    "/ledger/checkpoint": ("GET", ALL),
    "/ledger/verify_proof.py": ("GET", ALL),
    "/ledger/check": ("GET", ALL),
    "/ledger/check ": ("POST", ALL),
    "/ledger/consistency?old=1": ("GET", ALL),
    "/ledger/{entry}": ("GET", ALL),
    "/ledger/{entry}/proof": ("GET", ALL),
    "/statistics": ("GET", ALL),
    "/statistics/T1": ("GET", ALL),
    "/statistics/T1/entries?cell=10": ("GET", {O, A}),
    "/statistics/publish": ("POST", {O}),
    "/login": ("GET", ALL),
    "/signup": ("GET", ALL),
    "/logout": ("POST", ALL),
    "/language/en": ("GET", ALL),
    "/my": ("GET", SIGNED_IN),
    "/password": ("GET", SIGNED_IN),
    "/logout-everywhere": ("POST", SIGNED_IN),
    "/needs/new": ("GET", POSTERS),
    "/results/new": ("GET", POSTERS),
    "/needs/{own}": ("GET", SIGNED_IN),
    "/needs/{own}/edit": ("GET", SIGNED_IN - {O}),
    "/needs/{own}/copy": ("POST", POSTERS),
    "/needs/{others}": ("GET", {O}),
    "/needs/{others}/edit": ("GET", set()),
    "/needs/{others}/edit ": ("POST", set()),
    "/needs/{others}/move": ("POST", set()),
    "/needs/{others}/copy": ("POST", set()),
    "/needs/{submitted}/move": ("POST", {O}),
    "/needs/import": ("GET", POSTERS | {O}),
    "/needs/submit": ("POST", SIGNED_IN),
    "/review": ("GET", {O}),
    "/review/publish": ("POST", {O}),
    "/operator/organizations": ("GET", {O}),
    "/operator/organizations/1/verify": ("POST", {O}),
    "/operator/users": ("GET", {O}),
    "/operator/users/new": ("GET", {O}),
    "/operator/users/1/reset": ("POST", {O}),
}
DATA = {
    "/needs/{submitted}/move": {"action": "publish"},
    "/needs/{others}/move": {"action": "submit"},
}


def test_every_address_of_the_application_is_in_the_table(app: Flask) -> None:
    adapter = app.url_map.bind("market.example")
    known = {
        (adapter.match(_example(path), method)[0], method) for path, (method, _) in TABLE.items()
    }
    needs_a_file = {("listings.confirm_import", "POST"), ("listings.import_errors", "GET")}
    checks_input = {
        (name, "POST")
        for name in (
            "accounts.log_in", "accounts.sign_up", "accounts.change_password", "accounts.add_member",
            "listings.new",
            "listings.edit", "listings.import_listings",
        )
    }  # fmt: skip
    all_of_them = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in rule.methods & {"GET", "POST"}
    }
    assert all_of_them - known - needs_a_file - checks_input == set()


def _example(path: str) -> str:
    plain = path.strip().partition("?")[0]
    for name in ("entry", "public_need", "public_result", "own", "others", "submitted"):
        plain = plain.replace(f"{{{name}}}", "1")
    return plain


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    app: Flask, client: FlaskClient, role: Role
) -> None:
    user = None if role == V else a_user(role)
    names = {
        "entry": an_entry().position,
        "public_need": a_need().id,
        "public_result": a_result().id,
        "others": a_need(state=State.DRAFT).id,
        "own": a_need(user.organization if user else None, state=State.DRAFT).id,
    }
    a_head()
    for path, (method, let_in) in TABLE.items():
        names["submitted"] = a_need(state=State.SUBMITTED).id
        browser = app.test_client()
        if user:
            browser.post("/login", data={"username": user.username, "password": PASSWORD})
        address = path.strip().format(**names)
        answer = browser.open(address, method=method, data=DATA.get(path))
        where = f"{method} {address} as {role}: {answer.status_code}"
        to_login = answer.status_code == 302 and "/login?" in answer.headers["Location"]
        refused = answer.status_code in (403, 404) or to_login
        assert answer.status_code < 500, where
        assert refused == (role not in let_in), where


def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    answer = app.test_client().post("/match", data={"text": "锅炉结垢"})
    assert answer.status_code == 400 and "过期" in answer.text


def test_pages_carry_a_strict_content_security_policy(client: FlaskClient) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_what_is_not_public_is_shown_to_those_it_is_for(client: FlaskClient, log_in) -> None:
    owner = a_user(Role.ENTERPRISE)
    need = a_need(owner.organization, signed_in_note="登录才能看", confidential="签约才能看")
    page = client.get(f"/needs/{need.id}").text
    assert "登录才能看" not in page and "签约才能看" not in page
    log_in(a_user(Role.INSTITUTE))
    page = client.get(f"/needs/{need.id}").text
    assert "登录才能看" in page and "签约才能看" not in page
    log_in(owner)
    assert "签约才能看" in client.get(f"/needs/{need.id}").text
