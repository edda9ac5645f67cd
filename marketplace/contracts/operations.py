"""Write down, assess and move contracts. ``advance`` is the only writer of a contract's state."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace import audit, files
from marketplace.accounts.models import Console, Organization
from marketplace.audit import Tag
from marketplace.contracts import queries
from marketplace.contracts.effects import EFFECTS
from marketplace.contracts.lifecycle import CONTRACT
from marketplace.contracts.models import Attachment, Contract
from marketplace.contracts.origins import require_origin, tell_introduction
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.proceedings import Answer, NoticeKind, TypeTest
from marketplace.contracts.request_guards import PROOFS
from marketplace.contracts.situation import Situation
from marketplace.contracts.snapshot import facts_of, plain_facts, set_facts
from marketplace.contracts.states import Action, State
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.listings.models import Need, Result
from marketplace.permissions import Permission, Role, permits, require
from marketplace.transactions import lock
from marketplace.working_days import local_day

#: What a clerk may set in the course of the review: the title never decides the type.
ASSESSED = frozenset(
    {"type", "field", "goal", "industry", "technology_amount", "deductions", "mixed"}
)
REVIEWED = frozenset({State.REVIEW1, State.EXPERT})
TICKED = REVIEWED | {State.CHANGE_PENDING, State.REEXAM}


def create(
    facts: Mapping[str, Any],
    *,
    point: RegistrationPoint,
    actor: Any,
    now: datetime,
    applicant: Organization | None = None,
    demonstration: bool = False,
) -> Contract:
    """A draft of checked ``facts``; a clerk types one at the counter for an ``applicant``."""
    require(actor, Permission.POST_CONTRACT)
    owner = _owner(applicant, actor)
    contract = Contract(
        state=State.DRAFT,
        organization=owner,
        typist_id=actor.id if owner.id != actor.organization_id else None,
        point=point,
        demonstration=demonstration,
        created_at=now,
        updated_at=now,
    )
    db.session.add(contract)
    _fill(contract, facts)
    audit.record(actor, Tag.CONTRACT_CREATED, contract.key, now=now)
    return contract


def _owner(applicant: Organization | None, actor: Any) -> Organization:
    if actor.role == Role.CLERK:
        if applicant is None or applicant.id == actor.organization_id:
            raise InvalidInput({"organization": [_("请指明登记主体")]})
        return applicant
    if applicant is not None and applicant.id != actor.organization_id:
        raise Forbidden(_("只能以本单位名义申请登记"))
    return actor.organization


def _fill(contract: Contract, facts: Mapping[str, Any]) -> None:
    """Set facts; a party that is a member of the market is known by its code."""
    _require_listings(facts)
    require_origin(contract, facts)
    set_facts(contract, facts)
    codes = {party.uscc for party in contract.parties if party.uscc}
    known = select(Organization.uscc, Organization.id).where(Organization.uscc.in_(codes))
    members = {code: key for code, key in db.session.execute(known)}
    for party in contract.parties:
        party.organization_id = members.get(party.uscc)
    db.session.flush()


def _require_listings(facts: Mapping[str, Any]) -> None:
    """A need or result to which the contract is linked exists."""
    for name, model in (("need_id", Need), ("result_id", Result)):
        key = facts.get(name)
        if key is not None and db.session.get(model, key) is None:
            raise InvalidInput({name: [_("没有找到所关联的需求或成果")]})


def change(
    contract: Contract, facts: Mapping[str, Any], *, revision: int, actor: Any, now: datetime
) -> None:
    """Set checked ``facts`` of a draft; refused if somebody else changed it since ``revision``."""
    require(actor, Permission.APPLY_CONTRACT, contract)
    lock(contract)
    if not contract.is_editable:
        raise Conflict(_("已提交的申请不能直接修改；已登记的合同请申请变更登记"))
    if contract.revision != revision:
        raise Conflict(_("内容已被他人修改。请复制您的文字，刷新页面后再改"))
    _fill(contract, facts)
    _touch(contract, now)
    audit.record(actor, Tag.CONTRACT_CHANGED, contract.key, now=now, revision=contract.revision)


def _touch(contract: Contract, now: datetime) -> None:
    contract.revision += 1
    contract.updated_at = now
    db.session.flush()


def apply_again(contract: Contract, *, actor: Any, now: datetime) -> Contract:
    """The repaired case after a refusal or withdrawal: a new draft with a link, the files with it."""
    require(actor, Permission.APPLY_CONTRACT, contract)
    if contract.state not in (State.REFUSED, State.WITHDRAWN) or contract.purged_at is not None:
        raise Conflict(_("只有不予登记或已撤回的申请可以补正后重新申请"))
    again = create(
        facts_of(contract),
        point=contract.point,
        applicant=contract.organization,
        demonstration=contract.demonstration,
        actor=actor,
        now=now,
    )
    again.previous_id = contract.id
    for old in contract.attachments:
        copied = {name: getattr(old, name) for name in ("kind", "name", "digest", "size")}
        again.attachments.append(Attachment(added_at=now, added_by_id=actor.id, **copied))
    db.session.flush()
    return again


def attach(
    contract: Contract, kind: str, name: str, content: bytes, *, actor: Any, now: datetime
) -> Attachment:
    """Keep a file of the case: by the applicant while it is editable, proofs at any time."""
    lock(contract)
    is_proof = kind in PROOFS and contract.purged_at is None
    may = permits(actor, Permission.APPLY_CONTRACT, contract) or (
        is_proof and permits(actor, Permission.EXAMINE_CONTRACT, contract)
    )
    if not may:
        raise Forbidden(_("您没有进行此操作的权限"))
    if not (contract.is_editable or is_proof):
        raise Conflict(_("已提交的申请不能再改附件，请等待补正通知"))
    if kind not in queries.rules_of(contract, local_day(now)).lists["attachment"].names:
        raise InvalidInput({"kind": [_("请选择附件类别")]})
    digest = files.keep(content, name)
    known = [a for a in contract.attachments if (a.kind, a.digest) == (kind, digest)]
    if known:
        return known[0]
    attachment = Attachment(
        kind=kind,
        name=Path(name).name[-200:],
        digest=digest,
        size=len(content),
        added_at=now,
        added_by_id=actor.id,
    )
    contract.attachments.append(attachment)
    _touch(contract, now)
    facts = {"file": digest, "kind": kind}
    audit.record(actor, Tag.CONTRACT_CHANGED, contract.key, now=now, **facts)
    return attachment


def detach(contract: Contract, attachment_id: int, *, actor: Any, now: datetime) -> None:
    """Take a file off a draft; its bytes stay where they are kept."""
    require(actor, Permission.APPLY_CONTRACT, contract)
    lock(contract)
    if not contract.is_editable:
        raise Conflict(_("已提交的申请不能再改附件，请等待补正通知"))
    for attachment in [a for a in contract.attachments if a.id == attachment_id]:
        contract.attachments.remove(attachment)
        _touch(contract, now)
        facts = {"detached": attachment.digest}
        audit.record(actor, Tag.CONTRACT_CHANGED, contract.key, now=now, **facts)


def tick(
    contract: Contract, code: str, answer: Answer, clause: str, *, actor: Any, now: datetime
) -> TypeTest:
    """Answer one test of the checklist with the clause that shows it, under the case's version."""
    require(actor, Permission.EXAMINE_CONTRACT, contract)
    lock(contract)
    rules = queries.rules_of(contract, local_day(now))
    if contract.state not in TICKED:
        raise Conflict(_("当前状态下不能勾选认定条件"))
    if code not in rules.tests:
        raise InvalidInput({f"tests.{code}": [_("现行规则没有这一条认定条件")]})
    if not clause.strip():
        raise InvalidInput({f"tests.{code}": [_("请摘录合同中的依据条款")]})
    row = queries.ticks_of(contract).get(code) or TypeTest(contract_id=contract.id, code=code)
    row.answer, row.clause, row.rules = answer, clause.strip(), rules.name
    row.at, row.by_id = now, actor.id
    db.session.add(row)
    db.session.flush()
    facts = {"test": code, "answer": answer, "rules": rules.name}
    audit.record(actor, Tag.CONTRACT_EXAMINED, contract.key, now=now, **facts)
    return row


