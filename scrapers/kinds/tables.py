"""Pages that say what they say in a table of labels and values."""

from collections.abc import Iterator
from typing import ClassVar

from selectolax.lexbor import LexborNode

from scrapers.kinds.articles import Articles
from scrapers.page import prose_of


class LabelledTables(Articles):
    """Labels and values side by side in the rows of a table: 名称 | … | 领域 | …"""

    #: CSS of a row, and of its cells: label, value, label, value.
    row: ClassVar[str] = "tr"
    cell: ClassVar[str] = "th, td"

    def fields_of(self, body: LexborNode) -> Iterator[tuple[str, str]]:
        """The pairs of each row; a heading over the whole width has no value and is no field."""
        for row in body.css(self.row):
            cells = [prose_of(cell) for cell in row.css(self.cell)]
            yield from zip(cells[0::2], cells[1::2], strict=False)
