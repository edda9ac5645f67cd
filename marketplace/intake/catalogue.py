"""Which sources there are and how they are reached, as the running application knows them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from marketplace.errors import NotFound
from marketplace.intake.words import Words, words_from
from marketplace.matchmaking.indexing import dictionary
from scrapers.cache import FolderCache
from scrapers.fetch import Client
from scrapers.source import Source
from scrapers.sources import registered


@dataclass(frozen=True)
class Catalogue:
    """The sources by name, the client that asks them, and the folder where runs take their locks."""

    sources: Mapping[str, Callable[[], Source]]
    open_client: Callable[[], Client]
    folder: Path
    words: Words

    def source(self, name: str) -> Source:
        """The source of that name; else NotFound, which names those there are."""
        if name not in self.sources:
            known = "、".join(self.sources)
            raise NotFound(_("没有名为“%(name)s”的来源，可用：%(known)s", name=name, known=known))
        return self.sources[name]()


def init_app(
    app: Flask,
    *,
    folder: Path,
    contact: str,
    tables: Mapping[str, Any],
    terms: Path,
    thesaurus: Path,
) -> None:
    """Bind the registered sources; ``contact`` tells their hosts whom to turn to."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = app.extensions["codes"]
    named, _segmenter = dictionary(terms, thesaurus, cache=folder)
    app.extensions["intake"] = Catalogue(
        sources=registered(),
        open_client=lambda: Client(contact=contact, cache=FolderCache(folder / "pages")),
        folder=folder,
        words=words_from(
            tables,
            regions=tuple((c, name, codes.parents[c]) for c, name in codes.regions.items()),
            modes=codes.lists["mode"],
            thesaurus=named,
        ),
    )


def current_catalogue() -> Catalogue:
    """The catalogue of the running application."""
    return current_app.extensions["intake"]
