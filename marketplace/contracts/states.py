"""The names of a contract's states and of what moves it, with the words for users."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """Where a case stands (L11)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPPLEMENT = "supplement"
    ACCEPTED = "accepted"
    REVIEW1 = "review1"
    EXPERT = "expert"
    REVIEW2 = "review2"
    REGISTERED = "registered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CHANGE_PENDING = "change_pending"
    CANCEL_PENDING = "cancel_pending"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    REEXAM = "reexam"


class Action(StrEnum):
    """What moves a case."""

    SUBMIT = "submit"
    SEND_BACK = "send_back"
    ACCEPT = "accept"
    ASK_REPAIR = "ask_repair"
    RESUBMIT = "resubmit"
    LAPSE = "lapse"
    ASSIGN = "assign"
    REFER = "refer"
    ADVISE = "advise"
    PROPOSE = "propose"
    REFUSE = "refuse"
    AGREE = "agree"
    RETURN = "return"
    REQUEST_CHANGE = "request_change"
    REQUEST_CANCEL = "request_cancel"
    EXAMINE = "examine"
    REJECT = "reject"
    COMPLETE = "complete"
    PROPOSE_REVOKE = "propose_revoke"
    DROP_REVOKE = "drop_revoke"
    REVOKE = "revoke"
    OBJECT = "object"
    UPHOLD = "uphold"
    WITHDRAW = "withdraw"
    PURGE = "purge"


STATE_NAMES = {
    State.DRAFT: _l("草稿"),
    State.SUBMITTED: _l("已提交"),
    State.SUPPLEMENT: _l("待补正"),
    State.ACCEPTED: _l("已受理"),
    State.REVIEW1: _l("初审"),
    State.EXPERT: _l("专家审核"),
    State.REVIEW2: _l("复核"),
    State.REGISTERED: _l("已登记"),
    State.REFUSED: _l("不予登记"),
    State.WITHDRAWN: _l("撤回"),
    State.CHANGE_PENDING: _l("变更审核"),
    State.CANCEL_PENDING: _l("注销审核"),
    State.CANCELLED: _l("已注销"),
    State.REVOKED: _l("撤销登记"),
    State.REEXAM: _l("异议复核"),
}
ACTION_NAMES = {
    Action.SUBMIT: _l("提交"),
    Action.SEND_BACK: _l("退回（不予受理）"),
    Action.ACCEPT: _l("受理"),
    Action.ASK_REPAIR: _l("一次性告知补正"),
    Action.RESUBMIT: _l("提交补正"),
    Action.LAPSE: _l("逾期未补正，按撤回处理"),
    Action.ASSIGN: _l("分派初审"),
    Action.REFER: _l("提请专家审核"),
    Action.ADVISE: _l("出具专家意见"),
    Action.PROPOSE: _l("拟予登记"),
    Action.REFUSE: _l("不予登记"),
    Action.AGREE: _l("同意"),
    Action.RETURN: _l("退回初审"),
    Action.REQUEST_CHANGE: _l("申请变更登记"),
    Action.REQUEST_CANCEL: _l("申请注销登记"),
    Action.EXAMINE: _l("审查"),
    Action.REJECT: _l("不同意变更或注销"),
    Action.COMPLETE: _l("履行完毕"),
    Action.PROPOSE_REVOKE: _l("提出撤销登记"),
    Action.DROP_REVOKE: _l("撤回撤销登记的提议"),
    Action.REVOKE: _l("撤销登记"),
    Action.OBJECT: _l("提出异议"),
    Action.UPHOLD: _l("维持原决定"),
    Action.WITHDRAW: _l("撤回申请"),
    Action.PURGE: _l("涉密处置"),
}
#: The text may be changed by the applicant.
EDITABLE = frozenset({State.DRAFT, State.SUPPLEMENT})
#: Before registration: may be withdrawn, has no number.
IN_PROGRESS = frozenset(
    {
        State.SUBMITTED,
        State.SUPPLEMENT,
        State.ACCEPTED,
        State.REVIEW1,
        State.EXPERT,
        State.REVIEW2,
    }
)
#: The clock of the review runs.
TIMED = frozenset({State.ACCEPTED, State.REVIEW1, State.EXPERT, State.REVIEW2})
#: The registration stands and counts.
LIVE = frozenset({State.REGISTERED, State.CHANGE_PENDING, State.CANCEL_PENDING})
#: Never edited; a repaired case is a new case with a link.
TERMINAL = frozenset({State.REFUSED, State.WITHDRAWN, State.CANCELLED, State.REVOKED})
