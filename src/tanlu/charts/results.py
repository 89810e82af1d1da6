"""Reading the frozen folder of a run: every file is checked against its columns, and all problems are reported together."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from tanlu.charts.records import (
    EnergyRecord,
    FanRecord,
    IntensityRecord,
    InventoryRecord,
    KeyCategoryRecord,
    LeverRecord,
    Manifest,
    MeasureRecord,
    Pathway,
    PeakRecord,
    PrefectureInventoryRecord,
    PrefectureRecord,
    ReconciliationRecord,
    SectorRecord,
    SourceRecord,
    TargetRecord,
    TotalRecord,
    UncertaintyRecord,
    WedgeRecord,
    YearSeries,
)  # fmt: skip
from tanlu.core.errors import DataError, Problem
from tanlu.core.lineage import Lineage, Node
from tanlu.core.packed_lineage import PackedLineage
from tanlu.core.tables import Column, decode, read_table

T = TypeVar("T")

_KINDS: Final[dict[str, dict[str, Any]]] = {
    "str": {"kind": "text", "required": False},
    "int": {"kind": "integer"},
    "int | None": {"kind": "integer", "required": False},
    "float": {"kind": "number"},
    "float | None": {"kind": "number", "required": False},
    "Grade": {"kind": "grade"},
    "Grade | None": {"kind": "grade", "required": False},
}
_IAMC: Final = ("Model", "Scenario", "Region", "Variable", "Unit")
_LEVER: Final = ("id", "name_zh", "name_en", "action", "unit", "minimum", "default", "maximum", "grade", "source")

_TABLES: Final[dict[str, type[Any]]] = {
    "inventory": InventoryRecord, "energy": EnergyRecord, "sectors": SectorRecord, "totals": TotalRecord, "fan": FanRecord,
    "peaks": PeakRecord, "scoreboard": TargetRecord, "intensity": IntensityRecord, "reconciliation": ReconciliationRecord,
    "prefectures": PrefectureRecord, "sources": SourceRecord,
}  # fmt: skip
_LATER_TABLES: Final[dict[str, type[Any]]] = {
    "prefectures_inventory": PrefectureInventoryRecord, "uncertainty": UncertaintyRecord, "key_categories": KeyCategoryRecord,
    "measure_next": MeasureRecord, "wedges": WedgeRecord,
}  # fmt: skip
"""Tables that runs of older versions do not have."""


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """Return the columns of the file whose rows a record class holds."""
    return tuple(Column(f.name, **_KINDS[str(f.type)]) for f in fields(record) if str(f.type) in _KINDS)


@dataclass(frozen=True)
class _RunFolder:
    """A run folder that is being read; a text that stands in many rows and nodes is held once.

    Parameters
    ----------
    path : Path
    problems : list of Problem
        What was found wrong so far.
    texts : dict
        Every text so far, by itself.
    """

    path: Path
    problems: list[Problem] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def rows(self, file: str, record: type[T]) -> tuple[T, ...]:
        """Return the rows of a table as records."""
        return tuple(record(**row) for row in self._table(file, columns_of(record)))

    def rows_if_there(self, file: str, record: type[T]) -> tuple[T, ...]:
        """Return the rows of a table that runs of older versions do not have; none where it is missing."""
        return self.rows(file, record) if (self.path / file).is_file() else ()

    def pathways(self) -> tuple[Pathway, ...]:
        """Return the series of the scenarios."""
        file = "pathways.csv"
        years = [name for name in self._header(file) if name.isdigit()]
        columns = [*(Column(n) for n in _IAMC), *(Column(y, "number", required=False) for y in years)]
        made, spans = [], dict[tuple[str, ...], tuple[int, ...]]()
        for row in self._table(file, columns):
            told = tuple(y for y in years if row[y] is not None)
            values = YearSeries(spans.setdefault(told, tuple(map(int, told))), (row[y] for y in told))
            model, scenario, region, variable, unit = (str(row[name]) for name in _IAMC)
            made.append(Pathway(model, scenario, region, variable, unit, values))
        return tuple(made)

    def levers(self) -> tuple[LeverRecord, ...]:
        """Return the levers with their settings in each world."""
        file = "levers.csv"
        worlds = [name for name in self._header(file) if name not in _LEVER]
        fixed = [c for c in columns_of(LeverRecord) if c.name in _LEVER]
        rows = self._table(file, [*fixed, *(Column(w, "number", required=False) for w in worlds)])
        return tuple(LeverRecord(**{n: row[n] for n in _LEVER}, worlds={w: row[w] for w in worlds}) for row in rows)

    def manifest(self) -> Manifest | None:
        """Return what the run was made with, or None where that is not told in full."""
        names = [f.name for f in fields(Manifest)]
        data = self.json("manifest.json", names)
        if not all(name in data for name in names):
            return None
        return Manifest(**{**{name: data[name] for name in names}, "steps": tuple(data["steps"])})

    def lineage(self) -> Lineage:
        """Return the chain of the numbers; an empty one where it cannot be read."""

        def made(record: dict[str, Any]) -> dict[str, Any] | Node:
            # a node takes the place of its record at once: all records together take more room than the rest of the run
            return record if "nodes" in record else Node.of_record({k: self._once(v) for k, v in record.items()})

        try:
            return Lineage(self.json("lineage.json", ("nodes",), made).get("nodes", ()))
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            self.problems.append(Problem("bad_lineage", "lineage.json", details={"reason": str(error)}))
            return Lineage()

    def json(
        self, file: str, keys: Iterable[str], made: Callable[[dict[str, Any]], Any] | None = None
    ) -> dict[str, Any]:
        """Return an object that must have some keys; ``made`` says what stands for each object in it."""
        path = self.path / file
        if not path.is_file():
            self.problems.append(Problem("missing_file", file))
            return {}
        text = path.read_bytes()
        try:
            data = json.loads(text, object_hook=made)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            reason = {"reason": str(error)}
            self.problems.append(Problem("not_json", file, getattr(error, "lineno", None), details=reason))
            return {}
        if not isinstance(data, dict):
            self.problems.append(Problem("not_json", file, details={"reason": f"{type(data).__name__}, not an object"}))
            return {}
        self.problems.extend(Problem("missing_key", file, field=key) for key in keys if key not in data)
        return data

    def _table(self, file: str, columns: Sequence[Column]) -> list[dict[str, Any]]:
        table = read_table(self.path / file, columns)
        self.problems.extend(table.problems)
        return [{name: self._once(cell) for name, cell in row.items()} for row in table.rows]

    def _header(self, file: str) -> list[str]:
        path = self.path / file
        if not path.is_file():
            return []
        text, _, _ = decode(path.read_bytes(), file)
        return next(csv.reader(text.splitlines()), [])

    def _once(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._once(part) for part in value]
        # a grade is a text and more
        return self.texts.setdefault(value, value) if type(value) is str else value


@dataclass(frozen=True)
class Results:
    """A frozen run: every table typed, the lineage graph, the summary and the manifest.

    Made by `Results.load`. Nothing here is computed: charts, reports and pages read the same figures.
    """

    folder: Path
    manifest: Manifest
    inventory: tuple[InventoryRecord, ...]
    energy: tuple[EnergyRecord, ...]
    sectors: tuple[SectorRecord, ...]
    totals: tuple[TotalRecord, ...]
    pathways: tuple[Pathway, ...]
    fan: tuple[FanRecord, ...]
    peaks: tuple[PeakRecord, ...]
    levers: tuple[LeverRecord, ...]
    scoreboard: tuple[TargetRecord, ...]
    intensity: tuple[IntensityRecord, ...]
    reconciliation: tuple[ReconciliationRecord, ...]
    prefectures: tuple[PrefectureRecord, ...]
    sources: tuple[SourceRecord, ...]
    prefectures_inventory: tuple[PrefectureInventoryRecord, ...]
    uncertainty: tuple[UncertaintyRecord, ...]
    key_categories: tuple[KeyCategoryRecord, ...]
    measure_next: tuple[MeasureRecord, ...]
    wedges: tuple[WedgeRecord, ...]
    summary: dict[str, Any]
    lineage: PackedLineage

    @classmethod
    def load(cls, folder: Path) -> Results:
        """Read a run folder.

        Parameters
        ----------
        folder : Path
            ``DIR/results/<run-id>``.

        Raises
        ------
        DataError
            With every problem of every file: missing files, wrong headers, text in numbers, ids without a lineage node.
        """
        run = _RunFolder(folder)
        manifest, lineage = run.manifest(), run.lineage()
        summary = run.json("summary.json", ("lines", "figures"))
        parts: dict[str, Any] = {"pathways": run.pathways(), "levers": run.levers()}
        parts |= {name: run.rows(f"{name}.csv", record) for name, record in _TABLES.items()}
        parts |= {name: run.rows_if_there(f"{name}.csv", record) for name, record in _LATER_TABLES.items()}
        if lineage.nodes:
            for name, records in parts.items():
                run.problems.extend(_without_node(f"{name}.csv", name, records, lineage))
        if run.problems or manifest is None:
            raise DataError(run.problems)
        return cls(folder=folder, manifest=manifest, summary=summary, lineage=PackedLineage(lineage), **parts)

    @property
    def province(self) -> str:
        """Slug of the province, which is also the id of its region."""
        return self.manifest.province

    @property
    def reference(self) -> str:
        """Name of the reference scenario: current policy, middle growth, or the first scenario if the run has no such one."""
        names = self.scenarios
        return "current-mid" if "current-mid" in names or not names else names[0]

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Scenario names in the order of the peaks table."""
        return tuple(dict.fromkeys(p.scenario for p in self.peaks))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Years of the inventory, ascending."""
        return tuple(sorted({r.year for r in self.inventory}))

    @cached_property
    def _pathway_index(self) -> dict[tuple[str, str], Pathway]:
        return {(p.scenario, p.variable): p for p in self.pathways}

    def pathway(self, scenario: str, variable: str) -> Pathway | None:
        """Return a variable of a scenario, or None if the run has no such series."""
        return self._pathway_index.get((scenario, variable))

    def fan_of(self, scenario: str, variable: str) -> tuple[FanRecord, ...]:
        """Return the quantiles of a variable of a scenario by year."""
        found = (r for r in self.fan if r.scenario == scenario and r.variable == variable)
        return tuple(sorted(found, key=lambda r: r.year))

    def peak(self, scenario: str) -> PeakRecord | None:
        """Return the peak of a scenario, or None if it is not in the run."""
        return next((p for p in self.peaks if p.scenario == scenario), None)

    def total(self, scope: str, year: int | None = None) -> TotalRecord | None:
        """Return a total of the province in a year, by default the last one for which it has a value."""
        found = [
            t for t in self.totals
            if t.scope == scope and t.region == self.province and t.value is not None and year in (None, t.year)
        ]  # fmt: skip
        return max(found, key=lambda t: t.year, default=None)

    def sources_of(self, ids: Iterable[str]) -> tuple[Node, ...]:
        """Return the source nodes that the given numbers rest on, sorted by grade and title."""
        found = frozenset[str]().union(*map(self.lineage.sources_below, ids))
        return tuple(sorted((self.lineage.nodes[i] for i in found), key=lambda n: (n.grade, n.zh)))


def _without_node(file: str, name: str, records: Sequence[Any], lineage: Lineage) -> list[Problem]:
    """Return the ids that the graph lacks; a source on which nothing rests need not be in it."""
    if name == "pathways":
        return []
    prefix = {"levers": "lever:", "sources": "source:"}.get(name, "")
    problems = []
    for line, record in enumerate(records, start=2):
        node_id = record.id if not prefix or record.id.startswith(prefix) else prefix + record.id
        if name == "sources" and record.feeds == 0:
            continue
        if node_id and node_id not in lineage.nodes:
            problems.append(Problem("no_lineage", file, line, "id", record.id))
    return problems
