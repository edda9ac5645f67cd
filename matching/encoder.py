"""Encoders: texts in, unit vectors out.

``sentence_transformers`` costs 6 to 9 seconds and 400 MB to import. It is imported by name at the
first encoding, the one exception to the rule of no late imports, so that a process that only
reads stored vectors never pays for it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from matching.prompts import Prompts, declared, of_family, of_folder
from matching.recipe import Recipe, recipe_without_model
from matching.text import normalise

Matrix = NDArray[np.float32]
MODEL_FILES = (".json", ".safetensors", ".txt", ".model", ".bin")


class UnusableEncoder(OSError):
    """Raised when a model cannot be loaded; names it and the reason in one line."""


class Encoder(Protocol):
    """Maps texts to unit vectors; the same text gives the same vector in any company."""

    @property
    def name(self) -> str:
        """What to call it on a page."""

    @property
    def digest(self) -> str:
        """What decides the vectors, as a SHA-256; part of the recipe."""

    @property
    def dim(self) -> int:
        """The length of a vector."""

    @property
    def adds_words(self) -> bool:
        """Whether a vector is the mean of its words' own: words that say little only blur it."""

    @property
    def symmetric(self) -> bool:
        """Whether a text that asks has the vector of one that offers: no prompt tells them apart."""

    def encode(self, texts: Sequence[str], *, query: bool) -> Matrix:
        """Return unit vectors, shape (len(texts), dim); ``query`` marks the asking side."""


