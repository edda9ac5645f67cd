"""登记证明: what stands on it, what is inside it, and that it is made exactly once."""

import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from marketplace import outbox
from marketplace.accounts.models import Console
from marketplace.certificates import documents, queries, worker
from marketplace.certificates.models import Certificate
from marketplace.certificates.pdf import attachments_of, fonts_of, printed
from marketplace.certificates.queries import Standing
from marketplace.contracts import queries as contracts
from marketplace.contracts.states import Action
from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.ledger import verify_proof
from marketplace.ledger.entry import Kind, commitment
from marketplace.outbox import OutboxRow
from marketplace.permissions import Role
from marketplace.transactions import transact
from tests.certificates.factories import (
    a_certificate,
    cancelled,
    certificate_of,
    changed,
    file_of,
    revoked,
    text_of,
    worked_off,
)
from tests.contracts.factories import NOW, a_person, an_office, moved, party_facts, registered
from tests.factories import a_code, an_organization

LONG_NAME = "内蒙古自治区绿色低碳新能源装备制造与资源综合利用产业技术创新战略联盟有限责任公司" * 3


def test_a_certificate_says_what_was_registered(app: Flask) -> None:
    office = an_office()
    issued = a_certificate(office)
    contract, said = issued.contract, text_of(file_of(issued))
    for fact in (
        "技术合同认定登记证明", contract.local_no[:4], contract.local_no[10:], contract.project_name,
        "技术开发·委托开发", contract.sellers[0].name, contract.buyers[0].name,
        "1,000,000.00元", "人民币壹佰万元整", "800,000.00元", "人民币捌拾万元整",
        "2026年02月02日", "2026年03月10日", contract.point.organization.name,
        office.clerk.display_name, office.reviewer.display_name, "第1版", "不表示对税收优惠",
    ):  # fmt: skip
        assert fact in said, fact


def test_long_names_and_many_parties_stand_there_in_full(app: Flask) -> None:
    office = an_office()
    buyers = [
        party_facts(
            an_organization(), name=f"第{i}{LONG_NAME}", seal_name=f"第{i}{LONG_NAME}", share=500
        )
        for i in range(20)
    ]
    project = (
        "面向高寒高海拔地区大规模风光储氢一体化基地的智能协同控制关键技术与成套装备研究开发" * 4
    )
    content = file_of(a_certificate(office, project_name=project, buyers=buyers))
    said, reader = text_of(content), PdfReader(BytesIO(content))
    assert len(LONG_NAME) > 100 and len(reader.pages) > 1 and project in said.replace("·", "")
    tail = LONG_NAME[-12:]
    assert said.count(tail) >= 18 and said.count("91150100MA") == 21


def test_a_certificate_is_an_archivable_file_with_its_proof_inside(app: Flask) -> None:
    content = file_of(a_certificate(an_office()))
    root = PdfReader(BytesIO(content)).trailer["/Root"]
    described = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in described and 'pdfaid:conformance="B"' in described
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert fonts_of(content) and all(fonts_of(content).values())
    assert all("CJK" in font for font in fonts_of(content))
    attached = [one.get_object() for one in root["/AF"]]
    assert {one["/UF"] for one in attached} == {"proof.json", "names.json"}
    assert {one["/AFRelationship"] for one in attached} == {"/Data"}
    streams = [one["/EF"]["/F"].get_object() for one in attached]
    assert {stream["/Subtype"] for stream in streams} == {"/application/json"}
    assert "/Encrypt" not in PdfReader(BytesIO(content)).trailer and "/JavaScript" not in root


def test_the_proof_inside_is_sound_by_the_published_program_alone(
    app: Flask, tmp_path: Path
) -> None:
    issued = a_certificate(an_office())
    proof = tmp_path / "proof.json"
    proof.write_bytes(attachments_of(file_of(issued))["proof.json"])
    program = [sys.executable, "-I", verify_proof.__file__, str(proof)]
    answer = subprocess.run(program, capture_output=True, cwd=tmp_path, env=dict(os.environ))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    document = json.loads(proof.read_bytes())
    proof.write_bytes(verify_proof.written(document | {"position": document["position"] + 1}))
    assert subprocess.run(program, capture_output=True, cwd=tmp_path).returncode == 1


def test_the_names_inside_open_the_commitments_of_the_entry(app: Flask) -> None:
    issued = a_certificate(an_office())
    contract, facts = issued.contract, ledger.load(issued.position).facts
    names = json.loads(attachments_of(file_of(issued))["names.json"])["names"]
    sealed = {facts["project"], *facts["parties"]["sellers"], *facts["parties"]["buyers"]}
    opened = {commitment(bytes.fromhex(n["salt"]), n["field"], n["value"]): n for n in names}
    assert opened.keys() == sealed and {n["commitment"] for n in names} == sealed
    parties = {party.name for party in contract.parties}
    assert {n["value"] for n in names} == parties | {contract.project_name}


def test_every_certificate_given_out_is_in_the_ledger(app: Flask) -> None:
    office = an_office()
    contract = changed(a_certificate(office).contract, office)
    a_certificate(office)
    for issued in db.session.query(Certificate):
        entry = ledger.load(issued.position)
        assert (entry.kind, entry.version) == (Kind.REGISTERED, issued.version)
        assert entry.subject == issued.contract.key and issued.position < issued.head_size
        proof = attachments_of(file_of(issued))["proof.json"]
        assert verify_proof.check(proof)[1]
    assert {
        c.version for c in db.session.query(Certificate).filter_by(contract_id=contract.id)
    } == {1, 2}


