"""What was published, as it is asked for; and whether a document still follows from the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace.errors import NotFound
from marketplace.extensions import db
from marketplace.statistics.asking import selection_of
from marketplace.statistics.documents import document
from marketplace.statistics.models import PublishedTable
from marketplace.statistics.renderings import as_json, read


def published(key: str, period: str) -> PublishedTable:
    """That table of that period; :class:`NotFound` where it was not given out."""
    wanted = select(PublishedTable).where(
        PublishedTable.table == key, PublishedTable.period == period
    )
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(_("%(table)s 在这一期尚未发布", table=key))
    return found


def published_periods() -> Sequence[tuple[str, str]]:
    """Key and label of every period that has published tables, the latest and shortest first."""
    rows = (
        select(PublishedTable.period, PublishedTable.label)
        .where(PublishedTable.table == "T1")
        .order_by(PublishedTable.last.desc(), PublishedTable.first.desc())
    )
    return [(key, label) for key, label in db.session.execute(rows)]


def made_again(original: Mapping[str, Any]) -> bytes:
    """The bytes that the ledger gives now for what ``original`` was made for.

    What a public table withholds may follow from who the parties are, which the ledger does not say:
    so the cells that ``original`` withholds are taken from it, all figures from the ledger.
    """
    hide = None
    if original["public"]:
        hide = {
            (number, earlier): frozenset(
                tuple(row["cell"]) for row in part["rows"] if row[time] is None
            )
            for number, part in enumerate(original["parts"])
            for earlier, time in ((False, "now"), (True, "before"))
        }
    return as_json(document(selection_of(original), hide))


def follows_from_ledger(data: bytes) -> bool:
    """Whether a document in JSON is byte for byte what the ledger gives; ``ValueError`` for no document."""
    return made_again(read(data)) == data
