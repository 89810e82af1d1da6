"""What pages and API both show: one function a question, from frozen results to plain records.

Pages have no data paths of their own, so a figure on a page is the figure of the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files as resources
from pathlib import Path
from threading import Lock
from typing import Final

from tanlu.charts import (
    Chart,
    Results,
    fan_chart,
    intensity_chart,
    inventory_chart,
    reconciliation_chart,
    scenarios_chart,
    scoreboard_chart,
    sectors_chart,
    tiles_chart,
    uncertainty_chart,
    wedges_chart,
)  # fmt: skip
from tanlu.charts.inventory import STACKINGS, By, category_name, convert_rows, energy_sectors
from tanlu.charts.reconciliation import items_of
from tanlu.charts.records import (
    InventoryRecord,
    KeyCategoryRecord,
    MeasureRecord,
    PrefectureInventoryRecord,
    ReconciliationRecord,
    SourceRecord,
    TargetRecord,
    UncertaintyRecord,
)
from tanlu.charts.scoreboard import STATUSES
from tanlu.charts.sectors import sector_of_category
from tanlu.charts.tiles import indicators
from tanlu.charts.uncertainty import SCOPES
from tanlu.core.gases import GWP_SETS, gwp_set
from tanlu.core.kept import hash_code, kept

GWP_VIEWS: Final = GWP_SETS
CHARTS: Final = (
    "emissions", "fan", "inventory", "prefectures", "scoreboard", "scenarios", "intensity", "uncertainty", "reconciliation", "wedges",
)  # fmt: skip
KEY_LISTS: Final = ("L1", "T1", "L2", "T2")
ALLOCATION: Final = "prefecture-allocation"
"""Method of the rows of prefectures."""


class NotFoundError(LookupError):
    """Something that a visitor asked for is not in the run; ``what`` is a message key, ``value`` what was asked."""

    def __init__(self, what: str, value: str) -> None:
        self.what, self.value = what, value
        super().__init__(f"{what}: {value}")


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A frozen run of the workspace."""

    run_id: str
    created: str
    province: str
    seed: int
    code_version: str
    data_hash: str
    latest: bool


RUNS_KEPT: Final = 4
"""Runs that are held in memory, about 50 MB each."""


class Workspace:
    """The runs of a workspace folder; the runs asked for last are kept while their manifests do not change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._loaded: dict[str, tuple[float, Results]] = {}
        self._lock = Lock()

    def _folders(self) -> dict[str, Path]:
        root = self.folder / "results"
        found = {p.parent.name: p.parent for p in root.glob("*/manifest.json") if p.parent.name != "latest"}
        if not found and (root / "latest" / "manifest.json").is_file():
            found["latest"] = root / "latest"
        return found

    def has(self, run: str) -> bool:
        """Return whether there is a run of that name."""
        return run in self._folders()

    def latest_id(self) -> str:
        """Return the id of the latest run.

        Raises
        ------
        NotFoundError
            If the workspace holds no run.
        """
        folders, link = self._folders(), self.folder / "results" / "latest" / "manifest.json"
        if link.is_file():
            named = str(json.loads(link.read_text(encoding="utf-8")).get("run_id", ""))
            if named in folders:
                return named
        if not folders:
            raise NotFoundError("portal.missing.results", str(self.folder))
        return max(folders, key=lambda name: ((folders[name] / "manifest.json").stat().st_mtime, name))

    def stamp(self) -> tuple[str, int]:
        """Return what another run, or another latest one, changes; it is cheap to ask."""
        results = self.folder / "results"
        try:
            return str((results / "latest").readlink()), results.stat().st_mtime_ns
        except OSError:
            # no run, or a folder instead of a link
            return "", results.stat().st_mtime_ns if results.is_dir() else 0

    def runs(self) -> list[RunInfo]:
        """Return all runs, the youngest first."""
        folders = self._folders()
        latest = self.latest_id() if folders else ""
        infos = []
        for name, folder in folders.items():
            text = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            created, province, version, data = (
                str(text.get(k, "")) for k in ("created", "province", "code_version", "data_hash")
            )
            infos.append(RunInfo(name, created, province, int(text.get("seed", 0)), version, data, name == latest))
        return sorted(infos, key=lambda r: (r.created, r.run_id), reverse=True)

    def manifest(self, run: str = "") -> Path:
        """Return the manifest of a run, the latest by default.

        Raises
        ------
        NotFoundError
            If there is no such run.
        """
        name = run or self.latest_id()
        folder = self._folders().get(name)
        if folder is None:
            raise NotFoundError("portal.missing.run", name)
        return folder / "manifest.json"

    def results(self, run: str = "") -> Results:
        """Return a run, the latest by default.

        Raises
        ------
        NotFoundError
            If there is no such run.
        DataError
            If its files are damaged.
        """
        path = self.manifest(run)
        folder, name = path.parent, path.parent.name
        stamp = path.stat().st_mtime
        with self._lock:
            known = self._loaded.get(name)
            if known is None or known[0] != stamp:
                known = (stamp, _read(folder))
            # the run asked for last stands last; the one that waited longest goes
            self._loaded.pop(name, None)
            self._loaded[name] = known
            while len(self._loaded) > RUNS_KEPT:
                del self._loaded[next(iter(self._loaded))]
        return known[1]


def _read(folder: Path) -> Results:
    """Return a run; what was read and checked once, and has not changed since, is taken from what was kept of it."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    states = [f"{path.name} {(seen := path.stat()).st_size} {seen.st_mtime_ns}" for path in files]
    package = Path(str(resources("tanlu")))
    code = hash_code([package / "charts", package / "core"])
    return kept("run", [str(folder.resolve()), code, *states], lambda: Results.load(folder))


