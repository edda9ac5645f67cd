"""BM25 in process, over the postings of a stack of layers.

A document's saturated term weights do not depend on other documents (see
:class:`matching.recipe.Bm25`), while idf is taken over all live documents when a query comes. So
scores do not depend on how or in what order the documents were put. Nothing that a reader holds is
changed. Only the vocabulary is shared: it is added to, by the one writer, and never renumbered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from matching.index import Floats, Ranking
from matching.layers import Layer, Layers, Mask, Selection, joined
from matching.packed import Keys, Rows
from matching.postings import Postings, Scores
from matching.recipe import Bm25

LEAST_COLLECTION = 300
USUAL_IDEAL = 150.0
"""Σ weight · idf of a need of usual length; a unit, so that scores lie about between 0 and 1."""
ROUNDING = 1e-6
"""More than float32 loses in a score."""


class Fields(NamedTuple):
    """The terms of a document's title and body, each as often as it stands there.

    Where ``counts`` are given a term is named once and counts so much, title before body.
    """

    title: Collection[str]
    body: Collection[str]
    counts: Sequence[float] | None = None


def term_weights(
    title: Mapping[str, float], body: Mapping[str, float], parameters: Bm25
) -> dict[str, float]:
    """Return each term's saturated weight, 0 to 1: tf / (k1 + tf) over the two fields' tf.

    Robertson & Zaragoza 2009, equations 3.18 to 3.20, with pivot lengths in place of averages.
    """
    title_pivot = _length_factor(sum(title.values()), parameters.title_b, parameters.title_length)
    body_pivot = _length_factor(sum(body.values()), parameters.body_b, parameters.body_length)
    in_title = parameters.title_weight / title_pivot
    weights: dict[str, float] = {}
    for term in title.keys() | body.keys():
        frequency = in_title * title.get(term, 0) + body.get(term, 0) / body_pivot
        weights[term] = frequency / (parameters.k1 + frequency)
    return weights


def weighed(documents: Sequence[Fields], vocabulary: dict[str, int], parameters: Bm25) -> Postings:
    """Return the postings of documents, row by row, weighted as :func:`term_weights` does.

    Terms that are new are numbered in ``vocabulary``.
    """
    sizes = np.array([len(part) for fields in documents for part in fields[:2]], np.int64)
    place = np.repeat(np.arange(2 * len(documents)), sizes)  # 2 · row, plus 1 in the body
    terms = numbered(chain.from_iterable(part for one in documents for part in one[:2]), vocabulary)
    counts = np.ones(len(terms))
    if documents and documents[0].counts is not None:
        counts = np.array([count for one in documents for count in one.counts or ()], np.float64)
    lengths = np.bincount(place, counts, 2 * len(documents))
    title_pivot = _length_factor(lengths[::2], parameters.title_b, parameters.title_length)
    body_pivot = _length_factor(lengths[1::2], parameters.body_b, parameters.body_length)
    width = max(1, len(documents))
    distinct, which = np.unique(terms * width + place // 2, return_inverse=True)
    in_body = place % 2
    in_title_count = np.bincount(which, counts * (1 - in_body), len(distinct))
    in_body_count = np.bincount(which, counts * in_body, len(distinct))
    term, row = np.divmod(distinct, width)
    frequency = parameters.title_weight / title_pivot[row] * in_title_count
    frequency += in_body_count / body_pivot[row]
    return Postings.of_sorted(term, row, frequency / (parameters.k1 + frequency))


def numbered(terms: Iterable[str], vocabulary: dict[str, int]) -> Rows:
    """Return the number of each term, shape (terms,), numbering those that are new."""
    given = list(terms)
    numbers = list(map(vocabulary.get, given))
    for place in [place for place, number in enumerate(numbers) if number is None]:
        numbers[place] = vocabulary.setdefault(given[place], len(vocabulary))
    return np.array(numbers, np.int64)


def _length_factor(length: Any, b: float, pivot: float) -> Any:
    return 1 - b + b * length / pivot


def idf(frequency: Floats, count: int) -> Floats:
    """Return ln(1 + (N - df + 0.5) / (df + 0.5)): Robertson & Zaragoza 2009, kept above zero.

    A young library counts as one of :data:`LEAST_COLLECTION` documents: among three listings a
    word that stands in one of them is still a telling word.
    """
    return np.log1p((max(count, LEAST_COLLECTION) - frequency + 0.5) / (frequency + 0.5))


class Bm25Index:
    """The in-process :class:`matching.index.LexicalIndex`: the part ``name`` of a stack of layers."""

    def __init__(
        self,
        layers: Layers | None = None,
        name: str = "terms",
        vocabulary: dict[str, int] | None = None,
    ) -> None:
        self.layers = Layers() if layers is None else layers
        self.name = name
        self.vocabulary: dict[str, int] = {} if vocabulary is None else vocabulary

    def __len__(self) -> int:
        """Return the number of live documents."""
        return len(self.layers)

    def put(self, entries: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the index with these documents' term weights added or replaced."""
        rows = np.repeat(np.arange(len(entries)), [len(entry) for entry in entries.values()])
        terms = numbered(chain.from_iterable(entries.values()), self.vocabulary)
        weights = np.array([w for entry in entries.values() for w in entry.values()], np.float64)
        parts = {self.name: Postings.of(terms, rows, weights)}
        return self._over(self.layers.put(Layer(Keys.of(list(entries)), parts)))

    def remove(self, keys: Collection[str]) -> Self:
        """Return the index without these keys; unknown keys are ignored."""
        return self._over(self.layers.remove(keys))

    def query(self, terms: Mapping[str, float], allowed: Set[str] | None = None) -> Bm25Scored:
        """Score all allowed documents against weighted query terms."""
        return Bm25Scored(self, terms, allowed)

    def holding_all(
        self, alternatives: Sequence[Collection[str]], allowed: Set[str] | None = None
    ) -> Selection:
        """Return the allowed keys that hold, for every group of terms, at least one of them."""
        groups = [self.numbers(sorted(set(group))) for group in alternatives]
        pairs = zip(self.postings(), self.layers.masks(allowed), strict=True)
        return Selection(self.layers, [_holding(held, groups, mask) for held, mask in pairs])

    def terms_with(self, character: str) -> list[str]:
        """Return the known terms that contain ``character``, by a pass over the vocabulary."""
        return [term for term in tuple(self.vocabulary) if character in term]

    def weights_of_all(self, keys: Sequence[str], terms: Sequence[str]) -> list[dict[str, float]]:
        """Return the stored weights of these terms in each document; one search for all of them."""
        rows, numbers = self.layers.rows_of(keys), self.numbers(terms)
        held = np.zeros((len(rows), len(terms)))
        starts = self.layers.starts
        for start, after, postings in zip(starts, starts[1:], self.postings(), strict=False):
            here = (rows >= start) & (rows < after)
            held[here] = postings.held_by(rows[here] - start, numbers)
        return [
            {terms[place]: float(weights[place]) for place in np.flatnonzero(weights).tolist()}
            for weights in held
        ]

    def numbers(self, terms: Sequence[str]) -> Rows:
        """Return the number of each term, shape (len(terms),); -1 for an unknown one."""
        return np.array([self.vocabulary.get(term, -1) for term in terms], np.int64)

    def postings(self) -> list[Postings]:
        """Return the postings of each layer."""
        return [layer.parts[self.name] for layer in self.layers]  # type: ignore[misc]

    def frequency(self, terms: Rows) -> Floats:
        """Return in how many live documents each term stands; a negative term stands in none."""
        total = np.zeros(len(terms))
        for layer, postings in zip(self.layers, self.postings(), strict=True):
            places = postings.places(terms)
            known = np.flatnonzero(places >= 0)
            held = places[known]
            total[known] += postings.start[held + 1] - postings.start[held]
            if len(layer.dead):
                total[known] -= [postings.dead(place, layer.dead) for place in held.tolist()]
        return total

    def _over(self, layers: Layers) -> Self:
        return type(self)(layers, self.name, self.vocabulary)


