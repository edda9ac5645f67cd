"""Near-duplicates of what came in, among itself and in what is there: candidates by MinHash, then exact.

MinHash signatures (Broder 1997) in a locality-sensitive index find pairs that may share much without
comparing all; of these the share of the shorter text's shingles that the longer holds too is
counted exactly, as :mod:`matching.likeness` counts it, so that a text that was cut off still resembles
the whole. Where the lines are drawn is measured by ``python benchmarks/intake.py``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from datasketch import MinHash, MinHashLSH

from matching.likeness import SHINGLE, resemblance
from matching.text import normalise

#: Estimated share of common shingles from which a pair is looked at, and the size of a signature.
CANDIDATE = 0.3
PERMUTATIONS = 96
#: Exact share of the shorter text that makes a pair worth a person's look.
DUPLICATE = 0.55
TEXT_LIMIT = 5_000
SEED = 7
_LETTERS = re.compile(r"[^\w]+")


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


def near(fresh: Iterable[Text], known: Iterable[Text] = ()) -> tuple[Near, ...]:
    """Pairs of a fresh text with a known one or an earlier fresh one, the most alike first.

    Versions of one notice (equal ``same``) are no pair.
    """
    index = MinHashLSH(threshold=CANDIDATE, num_perm=PERMUTATIONS)
    kept: dict[str, tuple[frozenset[int], str]] = {}
    for text in known:
        _add(index, kept, text, *_signature(text))
    found = list(_pairs(index, kept, list(fresh)))
    return tuple(sorted(found, key=lambda pair: (-pair.resemblance, pair.key, pair.other)))


def _pairs(
    index: MinHashLSH, kept: dict[str, tuple[frozenset[int], str]], fresh: Sequence[Text]
) -> Iterator[Near]:
    for text in fresh:
        shingles, signature = _signature(text)
        for other in sorted(index.query(signature)):
            theirs, same = kept[other]
            alike = resemblance(shingles, theirs)
            if alike >= DUPLICATE and not (same and same == text.same):
                yield Near(text.key, other, round(alike, 4))
        _add(index, kept, text, shingles, signature)


def _add(
    index: MinHashLSH,
    kept: dict[str, tuple[frozenset[int], str]],
    text: Text,
    shingles: frozenset[int],
    signature: MinHash,
) -> None:
    index.insert(text.key, signature, check_duplication=False)
    kept[text.key] = shingles, text.same


def _signature(text: Text) -> tuple[frozenset[int], MinHash]:
    shingles = shingles_of(text.text)
    signature = MinHash(num_perm=PERMUTATIONS, seed=SEED, hashfunc=_as_it_is)
    signature.update_batch(shingles)
    return shingles, signature


def _as_it_is(shingle: int) -> int:
    return shingle


def shingles_of(text: str) -> frozenset[int]:
    """Hashes (32 bits) of the four-character pieces of a text, punctuation and case left out."""
    bare = _LETTERS.sub("", normalise(text[:TEXT_LIMIT]).text)
    return frozenset(
        crc32(bare[at : at + SHINGLE].encode()) for at in range(len(bare) - SHINGLE + 1)
    )
