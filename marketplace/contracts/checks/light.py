"""What a check says: a light with its rule and field; and what a check looks at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from marketplace.contracts.models import Contract
from marketplace.rules import Rules
from marketplace.working_days import local_day


class Colour(IntEnum):
    """How grave it is, so that the worst is the greatest."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True)
class Light:
    """One finding: ``rule`` names the check, ``field`` the place, ``message`` says it in words.

    Red stops the case, amber asks a person to look, green tells something worth knowing.
    """

    colour: Colour
    rule: str
    field: str
    message: str


@dataclass(frozen=True)
class Case:
    """A contract as it is judged on ``day`` under ``rules``."""

    contract: Contract
    rules: Rules
    day: date

    @property
    def applied_on(self) -> date:
        """The day of the application: the term must hold then, not when the review ends."""
        submitted = self.contract.submitted_at
        return local_day(submitted) if submitted else self.day

    @property
    def group(self) -> str:
        """The group of L1 by its first digit, whatever the rule version puts it under."""
        return self.contract.type[:1]


Check = Callable[[Case], Iterator[Light]]


def red(rule: str, field: str, message: Any) -> Light:
    """An error that must be mended."""
    return Light(Colour.RED, rule, field, str(message))


def amber(rule: str, field: str, message: Any) -> Light:
    """Something that a person should look at."""
    return Light(Colour.AMBER, rule, field, str(message))


def green(rule: str, field: str, message: Any) -> Light:
    """Something worth knowing."""
    return Light(Colour.GREEN, rule, field, str(message))
