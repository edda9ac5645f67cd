"""The reasons for a hit, from the numbers that ranked it: one query against one document.

A text is read once (:class:`Reader` keeps what it has read): its sentences, its concepts by name,
its quantities, its points. :class:`Reasoning` is one query with all of that; it explains each hit
by its shared terms, compares numbers, answers points, and tries what the query leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from matching.advice import Absent, Advice, Candidate, Lack, absent, chosen, unsaid_properties
from matching.comparison import Comparison, Verdict, compare
from matching.counterfactual import Counts, HeldLegs, Offer, QueryLegs
from matching.document import Asks, Document, Hit, Parts
from matching.evidence import Evidence, Names, Passage, Reasons, names_in, passages
from matching.index import Vector
from matching.points import ANSWERED, Kind, Point, PointAnswer, indicator_points, split_points
from matching.properties import PropertyReader
from matching.quantities import Quantity
from matching.readings import quantities_of
from matching.recipe import Recipe
from matching.segmenter import Segmenter
from matching.thesaurus import Thesaurus

Encode = Callable[[Sequence[str]], Sequence[Vector | None]]
KEPT = 2_048
"""Read texts that are kept: a page shows the same documents again and again."""


@dataclass(frozen=True, eq=False)
class PointRead:
    """A point with the counts of its terms, and its vector where a leg would use it."""

    point: Point
    counts: Counts
    vector: Vector | None


@dataclass(frozen=True, eq=False)
class Reading:
    """A text read once; what is costly is read when it is first asked for."""

    document: Document
    reader: Reader

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The title and the sentences."""
        return passages(self.document)

    @cached_property
    def names(self) -> Names:
        """The concepts with their names in the text."""
        return names_in(self.reader.thesaurus, self.passages)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities of the text."""
        return quantities_of(self.document.text, self.passages)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """The points of the text: those numbered or listed, else the rows of its table."""
        rows = (one.start for one in self.quantities if one.in_table and one.asked)
        return split_points(self.document) or indicator_points(self.document.text, rows)

    @cached_property
    def read_points(self) -> list[PointRead]:
        """The points, each as a query of its own."""
        texts = [point.text for point in self.points]
        vectors = self.reader.encode(texts) if texts else ()
        counted = map(self.reader.terms_of, texts)
        return list(map(PointRead, self.points, counted, vectors))


class Reader:
    """Reads texts and properties by one segmenter and thesaurus; safe to share between threads.

    ``encode`` gives each text's unit vector as a query, None where no leg would use it.
    """

    def __init__(self, segmenter: Segmenter, thesaurus: Thesaurus, encode: Encode) -> None:
        self.segmenter = segmenter
        self.thesaurus = thesaurus
        self.encode = encode
        self.properties = PropertyReader(segmenter, thesaurus)
        self._kept = lru_cache(maxsize=KEPT)(self._read)
        self.terms_of_part = lru_cache(maxsize=4_096)(self.terms_of)

    def read(self, document: Document) -> Reading:
        """Return the reading of a document, kept by its title and text."""
        return self._kept(document.title, document.text)

    def _read(self, title: str, text: str) -> Reading:
        return Reading(Document("", title, text), self)

    def terms_of(self, text: str) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Return the counts of the (words, bigrams, concepts) of a text."""
        words, bigrams = self.segmenter.segment(text)
        return Counter(words), Counter(bigrams), self.thesaurus.counts(text)


