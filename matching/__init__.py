"""Matching: text in, ranked and explained hits out. A library of its own.

Names are loaded at first use, so that ``import matching`` costs nothing; see the modules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matching.advice import Absent, Advice, Lack
    from matching.comparison import Comparison, Verdict
    from matching.document import (
        Asks,
        Document,
        Hit,
        Matches,
        Parts,
        SearchHits,
        Sentence,
        SharedConcept,
        Term,
    )
    from matching.encoder import (
        Encoder,
        NgramEncoder,
        SentenceEncoder,
        StaticEncoder,
        open_encoder,
        recipe_for,
    )
    from matching.matcher import Matcher, RecipeMismatch
    from matching.points import Point, PointAnswer, split_points
    from matching.quantities import Quantity
    from matching.recipe import Bm25, Calibration, Recipe, UnreadableRecipe, Weights
    from matching.segmenter import Segmenter
    from matching.snapshot import DamagedSnapshot, SnapshotMismatch, load, save
    from matching.text import find_words, normalise
    from matching.thesaurus import Thesaurus

_HOMES = {
    "advice": ("Absent", "Advice", "Lack"),
    "comparison": ("Comparison", "Verdict"),
    "document": (
        "Asks",
        "Document",
        "Hit",
        "Matches",
        "Parts",
        "SearchHits",
        "Sentence",
        "SharedConcept",
        "Term",
    ),
    "encoder": (
        "Encoder",
        "NgramEncoder",
        "SentenceEncoder",
        "StaticEncoder",
        "open_encoder",
        "recipe_for",
    ),
    "matcher": ("Matcher", "RecipeMismatch"),
    "points": ("Point", "PointAnswer", "split_points"),
    "quantities": ("Quantity",),
    "recipe": ("Bm25", "Calibration", "Recipe", "UnreadableRecipe", "Weights"),
    "segmenter": ("Segmenter",),
    "snapshot": ("DamagedSnapshot", "SnapshotMismatch", "load", "save"),
    "text": ("find_words", "normalise"),
    "thesaurus": ("Thesaurus",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Absent",
    "Advice",
    "Asks",
    "Bm25",
    "Calibration",
    "Comparison",
    "DamagedSnapshot",
    "Document",
    "Encoder",
    "Hit",
    "Lack",
    "Matcher",
    "Matches",
    "NgramEncoder",
    "Parts",
    "Point",
    "PointAnswer",
    "Quantity",
    "Recipe",
    "RecipeMismatch",
    "SearchHits",
    "Segmenter",
    "Sentence",
    "SentenceEncoder",
    "SharedConcept",
    "SnapshotMismatch",
    "StaticEncoder",
    "Term",
    "Thesaurus",
    "UnreadableRecipe",
    "Verdict",
    "Weights",
    "find_words",
    "load",
    "normalise",
    "open_encoder",
    "recipe_for",
    "save",
    "split_points",
]


def __getattr__(name: str) -> Any:
    """Return an exported name, loading its module; AttributeError for any other."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'matching' has no attribute {name!r}")
    return getattr(import_module(f"matching.{_HOME_OF[name]}"), name)
