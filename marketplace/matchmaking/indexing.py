"""Keeps the two indexes true to the store; the only import of ``matching`` here.

The store is the truth and the index a copy of its public, open text. The copy is made to agree
at the start (``reconcile``: revisions compared, differences put) and after each change (rows of
the outbox). A snapshot on disk only saves time: a kill at any moment, or a lost or damaged
snapshot, costs a rebuild and never a listing.
"""

import os
import re
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from flask import Flask, current_app
from sqlalchemy import select

from marketplace.errors import MarketplaceError
from marketplace.extensions import db
from marketplace.listings.lifecycle import PUBLIC
from marketplace.listings.models import KINDS, Listing, Result
from marketplace.matchmaking import sightings
from matching import (
    DamagedSnapshot,
    Document,
    Encoder,
    Matcher,
    Recipe,
    RecipeMismatch,
    Segmenter,
    SnapshotMismatch,
    Thesaurus,
    UnreadableRecipe,
    load,
    open_encoder,
    recipe_for,
    save,
)

BATCH = 500
#: A busy market would otherwise write the whole snapshot for every change.
SAVE_EVERY_SECONDS = 30.0
#: So often a process that only reads looks whether there is a newer snapshot.
FOLLOW_EVERY_SECONDS = 1.0
#: Of a large library a snapshot takes seconds to write: at most this share of the time goes there.
SAVING_SHARE = 0.05


_dictionaries: dict[tuple[tuple[str, int, int], ...], tuple[Thesaurus, Segmenter]] = {}


def dictionary(terms: Path, thesaurus: Path, *, cache: Path) -> tuple[Thesaurus, Segmenter]:
    """The thesaurus and the words, read once a process as long as their files stay the same.

    ``cache`` is the folder for jieba's prebuilt table, of the first that asks.
    """
    files = (terms, *sorted(thesaurus.glob("*.tsv")))
    stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    if stamps not in _dictionaries:
        named = Thesaurus.read(thesaurus)
        _dictionaries.clear()
        _dictionaries[stamps] = named, Segmenter(terms, cache, names=named.names())
    return _dictionaries[stamps]


class UnusableRecipe(MarketplaceError):
    """Raised at the start: the file of weights does not go with this installation."""


