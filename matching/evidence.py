"""Which words and sentences speak for a hit: weighted by what they added to its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.document import Document, Hit, Parts, Sentence, SharedConcept, Side, Term
from matching.text import DOCUMENT_LIMIT, Normalised, normalise, split_sentences
from matching.thesaurus import Thesaurus

MOST_TERMS = 12
MOST_SENTENCES = 2

Names = Mapping[str, tuple[str, ...]]
"""Each concept with its names in one text."""


@dataclass(frozen=True)
class Passage:
    """A sentence of a document beside its normal form."""

    side: Side
    text: str
    form: Normalised
    start: int
    end: int

    @property
    def normal(self) -> str:
        """The sentence as it is compared."""
        return self.form.text


def passages(document: Document) -> tuple[Passage, ...]:
    """Return the title and the sentences of the text, with offsets in the original of each."""
    found: list[Passage] = []
    sides: tuple[tuple[Side, str], ...] = (("title", document.title), ("text", document.text))
    for side, original in sides:
        for start, end in split_sentences(original[:DOCUMENT_LIMIT]):
            text = original[start:end]
            found.append(Passage(side, text, normalise(text), start, end))
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


def names_in(thesaurus: Thesaurus, found: tuple[Passage, ...]) -> Names:
    """Return each concept that the passages mention, with its names there in order."""
    names: dict[str, dict[str, None]] = {}
    for passage in found:
        for mention in thesaurus.mentions(passage.normal):
            names.setdefault(mention.concept, {})[mention.name] = None
    return {concept: tuple(ways) for concept, ways in names.items()}


@dataclass(frozen=True)
class Evidence:
    """One side of a hit as evidence: its sentences, and the concepts that they name."""

    passages: tuple[Passage, ...]
    names: Names


@dataclass(frozen=True)
class Reasons:
    """What a query shares with one document: words and concepts, each with what it added."""

    query: Evidence
    document: Evidence
    words: Mapping[str, float]
    concepts: Mapping[str, float]

    def explained(self, key: str, parts: Parts, probability: float) -> Hit:
        """Return the hit with its terms, its concepts, and the sentences that hold them."""
        terms = shared_terms(self.words)
        concepts = self._shared_concepts()
        weights = {term.word: term.weight for term in terms}
        asked, answered = dict(weights), dict(weights)
        for concept in concepts:
            asked |= dict.fromkeys(concept.query_names, concept.weight)
            answered |= dict.fromkeys(concept.names, concept.weight)
        sentences = (
            evidence(self.query.passages, asked),
            evidence(self.document.passages, answered),
        )
        return Hit(key, probability, parts, terms, concepts, *sentences)

    def _shared_concepts(self) -> tuple[SharedConcept, ...]:
        """Return the concepts that added most and that both sides name, heaviest first."""
        ranked = sorted(self.concepts.items(), key=lambda pair: (-pair[1], pair[0]))
        heavy = [(concept, weight) for concept, weight in ranked[:MOST_TERMS] if weight > 0]
        asked, answered = self.query.names, self.document.names
        return tuple(
            SharedConcept(concept, asked[concept], answered[concept], round(weight, 6))
            for concept, weight in heavy
            if concept in asked and concept in answered
        )
