"""Where a broker stands, what moves a record, and the grades of certificates."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class State(StrEnum):
    """Where a broker's record stands (market.md, M06)."""

    DRAFT = "draft"
    APPLIED = "applied"
    RECORDED = "recorded"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    STRUCK = "struck"


class Action(StrEnum):
    """What moves a broker's record."""

    APPLY = "apply"
    APPROVE = "approve"
    RETURN = "return"
    CONFIRM = "confirm"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    EXPIRE = "expire"
    STRIKE = "strike"


class Level(StrEnum):
    """The grade of a certificate, the lowest first."""

    JUNIOR = "junior"
    INTERMEDIATE = "intermediate"
    SENIOR = "senior"


STATE_NAMES = {
    State.DRAFT: _l("未申请"),
    State.APPLIED: _l("待核验"),
    State.RECORDED: _l("在册"),
    State.SUSPENDED: _l("已暂停"),
    State.EXPIRED: _l("证书到期"),
    State.STRUCK: _l("已注销"),
}
ACTION_NAMES = {
    Action.APPLY: _l("申请备案"),
    Action.APPROVE: _l("准予备案"),
    Action.RETURN: _l("退回补充"),
    Action.CONFIRM: _l("核验新证书"),
    Action.SUSPEND: _l("暂停"),
    Action.REINSTATE: _l("恢复"),
    Action.EXPIRE: _l("设为到期"),
    Action.STRIKE: _l("注销"),
}
LEVEL_NAMES = {
    Level.JUNIOR: _l("初级"),
    Level.INTERMEDIATE: _l("中级"),
    Level.SENIOR: _l("高级"),
}
LEVELS = tuple(Level)
