"""What the office's pages send: ticks, the assessment, and the cases that were chosen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.contracts import forms
from marketplace.contracts.columns import Facts
from marketplace.contracts.models import Contract
from marketplace.contracts.operations import ASSESSED
from marketplace.contracts.proceedings import Answer
from marketplace.contracts.states import Action, State
from marketplace.money import format_both
from marketplace.rules import Rules, TypeTest

#: What can be done with many cases at once: each is still one move of the table.
IN_BULK = {State.SUBMITTED: Action.ACCEPT, State.REVIEW2: Action.AGREE}
MOST_AT_ONCE = 200
#: Numbers of cases and revisions, no longer than the database counts.
NUMBER, REVISION = re.compile(r"[0-9]{1,9}"), re.compile(r"revision-([0-9]{1,9})")


def ticks_of(
    form: MultiDict[str, str], tests: Sequence[TypeTest]
) -> tuple[dict[str, tuple[Answer, str]], forms.Errors]:
    """``(ticks, errors)``: test → answer and clause, for each test that was answered."""
    ticks: dict[str, tuple[Answer, str]] = {}
    errors: forms.Errors = {}
    for test in tests:
        answer, clause = form.get(f"answer-{test.code}", ""), form.get(f"clause-{test.code}", "")
        if answer in list(Answer) and clause.strip():
            ticks[test.code] = (Answer(answer), clause.strip())
        elif answer in list(Answer) or clause.strip():
            said = _("%(code)s：勾选结论和合同中的依据条款都要填写", code=test.code)
            errors[f"tests.{test.code}"] = [said]
    return ticks, errors


def assessment_of(
    form: MultiDict[str, str], rules: Rules
) -> tuple[Facts, forms.Errors, dict[str, Any]]:
    """``(facts, errors, values)`` of what the first reviewer sets."""
    values = forms.values_of(form)
    kept = {name: value for name, value in values.items() if name in ASSESSED}
    facts, errors = forms.read(kept, rules)
    return facts, errors, kept


@dataclass(frozen=True)
class Batch:
    """Cases that were chosen to be moved together, and what they come to."""

    action: Action
    contracts: list[Contract]

    @property
    def deal(self) -> str:
        """Σ 成交额 in both units."""
        return format_both(sum(contract.deal_amount or 0 for contract in self.contracts))

    @property
    def technology(self) -> str:
        """Σ 技术交易额 in both units."""
        return format_both(sum(contract.technology_amount or 0 for contract in self.contracts))


def batches_of(contracts: Sequence[Contract]) -> list[Batch]:
    """The chosen cases by what can be done with them; the others are left out."""
    groups: dict[Action, list[Contract]] = {}
    for contract in contracts[:MOST_AT_ONCE]:
        if action := IN_BULK.get(contract.state):
            groups.setdefault(action, []).append(contract)
    return [Batch(action, rows) for action, rows in groups.items()]


def revisions_of(form: Mapping[str, str]) -> dict[int, int]:
    """Case → the revision that the page showed."""
    pairs = ((REVISION.fullmatch(name), value) for name, value in form.items())
    return {int(m[1]): int(value) for m, value in pairs if m and NUMBER.fullmatch(value)}


def numbers_of(texts: Sequence[str]) -> list[int]:
    """The numbers of the cases that were ticked."""
    return [int(text) for text in texts if NUMBER.fullmatch(text)]