def assess(contract: Contract, facts: Mapping[str, Any], *, actor: Any, now: datetime) -> None:
    """核定: the first reviewer sets type, codes, deductions and 技术交易额; what stood is recorded."""
    require(actor, Permission.REVIEW_CONTRACT, contract)
    lock(contract)
    if contract.state not in REVIEWED or actor.id != contract.first_reviewer_id:
        raise Conflict(_("只有承办本件的初审登记员在审核中可以核定"))
    if odd := set(facts) - ASSESSED:
        raise InvalidInput({name: [_("审核中不能改这一项，请告知补正")] for name in sorted(odd)})
    before = {name: value for name, value in facts_of(contract).items() if name in facts}
    set_facts(contract, facts)
    _touch(contract, now)
    recorded = {"before": before, "after": plain_facts(facts)}
    audit.record(actor, Tag.CONTRACT_EXAMINED, contract.key, now=now, **recorded)


def advance(
    contract: Contract, action: Action, *, actor: Any, now: datetime, **facts: Any
) -> Contract:
    """Move the case by ``action``: the only writer of ``state``.

    :class:`IllegalMove` where the table has no such row, :class:`Forbidden` where the actor may
    not, :class:`GuardFailed` naming the condition that does not hold. ``facts`` by action: reason,
    gate, repairs, answers, clerk, opinion, grounds, change, proof, benefit_used, order.
    """
    lock(contract)
    row = CONTRACT.choose(contract.state, action)
    require(actor, row.permission, contract)
    if row.needs_reason and not str(facts.get("reason") or "").strip():
        raise InvalidInput({"reason": [_("请写明原因")]})
    situation = Situation(contract, actor, now, facts)
    move = CONTRACT.decide(contract.state, action, situation)
    EFFECTS[action](situation, move.target)
    source, contract.state = contract.state, move.target
    _touch(contract, now)
    _record(situation, action, source)
    tell_introduction(contract, actor=actor, now=now)
    return contract


