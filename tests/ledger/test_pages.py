"""The public pages of the ledger."""

import json
import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.database import utcnow
from marketplace.ledger import queries, verify_proof
from marketplace.ledger.entry import Draft, Kind
from marketplace.ledger.operations import append_many
from marketplace.ledger.signing import Signer
from marketplace.ledger.verify_proof import written
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.factories import a_head, a_user, an_entry, reversed_facts, some_entries


def uploaded(client: FlaskClient, **files: bytes):
    data = {name: (BytesIO(content), f"{name}.json") for name, content in files.items()}
    return client.post("/ledger/check", data=data, content_type="multipart/form-data")


def test_an_empty_ledger_says_so(client: FlaskClient) -> None:
    page = client.get("/ledger")
    assert page.status_code == 200 and "还没有登记的合同" in page.text
    assert client.get("/ledger/checkpoint").status_code == 404
    assert client.get("/ledger/head.json").status_code == 404


def test_the_head_is_shown_with_its_root_its_key_and_its_checkpoint(client: FlaskClient) -> None:
    some_entries(3)
    head = a_head()
    page = client.get("/ledger").text
    assert head.root.hex() in page and head.key in page and "前 3 条" in page
    assert client.get("/ledger/checkpoint").data == head.note.encode()
    kept = client.get("/ledger/head.json")
    assert verify_proof.check(kept.data)[1] and "attachment" in kept.headers["Content-Disposition"]


SUMS = ("1万元", "8,000元")


def test_an_entry_shows_the_public_no_sum_and_no_commitment(client: FlaskClient) -> None:
    made = an_entry()
    a_head()
    page = client.get(f"/ledger/{made.position}").text
    assert made.facts["number"] in page and made.leaf_hash.hex() in page
    for shown in (page, client.get("/ledger").text):
        assert not [said for said in SUMS if said in shown]
        assert made.facts["project"] not in shown
        assert made.facts["parties"]["buyers"][0] not in shown
    assert "/login" in client.get(f"/ledger/{made.position}/proof").location


@pytest.mark.parametrize("role", [Role.AUTHORITY, Role.OPERATOR, Role.TAX])
def test_an_entry_shows_its_sums_to_those_who_check(
    client: FlaskClient, log_in, role: Role
) -> None:
    made = an_entry()
    log_in(a_user(role))
    page = client.get(f"/ledger/{made.position}").text
    assert all(said in page for said in SUMS) and SUMS[0] in client.get("/ledger").text


def test_an_enterprise_sees_no_sum_of_others(client: FlaskClient, log_in) -> None:
    made = an_entry()
    log_in(a_user(Role.ENTERPRISE))
    assert not [s for s in SUMS if s in client.get(f"/ledger/{made.position}").text]
    assert client.get(f"/ledger/{made.position}/proof").status_code == 403


def test_a_reversal_leads_to_what_it_reverses_and_shows_it_negative(
    client: FlaskClient, log_in
) -> None:
    log_in(a_user(Role.OPERATOR))
    first = an_entry()
    facts = reversed_facts(first.facts, first.position)
    draft = Draft(Kind.REVERSED, "contract/1", facts, 1, "2026")
    transact(lambda: append_many([draft], now=utcnow()))
    page = client.get("/ledger/1").text
    assert "冲正" in page and "−1万元" in page and 'href="/ledger/0"' in page


def test_a_receipt_is_had_once_a_head_covers_its_entry(client: FlaskClient, log_in) -> None:
    log_in(a_user(Role.OPERATOR))
    an_entry()
    assert "还没有签署树头" in client.get("/ledger/0").text
    assert client.get("/ledger/0/proof").status_code == 409
    a_head()
    receipt = client.get("/ledger/0/proof")
    assert verify_proof.check(receipt.data)[1]
    assert "proof-0.json" in receipt.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address", ["/ledger/0", "/ledger/99999999999999999999", "/ledger/9/proof"]
)
def test_an_entry_that_is_not_there_is_not_found(client: FlaskClient, log_in, address: str) -> None:
    log_in(a_user(Role.OPERATOR))
    assert client.get(address).status_code == 404