class Library:
    """The matchers of the two kinds and the folder of their snapshots."""

    def __init__(
        self, folder: Path, terms: Path, thesaurus: Path, encoder: Encoder, recipe: Recipe
    ) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.thesaurus, self.segmenter = dictionary(terms, thesaurus, cache=self.folder)
        #: Every encoder has a folder of its own: vectors of two are never mixed.
        self.snapshots = self.folder / re.sub(r"[^\w.-]+", "-", encoder.name)
        self.matchers = {
            kind: Matcher(recipe, self.segmenter, encoder, self.thesaurus) for kind in KINDS
        }
        self._writing = Lock()
        self._saved_at = self._saving_took = 0.0
        self._unsaved = False
        #: Of each snapshot the file that was last read or written here.
        self._stamps: dict[str, tuple[int, int]] = {}
        self._followed_at = float("-inf")
        #: The process that has agreed with the store; a child that replaces a killed one has not.
        self._writer = 0

    def open_snapshots(self) -> None:
        """Load what was saved; what is missing, damaged or of another recipe is built anew."""
        for kind, matcher in self.matchers.items():
            try:
                stamp = self._stamp(kind)
                load(matcher, self._path(kind))
                self._stamps[kind] = stamp
            except (FileNotFoundError, DamagedSnapshot, SnapshotMismatch) as reason:
                current_app.logger.info("index of %ss is built anew: %s", kind, reason)

    def reconcile(self) -> int:
        """Make both indexes agree with the store; the number of listings put or removed."""
        with self._writing:
            changed = sum(self._reconcile(*pair) for pair in self.matchers.items())
            self._unsaved = self._unsaved or changed > 0
        self.save(force=True)
        return changed

    def follow(self) -> None:
        """Read again what another process has written; looks at most once a second."""
        if time.monotonic() - self._followed_at < FOLLOW_EVERY_SECONDS:
            return
        self._followed_at = time.monotonic()
        if any(self._is_newer(kind) for kind in KINDS):
            with self._writing:
                self.open_snapshots()

    def take_over(self, *, anew: bool) -> None:
        """Be the one who writes: agree with the store where another may have, or nobody yet has.

        What another had in memory and not on disk when it died is gone from the outbox too, so
        whoever comes to the index ``anew`` compares it with the store.
        """
        forked = self._writer != os.getpid()
        if anew or forked or any(self._is_newer(kind) for kind in KINDS):
            self.open_snapshots()
            self.reconcile()
            self._writer = os.getpid()

    def _is_newer(self, kind: str) -> bool:
        path = self._path(kind)
        return path.exists() and self._stamp(kind) != self._stamps.get(kind)

    def _stamp(self, kind: str) -> tuple[int, int]:
        """What tells two files of one name apart: a snapshot is replaced, never changed."""
        found = self._path(kind).stat()
        return found.st_ino, found.st_mtime_ns

    def look_again(self, subjects: Sequence[str]) -> None:
        """The outbox handler: put each public listing, remove any other."""
        before = self._size()
        with self._writing:
            for kind in KINDS:
                ids = [id_of(s) for s in subjects if s.startswith(f"{kind}/")]
                self._agree(kind, ids, self.matchers[kind])
            shrunk = self._size() < before
            self._unsaved = True
        # What left the library leaves the disk too, without waiting for the next change.
        self.save(force=shrunk)
        if shrunk:
            self._drop_others()

    def save(self, *, force: bool = False) -> None:
        """Write the snapshots if anything changed and the last were not written just now."""
        with self._writing:
            pause = max(SAVE_EVERY_SECONDS, self._saving_took / SAVING_SHARE)
            recent = time.monotonic() - self._saved_at < pause
            if not self._unsaved or (recent and not force):
                return
            began = time.monotonic()
            for kind, matcher in self.matchers.items():
                save(matcher, self._path(kind))
                self._stamps[kind] = self._stamp(kind)
            self._unsaved, self._saved_at = False, time.monotonic()
            self._saving_took = self._saved_at - began

    def rebuild(self) -> int:
        """Build both indexes anew and save them; searches are answered by the old ones meanwhile."""
        with self._writing:
            for kind, old in self.matchers.items():
                new = Matcher(old.recipe, old.segmenter, old.encoder, old.thesaurus)
                self._reconcile(kind, new)
                old.restore(new.state)
            self._unsaved = True
        self.save(force=True)
        self._drop_others()
        return self._size()

    def _size(self) -> int:
        return sum(len(matcher) for matcher in self.matchers.values())

    def _path(self, kind: str) -> Path:
        return self.snapshots / f"{kind}.index"

    def _drop_others(self) -> None:
        """Delete what other encoders left: nobody would take a withdrawn text out of it."""
        own = {self._path(kind) for kind in KINDS}
        for path in set(self.folder.rglob("*.index")) - own:
            path.unlink()

    def _reconcile(self, kind: str, matcher: Matcher) -> int:
        model = KINDS[kind]
        public = select(model.id, model.revision).where(model.state.in_(PUBLIC))
        stored = {f"{kind}/{i}": revision for i, revision in db.session.execute(public)}
        known = matcher.revisions()
        stale = [key for key, revision in stored.items() if known.get(key) != revision]
        gone = [key for key in known if key not in stored]
        ids = [id_of(key) for key in stale]
        for start in range(0, len(ids), BATCH):
            self._agree(kind, ids[start : start + BATCH], matcher)
        matcher.remove(gone)
        if gone:
            self._drop_others()
        db.session.rollback()
        return len(stale) + len(gone)

    def _agree(self, kind: str, ids: Sequence[int], matcher: Matcher) -> None:
        if not ids:
            return
        model = KINDS[kind]
        found = db.session.scalars(select(model).where(model.id.in_(ids), model.state.in_(PUBLIC)))
        documents = [document_of(listing) for listing in found]
        db.session.rollback()  # no transaction stands open while texts are encoded
        matcher.put(documents)
        kept = {document.key for document in documents}
        matcher.remove([f"{kind}/{i}" for i in ids if f"{kind}/{i}" not in kept])


def id_of(key: str) -> int:
    """The id in a key such as ``need/12``."""
    return int(key.partition("/")[2])


def document_of(listing: Listing) -> Document:
    """The public text of a listing with its exact filter values."""
    modes = tuple(row.mode for row in listing.mode_rows)
    facets = {
        "field": (listing.field,),
        "league": (listing.league,),
        "band": (listing.band,),
        "mode": modes,
        "open": ("yes" if listing.is_open else "no",),
    }
    if isinstance(listing, Result):
        facets["stage"] = (listing.stage,)
    return Document(listing.key, listing.title, listing.searchable_text(), facets, listing.revision)


def current_library() -> Library:
    """The indexes of the running application."""
    return current_app.extensions["library"]


def follow_index() -> None:
    """Before a request in production: answer from the newest snapshot."""
    current_library().follow()


def init_app(
    app: Flask,
    *,
    folder: Path,
    terms: Path,
    thesaurus: Path,
    encoder: str,
    query_prefix: str,
    recipe: str,
) -> None:
    """Give ``app`` its library, empty until ``open_snapshots`` and ``reconcile``.

    ``recipe`` is a file that ``python -m matching tune`` wrote for the encoder, or empty;
    UnusableRecipe where it is of another version, dictionary, thesaurus or encoder.
    """
    opened = open_encoder(encoder, query_prefix)
    try:
        chosen = Recipe.from_json(Path(recipe).read_text("utf-8")) if recipe else recipe_for(opened)
        app.extensions["library"] = Library(folder, terms, thesaurus, opened, chosen)
    except (UnreadableRecipe, RecipeMismatch) as failure:
        text = f"SHUANGKU_RECIPE 有误，请重新调校 · is wrong, tune anew: {recipe}: {failure}"
        raise UnusableRecipe(text) from failure
    sightings.init_app(app)
