"""One case as its page shows it: what may be done, what is wrong, what is beside it, what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.contracts import guards, queries, request_guards
from marketplace.contracts.checks import Colour, Light, lights_of, risk_of
from marketplace.contracts.columns import Column, written
from marketplace.contracts.differences import Difference, differences
from marketplace.contracts.lifecycle import CONTRACT
from marketplace.contracts.models import Contract
from marketplace.contracts.operations import REVIEWED, TICKED
from marketplace.contracts.proceedings import Flag, Request
from marketplace.contracts.situation import Situation
from marketplace.contracts.snapshot import facts_of
from marketplace.contracts.states import Action
from marketplace.extensions import db
from marketplace.lifecycle import Guard
from marketplace.permissions import Permission, Role, permits
from marketplace.rules import TypeTest

#: Guards about who acts: they hold or not before anything is typed, and are said beside the button.
ABOUT_PERSONS: tuple[Guard, ...] = (
    guards.actor_is_first_reviewer,
    guards.reviewer_is_another,
    guards.reviewer_is_from_outside,
    request_guards.examined_by_another,
    request_guards.not_examined_yet,
    request_guards.was_no_reviewer_before,
    request_guards.revocation_is_proposed,
    request_guards.revocation_is_proposed_by_another,
    request_guards.no_revocation_is_proposed,
    request_guards.not_completed_yet,
)
MASK = "＊＊＊"


@dataclass(frozen=True)
class Offer:
    """An action that the user may take in this state; ``hindrance`` says why not they, or not now."""

    action: Action
    hindrance: str


@dataclass(frozen=True)
class Step:
    """One version of the registration, with what it changed."""

    version: Any
    changes: list[Difference]


@dataclass(frozen=True)
class CaseFile:
    """A contract as ``user`` sees it at ``now``; each part is looked up when the page asks for it."""

    contract: Contract
    user: Any
    now: datetime

    @cached_property
    def situation(self) -> Situation:
        """The case as guards see it."""
        return Situation(self.contract, self.user, self.now, {})

    @cached_property
    def lights(self) -> list[Light]:
        """Every finding, the gravest first."""
        return lights_of(self.contract, self.situation.rules, self.situation.day)

    @property
    def risk(self) -> int:
        """The weight of the findings."""
        return risk_of(self.lights)

    @cached_property
    def lights_by_path(self) -> dict[str, list[Light]]:
        """The findings by the field beside which they stand."""
        found: dict[str, list[Light]] = {}
        for light in self.lights:
            found.setdefault(light.field, []).append(light)
        return found

    def count(self, colour: str) -> int:
        """How many findings are ``red``, ``amber`` or ``green``."""
        return sum(light.colour == Colour[colour.upper()] for light in self.lights)

    @cached_property
    def offers(self) -> list[Offer]:
        """The moves of the table that the user may make, each once."""
        moves = {move.action: move for move in reversed(CONTRACT.moves_from(self.contract.state))}
        return [
            Offer(action, self._hindrance(moves[action].guards))
            for action in CONTRACT.actions(self.contract.state)
            if permits(self.user, moves[action].permission, self.contract)
        ]

    def _hindrance(self, asked: Sequence[Guard]) -> str:
        broken = [g for g in asked if g in ABOUT_PERSONS and not g.holds(self.situation)]
        return str(broken[0].message) if broken else ""

    def offered(self, action: str) -> bool:
        """Whether the user may take ``action`` now."""
        return any(offer.action == action and not offer.hindrance for offer in self.offers)

    @property
    def is_officer(self) -> bool:
        """Whether the user works on the case for an office."""
        return permits(self.user, Permission.EXAMINE_CONTRACT, self.contract)

    @property
    def may_tick(self) -> bool:
        """Whether the checklist is open to the user."""
        return self.is_officer and self.contract.state in TICKED

    @property
    def may_assess(self) -> bool:
        """Whether the user sets type, codes, deductions and 技术交易额."""
        return (
            permits(self.user, Permission.REVIEW_CONTRACT, self.contract)
            and self.contract.state in REVIEWED
            and self.contract.first_reviewer_id == self.user.id
        )

    @cached_property
    def tests(self) -> list[TypeTest]:
        """The checklist of the type under the version of the case."""
        rules = self.situation.rules
        return [rules.tests[code] for code in guards.wanted_tests(self.situation)]

    @property
    def days_left(self) -> int | None:
        """Days of the review that are left."""
        return queries.days_left(self.contract, self.situation.day)

    @cached_property
    def flag(self) -> Flag | None:
        """The mark that an officer set."""
        marked = select(Flag).where(Flag.contract_id == self.contract.id)
        return db.session.scalar(marked)

    @cached_property
    def steps(self) -> list[Step]:
        """The versions, the newest first, each with what it changed."""
        rows, rules = list(queries.versions_of(self.contract)), self.situation.rules
        older = [None, *rows]
        return [
            Step(row, differences(former.facts, row.facts, rules) if former else [])
            for former, row in reversed(list(zip(older, rows, strict=False)))
        ]

    def changes_of(self, request: Request) -> list[Difference]:
        """What a request wants to be otherwise than it stood."""
        stood = facts_of(self.contract)
        if request.decided_at is not None:  # what was agreed to then stands now
            stood = self._facts_before(request.decided_at)
        return differences(stood, request.facts, self.situation.rules) if request.facts else []

    def _facts_before(self, instant: datetime) -> dict[str, Any]:
        earlier = [v for v in queries.versions_of(self.contract) if v.at < instant]
        return earlier[-1].facts if earlier else facts_of(self.contract)

    @cached_property
    def names(self) -> dict[int, str]:
        """Who the people of the case are; an applicant reads of offices, not of their clerks."""
        written_by = {entry.actor_id for entry in queries.history_of(self.contract)}
        people = {self.contract.first_reviewer_id, self.contract.second_reviewer_id} | written_by
        rows = db.session.scalars(select(User).where(User.id.in_(people - {None})))
        own = self.user.organization_id
        shown = self.is_officer or self.user.role == Role.AUTHORITY
        return {
            user.id: user.display_name if shown or user.organization_id == own else ""
            for user in rows
        }

    @property
    def sees_persons(self) -> bool:
        """Whether the user has a part in the case: others see the parties' people masked."""
        own = self.user.organization_id
        return own is not None and own in (
            self.contract.organization_id,
            self.contract.point_organization_id,
        )

    def cell(self, column: Column, row: Any) -> str:
        """A cell for reading: names for codes, personal data for those with a part in the case."""
        said = written(column, getattr(row, column.name), self.situation.rules)
        return MASK if said and column.personal and not self.sees_persons else said

    @property
    def queries(self) -> Any:
        """The questions that the page asks of the file: repairs, refusals, notices and so on."""
        return queries


def of(contract: Contract, user: Any, now: datetime) -> CaseFile:
    """The file of ``contract`` for the eyes of ``user``."""
    return CaseFile(contract, user, now)
