"""What is asked of certificates and lists: what stands, who holds what, what anybody may verify."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from marketplace import files
from marketplace.certificates.check_code import is_same
from marketplace.certificates.models import Certificate, ListLine, RegistrationList
from marketplace.contracts import queries as contracts
from marketplace.contracts.models import Contract, Party
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.proceedings import ContractVersion
from marketplace.contracts.states import LIVE, State
from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db
from marketplace.permissions import Permission, Role, permits
from marketplace.rules import Rules
from marketplace.working_days import current_calendar

NUMBER = re.compile(r"[0-9]{16}")
LIST_NUMBER = re.compile(r"QD([0-9]{4})([0-9]{8})")
#: Where somebody doubts a registration it stands until it is decided.
STANDING = LIVE | {State.REEXAM}


class Standing(StrEnum):
    """What a certificate or a list is worth now."""

    VALID = "valid"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    REVOKED = "revoked"


STANDING_NAMES = {
    Standing.VALID: _l("有效"),
    Standing.SUPERSEDED: _l("已被新版本替代"),
    Standing.CANCELLED: _l("登记已注销，证明失效"),
    Standing.REVOKED: _l("登记已撤销，证明作废"),
}


def standing_of(contract: Contract, version: int) -> Standing:
    """What a proof of that version of the contract is worth now."""
    if contract.state == State.CANCELLED:
        return Standing.CANCELLED
    if contract.state not in STANDING:
        return Standing.REVOKED
    return Standing.VALID if version == contract.version else Standing.SUPERSEDED


def standing_of_list(registrations: RegistrationList) -> Standing:
    """A list is void with the first of its contracts that no longer stands as it was listed."""
    worth = {standing_of(line.contract, line.version) for line in registrations.lines}
    order = (Standing.REVOKED, Standing.CANCELLED, Standing.SUPERSEDED)
    return next((standing for standing in order if standing in worth), Standing.VALID)


def certificate_of(contract: Contract, version: int) -> Certificate | None:
    """The certificate of that version, where one was issued."""
    of_version = select(Certificate).where(
        Certificate.contract_id == contract.id, Certificate.version == version
    )
    return db.session.scalar(of_version)


def unproved_version(contract_id: int) -> ContractVersion | None:
    """The version that stands and has no certificate yet."""
    contract = db.session.get(Contract, contract_id)
    if contract is None or contract.state not in STANDING or contract.local_no is None:
        return None
    if certificate_of(contract, contract.version) is not None:
        return None
    return contracts.versions_of(contract)[-1]


def load(number: str, version: int, user: Any) -> Certificate:
    """The certificate if ``user`` may take it; otherwise :class:`NotFound`, told apart by nothing."""
    contract = _contract_called(number)
    if contract is not None and permits(user, Permission.TAKE_CERTIFICATE, contract):
        found = certificate_of(contract, version) if version <= contract.version else None
        if found is not None:
            return found
    raise NotFound(_("没有找到这份证明"))


def _contract_called(number: str) -> Contract | None:
    if not NUMBER.fullmatch(number):
        return None
    return contracts.called(number)


def load_list(number: str, user: Any) -> RegistrationList:
    """The list if ``user`` may take every contract in it; otherwise :class:`NotFound`."""
    found = _list_called(number)
    if found is None or not all(
        permits(user, Permission.TAKE_CERTIFICATE, line.contract) for line in found.lines
    ):
        raise NotFound(_("没有找到这份清单"))
    return found


def _list_called(number: str) -> RegistrationList | None:
    match = LIST_NUMBER.fullmatch(number)
    if match is None or int(match[2]) > contracts.LARGEST_ID:
        return None
    found = db.session.get(RegistrationList, int(match[2]))
    return found if found is not None and found.number == number else None


def file_of(issued: Certificate | RegistrationList) -> bytes:
    """The bytes as issued; :class:`Conflict` where what is kept is not what was issued."""
    if issued.digest is None:
        raise NotFound(_("文件正在生成，请稍后再试"))
    content = files.path_of(issued.digest).read_bytes()
    if not files.is_whole(issued.digest):
        raise Conflict(_("存放的文件与签发时不一致，已停止提供；请联系运营方"))
    return content


def by_digest(digest: str) -> Certificate | RegistrationList | None:
    """What was issued with a file of that digest."""
    return db.session.scalar(
        select(Certificate).where(Certificate.digest == digest)
    ) or db.session.scalar(select(RegistrationList).where(RegistrationList.digest == digest))


def by_code(number: str, code: str, version: int | None = None) -> Certificate | RegistrationList:
    """What bears that number and code; :class:`NotFound` alike for a number that does not exist."""
    for issued in _called(number):
        if is_same(code, issued.code) and version in (None, getattr(issued, "version", version)):
            return issued
    raise NotFound(_("编号与核对码不相符；请对照证明上的16位编号和12位核对码"))


def _called(number: str) -> Sequence[Certificate | RegistrationList]:
    registrations = _list_called(number)
    if registrations is not None:
        return [registrations]
    known = or_(Contract.local_no == number, Contract.national_no == number)
    return db.session.scalars(select(Certificate).join(Certificate.contract).where(known)).all()


@dataclass(frozen=True)
class Holding:
    """A registered contract as its holder sees it; ``listable_on`` is when a list may name it."""

    contract: Contract
    certificates: Sequence[Certificate]
    standing: Standing
    listable_on: date
    large: bool


def holdings(user: Any, *, page: int, size: int, number: str = "") -> list[Holding]:
    """The registered contracts whose certificates ``user`` may take, the newest first; or one."""
    is_wanted = Contract.local_no == number if number else Contract.local_no.is_not(None)
    registered = select(Contract).where(is_wanted, _held_by(user))
    registered = registered.order_by(Contract.registered_on.desc(), Contract.id.desc())
    rows = db.session.scalars(registered.offset((page - 1) * size).limit(size + 1))
    return [_holding(contract) for contract in rows]


def _held_by(user: Any) -> Any:
    """The same rule as ``TAKE_CERTIFICATE`` in :mod:`marketplace.permissions`, as a condition."""
    if user.role == Role.OPERATOR:
        return Contract.id.is_not(None)
    own = user.organization
    if own is None:
        return Contract.id.is_(None)
    is_own = Party.organization_id == own.id
    if own.uscc:
        is_own = or_(is_own, Party.uscc == own.uscc)
    held = Contract.organization_id == own.id
    if own.verified_at is not None:
        held = or_(held, Contract.parties.any(is_own))
    if user.role in (Role.CLERK, Role.REVIEWER):
        points = select(RegistrationPoint.code).where(RegistrationPoint.organization_id == own.id)
        held = or_(held, Contract.point_code.in_(points))
    return held


def _holding(contract: Contract) -> Holding:
    issued = select(Certificate).where(Certificate.contract_id == contract.id)
    certificates = db.session.scalars(issued.order_by(Certificate.version.desc())).all()
    standing = standing_of(contract, contract.version)
    return Holding(contract, certificates, standing, listable_on(contract), is_large(contract))


def listable_on(contract: Contract) -> date:
    """The day from which a list may name the contract: working days after its approval."""
    approved = contracts.versions_of(contract)[-1].registered_on
    days = Rules.called(contract.rules).clock.list_days
    return current_calendar().after(approved, days)


def is_large(contract: Contract) -> bool:
    """Whether 技术交易额 reaches the threshold of large contracts under which it was decided."""
    threshold = Rules.called(contract.rules).thresholds.large_fen
    return (contract.technology_amount or 0) >= threshold


def lists_of(user: Any, *, limit: int) -> list[RegistrationList]:
    """The last lists that ``user`` may take."""
    held = select(Contract.id).where(_held_by(user))
    naming = select(ListLine.list_id).where(ListLine.contract_id.in_(held))
    newest = select(RegistrationList).where(RegistrationList.id.in_(naming))
    rows = db.session.scalars(newest.order_by(RegistrationList.id.desc()).limit(limit))
    return [*_takeable(rows.all(), user)]


def _takeable(rows: Sequence[RegistrationList], user: Any) -> Iterator[RegistrationList]:
    for row in rows:
        if all(permits(user, Permission.TAKE_CERTIFICATE, line.contract) for line in row.lines):
            yield row
