"""Fit the two views by which contracts are read: the weights of the cues, and those of the wording.

Both are multinomial logistic regressions in which the kinds weigh alike, however many texts each has.
The penalty of the cues pulls each weight to its beginning in ``cues.toml``, not to zero: with some
hundred texts the data may correct a rule, never replace it. A weight that begins at zero is held twice
as firmly, so that a cue does not come to speak for what it has nothing to do with.

    python -m training.fit_contract_reading tests/contracts/reading/texts/*tuning*.jsonl

Each text's cues are weighed three times: as they are, without what its title says, and, where it is no
technical contract, under the title 技术服务合同, which is the one that other contracts borrow.

Each file is one author's. Prints how many texts of each the two views and their sum get right when
fitted on the other authors alone, and writes ``weights.csv`` and ``wording.csv`` to ``config/reading``.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
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
from marketplace.contracts.reading.wording import RARITY, places_of, strengths_of

#: How firmly weights are held where they begin, for the cues and for the wording.
CUE_STRENGTH, PIECE_STRENGTH = 3.0, 0.06
#: The bias is free but for this much.
BIAS_STRENGTH = 0.3
#: Cues are sure of themselves, being fitted where they were written: their sum counts so much.
CUE_SHARE = 0.25
#: A piece that fewer texts have is chance.
LEAST_TEXTS = 5
BORROWED = "title_service"
SEED = 20261126
#: Each text is weighed a second time among such clauses, so that boilerplate tells nothing.
COMMON = Path(__file__).with_name("common_clauses.txt")
FOLDER = Path(__file__).parents[1] / "config" / "reading"


@dataclass(frozen=True)
class Author:
    """One author's texts: strengths of cues ``(texts × cues + bias)``, pieces, and places of kinds."""

    name: str
    cues: np.ndarray
    pieces: Sequence[Counter[str]]
    kinds: np.ndarray


def author_of(path: Path, scales: Scales, clauses: Sequence[str] = ()) -> Author:
    """The texts of one file, each with some of the clauses that every contract may have."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    chance = np.random.default_rng(SEED)
    for row in rows:
        row["text"] = "\n".join([row["text"], *chance.permutation(clauses)[: len(clauses) // 2]])
    kinds = {name: kind for kind, name in NAMES.items()}
    y = np.array([KINDS.index(kinds.get(row["type"] or "", Kind.OTHER)) for row in rows])
    papers = [paper_of(row) for row in rows]
    pieces = [Counter(piece for _start, piece in places_of(*paper)) for paper in papers]
    return Author(path.stem, cues_of(scales, papers), pieces, y)


def paper_of(row: Mapping[str, Any]) -> tuple[Script, str]:
    """A text and its folded title, as the reading finds it."""
    script = Script(row["text"])
    heading = title_of(script, row["title"])
    return script, Script(heading.value).flat.text if heading else ""


def cues_of(scales: Scales, papers: Sequence[tuple[Script, str]]) -> np.ndarray:
    """``(texts × cues + bias)`` strengths."""
    places = {cue.name: place for place, cue in enumerate(scales.cues)}
    x = np.zeros((len(papers), len(places) + 1))
    x[:, -1] = 1
    for line, (script, title) in enumerate(papers):
        for heard in heard_in(script, title, scales.cues):
            x[line, places[heard.cue.name]] = heard.strength
    return x


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


def rarity_of(pieces: Sequence[Counter[str]]) -> dict[str, float]:
    """The rarity of each piece that enough texts have: 1 for what all have, more for the rarer."""
    texts = Counter(piece for counts in pieces for piece in counts)
    return {
        piece: 1 + log((1 + len(pieces)) / (1 + n))
        for piece, n in sorted(texts.items())
        if n >= LEAST_TEXTS
    }


def strengths(pieces: Sequence[Counter[str]], rarity: Mapping[str, float]) -> np.ndarray:
    """``(texts × pieces + bias)`` strengths."""
    places = {piece: place for place, piece in enumerate(rarity)}
    x = np.zeros((len(pieces), len(places) + 1))
    x[:, -1] = 1
    for line, counts in enumerate(pieces):
        for piece, strength in strengths_of(counts, rarity).items():
            x[line, places[piece]] = strength
    return x


def fit(x: np.ndarray, y: np.ndarray, prior: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Weights ``(features × kinds)`` that fit ``y``, kinds weighing alike, and stay near ``prior``."""
    truth = np.eye(len(KINDS))[y]
    counts = np.bincount(y, minlength=len(KINDS))
    worth = (len(y) / len(KINDS) / np.maximum(counts, 1))[y][:, None]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(prior.shape)
        away = weights - prior
        scores = x @ weights
        value = -(worth * truth * log_softmax(scores, axis=1)).sum() + (held * away**2).sum() / 2
        slope = x.T @ (worth * (softmax(scores, axis=1) - truth)) + held * away
        return value, slope.ravel()

    return minimize(loss, prior.ravel(), jac=True, method="L-BFGS-B").x.reshape(prior.shape)


