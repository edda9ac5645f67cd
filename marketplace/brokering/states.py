"""Where an introduction stands, what moves it, and what people answer, with the words for users."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """Where an introduction stands."""

    DRAFT = "draft"
    SENT = "sent"
    QUESTIONED = "questioned"
    CONTACTED = "contacted"
    MET = "met"
    NEGOTIATING = "negotiating"
    AGREED = "agreed"
    CONTRACTED = "contracted"
    REGISTERED = "registered"
    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LOST = "lost"


class Action(StrEnum):
    """What moves an introduction."""

    SEND = "send"
    INTEREST = "interest"
    ASK = "ask"
    SUPPLY = "supply"
    DECLINE = "decline"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    MEET = "meet"
    NEGOTIATE = "negotiate"
    AGREE = "agree"
    CONTRACT = "contract"
    REGISTER = "register"
    VERIFY_INCOME = "verify_income"
    LOSE = "lose"
    FALL_BACK = "fall_back"


class Side(StrEnum):
    """Of the two who are introduced."""

    NEED = "need"
    RESULT = "result"

    @property
    def other(self) -> "Side":
        """The one across the table."""
        return Side.RESULT if self == Side.NEED else Side.NEED


class Party(StrEnum):
    """Whoever may speak in the thread of an introduction."""

    NEED = "need"
    RESULT = "result"
    BROKER = "broker"


class Reason(StrEnum):
    """Why an introduction comes to nothing (market.md, N7)."""

    PRICE = "price"
    MATURITY = "maturity"
    SCALE = "scale"
    RIGHTS = "rights"
    CAPACITY = "capacity"
    NO_ANSWER = "no_answer"
    OTHER = "other"


STATE_NAMES = {
    State.DRAFT: _l("草稿"),
    State.SENT: _l("待答复"),
    State.QUESTIONED: _l("待补充说明"),
    State.CONTACTED: _l("已对接"),
    State.MET: _l("已会面"),
    State.NEGOTIATING: _l("洽谈中"),
    State.AGREED: _l("已达成意向"),
    State.CONTRACTED: _l("已签合同"),
    State.REGISTERED: _l("已登记"),
    State.PAID: _l("收入已核定"),
    State.DECLINED: _l("已婉拒"),
    State.EXPIRED: _l("逾期未答复"),
    State.WITHDRAWN: _l("已撤回"),
    State.LOST: _l("未成"),
}
ACTION_NAMES = {
    Action.SEND: _l("发出"),
    Action.INTEREST: _l("有意向"),
    Action.ASK: _l("需要更多信息"),
    Action.SUPPLY: _l("补充说明"),
    Action.DECLINE: _l("婉拒"),
    Action.EXPIRE: _l("逾期"),
    Action.WITHDRAW: _l("撤回"),
    Action.MEET: _l("记录会面"),
    Action.NEGOTIATE: _l("进入洽谈"),
    Action.AGREE: _l("达成意向"),
    Action.CONTRACT: _l("关联合同"),
    Action.REGISTER: _l("合同登记"),
    Action.VERIFY_INCOME: _l("收入核定"),
    Action.LOSE: _l("记为未成"),
    Action.FALL_BACK: _l("合同注销或撤销"),
}
PARTY_NAMES = {
    Party.NEED: _l("需求方"),
    Party.RESULT: _l("成果方"),
    Party.BROKER: _l("技术经纪人"),
}
SIDE_NAMES = {Side.NEED: _l("需求方"), Side.RESULT: _l("成果方")}
REASON_NAMES = {
    Reason.PRICE: _l("价格"),
    Reason.MATURITY: _l("成熟度"),
    Reason.SCALE: _l("规模"),
    Reason.RIGHTS: _l("知识产权"),
    Reason.CAPACITY: _l("精力或产能不足"),
    Reason.NO_ANSWER: _l("无响应"),
    Reason.OTHER: _l("其他"),
}
#: Waiting for an answer, the deadline running.
AWAITING = frozenset({State.SENT, State.QUESTIONED})
#: Both sides have said yes; the thread is open and meetings can be set.
OPEN = frozenset({State.CONTACTED, State.MET, State.NEGOTIATING, State.AGREED})
#: A contract stands behind it.
WON = frozenset({State.CONTRACTED, State.REGISTERED, State.PAID})
#: Of these a pair has at most one at a time.
LIVE = AWAITING | OPEN | WON
#: Nothing more happens.
ENDED = frozenset({State.DECLINED, State.EXPIRED, State.WITHDRAWN, State.LOST})
