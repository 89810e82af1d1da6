"""Two answers to the same demand side by side: what the pathway model says of electricity, and what the energy system says.

The pathway model follows the levers of its scenario: capacities are set, wind, sun and water run their usual hours, and thermal plants
give what is missing. The energy system chooses capacities and running by cost. So they differ, and every row says by how much and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.core.errors import DataError
from tanlu.core.tables import Column, read_table
from tanlu.job.tables import write_csv
from tanlu.pathways import Scenario
from tanlu.pathways.dimensions import EMITTERS, GENERATORS
from tanlu.pathways.tables import CAPACITIES

if TYPE_CHECKING:
    from tanlu.energy.results import Period
    from tanlu.job.energy_step import EnergyStudy

GENERATORS_FILE: Final = "link/generators.csv"
STORAGE: Final = "storage"
IMPORTS: Final = "imports"
COLUMNS: Final = ("period", "quantity", "item", "unit", "pathway", "system", "difference", "why")
_MWH: Final = 1e-6
"""From MWh to TWh, and from t to Mt."""
_TABLE: Final = (
    Column("technology", note="technology of the system"),
    Column("generator", "choice", choices=(*GENERATORS, STORAGE), refers_to="generators of the pathways"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A quantity of both models.

    Parameters
    ----------
    period : int
        Year.
    quantity : str
        ``generation``, ``capacity``, ``demand``, ``curtailment``, ``emissions``, ``emission_factor`` or ``cost``.
    item : str
        Generator, or what else it is of.
    unit : str
        Unit of both.
    pathway, system : float or None
        What each says; None where it has no such number.
    why : str
        Why they differ; the catalogue holds ``energy.compare.<why>``.
    """

    period: int
    quantity: str
    item: str
    unit: str
    pathway: float | None
    system: float | None
    why: str

    @property
    def difference(self) -> float | None:
        """System less pathway."""
        return None if self.pathway is None or self.system is None else self.system - self.pathway


def read_generators(folder: Path) -> dict[str, str]:
    """Return the generator of the pathways to which each technology of a system counts; empty where the folder does not say.

    Raises
    ------
    DataError
        With everything that is wrong in ``link/generators.csv``.
    """
    if not (folder / GENERATORS_FILE).is_file():
        return {}
    table = read_table(folder / GENERATORS_FILE, _TABLE, key=("technology",), root=folder)
    if table.problems:
        raise DataError(table.problems)
    return {str(row["technology"]): str(row["generator"]) for row in table.rows}


def comparison(study: EnergyStudy, scenario: Scenario) -> list[Compared]:
    """Compare a study with the central run of the pathway that gave its demands, in the years that both have."""
    from tanlu.energy.results import periods_of

    generators = read_generators(study.folder)
    years = [int(year) for year in scenario.central.years]
    found: list[Compared] = []
    for period in periods_of(study.result):
        if period.year in years and generators:
            found += _of_period(period, scenario, years.index(period.year), generators)
    return found


def write_comparison(path: Path, rows: Sequence[Compared]) -> None:
    """Write ``comparison.csv``."""
    write_csv(
        path,
        COLUMNS,
        ([r.period, r.quantity, r.item, r.unit, r.pathway, r.system, r.difference, r.why] for r in rows),
    )


def _of_period(period: Period, scenario: Scenario, at: int, generators: Mapping[str, str]) -> Iterator[Compared]:
    """Yield the rows of a year."""
    run, year = scenario.central, period.year
    made, taken = electricity_of(period, generators)
    stands = power_capacities(period, generators)
    for i, name in enumerate(GENERATORS):
        why = "set_hours" if name in ("wind", "solar", "hydro") else "contracts" if name == IMPORTS else "least_cost"
        yield Compared(year, "generation", name, "TWh", float(run.generation[0, at, i]), made.get(name, 0.0), why)
    for i, name in enumerate(CAPACITIES):
        yield Compared(year, "capacity", name, "GW", float(run.capacity[0, at, i]), stands.get(name, 0.0), "levers")
    demand = float(run.indicator("electricity_demand")[0, at])
    yield Compared(year, "demand", "electricity", "TWh", demand, taken, "coupled")
    curtailed = float(run.indicator("curtailed")[0, at])
    yield Compared(year, "curtailment", "wind and solar", "TWh", curtailed, spilt_energy(period, generators), "hourly")
    yield from _carbon(period, scenario, at, generators, made)
    yield Compared(year, "cost", "electricity", "CNY/MWh", None, _mean_price(period), "no_cost")


