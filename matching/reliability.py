"""Does a score mean what it says? Predicted probabilities beside what was observed.

A reliability diagram (Murphy & Winkler 1977) over bins of equal width; the expected calibration
error sums it up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from matching.index import Floats

BINS = 10


def reliability(predicted: Floats, observed: Floats) -> list[dict[str, Any]]:
    """Return, for each bin that holds pairs, its bounds, the means of both, and the pairs in it.

    Both arrays have shape (pairs,); ``predicted`` lies between 0 and 1, ``observed`` is 0 or 1.
    """
    places = np.minimum((predicted * BINS).astype(int), BINS - 1)
    lines = []
    for place in np.unique(places):
        inside = places == place
        lines.append(
            {
                "low": round(int(place) / BINS, 2),
                "high": round((int(place) + 1) / BINS, 2),
                "predicted": round(float(predicted[inside].mean()), 4),
                "observed": round(float(observed[inside].mean()), 4),
                "pairs": int(inside.sum()),
            }
        )
    return lines


def calibration_error(lines: list[dict[str, Any]]) -> float | None:
    """Return the expected calibration error: mean gap of the bins, weighted by their pairs."""
    pairs = sum(line["pairs"] for line in lines)
    gaps = sum(abs(line["predicted"] - line["observed"]) * line["pairs"] for line in lines)
    return round(gaps / pairs, 4) if pairs else None
