"""Near-duplicates of what came in, among itself and in what is there: candidates by MinHash, then exact.

Texts are compared by their four-character shingles. MinHash signatures (Broder 1997) of those that are
no stock phrases, in a locality-sensitive index, find pairs that may share much without comparing all. Of
these the share of the shorter text that the longer holds too is computed exactly, so that a text that was
cut off still resembles the whole; a shingle weighs the more the fewer texts have it, so that the phrases
of a form or a publisher make no two needs alike. Where the lines are drawn is measured by
``python -P benchmarks/intake.py``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from matching.likeness import LEAST_SHINGLES, SHINGLE
from matching.text import normalise

Shingles = NDArray[np.uint32]
#: Estimated share of common shingles from which a pair is looked at, and the size of a signature.
CANDIDATE = 0.2
PERMUTATIONS = 128
#: Exact weighted share of the shorter text that makes a pair worth a person's look.
DUPLICATE = 0.6
#: A shingle of so many texts, and of so large a share of them, is a stock phrase.
STOCK_TEXTS = 20
STOCK_SHARE = 0.02
#: From so many characters on two equal texts are a pair, however little they say.
LEAST_EQUAL = 12
TEXT_LIMIT = 5_000
SEED = 7
_NO_LETTERS = re.compile(r"\W+")


@dataclass(frozen=True)
class Text:
    """A text to be compared, under the key that pairs are told by; ``same`` groups its versions."""

    key: str
    text: str
    same: str = ""


@dataclass(frozen=True)
class Near:
    """A fresh text and another that it resembles, 0 to 1."""

    key: str
    other: str
    resemblance: float


@dataclass(frozen=True)
class _Read:
    """A text by its shingles, sorted; ``whole`` is all that it says, or empty where that is little."""

    key: str
    same: str
    whole: str
    shingles: Shingles


def near(fresh: Iterable[Text], known: Iterable[Text] = ()) -> tuple[Near, ...]:
    """Pairs of a fresh text with a known one or an earlier fresh one, the most alike first.

    Versions of one notice (equal ``same``) are no pair.
    """
    former = [_read(text) for text in known]
    came = [_read(text) for text in fresh]
    index = _Index(_Rarity.of([one.shingles for one in (*former, *came)]))
    for one in former:
        index.add(one)
    found = [pair for one in came for pair in index.pairs_then_add(one)]
    return tuple(sorted(found, key=lambda pair: (-pair.resemblance, pair.key, pair.other)))


@dataclass(frozen=True)
class _Rarity:
    """How much each shingle of a set of texts says: ``weights[i]`` belongs to ``shingles[i]``."""

    shingles: Shingles
    weights: NDArray[np.float64]
    #: Those that very many of the texts have.
    stock: Shingles

    @classmethod
    def of(cls, texts: Sequence[Shingles]) -> "_Rarity":
        if not texts:
            nothing = np.empty(0, dtype=np.uint32)
            return cls(nothing, np.empty(0), nothing)
        shingles, counts = np.unique(np.concatenate(texts), return_counts=True)
        stock = shingles[counts > max(STOCK_TEXTS, STOCK_SHARE * len(texts))]
        return cls(shingles, np.log1p(len(texts) / counts), stock)

    def weight(self, shingles: Shingles) -> float:
        return float(self.weights[np.searchsorted(self.shingles, shingles)].sum())

    def resemblance(self, one: Shingles, other: Shingles) -> float:
        """The share of the lighter text that the heavier holds; of very few shingles none."""
        if min(len(one), len(other)) < LEAST_SHINGLES:
            return 0.0
        shared = np.intersect1d(one, other, assume_unique=True)
        return self.weight(shared) / min(self.weight(one), self.weight(other))


class _Index:
    """The texts met so far, by signature and by what they say."""

    def __init__(self, rarity: _Rarity) -> None:
        self._rarity = rarity
        self._near = MinHashLSH(threshold=CANDIDATE, num_perm=PERMUTATIONS)
        self._met: dict[str, _Read] = {}
        self._equal: dict[str, list[str]] = {}

    def add(self, one: _Read) -> None:
        self._add(one, self._signature(one))

    def pairs_then_add(self, one: _Read) -> Iterator[Near]:
        signature = self._signature(one)
        equal = self._equal.get(one.whole, []) if one.whole else []
        for key in sorted({*self._near.query(signature), *equal}):
            other = self._met[key]
            same = key in equal
            alike = 1.0 if same else self._rarity.resemblance(one.shingles, other.shingles)
            if alike >= DUPLICATE and not (one.same and one.same == other.same):
                yield Near(one.key, key, round(alike, 4))
        self._add(one, signature)

    def _signature(self, one: _Read) -> MinHash:
        telling = np.setdiff1d(one.shingles, self._rarity.stock, assume_unique=True)
        signature = MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=_as_it_is)
        signature.update_batch(telling.tolist())
        return signature

    def _add(self, one: _Read, signature: MinHash) -> None:
        self._near.insert(one.key, signature, check_duplication=False)
        self._met[one.key] = one
        if one.whole:
            self._equal.setdefault(one.whole, []).append(one.key)


def _read(text: Text) -> _Read:
    bare = _NO_LETTERS.sub("", normalise(text.text[:TEXT_LIMIT]).text)
    pieces = (bare[at : at + SHINGLE] for at in range(len(bare) - SHINGLE + 1))
    numbers = np.fromiter((crc32(piece.encode()) for piece in pieces), dtype=np.uint32)
    return _Read(text.key, text.same, bare if len(bare) >= LEAST_EQUAL else "", np.unique(numbers))


def _as_it_is(shingle: int) -> int:
    return shingle
