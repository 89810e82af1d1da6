"""Hindcast: calibrate to a past year, run with the drivers that came, and compare with the inventory of the years between.

It tests equations and elasticities, not forecasts of drivers. Where the inventory itself is an estimate that follows drivers, it is one
model against another, which the result tells apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tanlu.accounts.province.records import Inventory
from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Fact, Grade
from tanlu.core.province import Province
from tanlu.pathways.baseline import Baseline, baseline_from_inventory
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.data import GrowthPoint, PathwayData
from tanlu.pathways.dimensions import EMITTERS, GENERATORS, LAST_YEAR
from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.levers import Lever, Schedule
from tanlu.pathways.observed import CAPACITIES, SERIES, Observed, observed_drivers
from tanlu.pathways.parameters import CONTROL_ROWS, Floats, ParameterSet
from tanlu.pathways.scenarios import CHART_SECTORS
from tanlu.pathways.tables import Result
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked
from tanlu.pathways.walk import last_data_year

Variant = Literal["shipped", "policy"]
VARIANTS: Final[tuple[Variant, ...]] = ("shipped", "policy")
"""Parameters as they are, without levers; and with the saving levers of the current world brought forward to the base year."""
TOTAL: Final = "total"
ELECTRICITY: Final = "electricity"
BASE: Final = 2010
LAST: Final = 2019
GROWTH: Final = "mid"


@dataclass(frozen=True)
class ErrorRow:
    """Predicted less observed of a sector over some years.

    ``mean`` is the mean of the relative errors [1], ``absolute`` the mean of their amounts [1], ``last`` the error in the last of the years
    in the unit of the sector (Mt CO2, TWh for electricity) and ``last_relative`` the same over the observed value [1].
    """

    name: str
    first: int
    last_year: int
    mean: float
    absolute: float
    last: float
    last_relative: float


@dataclass(frozen=True)
class Hindcast(Tabular):
    """A hindcast beside the inventory.

    Attributes
    ----------
    years : [T]
        From the base year of the hindcast, which both meet.
    predicted, observed : dict of [T]
        By sector of the inventory and ``total`` in Mt CO2, and ``electricity`` (consumption) in TWh.
    last_balance : int
        Last year of the inventory with an energy balance; later years are estimates that follow drivers.
    naive : dict of [T]
        Total by two rules that a model should beat: ``persistence`` (as in the base year) and ``with_gdp`` (grows with GDP) [Mt CO2].
    result : Result
        The run, which goes on to the last year of the model with the drivers of the last observed one.
    """

    variant: Variant
    years: tuple[int, ...]
    predicted: dict[str, Floats]
    observed: dict[str, Floats]
    last_balance: int
    naive: dict[str, Floats]
    result: Result

    def periods(self) -> list[tuple[int, int]]:
        """Return the spans of years with balances and without, those that the hindcast covers."""
        first, last = self.years[1], self.years[-1]
        spans = [(first, min(last, self.last_balance)), (max(first, self.last_balance + 1), last)]
        return [(a, b) for a, b in spans if a <= b]

    def errors(self, first: int, last: int) -> list[ErrorRow]:
        """Return the errors of every sector, of the total and of electricity over some years."""
        return [
            _error(name, self.years, self.predicted[name], self.observed[name], first, last) for name in self.predicted
        ]

    def offset(self, year: int) -> float:
        """Return the sum of the amounts of the errors of the sectors in a year [Mt CO2]; far above that of the total, they offset."""
        i = self.years.index(year)
        sectors = [name for name in self.predicted if name not in {TOTAL, ELECTRICITY}]
        return float(sum(abs(self.predicted[s][i] - self.observed[s][i]) for s in sectors))

    def naive_errors(self, first: int, last: int) -> list[ErrorRow]:
        """Return the errors of the naive rules for the total."""
        return [_error(name, self.years, v, self.observed[TOTAL], first, last) for name, v in self.naive.items()]

    def columns(self) -> Columns:
        """Return year, series, kind (predicted, observed, naive), value and unit."""
        parts = [
            long_table(
                {"year": list(self.years)},
                values,
                series=name,
                kind=kind,
                unit="TWh" if name == ELECTRICITY else "Mt CO2",
            )
            for kind, of in (("predicted", self.predicted), ("observed", self.observed), ("naive", self.naive))
            for name, values in of.items()
        ]
        return stacked(parts)


def _error(name: str, years: tuple[int, ...], predicted: Floats, observed: Floats, first: int, last: int) -> ErrorRow:
    chosen = [i for i, year in enumerate(years) if first <= year <= last]
    gap = predicted[chosen] - observed[chosen]
    relative = np.divide(gap, observed[chosen], out=np.zeros(len(chosen)), where=observed[chosen] > 0)
    amounts = float(np.abs(relative).mean())
    return ErrorRow(name, first, last, float(relative.mean()), amounts, float(gap[-1]), float(relative[-1]))


def hindcast_errors(
    data: PathwayData,
    inventory: Inventory,
    province: Province,
    *,
    base: int = BASE,
    last: int = LAST,
    variant: Variant = "shipped",
) -> Hindcast:
    """Calibrate to a past year, run with observed drivers, and compare.

    Parameters
    ----------
    data : PathwayData
        Parameters are those of the projection, but for the capacities of the base year.
    inventory : Inventory
    province : Province
    base, last : int
        Base year and last year of the hindcast, within the inventory.
    variant : {"shipped", "policy"}

    Returns
    -------
    Hindcast

    Raises
    ------
    DataError
        If the years are not in the inventory, or a driver is not known in all of them.

    Notes
    -----
    Observed are GDP, population, urban share, capacities of wind, solar, hydro and biomass, hydro output, and imports (consumption less
    generation). Not observed, and therefore tested: demand of every sector, its energy and CO2, and what thermal plants must generate.
    """
    present = baseline_from_inventory(inventory, province, data.parameters)
    _check(present, base, last)
    seen = observed_drivers(province, data, base, last)
    past, parameters = _calibrated(data, inventory, province, seen)
    levers = () if variant == "shipped" else _brought_forward(data.levers, base)
    changed = dataclasses.replace(data, parameters=parameters, levers=levers, growth=_growth(data, seen))
    engine = _with_controls(engine_parameters(changed, past, GROWTH), seen, past)
    result = run(engine, weather=_weather(engine, seen, parameters), detail=False)
    predicted, observed = _compared(result, present, seen)
    gdp = past.gdp[base] * np.concatenate([[1.0], np.cumprod(1.0 + seen["gdp_growth"][1:])])
    start = observed[TOTAL][0]
    naive = {"persistence": np.full(len(seen.years), start), "with_gdp": start * gdp / gdp[0]}
    return Hindcast(
        variant, seen.years, predicted, observed, present.years[last_data_year(present.driver_error)], naive, result
    )


def _check(present: Baseline, base: int, last: int) -> None:
    details = {"first": present.years[0], "last": present.years[-1]}
    problems = [
        Problem("hindcast_years", "inventory", value=str(year), details=details)
        for year in (base, last)
        if year not in present.years
    ]
    if base >= last:
        problems.append(Problem("hindcast_years", "inventory", value=f"{base}–{last}", details=details))
    if problems:
        raise DataError(problems)


def _calibrated(
    data: PathwayData, inventory: Inventory, province: Province, seen: Observed
) -> tuple[Baseline, ParameterSet]:
    """Return the baseline of the past year, and the parameters with the capacities of that year."""
    base, values = seen.years[0], dict(data.parameters.values)
    for name in CAPACITIES:
        values[name, ""] = dataclasses.replace(values[name, ""], value=float(seen[name][0]), low=None, high=None)
    parameters = ParameterSet(values)
    facts = dict(province.facts)
    for name in CAPACITIES:
        if name in SERIES:
            variable, unit = SERIES[name]
            key = (variable, province.id, base)
            if key not in facts:
                fact = Fact(variable, province.id, base, float(seen[name][0]), unit, "", Grade.D, "")
                facts[key] = fact
    past = dataclasses.replace(province, settings={**province.settings, "base_year": base}, facts=facts)
    return baseline_from_inventory(inventory, past, parameters), parameters


def _brought_forward(levers: tuple[Lever, ...], base: int) -> tuple[Lever, ...]:
    """Return the levers that speed up saving, at their defaults, with schedules that begin in the base year."""
    return tuple(
        dataclasses.replace(lever, schedule=Schedule(base, base + lever.schedule.full - lever.schedule.start, "linear"))
        for lever in levers
        if lever.parameter.startswith("efficiency.")
    )


def _growth(data: PathwayData, seen: Observed) -> tuple[GrowthPoint, ...]:
    """Return the growth case with what was observed; after the last year it stays as it was, which no result shows."""
    population = seen["population"]
    series = {
        "gdp_growth": seen["gdp_growth"],
        "population_growth": np.concatenate([[0.0], population[1:] / population[:-1] - 1.0]),
        "urbanisation": seen["urbanisation"],
    }
    sample = data.growth[0]
    return tuple(
        dataclasses.replace(sample, case=GROWTH, variable=name, year=year, value=float(v))
        for name, values in series.items()
        for year, v in zip((*seen.years, LAST_YEAR), (*values, values[-1]), strict=True)
    )


def _with_controls(engine: Parameters, seen: Observed, past: Baseline) -> Parameters:
    """Set the capacities of every year, without limits on their speed, and lines that bring the observed imports."""
    controls, t = engine.tables.controls.copy(), len(seen.years)
    for name in CAPACITIES:
        row = CONTROL_ROWS[name, ""]
        controls[row, :t], controls[row, t:] = seen[name], seen[name][-1]
    row = CONTROL_ROWS["capacity.imports", ""]
    brought = float(past.generation[GENERATORS.index("imports")])
    lines = controls[row, 0] + (_imports(engine, seen) - brought) * 1000.0 / engine.tables.hours_imports
    controls[row, 1:t], controls[row, t:] = lines[1:], lines[-1]
    free = engine.tables._replace(controls=controls, build=np.full(len(engine.tables.build), np.inf), decline=1.0)
    return dataclasses.replace(engine, tables=free)


def _imports(engine: Parameters, seen: Observed) -> Floats:
    """Consumption less thermal and hydro output, and wind and solar as the engine computes them, zero at least [TWh]."""
    hours = dict(zip(("wind", "solar"), engine.tables.hours[:2], strict=True))
    running = {name: _running(seen[f"capacity.{name}"]) * h / 1000.0 for name, h in hours.items()}
    rest = seen["electricity"] - seen["thermal"] - seen["hydro"] - running["wind"] - running["solar"]
    out: Floats = np.maximum(0.0, rest)
    return out


def _running(capacity: Floats) -> Floats:
    """Mean capacity of each year."""
    return np.concatenate([capacity[:1], (capacity[1:] + capacity[:-1]) / 2.0])


def _weather(engine: Parameters, seen: Observed, parameters: ParameterSet) -> Floats:
    """Hydro output over what the mean hours would give, so that each year has the water it had."""
    mean = _running(seen["capacity.hydro"]) * parameters.scalar("hours.hydro") / 1000.0
    out = np.ones(len(engine.years))
    out[: len(seen.years)] = seen["hydro"] / mean
    return out


def _compared(result: Result, present: Baseline, seen: Observed) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return predicted and observed series by sector of the inventory, their total, and electricity."""
    t = len(seen.years)
    modelled = result.emissions[0, :t]
    recorded = (present.energy + present.process)[[present.years.index(y) for y in seen.years]]
    predicted: dict[str, Floats] = {TOTAL: modelled.sum(axis=1)}
    observed: dict[str, Floats] = {TOTAL: recorded.sum(axis=1)}
    for sector, emitters in CHART_SECTORS.items():
        places = [EMITTERS.index(e) for e in emitters]
        if recorded[:, places].any():
            predicted[sector], observed[sector] = modelled[:, places].sum(axis=1), recorded[:, places].sum(axis=1)
    predicted[ELECTRICITY] = result.indicator("electricity_demand")[0, :t]
    observed[ELECTRICITY] = seen["electricity"]
    return predicted, observed


