"""How well quantities are read: precision and recall over labelled sentences.

Each line of the file is {"text", "quantities": [{"name", "low", "high", "unit"}]}. A quantity that
was read is right if its bounds and dimension are those of a label and it names the label's
property; a label without a name asks for none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from matching.document import Document
from matching.evidence import passages
from matching.quantities import Quantity
from matching.readings import quantities_of
from matching.text import normalise
from matching.units import unit_of

_FORMS = {"℃": "°C"}


@dataclass(frozen=True)
class Figures:
    """What was read against what was labelled, and the differences as lines."""

    right: int
    read: int
    labelled: int
    sentences: int
    differences: tuple[str, ...]

    @property
    def precision(self) -> float:
        """The share of what was read that is right."""
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """The share of the labels that were read."""
        return self.right / self.labelled if self.labelled else 1.0


def measure(path: Path) -> Figures:
    """Read the sentences of a labelled file; ValueError where a label's unit is unknown."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right = read = labelled = 0
    differences: list[str] = []
    for line in lines:
        found, labels = _read(line["text"]), [_label(one) for one in line["quantities"]]
        missed = [label for label in labels if not any(_fits(one, label) for one in found)]
        wrong = [one for one in found if not any(_fits(one, label) for label in labels)]
        right += len(found) - len(wrong)
        read, labelled = read + len(found), labelled + len(labels)
        differences += _differences(line["text"], wrong, missed)
    return Figures(right, read, labelled, len(lines), tuple(differences))


def _read(text: str) -> tuple[Quantity, ...]:
    return quantities_of(text, passages(Document("", "", text)))


def _label(given: Mapping[str, Any]) -> dict[str, Any]:
    unit = unit_of(_FORMS.get(given["unit"], given["unit"]))
    if unit is None:
        raise ValueError(f"unknown unit in a label: {given['unit']}")
    ends = {
        end: None if given[end] is None else Fraction(given[end]) * unit.factor
        for end in ("low", "high")
    }
    return {**ends, "dimension": unit.dimension, "name": normalise(given["name"]).text}


def _fits(one: Quantity, label: Mapping[str, Any]) -> bool:
    same = (one.low, one.high, one.dimension) == (label["low"], label["high"], label["dimension"])
    return same and label["name"] in normalise(one.name).text


def _differences(text: str, wrong: list[Quantity], missed: list[dict[str, Any]]) -> Iterator[str]:
    for one in wrong:
        yield f"+ {text} → {one.name} {one.text}"
    for label in missed:
        yield f"- {text} → {label['name']} {label['low']}..{label['high']} {label['dimension']}"
