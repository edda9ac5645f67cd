"""The tree, against the vectors of Certificate Transparency and a naive reading of RFC 9162."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    extends,
    includes,
    inclusion_ranges,
    leaf_hash,
    loose_nodes,
    node_hash,
    nodes_of,
    root_of,
)

LARGEST = 130
#: the leaves and roots with which Certificate Transparency's implementations are tested
VECTOR_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243",
        "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
VECTOR_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


# RFC 9162 §2.1, written down as it is defined: slow, and hard to get wrong.
def split(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = split(len(leaves))
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], known: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


LEAVES = [f"entry {number}".encode() for number in range(LARGEST)]
ROOTS = [naive_root(LEAVES[:size]) for size in range(LARGEST + 1)]


def stored_nodes(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """What a ledger of these leaves keeps."""
    frontier = Frontier()
    nodes = {(0, index): leaf_hash(leaf) for index, leaf in enumerate(leaves)}
    for leaf in leaves:
        nodes |= {(level, index): hash_ for level, index, hash_ in frontier.add(leaf_hash(leaf))}
    return nodes


NODES = stored_nodes(LEAVES)


def path_over(ranges: list[tuple[int, int]]) -> list[bytes]:
    return [root_of(leaves, NODES.__getitem__) for leaves in ranges]


def inclusion(position: int, size: int) -> list[bytes]:
    return path_over(inclusion_ranges(position, size))


def consistency(old: int, new: int) -> list[bytes]:
    return path_over(consistency_ranges(old, new))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    frontier = Frontier()
    for leaf in VECTOR_LEAVES[:size]:
        frontier.add(leaf_hash(leaf))
    assert frontier.root().hex() == VECTOR_ROOTS[size]


def test_the_tree_of_rfc_6962_section_2_1_3_has_the_paths_drawn_there() -> None:
    d = [leaf_hash(leaf) for leaf in LEAVES[:7]]
    g, h = node_hash(d[0], d[1]), node_hash(d[2], d[3])
    i = node_hash(d[4], d[5])
    k, left = node_hash(g, h), node_hash(i, d[6])
    assert inclusion(0, 7) == [d[1], h, left]
    assert inclusion(3, 7) == [d[2], g, left]
    assert inclusion(4, 7) == [d[5], d[6], k]
    assert inclusion(6, 7) == [i, k]
    assert consistency(3, 7) == [d[2], d[3], g, left]
    assert consistency(4, 7) == [left]
    assert consistency(6, 7) == [i, d[6], k]


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_every_root_and_every_proof_is_that_of_the_definition(size: int) -> None:
    assert root_of((0, size), NODES.__getitem__) == ROOTS[size]
    for position in range(size):
        path = inclusion(position, size)
        assert path == naive_path(position, LEAVES[:size])
        assert includes(leaf_hash(LEAVES[position]), position, size, ROOTS[size], path)
    for old in range(1, size + 1):
        path = consistency(old, size)
        assert path == naive_subproof(old, LEAVES[:size], True)
        assert extends(old, size, ROOTS[old], ROOTS[size], path)
    assert extends(0, size, EMPTY_ROOT, ROOTS[size], [])


sizes = st.integers(1, LARGEST)


@given(st.data())
@settings(max_examples=300)
def test_a_path_proves_no_other_leaf_place_root_or_length(data: st.DataObject) -> None:
    size = data.draw(sizes)
    position, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size + 1))
    leaf, path = leaf_hash(LEAVES[position]), inclusion(position, size)
    assert includes(leaf, other, size, ROOTS[size], path) == (other == position)
    assert not includes(leaf, position, size, ROOTS[size - 1], path)
    assert not includes(leaf_hash(b"another"), position, size, ROOTS[size], path)
    assert not includes(leaf, position, size, ROOTS[size], [*path, leaf])
    assert not path or not includes(leaf, position, size, ROOTS[size], path[:-1])


@given(st.data())
@settings(max_examples=300)
def test_a_consistency_path_hides_no_rewriting(data: st.DataObject) -> None:
    old, new = sorted((data.draw(sizes), data.draw(sizes)))
    path = consistency(old, new)
    assert not extends(old, new, ROOTS[old - 1], ROOTS[new], path)
    assert not extends(old, new, ROOTS[old], ROOTS[new - 1], path)
    assert not extends(old, new, ROOTS[old], ROOTS[new], [*path, ROOTS[0]])
    assert not path or not extends(old, new, ROOTS[old], ROOTS[new], path[:-1])
    assert old == new or not extends(new, old, ROOTS[new], ROOTS[old], path)
    for step in range(len(path)):
        altered = [*path[:step], leaf_hash(path[step]), *path[step + 1 :]]
        assert not extends(old, new, ROOTS[old], ROOTS[new], altered)


def test_a_longer_tree_cannot_pass_for_the_beginning_of_a_shorter_one() -> None:
    assert not extends(2, 1, ROOTS[2], ROOTS[2], [])
    assert not extends(5, 4, ROOTS[5], ROOTS[4], [])


@given(sizes, st.integers(1, 40))
def test_a_tree_goes_on_from_its_loose_nodes_alone(size: int, more: int) -> None:
    more = min(more, LARGEST - size)
    loose = {level: NODES[level, index] for level, index in loose_nodes(size, more)}
    frontier = Frontier(size, loose)
    for leaf in LEAVES[size : size + more]:
        for level, index, hash_ in frontier.add(leaf_hash(leaf)):
            assert hash_ == NODES[level, index]


def test_a_receipt_in_a_ledger_of_a_million_entries_has_twenty_hashes() -> None:
    assert len(inclusion_ranges(777_777, 1_000_000)) == 20
    assert all(len(nodes_of(leaves)) <= 20 for leaves in inclusion_ranges(0, 1_000_000))


@pytest.mark.parametrize("position, size", [(-1, 5), (5, 5), (0, 0)])
def test_there_is_no_path_for_a_leaf_that_is_not_there(position: int, size: int) -> None:
    with pytest.raises(ValueError):
        inclusion_ranges(position, size)


def test_there_is_no_proof_that_a_shorter_tree_extends_a_longer_one() -> None:
    with pytest.raises(ValueError):
        consistency_ranges(6, 5)
