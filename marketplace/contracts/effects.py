"""What a move does beside the change of state: one function for each action, all in view."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _

from marketplace import files
from marketplace.contracts import queries, registration, triggers
from marketplace.contracts.proceedings import (
    NoticeKind,
    Opinion,
    Refusal,
    Repair,
    Request,
    RequestKind,
)
from marketplace.contracts.registration import end, notify_applicant, register, tell_of_benefit
from marketplace.contracts.situation import Situation
from marketplace.contracts.snapshot import plain_facts, set_facts
from marketplace.contracts.states import Action, State
from marketplace.extensions import db
from marketplace.ledger.entry import Kind
from marketplace.rules import Rules
from marketplace.working_days import current_calendar

Effect = Callable[[Situation, State], None]


def submit(s: Situation, target: State) -> None:
    """The day of the application is the day within which the term must lie."""
    s.contract.submitted_at = s.now


def send_back(s: Situation, target: State) -> None:
    """Back to draft with the gate it did not pass; no refusal.

    What is submitted after that is another application: its day, clock and rules are its own.
    """
    gate, contract = s.rules.gates[s.words("gate")], s.contract
    notify_applicant(s, NoticeKind.RETURNED, f"{gate}：{s.words('reason')}")
    contract.submitted_at = contract.resubmitted_on = contract.accepted_on = None
    contract.rules, contract.clock_used, contract.due_on = "", 0, None


def accept(s: Situation, target: State) -> None:
    """The clock starts: anew after a supplement, or where it stopped, as the version says."""
    contract = s.contract
    accepted = contract.resubmitted_on or s.day
    old = Rules.called(contract.rules) if contract.rules else None
    if old is None or old.clock.restarts_after_supplement:
        contract.accepted_on, contract.clock_used = accepted, 0
        contract.rules = Rules.in_force(accepted).name
    rules = Rules.called(contract.rules)
    left = rules.clock.review_days - contract.clock_used
    contract.due_on = rules.clock.due(accepted, max(left, 0), current_calendar())
    contract.sampled = contract.sampled or triggers.is_drawn(contract, accepted, rules)


def ask_repair(s: Situation, target: State) -> None:
    """One list; the clock stops, the applicant is told and has the time of the version."""
    contract = s.contract
    former = queries.repairs_of(contract)
    number = former[-1].round + 1 if former else 1
    for item in s.facts["repairs"]:
        row = {"field": item.get("field", ""), "text": item["text"].strip(), "round": number}
        db.session.add(Repair(contract_id=contract.id, at=s.now, by_id=s.actor_id, **row))
    if contract.due_on is not None:
        since = contract.resubmitted_on or contract.accepted_on or s.day
        contract.clock_used += s.rules.clock.used(since, s.day, current_calendar())
        contract.due_on = None
    contract.supplement_due_on = s.day + timedelta(days=s.rules.clock.supplement_days)
    listed = "；".join(item["text"].strip() for item in s.facts["repairs"])
    due = contract.supplement_due_on.isoformat()
    notify_applicant(
        s, NoticeKind.SUPPLEMENT, _("请于%(due)s前补正：%(list)s", due=due, list=listed)
    )


def resubmit(s: Situation, target: State) -> None:
    """The supplement is handed in today."""
    for item in queries.open_repairs(s.contract):
        item.answer = str(s.facts["answers"][item.id]).strip()
    s.contract.resubmitted_on, s.contract.supplement_due_on = s.day, None


def assign(s: Situation, target: State) -> None:
    """The clerk has the case."""
    s.contract.first_reviewer_id = s.facts["clerk"].id


def refer(s: Situation, target: State) -> None:
    """The time of the experts."""
    s.contract.disputed = s.contract.disputed or bool(s.facts.get("disputed"))
    days = s.rules.clock.expert_days
    s.contract.due_on = s.rules.clock.due(s.day, days, current_calendar())


def advise(s: Situation, target: State) -> None:
    """An opinion in writing."""
    opinion = {"text": s.words("opinion"), "in_favour": bool(s.facts.get("in_favour"))}
    db.session.add(Opinion(contract_id=s.contract.id, at=s.now, by_id=s.actor_id, **opinion))


def propose(s: Situation, target: State) -> None:
    """To the second review with its reasons, or registered where none fires."""
    s.contract.triggers = s.triggers
    if target == State.REGISTERED:
        register(s)


def refuse(s: Situation, target: State) -> None:
    """Coded grounds, words and evidence; the notice names the remedy."""
    contract = s.contract
    for ground in s.facts["grounds"]:
        row = {name: str(ground[name]).strip() for name in ("code", "text", "evidence")}
        db.session.add(Refusal(contract_id=contract.id, at=s.now, by_id=s.actor_id, **row))
    contract.refused_on = s.day
    if contract.state == State.REVIEW2:
        contract.second_reviewer_id = s.actor_id
    names = "；".join(s.rules.grounds[ground["code"]] for ground in s.facts["grounds"])
    remedy = s.rules.wording["remedy"] % {"days": s.rules.clock.objection_days}
    notify_applicant(s, NoticeKind.REFUSED, f"{s.rules.wording['refused']}：{names}。{remedy}")


def ask(kind: RequestKind) -> Effect:
    """Write down what is asked, with its proof and the state to which the case would return."""

    def effect(s: Situation, target: State) -> None:
        request = Request(
            contract_id=s.contract.id,
            at=s.now,
            by_id=s.actor_id,
            kind=kind,
            came_from=s.contract.state,
            reason=s.words("reason"),
            facts=plain_facts(s.facts.get("change") or {}),
            proof=list(s.facts.get("proof") or []),
            benefit_used=bool(s.facts.get("benefit_used")),
        )
        db.session.add(request)

    return effect


def examine(s: Situation, target: State) -> None:
    """The first pair of eyes: an opinion, and of an objection what should hold instead."""
    request = asked(s)
    request.examined_by_id, request.examined_at = s.actor_id, s.now
    request.opinion = s.words("opinion")
    if request.kind == RequestKind.OBJECTION and s.facts.get("change"):
        request.facts = plain_facts(s.facts["change"])


def asked(s: Situation) -> Request:
    """The request that waits; the guards have seen that there is one."""
    if s.request is None:
        raise ValueError("nothing waits for a decision")
    return s.request


def _decide(s: Situation, outcome: str) -> None:
    request = asked(s)
    request.decided_by_id, request.decided_at, request.outcome = s.actor_id, s.now, outcome


def agree(s: Situation, target: State) -> None:
    """The second pair of eyes: registers, changes, cancels or remedies, by what the case waits for."""
    if s.contract.state == State.REVIEW2:
        s.contract.second_reviewer_id = s.actor_id
        register(s)
    elif target == State.CANCELLED:
        end(Kind.CANCELLED, s)
        tell_of_benefit(s, s.contract)
        _decide(s, "agreed")
    else:
        _remedy(s)
        _decide(s, "agreed")


def _remedy(s: Situation) -> None:
    contract, request = s.contract, asked(s)
    if request.facts:
        set_facts(contract, request.facts)
    if contract.local_no is None:  # refused, and registered after the objection
        contract.second_reviewer_id = None
        contract.first_reviewer_id = request.examined_by_id
        contract.second_reviewer_id = s.actor_id
        contract.refused_on = None
    else:
        tell_of_benefit(s, contract)
    register(s)


def reject(s: Situation, target: State) -> None:
    """Nothing changes; the registration stands as it stood."""
    _decide(s, "rejected")
    notify_applicant(s, NoticeKind.RETURNED, s.words("reason"))


def drop_revoke(s: Situation, target: State) -> None:
    """The registration stands; nobody outside was told of the proposal."""
    _decide(s, "dropped")


def revoke(s: Situation, target: State) -> None:
    """撤销登记: negative entry, credit record, notice to the tax body."""
    end(Kind.REVOKED, s)
    reason = asked(s).reason
    registration.notify(s, NoticeKind.CREDIT, f"organization/{s.contract.organization_id}", reason)
    registration.notify(s, NoticeKind.TAX, "tax", reason)
    notify_applicant(s, NoticeKind.BENEFIT, s.rules.wording["benefit"])
    _decide(s, "revoked")


def finish(s: Situation, target: State) -> None:
    """Withdrawn, or lapsed without an answer."""
    s.contract.ended_on, s.contract.supplement_due_on = s.day, None


def complete(s: Situation, target: State) -> None:
    """履行完毕, a flag: the contract may still be changed."""
    s.contract.completed_on = s.day


def purge(s: Situation, target: State) -> None:
    """Files leave ordinary storage, what could reveal is emptied; a stub remains."""
    contract = s.contract
    for attachment in list(contract.attachments):
        if len(queries.by_attachment(attachment.digest)) == 1:
            files.purge(attachment.digest)
        contract.attachments.remove(attachment)
    tables: Mapping[str, Any] = {"sellers": [], "buyers": [], "rights": [], "brokers": []}
    words = {"project_name": "", "content": "", "term_text": "", "plan_number": "", "relation": ""}
    set_facts(contract, {**words, **tables, "deductions": []})
    for row in (*queries.repairs_of(contract), *queries.ticks_of(contract).values()):
        db.session.delete(row)
    contract.purged_at, contract.ended_on = s.now, s.day


EFFECTS: dict[Action, Effect] = {
    Action.SUBMIT: submit,
    Action.SEND_BACK: send_back,
    Action.ACCEPT: accept,
    Action.ASK_REPAIR: ask_repair,
    Action.RESUBMIT: resubmit,
    Action.LAPSE: finish,
    Action.ASSIGN: assign,
    Action.REFER: refer,
    Action.ADVISE: advise,
    Action.PROPOSE: propose,
    Action.REFUSE: refuse,
    Action.AGREE: agree,
    Action.RETURN: lambda s, target: None,
    Action.REQUEST_CHANGE: ask(RequestKind.CHANGE),
    Action.REQUEST_CANCEL: ask(RequestKind.CANCEL),
    Action.EXAMINE: examine,
    Action.REJECT: reject,
    Action.COMPLETE: complete,
    Action.PROPOSE_REVOKE: ask(RequestKind.REVOKE),
    Action.DROP_REVOKE: drop_revoke,
    Action.REVOKE: revoke,
    Action.OBJECT: ask(RequestKind.OBJECTION),
    Action.UPHOLD: reject,
    Action.WITHDRAW: finish,
    Action.PURGE: purge,
}
