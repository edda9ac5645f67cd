"""Everything that decides a ranking, as one frozen value with a digest.

The digest is stored with snapshots and with each match, so that a list shown last year can be
reproduced; a snapshot of another recipe is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

FORMAT = 4
"""Raised with every change of code that gives other rankings, or indexes, from the same values."""


class UnreadableRecipe(ValueError):
    """Raised for a text that is no recipe of this version."""


@dataclass(frozen=True)
class Calibration:
    """Logistic calibration (Platt 1999): P(grade ≥ 2) = 1 / (1 + exp(-(slope·raw + intercept)))."""

    slope: float = 35.1091
    intercept: float = -11.1697

    def probability(self, raw: float) -> float:
        """Return the probability that a pair of this raw score has a grade of 2 or more."""
        exponent = min(60.0, max(-60.0, -(self.slope * raw + self.intercept)))
        return round(1.0 / (1.0 + math.exp(exponent)), 6)


@dataclass(frozen=True)
class Weights:
    """What each leg's normalised score counts in the fused sum; ``dense_floor`` is cosine's zero.

    ``affinity`` says what a shared value of a facet adds (:mod:`matching.affinity`).
    """

    words: float = 0.5
    bigrams: float = 0.5
    dense: float = 0.4
    concepts: float = 0.15
    dense_floor: float = 0.0
    affinity: Mapping[str, float] = field(default_factory=lambda: {"field": 0.03, "mode": 0.02})


@dataclass(frozen=True)
class Bm25:
    """BM25F parameters (Robertson & Zaragoza 2009, section 3.6).

    The pivot lengths, in words, are fixed where the paper takes the collection's averages: a
    document's stored weights then do not change when others come and go.
    """

    k1: float = 1.2
    body_b: float = 0.6
    title_b: float = 0.3
    title_weight: float = 2.0
    body_length: float = 150.0
    title_length: float = 12.0


@dataclass(frozen=True)
class Recipe:
    """All weights and digests; an empty digest is filled in by the matcher.

    The weights are those of docs/decisions/0006; calibration and threshold are what ``python -m
    matching tune --keep-weights`` finds on the tuning part of the judged set beside this module.
    """

    weights: Weights = field(default_factory=Weights)
    bm25: Bm25 = field(default_factory=Bm25)
    calibration: Calibration = field(default_factory=Calibration)
    threshold: float = 0.437
    generic_weight: float = 0.2
    least_words: int = 2
    dictionary: str = ""
    thesaurus: str = ""
    encoder: str = ""

    def as_json(self) -> str:
        """Return the recipe as canonical JSON: sorted keys, no blanks."""
        values = asdict(self) | {"format": FORMAT}
        return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON."""
        return sha256(self.as_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """Read what :meth:`as_json` wrote; UnreadableRecipe where a value has another name."""
        parts: Mapping[str, type] = {"weights": Weights, "bm25": Bm25, "calibration": Calibration}
        try:
            values: dict[str, Any] = dict(json.loads(text))
            values.pop("format", None)
            for name, kind in parts.items():
                values[name] = kind(**values.get(name, {}))
            return cls(**values)
        except (ValueError, TypeError) as failure:
            raise UnreadableRecipe(f"no recipe of this version: {failure}") from failure


def recipe_without_model() -> Recipe:
    """The recipe where no encoder knows meaning: hashed n-grams only repeat the other legs."""
    weights = replace(Weights(), dense=0.0)
    return Recipe(weights=weights, calibration=Calibration(66.6012, -8.9827), threshold=0.124)
