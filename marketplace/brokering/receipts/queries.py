"""The entry of an introduction, the head that covers it, and the values that open its commitments."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from marketplace.brokering import queries as introductions
from marketplace.brokering.models import Introduction
from marketplace.brokering.receipts.entries import FIELDS
from marketplace.errors import Hidden, NotFound
from marketplace.ledger import queries as ledger
from marketplace.ledger.models import LedgerDisclosure, LedgerEntry, LedgerHead
from marketplace.permissions import Permission, permits


@dataclass(frozen=True)
class Receipt:
    """What the parties hold; ``head`` is missing for the seconds before one is signed."""

    introduction: Introduction
    entry: LedgerEntry
    head: LedgerHead | None
    opened: dict[str, LedgerDisclosure]

    def openings(self) -> dict[str, Any]:
        """Value and salt of each commitment, for whoever is to check them against the entry.

        A commitment is SHA-256 over salt, field name, a NUL byte and the value.
        """
        rows = [
            {"field": f, "value": row.value, "salt": row.salt.hex(), "commitment": row.commitment}
            for f, row in self.opened.items()
            if row.value is not None and row.salt is not None
        ]
        return {"format": "openings", "position": self.entry.position, "openings": rows}


def load(introduction_id: int, user: Any) -> Receipt:
    """The receipt, for the parties and the broker alone; Hidden for others, NotFound before contact."""
    introduction = introductions.load(introduction_id, user)
    if not permits(user, Permission.SEE_THREAD, introduction):
        raise Hidden(_("双方都有意向后才有存证回执"))
    entries = ledger.entries_of(introduction.key)
    if not entries:
        raise NotFound(_("这次对接没有存证回执"))
    entry = entries[0]
    opened = {f: row for f in FIELDS if (row := ledger.disclosure(entry.facts[f])) is not None}
    return Receipt(introduction, entry, ledger.first_head_over(entry.position), opened)
