"""Concepts with all their names: what a workshop calls 水锈, a patent calls 碳酸钙沉积物.

The data are tables, one concept a line: preferred term, synonyms, workshop names, symbols
(abbreviations, formulae, grades), English, broader concept (the relations of ISO 25964-1). A text
*mentions* a concept where one of its names stands, the longest name first; names in Latin letters
only as whole words.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from matching.text import normalise

COLUMNS = ("preferred", "synonyms", "workshop", "symbols", "english", "broader")
BROADER_SHARE = 0.3
"""What a mention of a concept counts for the broader one."""


@dataclass(frozen=True)
class Concept:
    """One thing with its names as written, the preferred first, and the broader concept's name."""

    preferred: str
    names: tuple[str, ...]
    broader: str = ""


class Mention(NamedTuple):
    """A concept's name in a normal form."""

    concept: str
    name: str
    start: int
    end: int


class Thesaurus:
    """Finds concepts in texts; a value, safe to share between threads."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts = {concept.preferred: concept for concept in concepts}

    @classmethod
    def read(cls, folder: Path) -> Thesaurus:
        """Read every .tsv of ``folder``; FileNotFoundError where there is none.

        ValueError names the file and line that is not a concept.
        """
        paths = sorted(folder.glob("*.tsv"))
        if not paths:
            raise FileNotFoundError(f"no thesaurus, not one .tsv: {folder}")
        return cls(one for path in paths for one in read_concepts(path))

    def names(self) -> Iterator[str]:
        """Yield every name of every concept as written, for a dictionary of words."""
        return (name for concept in self.concepts.values() for name in concept.names)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all concepts and their names."""
        lines = sorted(
            f"{c.preferred}\t{'、'.join(c.names)}\t{c.broader}" for c in self.concepts.values()
        )
        return sha256("\n".join([f"thesaurus {BROADER_SHARE}", *lines]).encode()).hexdigest()

    @cached_property
    def _concept_of(self) -> dict[str, str]:
        """Normalised name → preferred term; of two concepts with one name the first counts."""
        found: dict[str, str] = {}
        for concept in self.concepts.values():
            for name in concept.names:
                found.setdefault(normalise(name).text.strip(), concept.preferred)
        found.pop("", None)
        return found

    @cached_property
    def _lengths(self) -> dict[str, tuple[int, ...]]:
        """First two characters of names → the lengths of those names, longest first."""
        lengths: dict[str, set[int]] = {}
        for name in self._concept_of:
            lengths.setdefault(name[:2], set()).add(len(name))
        return {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}

    def mentions(self, normal: str) -> list[Mention]:
        """Return the concepts named in a normal form, leftmost longest, without overlaps."""
        found: list[Mention] = []
        at, known = 0, self._lengths
        while at < len(normal) - 1:
            name = self._name_at(normal, at) if normal[at : at + 2] in known else ""
            if name:
                found.append(Mention(self._concept_of[name], name, at, at + len(name)))
            at += len(name) or 1
        return found

    def named(self, text: str) -> Counter[str]:
        """Return how often ``text`` mentions each concept by a name of its own."""
        return Counter(mention.concept for mention in self.mentions(normalise(text).text))

    def called(self, name: str) -> str:
        """Return the preferred term of the concept with this name, empty if there is none."""
        return self._concept_of.get(normalise(name).text.strip(), "")

    def counts(self, text: str) -> Counter[str]:
        """Return how often ``text`` mentions each concept; broader ones count in part."""
        return self.with_broader(self.named(text))

    def with_broader(self, named: Mapping[str, int]) -> Counter[str]:
        """Return the mentions with those of each broader concept added in part."""
        counts: Counter[str] = Counter()
        for concept, count in named.items():
            counts[concept] += count
            broader = self.concepts[concept].broader
            if broader in self.concepts:
                counts[broader] += count * BROADER_SHARE  # type: ignore[assignment]
        return counts

    def problems(self) -> list[str]:
        """Return what is wrong with the data: names in two concepts, lost and circular broader ones."""
        return [*self._shared_names(), *self._lost_broader(), *self._circles()]

    def _name_at(self, normal: str, at: int) -> str:
        for length in self._lengths.get(normal[at : at + 2], ()):
            name = normal[at : at + length]
            if name in self._concept_of and _stands_alone(normal, at, at + length):
                return name
        return ""

    def _shared_names(self) -> Iterator[str]:
        owners: dict[str, list[str]] = {}
        for concept in self.concepts.values():
            for name in dict.fromkeys(normalise(name).text for name in concept.names):
                owners.setdefault(name, []).append(concept.preferred)
        for name, concepts in owners.items():
            if len(concepts) > 1:
                yield f"“{name}” names {' and '.join(concepts)}"

    def _lost_broader(self) -> Iterator[str]:
        for concept in self.concepts.values():
            if concept.broader and concept.broader not in self.concepts:
                yield f"“{concept.preferred}” has the unknown broader concept “{concept.broader}”"

    def _circles(self) -> Iterator[str]:
        for concept in self.concepts.values():
            seen = {concept.preferred}
            above: Concept | None = self.concepts.get(concept.broader)
            while above is not None and above.preferred not in seen:
                seen.add(above.preferred)
                above = self.concepts.get(above.broader)
            if above is not None and above.preferred == concept.preferred:
                yield f"“{concept.preferred}” is broader than itself"


def read_concepts(path: Path) -> Iterator[Concept]:
    """Yield the concepts of one table; ValueError names the line that does not fit."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        if tuple(next(rows, ())) != COLUMNS:
            raise ValueError(
                f"{path}: the first line must be {' '.join(COLUMNS)}, with tabs between"
            )
        for number, row in enumerate(rows, start=2):
            if len(row) != len(COLUMNS) or not row[0].strip():
                raise ValueError(f"{path}:{number}: six cells, the first not empty")
            yield _concept(dict(zip(COLUMNS, row, strict=True)))


def _concept(row: Mapping[str, str]) -> Concept:
    lists: Sequence[str] = [
        row[name] for name in ("preferred", "synonyms", "workshop", "symbols", "english")
    ]
    names = (name.strip() for cell in lists for name in cell.split("、"))
    return Concept(
        row["preferred"].strip(), tuple(dict.fromkeys(filter(None, names))), row["broader"].strip()
    )


def _stands_alone(normal: str, start: int, end: int) -> bool:
    """Whether a name in Latin letters or digits is no part of a longer word."""

    def joins(one: int, other: int) -> bool:
        pair = normal[one : other + 1]
        return len(pair) == 2 and all(c.isascii() and c.isalnum() for c in pair)

    return not (start and joins(start - 1, start)) and not joins(end - 1, end)
