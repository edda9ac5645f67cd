"""Lets contracts be registered, changed and ended, and their certificates be made."""

import unicodedata
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from marketplace import outbox
from marketplace.certificates import operations, queries
from marketplace.certificates.models import Certificate, RegistrationList
from marketplace.certificates.worker import issue
from marketplace.contracts.models import Contract
from marketplace.contracts.states import Action
from marketplace.extensions import db
from marketplace.outbox import Topic
from marketplace.transactions import transact
from tests.contracts.factories import (
    NOW,
    WAN,
    Office,
    a_proof,
    in_review,
    moved,
    registered,
)

LATER = NOW + timedelta(days=3)


def worked_off() -> int:
    """How many rows of the outbox the maker of certificates did."""
    return outbox.drain({Topic.CERTIFICATE: issue})


def a_certificate(office: Office, **facts: Any) -> Certificate:
    """The certificate of a contract that was just registered."""
    contract = registered(office, **facts)
    worked_off()
    return certificate_of(contract)


def certificate_of(contract: Contract, version: int | None = None) -> Certificate:
    """The certificate of the version that stands, or of another."""
    found = queries.certificate_of(contract, version or contract.version)
    assert found is not None, outbox.last_failure()
    return found


def changed(contract: Contract, office: Office, *, now: datetime = LATER) -> Contract:
    """The contract after an agreed change to 90 万元."""
    proof = a_proof(contract, office.applicant)
    change = {"deal_amount": 90 * WAN, "deal_words": "玖拾万元整", "technology_amount": 70 * WAN}
    asked = {"reason": "补充协议", "proof": [proof], "change": change}
    moved(contract, Action.REQUEST_CHANGE, office.applicant, now=now, **asked)
    moved(contract, Action.EXAMINE, office.clerk, now=now, opinion="属实")
    return moved(contract, Action.AGREE, office.reviewer, now=now)


def cancelled(contract: Contract, office: Office) -> Contract:
    """The contract after its agreed cancellation."""
    proof = a_proof(contract, office.applicant)
    moved(contract, Action.REQUEST_CANCEL, office.applicant, reason="解除", proof=[proof])
    moved(contract, Action.EXAMINE, office.clerk, opinion="属实")
    return moved(contract, Action.AGREE, office.reviewer)


def revoked(contract: Contract, office: Office) -> Contract:
    """The contract after its revocation by the authority."""
    hearing = a_proof(contract, office.authority, "hearing")
    told = {"reason": "虚假合同", "proof": [hearing]}
    moved(contract, Action.PROPOSE_REVOKE, office.authority, **told)
    return moved(contract, Action.REVOKE, office.other_authority)


def a_large_contract(office: Office) -> Contract:
    """A registered contract above the threshold, after the experts' opinion."""
    facts = {
        "deal_amount": 620 * WAN,
        "deal_words": "陆佰贰拾万元整",
        "technology_amount": 600 * WAN,
    }
    contract = in_review(office, **facts)
    moved(contract, Action.REFER, office.clerk)
    moved(contract, Action.ADVISE, office.expert, opinion="属技术开发", in_favour=True)
    moved(contract, Action.PROPOSE, office.clerk)
    return moved(contract, Action.AGREE, office.reviewer)


def a_list(office: Office, *contracts: Contract, now: datetime = LATER) -> RegistrationList:
    """A list that was asked for, not made yet."""
    numbers = [contract.local_no or "" for contract in contracts]
    return transact(lambda: operations.ask_list(numbers, actor=office.applicant, now=now))


def file_of(issued: Certificate | RegistrationList) -> bytes:
    """Its bytes."""
    db.session.refresh(issued)
    return queries.file_of(issued)


def text_of(content: bytes) -> str:
    """What a file says, without the line breaks of its layout."""
    pages = (page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return "".join(unicodedata.normalize("NFKC", "".join(pages)).split())