def _holding(postings: Postings, groups: Sequence[Rows], allowed: Mask) -> Mask:
    mask = allowed.copy()
    for group in groups:
        held = np.zeros(len(mask), bool)
        for place in postings.places(group):
            if place >= 0:
                held[postings.holders(place)] = True
        mask &= held
    return mask


class Bm25Scored:
    """One query's scores, brought to one scale for all queries.

    The sum is divided by √(ideal · :data:`USUAL_IDEAL`), where the ideal is the most that any
    document could reach, Σ weight · idf. Divided by the ideal itself, a long query would never
    score high, since no document holds all of its words; not divided, it would always. A query
    word that no document holds counts in the ideal, since what it asks for is not answered.
    """

    rounding = ROUNDING

    def __init__(self, index: Bm25Index, terms: Mapping[str, float], allowed: Set[str] | None):
        self._index = index
        self._terms = tuple(sorted(terms))
        self._numbers = index.numbers(self._terms)
        self._weights = self._ideal_shares(terms)
        self._allowed = allowed

    def _ideal_shares(self, terms: Mapping[str, float]) -> Floats:
        """Return weight · idf of each term over the divisor, shape (terms,)."""
        given = np.array([terms[term] for term in self._terms], dtype=np.float64)
        weights = given * idf(self._index.frequency(self._numbers), len(self._index))
        ideal = float(weights.sum())
        return weights / (ideal * USUAL_IDEAL) ** 0.5 if ideal > 0 else weights

    @property
    def layers(self) -> Layers:
        """The stack whose rows are scored."""
        return self._index.layers

    @cached_property
    def mask(self) -> Mask | None:
        """Which rows of the stack are allowed and alive, shape (rows,); None for all."""
        if self._allowed is None and not any(len(layer.dead) for layer in self.layers):
            return None
        return joined(self.layers.masks(self._allowed), bool)

    @cached_property
    def rows(self) -> Scores:
        """The score of every row of the stack, dead or alive, shape (rows,)."""
        scored = [
            held.score(self._numbers, self._weights, len(layer.keys))
            for layer, held in zip(self.layers, self._index.postings(), strict=True)
        ]
        return joined(scored, np.float32)

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best allowed keys with a score above zero."""
        return best_keys(self.layers, self.rows, self.mask, count)

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the score of each key, shape (len(keys),); 0 for a key that is not stored."""
        found = self.layers.rows_of(keys)
        if not len(self.rows):
            return np.zeros(len(keys))
        return np.where(found >= 0, self.rows[found], 0.0).astype(np.float64)

    def terms_of(self, key: str) -> dict[str, float]:
        """Return what each shared term adds to the score of ``key``; they sum to the score."""
        return self.terms_of_all([key])[0]

    def terms_of_all(self, keys: Sequence[str]) -> list[dict[str, float]]:
        """Return :meth:`terms_of` for each key; one search for all costs little more than for one."""
        unknown = [key for key in keys if key not in self._terms_of]
        if unknown:
            self._look_up(unknown)
        return [self._terms_of[key] for key in keys]

    def _look_up(self, keys: Sequence[str]) -> None:
        shares = dict(zip(self._terms, self._weights.tolist(), strict=True))
        for key, held in zip(keys, self._index.weights_of_all(keys, self._terms), strict=True):
            self._terms_of[key] = {term: weight * shares[term] for term, weight in held.items()}

    @cached_property
    def _terms_of(self) -> dict[str, dict[str, float]]:
        return {}


