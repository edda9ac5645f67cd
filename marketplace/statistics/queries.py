"""What statistics ask of the ledger: its projection ``ledger_figure`` and nothing else.

The plain part of a count is one GROUP BY over that table. Entries with several sellers, buyers or
kinds of intellectual property, where that matters, are left out of it and divided one by one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from marketplace.codes import current_codes
from marketplace.extensions import db
from marketplace.ledger.models import LedgerEntry, LedgerFigure, LedgerFigurePart
from marketplace.rules import Rules, current_rules
from marketplace.statistics.counting import Sharer, Sorter, cells_of_kinds, shares
from marketplace.statistics.definitions import Basis, current_definitions
from marketplace.statistics.dimensions import Names, Path
from marketplace.statistics.periods import Period
from marketplace.statistics.selection import Selection

F, P = LedgerFigure, LedgerFigurePart
_SIDE = {Basis.OUTPUT: "seller", Basis.ABSORBED: "buyer"}
#: Measures that are no column of their own.
_MEASURES: dict[str, ColumnElement[Any]] = {
    "lines": case((and_(F.count == 0, F.income != 0), 1), else_=0),
    "entered": case((F.count > 0, 1), else_=0),
    "withdrawn": case((F.count < 0, 1), else_=0),
}


class Counted(NamedTuple):
    """Sums that belong to ``cells``; of one entry, contract or month where that was asked for."""

    cells: frozenset[Path]
    sums: list[int]
    number: str = ""
    position: int = -1
    month: str = ""


def units() -> dict[str, str]:
    """The reporting units: leagues, and the cities beside them."""
    return Names.under(current_rules()[-1]).units


def rules_on(day: date) -> Rules:
    """The rule version in force on ``day``; before the first one, the first."""
    known = [rules for rules in current_rules() if rules.valid_from <= day]
    return known[-1] if known else current_rules()[0]


def size_on(day: date) -> int:
    """How many entries the ledger has up to the last one that counts by the end of ``day``."""
    last = select(F.position).where(F.date <= day).order_by(F.position.desc()).limit(1)
    found = db.session.scalar(last)
    return 0 if found is None else found + 1


def names_for(selection: Selection) -> Names:
    """The names in force on the last day of the period."""
    return Names.under(rules_on(selection.seen.last))


def counted(
    selection: Selection, sorter: Sorter, period: Period, *, by: Sequence[str] = ()
) -> Iterator[Counted]:
    """All that belongs into the cells of a part; ``by`` may add ``number``, ``position`` or ``month``."""
    roles = sorter.roles | ({_SIDE[selection.basis]} if selection.basis in _SIDE else set())
    yield from _plain(selection, sorter, period, roles, tuple(by))
    if roles == {"ip"}:
        yield from _of_several_kinds(selection, sorter, period, tuple(by))
    elif roles:
        yield from _divided(selection, sorter, period, roles)


def _plain(
    selection: Selection, sorter: Sorter, period: Period, roles: frozenset[str], by: tuple[str, ...]
) -> Iterator[Counted]:
    columns = [_column(name) for name in (*sorter.columns, *by)]
    sums = [func.sum(_measure(name)) for name in selection.table.measures]
    rows = select(*columns, *sums).where(*_within(selection, period), *_of_scope(selection))
    if roles:
        rows = rows.where(F.position.not_in(_several(roles)))
    width, cells_of = len(sorter.columns), cache(sorter.cells)
    for row in db.session.execute(rows.group_by(*columns)):
        values, keys = tuple(row[:width]), dict(zip(by, row[width:], strict=False))
        cells = cells_of(values)
        if cells:
            yield Counted(cells, [int(n) for n in row[width + len(by) :]], **keys)


def _of_several_kinds(
    selection: Selection, sorter: Sorter, period: Period, by: tuple[str, ...]
) -> Iterator[Counted]:
    """Where only kinds of rights are several nothing is divided: one GROUP BY over the sets of kinds."""
    kinds = (
        select(P.position, func.aggregate_strings(P.code, ",").label("kinds"))
        .where(P.role == "ip")
        .group_by(P.position)
        .subquery()
    )
    others = [name for name in (*sorter.columns, *by) if name != "ip"]
    columns = [kinds.c.kinds, *map(_column, others)]
    sums = [func.sum(_measure(name)) for name in selection.table.measures]
    rows = select(*columns, *sums).join(kinds, kinds.c.position == F.position)
    rows = rows.where(*_within(selection, period), *_of_scope(selection)).group_by(*columns)
    cells_of, width = cache(partial(cells_of_kinds, sorter)), len(columns)
    for row in db.session.execute(rows):
        values = {"ip": "", **dict(zip(others, row[1:width], strict=True))}
        cells = cells_of(tuple(values[name] for name in sorter.columns), tuple(row[0].split(",")))
        keys = {name: values[name] for name in by}
        yield Counted(cells, [int(n) for n in row[width:]], **keys)


def _column(name: str) -> ColumnElement[Any]:
    if name != "band":
        return getattr(F, name)
    bands = current_definitions().bands
    return case(*((func.abs(F.deal) >= least, key) for key, _name, least in bands), else_="")


def _measure(name: str) -> ColumnElement[Any]:
    return _MEASURES[name] if name in _MEASURES else getattr(F, name)


def _within(selection: Selection, period: Period) -> tuple[ColumnElement[bool], ...]:
    """What counts something: a commission's entry counts nothing and makes no cell of zeros."""
    counts = or_(F.count != 0, F.deal != 0, F.technology != 0, F.income != 0)
    return F.position < selection.as_of.size, F.date.between(period.first, period.last), counts


