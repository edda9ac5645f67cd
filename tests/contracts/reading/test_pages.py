"""Upload, look, confirm, and a draft stands: asked without scripts."""

import re
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.contracts.models import Contract
from marketplace.extensions import db
from tests.contracts.factories import Office, an_office
from tests.contracts.reading.test_documents import a_word_file
from tests.contracts.today import enters

TEXT = """技术开发合同
委托方：{buyer}
受托方：{seller}
本合同甲方委托乙方研究开发“低温水性涂料”项目，研究开发经费总额为人民币壹拾贰万元整（120000元），分两期支付。
有效期限：2026年3月1日至2027年2月28日
签订日期：2026年2月20日
"""


@pytest.fixture
def office(app: Flask) -> Office:
    return an_office()


def text_for(office: Office) -> str:
    """The contract between the two organisations of an office."""
    return TEXT.format(buyer=office.buyer.name, seller=office.applicant.organization.name)


def read_as(page: FlaskClient, text: str) -> str:
    """The address of the reading of a pasted text."""
    return page.post("/contracts/read", data={"text": text}).location


def form_of(html: str) -> dict[str, str]:
    """What the page would send of the values it shows."""
    sent = {}
    for name in re.findall(r'name="confirmed" value="([^"]+)"', html):
        box = re.search(rf'<input[^>]*name="{name}" value="([^"]*)"', html)
        area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', html, re.S)
        choice = re.search(rf'<select[^>]*name="{name}">.*?value="(\w+)" selected', html, re.S)
        sent[name] = unescape((box or area or choice or [None, ""])[1])
    return sent


def test_the_reading_stands_beside_the_text_with_its_marks(
    office: Office, client: FlaskClient
) -> None:
    page = enters(client, office.applicant)
    shown = page.get(read_as(page, text_for(office))).text
    assert "可能是技术开发合同" in shown and "不予登记情形" in shown
    marked = re.findall(r"<mark[^>]*>(.*?)</mark>", shown, re.S)
    assert "120000元" in marked and "2026年2月20日" in marked
    assert office.buyer.name in marked


def test_what_is_confirmed_becomes_a_draft_with_the_file(
    office: Office, client: FlaskClient
) -> None:
    page = enters(client, office.applicant)
    address = read_as(page, text_for(office))
    sent = form_of(page.get(address).text)
    chosen = ["project_name", "deal_amount", "payment", "signed_on", "sellers-0-name"]
    answer = page.post(address, data=sent | {"confirmed": chosen, "point": office.point.code})
    draft = db.session.scalars(db.select(Contract)).one()
    assert answer.location.endswith(f"/contracts/{draft.id}/edit")
    assert (draft.project_name, draft.deal_amount, draft.payment) == (
        "低温水性涂料",
        12_000_000,
        "2",
    )
    assert draft.ends_on is None and draft.type == ""
    assert draft.sellers[0].uscc == office.applicant.organization.uscc
    (paper,) = draft.attachments
    assert paper.kind == "contract" and paper.name.endswith(".txt")
    assert "可能是技术开发合同" in page.get(f"/contracts/{draft.id}/files/{paper.id}/read").text


def test_an_error_names_the_value_and_loses_nothing(office: Office, client: FlaskClient) -> None:
    page = enters(client, office.applicant)
    address = read_as(page, text_for(office))
    sent = form_of(page.get(address).text) | {"signed_on": "去年", "project_name": "改过的名称"}
    answer = page.post(address, data=sent | {"confirmed": ["signed_on"], "point": "150203"})
    assert answer.status_code == 422 and "合同签订日期：日期应写成" in answer.text
    assert 'value="去年"' in answer.text and 'value="改过的名称"' in answer.text
    assert 'value="signed_on" checked' in answer.text
    assert not db.session.scalars(db.select(Contract)).all()


def test_nothing_confirmed_is_nothing_taken_over(office: Office, client: FlaskClient) -> None:
    page = enters(client, office.applicant)
    address = read_as(page, text_for(office))
    answer = page.post(address, data={"point": office.point.code})
    assert answer.status_code == 422 and "请至少确认一项" in answer.text


def test_the_clerk_names_for_whom_the_draft_is(office: Office, client: FlaskClient) -> None:
    page = enters(client, office.clerk)
    address = read_as(page, text_for(office))
    sent = form_of(page.get(address).text) | {"confirmed": ["project_name"]}
    assert "请填写登记主体" in page.post(address, data=sent).text
    sent["applicant"] = office.applicant.organization.name
    assert page.post(address, data=sent | {"point": office.point.code}).status_code == 302
    assert db.session.scalars(db.select(Contract)).one().typist_id == office.clerk.id


def test_an_upload_is_read_and_a_bad_one_is_refused_with_the_text_kept(
    office: Office, client: FlaskClient
) -> None:
    page = enters(client, office.applicant)
    good = {"file": (BytesIO(a_word_file()), "合同.docx")}
    assert "甲某有限公司" in page.get(page.post("/contracts/read", data=good).location).text
    bad = {"file": (BytesIO(b"%PDF-1.7"), "扫描.pdf"), "text": "已经粘贴的文字"}
    answer = page.post("/contracts/read", data=bad)
    assert answer.status_code == 422 and "不是完好的 PDF" in answer.text
    assert "已经粘贴的文字" in answer.text


def test_another_users_upload_is_nobodys(office: Office, client: FlaskClient) -> None:
    address = read_as(enters(client, office.applicant), text_for(office))
    assert enters(client, office.stranger).get(address).status_code == 404
