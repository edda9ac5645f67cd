"""One number for a set of documents, kept up by addition as they come and go.

The number is the sum of the documents' SHA-256, modulo 2^256: a multiset hash in the sense of
Clarke et al. 2003 (*AdHash*). It does not depend on the order in which documents came, so two
indexes hold the same documents where their numbers are equal. It guards against mistakes and not
against somebody who may choose the documents to collide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256

from matching.document import Document

MODULUS = 2**256


def digest_of(document: Document) -> str:
    """Return the SHA-256 of all that a document says: key, revision, title, text and facets."""
    facets = {facet: list(values) for facet, values in document.facets.items()}
    parts = [document.key, document.revision, document.title, document.text, facets]
    return sha256(json.dumps(parts, sort_keys=True).encode("ascii")).hexdigest()


def total(documents: Iterable[Document]) -> int:
    """Return the number of a set of documents; 0 of none."""
    return sum(int(digest_of(document), 16) for document in documents) % MODULUS


def changed(before: int, *, gone: Iterable[Document], come: Iterable[Document]) -> int:
    """Return the number of a set after some documents have gone and others come."""
    return (before - total(gone) + total(come)) % MODULUS
