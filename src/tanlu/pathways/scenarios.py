"""The nine scenarios: central run, fan and peak of each, on common random numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.pathways.baseline import Baseline
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import BRANCHES, EMITTERS, GROWTH_CASES, REFERENCE, WORLDS
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.parameters import DRAWS, Floats
from tanlu.pathways.peak import PeakChance, PeakTest, peak_chance, peak_test
from tanlu.pathways.tables import Ints, Result
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked
from tanlu.pathways.uncertainty import REPLICATES, Draws, sample
from tanlu.pathways.walk import common_error

QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
PEAK_DEADLINE: Final = 2030
DUE: Final = (2025, 2030, 2060)
"""Years in which targets fall due."""
OUTCOMES: Final = ("co2", "net", "gdp", "primary_energy", "nonfossil_share", "sink")
"""What targets ask for: Mt CO2 without and with land, 10^9 CNY, Mtce, 1, Mt CO2."""
CHART_SECTORS: Final = dict(BRANCHES)
"""Emitters behind the sectors of the inventory's charts; energy and process CO2 together, after capture."""
TOTAL: Final = "Emissions|CO2"
ENERGY: Final = "Emissions|CO2|Energy"
PROCESS: Final = "Emissions|CO2|Industrial Processes"
NET: Final = "Emissions|CO2|Net"
WITH_IMPORTS: Final = "Emissions|CO2|With Imported Electricity"
SECTOR_FAN: Final = {s: f"Emissions|CO2|Sector|{s.replace('_', ' ').title()}" for s in CHART_SECTORS}
"""Fan variable of a chart sector."""
UNIT: Final = "Mt CO2/yr"


@dataclass(frozen=True)
class Fan(Tabular):
    """Quantiles of a variable: ``years`` [T] and ``values`` [T, 5] by `QUANTILES`."""

    variable: str
    unit: str
    years: Ints
    values: Floats

    def columns(self) -> Columns:
        """Return year, quantile, value, variable and unit."""
        axes = {"year": self.years.tolist(), "quantile": list(QUANTILES)}
        return long_table(axes, self.values, variable=self.variable, unit=self.unit)


@dataclass(frozen=True)
class Scenario(Tabular):
    """One scenario: its central run, its fans by variable and its peak."""

    world: str
    growth: str
    levers: Floats
    parameters: Parameters
    central: Result
    fans: dict[str, Fan]
    peak: PeakTest
    """Test on the whole path, whose last years are modelled."""
    observed: PeakTest
    """Test on the inventory alone: what has been seen so far, the same for all scenarios."""
    chance: PeakChance
    energy_chance: PeakChance
    intensity_step: Floats
    """Energy per GDP of the first year ahead over that of the base year, by draw."""
    outcomes: dict[tuple[str, int], Floats]
    """What targets ask for in each draw [n], by name (`OUTCOMES`) and year, the base year included."""
    years: Ints
    path: Floats
    """Scope 1 CO2 without land of the central run behind the history, [years] Mt."""

    @property
    def name(self) -> str:
        """World and growth case, as in the results."""
        return f"{self.world}-{self.growth}"

    @property
    def peak_is_past(self) -> bool:
        """Whether the maximum of the path is a year of the inventory: then the scenario only says that it is not exceeded later."""
        return self.peak.year <= int(self.parameters.years[0])

    def columns(self) -> Columns:
        """Return the central run behind the history, and all fans: variable, year, quantile (None for the central run), value, unit."""
        years = self.years.tolist()
        path = long_table({"year": years}, self.path, variable=f"{TOTAL} (central)", quantile=None, unit=UNIT)
        return stacked([path, *(fan.columns() for fan in self.fans.values())])


@dataclass(frozen=True)
class ScenarioSet(Tabular):
    """All scenarios of a run with what they share."""

    data: PathwayData
    baseline: Baseline
    seed: int
    draws: int
    scenarios: dict[str, Scenario]

    @property
    def reference(self) -> Scenario:
        """The reference run: current policy, middle growth."""
        return self.scenarios[REFERENCE]

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self.scenarios.values())

    def columns(self) -> Columns:
        """Return the tables of all scenarios below each other, with their names."""
        parts = {name: scenario.columns() for name, scenario in self.scenarios.items()}
        names = [name for name, part in parts.items() for _ in part["value"]]
        return {"scenario": names, **stacked(list(parts.values()))}


