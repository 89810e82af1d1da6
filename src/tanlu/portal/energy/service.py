"""What pages and API of the energy system both show: one function a question, from a frozen study to charts and plain records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final, Literal

import numpy as np

from tanlu.charts import Chart
from tanlu.charts.emissions import scenario_name
from tanlu.charts.energy_adequacy import stress_chart
from tanlu.charts.energy_balance import balance_chart, carriers
from tanlu.charts.energy_base import Study
from tanlu.charts.energy_compare import Compared, compare_chart, link_chart
from tanlu.charts.energy_dispatch import HOURS, WINDOWS, window_chart, year_chart
from tanlu.charts.energy_map import indicators, map_chart
from tanlu.charts.energy_plan import VIEWS, capacities_chart, capacity_sums, costs_chart, emission_sums, emissions_chart
from tanlu.charts.energy_prices import duration_chart, heat_chart, priced_nodes
from tanlu.charts.energy_records import ParameterRecord
from tanlu.charts.energy_results import FOLDER, EnergyResults
from tanlu.charts.energy_sankey import sankey_chart
from tanlu.charts.energy_series import LOAD
from tanlu.core.messages import catalogue, translate
from tanlu.portal.rendering import civil_minute
from tanlu.portal.service import NotFoundError, Workspace

CHARTS: Final = (
    "capacities", "costs", "emissions", "map", "year", "window", "duration", "heat", "stress", "balance", "sankey", "compare",
    "link-demand", "link-emissions",
)  # fmt: skip
PARAMETERS: Final = ("view", "indicator", "period", "day", "days", "node", "carrier", "runs")
KEPT: Final = 6
"""Studies that are held in memory, 2 to 15 MB each."""
MOST_COMPARED: Final = 12
LINKED: Final = "tanlu-pathways"
"""Source of demands that the study takes from the pathway model of its run."""
WEEK: Final = 7
_NOTHING: Final = 0.5
"""Energy of a year that is the tolerance of a solver [MWh]."""
Jump = Literal["peak", "stress", "surplus"]


class Studies:
    """The studies of the runs of a workspace; those asked for last are kept while their summary does not change."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._loaded: dict[str, tuple[float, EnergyResults]] = {}
        self._named: dict[str, Study] = {}
        self._lock = Lock()

    def runs(self) -> tuple[str, ...]:
        """Return the runs that hold a study, the youngest first."""
        results = self.workspace.folder / "results"
        return tuple(
            r.run_id for r in self.workspace.runs() if (results / r.run_id / FOLDER / "summary.json").is_file()
        )

    def has(self, run: str = "") -> bool:
        """Return whether a run, the latest by default, holds a study."""
        name = run or self.workspace.latest_id()
        return (self.workspace.folder / "results" / name / FOLDER / "summary.json").is_file() and self.workspace.has(
            name
        )

    def study(self, run: str = "") -> Study:
        """Return the study of a run with the names of its sources and the tiles of its prefectures.

        Raises
        ------
        NotFoundError
            If there is no such run or it holds no study.
        DataError
            If its files are damaged.
        """
        results = self.workspace.results(run)
        found = self.results(results.manifest.run_id)
        known = self._named.get(results.manifest.run_id)
        if known is None or known.results is not found:
            titles = {
                LINKED: (
                    translate(f"portal.energy.source.{LINKED}", "zh"),
                    translate(f"portal.energy.source.{LINKED}", "en"),
                )
            }
            titles |= {s.id.removeprefix("source:"): (s.title_zh, s.title_en) for s in results.sources}
            tiles = {p.region: (p.tile_x, p.tile_y) for p in results.prefectures}
            known = self._named[results.manifest.run_id] = Study(found, titles, tiles)
        return known

    def results(self, run: str) -> EnergyResults:
        """Return the study of a run without what the run knows besides it.

        Raises
        ------
        NotFoundError
            If there is no such run or it holds no study.
        """
        if not self.workspace.has(run):
            raise NotFoundError("portal.missing.run", run)
        if not self.has(run):
            raise NotFoundError("portal.missing.energy", run)
        folder = self.workspace.folder / "results" / run / FOLDER
        stamp = (folder / "summary.json").stat().st_mtime
        with self._lock:
            known = self._loaded.pop(run, None)
            if known is None or known[0] != stamp:
                known = (stamp, EnergyResults.load(folder))
            self._loaded[run] = known
            while len(self._loaded) > KEPT:
                gone = next(iter(self._loaded))
                del self._loaded[gone]
                self._named.pop(gone, None)
        return known[1]

    def compared(self, runs: Sequence[str], own: str = "", language: str = "zh") -> list[Compared]:
        """Return studies by the names of their runs, at most `MOST_COMPARED`; the one of ``own`` where none is named."""
        chosen = list(dict.fromkeys(r for r in runs if r))[:MOST_COMPARED] or [own or self.workspace.latest_id()]
        infos = {r.run_id: r for r in self.workspace.runs()}
        found = []
        for run in chosen:
            study = self.study(run) if run == (own or "") or len(chosen) == 1 else Study(self.results(run))
            created = civil_minute(infos[run].created) if run in infos else run
            found.append(
                Compared(
                    run,
                    f"{created} · {_about(study, language)}",
                    study,
                )
            )
        labels = [c.label for c in found]
        return [
            c if labels.count(c.label) == 1 else replace(c, label=f"{c.label} · {c.run.rpartition('Z-')[2]}")
            for c in found
        ]


