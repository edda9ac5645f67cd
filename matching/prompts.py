"""What a model wants before a text: an instruction for queries, sometimes one for documents.

A model says it itself, in ``config_sentence_transformers.json`` (``prompts`` and
``default_prompt_name``). Older ones say it on their card alone: :data:`FAMILIES` repeats those.
sentence-transformers writes empty prompts where nothing was said, so empty ones say nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIG = "config_sentence_transformers.json"
#: What models call the prompt of each side, the usual name first.
QUERY_NAMES = ("query", "retrieval.query", "s2p_query")
DOCUMENT_NAMES = ("document", "passage", "retrieval.passage", "text")


@dataclass(frozen=True)
class Prompts:
    """The texts put before a query and before a document; empty where there is none."""

    query: str = ""
    document: str = ""


#: name of the model, folder or hub, in lower case → what its card asks for
FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"bge-(small|base|large)-zh(-v1\.5)?", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (
        r"bge-(small|base|large)-en(-v1\.5)?",
        Prompts("Represent this sentence for searching relevant passages: "),
    ),
    (r"(multilingual-)?e5-(small|base|large)(-v2)?", Prompts("query: ", "passage: ")),
    (r"gte-(small|base|large)(-zh)?|gte-multilingual-base", Prompts()),
)


def of_family(name: str) -> Prompts:
    """Return what the card of a known family asks for; none for a name that no family has."""
    last = name.rstrip("/").rpartition("/")[2].lower()
    return next((said for pattern, said in FAMILIES if re.fullmatch(pattern, last)), Prompts())


def declared(prompts: Mapping[str, str | None], default: str | None) -> Prompts:
    """Return the prompts among those a model declares, by its usual names.

    The default stands in for a side that has none of its own, but a query's never for documents.
    """
    query = _first(prompts, (*QUERY_NAMES, default))
    own = None if default in QUERY_NAMES else default
    return Prompts(query, _first(prompts, (*DOCUMENT_NAMES, own)))


def of_folder(folder: Path) -> Prompts:
    """Return what the model in ``folder`` declares, else what its family asks for."""
    path = folder / CONFIG
    config = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    said = declared(config.get("prompts") or {}, config.get("default_prompt_name"))
    return said if said != Prompts() else of_family(folder.resolve().name)


def _first(prompts: Mapping[str, str | None], names: tuple[str | None, ...]) -> str:
    """Return the first of these prompts that a model has, even if empty; none: an empty text."""
    return next((prompts[name] or "" for name in names if name and name in prompts), "")
