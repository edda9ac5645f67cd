"""Marks on cases: a word of an officer to the colleagues, which moves nothing."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from marketplace import audit
from marketplace.audit import Tag
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import Flag
from marketplace.errors import InvalidInput
from marketplace.extensions import db
from marketplace.permissions import Permission, require

NOTE_LIMIT = 200


def flag(contract: Contract, note: str, *, actor: Any, now: datetime) -> None:
    """Mark the case, or mark it otherwise; an empty ``note`` takes the mark off."""
    require(actor, Permission.EXAMINE_CONTRACT, contract)
    note = note.strip()
    if len(note) > NOTE_LIMIT:
        raise InvalidInput({"note": [_("标记不能超过%(limit)d字", limit=NOTE_LIMIT)]})
    row = db.session.scalar(select(Flag).where(Flag.contract_id == contract.id))
    if note:
        row = row or Flag(contract_id=contract.id)
        row.note, row.at, row.by_id = note, now, actor.id
        db.session.add(row)
    elif row is not None:
        db.session.delete(row)
    db.session.flush()
    audit.record(actor, Tag.CONTRACT_EXAMINED, contract.key, now=now, flag=note)
