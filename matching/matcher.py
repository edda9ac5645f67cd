"""The matcher: documents in, ranked and explained hits out.

Many threads may read while one writes: a read takes one immutable state and keeps it; a write
builds the next state beside it and swaps it in. Nothing heavy is loaded before it is needed: the
tokenizer at the first text, the encoder's model at the first text that no stored vector answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from threading import Lock

from matching.affinity import RERANKED, affinity
from matching.counterfactual import Leg, Offer, QueryLegs, Stored, stored_of
from matching.document import Asks, Document, Hit, Matches, Parts, SearchHits
from matching.encoder import Encoder
from matching.filters import Facets, Where
from matching.fusion import Legs, fuse, order
from matching.index import Vector
from matching.layers import Selection
from matching.lexical import Fields, term_weights
from matching.reasons import Reader, Reasoning
from matching.recipe import Recipe, Weights
from matching.segmenter import Segmenter, weigh_query
from matching.state import Reading, State
from matching.text import DOCUMENT_LIMIT, QUERY_LIMIT, normalise
from matching.thesaurus import Thesaurus
from matching.vectors import Matrix

ENCODED_CHARACTERS = 1_000
"""Characters of title and text that an encoder is given."""


class RecipeMismatch(ValueError):
    """Raised by a matcher whose recipe names another dictionary, thesaurus or encoder than it has."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A query read once: its legs over one state, and what explains its hits."""

    state: State
    legs: Legs
    reasoning: Reasoning
    enough_text: bool


