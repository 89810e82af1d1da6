"""Results of an energy system as IAMC tables: model, scenario, region, variable, unit and a value by year.

Names of variables follow the Integrated Assessment Modeling Consortium (``Capacity|Electricity|Solar``, ``Secondary Energy|Electricity``,
``Emissions|CO2``, ``Price|Secondary Energy|Electricity``); technologies and carriers keep the names of the system.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu.energy.certificate import EnergyResult, decided_capacities
from tanlu.energy.components import Contract, Converter, Reservoir, Source, Store
from tanlu.energy.model import Flow
from tanlu.energy.problem import Floats

COLUMNS: Final = ("model", "scenario", "region", "variable", "unit", "year", "value")
MODEL: Final = "Tanlu"
TERAWATT_HOUR: Final = 3.6e-3
"""EJ of a TWh."""
_MAKERS: Final = (Source, Converter, Reservoir, Contract)


@dataclass(frozen=True, slots=True)
class IamcRow:
    """One value of an IAMC table."""

    model: str
    scenario: str
    region: str
    variable: str
    unit: str
    year: int
    value: float


def to_iamc(result: EnergyResult, *, scenario: str = "", model: str = MODEL) -> list[IamcRow]:
    """Return capacity, secondary energy, CO2, load-weighted price and cost of a plan.

    Parameters
    ----------
    result : EnergyResult
        A plan.
    scenario, model : str
        Names for the table; the scenario is that of the system where none is given.

    Returns
    -------
    list of IamcRow
        Regions are the nodes, and the name of the system for all of them. GW, GWh, EJ/yr, Mt CO2/yr, CNY/MWh, million CNY/yr.
    """
    values: dict[tuple[str, str, str], Floats] = defaultdict(lambda: np.zeros(len(result.programme.grid.years)))
    _add_capacity(result, values)
    _add_energy(result, values)
    _add_emissions(result, values)
    _add_prices(result, values)
    name, years = scenario or result.system.name, result.programme.grid.years
    return [
        IamcRow(model, name, region, variable, unit, year, float(value))
        for (region, variable, unit), series in sorted(values.items())
        for year, value in zip(years, series, strict=True)
    ]


def write_iamc(rows: Sequence[IamcRow], path: Path | str, *, wide: bool = False) -> None:
    """Write a table as CSV, one row a value, or one row a variable with a column a year.

    Raises
    ------
    ValueError
        When there are no rows.
    """
    if not rows:
        raise ValueError("no rows")
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        if not wide:
            writer.writerow(COLUMNS)
            writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)
            return
        years = sorted({row.year for row in rows})
        writer.writerow([*COLUMNS[:5], *years])
        table: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        for row in rows:
            table[row.model, row.scenario, row.region, row.variable, row.unit][row.year] = row.value
        writer.writerows([*key, *(found.get(year, "") for year in years)] for key, found in table.items())


def write_parquet(rows: Sequence[IamcRow], path: Path | str) -> None:
    """Write a table as Parquet, one row a value."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[Any]] = {column: [getattr(row, column) for row in rows] for column in COLUMNS}
    pq.write_table(pa.table(columns), path)


def _label(name: str) -> str:
    """Return a name as a part of a variable: ``coal_ccs`` is ``Coal Ccs``."""
    return name.replace("_", " ").replace("-", " ").title()


def _regions(result: EnergyResult, node: str) -> tuple[str, ...]:
    """Return the node and the whole system, once where they are the same."""
    return tuple(dict.fromkeys((node, result.system.name))) if node else (result.system.name,)


def _add_capacity(result: EnergyResult, values: dict[tuple[str, str, str], Floats]) -> None:
    """Add capacity by carrier and technology, and energy capacity of stores."""
    for block, size in decided_capacities(result.programme, result.solution).items():
        energy = block.endswith(".energy.capacity")
        component = result.system.component(block.removesuffix(".capacity").removesuffix(".energy"))
        if not isinstance(component, (*_MAKERS, Store)):
            continue
        carrier = next(iter(component.outputs), "") if isinstance(component, Converter) else component.carrier
        kind = "Storage Capacity" if energy else "Capacity"
        for region in _regions(result, component.node):
            if carrier:
                values[region, f"{kind}|{_label(carrier)}|{_label(component.kind)}", "GWh" if energy else "GW"] += size
        if isinstance(component, Store) and component.hours is not None:
            for region in _regions(result, component.node):
                values[region, f"Storage Capacity|{_label(carrier)}|{_label(component.kind)}", "GWh"] += (
                    size * component.hours
                )


def _yearly(result: EnergyResult, flow: Flow) -> Floats:
    """Return the energy of a flow in a year, (P,) [GWh]."""
    amount = result.solution.primal[flow.columns] * np.broadcast_to(flow.factor, flow.columns.shape)
    return np.asarray(amount @ result.programme.grid.annual_hours)


def _add_energy(result: EnergyResult, values: dict[tuple[str, str, str], Floats]) -> None:
    """Add what is made of every balanced carrier, by technology and together."""
    masses = {carrier.name for carrier in result.system.carriers if carrier.unit == "t"}
    for flow in result.programme.model.flows:
        component = result.system.component(flow.component)
        makes = flow.sign > 0 or flow.quantity == "extraction"
        if (
            not (makes and isinstance(component, _MAKERS))
            or flow.carrier in masses
            or flow.carrier in result.programme.model.market
        ):
            continue
        amount = flow.sign * _yearly(result, flow) / 1e3 * TERAWATT_HOUR
        for region in _regions(result, flow.node):
            values[region, f"Secondary Energy|{_label(flow.carrier)}", "EJ/yr"] += amount
            values[region, f"Secondary Energy|{_label(flow.carrier)}|{_label(component.kind)}", "EJ/yr"] += amount


def _add_emissions(result: EnergyResult, values: dict[tuple[str, str, str], Floats]) -> None:
    """Add CO2 by technology and together."""
    hours, model, name = result.programme.grid.annual_hours, result.programme.model, result.system.name
    for owner, columns, factor in model.emissions:
        amount = (result.solution.primal[columns] * factor) @ hours / 1e3
        component = result.system.component(owner)
        for region in _regions(result, getattr(component, "node", "")):
            values[region, "Emissions|CO2", "Mt CO2/yr"] += amount
            values[region, f"Emissions|CO2|{_label(component.kind)}", "Mt CO2/yr"] += amount
    for owner, amount in model.fixed_emissions:
        values[name, "Emissions|CO2", "Mt CO2/yr"] += amount / 1e3
        values[name, f"Emissions|CO2|{_label(owner)}", "Mt CO2/yr"] += amount / 1e3


def _add_prices(result: EnergyResult, values: dict[tuple[str, str, str], Floats]) -> None:
    """Add the mean price of every carrier at every node, weighted with its load."""
    model, problem = result.programme.model, result.programme.problem
    if not result.solution.dual.size:
        return
    for (node, carrier), loads in model.loads.items():
        load = sum((amount for _, amount in loads), np.zeros(model.grid.shape)) * model.grid.annual_hours
        dual = problem.row_values(result.solution.dual, f"{node}.{carrier}.balance") / model.weighted_hours * 1e3
        total = load.sum(axis=1)
        mean = np.divide((dual * load).sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
        values[node, f"Price|Secondary Energy|{_label(carrier)}", "CNY/MWh"] += mean
