"""The public verification pages: by number and code, and by the file itself."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace.certificates.check_code import DIGITS, code_of, grouped, is_same
from marketplace.certificates.pdf import attachments_of
from marketplace.contracts.models import Visibility
from marketplace.ledger import verify_proof
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.certificates.factories import (
    a_certificate,
    a_list,
    cancelled,
    certificate_of,
    changed,
    file_of,
    revoked,
    worked_off,
)
from tests.contracts.factories import an_office, party_facts, registered
from tests.factories import a_user, an_organization


def address_of(issued) -> str:
    return f"/verify/{issued.contract.local_no}?v={issued.version}&c={issued.code}"


def sent(client: FlaskClient, content: bytes, name: str = "证明.pdf"):
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(content), name)})
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post("/verify/file", data=body, content_type=kind)


def test_the_address_in_the_qr_code_opens_the_answer(client: FlaskClient) -> None:
    issued = a_certificate(an_office())
    page = client.get(address_of(issued))
    assert page.status_code == 200 and "有效" in page.text
    assert f"第 {issued.position} 条" in page.text and issued.digest in page.text
    assert "verify_proof.py" in page.text and "税收优惠" in page.text


def test_number_and_code_may_be_typed_as_they_are_printed(client: FlaskClient) -> None:
    issued = a_certificate(an_office())
    number = issued.contract.local_no
    typed = {
        "number": f"{number[:4]} {number[4:8]} {number[8:10]} {number[10:]}",
        "code": grouped(issued.code).lower(),
    }
    answer = client.post("/verify", data=typed, follow_redirects=True)
    assert answer.status_code == 200 and "第1版" in answer.text and "有效" in answer.text


def test_a_number_without_its_code_opens_nothing(client: FlaskClient) -> None:
    issued = a_certificate(an_office())
    number, name = issued.contract.local_no, issued.contract.project_name
    pages = [
        client.get(f"/verify/{path}")
        for path in (number, f"{number}?c=AAAAAAAAAAAA", "2026150203999999?c=AAAAAAAAAAAA")
    ]
    for page in pages:
        assert name not in page.text and "有效" not in page.text and "第1版" not in page.text
    assert [page.status_code for page in pages] == [200, 404, 404]
    wrong, unknown = (
        page.text.replace(number, "").replace("2026150203999999", "") for page in pages[1:]
    )
    assert wrong == unknown, "a number that exists is told apart by nothing"


def test_the_code_of_one_version_does_not_open_another(client: FlaskClient) -> None:
    office = an_office()
    first = a_certificate(office)
    contract = changed(first.contract, office)
    worked_off()
    number, second = contract.local_no, certificate_of(contract)
    assert "已被新版本替代" in client.get(address_of(first)).text
    assert "现行为第2版" in client.get(address_of(first)).text
    assert "有效" in client.get(address_of(second)).text
    assert client.get(f"/verify/{number}?v=2&c={first.code}").status_code == 404


@pytest.mark.parametrize(
    ("end", "word"), [(cancelled, "登记已注销，证明失效"), (revoked, "登记已撤销，证明作废")]
)
def test_what_has_ended_is_shown_as_void(client: FlaskClient, end, word: str) -> None:
    office = an_office()
    issued = a_certificate(office)
    end(issued.contract, office)
    assert word in client.get(address_of(issued)).text


@pytest.mark.parametrize("visibility", Visibility)
def test_names_show_as_the_parties_chose(client: FlaskClient, visibility: Visibility) -> None:
    office = an_office()
    person = party_facts(an_organization(), name="王小明", seal_name="王小明", nature="900")
    person |= {"uscc": "", "scale": "", "industry": ""}
    seller = f"内蒙古某某研究院{office.applicant.organization_id}"
    own = party_facts(
        office.applicant.organization, nature="0211", scale="", name=seller, seal_name=seller
    )
    issued = a_certificate(office, visibility=visibility, sellers=[own])
    page = client.get(address_of(issued)).text
    is_named, is_titled = visibility == Visibility.PUBLIC, visibility != Visibility.PRIVATE
    assert (seller in page) == is_named
    assert (issued.contract.project_name in page) == is_titled
    for confidential in ("联系人", "0472-", issued.contract.content, "1,000,000.00", own["uscc"]):
        assert confidential not in page


def test_the_file_itself_is_recognised_and_its_proof_checked(client: FlaskClient) -> None:
    issued = a_certificate(an_office())
    answer = sent(client, file_of(issued))
    assert answer.status_code == 200 and "文件与签发的原件逐字节相同" in answer.text
    assert "存证条目在台账中" in answer.text and "树头由本台账签署" in answer.text
    assert issued.contract.local_no in answer.text


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9, "end"])
def test_an_altered_file_is_refused(client: FlaskClient, place) -> None:
    issued = a_certificate(an_office())
    content = bytearray(file_of(issued))
    if place == "end":
        content += b"\n%%EOF"
    else:
        content[int(len(content) * place)] ^= 1
    answer = sent(client, bytes(content))
    assert answer.status_code == 422 and "不是本系统签发的文件" in answer.text
    assert issued.contract.project_name not in answer.text


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "这不是PDF文件"),
        (b"PK\x03\x04", "这不是PDF文件"),
        (b"%PDF-" + b"x" * 9_000_000, "8 MB"),
    ],
)
def test_what_is_no_certificate_is_said_plainly(client: FlaskClient, content, word) -> None:
    answer = sent(client, content)
    assert answer.status_code == 422 and word in answer.text


def test_no_file_and_no_number_are_said_plainly(client: FlaskClient) -> None:
    assert "请先选择" in client.post("/verify/file").text
    answer = client.post("/verify", data={"number": "123", "code": ""})
    assert (
        answer.status_code == 422 and "16位登记编号" in answer.text and "12位核对码" in answer.text
    )


@pytest.mark.parametrize(
    "path",
    [
        "/verify/%00?c=x", "/verify/%ED%A0%80?c=%ED%A0%80", "/verify/QD999999999999?c=x",
        "/verify/QD202699999999?c=x", "/verify/2026150203000001?c=x&v=99999999999999999999999",
        "/verify/2026150203000001?c=" + "A" * 9_000, "/certificates?page=99999999999999999999",
        "/certificates/%00/1.pdf", "/certificates/2026150203000001/99999999999999999999999.pdf",
        "/certificates/lists/QD202699999999.pdf",
    ],
)  # fmt: skip
def test_no_address_makes_the_pages_stumble(client: FlaskClient, log_in, path: str) -> None:
    contract = registered(an_office())
    transact(lambda: setattr(contract, "local_no", "2026150203000001"))
    log_in(a_user(Role.OPERATOR))
    assert client.get(path).status_code in (200, 400, 404, 422)


def test_a_list_is_verified_line_by_line(client: FlaskClient) -> None:
    office = an_office()
    contracts = [registered(office), registered(office)]
    asked = a_list(office, *contracts)
    worked_off()
    address = f"/verify/{asked.number}?c={asked.code}"
    page = client.get(address).text
    assert "不用于税收减免" in page and all(c.local_no in page for c in contracts)
    assert contracts[0].project_name not in page
    assert sent(client, file_of(asked)).status_code == 200
    revoked(contracts[0], office)
    assert "清单已失效" in client.get(address).text


def test_what_was_invented_is_marked(client: FlaskClient) -> None:
    office = an_office()
    contract = registered(office)
    transact(lambda: setattr(contract, "demonstration", True))
    worked_off()
    issued = certificate_of(contract)
    assert "均为虚构" in client.get(address_of(issued)).text


def test_whoever_walks_the_numbers_is_soon_stopped(app: Flask, start_again) -> None:
    browser = start_again(testing=False).test_client()
    addresses = [f"/verify/20261502030{serial:05d}?c=AAAAAAAAAAAA" for serial in range(31)]
    answers = [browser.get(address).status_code for address in addresses]
    assert answers == [404] * 30 + [429]


def test_a_code_is_read_as_people_write_it(app: Flask) -> None:
    code = code_of("2026150203000001/v1")
    assert len(code) == 12 and set(code) <= set(DIGITS) and code != code_of("2026150203000001/v2")
    assert is_same(grouped(code).lower().replace("0", "o").replace("1", "l"), code)
    assert not is_same(code[:-1], code) and not is_same("", code) and not is_same("核" * 12, code)


def test_holders_take_their_files_and_ask_for_lists_on_one_page(
    client: FlaskClient, app: Flask
) -> None:
    office = an_office()
    issued = a_certificate(office)
    number = issued.contract.local_no
    assert client.get("/certificates").status_code == 302
    with client.session_transaction() as session:
        session["_user_id"] = office.applicant.session_token
    page = client.get("/certificates").text
    assert number in page and f"/certificates/{number}/1.pdf" in page
    taken = client.get(f"/certificates/{number}/1.pdf")
    proof = client.get(f"/certificates/{number}/1.json").data
    assert proof == attachments_of(taken.data)["proof.json"] and verify_proof.check(proof)[1]
    assert number in client.get(f"/certificates?number={number}").text
    assert number not in client.get("/certificates?number=2026150203999999").text
    assert taken.data == file_of(issued) and taken.mimetype == "application/pdf"
    answer = client.post("/certificates/lists", data={"number": [number]}, follow_redirects=True)
    assert "正在生成" in answer.text
    worked_off()
    page = client.get("/certificates").text
    assert "QD" in page and client.get(f"/certificates/{number}/2.pdf").status_code == 404
