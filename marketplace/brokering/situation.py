"""What a guard may look at: the introduction, who acts, and what was said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.brokering.models import Introduction
from marketplace.brokering.states import Reason, Side


@dataclass(frozen=True)
class Situation:
    """One attempt to move one introduction."""

    introduction: Introduction
    actor: Any
    now: datetime
    side: Side | None = None
    words: str = ""
    reason: Reason | None = None
    broker_is_active: bool = False