def _carbon(
    period: Period, scenario: Scenario, at: int, generators: Mapping[str, str], made: Mapping[str, float]
) -> Iterator[Compared]:
    """Yield CO2 of power and its emission factors, made in the province and with imports."""
    run, year, place = scenario.central, period.year, EMITTERS.index("power")
    own = float(run.energy[0, at, place] + run.process[0, at, place] - run.captured[0, at, place])
    outside = float(run.indicator("imports_co2")[0, at])
    amounts = dict(zip(GENERATORS, run.generation[0, at].tolist(), strict=True))
    emitted = _emissions(period, generators)
    inside, brought = sum(v for k, v in emitted.items() if k != IMPORTS), emitted.get(IMPORTS, 0.0)
    yield Compared(year, "emissions", "power", "Mt CO2", own, inside, "follows_coal")
    why = "contracts" if brought else "no_import_factor"
    yield Compared(year, "emissions", IMPORTS, "Mt CO2", outside, brought or None, why)
    made_pathway, made_system = (_made_here(of) for of in (amounts, made))
    factors = (_ratio(own, made_pathway), _ratio(inside, made_system))
    yield Compared(year, "emission_factor", "made here", "kg CO2/kWh", *factors, "follows_coal")
    with_imports = _ratio(own + outside, made_pathway + amounts[IMPORTS])
    counted = _ratio(inside + brought, made_system + made.get(IMPORTS, 0.0)) if brought else None
    why = "contracts" if brought else "no_import_factor"
    yield Compared(year, "emission_factor", "with imports", "kg CO2/kWh", with_imports, counted, why)


def _made_here(amounts: Mapping[str, float]) -> float:
    """Return what is made in the province [TWh]."""
    return sum(amount for name, amount in amounts.items() if name not in (IMPORTS, STORAGE))


def _ratio(amount: float, of: float) -> float | None:
    return amount / of if of > 0 else None


def electricity_of(period: Period, generators: Mapping[str, str]) -> tuple[dict[str, float], float]:
    """Return what each generator makes, and what loads, vehicles and plants use without what storage and lines lose [TWh]."""
    from tanlu.energy.answers import energy_balance
    from tanlu.energy.results import ELECTRICITY

    made: dict[str, float] = {}
    used = 0.0
    frame = energy_balance(period.programme, period.solution).where(period=period.year, carrier=ELECTRICITY)
    for row in frame.rows():
        generator, amount = generators.get(row["technology"]), row["energy"] * _MWH
        if generator is not None:
            made[generator] = made.get(generator, 0.0) + amount
        elif row["quantity"] not in ("forward", "backward", "surplus"):
            used -= amount
    return made, used


def power_capacities(period: Period, generators: Mapping[str, str]) -> dict[str, float]:
    """Return the capacity of each generator [GW]."""
    from tanlu.energy.answers import capacities

    frame = capacities(period.programme, period.solution).where(period=period.year, kind="power")
    sums = {generators.get(str(key[0]), ""): 0.0 for key in frame.total("capacity", ("technology",))}
    for key, amount in frame.total("capacity", ("technology",)).items():
        sums[generators.get(str(key[0]), "")] += amount / 1e3
    return sums


def spilt_energy(period: Period, generators: Mapping[str, str]) -> float:
    """Return what wind and sun could have given and did not [TWh]."""
    from tanlu.energy.answers import curtailment

    frame = curtailment(period.programme, period.solution).where(period=period.year)
    return _MWH * sum(
        float(row["curtailed [MWh]"]) for row in frame.rows() if generators.get(row["technology"]) in ("wind", "solar")
    )


def _emissions(period: Period, generators: Mapping[str, str]) -> dict[str, float]:
    """Return the CO2 of each generator [Mt]."""
    from tanlu.energy.answers import emissions

    sums: dict[str, float] = {}
    for row in emissions(period.programme, period.solution).where(period=period.year).rows():
        generator = generators.get(row["technology"])
        if generator is not None:
            sums[generator] = sums.get(generator, 0.0) + row["emission [t]"] * _MWH
    return sums


def _mean_price(period: Period) -> float | None:
    """Return the marginal cost of electricity, as a mean over the nodes weighted with their load [CNY/MWh]."""
    from tanlu.energy.answers import prices
    from tanlu.energy.results import ELECTRICITY

    series = prices(period.programme, period.solution, period.position)
    hours = period.programme.grid.annual_hours
    paid = bought = 0.0
    for (node, carrier), parts in period.programme.model.loads.items():
        name = f"{node}.{carrier}"
        if carrier == ELECTRICITY and name in series.names:
            load = np.sum([amount[period.position] for _, amount in parts], axis=0) * hours
            paid += float(series.values[series.names.index(name)] @ load)
            bought += float(load.sum())
    return _ratio(paid, bought)
