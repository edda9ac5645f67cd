"""Which words and sentences speak for a hit: weighted by what they added to its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.document import Document, Hit, Parts, Sentence, SharedConcept, Side, Term
from matching.text import DOCUMENT_LIMIT, normalise, split_sentences
from matching.thesaurus import Thesaurus

MOST_TERMS = 12
MOST_SENTENCES = 2


@dataclass(frozen=True)
class Passage:
    """A sentence of a document beside its normal form."""

    side: Side
    text: str
    normal: str
    start: int
    end: int


def passages(document: Document) -> tuple[Passage, ...]:
    """Return the title and the sentences of the text, with offsets in the original of each."""
    found: list[Passage] = []
    sides: tuple[tuple[Side, str], ...] = (("title", document.title), ("text", document.text))
    for side, original in sides:
        for start, end in split_sentences(original[:DOCUMENT_LIMIT]):
            text = original[start:end]
            found.append(Passage(side, text, normalise(text).text, start, end))
    return tuple(found)


def shared_terms(contributions: Mapping[str, float]) -> tuple[Term, ...]:
    """Return the words that added most, heaviest first, ties by word."""
    rounded = [Term(word, round(weight, 6)) for word, weight in contributions.items()]
    ranked = sorted(rounded, key=lambda term: (-term.weight, term.word))
    return tuple(term for term in ranked[:MOST_TERMS] if term.weight > 0)


def evidence(found: tuple[Passage, ...], names: Mapping[str, float]) -> tuple[Sentence, ...]:
    """Return the sentences whose names weigh most, heaviest first, ties by place."""
    weighed = [Sentence(at.text, at.start, at.end, _weight(at, names), at.side) for at in found]
    ranked = sorted(weighed, key=lambda sentence: -sentence.score)
    return tuple(sentence for sentence in ranked[:MOST_SENTENCES] if sentence.score > 0)


def _weight(passage: Passage, names: Mapping[str, float]) -> float:
    return round(sum(weight for name, weight in names.items() if name in passage.normal), 6)


@dataclass(frozen=True)
class Reasons:
    """What a query shares with one document: words and concepts, each with what it added."""

    query: tuple[Passage, ...]
    words: Mapping[str, float]
    concepts: Mapping[str, float]
    thesaurus: Thesaurus

    def explained(self, document: Document, parts: Parts, probability: float) -> Hit:
        """Return the hit with its terms, its concepts, and the sentences that hold them."""
        found = passages(document)
        terms = shared_terms(self.words)
        concepts = self._shared_concepts(found)
        weights = {term.word: term.weight for term in terms}
        asked, answered = dict(weights), dict(weights)
        for concept in concepts:
            asked |= dict.fromkeys(concept.query_names, concept.weight)
            answered |= dict.fromkeys(concept.names, concept.weight)
        sentences = evidence(self.query, asked), evidence(found, answered)
        return Hit(document.key, probability, parts, terms, concepts, *sentences)

    def _shared_concepts(self, found: tuple[Passage, ...]) -> tuple[SharedConcept, ...]:
        """Return the concepts that added most and that both sides name, heaviest first."""
        ranked = sorted(self.concepts.items(), key=lambda pair: (-pair[1], pair[0]))
        heavy = [(concept, weight) for concept, weight in ranked[:MOST_TERMS] if weight > 0]
        if not heavy:
            return ()
        asked, answered = self._names_in(self.query), self._names_in(found)
        return tuple(
            SharedConcept(concept, asked[concept], answered[concept], round(weight, 6))
            for concept, weight in heavy
            if concept in asked and concept in answered
        )

    def _names_in(self, found: tuple[Passage, ...]) -> dict[str, tuple[str, ...]]:
        names: dict[str, dict[str, None]] = {}
        for passage in found:
            for mention in self.thesaurus.mentions(passage.normal):
                names.setdefault(mention.concept, {})[mention.name] = None
        return {concept: tuple(ways) for concept, ways in names.items()}
