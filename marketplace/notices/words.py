"""What each kind of notice says, and the page behind its subject."""

from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l

from marketplace.notices.models import Cadence, Notice, NoticeKind

#: What a kind is called where one chooses what comes by mail.
KIND_NAMES = {
    NoticeKind.INTRODUCTION_SENT: _l("收到对接提议"),
    NoticeKind.INTRODUCTION_ANSWERED: _l("对方答复了对接提议"),
    NoticeKind.INTRODUCTION_DUE: _l("对接提议即将到答复期限"),
    NoticeKind.INTRODUCTION_MOVED: _l("对接有了进展"),
    NoticeKind.MESSAGE_WRITTEN: _l("对接中有新留言"),
    NoticeKind.MEETING_SET: _l("约定了会面"),
    NoticeKind.DISCLOSURE_CONFIRMED: _l("对方确认了保密声明"),
    NoticeKind.BROKER_DECIDED: _l("经纪人资格有了结果"),
    NoticeKind.VISIT_TO_CONFIRM: _l("走访记录待您确认"),
    NoticeKind.REFINEMENT_OFFERED: _l("需求的补充待您采纳"),
    NoticeKind.AGREEMENT_OFFERED: _l("中介协议待您确认"),
    NoticeKind.CREDIT_NOTICED: _l("信用记录生效前告知"),
    NoticeKind.CREDIT_DECIDED: _l("信用异议有了结果"),
    NoticeKind.DIGEST: _l("新内容汇总"),
}
CADENCE_NAMES = {
    Cadence.NONE: _l("不要"),
    Cadence.DAILY: _l("每天 8:00"),
    Cadence.WEEKLY: _l("每周一 8:00"),
}
#: What a notice says; ``%(name)s`` are its facts.
WORDS = {
    **KIND_NAMES,
    NoticeKind.DIGEST: _l("新内容汇总 %(period)s：%(count)s 条"),
}


@dataclass(frozen=True)
class Place:
    """The page of one kind of subject: its endpoint, what the number in the subject is called."""

    endpoint: str
    number: str
    fixed: dict[str, Any] = field(default_factory=dict)
    #: How people call it, so that two notices of one kind are told apart; empty: by its kind alone.
    called: str = ""


#: kind of subject → its page
PLACES = {
    "introduction": Place("introductions.show", "introduction_id", called="DJ%06d"),
    "broker": Place("brokers.record", "record"),
    "visit": Place("visits.open_notice", "visit_id"),
    "refinement": Place("refinements.show", "refinement_id"),
    "agreement": Place("agreements.show", "introduction_id", called="DJ%06d"),
    "digest": Place("alerts.show", "digest_id"),
    "credit": Place("credit.show", "record_id"),
    "need": Place("matchmaking.show", "listing_id", {"library": "needs"}, "XQ%06d"),
    "result": Place("matchmaking.show", "listing_id", {"library": "results"}, "CG%06d"),
}


def words_of(notice: Notice) -> str:
    """What the notice says and of what, in one line of the reader's language."""
    said = str(WORDS[notice.kind]) % notice.facts
    kind, _slash, number = notice.subject.partition("/")
    place = PLACES.get(kind)
    return f"{said} {place.called % int(number)}" if place and place.called else said


def place_of(subject: str) -> str:
    """The address of the page behind ``introduction/17``; of the notices where it has none."""
    kind, _slash, number = subject.partition("/")
    place = PLACES.get(kind)
    if place is None or place.endpoint not in current_app.view_functions:
        return url_for("notices.home")
    values: dict[str, Any] = {place.number: int(number), **place.fixed}
    return url_for(place.endpoint, **values)
