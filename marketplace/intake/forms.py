"""What the queue's pages send and show: proposals as forms, and what was typed as drafts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from marketplace.intake.lifecycle import ROUTE_NAMES, State
from marketplace.intake.operations import Draft
from marketplace.intake.queries import Asked
from marketplace.intake.reading import Proposal
from marketplace.listings import forms as listings
from marketplace.listings.columns import COLUMNS
from marketplace.listings.models import KINDS
from scrapers.errors import FaultKind

Errors = dict[str, list[str]]
OWNER_LIMIT = 200
#: What went wrong at a site, for a person.
FAULT_NAMES = {
    FaultKind.ROBOTS: _l("网站的 robots.txt 不允许采集"),
    FaultKind.ADDRESS: _l("地址不是公开的 http 或 https 地址"),
    FaultKind.REDIRECTS: _l("跳转过多或循环跳转"),
    FaultKind.STATUS: _l("网站回答出错"),
    FaultKind.BUSY: _l("网站繁忙，请它稍后再试"),
    FaultKind.SLOW: _l("网站太慢，超过时限"),
    FaultKind.CONNECTION: _l("连接不上或中断"),
    FaultKind.TOO_LARGE: _l("页面或文件过大、过多"),
    FaultKind.INCOMPLETE: _l("页面不完整"),
    FaultKind.ENCODING: _l("编码无法识别"),
    FaultKind.UNREADABLE: _l("文件或列表无法读取"),
    FaultKind.MISSING: _l("页面上应有的内容不在原处"),
    FaultKind.REFUSED: _l("内容不合规，未采用"),
}
#: Fields of a proposal that the pages show for correction before a notice is accepted.
EDITED = {
    "need": ("title", "description", "problem", "goal", "field", "need_type", "region", "keywords", "modes", "indicators", "budget", "deadline"),
    "result": ("title", "description", "applications", "field", "result_kind", "stage", "region", "keywords", "modes", "indicators", "ip", "price"),
}  # fmt: skip


def asked_of(args: MultiDict[str, str]) -> Asked:
    """The part of the queue that an address asks for; what is not known is left out."""
    state = args.get("state", "")
    route = args.get("route", "")
    return Asked(
        state=State(state) if state in list(State) else State.WAITING,
        kind=args["kind"] if args.get("kind") in KINDS else "",
        route=route if route in (*ROUTE_NAMES, "technical") else "",
        source=args.get("source", "")[:60],
        page=min(args.get("page", 1, type=int) or 1, 1_000_000),
    )


def values_of(proposal: Proposal) -> dict[str, Any]:
    """A proposal as the form shows it."""
    empty: dict[str, Any] = {name: "" for name in EDITED[proposal.kind]}
    empty |= {"modes": [], "indicators": [], "organization": "", "kind": proposal.kind}
    values = empty | {n: v for n, v in proposal.values.items() if n in empty}
    if isinstance(values.get("ip"), list):
        values["ip"] = _written_rights(values["ip"])
    return values


def _written_rights(rows: list[Mapping[str, str]]) -> str:
    column = next(column for column in COLUMNS["result"] if column.name == "ip")
    return column.write(_Rights(rows))


@dataclass(frozen=True)
class _Rights:
    ip: list[Mapping[str, str]]


def typed(form: MultiDict[str, str], number: int = 0) -> dict[str, Any]:
    """What was typed into the form of a notice, or into that of part ``number``."""
    kind = form.get(f"{prefix(number)}kind", "need")
    kind = kind if kind in KINDS else "need"
    own: MultiDict[str, str] = MultiDict(
        (name.removeprefix(prefix(number)), value)
        for name, value in form.items(multi=True)
        if name.startswith(prefix(number))
    )
    given = listings.values_of(kind, own)
    values = {name: given[name] for name in EDITED[kind]}
    return values | {"kind": kind, "organization": own.get("organization", "")}


def prefix(number: int) -> str:
    """What the names of a part's fields begin with."""
    return f"p{number}-" if number else ""


def draft_of(values: Mapping[str, Any]) -> tuple[Draft | None, Errors]:
    """A draft of typed or proposed values, or what is wrong with them by field."""
    kind = str(values["kind"])
    given = {name: values[name] for name in EDITED[kind] if name in values}
    facts, errors = listings.checked(kind, given)
    owner = str(values.get("organization", "")).strip()
    if len(owner) > OWNER_LIMIT:
        errors["organization"] = [_("单位名称不能超过200字")]
    return (None, errors) if errors else (Draft(kind, facts, owner), {})


def labels(kind: str) -> dict[str, str]:
    """What each field is called."""
    return listings.labels(kind) | {"organization": _("单位名称"), "kind": _("种类")}
