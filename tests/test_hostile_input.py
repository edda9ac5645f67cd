"""What people and programs send that nobody meant them to send."""

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.accounts.models import Console, OrganizationKind
from marketplace.database import utcnow
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.listings import exporting
from marketplace.listings.columns import checked
from marketplace.listings.importing import import_file
from marketplace.listings.lifecycle import State
from marketplace.listings.models import Need
from marketplace.matchmaking.indexing import current_library
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import PASSWORD, a_need, a_user, an_organization
from tests.listings.test_importing import a_jsonl, an_xlsx, imported


@pytest.mark.parametrize(
    "path",
    [
        "/needs?library=x", "/needs?endpoint=x", "/needs?_anchor=a", "/needs?_method=POST",
        "/needs?_scheme=javascript&_external=1", "/needs?listing_id=5", "/needs?q=" + "垢" * 3_000,
        "/needs?q=%ED%A0%80", "/needs/3000000000", "/needs/99999999999999999999999",
        "/needs?q=XQ99999999999999999999", "/match?text=%ED%A0%80", "/needs?page=99999999999999999999",
    ],
)  # fmt: skip
def test_no_address_makes_the_market_stumble(client: FlaskClient, path: str) -> None:
    a_need()
    current_library().reconcile()
    assert client.get(path).status_code in (200, 404)


def test_a_nul_byte_is_refused_before_it_meets_the_store(client: FlaskClient) -> None:
    data = {"username": "a\0b", "password": "x"}
    assert client.post("/login", data=data).status_code == 400
    assert client.get("/needs?q=%00").status_code == 400


@pytest.mark.parametrize("target", ["/\t/evil.com", "/\n/evil.com", "/\\evil.com", "//evil.com"])
def test_after_logging_in_nobody_is_sent_elsewhere(client: FlaskClient, target: str) -> None:
    user = a_user()
    data = {"username": user.username, "password": PASSWORD, "next": target}
    assert client.post("/login", data=data).headers["Location"] == "/my"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=500)
@given(st.text("万元—-~至到,，.（)/或面议1２ \n", max_size=20).map(lambda part: part * 40))
def test_no_amount_takes_long_to_be_refused(app: Flask, text: str) -> None:
    checked("need", {"title": "锅炉", "budget": text, "deadline": text})


@pytest.mark.parametrize(
    ("written", "most"),
    [
        ("不超过100万元", 100), ("≤100万元", 100), ("￥50万元", 50), ("人民币50万元", 50),
        ("待定", None), ("无", None), ("面议（不高于50万元）", None),
    ],
)  # fmt: skip
def test_amounts_as_firms_write_them_are_read(app: Flask, written: str, most: int | None) -> None:
    facts, errors = checked("need", {"title": "锅炉", "description": "垢", "budget": written})
    assert not errors and facts["amount_most"] == (most and most * 1_000_000)
    assert ("（" in written) == ("拟投入资金" in facts["description"])


def test_a_sheet_that_claims_a_million_columns_is_not_opened(app: Flask, tmp_path: Path) -> None:
    path = an_xlsx(tmp_path / "a.xlsx", ["名称"], [["锅炉结垢"]])
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", far)
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InvalidInput):
        imported("need", path)


def test_files_with_odd_characters_are_read_or_refused_in_words(
    app: Flask, client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    files = {
        "a.csv": ("名称,详细描述\n锅炉," + "长" * 140_000).encode(),
        "b.jsonl": b'{"title": "a", "\\ud800": "x"}\n{"title": "", "field": "\\udfff"}\n',
        "c.jsonl": b'{"title": "a", "organization": "\\ud800\\u0000"}\n',
        "d.jsonl": "﻿[1]\n".encode(),
        "e.csv": b"\xff\xfe\x00",
    }
    for name, content in files.items():
        answer = client.post("/needs/import", data={"file": (BytesIO(content), name)})
        assert answer.status_code in (200, 422), name


def test_of_two_columns_under_one_heading_nothing_is_lost(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,详细描述,详细描述\n甲,有内容,\n", "utf-8")
    imported("need", path)
    assert db.session.query(Need).one().description == "有内容"


def test_the_sheet_with_the_headings_is_found_behind_an_empty_one(
    app: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    import_me = exporting.xlsxwriter.Workbook(path)
    import_me.add_worksheet("封面")
    import_me.add_worksheet("数据").write_column(0, 0, ["名称", "锅炉结垢"])
    import_me.close()
    assert imported("need", path).added == 1


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl"])
@pytest.mark.parametrize("anonymous", [False, True])
def test_an_export_of_what_was_typed_in_adds_nothing_when_it_comes_back(
    app: Flask, tmp_path: Path, form: str, anonymous: bool
) -> None:
    need = a_need(anonymous=anonymous, source_key="SECRET-FIRM-1" if anonymous else None)
    path = tmp_path / f"needs.{form}"
    with path.open("wb") as stream:
        exporting.export("need", [need], stream, form)
    assert b"SECRET-FIRM" not in path.read_bytes()
    assert imported("need", path).added == 0


def test_whoever_signs_up_under_anothers_name_is_not_given_its_listings(
    app: Flask, tmp_path: Path
) -> None:
    squatter = an_organization(name="包头某厂", verified=False)
    imported("need", a_jsonl(tmp_path / "a.jsonl", [{"title": "锅炉", "organization": "包头某厂"}]))
    need = db.session.query(Need).one()
    assert need.organization_id != squatter.id and need.organization.uscc is None


def test_an_import_publishes_nothing_for_an_account_that_waits_to_be_verified(
    app: Flask, tmp_path: Path
) -> None:
    owner = an_organization(OrganizationKind.ENTERPRISE, verified=False)
    path = a_jsonl(tmp_path / "a.jsonl", [{"title": "锅炉", "organization": owner.uscc}])
    transact(lambda: import_file("need", path, actor=Console(), now=utcnow()))
    assert db.session.query(Need).one().state == State.DRAFT


def test_what_changed_since_it_was_read_is_not_published(client: FlaskClient, log_in) -> None:
    need = a_need(state=State.SUBMITTED)
    log_in(a_user(Role.OPERATOR))
    data = {"action": "publish", "revision": need.revision - 1}
    assert client.post(f"/needs/{need.id}/move", data=data).status_code == 409


def test_the_back_button_is_given_whole_pages(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/needs", headers=headers).text


def test_a_draft_typed_after_the_session_ended_is_answered_with_an_error(
    client: FlaskClient,
) -> None:
    need = a_need(state=State.DRAFT)
    headers = {"HX-Request": "true"}
    assert client.post(f"/needs/{need.id}/edit", data={}, headers=headers).status_code == 401


def test_names_of_blanks_are_no_names(client: FlaskClient) -> None:
    form = {
        "name": "  ",
        "kind": "enterprise",
        "region": "150203",
        "display_name": " ",
        "username": "    ",
    }
    assert client.post("/signup", data=form).status_code == 422
