"""The reasons for a hit as plain facts, for programs: JSON of the command line."""

from dataclasses import asdict
from typing import Any

from matching import Comparison, Hit, PointAnswer, Quantity

#: So many shared concepts are kept with an introduction; the first weigh most.
MOST_CONCEPTS = 10


def facts_of(hit: Hit) -> dict[str, Any]:
    """Score, parts, and everything that speaks for or against a hit; all of it fits JSON."""
    return {
        "score": hit.score,
        "parts": asdict(hit.parts),
        "terms": [term.word for term in hit.terms],
        "concepts": [asdict(concept) for concept in hit.concepts],
        "sentences": [sentence.text for sentence in hit.sentences],
        "query_sentences": [sentence.text for sentence in hit.query_sentences],
        "comparisons": [_comparison(one) for one in hit.comparisons],
        "points": [_point(one) for one in hit.points],
        "missing": [asdict(one) for one in hit.missing],
    }


def codes_of(hit: Hit) -> list[str]:
    """Why a pair was shown, as codes that can be counted: the legs, concepts, numbers and points."""
    parts = [f"part:{name}" for name, weight in asdict(hit.parts).items() if weight > 0]
    concepts = [f"concept:{one.concept}" for one in hit.concepts[:MOST_CONCEPTS]]
    numbers = sorted({f"number:{one.verdict}" for one in hit.comparisons})
    points = ["point:answered"] if any(one.answered for one in hit.points) else []
    return [*parts, *concepts, *numbers, *points]


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "name": one.name,
        "asked": _quantity(one.asked),
        "offered": _quantity(one.offered),
        "verdict": one.verdict,
    }


def _quantity(one: Quantity) -> dict[str, Any]:
    return {"text": one.shown, "side": one.side, "start": one.start, "end": one.end}


def _point(one: PointAnswer) -> dict[str, Any]:
    return asdict(one.point) | {"score": one.score, "answered": one.answered}
