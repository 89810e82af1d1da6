"""The chain of a frozen run in a tenth of the room: most of it is asked for rarely, and it is more than all other results together."""

from __future__ import annotations

import pickle
import zlib
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, ValuesView
from threading import Lock
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from tanlu.core.lineage import Lineage, Node, NodeKind

BLOCK: Final = 64
"""Nodes that are packed together; one that is asked for costs the unpacking of them, about a tenth of a millisecond."""
OPEN: Final = 32
"""Blocks that stay unpacked, those used last."""
KINDS: Final = get_args(NodeKind)
Places = NDArray[np.int32]


class PackedNodes(Mapping[str, Node]):
    """Nodes by id, which do not change any more.

    Parameters
    ----------
    nodes : iterable of Node
        Of different ids.
    """

    def __init__(self, nodes: Iterable[Node]) -> None:
        given = list(nodes)
        self._size = len(given)
        rows = [tuple(getattr(node, name) for name in Node.__slots__) for node in given]
        self._blocks = [zlib.compress(pickle.dumps(rows[i : i + BLOCK], 5)) for i in range(0, len(rows), BLOCK)]
        sums = np.array([_sum(node.id) for node in given], np.uint32)
        self._places = np.argsort(sums, kind="stable").astype(np.int32)
        self._sums = sums[self._places]
        self._open: OrderedDict[int, list[Node]] = OrderedDict()
        self._lock = Lock()

    def place(self, name: str) -> int:
        """Return which of the nodes has an id.

        Raises
        ------
        KeyError
            If none has.
        """
        first, last = (int(np.searchsorted(self._sums, _sum(name), side)) for side in ("left", "right"))
        for place in self._places[first:last].tolist():
            if self.at(place).id == name:
                return int(place)
        raise KeyError(name)

    def at(self, place: int) -> Node:
        """Return a node by its place."""
        number, row = divmod(place, BLOCK)
        with self._lock:
            if (block := self._open.get(number)) is None:
                block = self._open[number] = self._unpacked(number)
                while len(self._open) > OPEN:
                    self._open.popitem(last=False)
            else:
                self._open.move_to_end(number)
        return block[row]

    def _unpacked(self, number: int) -> list[Node]:
        return [Node(*row) for row in pickle.loads(zlib.decompress(self._blocks[number]))]

    def __getitem__(self, name: str) -> Node:
        return self.at(self.place(name))

    def __iter__(self) -> Iterator[str]:
        return (node.id for node in self.each())

    def __len__(self) -> int:
        return self._size

    def values(self) -> ValuesView[Node]:
        """Return all nodes; going through them unpacks each once, and looks none up."""
        return _Values(self)

    def each(self) -> Iterator[Node]:
        """Yield all nodes."""
        for number in range(len(self._blocks)):
            yield from self._unpacked(number)

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        del kept["_lock"]
        return {**kept, "_open": OrderedDict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = Lock()


class _Values(ValuesView[Node]):
    _mapping: PackedNodes

    def __iter__(self) -> Iterator[Node]:
        return self._mapping.each()


def _sum(name: str) -> int:
    # unlike the hash of a text it is the same in every process
    return zlib.crc32(name.encode())


class PackedLineage(Lineage):
    """The graph of a frozen run, and what each node rests on.

    Parameters
    ----------
    lineage : Lineage
    """

    nodes: PackedNodes

    def __init__(self, lineage: Lineage) -> None:
        nodes = lineage.nodes
        self.nodes = PackedNodes(nodes.values())
        # there are a hundred numbers for one set of sources
        numbers: dict[frozenset[str], int] = {}
        below = _sources_below(nodes)
        self._below = array("i", (numbers.setdefault(below[name], len(numbers)) for name in nodes))
        self._sets = tuple(numbers)
        self._kinds = bytes(KINDS.index(node.kind) for node in nodes.values())
        self._first_made, self._made = _made_from(nodes)

    def add(self, node: Node) -> None:
        """Refuse: what is frozen does not grow.

        Raises
        ------
        TypeError
            Always.
        """
        raise TypeError(f"the chain of a frozen run takes no {node.id!r}")

    def sources_below(self, name: str) -> frozenset[str]:
        """Return the ids of the sources that a node rests on, itself if it is one; none of a node that there is not."""
        try:
            return self._sets[self._below[self.nodes.place(name)]]
        except KeyError:
            return frozenset()

    def made_from(self, name: str) -> list[Node]:
        """Return the nodes that have a node among their parents, without unpacking the others; none of a node that there is not."""
        try:
            place = self.nodes.place(name)
        except KeyError:
            return []
        return [self.nodes.at(i) for i in self._made[self._first_made[place] : self._first_made[place + 1]].tolist()]

    def of_kind(self, kind: NodeKind) -> list[Node]:
        """Return the nodes of a kind, without unpacking the others."""
        wanted = KINDS.index(kind)
        return [self.nodes.at(place) for place, number in enumerate(self._kinds) if number == wanted]


def _made_from(nodes: Mapping[str, Node]) -> tuple[Places, Places]:
    """Return the places of the nodes made from each node, one node after the other, and where those of each begin [nodes + 1]."""
    places = {name: place for place, name in enumerate(nodes)}
    pairs = [
        (places[name], place)
        for place, node in enumerate(nodes.values())
        for name in dict.fromkeys(node.parents)
        if name in places
    ]
    above, below = np.array(pairs, np.int32).reshape(-1, 2).T
    first = np.zeros(len(places) + 1, np.int32)
    np.cumsum(np.bincount(above, minlength=len(places)), out=first[1:])
    return first, below[np.argsort(above, kind="stable")]


def _sources_below(nodes: Mapping[str, Node]) -> dict[str, frozenset[str]]:
    """Return for each node the sources at the ends of its chain; parents come first, and a ring ends where it began."""
    found: dict[str, frozenset[str]] = {}
    same: dict[frozenset[str], frozenset[str]] = {}
    for name in nodes:
        stack, entered = [(name, False)], set[str]()
        while stack:
            current, done = stack.pop()
            node = nodes.get(current)
            if node is None or current in found:
                continue
            if done:
                own = {current} if node.kind == "source" else set[str]()
                every = frozenset(own.union(*(found.get(p, frozenset()) for p in node.parents)))
                found[current] = same.setdefault(every, every)
            elif current not in entered:
                entered.add(current)
                stack.append((current, True))
                stack.extend((p, False) for p in node.parents)
    return found
