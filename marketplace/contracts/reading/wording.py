"""The second view of a text: which kind of contract its wording is like, sentence by sentence.

Cues know what rules say; people say it in other words. So single characters and pairs of them are
weighed too: each counts with the logarithm of how often it stands and the rarer it is the more, and
the whole is brought to length one, so that a long contract speaks no louder than a short one. The
score is a sum over places of the text, and is told as what each sentence adds to it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from marketplace.contracts.reading.clauses import TITLE_WORD
from marketplace.contracts.reading.cues import KINDS, Kind
from marketplace.contracts.reading.folding import Script, notes_of
from marketplace.contracts.reading.sentences import sentences

BIAS, RARITY = "bias", "rarity"
LENGTHS = (1, 2)
#: Sums and days tell nothing about the kind: every digit reads as one.
DIGITS = str.maketrans("123456789", "0" * 9)


@dataclass(frozen=True)
class Sentence:
    """What one sentence of the flat text adds to the score of a kind over the mean of the others."""

    start: int
    end: int
    weight: float


def places_of(script: Script, title: str) -> Iterator[tuple[int, str]]:
    """Where each character and pair of the flat text begins, and what it is.

    The notes of a form are passed over, and so is the title where the text has it: titles mislead.
    """
    text = script.flat.text
    passed = (notes_of(text), _span_of(title, text))
    kept = [all(not first <= at < last for first, last in passed) for at in range(len(text))]
    folded = text.translate(DIGITS)
    for length in LENGTHS:
        for start in range(len(text) - length + 1):
            if kept[start]:
                yield start, folded[start : start + length]


def _span_of(title: str, text: str) -> tuple[int, int]:
    start = text.find(title) if TITLE_WORD.search(title) else -1
    return (start, start + len(title)) if start >= 0 else (0, 0)


def strengths_of(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    """How strongly each piece that has a rarity is heard; the squares add up to one."""
    heard = {one: (1 + log(n)) * rarity[one] for one, n in counts.items() if one in rarity}
    length = sqrt(sum(strength**2 for strength in heard.values()))
    return {one: strength / length for one, strength in heard.items()}


@dataclass(frozen=True)
class Wording:
    """The fitted weights of pieces: ``rarity[piece]`` and ``weights[piece][place of kind]``."""

    rarity: Mapping[str, float]
    weights: Mapping[str, tuple[float, ...]]
    bias: tuple[float, ...] = (0.0,) * len(KINDS)

    @classmethod
    def from_table(cls, table: Iterable[Mapping[str, str]]) -> "Wording":
        """From the rows of ``wording.csv``; an empty table weighs nothing."""
        rows = {row["piece"]: row for row in table}
        weights = {key: tuple(float(row[kind]) for kind in KINDS) for key, row in rows.items()}
        bias = weights.pop(BIAS, (0.0,) * len(KINDS))
        return cls({key: float(rows[key][RARITY]) for key in weights}, weights, bias)

    def scores(self, script: Script, title: str) -> list[float]:
        """The score of each kind, in the order of ``KINDS``."""
        scores = list(self.bias)
        for piece, strength in self._strengths(script, title)[0].items():
            for place, weight in enumerate(self.weights[piece]):
                scores[place] += strength * weight
        return scores

    def told(self, script: Script, title: str, kind: Kind) -> list[Sentence]:
        """What each sentence adds for ``kind``, in the order of the text."""
        strengths, counts = self._strengths(script, title)
        moved = {
            piece: strength / counts[piece] * _over_others(self.weights[piece], KINDS.index(kind))
            for piece, strength in strengths.items()
        }
        adds = [0.0] * len(script.flat.text)
        for start, piece in places_of(script, title):
            adds[start] += moved.get(piece, 0.0)
        spans = sentences(script.flat.text)
        return [Sentence(start, end, sum(adds[start:end])) for start, end in spans]

    def _strengths(self, script: Script, title: str) -> tuple[dict[str, float], Counter[str]]:
        counts = Counter(piece for _start, piece in places_of(script, title))
        return strengths_of(counts, self.rarity), counts


def _over_others(weights: Sequence[float], place: int) -> float:
    own = weights[place]
    return own - (sum(weights) - own) / (len(weights) - 1)
