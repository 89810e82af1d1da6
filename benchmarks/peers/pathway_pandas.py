"""The pathway model as a straightforward pandas program: one row a year and sector, cell by cell, as a spreadsheet would hold it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from tanlu.pathways.dimensions import DEMAND, SHIFTS
from tanlu.pathways.parameters import CONTROL_ROWS, SCALAR_CONTROLS, SECTOR_CONTROLS
from tanlu.pathways.tables import Tables

FUELS = ("coal", "coke", "gas", "oil", "electricity", "heat", "hydrogen", "biomass")
AGED = ("survival", "survival_base", "need_base", "survival_power", "survival_power_base", "need_power_base")
ROUTES = ["conventional", *SHIFTS]
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
                for k in (
                    "drive_fuel",
                    "drive_power",
                    "maturity_decay",
                    "elasticity_fuel",
                    "elasticity_electricity",
                    "electric_limit",
                    *AGED,
                )
            }
            row |= {
                k: getattr(tables, k)[s]
                for k in (
                    "maturity_level",
                    "retrofit",
                    "floor",
                    "ratio_electricity",
                    "ratio_hydrogen",
                    "ratio_gas",
                    "process_shifted",
                    "process_fuel",
                    "residual",
                    "process",
                )
            }
            row |= {f"follows.{f}": tables.follows[s, i] for i, f in enumerate(FUELS[:4])}
            rows.append(row)
        year: dict[str, object] = {p.name: controls[CONTROL_ROWS[p.name, ""], t] for p in SCALAR_CONTROLS}
        years.append({**year, "gdp_growth": tables.gdp_growth[t], "population_growth": tables.population_growth[t]})
    return pd.DataFrame(rows).set_index(["t", "sector"]), pd.DataFrame(years)


def simulate(tables: Tables, sector_sheet: pd.DataFrame, year_sheet: pd.DataFrame) -> list[float]:
    """Return scope 1 CO2 by year [Mt] for central draws."""
    q, out = tables, []
    state = pd.DataFrame(0.0, index=list(DEMAND), columns=["income_fuel", "income_electricity"])
    state["new_fuel"], state["new_electricity"] = q.new, q.new_power
    state[["retro_fuel", "retro_electricity"]] = 1.0
    aged = {k: sector_sheet[k].unstack() for k in AGED}
    columns = [*ROUTES, "power", "sold_fuel", "sold_electricity"]
    vintages = {sector: pd.DataFrame(0.0, index=year_sheet.index, columns=columns) for sector in DEMAND}
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
            old = {k: table[sector] for k, table in aged.items()}
            _sector(row, state, final, flows, vintages[sector], old, sector, t, growth, population / q.population)
        _follow(q, sector_sheet.loc[0], final, flows)
        out.append(_year(q, year_sheet.loc[t], sector_sheet.loc[t], final, flows, capacity, first, t, population))
    return out


def _sector(
    row: pd.Series,
    state: pd.DataFrame,
    final: pd.DataFrame,
    flows: pd.DataFrame,
    vintages: pd.DataFrame,
    aged: dict[str, pd.Series],
    sector: str,
    t: int,
    growth: float,
    people: float,
) -> None:
    if t > 0:
        for kind in ("fuel", "electricity"):
            state.at[sector, f"income_{kind}"] += min(max(row[f"elasticity_{kind}"], -1), 2) * growth
            fall = row[f"efficiency.{kind}"]
            state.at[sector, f"new_{kind}"] = max(row["floor"], state.at[sector, f"new_{kind}"] * (1 - fall))
            state.at[sector, f"retro_{kind}"] *= 1 - row["retrofit"] * fall
            vintages.at[t, f"sold_{kind}"] = state.at[sector, f"new_{kind}"] / state.at[sector, f"retro_{kind}"]
    level = max(0.05, row["maturity_level"])
    common = people * (level + (1 - level) * row["maturity_decay"]) * row["activity.scale"]
    fuel = common * row["drive_fuel"] * math.exp(state.at[sector, "income_fuel"])
    service = common * row["drive_power"] * math.exp(state.at[sector, "income_electricity"])
    left, left_power = (_left(aged[k], aged[f"{k}_base"], t) for k in ("survival", "survival_power"))
    stock = _stock(row, vintages, left, fuel, t)
    held = sum(share * vintages.at[v, "power"] for v, share in enumerate(left_power))
    if held > service:
        vintages.loc[: t - 1, "power"] *= service / held
    vintages.at[t, "power"] = max(0.0, service - held)
    need = {k: _need(row, vintages, left, aged["need_base"], state.loc[sector], "fuel", k, t) for k in ROUTES}
    power = _need(row, vintages, left_power, aged["need_power_base"], state.loc[sector], "electricity", "power", t)
    whole = sum(need.values())
    scale = whole * (1 + row["process_fuel"] * (row["process.factor"] - 1))
    electric, hydrogen, gas, biomass = (need[k] / whole for k in SHIFTS)
    total, rest = sum(row[f"final.{f}"] for f in FUELS[:4]) * scale, 1 - electric - hydrogen
    burnt = min(1, biomass / max(rest - gas, 1e-300))
    final.at[sector, "coal"] = row["final.coal"] * scale * (rest - gas) * (1 - burnt)
    final.at[sector, "coke"] = row["final.coke"] * scale * rest
    final.at[sector, "gas"] = row["final.gas"] * scale * rest + row["final.coal"] * scale * gas * row["ratio_gas"]
    final.at[sector, "oil"] = row["final.oil"] * scale * rest * (1 - burnt)
    final.at[sector, "electricity"] = row["final.electricity"] * power + total * electric * row["ratio_electricity"]
    final.at[sector, "heat"] = row["final.heat"] * scale
    final.at[sector, "hydrogen"] = row["final.hydrogen"] * scale + total * hydrogen * row["ratio_hydrogen"]
    flows.at[sector, "energy"] = row["residual"] * scale
    stays = 1 - row["process_shifted"] * (stock["electricity"] + stock["hydrogen"]) / fuel
    flows.at[sector, "process"] = row["process"] * fuel * row["process.factor"] * stays


def _stock(row: pd.Series, vintages: pd.DataFrame, left: list[float], needed: float, t: int) -> dict[str, float]:
    """Age the vintages, retire early, sell; return the stock by technology."""
    survivors = {k: sum(share * vintages.at[v, k] for v, share in enumerate(left)) for k in ROUTES}
    total = sum(survivors.values())
    kept = needed / total if total > needed else 1.0
    vintages.loc[: t - 1, ROUTES] *= kept
    survivors = {k: v * kept for k, v in survivors.items()}
    room, open_to = max(0.0, needed - total * kept), needed
    for k in SHIFTS:
        share = min(max(row[f"shift.{k}"], 0), 1)
        wanted = open_to * share
        if k == "electricity":
            wanted = min(wanted, row["electric_limit"])
        vintages.at[t, k] = min(max(wanted - survivors[k], 0), room)
        room, open_to = room - vintages.at[t, k], open_to * (1 - share)
    vintages.at[t, "conventional"] = room
    return {k: survivors[k] + vintages.at[t, k] for k in ROUTES}


def _left(survival: pd.Series, base: pd.Series, t: int) -> list[float]:
    """Return which share of the stock of the base year and of each year's sales is left."""
    return [base[t], *(survival[t - v] for v in range(1, t))] if t > 0 else []


def _need(
    row: pd.Series, vintages: pd.DataFrame, left: list[float], base: pd.Series, state: pd.Series, kind: str, column: str, t: int
) -> float:  # fmt: skip
    """Return what the units of a column need: each vintage what it needed when sold, retrofits taken off."""
    if t == 0:
        return float(vintages.at[0, column])
    units = vintages[column]
    each = [base[t], *(share * vintages.at[v, f"sold_{kind}"] for v, share in enumerate(left) if v > 0)]
    old = state[f"retro_{kind}"] * sum(units[v] * need for v, need in enumerate(each))
    in_service = sum(share * units[v] for v, share in enumerate(left)) + units[t]
    return max(row["floor"] * in_service, old + state[f"new_{kind}"] * units[t])


def _follow(q: Tables, base: pd.DataFrame, final: pd.DataFrame, flows: pd.DataFrame) -> None:
    """Let mining and refining follow the use of their fuels by the other sectors."""
    follows = base[[f"follows.{f}" for f in FUELS[:4]]].to_numpy()
    users = [s for s, row in zip(DEMAND, follows, strict=True) if not row.any()]
    used, before = (
        final.loc[users, list(FUELS[:4])].sum().to_numpy(),
        base.loc[users, [f"final.{f}" for f in FUELS[:4]]].sum().to_numpy(),
    )
    for sector, row in zip(DEMAND, follows, strict=True):
        if row.any():
            follow = 1 + q.supply_link * ((row * used).sum() / (row * before).sum() - 1)
            final.loc[sector] *= follow
            flows.at[sector, "energy"] *= follow


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
    flows.at["refining", "energy"] += hydrogen * (1 - green) / q.reforming_efficiency * q.gas_factor
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
