"""Record behaviour, move records, collect what the day brought, judge signs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from marketplace import audit
from marketplace.accounts.models import Console
from marketplace.audit import Tag
from marketplace.brokering.effects import answer_due
from marketplace.credit import behaviours, facts, queries
from marketplace.credit.behaviours import Found, Subject
from marketplace.credit.effects import EFFECTS
from marketplace.credit.lifecycle import RECORD
from marketplace.credit.models import BehaviourRecord, RecordStep, Sign
from marketplace.credit.rules import CreditRules, months_after
from marketplace.credit.signs import Suspicion, look
from marketplace.credit.situation import Proof, Situation
from marketplace.credit.states import BY_HAND, POSITIVE, Action, Behaviour, State, Verdict
from marketplace.errors import Conflict, InvalidInput
from marketplace.extensions import db
from marketplace.permissions import Permission, require
from marketplace.transactions import lock
from marketplace.working_days import local_day

LONGEST_WORDS = 2000
#: Deals of so many days are searched for signs: the longest window, and the year before it.
SEARCHED_DAYS = 730


@dataclass(frozen=True)
class Report:
    """What a person records: whose behaviour, which kind, on what day, in words, with a file."""

    subject: Subject
    kind: Behaviour
    day: date
    words: str
    proof: Proof | None
    #: A sign that is followed up, if it comes from one.
    sign: str = ""


def record_behaviour(report: Report, *, actor: Any, now: datetime) -> BehaviourRecord:
    """A behaviour that a person found, noticed to its subject; :class:`InvalidInput` by field."""
    require(actor, Permission.RECORD_CREDIT)
    if errors := _errors_of(report, local_day(now)):
        raise InvalidInput(errors)
    source = report.sign or f"report/{report.proof.digest[:40] if report.proof else ''}"
    evidence = (report.sign,) if report.sign else ()
    record = _new(Found(report.subject, report.kind, source, report.day, evidence), actor, now)
    record.words = report.words.strip()
    try:
        db.session.flush()
    except IntegrityError as repeated:  # the database alone sees two who record at once
        raise Conflict(_("这一行为已按同一来源记录过")) from repeated
    _begin(record, actor, now, words=record.words, proof=report.proof)
    return record


def _errors_of(report: Report, today: date) -> dict[str, list[str]]:
    rules = {
        "kind": (report.kind in BY_HAND, _("请选择由人工记录的行为类别")),
        "words": (
            0 < len(report.words.strip()) <= LONGEST_WORDS,
            _("请写明事实，不超过%(n)s字", n=LONGEST_WORDS),
        ),
        "day": (report.day <= today, _("行为日期不能晚于今天")),
        "file": (report.proof is not None, _("请附上证据文件")),
    }
    return {field: [message] for field, (holds, message) in rules.items() if not holds}


def _new(found: Found, actor: Any, now: datetime) -> BehaviourRecord:
    record = BehaviourRecord(
        state=State.COLLECTED,
        organization_id=found.subject.organization_id,
        user_id=found.subject.user_id,
        kind=found.kind,
        source=found.source,
        day=found.day,
        evidence=[*found.evidence],
        rules=CreditRules.in_force(local_day(now)).name,
        recorded_by_id=getattr(actor, "id", None),
        recorded_at=now,
    )
    db.session.add(record)
    return record


def _begin(
    record: BehaviourRecord,
    actor: Any,
    now: datetime,
    *,
    words: str = "",
    proof: Proof | None = None,
) -> None:
    """Positive: in effect at once; negative: noticed first."""
    audit.record(actor, Tag.CREDIT_RECORDED, record.key, now=now, kind=record.kind)
    action = Action.TAKE_EFFECT if record.is_positive else Action.NOTICE
    _move(record, action, Console(), actor, now=now, words=words, proof=proof)


def advance(
    record: BehaviourRecord,
    action: Action,
    *,
    actor: Any,
    now: datetime,
    words: str = "",
    proof: Proof | None = None,
) -> None:
    """Move it as ``actor`` asks: the row of the table, its permission and guards, then the change."""
    if len(words) > LONGEST_WORDS:
        raise InvalidInput({"words": [_("不超过%(n)s字", n=LONGEST_WORDS)]})
    _move(record, action, actor, actor, now=now, words=words, proof=proof)


def follow(record: BehaviourRecord, action: Action, *, now: datetime) -> None:
    """Move it because of a date, or because its ground is gone."""
    _move(record, action, Console(), None, now=now)


def _move(
    record: BehaviourRecord,
    action: Action,
    holder: Any,
    actor: Any,
    *,
    now: datetime,
    words: str = "",
    proof: Proof | None = None,
) -> None:
    """The only way to a new ``state``; ``holder`` is who needs the permission."""
    lock(record)
    row = RECORD.choose(record.state, action)
    require(holder, row.permission, record)
    rules = CreditRules.called(record.rules)
    situation = Situation(record, rules, holder, now, words.strip(), proof)
    move = RECORD.decide(record.state, action, situation)
    source, record.state = record.state, move.target
    EFFECTS[action](situation, move.target)
    step = {"action": action, "source": source, "target": move.target, "at": now}
    said = {"words": words.strip(), "by_id": getattr(actor, "id", None)}
    if proof is not None:
        said |= {"file_name": proof.name, "file_digest": proof.digest}
    record.steps.append(RecordStep(record_id=record.id, **step, **said))
    path = {"from": source, "to": move.target, "action": action}
    audit.record(actor, Tag.CREDIT_MOVED, record.key, now=now, **path)
    db.session.flush()


def tidy(*, now: datetime) -> int:
    """What dates bring about: noticed records take effect, others expire; how many moved."""
    day = local_day(now)
    begin, end = queries.due_to_take_effect(day), queries.due_to_expire(day)
    for record in begin:
        follow(record, Action.TAKE_EFFECT, now=now)
    for record in end:
        follow(record, Action.EXPIRE, now=now)
    return len(begin) + len(end)


@dataclass(frozen=True)
class Harvest:
    """What ledger and introductions show: behaviours not recorded yet, and sources that are gone."""

    fresh: tuple[Found, ...]
    gone: tuple[str, ...]


def gather(*, now: datetime) -> Harvest:
    """Look at ledger and introductions; writes nothing. What would not count any more is left out."""
    registrations = facts.registrations()
    found = [one for row in registrations for one in behaviours.of_registration(row)]
    for introduction in facts.introductions():
        found += behaviours.of_introduction(introduction, answer_due)
    rules, day, known = CreditRules.in_force(local_day(now)), local_day(now), queries.known_keys()
    fresh = (
        one
        for key, one in behaviours.distinct(found).items()
        if key not in known and months_after(one.day, rules.kinds[one.kind].months) > day
    )
    gone = (source for row in registrations for source in behaviours.groundless(row))
    return Harvest(tuple(fresh), tuple(gone))


def keep(fresh: Iterable[Found], *, now: datetime) -> int:
    """Record each of ``fresh``; how many there were."""
    records = [_new(one, None, now) for one in fresh]
    db.session.flush()
    for record in records:
        _begin(record, None, now)
    return len(records)


def withdraw(gone: Iterable[str], *, now: datetime) -> int:
    """End what a cancelled or revoked registration had given; how many there were."""
    lost = queries.standing_on(gone, POSITIVE)
    for record in lost:
        follow(record, Action.LOSE_GROUND, now=now)
    return len(lost)


def collect(*, now: datetime) -> int:
    """Gather, keep and withdraw in one go; how many records were added. Again, it adds nothing."""
    harvest = gather(now=now)
    withdraw(harvest.gone, now=now)
    return keep(harvest.fresh, now=now)


def find_signs(*, now: datetime) -> list[Suspicion]:
    """What looks odd and is not on the list yet; writes nothing."""
    limits = CreditRules.in_force(local_day(now)).signs
    since = now - timedelta(days=SEARCHED_DAYS)
    known = queries.known_signs()
    found = look(facts.deals(local_day(since)), facts.contacts(since), limits)
    return [one for one in found if one.key not in known]


def keep_signs(fresh: Iterable[Suspicion], *, now: datetime) -> int:
    """Put each on the operator's list; how many there were."""
    rules = CreditRules.in_force(local_day(now)).name
    signs = [
        Sign(
            key=one.key,
            kind=one.kind,
            reason=one.reason,
            parties=[*one.parties],
            evidence=[*one.evidence],
            facts=dict(one.facts),
            rules=rules,
            found_at=now,
            verdict=Verdict.OPEN,
        )
        for one in fresh
    ]
    db.session.add_all(signs)
    db.session.flush()
    return len(signs)


def judge(sign: Sign, verdict: Verdict, words: str, *, actor: Any, now: datetime) -> None:
    """排除 or 跟进, with a reason; a judged sign stays judged."""
    require(actor, Permission.DECIDE_CREDIT, sign)
    lock(sign)
    if sign.verdict != Verdict.OPEN:
        raise Conflict(_("这条迹象已有结论"))
    if verdict == Verdict.OPEN or not words.strip():
        raise InvalidInput({"words": [_("请写明核查情况和理由")]})
    if len(words) > LONGEST_WORDS:
        raise InvalidInput({"words": [_("不超过%(n)s字", n=LONGEST_WORDS)]})
    sign.verdict, sign.words = verdict, words.strip()
    sign.decided_at, sign.decided_by_id = now, actor.id
    audit.record(actor, Tag.CREDIT_SIGN_JUDGED, sign.audit_key, now=now, verdict=verdict)
    db.session.flush()