def _of_scope(selection: Selection) -> Iterator[ColumnElement[bool]]:
    """The place of the scope; a city that reports beside its league is not in the league."""
    defined = current_definitions()
    whole = selection.region == defined.region
    if selection.basis == Basis.REGISTERED:
        if not whole:
            yield F.point.startswith(selection.region[:4])
        return
    column = getattr(F, f"{_SIDE[selection.basis]}_region")
    if whole:
        yield column.startswith(selection.region[:2])
    elif selection.region in defined.units:
        yield column == selection.region
    else:
        yield column.startswith(selection.region[:4])
        yield column.not_in(defined.units)


def _is_in_scope(selection: Selection, names: Names, values: Mapping[str, Any]) -> bool:
    """The same for one reading of an entry."""
    defined = names.defined
    if selection.basis == Basis.REGISTERED:
        whole = selection.region == defined.region
        return whole or values["point"].startswith(selection.region[:4])
    region = values[f"{_SIDE[selection.basis]}_region"]
    if selection.region == defined.region:
        return names.is_inside(region)
    return bool(region) and names.unit_of(region) == selection.region


def _several(roles: frozenset[str]) -> Select[Any]:
    """The entries in which one of ``roles`` stands more than once."""
    return select(P.position).where(P.role.in_(sorted(roles)), P.number == 0)


def _divided(
    selection: Selection, sorter: Sorter, period: Period, roles: frozenset[str]
) -> Iterator[Counted]:
    measures, names, columns = selection.table.measures, sorter.names, sorter.columns
    cells_of = cache(partial(cells_of_kinds, sorter))
    for values, sums, sharers in _entries_with_several(selection, sorter, period, roles):
        kinds = tuple(one.code for one in sharers.pop("ip", ()))
        for one in shares(values, sums, measures, sharers):
            if _is_in_scope(selection, names, one.values):
                cells = cells_of(tuple(one.values[name] for name in columns), kinds)
                yield Counted(cells, one.sums, *(values[key] for key in _ENTRY))


_ENTRY = ("number", "position", "month")
_PLACES = tuple(
    f"{side}_{field}" for side in ("seller", "buyer") for field in ("nature", "region", "country")
)


