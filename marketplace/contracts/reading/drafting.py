"""From a reading that a person confirmed, value by value, to the draft of a contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.contracts import drafts, forms, operations
from marketplace.contracts.columns import Facts
from marketplace.contracts.models import Contract
from marketplace.errors import InvalidInput
from marketplace.rules import Rules
from marketplace.working_days import local_day

CONFIRMED = "confirmed"
SIDES = ("sellers", "buyers")
PAPER = "contract"


@dataclass(frozen=True)
class Paper:
    """The contract's file as it came, and what the sender called it."""

    name: str
    content: bytes


def draft(form: MultiDict[str, str], paper: Paper, *, actor: Any, now: datetime) -> Contract:
    """The draft of the confirmed values with the file attached; one transaction of the caller.

    :class:`InvalidInput` names every value that cannot be stored; nothing is stored then.
    """
    facts, errors = _confirmed(form, Rules.in_force(local_day(now)))
    if errors:
        raise InvalidInput(errors)
    values = {name: form.get(name, "") for name in ("applicant", "point")}
    beginning = drafts.begin(values, actor, local_day(now))
    facts = facts | _with_applicant(facts, beginning.facts)
    contract = drafts.create(values, actor=actor, now=now, facts=facts)
    operations.attach(contract, PAPER, paper.name, paper.content, actor=actor, now=now)
    return contract


def _confirmed(form: MultiDict[str, str], rules: Rules) -> tuple[Facts, forms.Errors]:
    chosen = set(form.getlist(CONFIRMED))
    if not chosen:
        return {}, {"": [_("请至少确认一项；没有确认的内容不会带入登记表")]}
    kept = MultiDict([(name, form.get(name, "")) for name in sorted(chosen)])
    values = {name: value for name, value in forms.values_of(kept).items() if value}
    facts, errors = forms.read(values, rules)
    return facts, {path.replace(".", "-"): texts for path, texts in errors.items()}


def _with_applicant(facts: Facts, known: Mapping[str, Any]) -> Facts:
    """Where a confirmed party is the applicant, the rest of it is what the market knows."""
    own = {row["name"]: row for side in SIDES for row in known.get(side, []) if row}
    return {
        side: [own.get(row["name"], {}) | _written(row) for row in facts[side]]
        for side in SIDES
        if facts.get(side)
    }


def _written(row: Facts) -> Facts:
    """A row without its empty cells; the seal is taken to say what the name says."""
    said = {name: value for name, value in row.items() if value not in ("", None, False)}
    return said | {"seal_name": row["name"]}
