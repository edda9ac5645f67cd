"""The values that go in and come out: documents, and explained hits.

A document is a title and a text under a key; the library knows nothing of needs or results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matching.advice import Absent, Advice
    from matching.comparison import Comparison
    from matching.points import Point, PointAnswer

Asks = Literal["query", "document", "neither"]
"""Which side asks and which offers: a match between two of a kind has neither."""
Side = Literal["title", "text"]


@dataclass(frozen=True)
class Document:
    """One listing: ``facets`` holds its exact filter values, ``revision`` the caller's version."""

    key: str
    title: str
    text: str
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    revision: int = 0


@dataclass(frozen=True)
class Sentence:
    """A sentence given as evidence: ``original[start:end] == text`` on its ``side``."""

    text: str
    start: int
    end: int
    score: float
    side: Side = "text"


@dataclass(frozen=True)
class Term:
    """A shared word, normalised, and what it added to the raw score of the words leg."""

    word: str
    weight: float


@dataclass(frozen=True)
class SharedConcept:
    """A concept that both sides name, how each side calls it, and what it added to the score."""

    concept: str
    query_names: tuple[str, ...]
    names: tuple[str, ...]
    weight: float

    @property
    def in_other_words(self) -> bool:
        """Whether the sides call it differently, which words alone could not have found."""
        return set(self.query_names) != set(self.names)


@dataclass(frozen=True)
class Parts:
    """The weighted contribution of each leg and of shared facets; they sum to the raw score."""

    words: float
    bigrams: float
    dense: float
    concepts: float = 0.0
    affinity: float = 0.0

    @property
    def raw(self) -> float:
        """The fused score before calibration, rounded to six decimals."""
        text = self.words + self.bigrams + self.dense + self.concepts
        return round(text + self.affinity, 6)


@dataclass(frozen=True)
class Hit:
    """A ranked document: ``score`` is the probability of a grade of 2 or more, ``parts`` say why.

    ``comparisons`` set the numbers of both sides together, ``points`` say which of what is asked
    is answered, ``missing`` what the query could say to rank this document higher.
    """

    key: str
    score: float
    parts: Parts
    terms: tuple[Term, ...] = ()
    concepts: tuple[SharedConcept, ...] = ()
    query_sentences: tuple[Sentence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    points: tuple[PointAnswer, ...] = ()
    missing: tuple[Advice, ...] = ()

    @property
    def raw(self) -> float:
        """The fused score that orders the hits."""
        return self.parts.raw


@dataclass(frozen=True)
class Matches:
    """The answer to a match; ``suitable`` is False where the honest answer is 暂无合适.

    ``points`` are those of a query that asks; ``absent`` names what its text says nothing of.
    """

    hits: tuple[Hit, ...]
    enough_text: bool
    suitable: bool = False
    points: tuple[Point, ...] = ()
    absent: tuple[Absent, ...] = ()


@dataclass(frozen=True)
class SearchHits:
    """The answer to a typed search; ``complete`` says that every key holds all the words."""

    keys: tuple[str, ...]
    scores: tuple[float, ...]
    complete: bool
