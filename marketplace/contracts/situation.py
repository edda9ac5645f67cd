"""What a guard looks at: a contract, who acts, when, with which facts, and what the file says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from marketplace.contracts import queries, suspicions, triggers
from marketplace.contracts.models import Contract
from marketplace.contracts.proceedings import Request, TypeTest
from marketplace.contracts.snapshot import amended
from marketplace.contracts.states import State
from marketplace.rules import Rules
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Situation:
    """One attempt to move a contract; what is costly to know is looked up when a guard asks."""

    contract: Contract
    actor: Any
    now: datetime
    facts: Mapping[str, Any]

    @cached_property
    def day(self) -> date:
        """Today in Inner Mongolia."""
        return local_day(self.now)

    @cached_property
    def rules(self) -> Rules:
        """The version that applies to the case."""
        return queries.rules_of(self.contract, self.day)

    @cached_property
    def request(self) -> Request | None:
        """The request that waits for a decision."""
        return queries.open_request(self.contract)

    @cached_property
    def change(self) -> Mapping[str, Any]:
        """The facts that shall hold instead: those said now, once examined those of the request.

        Before registration nothing is changed by a move, whatever is said with it.
        """
        request = self.request
        if self.contract.state not in (State.REGISTERED, State.CHANGE_PENDING, State.REEXAM):
            return {}
        is_open = request is None or request.examined_by_id is None
        said = self.facts.get("change") if is_open else None
        return said or (request.facts if request else {})

    @cached_property
    def amended(self) -> Contract:
        """The contract as it would be with the change; itself where there is none."""
        return amended(self.contract, self.change) if self.change else self.contract

    @cached_property
    def ticks(self) -> dict[str, TypeTest]:
        """The checklist as far as it was gone through."""
        return queries.ticks_of(self.contract)

    @cached_property
    def suspicions(self) -> Sequence[suspicions.Suspicion]:
        """What may be the same contract or a part of it."""
        return suspicions.suspicions_of(self.contract, self.rules.thresholds)

    @cached_property
    def triggers(self) -> list[str]:
        """Why a second review is due; empty: one suffices."""
        return triggers.triggers_of(self.contract, self.rules, self.suspicions)

    @property
    def actor_id(self) -> int | None:
        """Who acts, as the record names them."""
        return getattr(self.actor, "id", None)

    def words(self, name: str) -> str:
        """The text given under ``name``, without blanks around it."""
        return str(self.facts.get(name) or "").strip()
