"""成效漏斗: for the operator and the authority the whole market's, for a broker their own."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from marketplace.brokering.states import REASON_NAMES, STATE_NAMES
from marketplace.funnel import queries
from marketplace.funnel.counting import Stage
from marketplace.permissions import Permission, Role, requires

blueprint = Blueprint("funnel", __name__)
STAGE_NAMES = {
    Stage.SHOWN: _l("已展示"),
    Stage.CONTACTED: _l("已对接"),
    Stage.MET: _l("已会面"),
    Stage.AGREED: _l("已达成意向"),
    Stage.CONTRACT: _l("已签合同"),
    Stage.REGISTERED: _l("已登记"),
    Stage.INCOME: _l("收入已核定"),
}
SOURCE_NAMES = {"push": _l("今日推荐"), "list": _l("匹配清单"), "owner": _l("供需双方自行发起")}


@blueprint.get("/funnel")
@requires(Permission.SEE_FUNNEL)
def show() -> ResponseReturnValue:
    """Every step with how many reached it, by field, region, broker and month."""
    own = current_user.id if current_user.role == Role.BROKER else None
    values = {
        "found": queries.funnel(broker_id=own),
        "own": own is not None,
        "stages": STAGE_NAMES,
        "states": {state.value: name for state, name in STATE_NAMES.items()},
        "reasons": {reason.value: name for reason, name in REASON_NAMES.items()},
        "sources": SOURCE_NAMES,
    }
    return render_template("funnel/show.html", **values)