def _entries_with_several(
    selection: Selection, sorter: Sorter, period: Period, roles: frozenset[str]
) -> Iterator[tuple[dict[str, Any], list[int], dict[str, list[Sharer]]]]:
    columns = list(dict.fromkeys(("position", *_ENTRY, "point", *_PLACES, *sorter.columns)))
    read = [_column(name).label(name) for name in columns]
    sums = [_measure(name) for name in selection.table.measures]
    rows = (
        select(*read, *sums, P.role, P.code, P.region, P.country, P.share)
        .join(P, P.position == F.position)
        .where(*_within(selection, period), P.role.in_(sorted(roles)))
        .order_by(F.position, P.role, P.number)
    )
    width, end = len(read), len(read) + len(sums)
    for _position, group in groupby(db.session.execute(rows), key=lambda row: row[0]):
        sharers: dict[str, list[Sharer]] = defaultdict(list)
        for row in group:
            sharers[row[end]].append(Sharer(*row[end + 1 :]))
        values = dict(zip(columns, row[:width], strict=True))
        yield values, list(row[width:end]), sharers


def corrections(selection: Selection) -> list[int]:
    """What the period's figures hold of corrections to earlier ones: entries, then 项数 and sums in fen.

    An entry of the period belongs there where its contract was taken back in the period and had been
    registered before it.
    """
    period = selection.seen
    within = _within(selection, period)
    taken_back = select(F.number).where(*within, F.count < 0)
    earlier = select(F.number).where(F.position < selection.as_of.size, F.date < period.first)
    sums = (func.count(), func.sum(F.count), func.sum(F.deal), func.sum(F.technology))
    rows = select(*sums).where(*within, F.income == 0)
    rows = rows.where(F.number.in_(taken_back), F.number.in_(earlier.where(F.count > 0)))
    return [int(n or 0) for n in db.session.execute(rows).one()]


def revisions(first: date, last: date, size: int) -> list[tuple[str, list[int]]]:
    """What was entered after ``size`` about contracts registered in those days, by month of entry."""
    concerned = select(F.number).where(F.position < size, F.date.between(first, last), F.count > 0)
    sums = (func.count(), func.sum(F.count), func.sum(F.deal), func.sum(F.technology))
    rows = select(F.month, *sums).where(
        F.position >= size, F.number.in_(concerned), or_(F.count != 0, F.deal != 0)
    )
    found = db.session.execute(rows.group_by(F.month).order_by(F.month))
    return [(month, [int(n) for n in numbers]) for month, *numbers in found]


def demonstration_entries(selection: Selection) -> int:
    """How many of the entries of the period are invented for a demonstration."""
    rows = select(func.count()).where(*_within(selection, selection.seen), F.demonstration)
    return db.session.scalar(rows) or 0


def entries_behind(selection: Selection, sorter: Sorter, cell: Path) -> list[int]:
    """The positions of the entries that add something to ``cell``, in order."""
    found = counted(selection, sorter, selection.seen, by=("position",))
    return sorted({one.position for one in found if cell in one.cells and any(one.sums)})


def entries_at(positions: Sequence[int]) -> Sequence[LedgerEntry]:
    """The entries at ``positions``, in order."""
    rows = select(LedgerEntry).where(LedgerEntry.position.in_(positions))
    return db.session.scalars(rows.order_by(LedgerEntry.position)).all()


def months_of(year: int, size: int) -> dict[str, list[int]]:
    """项数, 成交额 and 技术交易额 registered in each month of a year that has entries."""
    sums = (func.sum(F.count), func.sum(F.deal), func.sum(F.technology))
    rows = select(F.month, *sums).where(
        F.position < size, F.month.between(f"{year}-01", f"{year}-12")
    )
    found = db.session.execute(rows.group_by(F.month).order_by(F.month))
    return {month: [int(n) for n in numbers] for month, *numbers in found}


def years() -> list[int]:
    """The years in which something is counted, the last first."""
    first, last = db.session.execute(select(func.min(F.date), func.max(F.date))).one()
    return list(range(last.year, first.year - 1, -1)) if first else []


def region_name(code: str) -> str:
    """The name of a scope's place."""
    defined = current_definitions()
    known = {defined.region: defined.region_name} | units()
    return known.get(code) or current_codes().name("region", code)
