"""后台任务 for the operator, and the figures for whoever watches the installation."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import leases, outbox
from marketplace.background.metrics import exposition
from marketplace.database import utcnow
from marketplace.outbox import Topic
from marketplace.pages import page
from marketplace.permissions import Permission, requires
from marketplace.transactions import transact
from marketplace.working_days import local_time

blueprint = Blueprint("background", __name__)
LOOPBACK = ("127.0.0.1", "::1")
TOPIC_NAMES = {
    Topic.INDEX: _l("检索与匹配索引"),
    Topic.HEAD: _l("台账签名"),
    Topic.CERTIFICATE: _l("登记证明与清单"),
    Topic.EXPORT: _l("向全国系统报送（尚未接通，留存待报）"),
    Topic.MAIL: _l("邮件"),
    Topic.DIGEST: _l("摘要编写"),
    Topic.SCRAPE: _l("外部来源采集"),
}


@blueprint.get("/operator/background")
@requires(Permission.SEE_BACKGROUND)
def show() -> ResponseReturnValue:
    """Each topic with what waits, since when, what failed and why; and who is at work."""
    now = utcnow()
    values = {
        "backlogs": outbox.backlogs(now=now),
        "leases": leases.held(),
        "names": TOPIC_NAMES,
        "now": now,
        "local_time": local_time,
        "embedded": current_app.extensions["settings"].embedded,
    }
    return page("background/show.html", fragment="background/_backlogs.html", **values)


@blueprint.post("/operator/background/<topic>/again")
@requires(Permission.SEE_BACKGROUND)
def try_again(topic: str) -> ResponseReturnValue:
    """What has failed is due at once."""
    if topic not in set(Topic):
        abort(404)
    made_due = transact(lambda: outbox.try_again(Topic(topic), now=utcnow()))
    flash(_("已安排重试 %(count)d 项", count=made_due), "success")
    return redirect(url_for("background.show"))


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """For a monitor on this machine; what comes from elsewhere or through a proxy is refused."""
    if request.remote_addr not in LOOPBACK or request.headers.get("X-Forwarded-For"):
        abort(404)
    return Response(exposition(now=utcnow()), content_type="text/plain; version=0.0.4")