@dataclass(frozen=True, slots=True)
class InventoryQuery:
    """Filters of the inventory; an empty text or None means everything."""

    year: int | None = None
    sector: str = ""
    gas: str = ""
    category: str = ""
    gwp: str = "AR5"
    view: By = "category"
    region: str = ""

    @property
    def selected(self) -> bool:
        """Whether any filter besides the year is set."""
        return bool(self.sector or self.gas or self.category)

    def chart_parameters(self) -> dict[str, str]:
        """Return the filters that concern a chart over all years."""
        pairs = {"sector": self.sector, "gas": self.gas, "category": self.category, "gwp": self.gwp, "view": self.view}
        pairs["region"] = self.region
        return {k: v for k, v in pairs.items() if v}


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """An inventory row with its sector and its CO2-equivalent [kt] under the GWP set of the query."""

    region: str
    year: int
    category: str
    sector: str
    gas: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    co2e: float | None
    gwp: str
    status: str
    grade: str
    method: str
    id: str


def inventory_query(
    year: str = "",
    sector: str = "",
    gas: str = "",
    category: str = "",
    gwp: str = "AR5",
    view: str = "category",
    region: str = "",
) -> InventoryQuery:
    """Return the query of a page address.

    Raises
    ------
    NotFoundError
        If year, GWP set or view are not among the possible ones.
    """
    if year and not year.isdigit():
        raise NotFoundError("portal.missing.year", year)
    if gwp not in GWP_VIEWS:
        raise NotFoundError("portal.missing.gwp", gwp)
    by = next((s for s in STACKINGS if s == view), None)
    if by is None:
        raise NotFoundError("portal.missing.view", view)
    return InventoryQuery(int(year) if year else None, sector, gas, category, gwp, by, region)


def _chosen(results: Results, query: InventoryQuery, known: Mapping[str, str]) -> list[InventoryRecord]:
    def wanted(r: InventoryRecord) -> bool:
        below = not query.category or r.category == query.category or r.category.startswith(query.category + ".")
        sector = not query.sector or sector_of_category(r.category, known) == query.sector
        return below and sector and (not query.gas or r.gas == query.gas) and query.year in (None, r.year)

    return [r for r in _rows_of(results, query.region) if wanted(r)]


def _rows_of(results: Results, region: str) -> Sequence[InventoryRecord]:
    """Return the rows of the province, of a prefecture, or what no prefecture has."""
    if region in ("", results.province):
        return results.inventory
    _known(region, regions(results), "portal.missing.region")
    return [_as_inventory(r) for r in results.prefectures_inventory if r.region == region]


def _as_inventory(r: PrefectureInventoryRecord) -> InventoryRecord:
    return InventoryRecord(
        r.region, r.year, r.category, r.gas, r.value, r.unit, r.low, r.high, r.status, r.grade, ALLOCATION, r.id
    )


def regions(results: Results) -> list[str]:
    """Return the regions with an inventory: the province, its prefectures, and what is left of the province."""
    return [results.province, *dict.fromkeys(r.region for r in results.prefectures_inventory)]


def gases_without_gwp(results: Results, query: InventoryQuery) -> dict[str, tuple[str, ...]]:
    """Return for each GWP set the gases with a number among the chosen rows for which it fixes no value."""
    gases = {r.gas for r in _chosen(results, query, energy_sectors(results)) if r.value is not None}
    return {name: tuple(sorted(gases - gwp_set(name).values.keys())) for name in GWP_VIEWS}


