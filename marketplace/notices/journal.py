"""What a worker has handed over and not yet written into the store, on disk as it happens.

A lock lies on the journal while its worker lives and falls with it, however it ends. Whoever can
take the lock of a claim knows that the claimant is dead, and reads here which mails the server had
accepted: those were sent, the others of the claim were not. What stays in doubt is the one mail
that the server accepts while the worker dies before the next line of its code.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class Journal:
    """The keys that were handed over since the last commit of one living worker."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, key: str) -> None:
        """Write down that ``key`` was accepted; with the kernel when this returns."""
        os.write(self._file, f"{key}\n".encode("ascii"))

    def clear(self) -> None:
        """Forget what the store has been told."""
        os.ftruncate(self._file, 0)

    def close(self) -> bool:
        """Let go of the file; whether the store has been told of everything in it."""
        told = os.fstat(self._file).st_size == 0
        os.close(self._file)
        return told


@contextmanager
def begun(folder: Path) -> Iterator[Journal]:
    """A journal of one's own; it stays where the store could not be told of what is in it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(12)}.journal"
    with FileLock(_lock_of(path)):
        journal = Journal(path)
        try:
            yield journal
        finally:
            told = journal.close()
            if told:
                _remove(path)


@contextmanager
def left_behind(folder: Path, name: str) -> Iterator[list[str] | None]:
    """The keys in the journal of a dead worker, which is removed after the block.

    None where the worker may be alive: it holds the lock, or its journal is not on this machine.
    """
    path = folder / f"{name}.journal"
    if not path.exists():
        yield None
        return
    lock = FileLock(_lock_of(path), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield None
        return
    try:
        yield path.read_text(encoding="ascii").split() if path.exists() else None
        _remove(path)
    finally:
        lock.release()


def is_here(folder: Path, name: str) -> bool:
    """Whether the journal of that name is on this machine."""
    return (folder / f"{name}.journal").exists()


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


def _remove(path: Path) -> None:
    """The name is never used again, so the lock may go with it."""
    path.unlink(missing_ok=True)
    _lock_of(path).unlink(missing_ok=True)
