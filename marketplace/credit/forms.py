"""What is typed on the pages of credit: a report, a move with words and a file, a verdict."""

from collections.abc import Mapping
from datetime import date
from pathlib import PurePath
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from marketplace import files
from marketplace.credit import queries
from marketplace.credit.operations import Report
from marketplace.credit.situation import Proof
from marketplace.credit.states import BY_HAND, Action, Behaviour, Verdict
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, day_of, text_of

LONGEST_NAME = 200
#: What a person may ask for; the rest follows from dates and sources.
ASKED = frozenset(
    {
        Action.OBJECT,
        Action.UPHOLD,
        Action.DISMISS,
        Action.ASK_REPAIR,
        Action.GRANT_REPAIR,
        Action.REFUSE_REPAIR,
        Action.REVOKE,
    }
)


def proof_of(upload: FileStorage | None) -> Proof | None:
    """The file that was handed in, kept; ``None`` for none; :class:`InvalidInput` for another kind."""
    if upload is None or not upload.filename:
        return None
    name = PurePath(upload.filename.replace("\\", "/")).name[-LONGEST_NAME:]
    upload.stream.seek(0)  # read again where the transaction is repeated
    content = upload.read(files.LARGEST + 1)
    return Proof(name, files.keep(content, name))


def action_of(values: Mapping[str, Any]) -> Action:
    """The move that was asked for; :class:`InvalidInput` for none that a person may make."""
    chosen = next((one for one in ASKED if one == values.get("action")), None)
    if chosen is None:
        raise InvalidInput({"action": [_("请选择要进行的操作")]})
    return chosen


def report_of(values: Mapping[str, Any], upload: FileStorage | None, sign: str = "") -> Report:
    """What a person records; :class:`InvalidInput` names every field that is wrong."""
    errors: dict[str, list[str]] = {}
    subject = proof = None
    try:
        subject, _name = queries.subject_called(values.get("subject", ""))
    except InvalidInput as refusal:
        errors |= refusal.errors
    try:
        proof = proof_of(upload)
    except InvalidInput as refusal:
        errors |= refusal.errors
    kind = next((one for one in BY_HAND if one == values.get("kind")), None)
    day = _day(values.get("day", ""))
    if kind is None:
        errors["kind"] = [_("请选择行为类别")]
    if day is None:
        errors["day"] = [_("请填写行为日期，如2026-05-08")]
    if errors or subject is None or kind is None or day is None:
        raise InvalidInput(errors)
    return Report(subject, Behaviour(kind), day, text_of(values.get("words", "")), proof, sign)


def _day(text: str) -> date | None:
    try:
        return day_of(text)
    except BadCell:  # one message names the field and the form, whatever is wrong
        return None


def verdict_of(values: Mapping[str, Any]) -> Verdict:
    """What the operator made of a sign; :class:`InvalidInput` for no verdict."""
    chosen = next((v for v in Verdict if v == values.get("verdict") and v != Verdict.OPEN), None)
    if chosen is None:
        raise InvalidInput({"verdict": [_("请选择排除或跟进")]})
    return chosen
