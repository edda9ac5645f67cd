"""Read what is asked for: moments, scopes and places in the user's words become a selection."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from marketplace.errors import InvalidInput
from marketplace.ledger import queries as ledger
from marketplace.ledger.entry import day_of
from marketplace.statistics import queries
from marketplace.statistics.definitions import Basis, current_definitions
from marketplace.statistics.periods import MONTHS, Period, Span, period_of
from marketplace.statistics.selection import AsOf, Selection

_AS_OF = re.compile(r"([0-9]{1,15})?@?([0-9]{4}-[0-9]{2}-[0-9]{2})?")
_KEY = re.compile(r"([0-9]{4})(?:-(?:(H)([12])|(Q)([1-4])|(to)-([0-9]{2})([0-9]{2})|([0-9]{2})))?")


def as_of(text: str, *, today: date) -> AsOf:
    """A day, a size of the ledger, or both as ``SIZE@DAY``; nothing: the ledger as it is.

    A size alone reaches to the day of its last entry, a day alone to the last entry that counts by
    then: both are facts of the ledger, so that everybody who holds it sees the same.
    """
    found = _AS_OF.fullmatch(text.strip())
    if found is None:
        raise InvalidInput({"as_of": [_("截止点应写作日期 2024-05-15，或台账条数，如 25000")]})
    size, day = found[1] and int(found[1]), found[2] and _day(found[2])
    if day and day > today:
        raise InvalidInput({"as_of": [_("截止日期不能晚于今天")]})
    have = ledger.size()
    if size and size > have:
        raise InvalidInput({"as_of": [_("台账只有 %(size)s 条", size=have)]})
    if day and not size:
        return AsOf(queries.size_on(day), day)
    count = have if size is None or size == "" else size
    return AsOf(count, day or _last_day(count, today))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput({"as_of": [_("没有 %(day)s 这一天", day=text)]}) from None


def _last_day(size: int, today: date) -> date:
    return day_of(ledger.load(size - 1).at) if size else today


def select_table(
    key: str, period: Period, moment: AsOf, *, basis: str = "", region: str = ""
) -> Selection:
    """Check scope and place; :class:`NotFound` or :class:`InvalidInput` in the user's words."""
    defined = current_definitions()
    table = defined.table(key)
    wanted = Basis(basis) if basis in set(Basis) else None
    if basis and wanted is None:
        raise InvalidInput({"basis": [_("口径只能是登记、输出或吸纳")]})
    if table.basis and wanted not in (None, table.basis):
        text = _("%(table)s 的口径是固定的：%(scope)s", table=table.id, scope=table.basis)
        raise InvalidInput({"basis": [text]})
    place = region or defined.region
    if place != defined.region and place not in queries.units():
        raise InvalidInput({"region": [_("请选择盟市，或不填表示全区")]})
    return Selection(table, period, table.basis or wanted or Basis.REGISTERED, place, moment)


def selection_of(document: Mapping[str, Any]) -> Selection:
    """What a document was made for, so that it can be made again."""
    said, scope, moment = document["period"], document["scope"], document["as_of"]
    period = period_of(Span(said["span"]), said["year"], said["number"])
    if period.span == Span.TO_DATE:
        period = period.until(date.fromisoformat(said["last"]))
    as_of_ = AsOf(moment["size"], date.fromisoformat(moment["day"]))
    place = {"basis": scope["basis"], "region": scope["region"]}
    return select_table(document["table"], period, as_of_, **place)


def period_called(key: str) -> Period:
    """The period with that :attr:`Period.key`; :class:`InvalidInput` for another text."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise InvalidInput({"period": [_("统计期应写作 2024、2024-H1、2024-Q2 或 2024-05")]})
    year, month = int(found[1]), found[9]
    if found[6]:
        return period_of(Span.TO_DATE, year).until(_day(f"{year}-{found[7]}-{found[8]}"))
    if found[2] or found[4]:
        return period_of(Span.HALF if found[2] else Span.QUARTER, year, int(found[3] or found[5]))
    return period_of(Span.MONTH, year, int(month)) if month else period_of(Span.YEAR, year)


def periods_within(year: int) -> list[Period]:
    """Every period of a year that may be chosen, the longest first."""
    spans = (Span.YEAR, Span.HALF, Span.QUARTER, Span.MONTH)
    return [period_of(s, year, n) for s in spans for n in range(1, 12 // MONTHS[s] + 1)]
