"""Merkle trees of a transparency log: hashes, inclusion and consistency proofs, as pure functions.

Source: RFC 9162, sections 2.1.1 (Merkle tree hash), 2.1.3 (inclusion proofs) and 2.1.4 (consistency proofs), SHA-256; the tree is that of
RFC 6962. A *node reader* ``node(level, index)`` returns the hash of the full subtree of ``2**level`` leaves that starts at leaf
``index * 2**level``; proofs need no other access to a log, so that leaves may lie in memory, in tiles or in a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
NodeReader = Callable[[int, int], bytes]


class ProofError(Exception):
    """A proof does not hold; the message says which step failed."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf, ``SHA-256(0x00 ‖ data)`` (RFC 9162, 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, ``SHA-256(0x01 ‖ left ‖ right)`` (RFC 9162, 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of leaf hashes (RFC 9162, 2.1.1), level by level in O(n).

    The last node of an odd level moves up as it is, which gives the split at the largest power of two of the recursive definition.
    """
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:
        above = [sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


@dataclass(slots=True)
class Frontier:
    """The roots of the full subtrees of a growing tree, largest first: enough to append and to know the root.

    Parameters
    ----------
    size : int
        Number of leaves.
    hashes : list of bytes
        One hash for each bit that is set in ``size``.
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> Frontier:
        """Return the frontier of packed hashes.

        Raises
        ------
        ValueError
            If the length does not fit the size.
        """
        if len(packed) != HASH_SIZE * size.bit_count():
            raise ValueError(f"{len(packed)} bytes are not the frontier of {size} leaves")
        return cls(size, [packed[i : i + HASH_SIZE] for i in range(0, len(packed), HASH_SIZE)])

    def to_bytes(self) -> bytes:
        """Return the hashes, packed."""
        return b"".join(self.hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        carry = self.size
        while carry & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            carry >>= 1
        self.hashes.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """Return the Merkle tree hash."""
        if not self.hashes:
            return EMPTY_ROOT
        found = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            found = node_hash(left, found)
        return found


class LeafNodes:
    """Node reader over leaf hashes in memory; inner nodes are kept once computed."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash of a node; level 0 has the leaves."""
        while len(self._levels) <= level:
            below = self._levels[-1]
            self._levels.append([node_hash(a, b) for a, b in zip(below[::2], below[1::2], strict=False)])
        return self._levels[level][index]


def range_hash(start: int, end: int, node: NodeReader) -> bytes:
    """Return the Merkle tree hash of the leaves ``start … end-1``, where ``start`` is a multiple of the power of two that covers them."""
    width = end - start
    if width <= 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    split = start + (1 << ((width - 1).bit_length() - 1))
    return node_hash(range_hash(start, split, node), range_hash(split, end, node))


def inclusion_path(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the inclusion proof of a leaf, nearest sibling first (RFC 9162, 2.1.3.1).

    Raises
    ------
    ValueError
        If the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path, start, end = list[bytes](), 0, size
    while end - start > 1:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < split:
            path.append(range_hash(split, end, node))
            end = split
        else:
            path.append(range_hash(start, split, node))
            start = split
    return path[::-1]


def consistency_path(first: int, second: int, node: NodeReader) -> list[bytes]:
    """Return the proof that the tree of ``first`` leaves is a prefix of that of ``second`` (RFC 9162, 2.1.4.1).

    Raises
    ------
    ValueError
        Unless ``0 < first <= second``.
    """
    if not 0 < first <= second:
        raise ValueError(f"there is no consistency proof from {first} to {second} leaves")
    path, start, end, whole = list[bytes](), 0, second, True
    while first != end:
        split = start + (1 << ((end - start - 1).bit_length() - 1))
        if first <= split:
            path.append(range_hash(split, end, node))
            end = split
        else:
            path.append(range_hash(start, split, node))
            start, whole = split, False
    if not whole:
        path.append(range_hash(start, end, node))
    return path[::-1]


def _well_formed(*hashes: bytes) -> None:
    if any(len(h) != HASH_SIZE for h in hashes):
        raise ProofError("a hash is not 32 bytes long")


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at an index of the tree with a root (RFC 9162, 2.1.3.2).

    Raises
    ------
    ProofError
        If it does not, or the proof has another length than the tree asks for.
    """
    _well_formed(leaf, root, *path)
    if not 0 <= index < size:
        raise ProofError(f"leaf {index} is not in a tree of {size}")
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    if found != root:
        raise ProofError("the inclusion proof leads to another root")


def verify_consistency(first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Check that the tree of ``first`` leaves is a prefix of the tree of ``second`` leaves (RFC 9162, 2.1.4.2).

    An empty first tree is refused: every tree continues it, so the proof would say nothing.

    Raises
    ------
    ProofError
        If it is not, or the proof has another length than the trees ask for.
    """
    _well_formed(first_root, second_root, *path)
    if not 0 < first <= second:
        raise ProofError(f"there is no consistency proof from {first} to {second} leaves")
    if first == second:
        if path:
            raise ProofError("trees of one size need no proof")
        if first_root != second_root:
            raise ProofError("trees of one size have two roots")
        return
    if not path:
        raise ProofError("the consistency proof is empty")
    # a full first tree is itself the first node of the proof, and is left out
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if at & 1 or at == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, node)
        at, last = at >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    if old != first_root:
        raise ProofError("the consistency proof leads to another first root")
    if new != second_root:
        raise ProofError("the consistency proof leads to another second root")
