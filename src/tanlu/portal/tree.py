"""The chain behind a number as a tree that a page can unfold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tanlu.core.lineage import Lineage, Node

MOST = 1200
"""Branches on one page; beyond it a branch is a link to its own page."""


@dataclass(slots=True)
class Branch:
    """A node of the chain with what it was made from.

    ``repeated`` marks a node that is unfolded elsewhere on the page, ``cut`` one whose parents are left to its own page.
    """

    node: Node
    branches: list[Branch] = field(default_factory=list)
    repeated: bool = False
    cut: bool = False

    def walk(self) -> Iterator[Branch]:
        """Yield this branch and all below it."""
        yield self
        for branch in self.branches:
            yield from branch.walk()


def tree(lineage: Lineage, node_id: str, most: int = MOST) -> Branch:
    """Return the tree below a number, breadth first, so that a page that must stop has the upper levels whole.

    Raises
    ------
    KeyError
        If the id is unknown.
    """
    root = Branch(lineage.nodes[node_id])
    seen, queue, count = {node_id}, [root], 1
    while queue:
        branch = queue.pop(0)
        for parent in branch.node.parents:
            node = lineage.nodes.get(parent)
            if node is None:
                continue
            if count >= most:
                branch.cut = True
                break
            below = Branch(node, repeated=parent in seen and bool(node.parents))
            branch.branches.append(below)
            count += 1
            if parent not in seen:
                seen.add(parent)
                queue.append(below)
    return root


def children(lineage: Lineage, node_id: str) -> list[Node]:
    """Return what was made from a node, results first."""
    return sorted(lineage.made_from(node_id), key=lambda n: (n.kind != "result", n.id))
