"""Contracts from a file: first a plan, which says what would happen, then the deed.

A contract is known again by its applicant, its name, its day of signing and the codes of its
parties: the same file read twice adds nothing. Whatever goes in becomes a draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace.accounts.models import Organization
from marketplace.accounts.queries import organization_called
from marketplace.contracts import directory, forms, operations
from marketplace.contracts.columns import TABLES, Facts
from marketplace.contracts.differences import changed
from marketplace.contracts.exchange.columns import (
    APPLICANT,
    APPLICANT_HEADING,
    known_headings,
    path_of,
    values_of,
)
from marketplace.contracts.models import Contract
from marketplace.contracts.points import RegistrationPoint
from marketplace.contracts.snapshot import facts_of, plain_facts
from marketplace.extensions import db
from marketplace.listings import sheets
from marketplace.listings.importing import Rejected, Report
from marketplace.listings.sheets import Row
from marketplace.permissions import Permission, Role, permits, require
from marketplace.rules import Rules
from marketplace.working_days import local_day

#: Whatever a file may say beside our columns without being told that it was not read.
OURS = ("错误信息", "登记编号", "状态", "登记日期", "登记点")


@dataclass
class Plan:
    """What a file would do: drafts to add and to change, and the report."""

    report: Report = field(default_factory=Report)
    to_add: list[tuple[Facts, Organization, RegistrationPoint]] = field(default_factory=list)
    to_change: list[tuple[Contract, Facts]] = field(default_factory=list)


def read_rows(path: Path) -> list[Row]:
    """The rows of a file under headings of the data dictionary."""
    return sheets.read(path, known_headings())


def import_rows(rows: Sequence[Row], *, actor: Any, dry_run: bool, now: datetime) -> Report:
    """Add what is new, change what differs, leave what is alike, and report what cannot go in."""
    require(actor, Permission.POST_CONTRACT)
    plan = _plan(rows, actor, now)
    if not dry_run:
        for facts, owner, point in plan.to_add:
            operations.create(facts, point=point, applicant=owner, actor=actor, now=now)
        for contract, facts in plan.to_change:
            revision = contract.revision
            operations.change(contract, facts, revision=revision, actor=actor, now=now)
    return plan.report


def _plan(rows: Sequence[Row], actor: Any, now: datetime) -> Plan:
    plan, rules, seen = Plan(), Rules.in_force(local_day(now)), set()
    headings = dict.fromkeys(h for row in rows if not row.fault for h in row.cells)
    plan.report.unknown = [h for h in headings if path_of(h) is None and h not in OURS]
    for row in rows:
        facts, owner, point, errors = _read(row, actor, rules, now)
        if errors or owner is None or point is None:
            _reject(plan, row, errors)
            continue
        key = (owner.id, *key_of(plain_facts(facts)))
        if key in seen:
            text = _("文件中已有同一登记主体、名称、签订日期和当事人的一行")
            _reject(plan, row, {"project_name": [text]})
            continue
        seen.add(key)
        _decide(plan, row, facts, owner, point, actor)
    return plan


Read = tuple[Facts, Organization | None, RegistrationPoint | None, forms.Errors]


def _read(row: Row, actor: Any, rules: Rules, now: datetime) -> Read:
    if row.fault:
        return {}, None, None, {"": [row.fault]}
    values = values_of(row.cells)
    facts, errors = forms.read({n: v for n, v in values.items() if n != APPLICANT}, rules)
    if not facts.get("project_name"):
        errors.setdefault("project_name", [_("“项目名称”必填")])
    owner = _owner(str(values.get(APPLICANT, "")).strip(), facts, actor)
    point = _point(owner, actor, now) if owner else None
    if actor.role == Role.CLERK and owner is not None and owner.id == actor.organization_id:
        errors[APPLICANT] = [_("登记主体不能是登记点自己的单位")]
    elif owner is None:
        errors[APPLICANT] = [_("没有找到登记主体；请填写已注册单位的名称或统一社会信用代码")]
    elif point is None:
        errors["point_code"] = [_("登记主体所在地区没有可受理的登记点")]
    return facts, owner, point, errors


def _owner(named: str, facts: Facts, actor: Any) -> Organization | None:
    """The seller's organisation, of an import the buyer's; members write for their own alone."""
    if actor.role != Role.CLERK:
        return actor.organization
    side = "buyers" if facts.get("trade") == "import" else "sellers"
    codes = [row.get("uscc", "") for row in facts.get(side, ())]
    return organization_called(named or (codes[0] if codes else "")) if named or codes else None


def _point(owner: Organization, actor: Any, now: datetime) -> RegistrationPoint | None:
    day = local_day(now)
    fitting = directory.points_for(owner, day)
    if actor.role == Role.CLERK:
        fitting = [
            p for p in directory.open_points(day) if p.organization_id == actor.organization_id
        ]
    return fitting[0] if fitting else None


def key_of(facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """By what a contract of one applicant is known again: name, signing day, parties."""
    parties = [
        f"{side}:{row.get('uscc') or row.get('name') or ''}"
        for side in ("sellers", "buyers")
        for row in facts.get(side, ())
    ]
    return facts["project_name"], facts.get("signed_on") or "", "\n".join(sorted(parties))


def _stored(facts: Facts, owner: Organization) -> Contract | None:
    named = select(Contract).where(
        Contract.organization_id == owner.id, Contract.project_name == facts["project_name"]
    )
    key = key_of(plain_facts(facts))
    rows = db.session.scalars(named.order_by(Contract.id.desc()))
    return next((row for row in rows if key_of(facts_of(row)) == key), None)


def _decide(
    plan: Plan,
    row: Row,
    facts: Facts,
    owner: Organization,
    point: RegistrationPoint,
    actor: Any,
) -> None:
    contract = _stored(facts, owner)
    if contract is not None:
        facts = _with_what_stands(contract, facts, row)
    if contract is None:
        plan.to_add.append((facts, owner, point))
        plan.report.added += 1
    elif not changed(contract, facts):
        plan.report.unchanged += 1
    elif contract.is_editable and not permits(actor, Permission.APPLY_CONTRACT, contract):
        text = _("登记主体已有同一合同的草稿，由其本人填写，不能用导入修改")
        _reject(plan, row, {"project_name": [text]})
    elif _exceeds_the_deal(contract, facts):
        text = _("不能高于合同成交额（两项金额改好后一并保存）")
        _reject(plan, row, {"technology_amount": [text]})
    elif contract.is_editable:
        plan.to_change.append((contract, facts))
        plan.report.updated += 1
    else:
        text = _("同一合同已提交或已登记，不能用导入修改；请撤回或申请变更登记")
        _reject(plan, row, {"project_name": [text]})


def _with_what_stands(contract: Contract, facts: Facts, row: Row) -> Facts:
    """A file changes what it has a column for; of parties and other tables too."""
    named = {path_of(heading) for heading in row.cells}
    kept = {name: value for name, value in facts.items() if name not in TABLES}
    for table, columns in TABLES.items():
        if not any(f"{table}." in (path or "") for path in named):
            continue
        rows = [dict(one) for one in facts.get(table, ())]
        for place, (new, old) in enumerate(zip(rows, getattr(contract, table), strict=False)):
            unnamed = (c.name for c in columns if f"{table}.{place}.{c.name}" not in named)
            new |= {name: getattr(old, name) for name in unnamed}
        kept[table] = rows
    return kept


def _exceeds_the_deal(contract: Contract, facts: Facts) -> bool:
    """Whether the two amounts contradict each other once those not in the file are kept."""
    deal = facts.get("deal_amount", contract.deal_amount)
    technology = facts.get("technology_amount", contract.technology_amount)
    return deal is not None and technology is not None and technology > deal


def _reject(plan: Plan, row: Row, errors: forms.Errors) -> None:
    """The messages of fields name their column themselves; the others gain its heading."""
    named = {}
    for path, texts in errors.items():
        heading = APPLICANT_HEADING if path == APPLICANT else forms.heading_of(path)
        column = heading.rpartition(" ")[2]
        bare = [str(text).removeprefix(f"{column}：") for text in texts]
        named[heading if path else ""] = bare
    plan.report.errors.append(Rejected(row.number, row.cells, named))