class Matcher:
    """Ranks documents for a document (:meth:`match`) or for typed words (:meth:`search`)."""

    def __init__(
        self,
        recipe: Recipe,
        segmenter: Segmenter,
        encoder: Encoder | None = None,
        thesaurus: Thesaurus | None = None,
    ) -> None:
        """Take a recipe, whose empty digests are filled in; RecipeMismatch where one differs."""
        self.thesaurus = thesaurus or Thesaurus(())
        self.recipe = _completed(recipe, segmenter, encoder, self.thesaurus)
        self.segmenter = segmenter
        self.encoder = encoder
        self.reader = Reader(segmenter, self.thesaurus, self._encoded_points)
        self._state = State()
        self._writing = Lock()

    @property
    def state(self) -> State:
        """The immutable state of this moment; for snapshots."""
        return self._state

    def restore(self, state: State) -> None:
        """Take over a state that was built by this recipe; for snapshots."""
        with self._writing:
            self._state = state

    @property
    def index_digest(self) -> str:
        """The documents of this moment as one number, in 64 hexadecimal digits."""
        return f"{self._state.fingerprint:064x}"

    def with_weights(self, weights: Weights) -> Matcher:
        """Return a matcher over the same state that fuses by other weights; for evaluation."""
        recipe = replace(self.recipe, weights=weights)
        other = Matcher(recipe, self.segmenter, self.encoder, self.thesaurus)
        other.restore(self._state)
        return other

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._state.documents)

    def __contains__(self, key: object) -> bool:
        """Tell whether a document is stored under ``key``."""
        return key in self._state.documents

    def revisions(self) -> dict[str, int]:
        """Return the stored revision of every key."""
        return self._state.documents.revisions()

    def facets(self, key: str) -> Facets:
        """Return the facets of ``key``; KeyError if it is not stored."""
        return self._state.documents.facets(key)

    def vector(self, key: str) -> Vector | None:
        """Return the stored unit vector of ``key``, shape (dim,), or None."""
        return self._state.vectors.vector(key)

    def asking_vector(self, key: str) -> Vector | None:
        """Return the vector of ``key`` as a query; None where it has to be encoded as one."""
        alike = self.encoder is None or self.encoder.symmetric
        return self.vector(key) if alike else None

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents or replace those of the same key; of two in one call the last counts."""
        new = {document.key: document for document in documents}
        if not new:
            return
        listed = list(new.values())
        readings = [self.read(document) for document in listed]
        vectors = self.encode(listed)
        with self._writing:
            self._state = self._state.put(listed, readings, vectors, self.recipe.bm25)

    def remove(self, keys: Collection[str]) -> None:
        """Forget these keys; unknown keys are ignored."""
        with self._writing:
            self._state = self._state.without(frozenset(keys))

    def match(
        self,
        query: Document,
        *,
        k: int = 20,
        where: Where | None = None,
        keys: Collection[str] | None = None,
        exclude: Collection[str] = (),
        vector: Vector | None = None,
        asks: Asks = "query",
    ) -> Matches:
        """Return the ``k`` best explained hits; ``enough_text`` is False where there is too little.

        ``where`` asks for one value of each facet, ``keys`` for a subset; ``vector`` stands in for
        encoding the query; ``asks`` says which side wants what the other may have. Of the query's
        text the first ``QUERY_LIMIT`` characters are read.
        """
        prepared = self._prepared(query, where, keys, vector, asks)
        reasoning = prepared.reasoning
        if not prepared.enough_text:
            return Matches((), enough_text=False, absent=reasoning.absent)
        ranked = self._ranked(prepared, query, k, exclude)
        hits = self._hits(prepared, ranked)
        suitable = bool(hits) and hits[0].score >= self.recipe.threshold
        return Matches(hits, True, suitable, reasoning.points, reasoning.absent)

    def rank(
        self,
        query: Document,
        *,
        k: int = 20,
        where: Where | None = None,
        vector: Vector | None = None,
        however_short: bool = False,
    ) -> list[tuple[str, float]]:
        """Return keys and scores of the ``k`` best as :meth:`match` does, without the reasons.

        ``however_short`` ranks for a text that says too little to judge, too.
        """
        least = 0 if however_short else self.recipe.least_words
        prepared = self._prepared(query, where, None, vector, least_words=least)
        found = self._ranked(prepared, query, k, ()) if prepared.enough_text else []
        return [(key, self.recipe.calibration.probability(parts.raw)) for key, parts in found]

    def explain(
        self, query: Document, key: str, *, vector: Vector | None = None, asks: Asks = "query"
    ) -> Hit:
        """Return the hit that ``key`` is for ``query``, however low; KeyError if it is not stored."""
        prepared = self._prepared(query, None, None, vector, asks)
        if key not in prepared.state.documents:
            raise KeyError(key)
        found = [(key, prepared.legs.parts([key])[0])]
        return self._hits(prepared, self._with_affinity(prepared, query, found))[0]

    def legs(self, query: Document, *, vector: Vector | None = None) -> Legs:
        """Return the legs of a query over all documents; for tuning."""
        return self._prepared(query, None, None, vector).legs

    def search(
        self,
        text: str,
        *,
        k: int = 1000,
        where: Where | None = None,
        keys: Collection[str] | None = None,
    ) -> SearchHits:
        """Return the keys for typed words, best first, by the lexical legs alone.

        Where any allowed document holds all the words, only those that do are returned
        (``complete``); otherwise those that hold some. With ``keys`` only these are looked at. No
        encoder is used.
        """
        state = self._state
        allowed = state.facets.allowed(where, keys)
        normal = normalise(text[:QUERY_LIMIT]).text
        words = {token.word for token in self.segmenter.tokens(normal, search_mode=False)}
        if not words or k < 1:
            return SearchHits((), (), complete=False)
        full = reduce(and_, (self._holding(word, state, allowed) for word in sorted(words)))
        legs = self._typed_legs(text[:QUERY_LIMIT], state, full or allowed)
        ranked = [(key, parts.raw) for key, parts in fuse(legs, k)]
        if len(ranked) < min(k, len(full)):
            rest = sorted(full - {key for key, _ in ranked})
            ranked += [(key, 0.0) for key in rest[: k - len(ranked)]]
        found = tuple(key for key, _ in ranked), tuple(score for _, score in ranked)
        return SearchHits(*found, complete=bool(full))

    def keys(self, where: Where) -> list[str]:
        """Return the keys of the documents that hold one value of every facet asked for."""
        return list(self._state.facets.allowed(where) or ())

    def counts(
        self, facet: str, where: Where | None = None, keys: Collection[str] | None = None
    ) -> dict[str, int]:
        """Return how many of the documents asked for hold each value of ``facet``."""
        facets = self._state.facets
        return facets.counts(facet, facets.allowed(where, keys))

    def read(self, document: Document) -> Reading:
        """Return the terms of a document's title and text, as they are indexed."""
        title, body = document.title[:DOCUMENT_LIMIT], document.text[:DOCUMENT_LIMIT]
        in_title, in_body = self.segmenter.segment(title), self.segmenter.segment(body)
        words, bigrams = map(Fields, in_title, in_body)
        named, told = self.thesaurus.named(title), self.thesaurus.named(body)
        above, below = self.thesaurus.with_broader(named), self.thesaurus.with_broader(told)
        counts = [*above.values(), *below.values()]
        concepts = Fields(list(above), list(below), counts)
        return Reading(words, bigrams, concepts, frozenset({*named, *told}))

    def encode(self, documents: Sequence[Document]) -> Matrix | None:
        """Return the unit vectors of the documents, shape (documents, dim), if there is an encoder."""
        if self.encoder is None:
            return None
        return self.encoder.encode([self._encoder_text(one) for one in documents], query=False)

    def _encoder_text(self, document: Document) -> str:
        return self._encoder_form(f"{document.title}\n{document.text}")

    def _encoder_form(self, text: str) -> str:
        normal = normalise(text[: 2 * ENCODED_CHARACTERS]).text
        if self.encoder is not None and self.encoder.adds_words:
            return self.segmenter.telling_part(normal)[:ENCODED_CHARACTERS]
        return " ".join(self.segmenter.blank_stock_phrases(normal).split())[:ENCODED_CHARACTERS]

    def _query_vector(self, query: Document, given: Vector | None) -> Vector | None:
        if given is not None or self.encoder is None or not self.recipe.weights.dense:
            return given
        vector: Vector = self.encoder.encode([self._encoder_text(query)], query=True)[0]
        return vector

    def _prepared(
        self,
        query: Document,
        where: Where | None,
        keys: Collection[str] | None,
        vector: Vector | None,
        asks: Asks = "neither",
        *,
        least_words: int | None = None,
    ) -> Prepared:
        """Read the query once, over the state of this moment."""
        state = self._state
        read = replace(query, title=query.title[:QUERY_LIMIT], text=query.text[:QUERY_LIMIT])
        text = f"{read.title}\n{read.text}"
        legs_of = self._query_legs(text, state)
        words, bigrams, concepts = (leg.weights for leg in legs_of)
        least = self.recipe.least_words if least_words is None else least_words
        enough = len(self._telling(words)) >= least
        allowed = state.facets.allowed(where, keys)
        encoded = self._query_vector(read, vector) if enough and len(state.vectors) else None
        # The scan of the vectors goes on in another thread while the lexical legs are scored here.
        dense = None if encoded is None else state.vectors.query(encoded, allowed)
        lexical = state.words.query(words, allowed), state.bigrams.query(bigrams, allowed)
        named = state.concepts.query(concepts, allowed)
        legs = Legs.weighted(self.recipe.weights, *lexical, dense, named)
        reasoning = Reasoning(
            reader=self.reader,
            recipe=self.recipe,
            query=self.reader.read(read),
            legs=QueryLegs(*legs_of, self.recipe.weights),
            asks=asks,
            own_offer=lambda: self._offer_of(read, encoded),
        )
        return Prepared(state, legs, reasoning, enough)

    def _query_legs(self, text: str, state: State) -> tuple[Leg, Leg, Leg]:
        """Return the (words, bigrams, concepts) of a query with how they are weighed."""
        words, bigrams, concepts = self.reader.terms_of(text)
        return (
            Leg(state.words, words, self._weigh),
            Leg(state.bigrams, bigrams, self._weigh),
            Leg(state.concepts, concepts, self._weigh),
        )

    def _encoded_points(self, texts: Sequence[str]) -> Sequence[Vector | None]:
        """Return the unit vector of each point as a query; None where no leg would use it."""
        if self.encoder is None or not self.recipe.weights.dense:
            return [None] * len(texts)
        return list(self.encoder.encode([self._encoder_form(one) for one in texts], query=True))

    def _offer_of(self, document: Document, vector: Vector | None) -> Offer:
        """Return a document that is not in the index as if it were."""
        title, body = map(self.reader.terms_of, (document.title, document.text))
        words, bigrams, concepts = (
            _getter(term_weights(in_title, in_body, self.recipe.bm25))
            for in_title, in_body in zip(title, body, strict=True)
        )
        return Offer((words, bigrams, concepts), vector)

    def _weigh(self, counts: Mapping[str, float]) -> dict[str, float]:
        return weigh_query(counts, self.segmenter, self.recipe.generic_weight)

    def _query_terms(self, text: str) -> tuple[dict[str, float], dict[str, float]]:
        """Return the weighted (words, bigrams) of a query; bigrams of generic words weigh less."""
        words, bigrams = map(Counter, self.segmenter.segment(text))
        return self._weigh(words), self._weigh(bigrams)

    def _telling(self, words: Iterable[str]) -> set[str]:
        """Return the words that say something: not generic, not a number, not a lone character."""
        return {word for word in words if len(word) > 1 and not self.segmenter.says_little(word)}

    def _ranked(
        self, prepared: Prepared, query: Document, k: int, exclude: Collection[str]
    ) -> list[tuple[str, Parts]]:
        """Return the ``k`` best by all that counts; facets move the first :data:`RERANKED` only."""
        by_facets = self.recipe.weights.affinity.keys() & query.facets.keys()
        found = fuse(prepared.legs, max(k, RERANKED) if by_facets else k, exclude)
        first = self._with_affinity(prepared, query, found[:RERANKED])
        return [*sorted(first, key=order), *found[RERANKED:]][:k]

    def _with_affinity(
        self, prepared: Prepared, query: Document, found: Sequence[tuple[str, Parts]]
    ) -> list[tuple[str, Parts]]:
        weights, facets = self.recipe.weights.affinity, prepared.state.documents.facets
        if not weights.keys() & query.facets.keys():
            return list(found)
        return [
            (key, replace(parts, affinity=affinity(query.facets, facets(key), weights)))
            for key, parts in found
        ]

    def _hits(self, prepared: Prepared, ranked: Sequence[tuple[str, Parts]]) -> tuple[Hit, ...]:
        """Return the explained hits; what they share with the query is looked up at once."""
        state, keys = prepared.state, [key for key, _ in ranked]
        legs = [stored_of(leg, keys) for leg in prepared.reasoning.legs.lexical()]
        offers = (
            Offer((words, bigrams, concepts), state.vectors.vector(key))
            for key, words, bigrams, concepts in zip(keys, *legs, strict=True)
        )
        return tuple(
            prepared.reasoning.explained(state.documents[key], parts, offer)
            for (key, parts), offer in zip(ranked, offers, strict=True)
        )

    def _holding(self, word: str, state: State, allowed: Set[str] | None) -> Selection:
        """Return the keys whose text holds ``word``, also inside a longer word."""
        if len(word) == 1:
            return state.words.holding_all([state.words.terms_with(word)], allowed)
        inside = [[bigram] for bigram in self.segmenter.bigrams(word)]
        found = state.words.holding_all([[word]], allowed)
        return found | state.bigrams.holding_all(inside, allowed) if inside else found

    def _typed_legs(self, text: str, state: State, allowed: Set[str] | None) -> Legs:
        words, bigrams = self._query_terms(text)
        weights = Weights(words=0.5, bigrams=0.5, dense=0.0)
        scored = state.words.query(words, allowed), state.bigrams.query(bigrams, allowed)
        return Legs.weighted(weights, *scored, None)


def _getter(weights: Mapping[str, float]) -> Stored:
    return lambda terms: {term: weights[term] for term in terms if term in weights}


def _completed(
    recipe: Recipe, segmenter: Segmenter, encoder: Encoder | None, thesaurus: Thesaurus
) -> Recipe:
    """Return the recipe with its digests filled in; RecipeMismatch where one is of another."""
    if recipe.dictionary not in {"", segmenter.digest}:
        raise RecipeMismatch("the recipe was made with another dictionary: rebuild the index")
    if recipe.thesaurus not in {"", thesaurus.digest}:
        raise RecipeMismatch("the recipe was made with another thesaurus: rebuild the index")
    if encoder is not None and recipe.encoder not in {"", encoder.digest}:
        raise RecipeMismatch("the recipe was made with another encoder: rebuild the index")
    digest = encoder.digest if encoder is not None else recipe.encoder
    return replace(recipe, dictionary=segmenter.digest, encoder=digest, thesaurus=thesaurus.digest)
