"""The words by which notices are read, as the running application knows them (``config/intake.toml``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matching import Thesaurus

Listed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Words:
    """All tables a reading needs; a value, so that reading is a function of text and tables."""

    #: What stands below a heading → the headings, by which pages mark it.
    sections: Listed
    #: need, result → words of such a text.
    kinds: Listed
    #: Where what is no technical need goes → its words.
    routes: Listed
    #: Words of technical problems and results.
    technical: tuple[str, ...]
    #: Stage of the registration form → names that pages use.
    stages: Listed
    #: Technical field (code) → words.
    fields: Listed
    #: Another list's name of a field → code.
    field_names: Mapping[str, str]
    #: ``verbs`` and ``prices`` make a sum a budget or a price, ``others`` make it something else.
    budget: Listed
    #: Code → (name, code of the parent), as ``config/regions.csv`` has them.
    regions: Mapping[str, tuple[str, str]]
    #: Code → Chinese name of each way of co-operation.
    modes: Mapping[str, str]
    thesaurus: Thesaurus


def words_from(
    tables: Mapping[str, Any],
    *,
    regions: tuple[tuple[str, str, str], ...],
    modes: Mapping[str, str],
    thesaurus: Thesaurus,
) -> Words:
    """The words of the tables of ``config/intake.toml``, the regions and the thesaurus."""
    listed = {
        name: {key: tuple(words) for key, words in tables[name].items()}
        for name in ("sections", "kinds", "routes", "stages", "fields", "budget")
    }
    return Words(
        **listed,
        technical=tuple(tables["technical"]["words"]),
        field_names=dict(tables["field_names"]),
        regions={code: (name, parent) for code, name, parent in regions},
        modes=dict(modes),
        thesaurus=thesaurus,
    )