def inventory(results: Results, query: InventoryQuery) -> list[InventoryLine]:
    """Return the inventory rows that pass the filters, in the order of the file."""
    known = energy_sectors(results)
    return [
        InventoryLine(
            c.row.region, c.row.year, c.row.category, sector_of_category(c.row.category, known), c.row.gas, c.row.value, c.row.unit,
            c.row.low, c.row.high, None if c.co2e is None else round(c.co2e, 6), query.gwp, c.row.status, c.row.grade.value,
            c.row.method, c.row.id,
        )
        for c in convert_rows(_chosen(results, query, known), query.gwp)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class InventoryTotal:
    """Sums of inventory lines in kt CO2e, removals and land use apart.

    None where no line has a value, or where the GWP set has none for a gas (``missing_gwp``): a sum without it would be too small.
    """

    emissions: float | None
    land: float | None
    gwp: str
    not_estimated: int
    missing_gwp: tuple[str, ...] = ()


def inventory_total(lines: Sequence[InventoryLine], gwp: str) -> InventoryTotal:
    """Return the sums of the lines without memo rows, and how many lines have no estimate."""
    counted = [(line.sector == "land", line.co2e) for line in lines if line.co2e is not None and line.status != "memo"]
    missing = tuple(sorted({line.gas for line in lines if line.co2e is None and line.value is not None}))
    emissions, land = ([v for is_land, v in counted if is_land == wanted] for wanted in (False, True))
    return InventoryTotal(
        round(sum(emissions), 6) if emissions and not missing else None,
        round(sum(land), 6) if land and not missing else None,
        gwp,
        sum(line.status == "NE" for line in lines),
        missing,
    )


def inventory_options(results: Results) -> dict[str, list[str]]:
    """Return the values that each filter can take in this run."""
    known = energy_sectors(results)
    return {
        "year": [str(y) for y in reversed(results.years)],
        "sector": sorted({sector_of_category(r.category, known) for r in results.inventory}),
        "gas": sorted({r.gas for r in results.inventory}, key=lambda g: (g != "CO2", g)),
        "category": sorted({r.category for r in results.inventory}),
    }


def categories(results: Results, language: str) -> dict[str, str]:
    """Return code and name of every category of the run."""
    return {code: category_name(code, language) for code in sorted({r.category for r in results.inventory})}


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure; ``key`` names its label (message ``portal.figure.<key>``)."""

    key: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    year: int | None
    id: str


def figures(results: Results) -> list[Figure]:
    """Return the headline figures of a run: totals of the last year, peak, chance, intensity."""
    found = []
    for scope in ("co2", f"ghg_{results.manifest.gwp}", "land", "imports"):
        t = results.total(scope)
        if t is not None:
            found.append(Figure(scope, t.value, t.unit, t.low, t.high, t.year, t.id))
    peak = results.peak(results.reference)
    if peak is not None:
        low, high = (None if v is None else float(v) for v in (peak.peak_year_low, peak.peak_year_high))
        year = None if peak.peak_year is None else float(peak.peak_year)
        found.append(Figure("peak_year", year, "year", low, high, None, peak.id))
        chance = None if peak.probability is None else round(peak.probability * 100, 6)
        found.append(Figure("peak_chance", chance, "%", None, None, None, peak.id))
    for basis in ("official", "physical"):
        rows = [r for r in results.intensity if r.basis == basis and r.cumulative_percent is not None]
        if rows:
            r = max(rows, key=lambda row: row.year)
            found.append(Figure(f"intensity_{basis}", r.cumulative_percent, "%", None, None, r.year, r.id))
    return found


def targets(results: Results, status: str = "", deadline: str = "", action: str = "") -> list[TargetRecord]:
    """Return the targets that pass the filters; ``action`` is found in the lineage of the target (a node ``plan:<action>``)."""
    return [
        t for t in results.scoreboard
        if (not status or t.status == status) and (not deadline or str(t.deadline) == deadline)
        and (not action or action in actions_of(results, t))
    ]  # fmt: skip


def actions_of(results: Results, target: TargetRecord) -> tuple[str, ...]:
    """Return the actions of the plan that stand among the parents of a target."""
    node = results.lineage.nodes.get(target.id)
    found = (p.removeprefix("plan:") for p in (node.parents if node else ()) if p.startswith("plan:A"))
    return tuple(found)


def target_options(results: Results) -> dict[str, list[str]]:
    """Return the values that each filter of the targets can take in this run."""
    return {
        "status": [s for s in STATUSES if any(t.status == s for t in results.scoreboard)],
        "deadline": sorted({str(t.deadline) for t in results.scoreboard}),
        "action": sorted({a for t in results.scoreboard for a in actions_of(results, t)}),
    }


def uncertainty(results: Results, scope: str = "without_land") -> list[UncertaintyRecord]:
    """Return table 3.2 with or without land use, the total last.

    Raises
    ------
    NotFoundError
        If there is no such scope.
    """
    _known(scope, SCOPES, "portal.missing.scope")
    return [r for r in results.uncertainty if r.scope == scope]


def key_list(results: Results, scope: str = "without_land", name: str = "L1") -> list[KeyCategoryRecord]:
    """Return a list of key categories in descending order.

    Raises
    ------
    NotFoundError
        If there is no such scope or list.
    """
    _known(scope, SCOPES, "portal.missing.scope")
    _known(name, KEY_LISTS, "portal.missing.list")
    return [r for r in results.key_categories if r.scope == scope and r.list == name]


def measures(results: Results) -> list[MeasureRecord]:
    """Return the measurements that narrow the total, the best first."""
    return sorted(results.measure_next, key=lambda r: (r.new_width, r.rank, r.id))


def reconciliation(results: Results, item: str = "", year: str = "") -> list[ReconciliationRecord]:
    """Return the comparison with the reference inventory: all items of a year, or all years of an item, or everything.

    Raises
    ------
    NotFoundError
        If there is no such item.
    """
    _known(item, items_of(results), "portal.missing.item")
    return [
        r for r in results.reconciliation
        if (not item or f"{r.dimension}:{r.item}" == item) and (not year or str(r.year) == year)
    ]  # fmt: skip


def sources(results: Results, grade: str = "", text: str = "", used: bool = False) -> list[SourceRecord]:
    """Return the sources that pass the filters, those that feed most first."""
    words = text.casefold().split()

    def wanted(s: SourceRecord) -> bool:
        texts = (s.id, s.title_zh, s.title_en, s.publisher_zh, s.publisher_en, s.note_zh, s.note_en)
        hay = " ".join(texts).casefold()
        return (not grade or s.grade.value == grade) and all(w in hay for w in words) and (not used or s.feeds > 0)

    return sorted(filter(wanted, results.sources), key=lambda s: (-s.feeds, s.id))


def _known(name: str, among: Sequence[str], what: str) -> None:
    if name and name not in among:
        raise NotFoundError(what, name)


def chart(results: Results, name: str, language: str, parameters: Mapping[str, str]) -> Chart:
    """Return a chart by name.

    Parameters
    ----------
    results : Results
    name : str
        One of `CHARTS`.
    language : {"zh", "en"}
    parameters : mapping
        ``scenario`` (several with commas for "scenarios"), ``indicator``, or the filters of the inventory.

    Raises
    ------
    NotFoundError
        If the chart, a scenario, an indicator or a filter value is unknown.
    """
    _known(name, CHARTS, "portal.missing.chart")
    chosen = tuple(s for s in parameters.get("scenario", "").split(",") if s)
    for wanted in chosen:
        _known(wanted, results.scenarios, "portal.missing.scenario")
    indicator = parameters.get("indicator", "")
    _known(indicator, indicators(results), "portal.missing.indicator")
    scenario = chosen[0] if chosen else None
    match name:
        case "emissions":
            return sectors_chart(results, language, scenario)
        case "fan":
            return fan_chart(results, language, scenario)
        case "prefectures":
            return tiles_chart(results, language, indicator or None)
        case "scoreboard":
            return scoreboard_chart(results, language)
        case "scenarios":
            return scenarios_chart(results, language, chosen)
        case "intensity":
            return intensity_chart(results, language)
        case "wedges":
            return wedges_chart(results, language)
        case "uncertainty":
            _known(parameters.get("scope", ""), SCOPES, "portal.missing.scope")
            return uncertainty_chart(results, language, parameters.get("scope") or SCOPES[0])
        case "reconciliation":
            _known(parameters.get("item", ""), items_of(results), "portal.missing.item")
            return reconciliation_chart(results, language, parameters.get("item", ""))
        case _:
            names = ("sector", "gas", "category", "gwp", "view", "region")
            query = inventory_query(**{k: parameters[k] for k in names if parameters.get(k)})
            missing = gases_without_gwp(results, query)[query.gwp]
            if missing:
                raise NotFoundError("portal.missing.gwp_gas", f"{query.gwp}: {', '.join(missing)}")
            rows = _chosen(results, query, energy_sectors(results))
            made = inventory_chart(results, language, rows, query.gwp, query.view, query.selected)
            return replace(made, parameters=query.chart_parameters())


def gwp_source(name: str, language: str) -> str:
    """Return where the values of a GWP set come from."""
    return gwp_set(name).title(language)
