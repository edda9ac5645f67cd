"""Signing up, logging in, passwords."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts import operations
from marketplace.accounts.models import Console, Organization, OrganizationKind, User
from marketplace.accounts.passwords import hash_password
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import db, limiter
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import PASSWORD, a_code, a_user, an_organization

FORM = {
    "name": "包头某材料厂", "kind": "enterprise", "region": "150203", "display_name": "办公室",
    "username": "factory", "password": PASSWORD,
}  # fmt: skip


def test_an_enterprise_signs_up_and_waits_to_be_verified(client: FlaskClient) -> None:
    answer = client.post("/signup", data=FORM | {"uscc": a_code(900)}, follow_redirects=True)
    assert "待运营方认证" in answer.text
    user = db.session.query(User).filter_by(username="factory").one()
    assert user.role == Role.ENTERPRISE and user.organization.verified_at is None


@pytest.mark.parametrize("uscc", ["", "911", "91150100MA0000001B", "9115010OMA00000019"])
def test_a_wrong_credit_code_is_refused_and_nothing_typed_is_lost(
    client: FlaskClient, uscc: str
) -> None:
    answer = client.post("/signup", data=FORM | {"uscc": uscc})
    assert answer.status_code == 422 and 'value="包头某材料厂"' in answer.text
    assert db.session.query(Organization).count() == 0


@pytest.mark.parametrize("kind", ["authority", "tax_or_finance"])
def test_nobody_signs_up_as_an_authority(client: FlaskClient, kind: str) -> None:
    answer = client.post("/signup", data=FORM | {"uscc": a_code(901), "kind": kind})
    assert answer.status_code == 422
    assert db.session.query(Organization).count() == 0


def test_the_operator_opens_an_authority_with_its_people(app: Flask) -> None:
    now, code = utcnow(), a_code(902)
    facts = {"name": "自治区科技厅", "uscc": code, "region": "150000"}

    def work() -> Organization:
        office = operations.add_office(
            kind=OrganizationKind.AUTHORITY, actor=Console(), now=now, **facts
        )
        operations.add_member(
            username="officer",
            display_name="经办人",
            role=Role.AUTHORITY,
            organization=office,
            actor=Console(),
            now=now,
        )
        return office

    assert transact(work).verified_at is not None
    with pytest.raises(InvalidInput):
        transact(work)


def test_one_organisation_signs_up_once(client: FlaskClient) -> None:
    known = an_organization()
    answer = client.post("/signup", data=FORM | {"uscc": known.uscc})
    assert answer.status_code == 422 and "已注册" in answer.text


def test_a_name_taken_is_refused_whatever_its_case(client: FlaskClient) -> None:
    user = a_user()
    data = FORM | {"uscc": a_code(901), "username": user.username.upper()}
    assert "已被使用" in client.post("/signup", data=data).text


def test_a_short_password_is_refused(client: FlaskClient) -> None:
    answer = client.post("/signup", data=FORM | {"uscc": a_code(902), "password": "short"})
    assert answer.status_code == 422 and "至少8个字符" in answer.text


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client: FlaskClient) -> None:
    user = a_user()
    wrong = client.post("/login", data={"username": user.username, "password": "wrong"})
    unknown = client.post("/login", data={"username": user.username + "x", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text == unknown.text.replace(user.username + "x", user.username)


def test_after_logging_in_one_is_where_one_wanted_to_be_but_never_elsewhere(
    client: FlaskClient,
) -> None:
    user = a_user()
    for target, goes_to in (("/needs/new", "/needs/new"), ("//evil.example", "/my"), ("", "/my")):
        data = {"username": user.username, "password": PASSWORD, "next": target}
        assert client.post("/login", data=data).headers["Location"] == goes_to


def test_guessing_is_slowed_down(app: Flask, start_again) -> None:
    guarded = start_again(testing=False)
    guarded.config["WTF_CSRF_ENABLED"] = False
    browser = guarded.test_client()
    guess = {"username": "somebody", "password": "guessed"}
    answers = [browser.post("/login", data=guess).status_code for _ in range(11)]
    limiter.reset()
    assert answers == [422] * 10 + [429]


def test_logging_out_everywhere_ends_the_other_sessions(
    app: Flask, client: FlaskClient, log_in
) -> None:
    user = a_user()
    log_in(user)
    elsewhere = app.test_client()
    elsewhere.post("/login", data={"username": user.username, "password": PASSWORD})
    assert elsewhere.get("/my").status_code == 200
    client.post("/logout-everywhere")
    assert elsewhere.get("/my").status_code == client.get("/my").status_code == 302


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    app: Flask, client: FlaskClient, log_in
) -> None:
    user = a_user()
    log_in(user)
    elsewhere = app.test_client()
    elsewhere.post("/login", data={"username": user.username, "password": PASSWORD})
    client.post("/password", data={"old_password": PASSWORD, "new_password": "another-horse"})
    assert client.get("/my").status_code == 200
    assert elsewhere.get("/my").status_code == 302


def test_a_reset_password_must_be_changed_before_anything_else(client: FlaskClient) -> None:
    user, operator = a_user(), a_user(Role.OPERATOR)
    password = transact(lambda: operations.reset_password(user, actor=operator, now=utcnow()))
    client.post("/login", data={"username": user.username, "password": password})
    assert client.get("/my").headers["Location"] == "/password"
    client.post("/password", data={"old_password": password, "new_password": "another-horse"})
    assert client.get("/my").status_code == 200


def test_passwords_are_stored_as_argon2id(app: Flask) -> None:
    assert a_user().password_hash.startswith("$argon2id$")


def test_only_a_market_of_tests_hashes_with_little_work(app: Flask, start_again) -> None:
    assert "$m=8,t=1,p=1$" in hash_password("correct-horse")
    with start_again(testing=False).app_context():
        assert "$m=65536,t=3,p=4$" in hash_password("correct-horse")


def test_the_kind_of_an_organisation_decides_the_role(app: Flask) -> None:
    user = transact(
        lambda: operations.sign_up(
            name="某登记点", uscc=a_code(903), kind=OrganizationKind.REGISTRATION_POINT,
            region="150200", username="point", display_name="窗口", password=PASSWORD, now=utcnow(),
        )
    )  # fmt: skip
    assert user.role == Role.CLERK


def test_a_code_of_another_length_is_no_code(app: Flask) -> None:
    with pytest.raises(InvalidInput):
        operations.checked_uscc("123")


def test_the_operator_adds_a_second_member_who_must_choose_a_password(
    client: FlaskClient, log_in
) -> None:
    point = an_organization(OrganizationKind.REGISTRATION_POINT)
    log_in(a_user(Role.OPERATOR))
    member = {
        "organization_id": str(point.id), "role": "reviewer", "display_name": "复核", "username": "second",
    }  # fmt: skip
    page = client.post("/operator/users/new", data=member, follow_redirects=True).text
    assert "second 的新密码" in page
    user = db.session.query(User).filter_by(username="second").one()
    assert user.role == Role.REVIEWER and user.must_change_password
    assert user.organization_id == point.id


def test_a_role_that_does_not_fit_the_organisation_is_refused(client: FlaskClient, log_in) -> None:
    firm = an_organization(OrganizationKind.ENTERPRISE)
    log_in(a_user(Role.OPERATOR))
    member = {
        "organization_id": str(firm.id), "role": "operator", "display_name": "某", "username": "second",
    }  # fmt: skip
    answer = client.post("/operator/users/new", data=member)
    assert answer.status_code == 422 and "不能担任" in answer.text
    assert db.session.query(User).filter_by(username="second").count() == 0
