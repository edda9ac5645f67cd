"""What each action asks of whoever takes it, and how its page is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from marketplace.accounts.models import User
from marketplace.contracts import directory, queries
from marketplace.contracts.models import Contract
from marketplace.contracts.request_guards import PROOFS
from marketplace.contracts.states import Action, State

Form = MultiDict[str, str]
#: action → what its page asks; an action that is not named asks for nothing but to be confirmed.
ASKS: dict[Action, tuple[str, ...]] = {
    Action.ACCEPT: ("take",),
    Action.SEND_BACK: ("gate", "reason"),
    Action.ASK_REPAIR: ("repairs",),
    Action.RESUBMIT: ("answers",),
    Action.ASSIGN: ("clerk",),
    Action.REFER: ("disputed",),
    Action.ADVISE: ("opinion", "in_favour"),
    Action.REFUSE: ("grounds",),
    Action.RETURN: ("reason",),
    Action.REQUEST_CHANGE: ("change", "reason", "proof", "benefit_used"),
    Action.REQUEST_CANCEL: ("reason", "proof", "benefit_used"),
    Action.EXAMINE: ("opinion",),
    Action.REJECT: ("reason",),
    Action.UPHOLD: ("reason",),
    Action.PROPOSE_REVOKE: ("reason", "proof"),
    Action.DROP_REVOKE: ("reason",),
    Action.OBJECT: ("reason",),
    Action.PURGE: ("order", "reason"),
}
#: The kind of paper that proves, by action.
PROOF_KINDS = {
    Action.REQUEST_CHANGE: "amendment",
    Action.REQUEST_CANCEL: "amendment",
    Action.PROPOSE_REVOKE: "hearing",
}
MOST_REPAIRS = 20


def asks_of(action: Action, contract: Contract) -> tuple[str, ...]:
    """What the page of ``action`` asks; whoever examines an objection may correct the record."""
    corrects = action == Action.EXAMINE and contract.state == State.REEXAM
    return ("change", *ASKS[action]) if corrects else ASKS.get(action, ())


def facts_of(action: Action, form: Form, contract: Contract) -> dict[str, Any]:
    """The facts of the move as ``operations.advance`` takes them, but for the change itself."""
    wanted = [name for name in asks_of(action, contract) if name in READERS]
    return {name: READERS[name](form, contract) for name in wanted}


def _words(name: str) -> Callable[[Form, Contract], Any]:
    return lambda form, contract: form.get(name, "").strip()


def _flag(name: str) -> Callable[[Form, Contract], Any]:
    return lambda form, contract: bool(form.get(name))


def _repairs(form: Form, contract: Contract) -> list[dict[str, str]]:
    rows = zip(form.getlist("repair_field"), form.getlist("repair_text"), strict=False)
    found = [{"field": name.strip()[:60], "text": text.strip()} for name, text in rows]
    return [row for row in found if row["text"]][:MOST_REPAIRS]


def _answers(form: Form, contract: Contract) -> dict[int, str]:
    return {item.id: form.get(f"answer-{item.id}", "") for item in queries.open_repairs(contract)}


def _grounds(form: Form, contract: Contract) -> list[dict[str, str]]:
    return [
        {
            "code": code,
            "text": form.get(f"text-{code}", ""),
            "evidence": form.get(f"evidence-{code}", "")[:300],
        }
        for code in form.getlist("ground")
    ]


def _clerk(form: Form, contract: Contract) -> User | None:
    wanted = form.get("clerk", type=int)
    return next((one for one in directory.clerks_of(contract.point) if one.id == wanted), None)


def _proof(form: Form, contract: Contract) -> list[str]:
    known = {paper.digest for paper in contract.attachments if paper.kind in PROOFS}
    return [digest for digest in form.getlist("proof") if digest in known]


READERS: Mapping[str, Callable[[Form, Contract], Any]] = {
    "gate": _words("gate"),
    "reason": _words("reason"),
    "opinion": _words("opinion"),
    "order": _words("order"),
    "in_favour": _flag("in_favour"),
    "disputed": _flag("disputed"),
    "benefit_used": _flag("benefit_used"),
    "repairs": _repairs,
    "answers": _answers,
    "grounds": _grounds,
    "clerk": _clerk,
    "proof": _proof,
}


@dataclass(frozen=True)
class ReturnReason:
    """One of the nine reasons of R: a gate that was not passed, or something to be repaired."""

    text: Any
    gate: str = ""


RETURN_REASONS: Mapping[str, ReturnReason] = {
    "1": ReturnReason(_l("不属于本登记机构受理范围（G1）"), "G1"),
    "2": ReturnReason(_l("申请人不是登记主体（G2）"), "G2"),
    "3": ReturnReason(_l("已经登记或重复申请（G3）"), "G3"),
    "4": ReturnReason(_l("不在合同有效期内（G4）"), "G4"),
    "5": ReturnReason(_l("合同文本或附件不齐全（G6）")),
    "6": ReturnReason(_l("签章缺失，或印章与名称不一致")),
    "7": ReturnReason(_l("标的、内容或验收标准不明确")),
    "8": ReturnReason(_l("金额、扣除项目或大写有误，依据不足")),
    "9": ReturnReason(_l("其他应补正的事项（写明）")),
}


def return_of(key: str, words: str, state: State) -> tuple[Action, dict[str, Any]] | None:
    """The move that returns a case for reason ``key``; ``None`` where the key means nothing there.

    Before acceptance a failed gate sends the case back; what can be repaired is asked for; a second
    reviewer returns the case to the first.
    """
    chosen = RETURN_REASONS.get(key)
    if chosen is None or (chosen.gate and state != State.SUBMITTED):
        return None
    said = "：".join(filter(None, [str(chosen.text), words]))
    if state == State.REVIEW2:
        return Action.RETURN, {"reason": said}
    if chosen.gate:
        return Action.SEND_BACK, {"gate": chosen.gate, "reason": words or str(chosen.text)}
    return Action.ASK_REPAIR, {"repairs": [{"field": "", "text": said}]}


def return_reasons(state: State) -> dict[str, ReturnReason]:
    """The reasons that can be given in ``state``, under their keys."""
    return {
        key: reason
        for key, reason in RETURN_REASONS.items()
        if state == State.SUBMITTED or not reason.gate
    }
