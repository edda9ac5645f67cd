"""The link by which an enterprise confirms: signed, for fourteen days, once.

The signature is itsdangerous's; age and use are the row's, so that looking at a link again makes it no
younger: the link names a nonce, and what is answered waits no more. Whoever holds the link can answer for an enterprise without an account,
and the need then stays a draft until the operator has verified that enterprise.
"""

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from marketplace.brokering.visits.models import Visit
from marketplace.errors import Conflict, NotFound
from marketplace.extensions import db

VALIDITY = timedelta(days=14)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="marketplace.visit")


def token_of(visit: Visit) -> str:
    """What stands in the link of a visit now."""
    return _serializer().dumps([visit.id, visit.nonce])


def visit_of(token: str, *, now: datetime) -> Visit:
    """The visit of a link; :class:`Conflict` where it is too old, :class:`NotFound` for any other."""
    try:
        visit_id, nonce = _serializer().loads(token)
    except BadSignature as fault:
        raise NotFound(_("链接无效，请核对是否复制完整")) from fault
    visit = db.session.get(Visit, visit_id)
    if visit is None or visit.nonce != nonce:
        raise NotFound(_("链接已失效，请使用经纪人最近发送的链接"))
    if visit.linked_at + VALIDITY < now:
        raise Conflict(_("链接已过期，请联系来访的经纪人重新发送"))
    return visit
