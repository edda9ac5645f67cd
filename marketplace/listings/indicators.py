"""技术指标: a small table of name, unit, present value and wanted value."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from marketplace.listings.cells import BadCell, text_of

PARTS = ("name", "unit", "now", "wanted")
MOST_ROWS = 50


def parse_indicators(cell: Any) -> list[dict[str, str]]:
    """Rows of :data:`PARTS` from such rows, or from ``纯度 | % | 95 | ≥99.9`` line by line.

    A line without bars is kept as a name, so that nothing that was written is lost.
    """
    if isinstance(cell, list) and all(isinstance(row, Mapping) for row in cell):
        rows = [{part: text_of(row.get(part)) for part in PARTS} for row in cell]
    else:
        rows = [_row(line) for line in re.split(r"[；;\n]+", text_of(cell)) if line.strip()]
    rows = [row for row in rows if any(row.values())]
    if len(rows) > MOST_ROWS:
        raise BadCell(_("指标最多%(most)d行", most=MOST_ROWS))
    if any(not row["name"] for row in rows):
        raise BadCell(_("每行指标都要写明指标名称"))
    return rows


def write_indicators(rows: Sequence[Mapping[str, str]]) -> str:
    """The text that :func:`parse_indicators` reads back."""
    return "\n".join(" | ".join(row.get(part, "") for part in PARTS).rstrip(" |") for row in rows)


def _row(line: str) -> dict[str, str]:
    cells = [text_of(part) for part in re.split(r"[|｜]", line)]
    cells += [""] * (len(PARTS) - len(cells))
    return dict(zip(PARTS, [*cells[:3], " ".join(filter(None, cells[3:]))], strict=True))