@dataclass(frozen=True, eq=False)
class Reasoning:
    """One query, read, with all that explains its hits; ``offer`` is the query as an offer."""

    reader: Reader
    recipe: Recipe
    query: Reading
    legs: QueryLegs
    asks: Asks
    own_offer: Callable[[], Offer]

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of a query that asks."""
        return self.query.points if self.asks == "query" else ()

    @property
    def absent(self) -> tuple[Absent, ...]:
        """What a query that asks says nothing of."""
        if self.asks != "query":
            return ()
        normal = " ".join(passage.normal for passage in self.query.passages)
        return absent(normal, self.query.quantities)

    def explained(
        self,
        document: Document,
        parts: Parts,
        offer: Offer,
    ) -> Hit:
        """Return the hit with all its reasons; ``offer`` is the document as the index holds it."""
        found = self.reader.read(document)
        sides = (
            Evidence(self.query.passages, self.query.names),
            Evidence(found.passages, found.names),
        )
        probability = self.recipe.calibration.probability(parts.raw)
        held = self.legs.against(offer)
        reasons = Reasons(*sides, held.word_shares(), held.concept_shares())
        hit = reasons.explained(document.key, parts, probability)
        if self.asks == "neither":
            return hit
        comparisons = self._comparisons(found)
        return replace(
            hit,
            comparisons=comparisons,
            points=tuple(self._answers(found, offer, comparisons)),
            missing=self._missing(found, held, parts),
        )

    def _comparisons(self, found: Reading) -> tuple[Comparison, ...]:
        asking, offering = (self.query, found) if self.asks == "query" else (found, self.query)
        return compare(asking.quantities, offering.quantities, self.reader.properties)

    def _answers(
        self, found: Reading, offer: Offer, comparisons: tuple[Comparison, ...]
    ) -> Iterator[PointAnswer]:
        """Yield how well the other side answers each point; numbers decide."""
        by_query = self.asks == "query"
        asking = self._own_points if by_query else self._points_of(found)
        for read, legs in asking:
            score = self._point_score(read, legs, offer if by_query else self._own_offer)
            said = {one.verdict for one in comparisons if read.point.holds(one.asked)}
            yield PointAnswer(read.point, score, _is_answered(read.point, score, said))

    @cached_property
    def _own_offer(self) -> Offer:
        return self.own_offer()

    @cached_property
    def _own_points(self) -> list[tuple[PointRead, QueryLegs]]:
        return self._points_of(self.query)

    def _points_of(self, reading: Reading) -> list[tuple[PointRead, QueryLegs]]:
        """Return the points of a text, each with its legs as a query of its own."""
        return [(read, self.legs.of(read.counts)) for read in reading.read_points]

    def _point_score(self, read: PointRead, legs: QueryLegs, offer: Offer) -> float:
        """Return the raw score that a point has as a query of its own."""
        lexical = legs.against(offer).score()
        return round(lexical + offer.dense(read.vector, self.recipe.weights), 6)

    def _missing(self, found: Reading, held: HeldLegs, parts: Parts) -> tuple[Advice, ...]:
        if not any(concept in self.query.names for concept in found.names):
            return ()  # of different matters, perhaps: a word more would be no more than a word
        properties = self.reader.properties
        candidates = unsaid_properties(self.query.quantities, found.quantities, properties)
        candidates += self._unsaid_concepts(found, held)
        held.look_up([self.reader.terms_of_part(one.term) for one in candidates])
        now = held.score()
        tried = (self._tried(one, held, parts.raw, now) for one in candidates)
        return chosen(tried, self.recipe.calibration.probability(parts.raw))

    def _unsaid_concepts(self, found: Reading, held: HeldLegs) -> list[Candidate]:
        """Return the two heaviest concepts that the document names and the query does not."""
        unsaid = [concept for concept in found.names if concept not in self.query.names]
        weights = held.concepts.weights(unsaid)
        ranked = sorted(unsaid, key=lambda concept: (-weights.get(concept, 0.0), concept))
        return [Candidate(Lack.CONCEPT, found.names[concept][0]) for concept in ranked[:2]]

    def _tried(self, one: Candidate, held: HeldLegs, raw: float, now: float) -> Advice:
        raised = round(held.score(self.reader.terms_of_part(one.term)) - now, 6)
        score = self.recipe.calibration.probability(raw + raised)
        return Advice(one.lack, one.term, one.stated, raised, score)


def _is_answered(point: Point, score: float, said: set[Verdict]) -> bool:
    """Numbers that could be compared decide; without them the score does."""
    if Verdict.UNMET in said:
        return False
    only_met = said == {Verdict.MET}
    return only_met if point.kind is Kind.INDICATOR and said else only_met or score >= ANSWERED
