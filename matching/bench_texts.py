"""Synthetic listings of any number, for the benchmarks: short Chinese technical texts.

Clauses of the judged texts and the names of the thesaurus are recombined by a seeded generator.
A clause keeps its words but where it names a concept another of the same field is drawn, both by a
Zipf law, so that few words stand in many documents and many in few, as in real libraries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

from matching.document import Document
from matching.text import normalise
from matching.thesaurus import Thesaurus, read_concepts

EXPONENT, OFFSET = 0.85, 10
SHORTEST, LONGEST = 80, 150
"""Characters of title and text together."""
KEPT_NAMES = 0.35
"""How often a clause keeps the concept that it names."""
KINDS = ("装置", "工艺", "方法", "系统", "材料", "设备", "技术", "助剂", "模型", "产线")
FACETS = {
    "field": tuple(
        [
            "煤化工",
            "固废",
            "稀土",
            "风电",
            "乳业",
            "荒漠",
            "装备",
            "冶金",
            "建材",
            "信息",
            "医药",
            "农牧",
        ]
    ),
    "league": tuple(
        [
            "呼和浩特",
            "包头",
            "鄂尔多斯",
            "乌海",
            "赤峰",
            "通辽",
            "呼伦贝尔",
            "兴安",
            "锡林郭勒",
            "阿拉善",
        ]
    ),
    "open": ("yes", "no"),
}
_CLAUSE = re.compile(r"[^，。；！？!?;,\n\r：:、（）()“”]{6,40}")


@dataclass(frozen=True)
class Zipf:
    """Draws from a sequence, the first most often: by the law of Zipf and Mandelbrot."""

    items: Sequence[str]
    weights: Sequence[float]

    @classmethod
    def over(cls, items: Sequence[str], random: Random) -> Zipf:
        """Return a law over the items in an order that ``random`` shuffles."""
        shuffled = random.sample(items, len(items))
        weights = ((rank + OFFSET) ** -EXPONENT for rank in range(1, len(items) + 1))
        return cls(shuffled, list(accumulate(weights)))

    def draw(self, random: Random) -> str:
        """Return one item."""
        return random.choices(self.items, cum_weights=self.weights)[0]


@dataclass(frozen=True)
class Clause:
    """A clause of a judged text, cut where it named a concept: fixed parts and former names."""

    parts: tuple[str, ...]
    names: tuple[str, ...]


class Generator:
    """Writes documents by number: the same seed and number give the same document."""

    def __init__(self, judged: Path, thesaurus: Path, seed: int = 1) -> None:
        self._seed = seed
        random = Random(seed)
        self._fields = [
            Zipf.over([name for one in read_concepts(path) for name in one.names], random)
            for path in sorted(thesaurus.glob("*.tsv"))
        ]
        self._clauses = list(_clauses(judged, Thesaurus.read(thesaurus)))
        places = [str(place) for place in range(len(self._clauses))]
        self._places = Zipf.over(places, random)

    def documents(self, count: int, first: int = 0) -> Iterator[Document]:
        """Yield ``count`` documents with keys ``d0000000``, facets and revision 1."""
        for number in range(first, first + count):
            random = Random(f"{self._seed}/{number}")
            title, text = self._written(random)
            facets = {
                facet: (Zipf(values, range(1, len(values) + 1)).draw(random),)
                for facet, values in FACETS.items()
            }
            yield Document(f"d{number:07}", title, text, facets, revision=1)

    def queries(self, count: int) -> Iterator[Document]:
        """Yield ``count`` queries, written like documents by another seed."""
        for number in range(count):
            title, text = self._written(Random(f"query/{self._seed}/{number}"))
            yield Document(f"q{number}", title, text)

    def _written(self, random: Random) -> tuple[str, str]:
        names = random.choice(self._fields)
        title = f"{names.draw(random)}{names.draw(random)}{random.choice(KINDS)}"
        length = random.randint(SHORTEST, LONGEST) - len(title)
        text = ""
        while len(text) < length:
            clause = self._clauses[int(self._places.draw(random))]
            text += _filled(clause, names, random) + random.choice("，，，。；")
        return title, text[:length]


def _clauses(judged: Path, thesaurus: Thesaurus) -> Iterator[Clause]:
    for file in ("documents.jsonl", "queries.jsonl"):
        with (judged / file).open(encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                for found in _CLAUSE.findall(normalise(line["text"]).text):
                    yield _clause(found, thesaurus)


def _clause(text: str, thesaurus: Thesaurus) -> Clause:
    parts, names, at = [], [], 0
    for mention in thesaurus.mentions(text):
        parts.append(text[at : mention.start])
        names.append(mention.name)
        at = mention.end
    return Clause((*parts, text[at:]), tuple(names))


def _filled(clause: Clause, names: Zipf, random: Random) -> str:
    drawn = [name if random.random() < KEPT_NAMES else names.draw(random) for name in clause.names]
    pieces = [piece for pair in zip(clause.parts, [*drawn, ""], strict=True) for piece in pair]
    return "".join(pieces)