def test_an_entry_is_found_by_its_number_or_its_position(client: FlaskClient) -> None:
    some_entries(2)
    made = an_entry()
    for wanted in (made.facts["number"], str(made.position), f" {made.position} "):
        answer = client.get("/ledger", query_string={"q": wanted})
        assert answer.headers["Location"].endswith(f"/ledger/{made.position}")
    for wanted in ("锅炉", "9" * 16, "-1", "9" * 15):
        assert client.get("/ledger", query_string={"q": wanted}).status_code == 404


def test_the_checker_is_the_file_that_the_application_uses(client: FlaskClient) -> None:
    with open(verify_proof.__file__, "rb") as own:
        assert client.get("/ledger/verify_proof.py").data == own.read()


def test_a_consistency_proof_is_had_for_any_signed_size(client: FlaskClient) -> None:
    some_entries(3)
    a_head()
    some_entries(4)
    a_head()
    proof = client.get("/ledger/consistency?old=3")
    assert verify_proof.check(proof.data)[1]
    assert json.loads(proof.data)["format"] == "consistency"
    for old in ("4", "-3", "x", ""):
        assert client.get(f"/ledger/consistency?old={old}").status_code == 404


@pytest.fixture
def receipt(app: Flask) -> bytes:
    some_entries(5)
    a_head()
    return written(queries.receipt(2))


def test_a_sound_proof_is_called_valid(client: FlaskClient, receipt: bytes) -> None:
    page = uploaded(client, proof=receipt).text
    assert "证明有效" in page and "第 2 条，共 5 条" in page and "未检验" in page


def test_a_proof_is_held_against_a_kept_head(client: FlaskClient, receipt: bytes) -> None:
    head = queries.latest_head()
    assert "与给出的树头相同" in uploaded(client, proof=receipt, head=head.note.encode()).text
    forged = Signer(bytes(32), "").sign(head.origin, head.size, bytes(32))[0]
    page = uploaded(client, proof=receipt, head=forged.encode()).text
    assert "证明无效" in page and "历史被改写" in page


def test_an_altered_proof_is_called_invalid(client: FlaskClient, receipt: bytes) -> None:
    page = uploaded(client, proof=receipt.replace(b'"position": 2', b'"position": 3')).text
    assert "证明无效" in page


def test_a_proof_signed_by_somebody_else_is_called_invalid(
    client: FlaskClient, receipt: bytes
) -> None:
    head = queries.latest_head()
    note, signature = Signer(bytes(32), "").sign(head.origin, head.size, head.root)
    forged = written(json.loads(receipt) | {"head": note, "key": signature.key})
    page = uploaded(client, proof=forged).text
    assert "证明无效" in page


@pytest.mark.parametrize(
    "data, said",
    [(b"not a proof", "不是签名树头"), (b"", "不是签名树头"), (b"{}", "不是台账证明"), (b"\xff\xfe", "格式有误"),
     (b"{" + b"x" * 256 * 1024, "256 KB")],
)  # fmt: skip
def test_a_file_that_is_no_proof_is_refused_beside_its_field(
    client: FlaskClient, data: bytes, said: str
) -> None:
    answer = uploaded(client, proof=data)
    assert answer.status_code == 422 and said in answer.text
    assert re.search(r'aria-describedby="proof-error"', answer.text)


def test_a_check_needs_a_file(client: FlaskClient) -> None:
    answer = client.post("/ledger/check", data={})
    assert answer.status_code == 422 and "请先选择一个文件" in answer.text


@pytest.mark.parametrize("language, shown", [("en", "2 of 5"), ("zh_Hans_CN", "共 5 条")])
def test_a_reason_is_said_in_the_language_of_the_page(
    client: FlaskClient, receipt: bytes, language: str, shown: str
) -> None:
    client.set_cookie("language", language)
    page = uploaded(client, proof=receipt).text
    assert [text for text in ("2 of 5", "共 5 条") if text in page] == [shown]
