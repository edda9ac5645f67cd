"""What beside the text speaks for a pair: values of a facet that both sides hold.

Applied to the first :data:`RERANKED` documents of the fused ranking, not to all: which facets two
documents share says something about two that resemble each other, and nothing about two that do
not. So the bounds that make the top k exact stay bounds over text alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from matching.filters import Facets

RERANKED = 100


def affinity(asked: Facets, offered: Facets, weights: Mapping[str, float]) -> float:
    """Return the sum of ``weights`` over the facets of which both sides hold a common value."""
    shared = (
        weight for facet, weight in weights.items() if _common(asked.get(facet), offered.get(facet))
    )
    return round(sum(shared), 6)


def _common(asked: tuple[str, ...] | None, offered: tuple[str, ...] | None) -> bool:
    return any(value and value in (offered or ()) for value in asked or ())
