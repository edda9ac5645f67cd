"""Pages kept with the marks by which a host says whether they changed (ETag, Last-Modified)."""

import hashlib
import json
import os
import tempfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Stored:
    """A page as it came, and the host's marks for it; one of the marks may be empty."""

    body: bytes
    etag: str
    last_modified: str
    content_type: str

    def conditions(self) -> dict[str, str]:
        """Headers that ask for the page only if it changed."""
        marks = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: mark for name, mark in marks.items() if mark}


class Cache(Protocol):
    """Where pages are kept between runs; the caller owns it."""

    def get(self, url: str) -> Stored | None:
        """The page kept for an address, or None."""

    def put(self, url: str, stored: Stored) -> None:
        """Keep a page in place of what was kept."""


class MemoryCache:
    """Pages kept as long as the process lives."""

    def __init__(self) -> None:
        self._pages: dict[str, Stored] = {}

    def get(self, url: str) -> Stored | None:
        """The page kept for an address, or None."""
        return self._pages.get(url)

    def put(self, url: str, stored: Stored) -> None:
        """Keep a page in place of what was kept."""
        self._pages[url] = stored


class FolderCache:
    """Pages kept in a folder, a file each: a line of marks, then the packed page.

    A file is written beside its place and moved there, so that no reader meets half of one.
    """

    def __init__(self, folder: Path) -> None:
        """The folder is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def get(self, url: str) -> Stored | None:
        """The page kept for an address, or None; what a power cut left of one counts as none."""
        path = self._path(url)
        if not path.exists():
            return None
        marks, _, packed = path.read_bytes().partition(b"\n")
        try:
            return Stored(body=zlib.decompress(packed), **json.loads(marks))
        except (ValueError, zlib.error):
            return None

    def put(self, url: str, stored: Stored) -> None:
        """Keep a page in place of what was kept."""
        marks = {name: value for name, value in asdict(stored).items() if name != "body"}
        handle, temporary = tempfile.mkstemp(dir=self._folder)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(marks).encode() + b"\n" + zlib.compress(stored.body))
        os.replace(temporary, self._path(url))

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()
