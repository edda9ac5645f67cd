"""Which words and sentences speak for a hit: weighted by what they added to its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.document import Document, Hit, Parts, Sentence, Side, Term
from matching.text import DOCUMENT_LIMIT, normalise, split_sentences

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


def evidence(found: tuple[Passage, ...], terms: tuple[Term, ...]) -> tuple[Sentence, ...]:
    """Return the sentences whose shared words weigh most, heaviest first, ties by place."""
    weighed = [Sentence(at.text, at.start, at.end, _weight(at, terms), at.side) for at in found]
    ranked = sorted(weighed, key=lambda sentence: -sentence.score)
    return tuple(sentence for sentence in ranked[:MOST_SENTENCES] if sentence.score > 0)


def _weight(passage: Passage, terms: tuple[Term, ...]) -> float:
    return round(sum(term.weight for term in terms if term.word in passage.normal), 6)


def explained(
    document: Document,
    query: tuple[Passage, ...],
    parts: Parts,
    probability: float,
    contributions: Mapping[str, float],
) -> Hit:
    """Return the hit with its terms and the sentences on both sides that hold them."""
    terms = shared_terms(contributions)
    sentences = evidence(passages(document), terms)
    return Hit(document.key, probability, parts, terms, evidence(query, terms), sentences)