class SentenceEncoder:
    """A sentence-transformers model from a folder, or from the hub where a name is given.

    A folder is read offline and its digest covers its files. A hub name is identified by name and
    ``revision``: pin the revision. Texts are encoded one at a time, so that a vector depends
    neither on its neighbours' padding nor on a batch size. Before each text stands what the model
    asks for (:mod:`matching.prompts`); a ``query_prefix`` that is given takes a query's place.
    """

    adds_words = False

    def __init__(
        self, path_or_name: str | Path, query_prefix: str = "", *, revision: str | None = None
    ) -> None:
        self._source = str(path_or_name)
        self._folder = Path(path_or_name) if Path(path_or_name).is_dir() else None
        self._query_prefix = query_prefix
        self._revision = revision
        self._one_at_a_time = Lock()
        self._loaded: Any = None
        self._declared: Prompts | None = None

    @property
    def name(self) -> str:
        """The folder's name, or the name at the hub."""
        return self._folder.resolve().name if self._folder else self._source

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the prompts and the model's files, or name, revision and prefix at the hub."""
        said = self.prompts if self._folder else Prompts(self._query_prefix)
        prefix = f"sentence-transformers\0{said.query}\0{said.document}\0"
        if self._folder is None:
            return sha256(f"{prefix}{self._source}\0{self._revision}".encode()).hexdigest()
        return digest_of_folder(self._folder, prefix)

    @cached_property
    def dim(self) -> int:
        """The length of a vector; loads the model."""
        return int(self.encode([""], query=False).shape[1])

    @property
    def prompts(self) -> Prompts:
        """What stands before a query and before a document; loads a model of the hub."""
        if self._declared is None:
            self._declared = self._found_prompts()
        return replace(self._declared, query=self._query_prefix or self._declared.query)

    @property
    def symmetric(self) -> bool:
        """Whether the same stands before a query and a document; loads a model of the hub."""
        return self.prompts.query == self.prompts.document

    def _found_prompts(self) -> Prompts:
        if self._folder is not None:
            with _loading(self._source):
                return of_folder(self._folder)
        model = self._model()
        said = declared(model.prompts, model.default_prompt_name)
        return said if said != Prompts() else of_family(self._source)

    def encode(self, texts: Sequence[str], *, query: bool) -> Matrix:
        """Return unit vectors, shape (len(texts), dim); UnusableEncoder if there is no such model."""
        vectors = self._model().encode(
            [text.encode("utf-8", "replace").decode() for text in texts],
            # Never None: the library would then put the model's default before both sides.
            prompt=self.prompts.query if query else self.prompts.document,
            batch_size=1,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    def _model(self) -> Any:
        with self._one_at_a_time, _loading(self._source):
            if self._loaded is None:
                library = importlib.import_module("sentence_transformers")
                self._loaded = library.SentenceTransformer(
                    self._source,
                    device="cpu",
                    revision=self._revision,
                    local_files_only=self._folder is not None,
                )
            return self._loaded


class StaticEncoder:
    """A sentence-transformers folder of one vector per token, read without PyTorch.

    Gives the vectors that ``SentenceTransformer`` gives for ``StaticEmbedding`` and ``Normalize``,
    in a fiftieth of the time to load: an office machine answers at once.
    """

    adds_words = True
    symmetric = True

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        self._one_at_a_time = Lock()
        self._loaded: tuple[Any, Matrix] | None = None

    @staticmethod
    def reads(folder: str | Path) -> bool:
        """Whether ``folder`` holds such a model and nothing more."""
        modules = Path(folder) / "modules.json"
        if not modules.is_file():
            return False
        with _loading(folder):
            rows = json.loads(modules.read_text("utf-8"))
            kinds = [row["type"].rpartition(".")[2] for row in rows]
        return kinds == ["StaticEmbedding", "Normalize"]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.resolve().name

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the model's files."""
        return digest_of_folder(self._folder, "static\0")

    @cached_property
    def dim(self) -> int:
        """The length of a vector; loads the model."""
        return int(self._model()[1].shape[1])

    def encode(self, texts: Sequence[str], *, query: bool) -> Matrix:
        """Return unit vectors, shape (len(texts), dim); that of an empty text is zero."""
        tokenizer, table = self._model()
        vectors = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        for row, tokens in enumerate(tokenizer.encode_batch(clean, add_special_tokens=False)):
            if tokens.ids:
                vectors[row] = table[tokens.ids].mean(axis=0, dtype=np.float32)
        return unit_rows(vectors)

    def _model(self) -> tuple[Any, Matrix]:
        with self._one_at_a_time, _loading(self._folder):
            if self._loaded is None:
                tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
                table = load_file(self._folder / "model.safetensors")["embeddings"]
                self._loaded = tokenizer, table.astype(np.float32)
            return self._loaded


class NgramEncoder:
    """Hashed character n-grams: tiny, offline, deterministic, for machines without a model.

    Feature hashing with signs (Weinberger et al. 2009): the inner product of two vectors is an
    unbiased estimate of that of their n-gram counts. It knows spelling, not meaning.
    """

    adds_words = False
    symmetric = True
    name = "n-grams"

    def __init__(self, dim: int = 256, lengths: Sequence[int] = (1, 2, 3)) -> None:
        self.dim = dim
        self._lengths = tuple(lengths)

    @property
    def digest(self) -> str:
        """SHA-256 over the size and the n-gram lengths."""
        return sha256(f"n-grams 1 {self.dim} {self._lengths}".encode()).hexdigest()

    def encode(self, texts: Sequence[str], *, query: bool) -> Matrix:
        """Return unit vectors, shape (len(texts), dim); that of an empty text is zero."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            hashes = np.fromiter(map(crc32, self._grams(text)), dtype=np.uint32)
            signs = np.where(hashes >> 31, 1.0, -1.0)
            vectors[row] = np.bincount(hashes % self.dim, weights=signs, minlength=self.dim)
        return unit_rows(np.sign(vectors) * np.sqrt(np.abs(vectors)))

    def _grams(self, text: str) -> Iterable[bytes]:
        normal = "".join(normalise(text).text.split())
        for length in self._lengths:
            for start in range(len(normal) - length + 1):
                yield normal[start : start + length].encode()


def is_lost_folder(name: str) -> bool:
    """Tell whether ``name`` can only mean a folder and none is there: no hub has such a name."""
    path = Path(name)
    return (path.is_absolute() or name.startswith(".")) and not path.is_dir()


@contextmanager
def _loading(source: str | Path) -> Iterator[None]:
    """Say in one line why a model cannot be used: each library has kinds of errors of its own."""
    if is_lost_folder(str(source)):
        raise UnusableEncoder(f"no such model folder: {source}")
    try:
        yield
    except Exception as failure:
        reason = str(failure).partition("\n")[0]
        text = f"{source} is no usable model, nor can one be had by that name: {reason}"
        raise UnusableEncoder(text) from failure


def open_encoder(name: str, query_prefix: str = "") -> Encoder:
    """Return the encoder of a model folder or hub name; ``ngrams`` or nothing needs no model.

    Nothing is loaded yet, and nothing but a hub name will ever ask the network. A model of one
    vector per token that wants something before its texts is left to sentence-transformers.
    UnusableEncoder where a folder's list of modules cannot be read.
    """
    if name in ("", "ngrams"):
        return NgramEncoder()
    bare = StaticEncoder.reads(name) and not query_prefix and of_folder(Path(name)) == Prompts()
    return StaticEncoder(name) if bare else SentenceEncoder(name, query_prefix)


def recipe_for(encoder: Encoder | None) -> Recipe:
    """Return the recipe that goes with an encoder: another where none knows meaning."""
    knows_meaning = encoder is not None and not isinstance(encoder, NgramEncoder)
    return Recipe() if knows_meaning else recipe_without_model()


def digest_of_folder(folder: Path, prefix: str) -> str:
    """SHA-256 over ``prefix`` and the names and contents of the model's files, not its card."""
    digest = sha256(prefix.encode())
    for path in sorted(path for path in folder.rglob("*") if path.suffix in MODEL_FILES):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def unit_rows(matrix: Matrix) -> Matrix:
    """Return the rows scaled to length one, shape unchanged; a zero row stays zero."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    scaled: Matrix = (matrix / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled
