"""The pathway model as a straightforward pandas program: one row a year and sector, cell by cell, as a spreadsheet would hold it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from tanlu.pathways.dimensions import DEMAND
from tanlu.pathways.parameters import CONTROL_ROWS, SCALAR_CONTROLS, SECTOR_CONTROLS
from tanlu.pathways.tables import Tables

SHIFTS = ("electricity", "hydrogen", "gas", "biomass")
FUELS = ("coal", "coke", "gas", "oil", "electricity", "heat", "hydrogen", "biomass")
CAPACITY = ("wind", "solar", "hydro", "biomass", "nuclear", "storage", "imports")


def sheets(tables: Tables, controls: np.ndarray[Any, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the input sheets: one row a (year, sector), and one row a year."""
    rows, years = [], []
    for t in range(controls.shape[1]):
        for s, sector in enumerate(DEMAND):
            row: dict[str, object] = {"t": t, "sector": sector}
            row |= {p.name: controls[CONTROL_ROWS[p.name, sector], t] for p in SECTOR_CONTROLS}
            row |= {f"final.{f}": tables.final[s, i] for i, f in enumerate(FUELS)}
            row |= {f"factor.{f}": tables.factor[s, i] for i, f in enumerate(FUELS[:4])}
            row |= {
                k: getattr(tables, k)[t, s]
                for k in ("urban", "maturity_decay", "elasticity_fuel", "elasticity_electricity")
            }
            row |= {
                k: getattr(tables, k)[s]
                for k in (
                    "maturity_level",
                    "retirement",
                    "floor",
                    "ratio_electricity",
                    "ratio_hydrogen",
                    "ratio_gas",
                    "process_shifted",
                    "residual",
                    "process",
                )
            }
            rows.append(row)
        year: dict[str, object] = {p.name: controls[CONTROL_ROWS[p.name, ""], t] for p in SCALAR_CONTROLS}
        years.append({**year, "gdp_growth": tables.gdp_growth[t], "population_growth": tables.population_growth[t]})
    return pd.DataFrame(rows).set_index(["t", "sector"]), pd.DataFrame(years)


def simulate(tables: Tables, sector_sheet: pd.DataFrame, year_sheet: pd.DataFrame) -> list[float]:
    """Return scope 1 CO2 by year [Mt] for central draws."""
    q, out = tables, []
    state = pd.DataFrame(0.0, index=list(DEMAND), columns=["income_fuel", "income_electricity", *SHIFTS])
    state[["intensity_fuel", "intensity_electricity", "stock"]] = 1.0
    gdp, population = q.gdp, q.population
    capacity = {k: year_sheet.at[0, f"capacity.{k}"] for k in CAPACITY}
    first = dict(capacity)
    for t in year_sheet.index:
        growth = 0.0
        if t > 0:
            income = gdp / population
            gdp *= 1 + year_sheet.at[t, "gdp_growth"]
            population *= 1 + year_sheet.at[t, "population_growth"]
            growth = math.log(gdp / population / income)
        final = pd.DataFrame(0.0, index=list(DEMAND), columns=list(FUELS))
        flows = pd.DataFrame(0.0, index=list(DEMAND), columns=["energy", "process", "captured"])
        for sector in DEMAND:
            row = sector_sheet.loc[(t, sector)]
            _sector(row, state, final, flows, sector, t, growth, population / q.population)
        others = [s for s in DEMAND if s != "energy_industry"]
        base = sector_sheet.loc[0].loc[others, [f"final.{f}" for f in FUELS[:4]]].to_numpy().sum()
        follow = 1 + q.supply_link * (final.loc[others, list(FUELS[:4])].to_numpy().sum() / base - 1)
        final.loc["energy_industry"] *= follow
        flows.at["energy_industry", "energy"] *= follow
        out.append(_year(q, year_sheet.loc[t], sector_sheet.loc[t], final, flows, capacity, first, t, population))
    return out


def _sector(
    row: pd.Series,
    state: pd.DataFrame,
    final: pd.DataFrame,
    flows: pd.DataFrame,
    sector: str,
    t: int,
    growth: float,
    people: float,
) -> None:
    if t > 0:
        for kind in ("fuel", "electricity"):
            state.at[sector, f"income_{kind}"] += min(max(row[f"elasticity_{kind}"], -1), 2) * growth
            fallen = state.at[sector, f"intensity_{kind}"] * (1 - row[f"efficiency.{kind}"])
            state.at[sector, f"intensity_{kind}"] = max(row["floor"], fallen)
    level = max(0.05, row["maturity_level"])
    common = people * (level + (1 - level) * row["maturity_decay"]) * row["urban"] * row["activity.scale"]
    fuel = common * math.exp(state.at[sector, "income_fuel"])
    power = common * math.exp(state.at[sector, "income_electricity"]) * state.at[sector, "intensity_electricity"]
    survivors = min((1 - row["retirement"]) * state.at[sector, "stock"], fuel)
    for shift in SHIFTS:
        wanted = min(max(row[f"shift.{shift}"], 0), 1)
        if t > 0:
            kept = state.at[sector, shift] * survivors
            wanted = min(max(wanted, kept / fuel), (kept + fuel - survivors) / fuel)
        state.at[sector, shift] = wanted
    state.at[sector, "stock"] = fuel
    scale = fuel * state.at[sector, "intensity_fuel"]
    electric, hydrogen, gas, biomass = (state.at[sector, k] for k in SHIFTS)
    total = sum(row[f"final.{f}"] for f in FUELS[:4]) * scale
    left = scale * (1 - electric) * (1 - hydrogen)
    coal, oil = row["final.coal"] * left, row["final.oil"] * left
    final.at[sector, "coal"] = coal * (1 - gas) * (1 - biomass)
    final.at[sector, "coke"] = row["final.coke"] * left
    final.at[sector, "gas"] = row["final.gas"] * left + coal * gas * row["ratio_gas"]
    final.at[sector, "oil"] = oil * (1 - biomass)
    final.at[sector, "electricity"] = row["final.electricity"] * power + total * electric * row["ratio_electricity"]
    final.at[sector, "heat"] = row["final.heat"] * scale
    final.at[sector, "hydrogen"] = (
        row["final.hydrogen"] * scale + total * (1 - electric) * hydrogen * row["ratio_hydrogen"]
    )
    flows.at[sector, "energy"] = row["residual"] * scale
    stays = 1 - row["process_shifted"] * (1 - (1 - electric) * (1 - hydrogen))
    flows.at[sector, "process"] = row["process"] * fuel * row["process.factor"] * stays


def _year(
    q: Tables,
    year: pd.Series,
    rows: pd.DataFrame,
    final: pd.DataFrame,
    flows: pd.DataFrame,
    capacity: dict[str, float],
    first: dict[str, float],
    t: int,
    population: float,
) -> float:
    for sector in DEMAND:
        for fuel in FUELS[:4]:
            flows.at[sector, "energy"] += final.at[sector, fuel] * rows.at[sector, f"factor.{fuel}"]
    hydrogen, green = final["hydrogen"].sum(), min(max(year["hydrogen.green"], 0), 1)
    flows.at["energy_industry", "energy"] += hydrogen * (1 - green) / q.reforming_efficiency * q.gas_factor
    for sector in DEMAND:
        share = min(max(rows.at[sector, "capture"], 0), 0.95)
        flows.at[sector, "captured"] = share * (flows.at[sector, "energy"] + flows.at[sector, "process"])
    needed = final["electricity"].sum() / 3.6 + hydrogen * green / q.electrolysis_efficiency / 3.6
    needed += flows["captured"].sum() * q.capture_electricity
    running = {}
    for i, name in enumerate(CAPACITY):
        wanted = year[f"capacity.{name}"]
        if t > 0:
            wanted = min(max(wanted, capacity[name] * (1 - q.decline)), capacity[name] + q.build[i])
        running[name] = (capacity[name] + wanted) / 2
        capacity[name] = wanted
    losses = min(max(q.losses + year["grid.losses"], -0.1), 0.3)
    gross = needed / (1 - losses) + max(0, capacity["storage"] - first["storage"]) * q.storage_losses
    coal, gas = _dispatch(q, year, gross, capacity, running, first, t)
    run, capture = coal / q.generation[0], min(max(year["capture.power"], 0), 0.95)
    coal_fuel = q.power_coal * run * year["coal.rate"] * (1 + q.capture_penalty * capture) * (1 - year["coal.cofiring"])
    heat = final["heat"].sum() * q.heat_fuel * (1 - year["heat.clean"])
    power = coal_fuel * q.power_coal_factor * (1 - capture) + heat * q.power_coal_factor
    power += gas * q.gas_rate * q.gas_factor + q.power_other * run + q.power_process * run
    waste = q.waste * population / q.population
    return float(power + waste + flows["energy"].sum() + flows["process"].sum() - flows["captured"].sum())


def _dispatch(
    q: Tables,
    year: pd.Series,
    gross: float,
    capacity: dict[str, float],
    running: dict[str, float],
    first: dict[str, float],
    t: int,
) -> tuple[float, float]:
    if t == 0:
        hydro, wind, solar, biomass, nuclear, contract = (float(x) for x in q.generation[2:8])
    else:
        wind, solar, hydro, biomass, nuclear = (running[k] * q.hours[i] / 1000 for i, k in enumerate(CAPACITY[:5]))
        contract = max(0.0, float(q.generation[7]) + (capacity["imports"] - first["imports"]) * q.hours_imports / 1000)
        contract = min(contract, capacity["imports"] * q.hours_imports_maximum / 1000)
    taken = wind + solar
    free = q.curtailment_free + q.curtailment_storage * capacity["storage"] / (gross / 8.76)
    excess = taken / gross - free
    if excess > 0:
        taken = gross * (free + (1 - math.exp(-q.curtailment_slope * excess)) / q.curtailment_slope)
    firm, room = hydro + biomass + nuclear, gross * (1 - q.thermal_minimum)
    firm *= min(1, room / max(firm, 1e-12))
    taken = min(taken, max(0, room - firm))
    thermal = gross - firm - taken - min(contract, max(0, room - firm - taken))
    gas = min(float(q.generation[1]) * year["gas.generation"], thermal * q.gas_share_maximum)
    return thermal - gas, gas
