"""One table as a document: a value of text and whole numbers, the same for whoever holds the ledger.

Money is in fen, 同比 in basis points; a withheld value is ``None``. The document names the ledger it
was counted from (size and root), the rule version whose names it uses, and the definitions. Its words
are Chinese whatever the reader's language, because its bytes are published and compared.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from marketplace.ledger import queries as ledger
from marketplace.statistics import queries
from marketplace.statistics.counting import (
    ALL,
    TOTAL,
    Cells,
    Sorter,
    add_to,
)
from marketplace.statistics.definitions import MONEY, Basis, Part, current_definitions
from marketplace.statistics.dimensions import (
    DIMENSIONS,
    Path,
    name_of,
)
from marketplace.statistics.periods import Period
from marketplace.statistics.selection import Selection

FORMAT, VERSION = "shuangku-table", 1
WHOLE = 10_000
#: part number, whether of the year before → the cells to withhold
Withheld = Mapping[tuple[int, bool], frozenset[Path]]


def count_cells(selection: Selection, sorter: Sorter, period: Period) -> Cells:
    """Every cell of a part with its sums."""
    cells: Cells = {}
    for one in queries.counted(selection, sorter, period):
        add_to(cells, one.cells, one.sums)
    return cells


def document(selection: Selection, hide: Withheld | None = None) -> dict[str, Any]:
    """The table of ``selection``; with ``hide`` the public one, in which those cells are withheld."""
    defined, names = current_definitions(), queries.names_for(selection)
    table, as_of = selection.table, selection.as_of
    parts = [
        _part(selection, Sorter(part, names), number, hide)
        for number, part in enumerate(table.parts)
    ]
    values: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "public": hide is not None,
        "table": table.id,
        "title": table.title,
        "scope": _scope(selection),
        "period": _period(selection),
        "as_of": {"size": as_of.size, "day": as_of.day.isoformat()},
        "root": ledger.root_at(as_of.size).hex(),
        "rules": names.rules.name,
        "definitions": defined.version,
        "measures": [
            {"key": key, "name": defined.measures[key].name, "unit": "fen" if key in MONEY else ""}
            for key in table.measures
        ],
        "parts": parts,
        "notes": _notes(selection, hide is not None),
        "demonstration_entries": queries.demonstration_entries(selection),
    }
    if hide is None:
        keys = ("entries", "count", "deal", "technology")
        values["corrections"] = dict(zip(keys, queries.corrections(selection), strict=True))
    return values


def _scope(selection: Selection) -> dict[str, str]:
    scope = current_definitions().scopes[selection.basis]
    place = {"region": selection.region, "region_name": queries.region_name(selection.region)}
    return {"basis": selection.basis.value, "name": scope.name, "meaning": scope.meaning, **place}


def _period(selection: Selection) -> dict[str, Any]:
    seen, before = selection.seen, selection.before
    return {
        "span": selection.period.span.value,
        "year": selection.period.year,
        "number": selection.period.number,
        "label": seen.label,
        "first": seen.first.isoformat(),
        "last": seen.last.isoformat(),
        "compared_first": before.first.isoformat(),
        "compared_last": before.last.isoformat(),
    }


def _notes(selection: Selection, is_public: bool) -> list[str]:
    defined = current_definitions()
    notes = [
        "按登记日期统计；同比为与上年同期、同口径相比。以后的变更、注销计入办理当期，已发布的表不改写。"
    ]
    scope = defined.scopes[selection.basis].note
    notes += [*([scope] if scope else []), *selection.table.notes]
    if _has_units(selection):
        pairs = (
            f"{name}单列，不含在{queries.region_name(code[:4] + '00')}之内"
            for code, name in defined.units.items()
        )
        notes.append("；".join(pairs) + "。开发区、高新区不是行政区划，不单列。")
    if selection.basis != Basis.REGISTERED or any(map(_reads_parties, selection.table.parts)):
        notes.append("有几个卖方或买方的，金额按份额分摊，项数记在第一方。")
    if is_public:
        rule = defined.small_cells_on(selection.seen.last)
        text = "合同不足{least}项或一方占成交额{share}%以上的数据不公布，以“*”表示；为防推算，另有部分数据一并不公布。"
        notes.append(text.format(least=rule.least_contracts, share=rule.dominance // 100))
    return notes


def _reads_parties(part: Part) -> bool:
    keys = (part.rows, part.columns)
    return any(side in DIMENSIONS[key].role for key in keys if key for side in ("seller", "buyer"))


def _has_units(selection: Selection) -> bool:
    return any("unit" in part.rows + part.columns for part in selection.table.parts)


def _part(
    selection: Selection, sorter: Sorter, number: int, hide: Withheld | None
) -> dict[str, Any]:
    now = count_cells(selection, sorter, selection.seen)
    before = count_cells(selection, sorter, selection.before)
    hidden = [(hide or {}).get((number, earlier), frozenset()) for earlier in (False, True)]
    zeros = [0] * len(selection.table.measures)
    rows = []
    for cell in ordered_cells({*now, *before, *hidden[0], *hidden[1]}, sorter):
        pair = [
            None if cell in concealed else cells.get(cell, zeros)
            for cells, concealed in zip((now, before), hidden, strict=True)
        ]
        rows.append(
            {
                "cell": list(cell),
                "names": names_of(cell, sorter),
                "now": pair[0],
                "before": pair[1],
                "change": _changes(*pair),
            }
        )
    headings = [heading for one in sorter.dimensions for heading in one.headings]
    depth = 2 if sorter.part.columns else sorter.part.level
    return {
        "title": sorter.part.title,
        "matrix": bool(sorter.part.columns),
        "headings": headings[:depth],
        "rows": rows,
    }


def ordered_cells(found: Iterable[Path], sorter: Sorter) -> list[Path]:
    """The cells in the order of the lists, the total first; groups that always show among them."""
    known = {TOTAL, *found}
    first, *others = sorter.dimensions
    orders = [list(one.names(sorter.names)) for one in sorter.dimensions]
    if not others:
        known |= {(code,) for code in orders[0] if first.shows(sorter.names, code)}
    places = [{code: place for place, code in enumerate(order)} for order in orders]

    def key(cell: Path) -> list[tuple[int, str]]:
        lists = places if others else places * len(cell)
        return [
            (-1 if code == ALL else lists[i].get(code, len(lists[i])), code)
            for i, code in enumerate(cell)
        ]

    return sorted(known, key=key)


def names_of(cell: Path, sorter: Sorter) -> list[str]:
    """The names on the way to ``cell``."""
    if cell == TOTAL:
        return ["合计"]
    dimensions = sorter.dimensions if sorter.part.columns else sorter.dimensions * len(cell)
    return [
        "合计" if code == ALL else name_of(dimension, sorter.names, code)
        for dimension, code in zip(dimensions, cell, strict=False)
    ]


def _changes(now: list[int] | None, before: list[int] | None) -> list[int | None] | None:
    if now is None or before is None:
        return None
    return [change_of(*pair) for pair in zip(now, before, strict=True)]


def change_of(now: int, before: int) -> int | None:
    """同比 in basis points, half away from zero; none where there was nothing to compare with."""
    if before <= 0:
        return None
    difference = now - before
    rounded = (2 * abs(difference) * WHOLE + before) // (2 * before)
    return rounded if difference >= 0 else -rounded
