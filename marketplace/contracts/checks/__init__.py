"""Arithmetic and plausibility of a contract, as pure functions that return lights.

They read the record and what it names alone: no file, no search, no clock.
"""

from datetime import date

from marketplace.contracts.checks.amounts import AMOUNT_CHECKS
from marketplace.contracts.checks.dates import DATE_CHECKS
from marketplace.contracts.checks.light import Case, Colour, Light
from marketplace.contracts.checks.parties import PARTY_CHECKS
from marketplace.contracts.checks.subject import SUBJECT_CHECKS, missing_attachments
from marketplace.contracts.models import Contract
from marketplace.rules import Rules

__all__ = ["Colour", "Light", "errors_of", "lights_of", "missing_attachments", "risk_of"]
CHECKS = (*SUBJECT_CHECKS, *PARTY_CHECKS, *DATE_CHECKS, *AMOUNT_CHECKS)


def lights_of(contract: Contract, rules: Rules, day: date) -> list[Light]:
    """Every finding, the gravest first."""
    case = Case(contract, rules, day)
    found = [light for check in CHECKS for light in check(case)]
    return sorted(found, key=lambda light: -light.colour)


def errors_of(contract: Contract, rules: Rules, day: date) -> dict[str, list[str]]:
    """The red lights by field, as forms show them."""
    errors: dict[str, list[str]] = {}
    for light in lights_of(contract, rules, day):
        if light.colour == Colour.RED:
            errors.setdefault(light.field, []).append(light.message)
    return errors


def risk_of(lights: list[Light]) -> int:
    """A number by which a queue is sorted: red weighs ten, amber one."""
    return sum((0, 1, 10)[light.colour] for light in lights)
