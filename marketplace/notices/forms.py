"""What the page 通知设置 sends."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from marketplace.errors import InvalidInput
from marketplace.notices.models import Cadence, NoticeKind

#: A local part and a domain with a dot, of the characters that every server takes (RFC 5321 4.1.2).
ADDRESS = re.compile(
    r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
LONGEST_ADDRESS = 254


def checked_address(text: str) -> str:
    """An address that can stand in the head of a mail; empty for none."""
    address = text.strip(" \t\u3000")
    if address and (len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address)):
        raise InvalidInput({"address": [_("邮箱地址不正确，应像 name@example.cn 这样")]})
    return address


def checked_choice(kinds: Sequence[str], cadence: str) -> tuple[list[NoticeKind], Cadence]:
    """The kinds that come by mail, and the cadence; what no list knows is refused."""
    if cadence not in list(Cadence) or not set(kinds) <= set(NoticeKind):
        raise InvalidInput({"cadence": [_("没有这个选项，请在页面上选择")]})
    return [NoticeKind(kind) for kind in kinds], Cadence(cadence)
