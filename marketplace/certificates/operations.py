"""Record what was issued; ask for a list. The files themselves are made by the worker."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select

from marketplace import audit, outbox
from marketplace.audit import Tag
from marketplace.certificates import queries
from marketplace.certificates.check_code import code_of
from marketplace.certificates.models import Certificate, ListLine, RegistrationList
from marketplace.contracts.models import Contract
from marketplace.contracts.states import LIVE
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.outbox import Topic
from marketplace.permissions import Permission, permits
from marketplace.working_days import local_day

LONGEST_LIST = 200


def certificate_code(number: str, version: int) -> str:
    """核对码 of one version; the same whenever it is asked."""
    return code_of(f"{number}/v{version}")


def record_certificate(
    contract_id: int, version: int, *, position: int, head_size: int, digest: str, now: datetime
) -> Certificate:
    """Write down that the certificate was issued; what was already written stays as it is."""
    contract = db.session.get_one(Contract, contract_id)
    known = queries.certificate_of(contract, version)
    if known is not None:
        return known
    issued = Certificate(
        contract=contract,
        version=version,
        position=position,
        head_size=head_size,
        code=certificate_code(contract.local_no or "", version),
        digest=digest,
        issued_at=now,
    )
    db.session.add(issued)
    facts = {"version": version, "file": digest, "position": position}
    audit.record(None, Tag.CERTIFICATE_ISSUED, contract.key, now=now, **facts)
    db.session.flush()
    return issued


def ask_list(numbers: Sequence[str], *, actor: Any, now: datetime) -> RegistrationList:
    """Ask for a 登记清单 of the contracts with those numbers, all of one seller.

    :class:`InvalidInput` names each contract that no list may name now, and why.
    """
    chosen = _chosen(numbers, actor)
    if wrong := [*_refusals(chosen, local_day(now))]:
        raise InvalidInput({"numbers": wrong})
    asked = RegistrationList(
        seller=chosen[0].sellers[0].name,
        large=queries.is_large(chosen[0]),
        asked_at=now,
        asked_by_id=getattr(actor, "id", None),
        code="",
        lines=[
            ListLine(position=position, contract=contract, version=contract.version)
            for position, contract in enumerate(chosen, 1)
        ],
    )
    db.session.add(asked)
    db.session.flush()
    asked.code = code_of(asked.number)
    audit.record(actor, Tag.LIST_ASKED, asked.key, now=now, numbers=[c.local_no for c in chosen])
    outbox.put(Topic.CERTIFICATE, asked.key, now=now)
    return asked


def _chosen(numbers: Sequence[str], actor: Any) -> list[Contract]:
    wanted = [*dict.fromkeys(number.strip() for number in numbers if number.strip())]
    if not wanted:
        raise InvalidInput({"numbers": [_("请至少选择一份合同")]})
    if len(wanted) > LONGEST_LIST:
        raise InvalidInput({"numbers": [_("一份清单最多列%(n)s份合同", n=LONGEST_LIST)]})
    known = or_(Contract.local_no.in_(wanted), Contract.national_no.in_(wanted))
    rows = db.session.scalars(select(Contract).where(known).order_by(Contract.local_no)).all()
    own = {contract.local_no for contract in rows}  # comes before the same number of the nation's
    found = [
        contract
        for contract in rows
        if (contract.local_no in wanted or contract.national_no not in own)
        and permits(actor, Permission.TAKE_CERTIFICATE, contract)
    ]
    names = {name for contract in found for name in (contract.local_no, contract.national_no)}
    if lost := [number for number in wanted if number not in names]:
        text = _("没有登记编号为%(number)s的合同", number="、".join(n[:20] for n in lost))
        raise InvalidInput({"numbers": [text]})
    return found


def _refusals(chosen: Sequence[Contract], today: date) -> Iterator[str]:
    first = chosen[0]
    for contract in chosen:
        number = contract.local_no
        if contract.state not in LIVE:
            yield _("合同%(number)s的登记当前不是有效状态，不能列入清单", number=number)
        elif (day := queries.listable_on(contract)) > today:
            text = _("合同%(number)s自%(day)s起才可列入清单", number=number, day=day.isoformat())
            yield text
        if _seller(contract) != _seller(first):
            yield _("合同%(number)s的卖方与首份合同不同，一份清单只列同一卖方", number=number)
        if queries.is_large(contract) != queries.is_large(first):
            yield _("合同%(number)s与首份合同分属500万元以上和以下，不能混列", number=number)


def _seller(contract: Contract) -> str:
    return contract.sellers[0].uscc or contract.sellers[0].name


def record_list(list_id: int, *, digest: str, now: datetime) -> RegistrationList:
    """Write down that the list was issued; what was already written stays as it is."""
    issued = db.session.get_one(RegistrationList, list_id)
    if issued.digest is None:
        issued.digest, issued.issued_at = digest, now
        audit.record(None, Tag.LIST_ISSUED, issued.key, now=now, file=digest)
        db.session.flush()
    return issued