def _record(s: Situation, action: Action, source: State) -> None:
    """Actor, role, time, rule version, reason, file hashes: of every move."""
    contract = s.contract
    tag = Tag.CONTRACT_PURGED if action == Action.PURGE else Tag.CONTRACT_MOVED
    facts = {
        "from": source,
        "to": contract.state,
        "action": action,
        "role": s.actor.role,
        "rules": contract.rules or s.rules.name,
        "reason": s.words("reason"),
        "order": s.words("order"),
        "files": sorted(attachment.digest for attachment in contract.attachments),
        "number": contract.local_no,
        "version": contract.version,
    }
    audit.record(s.actor, tag, contract.key, now=s.now, **facts)


def lapse_unanswered(*, now: datetime) -> int:
    """Withdraw every case whose list of repairs nobody answered in time; how many there were."""
    late = queries.overdue_supplements(local_day(now))
    told = [case for case in late if queries.has_been_told(case, NoticeKind.SUPPLEMENT)]
    for contract in told:
        advance(contract, Action.LAPSE, actor=Console(), now=now)
    return len(told)


def set_national_number(contract: Contract, number: str, *, actor: Any, now: datetime) -> None:
    """Keep the number that the national system gave, apart from our own."""
    require(actor, Permission.ACCEPT_CONTRACT, contract)
    if not (number.isascii() and number.isdigit() and len(number) == 16):
        raise InvalidInput({"national_no": [_("全国登记编号应为16位数字")]})
    if contract.local_no is None:
        raise Conflict(_("尚未登记的合同没有全国登记编号"))
    twin = db.session.scalar(select(Contract.id).where(Contract.national_no == number).limit(1))
    if twin not in (None, contract.id):
        raise InvalidInput({"national_no": [_("该全国登记编号已用于另一合同")]})
    contract.national_no = number
    _touch(contract, now)
    audit.record(actor, Tag.CONTRACT_CHANGED, contract.key, now=now, national_no=number)
