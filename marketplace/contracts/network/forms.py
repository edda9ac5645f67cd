"""What the pages of registration points send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace import money
from marketplace.accounts.models import Organization
from marketplace.accounts.queries import organization_called
from marketplace.codes import current_codes
from marketplace.contracts.points import Desk, HostKind
from marketplace.errors import InvalidInput
from marketplace.listings.cells import BadCell, day_of, parts_of

HOST_NAMES = {
    HostKind.LEAGUE: _l("盟市"),
    HostKind.BANNER: _l("旗县（市、区）"),
    HostKind.UNIVERSITY: _l("高校"),
    HostKind.INSTITUTE: _l("科研院所"),
    HostKind.PARK: _l("园区"),
}
Errors = dict[str, list[str]]


@dataclass(frozen=True)
class NewPoint:
    """A point as it was written down, every name known."""

    code: str
    organization: Organization
    host_kind: HostKind
    host: Organization | None
    region: str
    serves: list[str]
    limit_fen: int | None


def new_point(form: Mapping[str, str]) -> NewPoint:
    """The point of the form; :class:`InvalidInput` names every field that is wrong."""
    errors: Errors = {}
    organization = _organization("organization", form, errors)
    host = _organization("host", form, errors) if form.get("host", "").strip() else None
    kind = form.get("host_kind", "")
    if kind not in list(HostKind):
        errors["host_kind"] = [_("请选择设立类型")]
    region = _region("region", form.get("region", "").strip(), errors)
    serves = [_region("serves", text, errors) for text in parts_of(form.get("serves", ""))]
    limit = _limit(form.get("limit", ""), errors)
    if errors or organization is None:
        raise InvalidInput(errors)
    code = form.get("code", "").strip()
    return NewPoint(code, organization, HostKind(kind), host, region, serves, limit)


def _organization(name: str, form: Mapping[str, str], errors: Errors) -> Organization | None:
    text = form.get(name, "").strip()
    found = organization_called(text) if text else None
    if found is None:
        errors[name] = [_("没有名为“%(text)s”的单位，请填写全称或统一社会信用代码", text=text[:40])]
    return found


def _region(name: str, text: str, errors: Errors) -> str:
    code = current_codes().find("region", text) if text else None
    if code is None:
        errors[name] = [
            _("没有找到地区“%(text)s”，请写盟市或旗县的全称，或六位代码", text=text[:40])
        ]
    return code or ""


def _limit(text: str, errors: Errors) -> int | None:
    try:
        return money.parse_amount(text[:60])
    except money.BadAmount as fault:
        errors["limit"] = [_("受理权限：%(fault)s", fault=fault)]
        return None


def desk_of(form: Mapping[str, str]) -> Desk:
    """A or B."""
    if form.get("desk") not in list(Desk):
        raise InvalidInput({"desk": [_("请选择 A 角或 B 角")]})
    return Desk(form["desk"])


def absence_of(form: Mapping[str, str]) -> tuple[date | None, date | None]:
    """From when to when somebody is away; both empty: not at all."""
    days: dict[str, Any] = {}
    errors: Errors = {}
    for name, heading in (("absent_from", _("缺勤起")), ("absent_until", _("缺勤止"))):
        try:
            days[name] = day_of(form.get(name, ""))
        except BadCell as fault:
            errors[name] = [f"{heading}：{fault}"]
    if errors:
        raise InvalidInput(errors)
    return days["absent_from"], days["absent_until"]