def _about(study: Study, language: str) -> str:
    """Return what tells a study from others in words: the scenario of its demands, or the system; and whether places are apart."""
    scenario = str(study.results.summary.get("scenario") or "")
    world, _, growth = scenario.partition("-")
    known = f"charts.world.{world}" in catalogue() and f"charts.growth.{growth}" in catalogue()
    name = scenario_name(scenario, language) if known else scenario or study.results.label(language)
    count = len(study.results.nodes)
    return name if count < 2 else translate("portal.energy.compare.places", language, name=name, count=count)


def chosen_period(study: Study, asked: str, among: Sequence[int]) -> int:
    """Return a period, the last one by default.

    Raises
    ------
    NotFoundError
        If it is not among those that can be chosen.
    """
    if not asked and among:
        return among[-1]
    found = next((p for p in among if str(p) == asked), None)
    if found is None:
        raise NotFoundError(
            "portal.missing.hours" if asked in map(str, study.results.periods) else "portal.missing.period", asked
        )
    return found


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a year: first day (from 1) and number of days."""

    day: int
    days: int
    last: int

    @property
    def earlier(self) -> int:
        """First day of the part before it."""
        return max(1, self.day - self.days)

    @property
    def later(self) -> int:
        """First day of the part after it."""
        return min(self.last, self.day + self.days)


def window(study: Study, period: int, day: str, days: str) -> Window:
    """Return the part of a year that is asked for, moved into the year; by default the week of the highest load."""
    length = next((w for w in WINDOWS if str(w) == days), WEEK)
    whole = study.results.dispatch(period).hours // HOURS
    length = min(length, whole)
    last = whole - length + 1
    start = int(day) if day.isdecimal() and len(day) < 5 else jumps(study, period)["peak"]
    return Window(min(max(start, 1), last), length, last)


def jumps(study: Study, period: int) -> dict[Jump, int]:
    """Return the first day (from 1) of parts of the year worth looking at."""
    hourly = study.results.dispatch(period)
    load = -hourly.of(LOAD)
    found: dict[Jump, int] = {"peak": max(1, int(load.argmax()) // HOURS - 2)}
    weeks = [r for r in study.results.stress if r.period == period]
    if weeks:
        found["stress"] = (max(weeks, key=lambda r: r.residual_peak_MW).week - 1) * WEEK + 1
    varying = {r.technology for r in study.results.curtailment}
    free = np.zeros(hourly.hours)
    for name in varying:
        free += hourly.of(name)
    over = (free - load)[: hourly.hours // HOURS * HOURS].reshape(-1, HOURS).sum(axis=1)
    if varying and len(over) > WEEK:
        sums = np.convolve(over, np.ones(WEEK), "valid")
        found["surplus"] = int(sums.argmax()) + 1
    return found


def chart(studies: Studies, run: str, name: str, language: str, given: Mapping[str, str]) -> Chart:
    """Return a chart of a study by its name without ``energy-``.

    Raises
    ------
    NotFoundError
        If the chart, or something that is asked of it, is unknown.
    """
    if name not in CHARTS:
        raise NotFoundError("portal.missing.chart", name)
    if name == "compare":
        found = studies.compared(given.get("runs", "").split(","), run, language)
        periods = found[0].study.results.periods
        return compare_chart(found, language, chosen_period(found[0].study, given.get("period", ""), periods))
    study = studies.study(run)
    if name.startswith("link-"):
        made = link_chart(study, studies.workspace.results(run), language, name.removeprefix("link-"))
        if made is None:
            raise NotFoundError("portal.missing.chart", name)
        return made
    if name in ("year", "window", "heat", "duration"):
        return _hours(study, name, language, given)
    return _years(study, name, language, given)


def _hours(study: Study, name: str, language: str, given: Mapping[str, str]) -> Chart:
    asked, node = given.get("period", ""), given.get("node", "")
    period = chosen_period(study, asked, study.results.hourly_periods)
    if node and node not in priced_nodes(study):
        raise NotFoundError("portal.missing.node", node)
    if name == "duration":
        return duration_chart(study, language, node)
    if name == "heat":
        return heat_chart(study, language, period, node)
    part = window(study, period, given.get("day", ""), given.get("days", ""))
    if name == "year":
        return year_chart(study, language, period, (part.day - 1, part.days))
    return window_chart(study, language, period, part.day - 1, part.days)


def _years(study: Study, name: str, language: str, given: Mapping[str, str]) -> Chart:
    period = chosen_period(study, given.get("period", ""), study.results.periods)
    match name:
        case "capacities":
            view = next((v for v in VIEWS if v == (given.get("view") or VIEWS[0])), None)
            if view is None:
                raise NotFoundError("portal.missing.view", given.get("view", ""))
            return capacities_chart(study, language, view)
        case "costs":
            return costs_chart(study, language)
        case "emissions":
            return emissions_chart(study, language)
        case "map":
            indicator = given.get("indicator") or indicators(study)[0]
            if indicator not in indicators(study):
                raise NotFoundError("portal.missing.indicator", indicator)
            return map_chart(study, language, indicator, period)
        case "stress":
            return stress_chart(study, language, period)
        case "balance":
            carrier = given.get("carrier") or carriers(study)[0]
            if carrier not in carriers(study):
                raise NotFoundError("portal.missing.carrier", carrier)
            return balance_chart(study, language, carrier)
        case _:
            return sankey_chart(study, language, period)


@dataclass(frozen=True, slots=True)
class EnergyFigure:
    """A headline figure of a study; ``key`` names its label (message ``portal.energy.figure.<key>``)."""

    key: str
    value: float | None
    unit: str
    period: int | None
    before: float | None = None


def figures(study: Study) -> list[EnergyFigure]:
    """Return the headline figures: whole cost, and the last period beside the first."""
    own, (first, last) = study.results, (study.results.periods[0], study.results.periods[-1])
    capacity = capacity_sums(study)
    total = {p: sum(v.get(p, 0.0) for v in capacity.values()) for p in (first, last)}
    emitted = emission_sums(study)
    price = next((r.price_CNY_t for r in own.carbon_price if r.period == last), None)
    short = next((r for r in own.adequacy if r.period == last), None)
    missing, hours = (None, None) if short is None else (short.unserved_MWh, short.unserved_hours)
    if missing is not None and abs(missing) < _NOTHING:
        missing = 0.0
    cost = own.summary.get("upper") or own.summary["objective"]
    return [
        EnergyFigure("cost", float(cost), "MCNY", None),
        EnergyFigure("capacity", total[last], "MW", last, total[first]),
        EnergyFigure("emissions", emitted.get(last), "t", last, emitted.get(first)),
        EnergyFigure("carbon_price", price, "CNY/t", last),
        EnergyFigure("curtailed", curtailed(own, last), "share", last),
        EnergyFigure("unserved", missing, "MWh", last, hours),
    ]  # fmt: skip


def curtailed(study: EnergyResults, period: int) -> float | None:
    """Return the share of what varying sources could give in a period that is not taken."""
    rows = [r for r in study.curtailment if r.period == period]
    could = sum(r.available_MWh for r in rows)
    return sum(r.curtailed_MWh for r in rows) / could if could else None


def parameters(study: EnergyResults, grade: str = "", text: str = "", source: str = "") -> list[ParameterRecord]:
    """Return the parameters that pass the filters, in the order of the file."""
    sought = text.casefold().split()

    def wanted(p: ParameterRecord) -> bool:
        hay = f"{p.component} {p.parameter} {p.source} {p.note}".casefold()
        return (not grade or p.grade == grade) and (not source or p.source == source) and all(w in hay for w in sought)

    return [p for p in study.parameters if wanted(p)]


@dataclass(frozen=True, slots=True)
class HourValue:
    """A series of a period in one hour of the year [MW or CNY/MWh]."""

    hour: int
    series: str
    value: float


def hour_values(
    study: EnergyResults, kind: Literal["dispatch", "prices"], period: int, start: int, stop: int
) -> list[HourValue]:
    """Return hours of the dispatch or of the prices of a period, from ``start`` up to ``stop``.

    Raises
    ------
    NotFoundError
        If the study does not hold the hours of the period.
    """
    if period not in study.hourly_periods:
        raise NotFoundError("portal.missing.hours", str(period))
    found = study.dispatch(period) if kind == "dispatch" else study.prices(period)
    stop = min(stop, found.hours)
    return [
        HourValue(h, name, float(found.values[i, h]))
        for h in range(max(start, 0), stop)
        for i, name in enumerate(found.names)
    ]
