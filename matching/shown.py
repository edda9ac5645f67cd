"""A list as it was shown, in bytes that can be made again and compared.

A list is decided by its query, by the recipe (weights, encoder, dictionary, thesaurus) and by the
documents. The first and the last are held as digests: the list names every document in it with a
digest of its content, and all documents together by one number (:mod:`matching.fingerprint`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from matching.document import Asks, Document, Matches
from matching.filters import Where
from matching.fingerprint import digest_of
from matching.index import Vector
from matching.matcher import Matcher

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One line of a list: the key, the digest of its content then, the score to six decimals."""

    key: str
    content: str
    score: float


@dataclass(frozen=True)
class Listed:
    """A list as it was shown. ``subject`` and ``against`` are the caller's names for both sides."""

    subject: str
    query: str
    against: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    k: int
    recipe: str
    index: str
    entries: tuple[Entry, ...]

    def as_bytes(self) -> bytes:
        """Return canonical JSON: sorted keys, no blanks, ASCII."""
        values = asdict(self) | {"format": FORMAT}
        return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")

    @property
    def digest(self) -> str:
        """SHA-256 over the bytes; what the list is called by."""
        return sha256(self.as_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, content: bytes) -> Listed:
        """Read what :meth:`as_bytes` wrote; ValueError for another format."""
        values: dict[str, Any] = json.loads(content)
        if values.pop("format") != FORMAT:
            raise ValueError("a list of another format")
        values["entries"] = tuple(Entry(**entry) for entry in values["entries"])
        values["where"] = tuple((facet, tuple(chosen)) for facet, chosen in values["where"])
        return cls(**values)


@dataclass(frozen=True)
class Replay:
    """What became of a list when it was made again.

    ``same`` says that the bytes are alike. Otherwise ``recipe``, ``index`` and ``query`` say
    whether those are what they were; ``changed`` are keys of the list whose content is another
    now, ``gone`` those no longer stored, ``come`` those that were not in the list before.
    """

    before: Listed
    now: Listed
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether order, scores and all that decided them are the same, byte for byte."""
        return self.before.as_bytes() == self.now.as_bytes()

    @property
    def same_order(self) -> bool:
        """Whether at least the keys stand in the same order."""
        return [one.key for one in self.before.entries] == [one.key for one in self.now.entries]

    @property
    def come(self) -> tuple[str, ...]:
        """The keys that were not in the list before."""
        before = {entry.key for entry in self.before.entries}
        return tuple(entry.key for entry in self.now.entries if entry.key not in before)

    @property
    def differences(self) -> tuple[str, ...]:
        """Which of ``query``, ``recipe``, ``index`` are no longer what they were."""
        names = ("query", "recipe", "index")
        return tuple(n for n in names if getattr(self.before, n) != getattr(self.now, n))


def ask(
    matcher: Matcher,
    query: Document,
    *,
    against: str,
    k: int,
    where: Where | None = None,
    exclude: Collection[str] = (),
    vector: Vector | None = None,
    asks: Asks = "neither",
) -> tuple[Matches, Listed]:
    """Match and return the answer with the list that records it.

    ``asks`` decides what is explained, not what is found or in which order.

    The index digest is that of the documents that were matched: where a writer came between, the
    match is asked again.
    """
    while True:
        index = matcher.index_digest
        found = matcher.match(query, k=k, where=where, exclude=exclude, vector=vector, asks=asks)
        content = _contents(matcher, [hit.key for hit in found.hits])
        if matcher.index_digest == index:
            break
    entries = tuple(Entry(hit.key, content[hit.key], hit.score) for hit in found.hits)
    wanted = _sorted(where or {})
    listed = Listed(
        query.key, digest_of(query), against, wanted, k, matcher.recipe.digest, index, entries
    )
    return found, listed


def replay(
    matcher: Matcher,
    before: Listed,
    query: Document,
    *,
    exclude: Collection[str] = (),
    vector: Vector | None = None,
) -> Replay:
    """Make a list again from what is stored now and compare it with what was shown."""
    where = dict(before.where) or None
    _, now = ask(
        matcher,
        query,
        against=before.against,
        k=before.k,
        where=where,
        exclude=exclude,
        vector=vector,
    )
    held = {entry.key for entry in before.entries if entry.key in matcher}
    content = _contents(matcher, held)
    changed = tuple(e.key for e in before.entries if content.get(e.key, e.content) != e.content)
    gone = tuple(entry.key for entry in before.entries if entry.key not in held)
    return Replay(before, now, changed, gone)


def _contents(matcher: Matcher, keys: Iterable[str]) -> dict[str, str]:
    documents: Mapping[str, Document] = matcher.state.documents
    return {key: digest_of(documents[key]) for key in keys if key in documents}


def _sorted(where: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((facet, tuple(sorted(where[facet]))) for facet in sorted(where))
