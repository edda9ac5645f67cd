"""The reasons for a hit as plain facts, for programs: JSON of the command line."""

from dataclasses import asdict
from typing import Any

from matching import Comparison, Hit, PointAnswer, Quantity


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
