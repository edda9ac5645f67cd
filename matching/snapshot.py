"""A matcher's state on disk: one file, whole or not at all (see :mod:`matching.sections`).

Its arrays are those of one layer without dead rows. Saving writes them past the state that readers
hold; loading maps them, so that only what queries touch comes into memory. Every byte is digested
before ``load`` returns: a damaged file never answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from matching.layers import Layers, columns, layer_of, release
from matching.matcher import Matcher
from matching.packed import Strings
from matching.sections import Array, Column, DamagedSnapshot, Mapped, replace
from matching.state import KINDS, LEXICAL, State

__all__ = ["DamagedSnapshot", "SnapshotMismatch", "load", "save"]


class SnapshotMismatch(ValueError):
    """Raised when a snapshot was made by another recipe: build the index again."""


def save(matcher: Matcher, path: Path) -> None:
    """Write the matcher's present state to ``path``, replacing what was there in one step."""
    state = matcher.state
    found = columns(state.layers.layers) if state.layers.layers else {}
    for name in LEXICAL:
        # The writer may add to the vocabulary meanwhile: the copy is taken in one step.
        packed = Strings.of(state.vocabularies[name].copy())
        found |= dict(_vocabulary_columns(name, packed))
    facts = {
        "recipe": matcher.recipe.as_json(),
        "encoder": _encoder_name(matcher),
        "values": list(state.values),
        "fingerprint": f"{state.fingerprint:064x}",
    }
    replace(path, found, facts, partial(release, state.layers))


def load(matcher: Matcher, path: Path) -> None:
    """Restore the state saved at ``path`` into a matcher of the same recipe.

    FileNotFoundError, :class:`DamagedSnapshot` or :class:`SnapshotMismatch` leave it as it was.
    """
    with path.open("rb") as file:
        mapped = Mapped(file, str(path))
    if mapped.facts["recipe"] != matcher.recipe.as_json():
        raise SnapshotMismatch(_mismatch(mapped.facts, matcher, path))
    mapped.verify()
    matcher.restore(_state(mapped))


def _encoder_name(matcher: Matcher) -> str:
    return matcher.encoder.name if matcher.encoder is not None else "none"


def _mismatch(header: Mapping[str, Any], matcher: Matcher, path: Path) -> str:
    """Return what differs, naming both encoders where it is the encoder, and the remedy."""
    # Not as a Recipe: one of another version has other weights.
    then = str(json.loads(header["recipe"])["encoder"])
    if then == matcher.recipe.encoder:
        return f"{path} was made by another recipe: build it again with `shuangku reindex`"
    before = f"{header.get('encoder', 'unknown')} ({then[:8]})"
    after = f"{_encoder_name(matcher)} ({matcher.recipe.encoder[:8]})"
    return (
        f"{path} was built with the encoder {before} and cannot serve {after}:"
        " build it again with `shuangku reindex`"
    )


def _vocabulary_columns(name: str, terms: Strings) -> Iterator[tuple[str, Column]]:
    yield f"vocabulary.{name}", Column.of(terms.content)
    yield f"vocabulary.{name}.starts", Column.of(terms.starts)


def _state(mapped: Mapped) -> State:
    arrays = dict(mapped.arrays)
    vocabularies = {
        name: _vocabulary(arrays.pop(f"vocabulary.{name}"), arrays.pop(f"vocabulary.{name}.starts"))
        for name in LEXICAL
    }
    values = {(facet, value): place for place, (facet, value) in enumerate(mapped.facts["values"])}
    layers = Layers((layer_of(arrays, KINDS, mapped),)) if arrays else Layers()
    return State(layers, vocabularies, values, int(mapped.facts["fingerprint"], 16))


def _vocabulary(content: Array, starts: Array) -> dict[str, int]:
    return {term: number for number, term in enumerate(Strings(content, starts))}
