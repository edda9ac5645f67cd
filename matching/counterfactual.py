"""What a query, or one that says more or less, scores against one document.

A leg's score is S / √(I · U): S sums weight · idf · stored weight over the terms both sides hold,
I the weight · idf of all the query's terms (see :mod:`matching.lexical`). So
the score of a point, or of a query with words added, is exact without another search. For words
added the dense leg is left as it is: what a sentence does to a vector cannot be told from a word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from math import sqrt
from weakref import WeakKeyDictionary

import numpy as np

from matching.index import Vector
from matching.lexical import USUAL_IDEAL, Bm25Index, idf
from matching.recipe import Weights

Weigh = Callable[[Mapping[str, float]], dict[str, float]]
Stored = Callable[[Collection[str]], Mapping[str, float]]
"""The stored weights in one document, above 0 to 1, of those terms that it holds."""
Counts = tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]]
"""How often each word, bigram and concept stands in a text."""


_IDF: WeakKeyDictionary[Bm25Index, dict[str, float]] = WeakKeyDictionary()
"""The idf of terms in an index, which is a value: only of terms that it knows, so that it ends."""


@dataclass(frozen=True, eq=False)
class Leg:
    """One kind of term of one query: its counts, and how counts become weights."""

    index: Bm25Index
    counts: Mapping[str, float]
    weigh: Weigh

    @cached_property
    def weights(self) -> dict[str, float]:
        """The weight of each of the query's terms."""
        return self.weigh(self.counts)

    @cached_property
    def ideal(self) -> dict[str, float]:
        """Weight · idf of each of the query's terms."""
        return self._by_idf(self.weights)

    def weighed(self, counts: Mapping[str, float]) -> dict[str, float]:
        """Return weight · idf of counted terms."""
        return self._by_idf(self.weigh(counts))

    def _by_idf(self, weights: Mapping[str, float]) -> dict[str, float]:
        telling = self.idf_of(weights)
        return {term: weight * telling[term] for term, weight in weights.items()}

    def idf_of(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the idf of each term over the index of this moment."""
        known = _IDF.setdefault(self.index, {})
        new = sorted({term for term in terms if term not in known})
        if not new:
            return {term: known[term] for term in terms}
        numbers = np.array([self.index.vocabulary.get(term, -1) for term in new], np.int64)
        found = idf(self.index.frequency(numbers), len(self.index)).tolist()
        fresh = dict(zip(new, found, strict=True))
        known.update((term, fresh[term]) for term in new if term in self.index.vocabulary)
        return {term: known[term] if term in known else fresh[term] for term in terms}


def stored_of(leg: Leg, keys: Sequence[str]) -> list[Stored]:
    """Return, for each document, what gives the stored weights of terms.

    The query's own terms are looked up for all documents at once, others when they are asked for.
    """
    terms = list(leg.ideal)
    found = leg.index.weights_of_all(keys, terms)
    return [
        _Stored(leg.index, key, frozenset(terms), held)
        for key, held in zip(keys, found, strict=True)
    ]


class _Stored:
    """The stored weights of one document, those of ``known`` terms being looked up already."""

    def __init__(
        self, index: Bm25Index, key: str, known: Set[str], held: Mapping[str, float]
    ) -> None:
        self._index, self._key, self._known = index, key, set(known)
        self._held = dict(held)

    def __call__(self, terms: Collection[str]) -> Mapping[str, float]:
        new = [term for term in terms if term not in self._known]
        if new:
            (found,) = self._index.weights_of_all([self._key], new)
            self._held |= found
            self._known |= set(new)
        held = self._held
        return {term: held[term] for term in terms if term in held}


class Held:
    """A leg against one document, by the document's stored weights."""

    def __init__(self, leg: Leg, weights_of: Stored) -> None:
        self._leg = leg
        self._weights_of = weights_of

    @cached_property
    def _shares(self) -> dict[str, float]:
        return self._shared(self._leg.ideal)

    @cached_property
    def _ideal(self) -> float:
        return sum(self._leg.ideal.values())

    def weights(self, terms: Collection[str]) -> dict[str, float]:
        """Return idf · stored weight of those terms that the document holds."""
        telling = self._leg.idf_of(terms)
        return {term: telling[term] * held for term, held in self._weights_of(terms).items()}

    def shares(self) -> dict[str, float]:
        """Return what each shared term adds to the score; they sum to it."""
        divisor = sqrt(self._ideal * USUAL_IDEAL)
        return {term: share / divisor for term, share in self._shares.items()}

    def look_up(self, terms: Collection[str]) -> None:
        """Look terms up at once that will be asked for one after the other."""
        self._weights_of(terms)

    def score(self, added: Mapping[str, float] | None = None) -> float:
        """Return the score of the document with ``added`` counts put to the query's."""
        if not added:
            return self._whole(0.0, 0.0)
        own = self._leg.counts
        after = self._leg.weighed({t: n + own.get(t, 0) for t, n in (added or {}).items()})
        before = {term: self._leg.ideal[term] for term in after if term in self._leg.ideal}
        more = sum(self._shared(after).values()) - sum(self._shared(before).values())
        return self._whole(more, sum(after.values()) - sum(before.values()))

    def _whole(self, shared: float, ideal: float) -> float:
        """Return the score where the two sums are larger by so much."""
        shared, ideal = sum(self._shares.values()) + shared, self._ideal + ideal
        return shared / sqrt(ideal * USUAL_IDEAL) if ideal > 0 else 0.0

    def _shared(self, ideal: Mapping[str, float]) -> dict[str, float]:
        return {term: ideal[term] * held for term, held in self._weights_of(ideal).items()}


@dataclass(frozen=True, eq=False)
class QueryLegs:
    """The three lexical legs of one query, with what each weighs."""

    words: Leg
    bigrams: Leg
    concepts: Leg
    weights: Weights

    def lexical(self) -> tuple[Leg, Leg, Leg]:
        """Return the three legs in the order of a document's stored weights."""
        return self.words, self.bigrams, self.concepts

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

    def word_shares(self) -> dict[str, float]:
        """Return what each shared word adds to the raw score (unweighted where words count nothing)."""
        factor = self.weights.words or 1.0
        return {word: factor * share for word, share in self.words.shares().items()}

    def concept_shares(self) -> dict[str, float]:
        """Return what each shared concept adds to the raw score."""
        shares = self.concepts.shares()
        return {concept: self.weights.concepts * share for concept, share in shares.items()}

    def look_up(self, counts: Sequence[Counts]) -> None:
        """Look up at once what :meth:`score` will ask for with each of these counts."""
        for held, counted in zip(self.lexical(), zip(*counts, strict=True), strict=False):
            held.look_up(set(chain.from_iterable(counted)))

    def lexical(self) -> tuple[Held, Held, Held]:
        """Return the three legs in the order of :data:`Counts`."""
        return self.words, self.bigrams, self.concepts

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
