"""Signed words in the links of mails: what they say was said by this installation."""

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

from marketplace.errors import NotFound
from marketplace.notices.models import NoticeKind

#: Whoever has not confirmed an address by then asks anew.
CONFIRM_WITHIN_SECONDS = 3 * 24 * 3600
_CONFIRM, _STOP = "notices.confirm", "notices.stop"


def to_confirm(request_id: int) -> str:
    """The word that confirms an address; whoever has it reads mail there."""
    return URLSafeTimedSerializer(_key(), salt=_CONFIRM).dumps(request_id)


def confirmed(token: str) -> int:
    """The id of the :class:`AddressRequest`; NotFound for a forged word or an old one."""
    try:
        said = URLSafeTimedSerializer(_key(), salt=_CONFIRM).loads(
            token, max_age=CONFIRM_WITHIN_SECONDS
        )
    except BadData as fault:
        raise NotFound(_("链接无效或已过期，请登录后在通知设置中重新确认邮箱")) from fault
    return int(said)


def to_stop(user_id: int, kind: NoticeKind) -> str:
    """The word that stops one kind of mail to one person; a mail lies for years, so does it."""
    return URLSafeSerializer(_key(), salt=_STOP).dumps([user_id, kind.value])


def stopped(token: str) -> tuple[int, NoticeKind]:
    """Whose mail of which kind is to stop; NotFound for a forged word."""
    try:
        user_id, kind = URLSafeSerializer(_key(), salt=_STOP).loads(token)
    except BadData as fault:
        raise NotFound(_("退订链接无效，请登录后在通知设置中关闭")) from fault
    return int(user_id), NoticeKind(kind)


def _key() -> str:
    return current_app.config["SECRET_KEY"]
