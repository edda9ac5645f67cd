"""Named arrays in one file: written in chunks, mapped rather than read, checked by digests.

Layout: a magic line; the arrays, each at a multiple of 64 bytes; a header of JSON (what the caller
says of them, their places, the SHA-256 of every 16 MiB before it); a footer with the place and the
SHA-256 of the header. So a file that was cut or changed anywhere is known, the header at once and
the arrays as fast as two threads can digest them; the digesting does not map what it reads.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAGIC = b"shuangku matching snapshot 3\n"
FOOTER = struct.Struct("<qq32s32s")
"""Start and length of the header, its SHA-256, and the SHA-256 of these three."""
PIECE = 1 << 24
ALIGNMENT = 64
RELEASE_EVERY = 8
"""Queries after which the pages that they touched are let go of."""


class DamagedSnapshot(ValueError):
    """Raised when a file is not a snapshot or its bytes have changed: build the index again."""


@dataclass(frozen=True)
class Column:
    """An array that is yet to be written: ``chunks`` along its first axis, of one kind.

    ``tail`` is the shape of one entry: ``()`` for a plain array, ``(dim,)`` for rows of vectors.
    """

    dtype: str
    chunks: Iterable[Array]
    tail: tuple[int, ...] = ()

    @classmethod
    def of(cls, array: Array, piece: int = 1 << 22) -> Column:
        """Return the column of an array that exists, in chunks of ``piece`` entries."""
        chunks = (array[at : at + piece] for at in range(0, len(array), piece))
        return cls(array.dtype.str, chunks, array.shape[1:])

    def array(self) -> Array:
        """Return the whole array in memory."""
        nothing = np.empty((0, *self.tail), dtype=self.dtype)
        return np.concatenate([nothing, *self.chunks])


class _Digested:
    """A file that counts what is written and keeps the SHA-256 of each full piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._open = sha256()
        self.digests: list[str] = []
        self.length = 0

    def write(self, content: memoryview | bytes) -> None:
        view = memoryview(content).cast("B")
        self._file.write(view)
        while len(view):
            part = view[: PIECE - self.length % PIECE]
            self._open.update(part)
            self.length += len(part)
            view = view[len(part) :]
            if self.length % PIECE == 0:
                self._close_piece()

    def align(self) -> None:
        self.write(bytes(-self.length % ALIGNMENT))

    def finish(self, facts: Mapping[str, Any]) -> None:
        if self.length % PIECE:
            self._close_piece()
        start = self.length
        header = json.dumps({**facts, "digests": self.digests}).encode()
        footer = FOOTER.pack(start, len(header), sha256(header).digest(), bytes(32))
        seal = sha256(footer[:-32]).digest()
        self._file.write(header + footer[:-32] + seal)

    def _close_piece(self) -> None:
        self.digests.append(self._open.hexdigest())
        self._open = sha256()


def write(
    file: BinaryIO,
    columns: Mapping[str, Column],
    facts: Mapping[str, Any],
    written: Callable[[], object] = lambda: None,
) -> None:
    """Write the columns one after the other and what ``facts`` (JSON) says of them.

    ``written`` is called after each chunk.
    """
    out = _Digested(file)
    out.write(MAGIC)
    places = {}
    for name, column in columns.items():
        out.align()
        start = out.length
        for chunk in column.chunks:
            out.write(np.ascontiguousarray(chunk, dtype=column.dtype).reshape(-1).view(np.uint8))  # type: ignore[arg-type]
            written()
        places[name] = [start, out.length - start, column.dtype, list(column.tail)]
    out.finish({"facts": dict(facts), "places": places})


def replace(
    path: Path,
    columns: Mapping[str, Column],
    facts: Mapping[str, Any],
    written: Callable[[], object] = lambda: None,
) -> None:
    """Write a temporary file beside ``path``, flush it to the disk, rename it, flush the folder.

    A kill at any moment leaves the old file or the new one under ``path``; a temporary file that a
    kill left behind is removed by the next call.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left_behind in path.parent.glob(f"{path.name}.new-*"):
        left_behind.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.new-", delete=False) as file:
        write(file, columns, facts, written)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Mapped:
    """A written file whose arrays are views of its mapping; DamagedSnapshot if the header is not whole."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._name = name
        self._descriptor = os.dup(file.fileno())
        self._length = os.fstat(self._descriptor).st_size
        header = self._header()
        self.facts: dict[str, Any] = header["facts"]
        self._digests: list[str] = header["digests"]
        self._queries = 0
        self._mapping = mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)
        self.arrays = {name: self._view(*place) for name, place in header["places"].items()}

    def __del__(self) -> None:
        if hasattr(self, "_descriptor"):
            os.close(self._descriptor)

    def verify(self) -> None:
        """Digest every byte, in two threads; DamagedSnapshot where one is not as it was written."""
        with ThreadPoolExecutor(2, "verify") as threads:
            found = list(threads.map(self._digest, range(len(self._digests))))
        if found != self._digests:
            raise self._damaged()

    def used(self) -> None:
        """Count a query that read scattered pages, and let go of them now and then.

        The system maps sixteen pages for each that is touched. They stay in its cache, so that
        touching them again costs little.
        """
        self._queries += 1
        if self._queries % RELEASE_EVERY == 0:
            self.release()

    def release(self) -> None:
        """Let go of the pages that were read, which the system would count as this process's."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._mapping.madvise(mmap.MADV_DONTNEED)

    def _header(self) -> dict[str, Any]:
        tail = os.pread(self._descriptor, FOOTER.size, max(0, self._length - FOOTER.size))
        if len(tail) < FOOTER.size or sha256(tail[:-32]).digest() != tail[-32:]:
            raise self._damaged()
        start, length, digest, _seal = FOOTER.unpack(tail)
        self._end = start
        content = os.pread(self._descriptor, length, start)
        if sha256(content).digest() != digest or start + length + FOOTER.size != self._length:
            raise self._damaged()
        header: dict[str, Any] = json.loads(content)
        return header

    def _view(self, start: int, length: int, dtype: str, tail: list[int]) -> Array:
        count = length // np.dtype(dtype).itemsize
        flat: Array = (
            np.frombuffer(self._mapping, dtype, count, start) if count else np.empty(0, dtype)
        )
        rows = count // max(1, int(np.prod(tail)))
        return flat.reshape(rows, *tail)

    def _digest(self, piece: int) -> str:
        digest, at = sha256(), piece * PIECE
        end = min(at + PIECE, self._end)
        while at < end:
            content = os.pread(self._descriptor, min(1 << 20, end - at), at)
            if not content:
                break
            digest.update(content)
            at += len(content)
        return digest.hexdigest()

    def _damaged(self) -> DamagedSnapshot:
        return DamagedSnapshot(f"{self._name} is damaged: build the index again")


def spilled(columns: Mapping[str, Column], written: Callable[[], object]) -> Mapped:
    """Return the columns in a file without a name, which goes when nobody holds its arrays.

    ``written`` is called after each chunk.
    """
    with TemporaryFile(prefix="matching-") as file:
        write(file, columns, {}, written)  # type: ignore[arg-type]
        file.flush()
        return Mapped(file, "a temporary file")


def sliced(lengths: NDArray[np.int64], most: int) -> Iterator[tuple[int, int]]:
    """Yield (first, after) of runs of entries whose lengths together hardly exceed ``most``."""
    ends = np.cumsum(lengths)
    first = 0
    while first < len(lengths):
        before = int(ends[first - 1]) if first else 0
        after = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield first, after
        first = after