class ByRow(Protocol):
    """One query's scores of every row of a stack at once; within ``rounding`` of the exact ones."""

    rounding: float

    @property
    def layers(self) -> Layers:
        """The stack whose rows are scored."""

    @property
    def rows(self) -> Scores:
        """The score of every row, shape (rows,); of a row that is not allowed it says nothing."""

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the exact score of each key, shape (len(keys),); 0 for one that is not stored."""


class Part(NamedTuple):
    """A summand: scores up to ``floor`` count as nothing, 1 counts ``weight``."""

    scored: ByRow
    weight: float
    floor: float = 0.0

    def share(self, scores: Any) -> Any:
        """Return what the scores add to the sum."""
        above = np.maximum(scores - scores.dtype.type(self.floor), 0)
        return above * scores.dtype.type(self.weight / (1 - self.floor))


class Summed:
    """The weighted sum of several queries' scores over one stack; a :class:`matching.index.Scored`.

    Its best keys are those of the sum: one pass finds them, however much the legs disagree.
    """

    def __init__(self, parts: Sequence[Part], mask: Mask | None) -> None:
        self._parts = parts
        self._mask = mask

    @property
    def _rounding(self) -> float:
        return sum(part.weight / (1 - part.floor) * part.scored.rounding for part in self._parts)

    @cached_property
    def _rows(self) -> Scores:
        first, *others = self._parts
        total: Scores = first.share(first.scored.rows)
        for part in others:
            total += part.share(part.scored.rows)
        return total

    def top(self, count: int) -> Ranking:
        """Return the ``count`` best allowed keys with a sum above zero."""
        ranking = best_keys(self._parts[0].scored.layers, self._rows, self._mask, count)
        # Of sums that are nearly the same any may be exactly the higher one.
        return Ranking(ranking.keys, ranking.bound + 2 * self._rounding if ranking.bound > 0 else 0)

    def of(self, keys: Sequence[str]) -> Floats:
        """Return the sum for each key, shape (len(keys),); 0 for a key that is not stored."""
        shares = (part.share(part.scored.of(keys)) for part in self._parts)
        return sum(shares, np.zeros(len(keys)))


def best_keys(layers: Layers, scores: Scores, mask: Mask | None, count: int) -> Ranking:
    """Return the keys of the ``count`` highest scores above zero of the rows in ``mask``."""
    rows, bound = best(scores if mask is None else np.where(mask, scores, np.float32(0)), count)
    return Ranking(tuple(layers.keys_of(rows)), bound)


def best(scores: Scores, count: int) -> tuple[Rows, float]:
    """Return the places of the ``count`` highest scores above zero and the bound on the rest."""
    least = _reached(scores, count + 1)
    chosen = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    if len(chosen) <= count:
        return chosen, 0.0
    order = np.argpartition(-scores[chosen], count)
    return chosen[order[:count]], float(scores[chosen[order[count]]])


def _reached(scores: Scores, count: int) -> float:
    """Return a score that at least ``count`` entries reach, near the highest such; or 0.

    It is the ``count``-th highest of the maxima of blocks: a pass far cheaper than a partition.
    """
    block = min(512, len(scores) // (8 * count))
    if block < 8:
        return 0.0
    whole = len(scores) // block * block
    maxima = scores[:whole].reshape(-1, block).max(axis=1)
    return float(np.partition(maxima, len(maxima) - count)[len(maxima) - count])
