"""Lineage: the chain of a number is complete, ends at sources and survives writing and reading."""

from __future__ import annotations

import pickle

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.core import packed_lineage
from tanlu.core.lineage import Lineage, Node
from tanlu.core.packed_lineage import PackedLineage
from tanlu.core.provenance import Fact, Grade, Source


def node(name: str, *parents: str) -> Node:
    return Node(name, "result", f"{name} 号", f"number {name}", 1.5, "kt", "B", parents=parents)


def graph() -> Lineage:
    """A total of two rows that share a factor; one row has a fact; both ends are sources."""
    return Lineage(
        [
            node("total", "row1", "row2"),
            node("row1", "factor", "fact"),
            node("row2", "factor"),
            node("factor", "source"),
            node("fact", "source"),
            Node("source", "source", "年鉴", "yearbook"),
        ]
    )


@st.composite
def random_graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Return parents by name; a parent has a higher number, so that there is no circle."""
    size = draw(st.integers(1, 12))
    parents = {}
    for i in range(size):
        later = [str(j) for j in range(i + 1, size)]
        parents[str(i)] = tuple(draw(st.lists(st.sampled_from(later), unique=True)) if later else ())
    return parents


def test_a_walk_goes_depth_first_and_enters_a_shared_node_once() -> None:
    assert [(depth, n.id) for depth, n in graph().walk("total")] == [
        (0, "total"), (1, "row1"), (2, "factor"), (3, "source"), (2, "fact"), (3, "source"), (1, "row2"), (2, "factor"),
    ]  # fmt: skip


@given(random_graphs())
def test_a_walk_yields_exactly_what_is_reachable(parents: dict[str, tuple[str, ...]]) -> None:
    """Second implementation: descendants of networkx."""
    lineage = Lineage(node(name, *above) for name, above in parents.items())
    other = nx.DiGraph((name, p) for name, above in parents.items() for p in above)
    other.add_nodes_from(parents)
    for name in parents:
        assert {n.id for _, n in lineage.walk(name)} == nx.descendants(other, name) | {name}


@given(random_graphs())
def test_a_graph_survives_writing_and_reading(parents: dict[str, tuple[str, ...]]) -> None:
    lineage = Lineage(node(name, *above) for name, above in parents.items())
    again = Lineage.from_records(lineage.as_records())
    assert again.nodes == lineage.nodes and again.as_records() == lineage.as_records()


def test_records_are_sorted_and_hold_no_empty_field_but_zero_stays() -> None:
    lineage = Lineage([Node("b", "result", "零", "zero", 0.0, "kt"), Node("a", "method", "法", "method")])
    assert lineage.as_records() == [
        {"id": "a", "kind": "method", "zh": "法", "en": "method"},
        {"id": "b", "kind": "result", "zh": "零", "en": "zero", "value": 0.0, "unit": "kt"},
    ]
    assert Lineage.from_records(lineage.as_records()).nodes == lineage.nodes


def test_parents_that_are_not_in_the_graph_are_told() -> None:
    assert graph().missing() == []
    lineage = graph()
    lineage.add(node("other", "row1", "nowhere"))
    assert lineage.missing() == [("other", "nowhere")]


def test_a_circle_does_not_walk_for_ever() -> None:
    lineage = Lineage([node("a", "b"), node("b", "a")])
    assert [n.id for _, n in lineage.walk("a")] == ["a", "b", "a"]


def test_one_id_cannot_mean_two_things() -> None:
    lineage = graph()
    lineage.add(node("row2", "factor"))
    with pytest.raises(ValueError, match="row2"):
        lineage.add(node("row2", "fact"))
    with pytest.raises(KeyError):
        list(lineage.walk("nothing"))


def test_facts_and_sources_become_nodes_that_meet() -> None:
    lineage = Lineage()
    fact = Fact("Production|Cement", "north", 2020, 3.5, "Mt", "yearbook", Grade.B, "2026-01-01", "表3", "table 3")
    source = Source(
        "yearbook", "年鉴2021", "Yearbook 2021", "统计局", "Bureau", "https://example.org", Grade.A, "印刷本", "printed"
    )
    assert (
        lineage.add_fact(fact, lambda f, lang: f"{lang} {f.variable}") == fact.id == "fact:north:Production|Cement:2020"
    )
    assert lineage.missing() == [(fact.id, "source:yearbook")]
    assert lineage.add_source(source) == "source:yearbook"
    assert lineage.missing() == []
    found = lineage.nodes["source:yearbook"]
    assert found.url == "https://example.org"
    assert (
        [found.label(x) for x in ("zh", "en")]
        == [source.title(x) for x in ("zh", "en")]
        == ["年鉴2021", "Yearbook 2021"]
    )
    assert (found.note("zh"), found.note("en")) == ("统计局；印刷本", "Bureau; printed")
    node = lineage.nodes[fact.id]
    assert (node.zh, node.en, node.note_zh, node.note_en) == (
        "zh Production|Cement",
        "en Production|Cement",
        "表3",
        "table 3",
    )
    assert lineage.nodes[fact.id].value == 3.5 and lineage.nodes[fact.id].grade == "B"


def test_labels_and_notes_come_in_the_language_asked() -> None:
    one = Node("a", "result", "甲", "A", note_zh="注", note_en="note")
    assert (one.label("zh"), one.label("en"), one.note("zh"), one.note("en")) == ("甲", "A", "注", "note")


def test_the_weakest_grade_wins() -> None:
    assert Grade.worst([Grade.A, Grade.C, Grade.B]) is Grade.C
    assert Grade.worst([Grade.D, Grade.A]) is Grade.D
    with pytest.raises(ValueError):
        Grade.worst([])


@given(random_graphs())
def test_a_packed_graph_has_the_same_nodes_and_knows_the_sources_at_the_ends_of_each_chain(
    parents: dict[str, tuple[str, ...]],
) -> None:
    ends = {name for name, above in parents.items() if not above}
    plain = Lineage(
        Node(name, "source" if name in ends else "result", name, name, parents=p) for name, p in parents.items()
    )
    packed = pickle.loads(pickle.dumps(PackedLineage(plain)))
    assert dict(packed.nodes) == dict(plain.nodes)
    assert len(packed.nodes) == len(parents)
    drawn = nx.DiGraph([(name, parent) for name, above in parents.items() for parent in above])
    drawn.add_nodes_from(parents)
    assert list(packed.nodes.values()) == list(plain.nodes.values())
    assert {n.id for n in packed.of_kind("source")} == {n.id for n in plain.of_kind("source")} == ends
    assert packed.of_kind("method") == []
    for name in parents:
        assert packed.sources_below(name) == ends & (nx.descendants(drawn, name) | {name})
        made = set(drawn.predecessors(name))
        assert {n.id for n in packed.made_from(name)} == {n.id for n in plain.made_from(name)} == made


def test_what_was_made_from_a_parent_named_twice_is_told_once_and_nothing_was_made_from_what_there_is_not() -> None:
    plain = Lineage([node("total", "row", "row", "nowhere"), node("row")])
    packed = PackedLineage(plain)
    assert [n.id for n in packed.made_from("row")] == [n.id for n in plain.made_from("row")] == ["total"]
    assert packed.made_from("total") == packed.made_from("nowhere") == []


def test_nodes_of_many_blocks_are_found_whose_sums_are_alike_too_and_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packed_lineage, "_sum", lambda name: len(name))
    monkeypatch.setattr(packed_lineage, "OPEN", 1)
    graph = PackedLineage(Lineage(node(f"{i:03}") for i in range(3 * packed_lineage.BLOCK)))
    assert [graph.nodes[f"{i:03}"].id for i in (191, 0, 64, 63)] == ["191", "000", "064", "063"]
    assert "999" not in graph.nodes
    assert graph.sources_below("999") == frozenset()
    with pytest.raises(TypeError):
        graph.add(node("more"))


def test_a_ring_ends() -> None:
    ring = PackedLineage(Lineage([node("a", "b"), node("b", "a", "s"), Node("s", "source", "源", "source")]))
    assert ring.sources_below("a") == {"s"}
