"""The arrays that both implementations of the engine read, and the result that both fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.dimensions import EMITTERS, GENERATORS, TECHNOLOGIES
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INDICATORS: Final = (
    "gdp", "population", "electricity_demand", "imports_co2", "sink", "curtailed", "hydrogen", "primary_energy", "nonfossil_share",
)  # fmt: skip
"""Columns of ``Result.indicators``: 10^9 CNY (base-year prices), 10^6 persons, TWh, Mt CO2, Mt CO2, TWh, PJ, Mtce, 1."""

CAPACITIES: Final = ("wind", "solar", "hydro", "biomass", "nuclear", "storage", "imports", "coal")
"""Columns of ``Result.capacity`` [GW]; coal is what its output needs, at least the plant in service."""


class Tables(NamedTuple):
    """Everything that does not change between draws. T years from the base year, S demand sectors, K controls.

    Energy in PJ, electricity in TWh, CO2 in Mt, emission factors in Mt/PJ (= t/GJ), capacities in GW.
    """

    gdp: float
    population: float
    gdp_growth: Floats  # [T]
    population_growth: Floats  # [T]
    drive_fuel: Floats  # [T, S] people who drive a sector, floor area and degree days over the base year, fuel services
    drive_power: Floats  # [T, S] the same for power services
    maturity_decay: Floats  # [T, S]
    maturity_level: Floats  # [S]
    elasticity_fuel: Floats  # [T, S]
    elasticity_electricity: Floats  # [T, S]
    controls: Floats  # [K, T]
    survival: Floats  # [T, S] share of new equipment left at each age
    survival_base: Floats  # [T, S] share of the stock of the base year left in each year
    survival_power: Floats  # [T, S] the same two for what serves with electricity
    survival_power_base: Floats  # [T, S]
    need_base: Floats  # [T, S] energy that the stock of the base year still needs, without later retrofits
    need_power_base: Floats  # [T, S]
    new: Floats  # [S] energy need of equipment new in the base year, average of the stock = 1
    new_power: Floats  # [S]
    retrofit: Floats  # [S] share of the fall of energy needs that reaches equipment in service
    floor: Floats  # [S]
    ratio_electricity: Floats  # [S]
    ratio_hydrogen: Floats  # [S]
    ratio_gas: Floats  # [S]
    process_shifted: Floats  # [S]
    process_fuel: Floats  # [S]
    electric_limit: Floats  # [T, S] highest stock of the electric route, infinite but for steel
    follows: Floats  # [S, fossil] 1 where a sector follows the final use of a fuel elsewhere
    final: Floats  # [S, carrier]
    factor: Floats  # [S, fossil]
    residual: Floats  # [S]
    process: Floats  # [S]
    waste: float
    supply_link: float
    generation: Floats  # [generator]
    losses: float
    power_coal: float
    power_coal_factor: float
    power_other: float
    power_process: float
    gas_rate: float
    gas_factor: float
    heat_fuel: float
    hours: Floats  # [wind, solar, hydro, biomass, nuclear]
    hours_imports: float
    hours_imports_maximum: float
    hours_thermal_maximum: float
    coal_capacity: float
    build: Floats  # [wind, solar, hydro, biomass, nuclear, storage, imports]
    decline: float
    curtailment_free: float
    curtailment_storage: float
    curtailment_slope: float
    storage_losses: float
    thermal_minimum: float
    gas_share_maximum: float
    electrolysis_efficiency: float
    reforming_efficiency: float
    capture_electricity: float
    capture_penalty: float
    primary_equivalent: float
    imports_fossil: float
    sink: float
    sink_decay: Floats  # [T]
    sink_level: float


class Program(NamedTuple):
    """How lever values move controls: one entry for every pair of lever and row."""

    lever: Ints  # [M]
    row: Ints  # [M]
    op: Ints  # [M] 0 set or add, 1 scale, 2 cap
    default: Floats  # [M]
    schedule: Floats  # [M, T]


@dataclass(frozen=True)
class Result(Tabular):
    """Arrays of a run over n draws and T years, the first of which is the base year.

    ``energy`` to ``activity`` but the indicators have shape [0, …] when the parts were not asked for.

    Attributes
    ----------
    years : [T]
    energy, process, captured : [n, T, emitter] Mt CO2
        Energy and process CO2 before capture, and what is captured, by `EMITTERS`.
    generation : [n, T, generator] TWh
        By `GENERATORS`; the last column is imports.
    capacity : [n, T, 8] GW
        By `CAPACITIES`.
    indicators : [n, T, 9]
        By `INDICATORS`.
    activity : [n, T, S]
        Fuel services, base year = 1.
    emitted : [n, T, 2] Mt CO2
        CO2 of energy and of processes after capture, of all emitters; capture takes the same share of both.
    final : [n, T, S, carrier] PJ
        Final energy; shape [0, …] when it was not asked for.
    stock, sales, retired : [n, T, S, technology]
        Stock by `TECHNOLOGIES` in units of the services of the base year, what is sold in the year, and what leaves service before its
        time because demand falls faster than the stock ages; shape [0, …] when detail was not asked for.
    intensity : [n, T, S, technology + 1]
        Energy need of a unit in service, average of the base year = 1, by `TECHNOLOGIES`; power services last. Of new equipment where there
        is none. Shape [0, …] when detail was not asked for.
    autonomous : [n, T, S, 2]
        What fuel and power equipment of the same ages would need had efficiency gone on as before the base year.
    """

    years: Ints
    energy: Floats
    process: Floats
    captured: Floats
    generation: Floats
    capacity: Floats
    indicators: Floats
    activity: Floats
    emitted: Floats
    final: Floats
    stock: Floats
    sales: Floats
    retired: Floats
    intensity: Floats
    autonomous: Floats

    def indicator(self, name: str) -> Floats:
        """Return an indicator, [n, T]."""
        return self.indicators[:, :, INDICATORS.index(name)]

    @property
    def emissions(self) -> Floats:
        """CO2 that is emitted, [n, T, emitter] Mt."""
        return self.energy + self.process - self.captured

    @property
    def total(self) -> Floats:
        """CO2 within the province without land (scope 1), [n, T] Mt."""
        out: Floats = (self.emissions if len(self.energy) else self.emitted).sum(axis=2)
        return out

    @property
    def net(self) -> Floats:
        """Scope 1 CO2 less the uptake of land, [n, T] Mt."""
        return self.total - self.indicator("sink")

    @property
    def with_imports(self) -> Floats:
        """Scope 1 CO2 and the CO2 of imported power, [n, T] Mt."""
        return self.total + self.indicator("imports_co2")

    def by_sector(self, sector: str) -> Floats:
        """Return the CO2 of an emitter after capture, [n, T] Mt."""
        return self.emissions[:, :, EMITTERS.index(sector)]

    def summed(self) -> Result:
        """Return indicators and the CO2 of all emitters alone, as a run without parts keeps them."""
        kept = ("years", "indicators", "emitted")
        return replace(self, **{f.name: getattr(self, f.name)[:0] for f in fields(self) if f.name not in kept})

    def columns(self) -> Columns:
        """Return draw, year, group, item, value and unit of what the run kept."""
        units = ("10^9 CNY", "10^6 persons", "TWh", "Mt CO2", "Mt CO2", "TWh", "PJ", "Mtce", "1")
        axes = {"draw": range(len(self.indicators)), "year": self.years.tolist()}
        parts = [
            long_table(axes, self.indicators[:, :, i], group="indicator", item=name, unit=unit)
            for i, (name, unit) in enumerate(zip(INDICATORS, units, strict=True))
        ]
        parts += [
            long_table(axes, self.emitted[:, :, i], group="emitted", item=name, unit="Mt CO2")
            for i, name in enumerate(("energy", "process"))
        ]
        if len(self.energy):
            for group, unit, names, values in (
                ("emissions", "Mt CO2", EMITTERS, self.emissions), ("generation", "TWh", GENERATORS, self.generation),
                ("capacity", "GW", CAPACITIES, self.capacity),
            ):  # fmt: skip
                parts += [
                    long_table(axes, values[:, :, i], group=group, item=name, unit=unit) for i, name in enumerate(names)
                ]
        return stacked(parts)


def empty_result(
    years: Ints, draws: int, sectors: int, carriers: int, generators: int, *, detail: bool, parts: bool = True
) -> Result:
    """Return a result with unfilled arrays; without parts only indicators and the CO2 of all emitters together."""
    t, n = len(years), draws if parts or detail else 0
    routes = (draws if detail else 0, t, sectors, len(TECHNOLOGIES))
    return Result(
        years=years,
        energy=np.empty((n, t, len(EMITTERS))),
        process=np.empty((n, t, len(EMITTERS))),
        captured=np.empty((n, t, len(EMITTERS))),
        generation=np.empty((n, t, generators)),
        capacity=np.empty((n, t, len(CAPACITIES))),
        indicators=np.empty((draws, t, len(INDICATORS))),
        activity=np.empty((n, t, sectors)),
        emitted=np.empty((draws, t, 2)),
        final=np.empty((draws if detail else 0, t, sectors, carriers)),
        stock=np.empty(routes),
        sales=np.empty(routes),
        retired=np.empty(routes),
        intensity=np.empty((*routes[:3], len(TECHNOLOGIES) + 1)),
        autonomous=np.empty((*routes[:3], 2)),
    )


def joined(results: Sequence[Result]) -> Result:
    """Return the draws of several runs of the same years, one after the other."""
    names = [f.name for f in fields(Result) if f.name != "years"]
    return Result(results[0].years, **{name: np.concatenate([getattr(r, name) for r in results]) for name in names})
