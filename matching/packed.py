"""Parts of a layer that hold text without an object for each: strings, keys, whole documents.

A *part* is a frozen set of plain arrays over the rows of one layer, so that it can lie in memory or
in a mapped file alike. ``merged`` says how several parts become one, in chunks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from matching.document import Document
from matching.sections import Array, Column, sliced

Rows = NDArray[np.int64]
CHUNK = 1 << 22
Value = tuple[str, str | None]
"""A facet and one of its values; None stands for a facet that has no value."""


@dataclass(frozen=True)
class Kept:
    """Which rows of a part outlive a merge: ``rows`` ascending (None: all ``count``)."""

    count: int
    rows: Rows | None

    def __len__(self) -> int:
        """Return the number of rows kept."""
        return self.count if self.rows is None else len(self.rows)

    def of(self, array: Array) -> Array:
        """Return the kept entries of an array over the rows."""
        return array if self.rows is None else array[self.rows]


class Part:
    """What all parts share; a part is a frozen dataclass of arrays."""

    def arrays(self) -> dict[str, Array]:
        """Return the arrays by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    @property
    def nbytes(self) -> int:
        """The size of all arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    @classmethod
    def merged(cls, parts: Sequence[Self], kept: Sequence[Kept]) -> dict[str, Column]:
        """Return the columns of one part with the kept rows of all, in order."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Strings:
    """Strings one after the other as UTF-8; a lone surrogate passes as it is."""

    content: NDArray[np.uint8]
    starts: Rows

    @cached_property
    def _view(self) -> memoryview:
        return self.content.data

    @classmethod
    def of(cls, texts: Iterable[str]) -> Strings:
        """Pack the texts."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        content = np.frombuffer(b"".join(encoded), np.uint8)
        return cls(content, np.cumsum([0, *map(len, encoded)], dtype=np.int64))

    def __getitem__(self, row: int) -> str:
        held = self._view[self.starts[row] : self.starts[row + 1]]
        return str(held, "utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        whole, starts = self._view, self.starts.tolist()
        for start, end in zip(starts, starts[1:], strict=False):
            yield str(whole[start:end], "utf-8", "surrogatepass")

    @staticmethod
    def merged(parts: Sequence[Strings], kept: Sequence[Kept]) -> tuple[Column, Column]:
        """Return the columns of content and starts."""
        lengths = [those.of(np.diff(part.starts)) for part, those in zip(parts, kept, strict=True)]
        starts = np.cumsum(np.concatenate([[0], *lengths]), dtype=np.int64)
        pairs = zip(parts, kept, lengths, strict=True)
        chunks = (chunk for part, those, sizes in pairs for chunk in part._chunks(those, sizes))
        return Column("|u1", chunks), Column.of(starts)

    def _chunks(self, kept: Kept, lengths: Rows) -> Iterator[Array]:
        """Yield the content of the kept rows, about :data:`CHUNK` bytes at a time."""
        if kept.rows is None:
            yield from Column.of(self.content, CHUNK).chunks
            return
        for first, after in sliced(lengths, CHUNK):
            yield self.content[places_in(self.starts[kept.rows[first:after]], lengths[first:after])]


def places_in(starts: Rows, lengths: Rows) -> Rows:
    """Return the places start, start + 1, … of every run, one run after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Keys(Part):
    """The keys of a layer's rows, and a sorted CRC-32 of each to find its row by."""

    content: NDArray[np.uint8]
    starts: Rows
    hashes: NDArray[np.uint32]
    order: NDArray[np.int32]

    @classmethod
    def of(cls, keys: Sequence[str]) -> Keys:
        """Pack keys, of which no two are the same."""
        packed = Strings.of(keys)
        return cls(packed.content, packed.starts, *_sorted(_hashes(keys)))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.starts) - 1

    @cached_property
    def names(self) -> Strings:
        """The key of each row."""
        return Strings(self.content, self.starts)

    def rows_of(self, keys: Sequence[str]) -> Rows:
        """Return the row of each key, shape (len(keys),); -1 where there is none."""
        hashes = _hashes(keys)
        places = np.searchsorted(self.hashes, hashes).tolist()
        pairs = zip(keys, hashes.tolist(), places, strict=True)
        return np.fromiter((self._row(*pair) for pair in pairs), np.int64, len(keys))

    def _row(self, key: str, digest: int, place: int) -> int:
        while place < len(self.hashes) and self.hashes[place] == digest:
            row = int(self.order[place])
            if self.names[row] == key:
                return row
            place += 1
        return -1

    @classmethod
    def merged(cls, parts: Sequence[Keys], kept: Sequence[Kept]) -> dict[str, Column]:
        """Return the columns of one part with the kept rows of all, in order."""
        content, starts = Strings.merged([part.names for part in parts], kept)
        by_row = [those.of(part._by_row()) for part, those in zip(parts, kept, strict=True)]
        hashes, order = _sorted(np.concatenate(by_row))
        columns = {"hashes": Column.of(hashes), "order": Column.of(order)}
        return {"content": content, "starts": starts} | columns

    def _by_row(self) -> NDArray[np.uint32]:
        hashes = np.empty_like(self.hashes)
        hashes[self.order] = self.hashes
        return hashes


