"""Merkle trees: the published roots and examples, a second implementation, and every way to spoil a proof."""

from __future__ import annotations

from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.records.log import (
    Frontier,
    LeafNodes,
    ProofError,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Inputs and roots of the reference implementation of Certificate Transparency (transparency-dev/merkle, ``testonly``)."""
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
sizes = st.integers(1, 70)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(i).encode()) for i in range(size)]


def recursive_root(hashes: list[bytes]) -> bytes:
    """Second implementation: the definition of RFC 9162, 2.1.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(recursive_root(hashes[:split]), recursive_root(hashes[split:]))


def recursive_proof(first: int, hashes: list[bytes], whole: bool) -> list[bytes]:
    """Second implementation: SUBPROOF of RFC 9162, 2.1.4.1, word for word."""
    if first == len(hashes):
        return [] if whole else [recursive_root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if first <= split:
        return [*recursive_proof(first, hashes[:split], whole), recursive_root(hashes[split:])]
    return [*recursive_proof(first - split, hashes[split:], False), recursive_root(hashes[:split])]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_implementation(size: int) -> None:
    assert root_of(HASHES[:size]).hex() == ROOTS[size]
    frontier = Frontier()
    for leaf in HASHES[:size]:
        frontier.append(leaf)
    assert frontier.root().hex() == ROOTS[size]


def test_the_tree_of_seven_leaves_in_the_rfc() -> None:
    """RFC 9162, 2.1.5: the paths [b, h, l], [c, g, l], [f, j, k], [i, k] and the proofs [c, d, g, l], [l], [i, j, k]."""
    a, b, c, d, e, f, j = leaves(7)
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, ell = node_hash(g, h), node_hash(i, j)
    root, nodes = node_hash(k, ell), LeafNodes(leaves(7))
    assert root == root_of(leaves(7))
    paths = {0: [b, h, ell], 3: [c, g, ell], 4: [f, j, k], 6: [i, k]}
    for index, path in paths.items():
        assert inclusion_path(index, 7, nodes) == path
        verify_inclusion(index, 7, leaves(7)[index], path, root)
    proofs = {3: [c, d, g, ell], 4: [ell], 6: [i, j, k]}
    for first, proof in proofs.items():
        assert consistency_path(first, 7, nodes) == proof
        verify_consistency(first, 7, proof, root_of(leaves(first)), root)


@settings(max_examples=40)
@given(sizes)
def test_roots_are_those_of_the_definition_and_of_another_library(size: int) -> None:
    other = pymerkle.InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for i in range(size):
        other.append_entry(str(i).encode())
        frontier.append(leaves(size)[i])
    assert root_of(leaves(size)) == recursive_root(leaves(size)) == other.get_root() == frontier.root()
    again = Frontier.from_bytes(size, frontier.to_bytes())
    assert again.root() == frontier.root()


@settings(max_examples=50)
@given(st.data(), sizes)
def test_every_inclusion_proof_holds_and_no_spoilt_one_does(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root, leaf = inclusion_path(index, size, LeafNodes(leaves(size))), root_of(leaves(size)), leaves(size)[index]
    verify_inclusion(index, size, leaf, path, root)
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda b: b != leaf))
    spoilt = [
        (index, size, other, path, root),
        (index, size, leaf, path, other),
        (index, size, leaf, [*path, other], root),
        (index, size, leaf, [other, *path], root),
        (index, size, leaf, [*path, b""], root),
        (size, size, leaf, path, root),
        (-1, size, leaf, path, root),
    ]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        spoilt.append((index, size, leaf, path[:-1], root))
        spoilt.append((index, size, leaf, [*path[:at], bytes(32), *path[at + 1 :]], root))
    if size > 1:
        spoilt.append(((index + 1) % size, size, leaf, path, root))
    for case in spoilt:
        with pytest.raises(ProofError):
            verify_inclusion(*case)


@settings(max_examples=50)
@given(st.data(), sizes)
def test_every_consistency_proof_holds_and_no_spoilt_one_does(data: st.DataObject, second: int) -> None:
    first = data.draw(st.integers(1, second))
    proof = consistency_path(first, second, LeafNodes(leaves(second)))
    old, new = root_of(leaves(first)), root_of(leaves(second))
    assert proof == recursive_proof(first, leaves(second), True)
    verify_consistency(first, second, proof, old, new)
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda b: b not in (old, new)))
    spoilt = [
        (first, second, proof, other, new),
        (first, second, proof, old, other),
        (first, second, [*proof, other], old, new),
        (first, second, [b"", *proof], old, new),
        (0, second, proof, old, new),
        (0, second, [], old, new),
        (second + 1, second, proof, old, new),
    ]
    if first < second:
        spoilt += [
            (first, second, proof, new, old),
            (first, second, proof[:-1], old, new),
            (first, second, [], old, new),
        ]
    for case in spoilt:
        with pytest.raises(ProofError):
            verify_consistency(*case)


def test_a_proof_is_not_made_where_there_is_none() -> None:
    nodes = LeafNodes(leaves(3))
    for bad in ((3, 3), (-1, 3)):
        with pytest.raises(ValueError):
            inclusion_path(*bad, nodes)
    for bad in ((0, 3), (4, 3)):
        with pytest.raises(ValueError):
            consistency_path(*bad, nodes)
    with pytest.raises(ValueError):
        Frontier.from_bytes(3, b"")
