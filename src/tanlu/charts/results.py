"""Reading the frozen folder of a run: every file is checked against its columns, and all problems are reported together."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
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
)  # fmt: skip
from tanlu.core.errors import DataError, Problem
from tanlu.core.lineage import Lineage, Node
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


def columns_of(record: type[Any]) -> tuple[Column, ...]:
    """Return the columns of the file whose rows a record class holds."""
    return tuple(Column(f.name, **_KINDS[str(f.type)]) for f in fields(record) if str(f.type) in _KINDS)


def _read(folder: Path, file: str, record: type[Any], make: Callable[..., T], problems: list[Problem]) -> tuple[T, ...]:
    table = read_table(folder / file, columns_of(record))
    problems.extend(table.problems)
    return tuple(make(**row) for row in table.rows)


def _read_if_there(
    folder: Path, file: str, record: type[Any], make: Callable[..., T], problems: list[Problem]
) -> tuple[T, ...]:
    """Return the rows of a table that runs of older versions do not have; none where it is missing."""
    return _read(folder, file, record, make, problems) if (folder / file).is_file() else ()


def _header(path: Path) -> list[str]:
    if not path.is_file():
        return []
    text, _, _ = decode(path.read_bytes(), path.name)
    return next(csv.reader(text.splitlines()), [])


def _pathways(folder: Path, problems: list[Problem]) -> tuple[Pathway, ...]:
    file = "pathways.csv"
    years = [name for name in _header(folder / file) if name.isdigit()]
    table = read_table(
        folder / file, [*(Column(n) for n in _IAMC), *(Column(y, "number", required=False) for y in years)]
    )
    problems.extend(table.problems)
    made = []
    for row in table.rows:
        values = {int(y): float(str(v)) for y in years if (v := row[y]) is not None}
        model, scenario, region, variable, unit = (str(row[name]) for name in _IAMC)
        made.append(Pathway(model, scenario, region, variable, unit, values))
    return tuple(made)


def _levers(folder: Path, problems: list[Problem]) -> tuple[LeverRecord, ...]:
    file = "levers.csv"
    worlds = [name for name in _header(folder / file) if name not in _LEVER]
    fixed = [c for c in columns_of(LeverRecord) if c.name in _LEVER]
    table = read_table(folder / file, [*fixed, *(Column(w, "number", required=False) for w in worlds)])
    problems.extend(table.problems)
    rows: list[dict[str, Any]] = table.rows
    return tuple(LeverRecord(**{n: row[n] for n in _LEVER}, worlds={w: row[w] for w in worlds}) for row in rows)


def _json(folder: Path, file: str, keys: Iterable[str], problems: list[Problem]) -> dict[str, Any]:
    path = folder / file
    if not path.is_file():
        problems.append(Problem("missing_file", file))
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("not_json", file, getattr(error, "lineno", None), details={"reason": str(error)}))
        return {}
    if not isinstance(data, dict):
        problems.append(Problem("not_json", file, details={"reason": f"{type(data).__name__}, not an object"}))
        return {}
    problems.extend(Problem("missing_key", file, field=key) for key in keys if key not in data)
    return data


def _manifest(folder: Path, problems: list[Problem]) -> Manifest | None:
    names = [f.name for f in fields(Manifest)]
    data = _json(folder, "manifest.json", names, problems)
    if not all(name in data for name in names):
        return None
    return Manifest(**{**{name: data[name] for name in names}, "steps": tuple(data["steps"])})


def _lineage(folder: Path, problems: list[Problem]) -> Lineage:
    data = _json(folder, "lineage.json", ("nodes",), problems)
    try:
        return Lineage.from_records(data.get("nodes", ()))
    except (TypeError, ValueError, KeyError) as error:
        problems.append(Problem("bad_lineage", "lineage.json", details={"reason": str(error)}))
        return Lineage()


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
    lineage: Lineage

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
        problems: list[Problem] = []
        manifest, lineage = _manifest(folder, problems), _lineage(folder, problems)
        summary = _json(folder, "summary.json", ("lines", "figures"), problems)
        parts: dict[str, Any] = {
            "inventory": _read(folder, "inventory.csv", InventoryRecord, InventoryRecord, problems),
            "energy": _read(folder, "energy.csv", EnergyRecord, EnergyRecord, problems),
            "sectors": _read(folder, "sectors.csv", SectorRecord, SectorRecord, problems),
            "totals": _read(folder, "totals.csv", TotalRecord, TotalRecord, problems),
            "pathways": _pathways(folder, problems),
            "fan": _read(folder, "fan.csv", FanRecord, FanRecord, problems),
            "peaks": _read(folder, "peaks.csv", PeakRecord, PeakRecord, problems),
            "levers": _levers(folder, problems),
            "scoreboard": _read(folder, "scoreboard.csv", TargetRecord, TargetRecord, problems),
            "intensity": _read(folder, "intensity.csv", IntensityRecord, IntensityRecord, problems),
            "reconciliation": _read(folder, "reconciliation.csv", ReconciliationRecord, ReconciliationRecord, problems),
            "prefectures": _read(folder, "prefectures.csv", PrefectureRecord, PrefectureRecord, problems),
            "sources": _read(folder, "sources.csv", SourceRecord, SourceRecord, problems),
        }
        later: dict[str, type[Any]] = {
            "prefectures_inventory": PrefectureInventoryRecord, "uncertainty": UncertaintyRecord,
            "key_categories": KeyCategoryRecord, "measure_next": MeasureRecord, "wedges": WedgeRecord,
        }  # fmt: skip
        for name, record in later.items():
            parts[name] = _read_if_there(folder, f"{name}.csv", record, record, problems)
        if lineage.nodes:
            for name, records in parts.items():
                problems.extend(_without_node(f"{name}.csv", name, records, lineage))
        if problems or manifest is None:
            raise DataError(problems)
        return cls(folder=folder, manifest=manifest, summary=summary, lineage=lineage, **parts)

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

    @cached_property
    def _sources_below(self) -> dict[str, frozenset[str]]:
        return {}

    def sources_of(self, ids: Iterable[str]) -> tuple[Node, ...]:
        """Return the source nodes that the given numbers rest on, sorted by grade and title."""
        found: set[str] = set()
        for node_id in ids:
            found |= self._below(node_id)
        nodes = [self.lineage.nodes[i] for i in found]
        return tuple(sorted(nodes, key=lambda n: (n.grade, n.zh)))

    def _below(self, node_id: str) -> frozenset[str]:
        cache = self._sources_below
        stack: list[tuple[str, bool]] = [(node_id, False)]
        entered: set[str] = set()
        while stack:
            current, done = stack.pop()
            node = self.lineage.nodes.get(current)
            if node is None or current in cache:
                continue
            if done:
                own = {current} if node.kind == "source" else set()
                cache[current] = frozenset(own.union(*(cache.get(p, frozenset()) for p in node.parents)))
            elif current not in entered:
                entered.add(current)
                stack.append((current, True))
                stack.extend((p, False) for p in node.parents)
        return cache.get(node_id, frozenset())


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
