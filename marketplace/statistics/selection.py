"""What is asked for, as values: a table, a period, a scope, and the ledger as it was at some moment."""

from dataclasses import dataclass
from datetime import date

from marketplace.statistics.definitions import Basis, Table
from marketplace.statistics.periods import Period


@dataclass(frozen=True)
class AsOf:
    """The first ``size`` entries of the ledger, as far as they count on ``day`` or before."""

    size: int
    day: date

    def __str__(self) -> str:
        """As it is typed, and as a file keeps it."""
        return f"{self.size}@{self.day.isoformat()}"


@dataclass(frozen=True)
class Selection:
    """One table of one period and scope; ``region`` has six digits, the whole region among them."""

    table: Table
    period: Period
    basis: Basis
    region: str
    as_of: AsOf

    @property
    def seen(self) -> Period:
        """The period as far as the moment reaches."""
        return self.period.until(self.as_of.day)

    @property
    def before(self) -> Period:
        """The same days of the year before."""
        return self.seen.year_before
