"""Pairs written for the purpose and names of one concept, drawn for a batch."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matching.thesaurus import Thesaurus

Ids = np.ndarray
Encode = Callable[[list[str]], list[Ids]]


@dataclass(frozen=True)
class Written:
    """One pair written for the purpose, as piece ids; the result that does not answer may lack."""

    need: Ids
    result: Ids
    other: Ids


def read_pairs(folder: Path) -> list[dict[str, str]]:
    """Read ``need``, ``result``, ``hard_negative`` from every .jsonl file of a folder."""
    lines = (
        line for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")
    )
    return [json.loads(line) for line in lines if line.strip()]


def encode_pairs(encode: Encode, rows: list[dict[str, str]]) -> list[Written]:
    """Turn pairs into piece ids; those of fewer than three pieces on a side are left out."""
    sides = [encode([row[name] for row in rows]) for name in ("need", "result", "hard_negative")]
    whole = zip(*sides, strict=True)
    return [Written(*one) for one in whole if all(len(side) >= 3 for side in one)]


def encode_names(encode: Encode, thesaurus: Thesaurus) -> list[list[Ids]]:
    """Turn the names of each concept that has two or more into piece ids."""
    concepts = thesaurus.concepts.values()
    named = [[ids for ids in encode(list(c.names)) if len(ids)] for c in concepts]
    return [names for names in named if len(names) > 1]


def thinned(ids: Ids, random: np.random.Generator, share: float = 0.3) -> Ids:
    """Drop a share of the pieces, two at least being kept."""
    kept = ids[random.random(len(ids)) >= share]
    return kept if len(kept) >= 2 else ids


def draw_written(
    written: list[Written], names: list[list[Ids]], count: int, random: np.random.Generator
) -> tuple[list[tuple[Ids, Ids]], list[Ids]]:
    """Draw ``count`` written pairs and as many pairs of names; also the results that do not answer."""
    chosen = [written[i] for i in random.permutation(len(written))[:count]]
    pairs = [(thinned(one.need, random), thinned(one.result, random)) for one in chosen]
    for i in random.permutation(len(names))[:count]:
        one, other = random.permutation(len(names[i]))[:2]
        pairs.append((names[i][one], names[i][other]))
    return pairs, [thinned(one.other, random) for one in chosen]