def _hashes(keys: Sequence[str]) -> NDArray[np.uint32]:
    encoded = (crc32(key.encode("utf-8", "surrogatepass")) for key in keys)
    return np.fromiter(encoded, np.uint32, len(keys))


def _sorted(hashes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    return hashes[order], order


@dataclass(frozen=True, eq=False)
class Texts(Part):
    """Titles, texts, revisions and facets of a layer's rows.

    A facet's value is a number of the index's list; those of row ``r`` are
    ``values[values_start[r]:values_start[r + 1]]``, in the document's order.
    """

    titles: NDArray[np.uint8]
    titles_start: Rows
    bodies: NDArray[np.uint8]
    bodies_start: Rows
    revisions: Rows
    values: NDArray[np.int32]
    values_start: Rows

    @classmethod
    def of(cls, documents: Sequence[Document], values: Sequence[Sequence[int]]) -> Texts:
        """Pack documents with the numbers of their facets' values."""
        titles = Strings.of(document.title for document in documents)
        bodies = Strings.of(document.text for document in documents)
        revisions = np.array([document.revision for document in documents], np.int64)
        numbers = np.array([number for row in values for number in row], np.int32)
        start = np.cumsum([0, *map(len, values)], dtype=np.int64)
        return cls(
            titles.content, titles.starts, bodies.content, bodies.starts, revisions, numbers, start
        )

    def document(self, row: int, key: str, values: Sequence[Value]) -> Document:
        """Return the document of a row; ``values`` lists (facet, value) by number."""
        title = Strings(self.titles, self.titles_start)[row]
        body = Strings(self.bodies, self.bodies_start)[row]
        return Document(key, title, body, self.facets(row, values), int(self.revisions[row]))

    def facets(self, row: int, values: Sequence[Value]) -> dict[str, tuple[str, ...]]:
        """Return the facets of a row."""
        numbers = self.values[self.values_start[row] : self.values_start[row + 1]]
        found: dict[str, tuple[str, ...]] = {}
        for facet, value in (values[number] for number in numbers.tolist()):
            found[facet] = (*found.get(facet, ()), *(() if value is None else (value,)))
        return found

    @classmethod
    def merged(cls, parts: Sequence[Texts], kept: Sequence[Kept]) -> dict[str, Column]:
        """Return the columns of one part with the kept rows of all, in order."""
        titles = [Strings(part.titles, part.titles_start) for part in parts]
        bodies = [Strings(part.bodies, part.bodies_start) for part in parts]
        numbers = [Strings(part.values, part.values_start) for part in parts]  # type: ignore[arg-type]
        columns: dict[str, Any] = {}
        columns["titles"], columns["titles_start"] = Strings.merged(titles, kept)
        columns["bodies"], columns["bodies_start"] = Strings.merged(bodies, kept)
        revisions = [those.of(p.revisions) for p, those in zip(parts, kept, strict=True)]
        columns["revisions"] = Column.of(np.concatenate(revisions))
        values, columns["values_start"] = Strings.merged(numbers, kept)
        columns["values"] = Column("<i4", values.chunks)
        return columns


def facet_values(facets: Mapping[str, Sequence[str]]) -> Iterator[Value]:
    """Yield the values in order."""
    for facet, values in facets.items():
        yield from ((facet, value) for value in values or (None,))
