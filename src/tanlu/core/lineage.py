"""The chain behind a number: a graph of results, methods, factors, facts and sources that is frozen with a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from tanlu.core.provenance import Fact, Source
from tanlu.core.punctuation import PUNCTUATION

NodeKind = Literal["result", "method", "factor", "fact", "source", "assumption"]


@dataclass(frozen=True, slots=True)
class Node:
    """A number or text in the chain.

    ``parents`` are the ids that it was made from. ``value`` is None for methods and sources and for results that say NE.
    """

    id: str
    kind: NodeKind
    zh: str
    en: str
    value: float | str | None = None
    unit: str = ""
    grade: str = ""
    note_zh: str = ""
    note_en: str = ""
    url: str = ""
    parents: tuple[str, ...] = field(default=())

    def label(self, language: str) -> str:
        """Return the label in the given language."""
        return self.zh if language == "zh" else self.en

    def note(self, language: str) -> str:
        """Return the note in the given language."""
        return self.note_zh if language == "zh" else self.note_en

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Node:
        """Return the node of plain data, as `Lineage.as_records` made it.

        Raises
        ------
        TypeError
            If a field is missing or unknown.
        """
        return cls(**{**record, "parents": tuple(record.get("parents", ()))})


class Lineage:
    """All nodes of a run, by id; a node may be added before its parents."""

    nodes: Mapping[str, Node]

    def __init__(self, nodes: Iterable[Node] = ()) -> None:
        self._added: dict[str, Node] = {}
        self.nodes = self._added
        for node in nodes:
            self.add(node)

    def add(self, node: Node) -> None:
        """Add a node.

        Raises
        ------
        ValueError
            If a different node has the same id.
        """
        if self._added.setdefault(node.id, node) != node:
            raise ValueError(f"two different lineage nodes are named {node.id!r}")

    def add_fact(self, fact: Fact, label: Callable[[Fact, str], str]) -> str:
        """Add a fact and return its id; the node of its source is expected under ``source:<id>``.

        Parameters
        ----------
        fact : Fact
        label : callable
            Returns the label of a fact in a language, see `tanlu.core.province.Province.fact_label`.
        """
        node = Node(
            fact.id, "fact", label(fact, "zh"), label(fact, "en"), fact.value, fact.unit, fact.grade.value, fact.note_zh, fact.note_en,
            parents=(f"source:{fact.source}",),
        )  # fmt: skip
        self.add(node)
        return fact.id

    def add_source(self, source: Source) -> str:
        """Add a source and return the id of its node."""
        key = f"source:{source.id}"
        zh = PUNCTUATION["zh"].phrases(source.publisher_zh, source.note_zh)
        en = PUNCTUATION["en"].phrases(source.publisher_en, source.note_en)
        self.add(
            Node(key, "source", source.title_zh, source.title_en, None, "", source.grade.value, zh, en, source.url)
        )
        return key

    def missing(self) -> list[tuple[str, str]]:
        """Return (node, parent) pairs whose parent is not in the graph: a sound run has none."""
        return [(n.id, p) for n in self.nodes.values() for p in n.parents if p not in self.nodes]

    def walk(self, node_id: str) -> Iterator[tuple[int, Node]]:
        """Yield (depth, node) from a number down to its sources, depth first; a node met again is yielded but not entered again.

        Raises
        ------
        KeyError
            If the id is unknown.
        """
        seen: set[str] = set()
        stack = [(0, node_id)]
        while stack:
            depth, current = stack.pop()
            node = self.nodes[current]
            yield depth, node
            if current not in seen:
                seen.add(current)
                stack.extend((depth + 1, parent) for parent in reversed(node.parents))

    def made_from(self, name: str) -> list[Node]:
        """Return the nodes that have a node among their parents."""
        return [node for node in self.nodes.values() if name in node.parents]

    def of_kind(self, kind: NodeKind) -> list[Node]:
        """Return the nodes of a kind."""
        return [node for node in self.nodes.values() if node.kind == kind]

    def as_records(self) -> list[dict[str, Any]]:
        """Return the nodes as plain data, sorted by id, without empty fields."""
        names = [f.name for f in fields(Node)]
        nodes = (node for _, node in sorted(self.nodes.items()))
        return [{k: v for k in names if (v := getattr(node, k)) not in ("", (), None)} for node in nodes]

    @classmethod
    def from_records(cls, records: Iterable[dict[str, Any]]) -> Lineage:
        """Return the graph of plain data that `as_records` made."""
        return cls(map(Node.of_record, records))
