"""Texts written for the purpose and the names of one concept, drawn for a batch."""

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
    """Read the objects of every .jsonl file of a folder: ``need``, ``result``, ``hard_negative``."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.jsonl")))
    lines = (line for text in texts for line in text.splitlines())
    return [json.loads(line) for line in lines if line.strip()]


def kept_apart(
    rows: list[dict[str, str]], seed: int
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return (every tenth pair, which is kept for judging, and the others)."""
    kept = [row for i, row in enumerate(rows) if i % 10 == seed % 10]
    return kept, [row for i, row in enumerate(rows) if i % 10 != seed % 10]


def read_phrases(folder: Path) -> list[tuple[str, str]]:
    """Read ``lay`` and ``technical`` from every .jsonl file of a folder."""
    return [(row["lay"], row["technical"]) for row in read_pairs(folder)]


def encode_phrases(encode: Encode, phrases: list[tuple[str, str]]) -> list[tuple[Ids, Ids]]:
    """Turn phrases into piece ids; a pair with an empty side is left out."""
    if not phrases:
        return []
    sides = [encode(list(side)) for side in zip(*phrases, strict=True)]
    return [pair for pair in zip(*sides, strict=True) if len(pair[0]) and len(pair[1])]


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


@dataclass(frozen=True)
class WrittenTexts:
    """All that was written for the purpose, as piece ids: pairs, names of concepts, phrases."""

    pairs: list[Written]
    names: list[list[Ids]]
    phrases: list[tuple[Ids, Ids]]

    def __str__(self) -> str:
        """Return how many there are of each."""
        return f"{len(self.pairs)} pairs, {len(self.names)} concepts, {len(self.phrases)} phrases"

    def draw(
        self, count: int, random: np.random.Generator
    ) -> tuple[list[tuple[Ids, Ids]], list[Ids]]:
        """Draw ``count`` of each kind; also the results that do not answer the drawn needs."""
        chosen = [self.pairs[i] for i in random.permutation(len(self.pairs))[:count]]
        pairs = [(thinned(one.need, random), thinned(one.result, random)) for one in chosen]
        for i in random.permutation(len(self.names))[:count]:
            one, other = random.permutation(len(self.names[i]))[:2]
            pairs.append((self.names[i][one], self.names[i][other]))
        pairs += [self.phrases[i] for i in random.permutation(len(self.phrases))[:count]]
        return pairs, [thinned(one.other, random) for one in chosen]
