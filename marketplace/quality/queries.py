"""The figures of the evaluations, read from their file and never computed in a request."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching.history import read

#: The chart's square in its own units, and the room at its left and bottom for numbers.
SIDE = 240
MARGIN = 40


@dataclass(frozen=True)
class Point:
    """One tenth of the predictions on the chart: its place, its size, its facts."""

    x: float
    y: float
    radius: float
    facts: dict[str, Any]


def evaluations(path: Path) -> list[dict[str, Any]]:
    """Every evaluation in the file, the newest first."""
    return list(reversed(read(path)))


def chart(reliability: list[dict[str, Any]]) -> list[Point]:
    """The reliability diagram's points; the area of a point grows with its number of pairs."""
    most = max((row["pairs"] for row in reliability), default=1)
    return [
        Point(
            x=round(MARGIN + SIDE * row["predicted"], 1),
            y=round(SIDE * (1 - row["observed"]) + MARGIN / 2, 1),
            radius=round(3 + 5 * (row["pairs"] / most) ** 0.5, 1),
            facts=row,
        )
        for row in reliability
    ]