def scenario_runs(data: PathwayData, baseline: Baseline, seed: int, draws: int = 2048) -> ScenarioSet:
    """Run the nine scenarios.

    Parameters
    ----------
    data : PathwayData
    baseline : Baseline
    seed : int
        Of the scrambled Sobol points; the same points are used in every scenario.
    draws : int
        Eight times a power of two.

    Raises
    ------
    ValueError
        If the number of draws is not eight times a power of two.
    """
    numbers = sample(data, baseline, draws, seed)
    out = {}
    for growth in GROWTH_CASES:
        parameters = engine_parameters(data, baseline, growth)
        for world in WORLDS:
            scenario = run_scenario(data, baseline, parameters, world, growth, data.world(world), numbers)
            out[scenario.name] = scenario
    ordered = {f"{w}-{g}": out[f"{w}-{g}"] for w in WORLDS for g in GROWTH_CASES}
    return ScenarioSet(data, baseline, seed, draws, ordered)


def run_scenario(
    data: PathwayData,
    baseline: Baseline,
    parameters: Parameters,
    world: str,
    growth: str,
    levers: Floats,
    numbers: Draws,
    delays: Floats | None = None,
) -> Scenario:
    """Run one lever setting centrally and over draws; ``delays`` [n, L] are years by which levers are late (`tanlu.pathways.delays`)."""
    central = run(parameters, levers)
    changed, values = parameters, numbers.levers(data.levers, levers)
    if delays is not None:
        from tanlu.pathways.delays import delayed

        changed, values = delayed(parameters, data.levers, values, delays)
    drawn = run(changed, values, numbers.quantities, numbers.weather, detail=False)
    paths = draw_paths(baseline, drawn, numbers)
    return scenario_of(baseline, parameters, world, growth, levers, central, drawn, paths)


def scenario_of(
    baseline: Baseline,
    parameters: Parameters,
    world: str,
    growth: str,
    levers: Floats,
    central: Result,
    drawn: Result,
    paths: dict[str, Floats],
) -> Scenario:
    """Return the scenario of a central run, its draws and their paths (see `draw_paths`)."""
    years = all_years(baseline, parameters.years)
    fans = {name: _fan(name, years, values) for name, values in paths.items()}
    path = np.concatenate([baseline.total[:-1], central.total[0]])
    return Scenario(
        world,
        growth,
        levers,
        parameters,
        central,
        fans,
        peak_test(years, path),
        peak_test(np.array(baseline.years), baseline.total),
        peak_chance(years, paths[TOTAL], PEAK_DEADLINE, REPLICATES),
        peak_chance(years, paths[ENERGY], PEAK_DEADLINE, REPLICATES),
        _intensity_step(drawn),
        _outcomes(drawn, paths),
        years,
        path,
    )


def _intensity_step(drawn: Result) -> Floats:
    """Energy per GDP of the first year ahead over that of the base year, [n]."""
    energy, gdp = drawn.indicator("primary_energy"), drawn.indicator("gdp")
    out: Floats = (energy[:, 1] / energy[:, 0]) / (gdp[:, 1] / gdp[:, 0])
    return out


def _outcomes(drawn: Result, paths: dict[str, Floats]) -> dict[tuple[str, int], Floats]:
    """Return the outcomes of the base year and of the years in which targets fall due."""
    years = drawn.years.tolist()
    ahead = {name: values[:, -len(years) :] for name, values in paths.items() if name in (TOTAL, NET)}
    found = {name: drawn.indicator(name) for name in OUTCOMES if name not in ("co2", "net")}
    found |= {"co2": ahead[TOTAL], "net": ahead[NET]}
    at = {year: years.index(year) for year in (years[0], *DUE) if year in years}
    return {(name, year): found[name][:, t].copy() for name in OUTCOMES for year, t in at.items()}


def all_years(baseline: Baseline, projection: Ints) -> Ints:
    """Return history and projection in one row; the base year once."""
    return np.concatenate([np.array(baseline.years[:-1], np.int64), projection])


def _fan(name: str, years: Ints, paths: Floats) -> Fan:
    known = ~np.isnan(paths.T).any(axis=1)
    return Fan(name, UNIT, years[known], quantiles(paths.T[known].T, QUANTILES))


