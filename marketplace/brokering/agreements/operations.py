"""Offer and confirm versions of an agreement, and enter what falls due under the one in force.

Whoever offers a version confirms it thereby. Until everybody has confirmed it, the version before it
stays in force. What falls due is entered once for each occasion, in the transaction of the occasion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace import audit
from marketplace.accounts.models import User
from marketplace.audit import Tag
from marketplace.brokering.agreements import queries
from marketplace.brokering.agreements.entries import Occasion, due_facts, taken_back_facts
from marketplace.brokering.agreements.models import (
    Agreement,
    AgreementConsent,
    AgreementVersion,
    Commission,
)
from marketplace.brokering.agreements.states import Condition, Payer
from marketplace.brokering.agreements.terms import WHOLE, Terms, due_now, replayed
from marketplace.brokering.brokers import queries as brokers
from marketplace.brokering.effects import people_of
from marketplace.brokering.models import Introduction
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.extensions import db
from marketplace.ledger import queries as ledger
from marketplace.ledger.entry import Kind
from marketplace.ledger.operations import append
from marketplace.notices.models import NoticeKind
from marketplace.notices.operations import tell
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Offer:
    """A version as it was typed; ``others`` share the commission with the introduction's broker."""

    terms: Terms
    payer: Payer
    condition: Condition
    #: User and share in basis points; what is left is the introduction's broker's.
    others: Sequence[tuple[User, int]] = ()
    words: str = ""


def offer(
    introduction: Introduction, said: Offer, *, after: int, actor: Any, now: datetime
) -> AgreementVersion:
    """Write the version after ``after``; refused where another one came meanwhile."""
    require(actor, Permission.OFFER_AGREEMENT, introduction)
    if introduction.broker is None:
        raise Conflict(_("这一对接没有经纪人，不需要中介协议"))
    _require_sound(introduction, said, now)
    lock(introduction)
    agreement = queries.of_introduction(introduction.id) or _begin(introduction, now)
    if len(agreement.versions) != after:
        raise Conflict(_("对方刚提出了新的版本，请先看过再改"))
    version = AgreementVersion(
        agreement=agreement,
        version=after + 1,
        rate=said.terms.rate,
        floor=said.terms.floor,
        cap=said.terms.cap,
        payer=said.payer,
        condition=said.condition,
        shares=_shares(introduction.broker, said.others),
        words=said.words,
        offered_at=now,
        offered_by_id=actor.id,
    )
    db.session.add(version)
    db.session.flush()
    said_ = {"version": version.version, "introduction": introduction.key}
    audit.record(actor, Tag.AGREEMENT_OFFERED, agreement.key, now=now, **said_)
    _confirm(agreement, version, actor, now)
    _tell(agreement, "offered", actor, now)
    return version


def _begin(introduction: Introduction, now: datetime) -> Agreement:
    agreement = Agreement(introduction=introduction, created_at=now)
    db.session.add(agreement)
    db.session.flush()
    return agreement


def _shares(broker: User, others: Sequence[tuple[User, int]]) -> list[dict[str, Any]]:
    rows = [(broker, WHOLE - sum(share for _user, share in others)), *others]
    return [{"user_id": u.id, "name": u.display_name, "share": share} for u, share in rows]


