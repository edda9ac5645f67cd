"""What the pages of an introduction send."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.brokering.models import BOXES
from marketplace.brokering.progress import BY_BUTTON
from marketplace.brokering.states import Action, Reason
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, bounded_text, text_of

#: Box → its label and what it asks for.
BOX_LABELS = {
    "offer": (_l("我方提供"), _l("技术、产品、服务或合作的内容")),
    "fit": (_l("为什么合适"), _l("与对方的问题、指标逐条对应；已按匹配理由预填，可改")),
    "evidence": (_l("证据"), _l("检测报告、应用案例、知识产权；涉密内容请勿写入")),
    "price": (_l("价格设想"), _l("区间、计价方式，或面议")),
    "next_step": (_l("下一步"), _l("建议由谁、在什么时间做什么")),
}
#: What a side says that answers, and what both say of the talks.
WORDS_LIMIT = 1_000


def boxes_of(form: Mapping[str, str]) -> dict[str, str]:
    """The five boxes as they were typed, with one kind of line end."""
    return {box: text_of(form.get(box, "")) for box in BOXES}


def action_of(form: Mapping[str, str]) -> Action:
    """The move that a button names; meetings and agreements take both sides, in the thread."""
    name = form.get("action", "")
    if name not in BY_BUTTON:
        raise InvalidInput({"action": [_("没有这个操作")]})
    return Action(name)


def said(form: Mapping[str, str]) -> tuple[str, Reason | None]:
    """The words and the coded reason that come with a move."""
    code = form.get("reason", "")
    try:
        words = bounded_text(form.get("words", ""), WORDS_LIMIT)
    except BadCell as fault:
        raise InvalidInput({"words": [str(fault)]}) from fault
    if code and code not in list(Reason):
        raise InvalidInput({"reason": [_("没有这个原因")]})
    return words, Reason(code) if code else None
