"""A matcher's state on disk: one file, whole or not at all.

Layout: a magic line; a line with the SHA-256 of all that follows; a line of JSON (recipe, sizes of
the sections); the sections. It is written to a temporary name, flushed to the disk and renamed, so
that a reader finds the old file or the new one. Loading verifies the checksum before anything else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from matching.document import Document
from matching.filters import FacetIndex
from matching.lexical import Bm25Index, Segment
from matching.matcher import Matcher, State
from matching.recipe import Recipe
from matching.vectors import Block, FlatVectors

MAGIC = b"shuangku matching snapshot 2\n"
CHECKSUM_LENGTH = 64


class SnapshotMismatch(ValueError):
    """Raised when a snapshot was made by another recipe: build the index again."""


class DamagedSnapshot(ValueError):
    """Raised when a file is not a snapshot or its bytes have changed: build the index again."""


def save(matcher: Matcher, path: Path) -> None:
    """Write the matcher's present state to ``path``, replacing what was there in one step."""
    sections = _sections(matcher.state)
    header = {
        "recipe": matcher.recipe.as_json(),
        "encoder": _encoder_name(matcher),
        "sections": {name: len(content) for name, content in sections.items()},
    }
    body = [json.dumps(header).encode() + b"\n", *sections.values()]
    checksum = sha256()
    for part in body:
        checksum.update(part)
    _write_whole(path, [MAGIC, checksum.hexdigest().encode() + b"\n", *body])


def load(matcher: Matcher, path: Path) -> None:
    """Restore the state saved at ``path`` into a matcher of the same recipe.

    FileNotFoundError, :class:`DamagedSnapshot` or :class:`SnapshotMismatch` leave it as it was.
    """
    header, sections = _verified(path.read_bytes(), path)
    if header["recipe"] != matcher.recipe.as_json():
        raise SnapshotMismatch(_mismatch(header, matcher, path))
    matcher.restore(_state(sections))


def _encoder_name(matcher: Matcher) -> str:
    return matcher.encoder.name if matcher.encoder is not None else "none"


def _mismatch(header: Mapping[str, Any], matcher: Matcher, path: Path) -> str:
    """Return what differs, naming both encoders where it is the encoder, and the remedy."""
    then = Recipe.from_json(header["recipe"]).encoder
    if then == matcher.recipe.encoder:
        return f"{path} was made by another recipe: build it again with `shuangku reindex`"
    before = f"{header.get('encoder', 'unknown')} ({then[:8]})"
    after = f"{_encoder_name(matcher)} ({matcher.recipe.encoder[:8]})"
    return (
        f"{path} was built with the encoder {before} and cannot serve {after}:"
        " build it again with `shuangku reindex`"
    )


def _packed(value: Any) -> bytes:
    # Lone surrogates may stand in a document that was typed in; they pass as they are.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _unpacked(content: memoryview) -> Any:
    return json.loads(bytes(content).decode("utf-8", "surrogatepass"))


def _write_whole(path: Path, parts: list[bytes]) -> None:
    """Write a temporary file beside ``path``, flush it to the disk, rename it, flush the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _verified(content: bytes, path: Path) -> tuple[dict[str, Any], dict[str, memoryview]]:
    """Return header and sections; DamagedSnapshot unless every byte is as it was written."""
    view = memoryview(content)
    start = len(MAGIC) + CHECKSUM_LENGTH + 1
    expected = MAGIC + sha256(view[start:]).hexdigest().encode() + b"\n"
    if content[:start] != expected:
        raise DamagedSnapshot(f"{path} is damaged: build the index again")
    at = content.index(b"\n", start) + 1
    header: dict[str, Any] = json.loads(content[start:at])
    sections = {}
    for name, length in header["sections"].items():
        sections[name] = view[at : at + length]
        at += length
    return header, sections


def _sections(state: State) -> dict[str, bytes]:
    """Return the state as named bytes; the indexes are compacted on the way."""
    documents = [
        vars(document) | {"facets": dict(document.facets)} for document in state.documents.values()
    ]
    sections = {"documents": _packed(documents)}
    for name, index in state.lexical().items():
        sections |= {f"{name}.{part}": held for part, held in _lexical_sections(index).items()}
    blocks = state.vectors.compacted().blocks
    sections["vectors.keys"] = _packed([key for block in blocks for key in block.keys])
    sections["vectors.matrix"] = blocks[0].matrix.tobytes() if blocks else b""
    return sections


def _lexical_sections(index: Bm25Index) -> dict[str, bytes]:
    # Readers' vocabulary may be added to meanwhile: the copy is taken in one step.
    sections = {"vocabulary": _packed(list(index.vocabulary.copy()))}
    for segment in index.compacted().segments:
        rows = segment.rows
        sections |= {
            "keys": _packed(segment.keys),
            "start": rows.indptr.astype(np.int64).tobytes(),
            "terms": rows.indices.astype(np.int32).tobytes(),
            "weights": rows.data.astype(np.float32).tobytes(),
        }
    return sections


def _state(sections: Mapping[str, memoryview]) -> State:
    held = _unpacked(sections["documents"])
    documents = {entry["key"]: _document(entry) for entry in held}
    facets = {key: document.facets for key, document in documents.items()}
    return State(
        documents,
        _lexical(sections, "words"),
        _lexical(sections, "bigrams"),
        _lexical(sections, "concepts"),
        _vectors(sections),
        FacetIndex().change({}, facets),
    )


def _document(entry: dict[str, Any]) -> Document:
    facets = {facet: tuple(values) for facet, values in entry.pop("facets").items()}
    return Document(**entry, facets=facets)


def _lexical(sections: Mapping[str, memoryview], name: str) -> Bm25Index:
    terms = _unpacked(sections[f"{name}.vocabulary"])
    vocabulary = {term: number for number, term in enumerate(terms)}
    if f"{name}.keys" not in sections:
        return Bm25Index((), vocabulary)
    keys = tuple(_unpacked(sections[f"{name}.keys"]))
    start: NDArray[np.int64] = np.frombuffer(sections[f"{name}.start"], dtype=np.int64)
    indices = np.frombuffer(sections[f"{name}.terms"], dtype=np.int32)
    weights = np.frombuffer(sections[f"{name}.weights"], dtype=np.float32)
    rows = sparse.csr_matrix((weights, indices, start), shape=(len(keys), len(vocabulary)))
    return Bm25Index((Segment(keys, rows, np.ones(len(keys), dtype=bool)),), vocabulary)


def _vectors(sections: Mapping[str, memoryview]) -> FlatVectors:
    keys = tuple(_unpacked(sections["vectors.keys"]))
    if not keys:
        return FlatVectors()
    matrix = np.frombuffer(sections["vectors.matrix"], dtype=np.float32).reshape(len(keys), -1)
    return FlatVectors((Block(keys, matrix, np.ones(len(keys), dtype=bool)),))
