"""What a query, or one that says more or less, scores against one document.

A leg's score is S / √(I · U): S sums weight · idf · stored weight over the terms both sides hold,
I the weight · idf of all the query's terms (see :mod:`matching.lexical`). So
the score of a point, or of a query with words added, is exact without another search. For words
added the dense leg is left as it is: what a sentence does to a vector cannot be told from a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from matching.index import Vector
from matching.lexical import USUAL_IDEAL, Bm25Index, idf
from matching.recipe import Weights

Weigh = Callable[[Mapping[str, float]], dict[str, float]]
Stored = Callable[[str], float]
"""The stored weight of a term in one document, 0 to 1."""
Counts = tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]]
"""How often each word, bigram and concept stands in a text."""


@dataclass(frozen=True, eq=False)
class Leg:
    """One kind of term of one query: its counts, and how counts become weights."""

    index: Bm25Index
    counts: Mapping[str, float]
    weigh: Weigh
    _idf: dict[str, float] = field(default_factory=dict)

    def idf_of(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the idf of each term over the index of this moment."""
        new = sorted({term for term in terms if term not in self._idf})
        if new:
            numbers = np.array([self.index.vocabulary.get(term, -1) for term in new], np.int64)
            found = idf(self.index.frequency(numbers), len(self.index)).tolist()
            self._idf.update(zip(new, found, strict=True))
        return {term: self._idf[term] for term in terms}


def stored(index: Bm25Index, key: str) -> Stored:
    """Return the stored weight of each term of one document; 0 for a term that it does not hold."""
    numbers, vocabulary = index.weights_of(key), index.vocabulary
    return lambda term: numbers.get(vocabulary.get(term, -1), 0.0)


class Held:
    """A leg against one document, by the document's stored weights."""

    def __init__(self, leg: Leg, weight_of: Stored) -> None:
        self._leg = leg
        self._weight_of = weight_of
        self._given = leg.weigh(leg.counts)
        self._shared, self._ideal = self._sums(self._given)

    def weight(self, term: str) -> float:
        """Return idf · stored weight of a term; 0 where the document does not hold it."""
        return self._leg.idf_of([term])[term] * self._weight_of(term)

    def score(self, added: Mapping[str, float] | None = None) -> float:
        """Return the score of the document with ``added`` counts put to the query's."""
        counts = {t: n + self._leg.counts.get(t, 0) for t, n in (added or {}).items()}
        shared, ideal = self._shared, self._ideal
        if counts:
            before = {term: self._given[term] for term in counts if term in self._given}
            (more, wider), (less, narrower) = (
                self._sums(self._leg.weigh(counts)),
                self._sums(before),
            )
            shared, ideal = shared + more - less, ideal + wider - narrower
        return shared / sqrt(ideal * USUAL_IDEAL) if ideal > 0 else 0.0

    def _sums(self, weights: Mapping[str, float]) -> tuple[float, float]:
        telling = self._leg.idf_of(weights)
        ideal = {term: weight * telling[term] for term, weight in weights.items()}
        shared = sum(part * self._weight_of(term) for term, part in ideal.items())
        return shared, sum(ideal.values())


@dataclass(frozen=True, eq=False)
class QueryLegs:
    """The three lexical legs of one query, with what each weighs."""

    words: Leg
    bigrams: Leg
    concepts: Leg
    weights: Weights

    def against(self, offer: Offer) -> HeldLegs:
        """Return the legs against what the other side says."""
        words, bigrams, concepts = offer.stored
        return HeldLegs(
            Held(self.words, words),
            Held(self.bigrams, bigrams),
            Held(self.concepts, concepts),
            self.weights,
        )

    def of(self, counts: Counts) -> QueryLegs:
        """Return the legs of another query over the same indexes."""
        words, bigrams, concepts = (
            replace(leg, counts=counted)
            for leg, counted in zip((self.words, self.bigrams, self.concepts), counts, strict=True)
        )
        return QueryLegs(words, bigrams, concepts, self.weights)


@dataclass(frozen=True, eq=False)
class HeldLegs:
    """The three legs against one document."""

    words: Held
    bigrams: Held
    concepts: Held
    weights: Weights

    def score(self, added: Counts | None = None) -> float:
        """Return the weighted sum of the legs, with counts added to the query's."""
        words, bigrams, concepts = added or ({}, {}, {})
        return (
            self.weights.words * self.words.score(words)
            + self.weights.bigrams * self.bigrams.score(bigrams)
            + self.weights.concepts * self.concepts.score(concepts)
        )


@dataclass(frozen=True, eq=False)
class Offer:
    """What one side says, as an index holds it: weights of its terms by kind, and its vector."""

    stored: tuple[Stored, Stored, Stored]
    vector: Vector | None

    def dense(self, vector: Vector | None, weights: Weights) -> float:
        """Return what the dense leg gives a query of this vector, as in :mod:`matching.fusion`."""
        if vector is None or self.vector is None or not weights.dense:
            return 0.0
        cosine = float(vector.astype(np.float64) @ self.vector.astype(np.float64))
        return weights.dense * max(0.0, cosine - weights.dense_floor) / (1 - weights.dense_floor)
