"""The one transaction of a registration: number, version, ledger entry, certificate, export."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from marketplace import outbox
from marketplace.contracts import commissions, entries, numbers, queries
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import ContractVersion, Notice, NoticeKind
from marketplace.contracts.situation import Situation
from marketplace.contracts.snapshot import facts_of, fingerprint
from marketplace.errors import Conflict
from marketplace.extensions import db
from marketplace.ledger.entry import Kind
from marketplace.ledger.operations import append
from marketplace.outbox import Topic


def register(s: Situation) -> None:
    """Register the contract as it stands: for the first time, or as its next version.

    The number comes first: its row is the lock that orders registrations at one point.
    """
    contract = s.contract
    if contract.local_no is None:
        number = numbers.issue(contract.point_code, s.day.year)
        contract.local_no, contract.registered_on = number, s.day
        contract.registered_at = s.now
    else:
        _reverse(Kind.REVERSED, s)
    contract.version += 1
    contract.live_fingerprint = fingerprint(contract)
    _flush_unless_twin()
    facts = entries.registered_facts(contract, s.day)
    entry = append(
        Kind.REGISTERED,
        contract.key,
        facts,
        version=contract.version,
        rules=contract.rules,
        now=s.now,
    )
    db.session.add(_version(s, facts, entry.position))
    commissions.fall_due_on_registration(s)
    _tell_outside(s)


def _flush_unless_twin() -> None:
    try:
        db.session.flush()
    except IntegrityError as fault:  # somebody registered the same contract in this instant
        raise Conflict(_("同一合同已经登记，不能重复登记（G3）")) from fault


def _version(s: Situation, facts: Mapping[str, Any], position: int) -> ContractVersion:
    contract = s.contract
    return ContractVersion(
        contract_id=contract.id,
        at=s.now,
        by_id=s.actor_id,
        version=contract.version,
        rules=contract.rules,
        registered_on=s.day,
        deal_amount=contract.deal_amount or 0,
        technology_amount=contract.technology_amount or 0,
        first_reviewer_id=contract.first_reviewer_id,
        second_reviewer_id=contract.second_reviewer_id,
        facts=facts_of(contract) | {"office": queries.office_of(contract)},
        entry=dict(facts),
        position=position,
    )


def _reverse(kind: Kind, s: Situation) -> None:
    """Take back what stands, counted today: a closed month is never written again."""
    standing = queries.versions_of(s.contract)[-1]
    facts = entries.reversed_facts(standing.entry, standing.position, s.day)
    append(kind, s.contract.key, facts, version=standing.version, rules=s.contract.rules, now=s.now)


def end(kind: Kind, s: Situation) -> None:
    """Cancel or revoke: a negative entry, the certificate void, the number never used again."""
    _reverse(kind, s)
    commissions.are_taken_back(s)
    s.contract.live_fingerprint = None
    s.contract.ended_on = s.day
    _tell_outside(s)


def _tell_outside(s: Situation) -> None:
    """The certificate and the national system look again at the contract."""
    for topic in (Topic.CERTIFICATE, Topic.EXPORT):
        outbox.put(topic, s.contract.key, now=s.now)


def notify(s: Situation, kind: NoticeKind, recipient: str, text: object) -> None:
    """Write down what somebody is told; by reference, without personal data."""
    notice = Notice(
        contract_id=s.contract.id,
        at=s.now,
        by_id=s.actor_id,
        kind=kind,
        recipient=recipient,
        text=str(text),
    )
    db.session.add(notice)


def notify_applicant(s: Situation, kind: NoticeKind, text: object) -> None:
    """Tell the applicant."""
    notify(s, kind, f"organization/{s.contract.organization_id}", text)


def tell_of_benefit(s: Situation, contract: Contract) -> None:
    """Whoever used a benefit reports to its authority (draft Art 16); the platform decides nothing."""
    if contract.tax_relief or (s.request and s.request.benefit_used):
        notify_applicant(s, NoticeKind.BENEFIT, s.rules.wording["benefit"])
        notify(s, NoticeKind.TAX, "tax", s.rules.wording["benefit"])
