"""All that a matcher holds at one moment: a stack of layers and the indexes that are views of it.

A state is a value: a change returns the next one, and readers keep the one that they took.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from matching.document import Document
from matching.filters import FacetIndex, Facets, postings_of
from matching.fingerprint import changed
from matching.layers import Layer, Layers
from matching.lexical import Bm25Index, Fields, weighed
from matching.packed import Keys, Part, Texts, Value
from matching.postings import Postings
from matching.recipe import Bm25
from matching.vectors import FaissVectors, Matrix, Vectors

LEXICAL = ("words", "bigrams", "concepts")
CONCEPT = "concept"
"""A facet that every document has beside its own: the concepts that its text names."""
KINDS: dict[str, type[Part]] = {
    "texts": Texts,
    **dict.fromkeys(LEXICAL, Postings),
    "facets": Postings,
    "vectors": Vectors,
}


@dataclass(frozen=True)
class Reading:
    """The terms that a document holds, of each kind of term, and the concepts that it names."""

    words: Fields
    bigrams: Fields
    concepts: Fields
    named: frozenset[str] = frozenset()


class Documents(Mapping[str, Document]):
    """The stored documents by key; each is made anew when it is asked for."""

    def __init__(self, layers: Layers, values: Sequence[Value]) -> None:
        self._layers = layers
        self._values = values

    def __getitem__(self, key: str) -> Document:
        part, row = self._place(key)
        return part.document(row, key, self._values)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and int(self._layers.rows_of([key])[0]) >= 0

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(map(_live_keys, self._layers))

    def __len__(self) -> int:
        return len(self._layers)

    def facets(self, key: str) -> Facets:
        """Return the facets of a document; KeyError if it is not stored."""
        part, row = self._place(key)
        return part.facets(row, self._values)

    def revisions(self) -> dict[str, int]:
        """Return the revision of every key."""
        found: dict[str, int] = {}
        for layer in self._layers:
            revisions = _texts(layer).revisions[layer.alive]
            found.update(zip(_live_keys(layer), revisions.tolist(), strict=True))
        return found

    def _place(self, key: str) -> tuple[Texts, int]:
        row = int(self._layers.rows_of([key])[0])
        if row < 0:
            raise KeyError(key)
        number, own = self._layers.place(row)
        return _texts(self._layers.layers[number]), own


def _texts(layer: Layer) -> Texts:
    return layer.parts["texts"]  # type: ignore[return-value]


def _live_keys(layer: Layer) -> Iterator[str]:
    if not len(layer.dead):
        return iter(layer.keys.names)
    pairs = zip(layer.keys.names, layer.alive.tolist(), strict=True)
    return (key for key, alive in pairs if alive)


def _vocabularies() -> dict[str, dict[str, int]]:
    return {name: {} for name in LEXICAL}


@dataclass(frozen=True, eq=False)
class State:
    """The layers, the numbers of terms by kind of term, and the numbers of the facets' values.

    Terms and values are added to by the one writer and keep their numbers, so states share them.
    """

    layers: Layers = field(default_factory=Layers)
    vocabularies: Mapping[str, dict[str, int]] = field(default_factory=_vocabularies)
    values: dict[Value, int] = field(default_factory=dict)
    #: The number of the documents (see :mod:`matching.fingerprint`).
    fingerprint: int = 0

    @cached_property
    def documents(self) -> Documents:
        """The documents by key."""
        return Documents(self.layers, list(self.values))

    @cached_property
    def words(self) -> Bm25Index:
        """The index of words."""
        return Bm25Index(self.layers, "words", self.vocabularies["words"])

    @cached_property
    def bigrams(self) -> Bm25Index:
        """The index of character bigrams."""
        return Bm25Index(self.layers, "bigrams", self.vocabularies["bigrams"])

    @cached_property
    def concepts(self) -> Bm25Index:
        """The index of the thesaurus's concepts."""
        return Bm25Index(self.layers, "concepts", self.vocabularies["concepts"])

    @cached_property
    def vectors(self) -> FaissVectors:
        """The index of vectors."""
        return FaissVectors(self.layers)

    @cached_property
    def facets(self) -> FacetIndex:
        """The index of the facets' values."""
        return FacetIndex(self.layers, "facets", self.values)

    def put(
        self,
        documents: Sequence[Document],
        readings: Sequence[Reading],
        vectors: Matrix | None,
        parameters: Bm25,
    ) -> State:
        """Return the next state, with these documents (of different keys) added or replaced."""
        numbers = self.facets.numbered([document.facets for document in documents])
        spoken = self.facets.numbered([{CONCEPT: tuple(sorted(one.named))} for one in readings])
        matrix = None if vectors is None else self.vectors.fitting(vectors, len(documents))
        parts: dict[str, Part] = {"texts": Texts.of(documents, numbers)}
        for name in LEXICAL:
            fields = [getattr(reading, name) for reading in readings]
            parts[name] = weighed(fields, self.vocabularies[name], parameters)
        parts["facets"] = postings_of([[*a, *b] for a, b in zip(numbers, spoken, strict=True)])
        parts["vectors"] = Vectors.of(matrix, len(documents))
        names = [document.key for document in documents]
        layers = self.layers.put(Layer(Keys.of(names), parts))
        number = changed(self.fingerprint, gone=self._stored(names), come=documents)
        return replace(self, layers=layers, fingerprint=number)

    def without(self, keys: Collection[str]) -> State:
        """Return the next state, without these keys; unknown keys are ignored."""
        number = changed(self.fingerprint, gone=self._stored(list(keys)), come=())
        return replace(self, layers=self.layers.remove(keys), fingerprint=number)

    def _stored(self, keys: Sequence[str]) -> list[Document]:
        rows = self.layers.rows_of(keys)
        return [self.documents[key] for key, row in zip(keys, rows, strict=True) if row >= 0]
