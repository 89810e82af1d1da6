"""What the registries of a workspace say of the counted targets: the verified count, with what was reported beside it.

A workspace without a system of record has no counts; its targets stay not measured. What was only reported does not count for a status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.assessment.series import Measured
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.job.loading import Folder
from tanlu.job.tables import Cell, write_csv
from tanlu.workspace import open_records, records_exist

if TYPE_CHECKING:
    from tanlu.assessment.filing.target_state import TargetState

FILE: Final = "registry_targets.csv"
COLUMNS: Final = (
    "target", "reported", "verified", "unit", "outlook", "probability", "needed_per_year", "as_of", "grade", "source", "demonstration",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RegistryCounts:
    """Counts as known at a moment.

    Parameters
    ----------
    measures : dict
        ``count:<name>`` of the indicators → verified counts by year.
    nodes : tuple of Node
        Lineage of these counts.
    rows : tuple of tuple
        Lines of ``registry_targets.csv``.
    known : dict
        What the manifest keeps: entries and root of the log, and the moment.
    """

    measures: dict[str, dict[int, Measured]] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    known: dict[str, Any] = field(default_factory=dict)


def registry_counts(workspace: Path, folder: Folder) -> RegistryCounts:
    """Return the counts of a workspace; none if it has no system of record, or nobody has reported anything.

    Raises
    ------
    DataError
        If the system of record is there and cannot be opened.
    """
    if not records_exist(workspace):
        return RegistryCounts()
    from tanlu.assessment.filing.targets import numeric_targets
    from tanlu.records import local_day

    records = open_records(workspace)
    try:
        with records.database.read() as session:
            as_of = records.database.clock()
            states = numeric_targets(session, folder.province.id, as_of, None, folder.plan)
        counted = [s for s in states if s.origin == "registry" and s.reported]
        if not counted:
            return RegistryCounts()
        frontier = records.database.frontier()
        known = {"entries": frontier.size, "root": frontier.root().hex(), "as_of": as_of.isoformat(timespec="seconds")}
        return _counts(counted, folder, local_day(as_of), known)
    finally:
        records.close()


def _counts(states: list[TargetState], folder: Folder, today: date, known: Mapping[str, Any]) -> RegistryCounts:
    measures: dict[str, dict[int, Measured]] = {}
    nodes: list[Node] = []
    for state in states:
        indicator = folder.indicators[state.target.id]
        name = next((m for m in indicator.measure if m.startswith("count:")), "")
        # where nothing is verified yet nothing is known, which is not zero
        if name and state.verified:
            year = min(today.year, state.target.deadline)
            node = _node(state, year)
            nodes.append(node)
            measures[name] = {year: Measured(year, state.verified, state.unit, (node.id,), Grade(state.grade))}
    rows: list[tuple[Cell, ...]] = [
        (
            s.target.id, int(s.reported or 0), int(s.verified or 0), s.unit, s.outlook.value, s.probability, s.needed,
            today.isoformat(), s.grade, s.source, int(s.demonstration),
        )
        for s in states
    ]  # fmt: skip
    return RegistryCounts(measures, tuple(nodes), tuple(rows), dict(known))


def _node(state: TargetState, year: int) -> Node:
    values = {"target": state.target.id, "year": year}
    return Node(
        f"registry:{state.target.id}:{year}", "fact", translate("registry.count_node", "zh", **values),
        translate("registry.count_node", "en", **values), state.verified, state.unit, state.grade,
        translate("registry.count_note", "zh", demonstration=_marked(state, "zh")),
        translate("registry.count_note", "en", demonstration=_marked(state, "en")),
    )  # fmt: skip


def _marked(state: TargetState, language: str) -> str:
    return translate("registry.count_demonstration", language) if state.demonstration else ""


def write_counts(folder: Path, counts: RegistryCounts) -> None:
    """Write ``registry_targets.csv``; a run without counts has none."""
    if counts.rows:
        write_csv(folder / FILE, COLUMNS, counts.rows)
