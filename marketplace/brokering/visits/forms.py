"""What the form of a visit sends, and what the enterprise sends back."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from marketplace.codes import current_codes
from marketplace.errors import InvalidInput
from marketplace.listings import columns
from marketplace.listings.cells import BadCell, bounded_text, day_of
from marketplace.listings.models import Need

Errors = dict[str, list[str]]
LIMITS = {"company": 200, "words": 5_000, "place": 200}
LABELS = {
    "company": _l("企业名称"),
    "words": _l("遇到的难题"),
    "visited_on": _l("走访日期"),
    "region": _l("所在盟市"),
    "place": _l("具体地点"),
    "photo": _l("照片"),
}
REASON_LIMIT = 1_000
PHOTOS = (".jpg", ".jpeg", ".png")


def visit_of(form: Mapping[str, str], today: date) -> dict[str, Any]:
    """The facts of a visit; :class:`InvalidInput` names every field that is wrong."""
    errors: Errors = {}
    facts: dict[str, Any] = {n: _text(n, form, limit, errors) for n, limit in LIMITS.items()}
    facts["company"] = " ".join(facts["company"].split())
    for name in ("company", "words"):
        if not facts[name] and name not in errors:
            errors[name] = [_("请填写%(label)s", label=LABELS[name])]
    facts["visited_on"] = _day(form, errors) or today
    if facts["visited_on"] > today:
        errors["visited_on"] = [_("走访日期不能晚于今天")]
    facts["region"] = form.get("region", "")
    if facts["region"] and facts["region"] not in current_codes().leagues:
        errors["region"] = [_("请从列表中选择盟市")]
    if errors:
        raise InvalidInput(errors)
    return facts


def _text(name: str, form: Mapping[str, str], limit: int, errors: Errors) -> str:
    try:
        return bounded_text(form.get(name, ""), limit)
    except BadCell as fault:
        errors[name] = [str(fault)]
        return ""


def _day(form: Mapping[str, str], errors: Errors) -> date | None:
    try:
        return day_of(form.get("visited_on", ""))
    except BadCell as fault:
        errors["visited_on"] = [str(fault)]
        return None


def photo_of(upload: FileStorage | None) -> tuple[str, bytes] | None:
    """Name and bytes of the picture, where there is one."""
    if upload is None or not upload.filename:
        return None
    if Path(upload.filename).suffix.lower() not in PHOTOS:
        raise InvalidInput({"photo": [_("照片只能是 JPG 或 PNG")]})
    upload.stream.seek(0)  # read again where the transaction is repeated
    return Path(upload.filename).name[-200:], upload.read()


def reason_of(form: Mapping[str, str]) -> str:
    """Why the enterprise refuses, where it says so."""
    errors: Errors = {}
    reason = _text("reason", form, REASON_LIMIT, errors)
    if errors:
        raise InvalidInput(errors)
    return reason


def need_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The need as the enterprise has corrected it, checked by the data dictionary."""
    row = {name: form.get(name, "") for name in ("title", "description", "region")}
    if not row["description"].strip():
        raise InvalidInput({"description": [_("请填写难题的内容")]})
    facts, errors = columns.checked(Need.kind, row, keep_remarks=False)
    if errors:
        raise InvalidInput(errors)
    return facts
