"""What the selectors of a page say; every one has a value that can be left alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from marketplace.errors import InvalidInput
from marketplace.statistics.asking import as_of, period_called, select_table
from marketplace.statistics.periods import Span, period_of
from marketplace.statistics.selection import Selection

TO_DATE = "to-date"


@dataclass(frozen=True)
class Asked:
    """The selectors as they were chosen: ``span`` is ``year``, ``H1``, ``Q2``, ``05`` or ``to-date``."""

    year: str
    span: str
    basis: str
    region: str
    as_of: str

    @classmethod
    def of(cls, args: Mapping[str, str], latest_year: int) -> "Asked":
        """Read an address; the latest year as far as it has come, unless another is asked for."""
        return cls(
            year=args.get("year", str(latest_year)).strip(),
            span=args.get("span", "year"),
            basis=args.get("basis", ""),
            region=args.get("region", ""),
            as_of=args.get("as_of", "").strip(),
        )

    def selection(self, key: str, *, today: date) -> Selection:
        """The selection that is meant; :class:`InvalidInput` in the user's words."""
        if not (self.year.isascii() and self.year.isdigit() and len(self.year) == 4):
            raise InvalidInput({"year": [_("年份应为四位数字")]})
        moment = as_of(self.as_of, today=today)
        if self.span == TO_DATE:
            period = period_of(Span.TO_DATE, int(self.year)).until(moment.day)
        else:
            period = period_called(self.year + ("" if self.span == "year" else f"-{self.span}"))
        return select_table(key, period, moment, basis=self.basis, region=self.region)

    def address(self) -> dict[str, str]:
        """What carries the choice on to the next address."""
        chosen = {"year": self.year, "span": self.span, "basis": self.basis}
        chosen |= {"region": self.region, "as_of": self.as_of}
        return {name: value for name, value in chosen.items() if value}