def test_a_change_supersedes_the_old_certificate_at_once(app: Flask) -> None:
    office = an_office()
    first = a_certificate(office)
    before = file_of(first)
    contract = changed(first.contract, office)
    assert queries.standing_of(contract, 1) == Standing.SUPERSEDED
    worked_off()
    second = certificate_of(contract)
    said = text_of(file_of(second))
    assert "900,000.00元" in said and "人民币玖拾万元整" in said and "第2版" in said
    assert "第1版(2026-03-10)" in said and "2026年03月13日变更登记" in said
    assert queries.standing_of(contract, 2) == Standing.VALID
    assert file_of(first) == before and first.code != second.code


@pytest.mark.parametrize(
    ("end", "standing"), [(cancelled, Standing.CANCELLED), (revoked, Standing.REVOKED)]
)
def test_the_end_of_a_registration_voids_every_version(app: Flask, end, standing) -> None:
    office = an_office()
    contract = end(changed(a_certificate(office).contract, office), office)
    assert [queries.standing_of(contract, version) for version in (1, 2)] == [standing] * 2
    worked_off()
    assert queries.certificate_of(contract, 2) is None, "what is void is not issued any more"


def test_an_objection_leaves_the_certificate_valid_until_it_is_decided(app: Flask) -> None:
    office = an_office()
    contract = registered(office)
    moved(contract, Action.OBJECT, office.tax, reason="疑非技术合同")
    assert queries.standing_of(contract, 1) == Standing.VALID


def test_the_same_facts_give_the_same_bytes_whenever_they_are_printed(app: Flask) -> None:
    office = an_office()
    contract = registered(office)
    worked_off()
    (version,) = contracts.versions_of(contract)
    kept = file_of(certificate_of(contract))
    registered(office)  # the ledger grows, and its later head changes nothing
    worked_off()
    assert printed(documents.certificate(version).document) == kept


def test_a_rename_after_the_registration_changes_no_certificate(app: Flask) -> None:
    contract = registered(office := an_office())
    worked_off()

    def rename() -> None:
        office.clerk.display_name, office.reviewer.display_name = "新名甲", "新名乙"
        office.point.organization.name = "改名后的登记点"
        contract.national_no = "2026150203999999"

    transact(rename)
    (version,) = contracts.versions_of(contract)
    again = documents.certificate(version).document
    assert printed(again) == file_of(certificate_of(contract))


def test_a_maker_killed_before_the_row_was_written_makes_the_same_file_again(app: Flask) -> None:
    contract = registered(an_office())
    worker.issue([])  # killed after the head was signed
    (version,) = contracts.versions_of(contract)
    document = documents.certificate(version).document
    digest = worker.files.keep(printed(document), document.name)  # killed after the file was kept
    worked_off()
    assert certificate_of(contract).digest == digest
    kept = [p for p in (app.extensions["settings"].home / "files").rglob("*") if p.is_file()]
    assert len([p for p in kept if p.read_bytes().startswith(b"%PDF-1.7\n%")]) == 1


def test_a_repeated_signal_makes_nothing_twice(app: Flask) -> None:
    contract = registered(an_office())
    worked_off()
    issued, at = certificate_of(contract), certificate_of(contract).issued_at
    worker.issue([contract.key])
    assert db.session.query(Certificate).count() == 1 and issued.issued_at == at


def test_one_that_cannot_be_made_waits_and_does_not_keep_the_others(app: Flask) -> None:
    office = an_office()
    contract, other = registered(office), registered(office)
    shelf = app.extensions["settings"].home / "files" / "attachments"
    (version,) = contracts.versions_of(contract)
    worker.issue([])
    content = printed(documents.certificate(version).document)
    digest = hashlib.sha256(content).hexdigest()
    blocked, aside = shelf / digest[:2], shelf / "aside"
    blocked.mkdir(exist_ok=True)
    blocked.rename(aside)
    blocked.write_bytes(b"a file where a folder should be")
    assert worked_off() == 1 and outbox.stuck() == 1
    assert queries.certificate_of(contract, 1) is None
    assert certificate_of(other).digest != digest
    blocked.unlink()
    aside.rename(blocked)
    worker.issue([contract.key])
    assert certificate_of(contract).digest == digest


def test_a_file_that_was_damaged_where_it_is_kept_is_not_given_out(app: Flask) -> None:
    issued = a_certificate(an_office())
    worker.files.path_of(issued.digest).write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(Conflict):
        queries.file_of(issued)


def test_parties_the_point_and_the_operator_may_take_it_and_nobody_else(app: Flask) -> None:
    office = an_office()
    issued = a_certificate(office)
    number = issued.contract.local_no
    buyer = a_person(Role.ENTERPRISE, office.buyer)
    for user in (office.applicant, office.clerk, office.reviewer, buyer, Console()):
        assert queries.load(number, 1, user).id == issued.id
    for user in (office.stranger, office.outsider, office.expert):
        with pytest.raises(NotFound):
            queries.load(number, 1, user)
    with pytest.raises(NotFound):
        queries.load(number, 2, office.applicant)


def test_the_signal_is_deleted_once_the_certificate_is_there(app: Flask) -> None:
    registered(an_office())
    worked_off()
    assert not db.session.query(OutboxRow).filter_by(topic=outbox.Topic.CERTIFICATE).count()


def test_nobody_takes_a_certificate_under_a_partys_code_alone(app: Flask) -> None:
    office, code = an_office(), a_code(90_001)
    contract = registered(office, buyers=[party_facts(office.buyer, uscc=code)])
    worked_off()
    pretender = a_person(Role.ENTERPRISE, an_organization(verified=False, uscc=code))
    number = contract.local_no or ""
    with pytest.raises(NotFound):
        queries.load(number, 1, pretender)
    assert queries.holdings(pretender, page=1, size=9) == []
    pretender.organization.verified_at = NOW
    assert queries.load(number, 1, pretender).contract == contract
    assert len(queries.holdings(pretender, page=1, size=9)) == 1