def quantiles(paths: Floats, shares: Sequence[float]) -> Floats:
    """Return quantiles over the draws, [year, share], of paths [n, year]: linear between order statistics (Hyndman & Fan 1996, type 7).

    The same as `numpy.quantile` but for the last digit; whole rows are sorted, which takes a third of the time.
    """
    ordered = np.sort(np.ascontiguousarray(paths.T), axis=1)
    place = np.asarray(shares) * (ordered.shape[1] - 1)
    low = np.floor(place).astype(np.int64)
    part, high = place - low, np.minimum(low + 1, ordered.shape[1] - 1)
    out: Floats = ordered[:, low] * (1.0 - part) + ordered[:, high] * part
    return out


def draw_paths(baseline: Baseline, drawn: Result, numbers: Draws, *, sectors: bool = True) -> dict[str, Floats]:
    """Return draws [n, years] of every fan variable, without those of the sectors if they are not asked for.

    History varies with the errors of its own years (NaN where it is not known).
    """
    z_energy, z_process = numbers.normal_energy[:, None], numbers.normal_process[:, None]
    shared = common_error(baseline.error_energy, baseline.driver_error)
    past = len(baseline.years) - 1
    grow_energy = (1.0 + z_energy * shared[:-1]) * numbers.walk[:, :past]
    grow_process = 1.0 + z_process * baseline.error_process[:-1]
    past_energy = baseline.energy[:-1].sum(axis=1) * grow_energy
    past_process = baseline.process[:-1].sum(axis=1) * grow_process
    energy = by_year(past_energy, drawn.emitted[:, :, 0] * numbers.walk[:, past:])
    process = by_year(past_process, drawn.emitted[:, :, 1])
    total = energy + process
    past_years = baseline.years[:-1]
    land = np.array([baseline.land.get(y, np.nan) for y in past_years]) * drawn_quantity(numbers, "draw.sink")
    imports = np.array([baseline.imports_co2.get(y, np.nan) for y in past_years])[None].repeat(len(numbers), axis=0)
    future_imports = imported_co2(baseline, drawn)
    out = {
        TOTAL: total,
        ENERGY: energy,
        PROCESS: process,
        NET: total + by_year(land, -drawn.indicator("sink")),
        WITH_IMPORTS: total + by_year(imports, future_imports),
    }
    if not sectors:
        return out
    whole = drawn.energy + drawn.process
    kept = 1.0 - np.divide(drawn.captured, whole, out=np.zeros_like(whole), where=whole != 0.0)
    for sector, emitters in CHART_SECTORS.items():
        places = [EMITTERS.index(e) for e in emitters]
        if (baseline.known_energy | baseline.known_process)[:, places].any():
            out[SECTOR_FAN[sector]] = _sector_path(baseline, drawn, kept, numbers, places)
    return out


def imported_co2(baseline: Baseline, result: Result) -> Floats:
    """Return the CO2 of imported power [n, T] in Mt; the base year is the inventory's own memo where there is one."""
    out = result.indicator("imports_co2").copy()
    if baseline.base_year in baseline.imports_co2:
        out[:, 0] = baseline.imports_co2[baseline.base_year]
    return out


def _sector_path(baseline: Baseline, drawn: Result, kept: Floats, numbers: Draws, places: list[int]) -> Floats:
    """A sector alone has a wider error than its share of the total, so its own error of each year replaces the common one."""
    z_energy, z_process = numbers.normal_energy[:, None], numbers.normal_process[:, None]
    error = baseline.sector_error[:, places[0]]
    u_energy, u_process = (drawn_quantity(numbers, f"draw.error.{part}") for part in ("energy", "process"))
    past = sum(
        baseline.energy[:-1, e] * np.maximum(0.05, 1 + z_energy * error[:-1])
        + baseline.process[:-1, e] * np.maximum(0.05, 1 + z_process * error[:-1])
        for e in places
    )
    own_energy = np.maximum(0.05, 1 + z_energy * error[-1]) / u_energy
    own_process = np.maximum(0.05, 1 + z_process * error[-1]) / u_process
    future = sum(
        (drawn.energy[:, :, e] * own_energy + drawn.process[:, :, e] * own_process) * kept[:, :, e] for e in places
    )
    return by_year(np.asarray(past), np.asarray(future))


def by_year(past: Floats, future: Floats) -> Floats:
    """Return draws [n, years] of both, the draws of a year side by side in memory, as quantiles read them."""
    out: Floats = np.concatenate([past.T, future.T]).T
    return out


def drawn_quantity(numbers: Draws, name: str) -> Floats:
    """Return an uncertain quantity of each draw, [n, 1]."""
    place = [p.name for p in DRAWS].index(name)
    return numbers.quantities[:, place : place + 1]
