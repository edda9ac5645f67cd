"""The commission of an agreement in exact fen; pure arithmetic on whole numbers.

Of a sum of ``base`` fen it is ``rate`` basis points, half a fen rounded up, at least ``floor`` and at
most ``cap``. A sum that comes in parts gives in all what it would give at once: each part is due
the difference to what was entered before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WHOLE = 10_000  # basis points


@dataclass(frozen=True)
class Terms:
    """Rate in basis points, bounds in fen; no ``cap``: none was agreed."""

    rate: int
    floor: int = 0
    cap: int | None = None


def commission_of(terms: Terms, base: int) -> int:
    """The commission on ``base`` fen in all; of nothing nothing is due, whatever the floor."""
    if base <= 0:
        return 0
    rated = (2 * base * terms.rate + WHOLE) // (2 * WHOLE)
    due = max(rated, terms.floor)
    return due if terms.cap is None else min(due, terms.cap)


def due_now(terms: Terms, base: int, *, before: int, entered: int) -> int:
    """What falls due with ``base`` fen after ``before`` that had ``entered`` fen of commission.

    Never negative: where new terms give less than was entered under the old, nothing is taken back.
    """
    return max(commission_of(terms, before + base) - entered, 0)


def replayed(occasions: Iterable[tuple[str, Terms, int]]) -> list[int]:
    """What falls due on each occasion (its kind, terms and base), as if there were no others.

    What was registered and what was received are the same money seen twice: bases of one kind add
    up, commissions of all do.
    """
    before: Counter[str] = Counter()
    found: list[int] = []
    for kind, terms, base in occasions:
        found.append(due_now(terms, base, before=before[kind], entered=sum(found)))
        before[kind] += base
    return found


def split(fen: int, shares: Sequence[int]) -> list[int]:
    """``fen`` among brokers by ``shares`` in basis points; what does not divide stays with the first."""
    others = [fen * share // WHOLE for share in shares[1:]]
    return [fen - sum(others), *others]


def halves(fen: int) -> tuple[int, int]:
    """What the need's side and the result's side pay where both do; an odd fen is the former's."""
    return fen - fen // 2, fen // 2
