"""The Merkle tree of RFC 9162 §2.1 as arithmetic: which nodes a root or a proof is made of.

A *node* is the root of a complete subtree, named by its level and its index there: node
``(level, index)`` covers the leaves from ``index << level`` to ``(index + 1) << level``. Complete
subtrees never change once they are full, so they may be stored, and any root or proof of a tree
of n leaves is made of at most 2·log2(n) of them. What checks a proof is in ``verify_proof``.
"""

from collections.abc import Callable, Iterable

from marketplace.ledger.verify_proof import EMPTY_ROOT, extends, includes, leaf_hash, node_hash

__all__ = ["EMPTY_ROOT", "Frontier", "extends", "includes", "leaf_hash", "node_hash"]

Node = tuple[int, int]
Range = tuple[int, int]


def split_of(size: int) -> int:
    """The largest power of two below ``size`` (at least 2): where RFC 9162 splits a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(position: int, size: int) -> list[Range]:
    """The ranges of leaves whose roots are the inclusion path, bottom first, RFC 9162 §2.1.3.1."""
    if not 0 <= position < size:
        raise ValueError(f"no leaf {position} in a tree of {size}")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + split_of(end - start)
        if position < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose roots are the consistency path, in its order, RFC 9162 §2.1.4.1."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not extend one of {old}")
    if old == 0:
        return []
    start, end, ranges = 0, new, []
    while old != end:
        middle = start + split_of(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return [*([(start, end)] if start else []), *reversed(ranges)]


def nodes_of(leaves: Range) -> list[Node]:
    """The complete subtrees that make up an aligned range of leaves, from left to right."""
    start, end = leaves
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def root_of(leaves: Range, node: Callable[[Node], bytes]) -> bytes:
    """The root over a range as :func:`nodes_of` divides it; ``node`` gives the stored hashes."""
    return joined(node(one) for one in nodes_of(leaves))


def joined(roots: Iterable[bytes]) -> bytes:
    """The root over neighbouring complete subtrees, given from left to right."""
    *others, root = [*roots] or [EMPTY_ROOT]
    for left in reversed(others):
        root = node_hash(left, root)
    return root


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, one for each set bit.

    ``roots`` maps a level to the last complete subtree of that level that has no parent yet.
    """

    def __init__(self, size: int = 0, roots: dict[int, bytes] | None = None) -> None:
        self.size = size
        self.roots = roots or {}

    def add(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Put one more leaf; the inner nodes (level, index, hash) that it completes."""
        completed, level, carried = [], 0, leaf
        while self.size >> level & 1:
            carried = node_hash(self.roots.pop(level), carried)
            level += 1
            completed.append((level, self.size >> level, carried))
        self.roots[level] = carried
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        return joined(self.roots[level] for level in sorted(self.roots, reverse=True))


def loose_nodes(size: int, more: int) -> list[Node]:
    """The nodes of a tree of ``size`` leaves that putting ``more`` leaves will need, left to right.

    One more leaf needs none in half of all cases, and one in most of the others.
    """
    touched = (size ^ (size + more)).bit_length()
    return [(level, index) for level, index in nodes_of((0, size)) if level < touched]
