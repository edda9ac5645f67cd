"""What a guard may look at: the record, its rules, who acts, and what was said and handed in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marketplace.credit.models import BehaviourRecord
from marketplace.credit.rules import CreditRules
from marketplace.working_days import local_day


@dataclass(frozen=True)
class Proof:
    """A file as its sender called it, kept under the digest of its bytes."""

    name: str
    digest: str


@dataclass(frozen=True)
class Situation:
    """One attempt to move one record."""

    record: BehaviourRecord
    rules: CreditRules
    actor: Any
    now: datetime
    words: str = ""
    proof: Proof | None = None

    @property
    def day(self) -> date:
        """The day on which it happens."""
        return local_day(self.now)
