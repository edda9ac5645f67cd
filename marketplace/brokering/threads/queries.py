"""What stands in a thread; whoever may not read it is told that there is nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace.brokering import queries as introductions
from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Party, Side
from marketplace.brokering.threads.models import (
    Assent,
    FileDownload,
    Meeting,
    Message,
    MessageDraft,
    Paper,
    PaperKind,
    ThreadFile,
)
from marketplace.errors import Hidden, NotFound
from marketplace.extensions import db
from marketplace.listings.queries import LARGEST_ID
from marketplace.permissions import Permission, permits

Row = TypeVar("Row", Message, ThreadFile, Meeting, Paper)
BOTH = frozenset(Party(side.value) for side in Side)


@dataclass(frozen=True)
class Thread:
    """All of a thread as its page shows it, in the order of time."""

    messages: Sequence[Message]
    files: Sequence[ThreadFile]
    meetings: Sequence[Meeting]
    papers: Sequence[Paper]
    #: ``meeting/3`` → who has confirmed it
    assents: dict[str, set[Party]]
    downloads: dict[int, list[FileDownload]]

    @property
    def stamp(self) -> str:
        """Another one after every change that the page shows."""
        moved = sum(meeting.sequence + 1 for meeting in self.meetings)
        said = sum(len(parties) for parties in self.assents.values())
        taken = sum(len(rows) for rows in self.downloads.values())
        counts = (len(self.messages), len(self.files), moved, len(self.papers), said, taken)
        return "-".join(map(str, counts))

    def is_agreed(self, key: str) -> bool:
        """Whether both sides have confirmed it."""
        return self.assents.get(key, set()) >= BOTH


def load(introduction_id: int, user: Any) -> Introduction:
    """The introduction, if ``user`` may read its thread; Hidden before contact and for strangers."""
    introduction = introductions.load(introduction_id, user)
    if not permits(user, Permission.SEE_THREAD, introduction):
        raise Hidden(_("双方都有意向后才能在这里沟通"))
    return introduction


def load_row(model: type[Row], introduction_id: int, row_id: int, user: Any) -> Row:
    """One row of a thread that ``user`` may read; a row of another thread is none of this one."""
    load(introduction_id, user)
    row = db.session.get(model, row_id) if row_id <= LARGEST_ID else None
    if row is None:
        raise NotFound(_("没有找到这一项"))
    if row.introduction_id != introduction_id:
        raise Hidden(_("没有找到这一项"))
    return row


def thread_of(introduction: Introduction) -> Thread:
    """Everything in the thread."""
    assents: dict[str, set[Party]] = defaultdict(set)
    for assent in db.session.scalars(
        select(Assent).where(Assent.introduction_id == introduction.id)
    ):
        assents[assent.subject].add(assent.party)
    return Thread(
        messages=_rows(Message, introduction),
        files=_rows(ThreadFile, introduction),
        meetings=_rows(Meeting, introduction),
        papers=_rows(Paper, introduction),
        assents=dict(assents),
        downloads=_downloads(introduction),
    )


def _rows(model: type[Row], introduction: Introduction) -> Sequence[Row]:
    own = select(model).where(model.introduction_id == introduction.id)
    return db.session.scalars(own.order_by(model.id)).all()


def _downloads(introduction: Introduction) -> dict[int, list[FileDownload]]:
    taken = (
        select(FileDownload).join(ThreadFile).where(ThreadFile.introduction_id == introduction.id)
    )
    found: dict[int, list[FileDownload]] = defaultdict(list)
    for row in db.session.scalars(taken.order_by(FileDownload.id)):
        found[row.file_id].append(row)
    return dict(found)


def assents_to(key: str) -> set[Party]:
    """Who has confirmed a meeting or a paper."""
    return set(db.session.scalars(select(Assent.party).where(Assent.subject == key)))


def latest_paper(introduction: Introduction, kind: PaperKind) -> Paper | None:
    """The version that can be confirmed."""
    own = select(Paper).where(Paper.introduction_id == introduction.id, Paper.kind == kind)
    return db.session.scalars(own.order_by(Paper.version.desc()).limit(1)).first()


def draft_of(introduction: Introduction, user: Any) -> str:
    """What ``user`` has typed and not sent."""
    row = db.session.get(MessageDraft, (introduction.id, user.id))
    return row.text if row else ""