def fit_cues(scales: Scales, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights ``(cues + bias × kinds)`` near the ones that the rules suggest, at their share."""
    prior = np.array([*(cue.prior for cue in scales.cues), (0.0,) * len(KINDS)])
    held = np.where(prior == 0, 2 * CUE_STRENGTH, CUE_STRENGTH)
    held[-1] = BIAS_STRENGTH
    return CUE_SHARE * fit(*with_other_titles(scales, x, y), prior, held)


def fit_pieces(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights ``(pieces + bias × kinds)`` near zero."""
    held = np.full((x.shape[1], len(KINDS)), PIECE_STRENGTH)
    held[-1] = 0
    return fit(x, y, np.zeros(held.shape), held)


def leave_out(scales: Scales, rest: Sequence[Author], left: Author) -> dict[str, int]:
    """How many of an author's texts each view gets right, fitted on the other authors alone."""
    y = np.concatenate([author.kinds for author in rest])
    pieces = [counts for author in rest for counts in author.pieces]
    rarity = rarity_of(pieces)
    by_cues = left.cues @ fit_cues(scales, np.vstack([author.cues for author in rest]), y)
    weights = fit_pieces(strengths(pieces, rarity), y)
    by_wording = strengths(left.pieces, rarity) @ weights
    views = {"cues": by_cues, "wording": by_wording, "both": by_cues + by_wording}
    return {name: int((s.argmax(axis=1) == left.kinds).sum()) for name, s in views.items()}


def write(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table of ``config/reading``: the key of each row, then numbers of three decimals."""
    with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*head, *(kind.value for kind in KINDS)])
        for key, *numbers in rows:
            table.writerow([key, *(f"{number:.3f}" for number in numbers)])


def main(paths: list[str]) -> None:
    """Fit on the texts of ``paths``, one file an author."""
    scales = Scales.from_tables(reading_data()["cues"], [], [])
    clauses = COMMON.read_text("utf-8").splitlines()
    authors = [author_of(Path(path), scales, given) for path in paths for given in ((), clauses)]
    for author in authors if len(paths) > 1 else []:
        rest = [one for one in authors if one.name != author.name]
        print(author.name, len(author.kinds), leave_out(scales, rest, author))
    y = np.concatenate([author.kinds for author in authors])
    cues = fit_cues(scales, np.vstack([author.cues for author in authors]), y)
    names = [*(cue.name for cue in scales.cues), BIAS]
    write("weights", ["cue"], ((name, *row) for name, row in zip(names, cues, strict=True)))
    pieces = [counts for author in authors for counts in author.pieces]
    rarity = rarity_of(pieces) | {BIAS: 1.0}
    weights = fit_pieces(strengths(pieces, rarity_of(pieces)), y)
    lines = zip(rarity.items(), weights, strict=True)
    write("wording", ["piece", RARITY], ((*one, *row) for one, row in lines))


if __name__ == "__main__":
    main(sys.argv[1:])