def error_tables(found: Sequence[Hindcast]) -> str:
    """Return the errors of hindcasts as Markdown, a table for each span of years, for the documentation."""
    parts = []
    for first, last in found[0].periods():
        kind = "with energy balances" if last <= found[0].last_balance else "estimated"
        names = " | ".join(f"{h.variant}: mean | amount | {last}" for h in found)
        head = f"| {first}–{last}, {kind} | {names} |\n|---|{'---|---|---|' * len(found)}\n"
        sectors = [h.errors(first, last) for h in found]
        naive = [h.naive_errors(first, last) for h in found[:1]]
        rows = [_markdown([e[i] for e in sectors]) for i in range(len(sectors[0]))]
        rows += [_markdown([e[i] for e in naive], columns=len(found)) for i in range(len(naive[0]))]
        parts.append(head + "".join(rows))
    return "\n".join(parts)


def _markdown(errors: Sequence[ErrorRow], columns: int = 0) -> str:
    unit = "TWh" if errors[0].name == ELECTRICITY else "Mt"
    cells = [
        f"{100 * e.mean:+.0f}% | {100 * e.absolute:.0f}% | {e.last:+.1f} {unit} ({100 * e.last_relative:+.0f}%)"
        for e in errors
    ]
    cells += [" |  | "] * (columns - len(cells))
    return f"| `{errors[0].name}` | {' | '.join(cells)} |\n"
