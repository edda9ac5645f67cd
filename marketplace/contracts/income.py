"""技术性收入核定: receipts declared by the applicant and verified by another, line by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace import audit
from marketplace.audit import Tag
from marketplace.contracts import commissions, entries, queries
from marketplace.contracts.checks.amounts import ROYALTY
from marketplace.contracts.models import Contract
from marketplace.contracts.origins import tell_introduction
from marketplace.contracts.proceedings import IncomeLine
from marketplace.contracts.states import State
from marketplace.errors import Conflict, GuardFailed, InvalidInput
from marketplace.extensions import db
from marketplace.ledger.entry import Kind
from marketplace.ledger.operations import append
from marketplace.money import format_both
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Receipt:
    """What the applicant declares; money in fen, ``settlement`` the digest of an attachment."""

    received_on: date
    voucher: str
    received: int
    non_technical: int = 0
    settlement: str = ""
    rewards: Sequence[Mapping[str, Any]] = ()


def declare(contract: Contract, receipt: Receipt, *, actor: Any, now: datetime) -> IncomeLine:
    """A new line of the form, waiting to be verified; :class:`InvalidInput` by field."""
    require(actor, Permission.APPLY_CONTRACT, contract)
    lock(contract)
    _require_registered(contract)
    if errors := _errors_of(contract, receipt, local_day(now)):
        raise InvalidInput(errors)
    line = IncomeLine(
        contract_id=contract.id,
        line=len(queries.incomes_of(contract)) + 1,
        version=contract.version,
        received_on=receipt.received_on,
        voucher=receipt.voucher.strip(),
        live_voucher=receipt.voucher.strip(),
        received=receipt.received,
        non_technical=receipt.non_technical,
        settlement=receipt.settlement,
        reward_total=sum(row["amount"] for row in receipt.rewards),
        rewards=[dict(row) for row in receipt.rewards],
        declared_at=now,
        declared_by_id=actor.id,
    )
    db.session.add(line)
    _flush_unless_known()
    audit.record(actor, Tag.INCOME_DECLARED, contract.key, now=now, line=line.line)
    return line


def verify(contract: Contract, line: IncomeLine, amount: int, *, actor: Any, now: datetime) -> None:
    """核定 ``amount`` fen of the line, by another than declared it, and enter it in the ledger."""
    _begin_decision(contract, line, actor)
    if not 0 < amount <= line.received - line.non_technical:
        raise InvalidInput({"verified": [_("核定额应大于零，且不超过到账金额减非技术性部分")]})
    left = (contract.technology_amount or 0) - queries.verified_income(contract)
    if amount > left:
        said = format_both(max(left, 0))
        raise GuardFailed(
            _("核定额合计不能超过技术交易额，尚可核定%(s)s；超出的请先办理变更登记", s=said)
        )
    line.verified, line.verified_at, line.verified_by_id = amount, now, actor.id
    db.session.flush()
    standing = queries.versions_of(contract)[-1]
    append(
        Kind.INCOME_VERIFIED,
        contract.key,
        entries.income_facts(contract, line, standing.entry, local_day(now)),
        version=line.line,
        rules=contract.rules,
        now=now,
    )
    commissions.fall_due_on_income(contract, line, actor=actor, now=now)
    facts = {"line": line.line, "amount": amount}
    audit.record(actor, Tag.INCOME_VERIFIED, contract.key, now=now, **facts)
    tell_introduction(contract, actor=actor, now=now)


def return_line(
    contract: Contract, line: IncomeLine, reason: str, *, actor: Any, now: datetime
) -> None:
    """退回 with a reason; the voucher may then be declared again."""
    _begin_decision(contract, line, actor)
    if not reason.strip():
        raise InvalidInput({"reason": [_("请写明原因")]})
    line.returned_at, line.returned_by_id, line.return_reason = now, actor.id, reason.strip()
    line.live_voucher = None
    db.session.flush()
    audit.record(actor, Tag.INCOME_RETURNED, contract.key, now=now, line=line.line, reason=reason)


def _begin_decision(contract: Contract, line: IncomeLine, actor: Any) -> None:
    require(actor, Permission.EXAMINE_CONTRACT, contract)
    lock(contract)  # two lines verified at once must see each other's sum
    db.session.refresh(line)
    _require_registered(contract)
    if line.status != "declared":
        raise Conflict(_("这一笔已核定或已退回"))
    if line.declared_by_id == actor.id:
        raise GuardFailed(_("申报人不能核定自己申报的收入"))


def _require_registered(contract: Contract) -> None:
    if contract.state != State.REGISTERED:
        raise GuardFailed(_("只有已登记的合同可以核定技术性收入"))


def _errors_of(contract: Contract, receipt: Receipt, day: date) -> dict[str, list[str]]:
    voucher = receipt.voucher.strip()
    rewards = [row.get("amount", 0) for row in receipt.rewards]
    rules = {
        "voucher": (bool(voucher) and len(voucher) <= 60, _("请填写发票或凭证号（不超过60字）")),
        "received": (receipt.received > 0, _("到账金额应大于零")),
        "non_technical": (
            0 <= receipt.non_technical < max(receipt.received, 1),
            _("非技术性部分不能为负，且应小于到账金额"),
        ),
        "received_on": (
            (contract.signed_on or day) <= receipt.received_on <= day,
            _("到账日期不能早于合同签订日期，也不能晚于今天"),
        ),
        "settlement": (
            contract.payment != ROYALTY or _has_settlement(contract, receipt.settlement),
            _("提成合同须上传并指明提成结算证明"),
        ),
        "rewards": (
            all(isinstance(one, int) and one > 0 for one in rewards)
            and sum(rewards) <= receipt.received,
            _("奖酬金应为正数，合计不超过到账金额"),
        ),
    }
    errors = {field: [message] for field, (holds, message) in rules.items() if not holds}
    if voucher and _voucher_is_known(voucher):
        errors["voucher"] = [_("该发票或凭证号已申报过")]
    return errors


def _flush_unless_known() -> None:
    try:
        db.session.flush()
    except IntegrityError as fault:  # the same voucher, of another contract, in this instant
        raise InvalidInput({"voucher": [_("该发票或凭证号已申报过")]}) from fault


def _has_settlement(contract: Contract, digest: str) -> bool:
    return any(a.digest == digest and a.kind == "settlement" for a in contract.attachments)


def _voucher_is_known(voucher: str) -> bool:
    known = select(IncomeLine.id).where(IncomeLine.live_voucher == voucher)
    return db.session.scalar(known.limit(1)) is not None
