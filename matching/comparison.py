"""Numbers of both sides compared: what one asks for and what the other states.

Only values of one dimension and one property are set side by side; where several stated values
fit equally and say different things, the verdict is that they cannot be compared. A wrong 满足
costs more than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from matching.properties import Property, PropertyReader, agreement, rivals
from matching.quantities import Change, Quantity

MOST_COMPARISONS = 6
LONGEST_NAME = 14
_OPENING = re.compile(
    r"^(?:要求|希望|需要|力争|争取|其中|并且|(?:将|使(?!用)|把(?!手)|且|并(?!网)|让))+"
)


class Verdict(StrEnum):
    """What a stated value says to a wanted one."""

    MET = "met"
    UNMET = "unmet"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Comparison:
    """A wanted value beside a stated one of the same property, each with its place."""

    name: str
    asked: Quantity
    offered: Quantity
    verdict: Verdict


def compare(
    asking: Sequence[Quantity], offering: Sequence[Quantity], reader: PropertyReader
) -> tuple[Comparison, ...]:
    """Return what can be compared, in the order of the wants, at most :data:`MOST_COMPARISONS`."""
    stated = [one for one in offering if not one.before]
    found: list[Comparison] = []
    for wanted in sorted((one for one in asking if one.asked), key=_precedence):
        comparison = _compared(wanted, stated, reader)
        if comparison is not None and not any(_repeats(comparison, other) for other in found):
            found.append(comparison)
    ranked = sorted(found, key=lambda one: (one.asked.side, one.asked.start))
    return tuple(ranked[:MOST_COMPARISONS])


def _precedence(wanted: Quantity) -> tuple[bool, int]:
    """Wants with a bound first, the last in the text first: a table stands behind the prose."""
    return not _is_bounded(wanted), -wanted.start


def _repeats(one: Comparison, other: Comparison) -> bool:
    """Whether two speak of one stated value, or of one property in two places."""
    same_value = (one.offered.side, one.offered.start) == (other.offered.side, other.offered.start)
    return same_value or (one.name, one.asked.dimension) == (other.name, other.asked.dimension)


def _is_bounded(wanted: Quantity) -> bool:
    return wanted.low is None or wanted.high is None


def _compared(
    wanted: Quantity, stated: Iterable[Quantity], reader: PropertyReader
) -> Comparison | None:
    same = [o for o in stated if o.dimension == wanted.dimension and o.change == wanted.change]
    asked = reader.read(wanted.name) if same and wanted.name else None
    if asked is None:
        return None
    read = [(one, reader.read(one.name)) for one in same if one.name]
    ranked = [(agreement(asked, of), one) for one, of in read if of is not None]
    most = max((sure for sure, _ in ranked), default=0)
    best = [one for sure, one in ranked if sure == most]
    if not most or (most == 1 and any(of and rivals(asked, of) for _, of in read)):
        return None
    verdicts = {verdict(wanted, one) for one in best}
    said = verdicts.pop() if len(verdicts) == 1 else Verdict.UNCLEAR
    if said is Verdict.UNCLEAR and not (_is_bounded(wanted) or wanted.toward):
        return None  # a condition of the work, more often than a wish
    return Comparison(_shown(wanted.name, asked), wanted, best[0], said)


def _shown(words: str, read: Property) -> str:
    """Return the words before the value where they are few, else the property read in them."""
    bare = _OPENING.sub("", words)
    return bare if 2 <= len(bare) <= LONGEST_NAME else read.name


def verdict(wanted: Quantity, offered: Quantity) -> Verdict:
    """Return whether a stated value or range answers a wanted one of the same dimension."""
    low, high = _bounds(wanted)
    within = (low is None or (offered.low is not None and offered.low >= low)) and (
        high is None or (offered.high is not None and offered.high <= high)
    )
    if within:
        return Verdict.MET
    beyond = (high is not None and offered.low is not None and offered.low > high) or (
        low is not None and offered.high is not None and offered.high < low
    )
    if not beyond:
        return _covering(wanted, offered)
    return Verdict.UNMET if _is_bounded(wanted) or wanted.toward else Verdict.UNCLEAR


def _bounds(wanted: Quantity) -> tuple[Fraction | None, Fraction | None]:
    """Return (low, high) of what would do: 降到10 is content with less, 达到95 with more."""
    if _is_bounded(wanted) or wanted.toward is Change.LEVEL:
        return wanted.low, wanted.high
    return (None, wanted.high) if wanted.toward is Change.FALL else (wanted.low, None)


def _covering(wanted: Quantity, offered: Quantity) -> Verdict:
    """A range offered that holds the single value wanted: 处理量 50～600 for 100 m³/h."""
    covers = (
        None not in (wanted.low, wanted.high, offered.low, offered.high)
        and offered.low <= wanted.low  # type: ignore[operator]
        and wanted.high <= offered.high  # type: ignore[operator]
    )
    return Verdict.MET if covers else Verdict.UNCLEAR