def _require_sound(introduction: Introduction, said: Offer, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 <= said.terms.rate <= WHOLE:
        errors["rate"] = [_("佣金比例应在 0 至 100% 之间")]
    if said.terms.cap is not None and said.terms.cap < said.terms.floor:
        errors["cap"] = [_("封顶金额不能低于保底金额")]
    people = [introduction.broker_id, *(user.id for user, _share in said.others)]
    if len(set(people)) < len(people):
        errors["others"] = [_("同一经纪人只能出现一次")]
    if any(share <= 0 for _user, share in said.others) or sum(s for _u, s in said.others) >= WHOLE:
        errors["others"] = [_("各合作经纪人的比例应大于零，合计应小于100%")]
    if any(not brokers.is_active(user.id, now=now) for user, _share in said.others):
        errors["others"] = [_("合作经纪人须为在册经纪人")]
    if errors:
        raise InvalidInput(errors)


def confirm(agreement: Agreement, version: int, *, actor: Any, now: datetime) -> None:
    """Say yes to the latest version, as the party that one stands for."""
    require(actor, Permission.SEE_AGREEMENT, agreement)
    lock(agreement)
    latest = agreement.latest
    if latest.version != version:
        raise Conflict(_("对方刚提出了新的版本，请先看过再确认"))
    _confirm(agreement, latest, actor, now)
    _tell(agreement, "in-force" if not latest.missing else f"confirmed-{actor.id}", actor, now)


def _confirm(agreement: Agreement, version: AgreementVersion, actor: Any, now: datetime) -> None:
    party = queries.party_of(agreement, actor)
    if party not in version.parties:
        raise Forbidden(_("您不是这一版协议的当事人"))
    if party not in version.missing:
        raise Conflict(_("您已确认过这一版"))
    row = AgreementConsent(version_id=version.id, party=party, at=now, by_id=actor.id)
    version.consents.append(row)
    db.session.flush()
    facts = {"version": version.version, "party": party}
    audit.record(actor, Tag.AGREEMENT_CONFIRMED, agreement.key, now=now, **facts)


def _tell(agreement: Agreement, what: str, actor: Any, now: datetime) -> None:
    introduction = agreement.introduction
    ids = [row["user_id"] for row in agreement.latest.shares]
    others = list(db.session.scalars(select(User).where(User.id.in_(ids))))
    users = [user for user in [*people_of(introduction), *others] if user.id != actor.id]
    once = f"{agreement.key}/{agreement.latest.version}/{what}"
    subject = f"agreement/{introduction.id}"
    tell(users, NoticeKind.AGREEMENT_OFFERED, subject, once=once, now=now, what=what)


def enter_due(introduction_id: int, occasion: Occasion, *, actor: Any, now: datetime) -> None:
    """Enter the commission that ``occasion`` makes due; nothing where none was agreed for it.

    Called again for the same occasion it finds its row, and its entry, and adds nothing.
    """
    agreement = queries.of_introduction(introduction_id)
    version = agreement.in_force if agreement else None
    if agreement is None or version is None or version.condition != occasion.kind:
        return
    lock(agreement)
    if queries.commission_of(agreement, occasion) is not None:
        return
    before, entered = queries.standing(agreement, occasion.kind)
    fen = due_now(version.terms, occasion.base, before=before, entered=entered)
    position = None
    if fen:
        entry = append(
            Kind.COMMISSION_DUE,
            _subject(agreement, occasion.contract_id, occasion.kind),
            due_facts(agreement, version, occasion, fen, local_day(now)),
            version=occasion.number,
            rules=occasion.rules,
            now=now,
        )
        position = entry.position
    row = Commission(
        agreement_id=agreement.id,
        version_id=version.id,
        contract_id=occasion.contract_id,
        occasion=occasion.kind,
        number=occasion.number,
        local_no=occasion.local_no,
        base=occasion.base,
        fen=fen,
        position=position,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    facts = {"contract": f"contract/{occasion.contract_id}", "position": position}
    audit.record(actor, Tag.COMMISSION_ENTERED, agreement.key, now=now, **facts)


def _subject(agreement: Agreement, contract_id: int, kind: Condition) -> str:
    return f"{agreement.key}/contract/{contract_id}/{kind.value}"


def take_back(
    contract_id: int, occasions: Sequence[Condition], *, rules: str, actor: Any, now: datetime
) -> None:
    """Take back what fell due on these occasions of a contract, counted today.

    Floor and cap are of all contracts together: what stands of the others is counted again.
    """
    gone = queries.standing_of_contract(contract_id, occasions)
    touched = list(dict.fromkeys(row.version.agreement for row in gone))
    for agreement in touched:
        lock(agreement)
    own = {"rules": rules, "actor": actor, "now": now}
    for row in gone:
        row.reversed_at = now
        if row.position is not None:
            subject = _subject(row.version.agreement, contract_id, row.occasion)
            row.reversed_position = _reverse(row, row.position, subject, **own)
    db.session.flush()
    for agreement in touched:
        _count_again(agreement, [row.position for row in gone], **own)


def _reverse(
    row: Commission, position: int, subject: str, *, rules: str, actor: Any, now: datetime
) -> int:
    """Append what takes back the entry at ``position``; where it stands."""
    facts = taken_back_facts(ledger.load(position).facts, position, local_day(now))
    back = append(
        Kind.COMMISSION_REVERSED, subject, facts, version=row.number, rules=rules, now=now
    )
    _note(row, back.position, actor, now)
    return back.position


def _note(row: Commission, position: int, actor: Any, now: datetime) -> None:
    said = {"contract": f"contract/{row.contract_id}", "position": position}
    audit.record(actor, Tag.COMMISSION_ENTERED, row.version.agreement.key, now=now, **said)


def _count_again(
    agreement: Agreement, gone: Sequence[int | None], *, rules: str, actor: Any, now: datetime
) -> None:
    """Enter anew what is another sum without the entries ``gone``: a reversal and a new entry."""
    rows = queries.standing_rows(agreement)
    sums = replayed((row.occasion, row.version.terms, row.base) for row in rows)
    for row, fen in zip(rows, sums, strict=True):
        if fen == row.fen:
            continue
        # A sum may change more than once: the entry that it gives way to tells one from another.
        former = next(at for at in (row.position, *gone) if at is not None)
        subject = f"{_subject(agreement, row.contract_id, row.occasion)}/after/{former}"
        if row.position is not None:
            _reverse(row, row.position, subject, rules=rules, actor=actor, now=now)
        row.fen, row.position = fen, None
        if fen:
            facts = due_facts(agreement, row.version, _occasion_of(row, rules), fen, local_day(now))
            said: dict[str, Any] = {"version": row.number, "rules": rules, "now": now}
            row.position = append(Kind.COMMISSION_DUE, subject, facts, **said).position
            _note(row, row.position, actor, now)
    db.session.flush()


def _occasion_of(row: Commission, rules: str) -> Occasion:
    return Occasion(
        contract_id=row.contract_id,
        local_no=row.local_no,
        kind=row.occasion,
        number=row.number,
        base=row.base,
        rules=rules,
        demonstration=row.version.agreement.introduction.demonstration,
    )
