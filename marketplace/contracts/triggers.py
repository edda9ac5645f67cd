"""Why a contract needs a second review (L13), each switched by the rule version."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import date

from flask import current_app

from marketplace.contracts.models import WHOLE, Contract
from marketplace.contracts.suspicions import Suspicion
from marketplace.rules import Rules

#: code of L13 → whether a contract fires it, of itself
FIRES: dict[str, Callable[[Contract, Rules], bool]] = {
    "large": lambda contract, rules: is_large(contract, rules),
    "tax": lambda contract, rules: contract.tax_relief,
    "foreign": lambda contract, rules: contract.trade != "domestic",
    "related": lambda contract, rules: contract.related,
    "own": lambda contract, rules: contract.is_own_institutions,
    "sampled": lambda contract, rules: contract.sampled,
    "objection": lambda contract, rules: contract.disputed,
}


def is_large(contract: Contract, rules: Rules) -> bool:
    """大额: 技术交易额 reaches the threshold; 成交额 does not count."""
    return (contract.technology_amount or 0) >= rules.thresholds.large_fen


def triggers_of(contract: Contract, rules: Rules, suspicions: Sequence[Suspicion]) -> list[str]:
    """The codes of L13 that ``contract`` fires, in the order of the list."""
    fired = {code for code, fires in FIRES.items() if fires(contract, rules)}
    fired |= {"suspected"} if suspicions else set()
    return [code for code, trigger in rules.triggers.items() if trigger.on and code in fired]


def is_drawn(contract: Contract, day: date, rules: Rules) -> bool:
    """随机抽查: whether the draw falls on this contract.

    The draw is a keyed digest: no applicant can foresee it, and an inspector can repeat it.
    """
    secret = str(current_app.config["SECRET_KEY"]).encode()
    digest = hmac.new(secret, f"{contract.key}@{day}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % WHOLE < rules.thresholds.random_share
