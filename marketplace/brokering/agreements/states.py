"""Who pays a commission, and on what it falls due."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l


class Payer(StrEnum):
    """Who pays."""

    NEED = "need"
    RESULT = "result"
    BOTH = "both"


class Condition(StrEnum):
    """On what the commission falls due, and of which sum it is a part."""

    INCOME = "income"
    REGISTRATION = "registration"


PAYER_NAMES = {
    Payer.NEED: _l("需求方"),
    Payer.RESULT: _l("成果方"),
    Payer.BOTH: _l("双方各半"),
}
CONDITION_NAMES = {
    Condition.INCOME: _l("技术性收入核定后，按核定额"),
    Condition.REGISTRATION: _l("合同登记后，按技术交易额"),
}
