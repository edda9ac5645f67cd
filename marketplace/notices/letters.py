"""What a mail says: made from the notice, or the request for an address, each time it is sent."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from marketplace.extensions import db
from marketplace.notices import queries, tokens
from marketplace.notices.models import AddressRequest, Notice, NoticeKind
from marketplace.notices.words import place_of, words_of

#: Longer subjects are cut by the reader's program, in the middle of a character.
LONGEST_TITLE = 60


@dataclass(frozen=True)
class Line:
    """One thing in a mail: what it is called, what is said of it, the page behind it."""

    title: str
    note: str
    path: str


@dataclass(frozen=True)
class Section:
    """Some things under a heading."""

    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Letter:
    """A mail before it is a message; ``stop`` is the address that stops mails of its kind."""

    key: str
    user_id: int
    address: str
    title: str
    text: str
    html: str
    stop: str = ""


#: What the mail of a notice says beside its words, by the id of the notice; one that is left out
#: has nothing to say any more.
Writer = Callable[[Sequence[Notice]], Mapping[int, Sequence[Section]]]
Writers = Mapping[NoticeKind, Writer]


def of_subjects(subjects: Sequence[str], writers: Writers) -> list[Letter]:
    """The letters of ``notice/12``, ``address/3``: those that are wanted and have something to say."""
    ids: dict[str, list[int]] = defaultdict(list)
    for subject in subjects:
        kind, _slash, number = subject.partition("/")
        ids[kind].append(int(number))
    return [*_of_notices(ids["notice"], writers), *_of_requests(ids["address"])]


def one_line(text: str, most: int = LONGEST_TITLE) -> str:
    """``text`` without line breaks and other controls, shortened; fit for the head of a mail."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _of_notices(ids: Sequence[int], writers: Writers) -> list[Letter]:
    found = db.session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id))
    by_kind: dict[NoticeKind, list[Notice]] = defaultdict(list)
    for notice in found:
        by_kind[notice.kind].append(notice)
    letters: list[Letter] = []
    for kind, notices in by_kind.items():
        addresses = queries.addresses([notice.user_id for notice in notices], kind)
        wanted = [notice for notice in notices if notice.user_id in addresses]
        write = writers.get(kind, _nothing_more)
        sections = write(wanted)
        letters += [
            _of_notice(notice, addresses[notice.user_id], sections[notice.id])
            for notice in wanted
            if notice.id in sections
        ]
    return letters


def _nothing_more(notices: Sequence[Notice]) -> dict[int, Sequence[Section]]:
    return {notice.id: () for notice in notices}


def _of_notice(notice: Notice, address: str, sections: Sequence[Section]) -> Letter:
    words = words_of(notice)
    stop = absolute(url_for("notices.stop", token=tokens.to_stop(notice.user_id, notice.kind)))
    values = {
        "words": words,
        "sections": sections,
        "address": absolute(place_of(notice.subject)),
        "settings_address": absolute(url_for("notices.settings")),
        "stop": stop,
    }
    return Letter(
        key=f"notice/{notice.id}",
        user_id=notice.user_id,
        address=address,
        title=one_line(words),
        text=render_template("notices/letter.txt", absolute=absolute, **values),
        html=render_template("notices/letter.html", absolute=absolute, **values),
        stop=stop,
    )


def _of_requests(ids: Sequence[int]) -> list[Letter]:
    asked = select(AddressRequest).where(
        AddressRequest.id.in_(ids), AddressRequest.confirmed_at.is_(None)
    )
    return [_of_request(request) for request in db.session.scalars(asked)]


def _of_request(request: AddressRequest) -> Letter:
    path = url_for("notices.confirm", token=tokens.to_confirm(request.id))
    values = {"name": request.user.username, "address": absolute(path)}
    return Letter(
        key=f"address/{request.id}",
        user_id=request.user_id,
        address=request.address,
        title=_("请确认您的通知邮箱"),
        text=render_template("notices/confirm_letter.txt", **values),
        html=render_template("notices/confirm_letter.html", **values),
    )


def absolute(path: str) -> str:
    """The address of a page as people outside reach it."""
    return current_app.extensions["settings"].public_url + path
