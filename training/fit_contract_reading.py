"""Fit the weights of the cues by which contracts are read, near the weights that the rules suggest.

A multinomial logistic regression whose penalty pulls each weight to its beginning in ``cues.toml``, not
to zero: with some hundred texts the data may correct a rule, never replace it. A weight that begins at
zero is held twice as firmly, so that a cue does not come to speak for what it has nothing to do with.

    python -m training.fit_contract_reading tests/contracts/reading/texts/tuning.jsonl

Each text is weighed three times: as it is, without what its title says, and, where it is no technical
contract, under the title 技术服务合同, which is the one that other contracts borrow.

prints the accuracy of five folds for several strengths and writes ``config/reading/weights.csv``.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from config import reading_data
from marketplace.contracts.reading.clauses import title_of
from marketplace.contracts.reading.cues import KINDS, NAMES, Kind, heard_in
from marketplace.contracts.reading.folding import Script
from marketplace.contracts.reading.kinds import BIAS, Scales

FOLDS, SEED = 5, 20261126
#: How firmly weights are held where they begin; the strength chosen by the folds of the tuning half.
STRENGTHS, CHOSEN = (0.3, 1.0, 3.0, 10.0), 1.0
#: The bias is free but for this much.
BIAS_STRENGTH = 0.3
BORROWED = "title_service"
OUTPUT = Path(__file__).parents[1] / "config" / "reading" / "weights.csv"


def features_of(scales: Scales, rows: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """``(texts × cues + bias)`` strengths, and the place of each text's kind."""
    places = {cue.name: place for place, cue in enumerate(scales.cues)}
    kinds = {name: kind for kind, name in NAMES.items()}
    x = np.zeros((len(rows), len(places) + 1))
    x[:, -1] = 1
    for line, row in enumerate(rows):
        script = Script(row["text"])
        heading = title_of(script, row["title"])
        title = Script(heading.value).flat.text if heading else ""
        for heard in heard_in(script, title, scales.cues):
            x[line, places[heard.cue.name]] = heard.strength
    y = np.array([KINDS.index(kinds.get(row["type"] or "", Kind.OTHER)) for row in rows])
    return x, y


def with_other_titles(
    scales: Scales, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The texts, the texts as if they had no title, and the other contracts under a borrowed one."""
    in_title = [place for place, cue in enumerate(scales.cues) if cue.in_title]
    service = next(place for place, cue in enumerate(scales.cues) if cue.name == BORROWED)
    bare = x.copy()
    bare[:, in_title] = 0
    other = y == KINDS.index(Kind.OTHER)
    borrowed = bare[other]
    borrowed[:, service] = 1
    return np.vstack([x, bare, borrowed]), np.concatenate([y, y, y[other]])


def fit(x: np.ndarray, y: np.ndarray, prior: np.ndarray, strength: float) -> np.ndarray:
    """Weights ``(cues + bias) × kinds`` that fit ``y`` and stay near ``prior``."""
    held = np.where(prior == 0, 2 * strength, strength)
    held[-1] = BIAS_STRENGTH
    truth = np.eye(len(KINDS))[y]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(prior.shape)
        away = weights - prior
        scores = x @ weights
        value = -(truth * log_softmax(scores, axis=1)).sum() + (held * away**2).sum() / 2
        slope = x.T @ (softmax(scores, axis=1) - truth) + held * away
        return value, slope.ravel()

    return minimize(loss, prior.ravel(), jac=True, method="L-BFGS-B").x.reshape(prior.shape)


def folded_accuracy(
    scales: Scales, x: np.ndarray, y: np.ndarray, prior: np.ndarray, *, strength: float
) -> float:
    """The share of texts that weights fitted without them get right."""
    order = np.random.default_rng(SEED).permutation(len(y))
    right = 0
    for fold in range(FOLDS):
        held_out = order[fold::FOLDS]
        rest = np.setdiff1d(order, held_out)
        weights = fit(*with_other_titles(scales, x[rest], y[rest]), prior, strength)
        right += int((np.argmax(x[held_out] @ weights, axis=1) == y[held_out]).sum())
    return right / len(y)


def write(path: Path, scales: Scales, weights: np.ndarray) -> None:
    """``weights.csv``: one row a cue, one column a kind, three decimals."""
    names = [*(cue.name for cue in scales.cues), BIAS]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["cue", *(kind.value for kind in KINDS)])
        for name, row in zip(names, weights, strict=True):
            table.writerow([name, *(f"{weight:.3f}" for weight in row)])


def main(paths: list[str]) -> None:
    """Fit on the texts of ``paths``."""
    lines = [line for path in paths for line in Path(path).read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines]
    scales = Scales.from_tables(reading_data()["cues"], [])
    prior = np.array([*(cue.prior for cue in scales.cues), (0.0,) * len(KINDS)])
    x, y = features_of(scales, rows)
    for strength in STRENGTHS:
        print(f"strength {strength}: {folded_accuracy(scales, x, y, prior, strength=strength):.3f}")
    begun = float((np.argmax(x @ prior, axis=1) == y).mean())
    weights = fit(*with_other_titles(scales, x, y), prior, CHOSEN)
    print(f"before {begun:.3f}, fitted {float((np.argmax(x @ weights, axis=1) == y).mean()):.3f}")
    write(OUTPUT, scales, weights)


if __name__ == "__main__":
    main(sys.argv[1:])
