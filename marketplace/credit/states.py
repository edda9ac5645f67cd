"""Kinds of behaviour, where a record stands and what moves it, with the words for users."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Behaviour(StrEnum):
    """What somebody did, as far as it was verified (market.md, M05)."""

    CONTRACT_REGISTERED = "contract_registered"
    INCOME_VERIFIED = "income_verified"
    ANSWERED_IN_TIME = "answered_in_time"
    MEETING_CONFIRMED = "meeting_confirmed"
    ANSWER_MISSED = "answer_missed"
    REGISTRATION_REVOKED = "registration_revoked"
    AGREEMENT_BROKEN = "agreement_broken"
    LATE_PERFORMANCE = "late_performance"
    FALSE_MATERIAL = "false_material"
    FALSE_NEED = "false_need"
    BROKER_MISCONDUCT = "broker_misconduct"
    RESEARCH_MISCONDUCT = "research_misconduct"


class State(StrEnum):
    """Where a record stands: 采集→告知→申辩→生效→到期/修复; 撤销."""

    COLLECTED = "collected"
    NOTICED = "noticed"
    OBJECTED = "objected"
    EFFECTIVE = "effective"
    REPAIRING = "repairing"
    REPAIRED = "repaired"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Action(StrEnum):
    """What moves a record."""

    NOTICE = "notice"
    TAKE_EFFECT = "take_effect"
    OBJECT = "object"
    UPHOLD = "uphold"
    DISMISS = "dismiss"
    ASK_REPAIR = "ask_repair"
    GRANT_REPAIR = "grant_repair"
    REFUSE_REPAIR = "refuse_repair"
    EXPIRE = "expire"
    REVOKE = "revoke"
    LOSE_GROUND = "lose_ground"


class SignKind(StrEnum):
    """Why somebody should have a second look."""

    CIRCLE = "circle"
    BURST = "burst"
    REPEAT = "repeat"
    SELF_CONFIRMED = "self_confirmed"


class Verdict(StrEnum):
    """What the operator made of a sign."""

    OPEN = "open"
    DISMISSED = "dismissed"
    FOLLOWED = "followed"


POSITIVE = frozenset(
    {
        Behaviour.CONTRACT_REGISTERED,
        Behaviour.INCOME_VERIFIED,
        Behaviour.ANSWERED_IN_TIME,
        Behaviour.MEETING_CONFIRMED,
    }
)
#: What a person records, with evidence; the rest is derived from contracts and introductions.
BY_HAND = (
    Behaviour.AGREEMENT_BROKEN,
    Behaviour.LATE_PERFORMANCE,
    Behaviour.FALSE_MATERIAL,
    Behaviour.FALSE_NEED,
    Behaviour.BROKER_MISCONDUCT,
    Behaviour.RESEARCH_MISCONDUCT,
)
#: Shown to everybody who is signed in, and counted.
IN_EFFECT = frozenset({State.EFFECTIVE, State.REPAIRING})
#: Before effect: the subject and the operator know of it, nobody else.
PENDING = frozenset({State.COLLECTED, State.NOTICED, State.OBJECTED})

BEHAVIOUR_NAMES = {
    Behaviour.CONTRACT_REGISTERED: _l("合同登记"),
    Behaviour.INCOME_VERIFIED: _l("收入核定（已付款）"),
    Behaviour.ANSWERED_IN_TIME: _l("按期答复对接"),
    Behaviour.MEETING_CONFIRMED: _l("会面已确认"),
    Behaviour.ANSWER_MISSED: _l("逾期未答复对接"),
    Behaviour.REGISTRATION_REVOKED: _l("登记被撤销"),
    Behaviour.AGREEMENT_BROKEN: _l("违约"),
    Behaviour.LATE_PERFORMANCE: _l("逾期履约"),
    Behaviour.FALSE_MATERIAL: _l("虚假材料"),
    Behaviour.FALSE_NEED: _l("虚假需求"),
    Behaviour.BROKER_MISCONDUCT: _l("经纪违规"),
    Behaviour.RESEARCH_MISCONDUCT: _l("科研失信"),
}
STATE_NAMES = {
    State.COLLECTED: _l("已采集"),
    State.NOTICED: _l("已告知，申辩期内"),
    State.OBJECTED: _l("申辩待决定"),
    State.EFFECTIVE: _l("生效"),
    State.REPAIRING: _l("生效，修复待决定"),
    State.REPAIRED: _l("已修复"),
    State.EXPIRED: _l("已到期"),
    State.REVOKED: _l("已撤销"),
}
ACTION_NAMES = {
    Action.NOTICE: _l("告知"),
    Action.TAKE_EFFECT: _l("生效"),
    Action.OBJECT: _l("申辩"),
    Action.UPHOLD: _l("申辩不成立"),
    Action.DISMISS: _l("申辩成立，撤销记录"),
    Action.ASK_REPAIR: _l("申请信用修复"),
    Action.GRANT_REPAIR: _l("同意修复"),
    Action.REFUSE_REPAIR: _l("不同意修复"),
    Action.EXPIRE: _l("到期"),
    Action.REVOKE: _l("撤销记录"),
    Action.LOSE_GROUND: _l("依据已不存在，撤销"),
}
SIGN_NAMES = {
    SignKind.CIRCLE: _l("循环交易"),
    SignKind.BURST: _l("短期集中登记"),
    SignKind.REPEAT: _l("同两方反复交易"),
    SignKind.SELF_CONFIRMED: _l("自我确认"),
}
VERDICT_NAMES = {
    Verdict.OPEN: _l("待核查"),
    Verdict.DISMISSED: _l("排除"),
    Verdict.FOLLOWED: _l("已跟进"),
}
