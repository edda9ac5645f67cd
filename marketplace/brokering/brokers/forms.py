"""What the pages of a broker's record send."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage, MultiDict

from marketplace.brokering.brokers.models import MOST_CAPACITY
from marketplace.brokering.brokers.operations import NewCertificate
from marketplace.brokering.brokers.states import Action, Level
from marketplace.codes import current_codes
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, bounded_text, day_of

Errors = dict[str, list[str]]
LABELS = {
    "issuer": _l("发证机构"),
    "number": _l("证书编号"),
    "level": _l("等级"),
    "issued_on": _l("发证日期"),
    "expires_on": _l("有效期至"),
    "file": _l("证书扫描件"),
}
LIMITS = {"issuer": 100, "number": 60}
INTERESTS_LIMIT, REASON_LIMIT = 2_000, 1_000


def record_of(form: MultiDict[str, str]) -> dict[str, Any]:
    """Affiliation, fields, regions and capacity; :class:`InvalidInput` names what is wrong."""
    errors: Errors = {}
    codes = current_codes()
    facts: dict[str, Any] = {
        "affiliation": _text("affiliation", form, 200, errors),
        "fields": _known("fields", form, codes.lists["field"], errors),
        "regions": _known("regions", form, codes.leagues, errors),
        "capacity": form.get("capacity", "").strip(),
    }
    short = facts["capacity"].isdecimal() and len(facts["capacity"]) < 10
    if not short or int(facts["capacity"]) > MOST_CAPACITY:
        errors["capacity"] = [_("可承接件数应为 0 至 %(most)d 的整数", most=MOST_CAPACITY)]
    if errors:
        raise InvalidInput(errors)
    return facts | {"capacity": int(facts["capacity"])}


def words_of(form: Mapping[str, str], name: str, limit: int) -> str:
    """A text that may be empty; :class:`InvalidInput` names it where it is too long."""
    errors: Errors = {}
    text = _text(name, form, limit, errors)
    if errors:
        raise InvalidInput(errors)
    return text


def action_of(form: Mapping[str, str]) -> Action:
    """What the operator's button decides."""
    name = form.get("action", "")
    if name not in list(Action):
        raise InvalidInput({"action": [_("没有这个操作")]})
    return Action(name)


def _text(name: str, form: Mapping[str, str], limit: int, errors: Errors) -> str:
    try:
        return bounded_text(form.get(name, ""), limit)
    except BadCell as fault:
        errors[name] = [str(fault)]
        return ""


def _known(
    name: str, form: MultiDict[str, str], names: Mapping[str, str], errors: Errors
) -> list[str]:
    chosen = list(dict.fromkeys(form.getlist(name)))
    if any(code not in names for code in chosen):
        errors[name] = [_("有不认识的选项，请重新勾选")]
    return chosen


def certificate_of(form: Mapping[str, str], upload: FileStorage | None) -> NewCertificate:
    """A certificate with its scan; every field is needed."""
    errors: Errors = {}
    texts = {name: _text(name, form, limit, errors) for name, limit in LIMITS.items()}
    days = {name: _day(name, form, errors) for name in ("issued_on", "expires_on")}
    for name, value in (texts | days).items():
        if not value and name not in errors:
            errors[name] = [_("请填写%(label)s", label=LABELS[name])]
    if form.get("level") not in list(Level):
        errors["level"] = [_("请选择等级")]
    if days["issued_on"] and days["expires_on"] and days["issued_on"] > days["expires_on"]:
        errors["expires_on"] = [_("有效期不能早于发证日期")]
    if upload is None or not upload.filename:
        errors["file"] = [_("请上传证书扫描件（PDF、JPG 或 PNG）")]
    if errors or upload is None or days["issued_on"] is None or days["expires_on"] is None:
        raise InvalidInput(errors)
    upload.stream.seek(0)  # read again where the transaction is repeated
    return NewCertificate(
        texts["issuer"],
        texts["number"],
        Level(form["level"]),
        days["issued_on"],
        days["expires_on"],
        upload.filename or "",
        upload.read(),
    )


def _day(name: str, form: Mapping[str, str], errors: Errors) -> date | None:
    try:
        return day_of(form.get(name, ""))
    except BadCell as fault:
        errors[name] = [str(fault)]
        return None
