"""A notice: what somebody published about one need or one result, as it was found.

The one shape every source yields. It is built whole or refused; nothing in it is guessed. What is not
on the page is empty here, and what is there is here as it stands: the text is the original text, with
whatever telephone numbers it holds. :attr:`Notice.personal` says where they are, and
:meth:`Notice.redacted` is the notice that may be shown and indexed.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import chain, pairwise

from scrapers.addresses import host_and_port
from scrapers.errors import FaultKind, ScrapeFailed
from scrapers.personal import Found, PersonalKind, find, pieces, redact

LONGEST_TITLE = 300
LONGEST_TEXT = 500_000
#: Characters no text holds: controls other than tab and line break.
CONTROLS = {chr(n) for n in range(32)} - {"\t", "\n"} | {"\x7f"}
#: A page in another time zone may be a day ahead.
AHEAD = timedelta(days=1)


class Kind(StrEnum):
    """Which of the two libraries a notice belongs to."""

    NEED = "need"
    RESULT = "result"


@dataclass(frozen=True)
class Attachment:
    """A file that belongs to a notice; one that was not fetched or cannot be read has no text."""

    name: str
    url: str
    #: SHA-256 of its bytes in hexadecimal; empty if it was not fetched.
    digest: str = ""
    text: str = ""
    #: Its tables, row by row, in order.
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One published need or result; raises ScrapeFailed(REFUSED) when it is made of bad data."""

    source: str
    #: What the source calls it; the same at every run.
    source_key: str
    kind: Kind
    url: str
    #: In UTC.
    fetched_at: datetime
    title: str
    text: str
    #: Labels and values that the page marks as such, in its order; no label twice.
    fields: tuple[tuple[str, str], ...] = ()
    published_on: date | None = None
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        for fault in chain(self._faults(), self._faults_of_text()):
            raise ScrapeFailed(FaultKind.REFUSED, self.url, fault)

    def _faults(self) -> Iterator[str]:
        host_and_port(self.url)
        if not self.source or not self.source_key or len(self.source_key) > 300:
            yield "no source, or no source_key of 1 to 300 characters"
        if not self.title.strip() or len(self.title) > LONGEST_TITLE or "\n" in self.title:
            yield f"title is not one line of 1 to {LONGEST_TITLE} characters"
        if not self.text.strip() or len(self.text) > LONGEST_TEXT:
            yield f"text has not 1 to {LONGEST_TEXT} characters"
        if self.fetched_at.utcoffset() != timedelta(0):
            yield "fetched_at is not in UTC"
        elif self.published_on and self.published_on > (self.fetched_at + AHEAD).date():
            yield f"published on {self.published_on}, after it was fetched"
        labels = [label for label, _ in self.fields]
        if len(set(labels)) < len(labels) or not all(label.strip() for label in labels):
            yield "a label twice, or an empty one"

    def _faults_of_text(self) -> Iterator[str]:
        words = [self.title, self.text, *(part for pair in self.fields for part in pair)]
        if not all(CONTROLS.isdisjoint(text) for text in words):
            yield "control characters in the text"
        if any("\ud800" <= character <= "\udfff" for text in words for character in text):
            yield "half a character in the text"

    def value(self, *labels: str) -> str:
        """The value under the first of these labels that the page has; empty if it has none."""
        found = dict(self.fields)
        return next((found[label] for label in labels if label in found), "")

    @property
    def content_hash(self) -> str:
        """SHA-256 over what it says, not over when and where it was found: changed text, other hash."""
        digest = hashlib.sha256()
        said = [self.title, self.text, *(part for pair in self.fields for part in pair)]
        for part in said + [a.digest for a in self.attachments]:
            digest.update(f"{len(part)}:{part}".encode())
        return digest.hexdigest()

    @property
    def known(self) -> dict[str, PersonalKind]:
        """What the labels of fields and the headings of tables tell to be personal."""
        told = [pieces(label, value) for label, value in self.fields]
        told += [cell for attachment in self.attachments for cell in pieces_of(attachment.rows)]
        return {piece: kind for found in told for piece, kind in found.items() if len(piece) > 1}

    @property
    def personal(self) -> tuple[Found, ...]:
        """Contacts and personal data in the text, with their places in it."""
        return tuple(find(self.text, self.known))

    def redacted(self) -> "Notice":
        """The notice without contacts and personal data, also in fields and attachments."""
        known = self.known
        return replace(
            self,
            # A mark may be longer than what it stands for.
            title=redact(self.title, known)[:LONGEST_TITLE],
            text=redact(self.text, known)[:LONGEST_TEXT],
            fields=tuple((label, redact(value, known)) for label, value in self.fields),
            attachments=tuple(
                replace(
                    attachment,
                    name=redact(attachment.name, known),
                    text=redact(attachment.text, known),
                    rows=tuple(
                        tuple(redact(cell, known) for cell in row) for row in attachment.rows
                    ),
                )
                for attachment in self.attachments
            ),
        )


def pieces_of(rows: tuple[tuple[str, ...], ...]) -> Iterator[dict[str, PersonalKind]]:
    """What is personal in a table, by its headings (the first row of several cells) or the cell before."""
    filled = [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1]
    for row in filled:
        yield from (pieces(label, cell) for label, cell in pairwise(row) if cell)
    for row in filled[1:]:
        yield from (pieces(head, cell) for head, cell in zip(filled[0], row, strict=False) if cell)
