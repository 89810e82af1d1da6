"""The pathway model as a Vensim file, for PySD.

Vensim steps forward from the state of a year, so every state that depends on the controls of its own year is written through its value in
the next year: ``X = INTEG(next X - X, X0)``. The stocks ``gdp`` and ``population`` are scalars: PySD fails on models whose stocks all have
the same first dimension.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tanlu.pathways.dimensions import DEMAND, SHIFTS, TECHNOLOGIES
from tanlu.pathways.parameters import CONTROL_ROWS, SCALAR_CONTROLS, SECTOR_CONTROLS
from tanlu.pathways.tables import Tables

FUELS = ("coal", "coke", "gas", "oil", "electricity", "heat", "hydrogen", "biomass")
CAPACITY = ("wind", "solar", "hydro", "biomass", "nuclear", "storage", "imports")


def write_model(path: Path, tables: Tables, controls: np.ndarray[Any, Any], years: list[int]) -> None:
    """Write the model with these controls as lookups over time."""
    lines = [*_inputs(tables, controls, years), *_demand(tables), *_power(tables), *_control(years)]
    text = "{UTF-8}\nsector: " + ", ".join(_element(s) for s in DEMAND) + "\n~ ~ |\n"
    text += "vintage: " + ", ".join(f"v{y}" for y in years[1:]) + "\n~ ~ |\n"
    path.write_text(text + "".join(f"{line}\n~ ~ |\n" for line in lines), encoding="utf-8")


def _element(sector: str) -> str:
    return f"s {sector.replace('_', ' ')}"


def _lookup(years: list[int], values: Any) -> str:
    return "(" + ",".join(f"({y},{float(v)!r})" for y, v in zip(years, values, strict=True)) + ")"


def _name(name: str) -> str:
    return name.replace(".", " ").replace("_", " ")


def _inputs(q: Tables, controls: np.ndarray[Any, Any], years: list[int]) -> list[str]:
    out = []
    for p in SECTOR_CONTROLS:
        out += [
            f"{_name(p.name)} table[{_element(s)}]{_lookup(years, controls[CONTROL_ROWS[p.name, s]])}" for s in DEMAND
        ]
    for k in (
        "drive_fuel",
        "drive_power",
        "maturity_decay",
        "elasticity_fuel",
        "elasticity_electricity",
        "electric_limit",
        "survival_base",
        "survival_power_base",
        "need_base",
        "need_power_base",
    ):
        out += [
            f"{_name(k)} table[{_element(s)}]{_lookup(years, np.minimum(getattr(q, k)[:, i], 1e9))}"
            for i, s in enumerate(DEMAND)
        ]
    out += [f"{_name(p.name)} table{_lookup(years, controls[CONTROL_ROWS[p.name, '']])}" for p in SCALAR_CONTROLS]
    out += [
        f"gdp growth table{_lookup(years, q.gdp_growth)}",
        f"population growth table{_lookup(years, q.population_growth)}",
    ]
    vectors = {_name(k): getattr(q, k) for k in (
        "maturity_level", "floor", "ratio_electricity", "ratio_hydrogen", "ratio_gas", "process_shifted", "process_fuel", "residual",
        "process", "retrofit",
    )}  # fmt: skip
    # two points of the Weibull survival give its shape and scale back
    for name, survival in (("life", q.survival), ("life power", q.survival_power)):
        lost = -np.log(survival[1:3])
        vectors[f"{name} shape"] = np.log2(lost[1] / lost[0])
        vectors[f"{name} scale"] = lost[0] ** (-1 / vectors[f"{name} shape"])
    vectors |= {"start fuel": q.new, "start electricity": q.new_power}
    vectors |= {f"follows {f}": q.follows[:, i] for i, f in enumerate(FUELS[:4])}
    vectors["is user"] = 1.0 - q.follows.any(axis=1)
    vectors |= {f"base {f}": q.final[:, i] for i, f in enumerate(FUELS)}
    vectors |= {f"factor {f}": q.factor[:, i] for i, f in enumerate(FUELS[:4])}
    vectors["reforms"] = np.array([float(s == "refining") for s in DEMAND])
    out.append(f"born[vintage] = {', '.join(repr(float(y)) for y in years[1:])}")
    return out + [f"{name}[sector] = {', '.join(repr(float(x)) for x in values)}" for name, values in vectors.items()]


def _demand(q: Tables) -> list[str]:
    out = [
        f"gdp = INTEG(next gdp - gdp, {q.gdp!r})",
        f"population = INTEG(next population - population, {q.population!r})",
        "next gdp = gdp * (1 + gdp growth table(Time + 1))",
        "next population = population * (1 + population growth table(Time + 1))",
        "growth = LN(next gdp / next population / (gdp / population))",
        f"next people = next population / {q.population!r}",
        "level[sector] = MAX(0.05, maturity level[sector])",
        "next common[sector] = next people * (level[sector] + (1 - level[sector]) * maturity decay table[sector](Time + 1)) * "
        "activity scale table[sector](Time + 1)",
    ]
    for kind, service in (("fuel", "fuel"), ("electricity", "power")):
        out += [
            f"income {kind}[sector] = INTEG(next income {kind}[sector] - income {kind}[sector], 0)",
            f"next income {kind}[sector] = income {kind}[sector] + MIN(MAX(elasticity {kind} table[sector](Time + 1), -1), 2) * growth",
            f"new {kind}[sector] = INTEG(next new {kind}[sector] - new {kind}[sector], start {kind}[sector])",
            f"next new {kind}[sector] = MAX(floor[sector], new {kind}[sector] * (1 - efficiency {kind} table[sector](Time + 1)))",
            f"retro {kind}[sector] = INTEG(next retro {kind}[sector] - retro {kind}[sector], 1)",
            f"next retro {kind}[sector] = retro {kind}[sector] * (1 - retrofit[sector] * efficiency {kind} table[sector](Time + 1))",
            f"made {kind}[vintage, sector] = INTEG(IF THEN ELSE(Time + 1 = born[vintage], "
            f"next new {kind}[sector] / next retro {kind}[sector], 0), 0)",
            f"service {service}[sector] = INTEG(next service {service}[sector] - service {service}[sector], 1)",
            f"next service {service}[sector] = next common[sector] * drive {service} table[sector](Time + 1) * "
            f"EXP(next income {kind}[sector])",
        ]
    out += [
        f"{left}[vintage, sector] = IF THEN ELSE(Time + 1 > born[vintage], "
        f"EXP(-((MAX(0, Time + 1 - born[vintage]) / {life} scale[sector]) ^ {life} shape[sector])), 0)"
        for left, life in (("left", "life"), ("left power", "life power"))
    ]
    out += _stock("power", "power", 1)
    out += [
        "next kept power[sector] = MIN(1, next service power[sector] / survivors power[sector])",
        "next sales power[sector] = MAX(0, next service power[sector] - survivors power[sector] * next kept power[sector])",
    ]
    for k in TECHNOLOGIES:
        start = 1 if k == "conventional" else 0
        out += _stock(k, "", start)
    out += [
        "survivors[sector] = " + " + ".join(f"survivors {k}[sector]" for k in TECHNOLOGIES),
        "next kept[sector] = MIN(1, next service fuel[sector] / survivors[sector])",
        "open electricity[sector] = next service fuel[sector]",
        "room electricity[sector] = MAX(0, next service fuel[sector] - survivors[sector] * next kept[sector])",
    ]
    for k, after in zip(SHIFTS, (*SHIFTS[1:], "conventional"), strict=True):
        wanted = f"open {k}[sector] * wanted {k}[sector]"
        if k == "electricity":
            wanted = f"MIN({wanted}, electric limit table[sector](Time + 1))"
        out += [
            f"wanted {k}[sector] = MIN(MAX(shift {k} table[sector](Time + 1), 0), 1)",
            f"next sales {k}[sector] = MIN(MAX({wanted} - survivors {k}[sector] * next kept[sector], 0), room {k}[sector])",
            f"room {after}[sector] = room {k}[sector] - next sales {k}[sector]",
            f"open {after}[sector] = open {k}[sector] * (1 - wanted {k}[sector])",
            f"share {k}[sector] = need {k}[sector] / whole need[sector]",
        ]
    out += [
        "next sales conventional[sector] = room conventional[sector]",
        "whole need[sector] = " + " + ".join(f"need {k}[sector]" for k in TECHNOLOGIES),
        "scale[sector] = whole need[sector] * (1 + process fuel[sector] * (process factor table[sector](Time) - 1))",
        "fossil[sector] = (base coal[sector] + base coke[sector] + base gas[sector] + base oil[sector]) * scale[sector]",
        "rest[sector] = 1 - share electricity[sector] - share hydrogen[sector]",
        "burnt[sector] = MIN(1, share biomass[sector] / MAX(rest[sector] - share gas[sector], 1e-30))",
        "own coal[sector] = base coal[sector] * scale[sector] * (rest[sector] - share gas[sector]) * (1 - burnt[sector])",
        "own coke[sector] = base coke[sector] * scale[sector] * rest[sector]",
        "own gas[sector] = base gas[sector] * scale[sector] * rest[sector] + "
        "base coal[sector] * scale[sector] * share gas[sector] * ratio gas[sector]",
        "own oil[sector] = base oil[sector] * scale[sector] * rest[sector] * (1 - burnt[sector])",
        "own electricity[sector] = base electricity[sector] * need power[sector] + "
        "fossil[sector] * share electricity[sector] * ratio electricity[sector]",
        "own heat[sector] = base heat[sector] * scale[sector]",
        "own hydrogen[sector] = base hydrogen[sector] * scale[sector] + "
        "fossil[sector] * share hydrogen[sector] * ratio hydrogen[sector]",
        *(f"used {f} = SUM(own {f}[sector!] * is user[sector!])" for f in FUELS[:4]),
        *(f"used before {f} = SUM(base {f}[sector!] * is user[sector!])" for f in FUELS[:4]),
        "used now[sector] = " + " + ".join(f"follows {f}[sector] * used {f}" for f in FUELS[:4]),
        "used then[sector] = " + " + ".join(f"follows {f}[sector] * used before {f}" for f in FUELS[:4]),
        f"follow[sector] = 1 + (1 - is user[sector]) * {q.supply_link!r} * (used now[sector] / MAX(used then[sector], 1e-9) - 1)",
        *(f"final {f}[sector] = own {f}[sector] * follow[sector]" for f in FUELS[:7]),
        "fuel co2[sector] = final coal[sector] * factor coal[sector] + final coke[sector] * factor coke[sector] + "
        "final gas[sector] * factor gas[sector] + final oil[sector] * factor oil[sector] + "
        "residual[sector] * scale[sector] * follow[sector]",
        "hydrogen total = SUM(final hydrogen[sector!])",
        "green = MIN(MAX(hydrogen green table(Time), 0), 1)",
        f"energy co2[sector] = fuel co2[sector] + reforms[sector] * "
        f"hydrogen total * (1 - green) / {q.reforming_efficiency!r} * {q.gas_factor!r}",
        "process co2[sector] = process[sector] * service fuel[sector] * process factor table[sector](Time) * "
        "(1 - process shifted[sector] * (stock electricity[sector] + stock hydrogen[sector]) / service fuel[sector])",
        "captured[sector] = MIN(MAX(capture table[sector](Time), 0), 0.95) * (energy co2[sector] + process co2[sector])",
    ]
    return out


def _stock(k: str, kind: str, start: int) -> list[str]:
    """Return the stock by vintage of a technology and what it needs; ``kind`` is "power" for what serves with electricity."""
    kept, left, base = f"next kept {kind}".strip(), f"left {kind}".strip(), f"need {kind}".strip() + " base"
    survival, made = f"survival {kind}".strip() + " base", "electricity" if kind else "fuel"
    return [
        f"oldest {k}[sector] = INTEG(oldest {k}[sector] * {kept}[sector] - oldest {k}[sector], {start})",
        f"sold {k}[vintage, sector] = INTEG(sold {k}[vintage, sector] * {kept}[sector] + "
        f"IF THEN ELSE(Time + 1 = born[vintage], next sales {k}[sector], 0) - sold {k}[vintage, sector], 0)",
        f"survivors {k}[sector] = oldest {k}[sector] * {survival} table[sector](Time + 1) + "
        f"SUM(sold {k}[vintage!, sector] * {left}[vintage!, sector])",
        f"next stock {k}[sector] = survivors {k}[sector] * {kept}[sector] + next sales {k}[sector]",
        f"stock {k}[sector] = INTEG(next stock {k}[sector] - stock {k}[sector], {start})",
        f"old need {k}[sector] = next retro {made}[sector] * {kept}[sector] * (oldest {k}[sector] * {base} table[sector](Time + 1) + "
        f"SUM(sold {k}[vintage!, sector] * {left}[vintage!, sector] * made {made}[vintage!, sector]))",
        f"next need {k}[sector] = MAX(floor[sector] * next stock {k}[sector], "
        f"old need {k}[sector] + next sales {k}[sector] * next new {made}[sector])",
        f"need {k}[sector] = INTEG(next need {k}[sector] - need {k}[sector], {start})",
    ]


def _power(q: Tables) -> list[str]:
    out = [
        f"needed = SUM(final electricity[sector!]) / 3.6 + hydrogen total * green / {q.electrolysis_efficiency!r} / 3.6 + "
        f"SUM(captured[sector!]) * {q.capture_electricity!r}"
    ]
    for i, k in enumerate(CAPACITY):
        out += [
            f"plant {k} = INTEG(next plant {k} - plant {k}, capacity {k} table(2024))",
            f"plant before {k} = INTEG(plant {k} - plant before {k}, capacity {k} table(2024))",
            f"next plant {k} = MIN(MAX(capacity {k} table(Time + 1), plant {k} * (1 - {q.decline!r})), plant {k} + {float(q.build[i])!r})",
        ]
    g, h = [float(x) for x in q.generation], [float(x) for x in q.hours]

    def output(k: str, i: int) -> str:
        hours = f"(plant before {k} + plant {k}) / 2 * {h[CAPACITY.index(k)]!r} / 1000"
        return f"output {k} = IF THEN ELSE(Time > 2024, {hours}, {g[i]!r})"

    out += [output(k, i) for k, i in (("hydro", 2), ("wind", 3), ("solar", 4), ("biomass", 5), ("nuclear", 6))]
    return [
        *out,
        f"gross = needed / (1 - MIN(MAX({q.losses!r} + grid losses table(Time), -0.1), 0.3)) + "
        f"MAX(0, plant storage - capacity storage table(2024)) * {q.storage_losses!r}",
        f"full contract = MAX(0, {g[7]!r} + (plant imports - capacity imports table(2024)) * {q.hours_imports!r} / 1000)",
        f"contract = IF THEN ELSE(Time > 2024, MIN(full contract, plant imports * {q.hours_imports_maximum!r} / 1000), {g[7]!r})",
        "potential = output wind + output solar",
        f"free = {q.curtailment_free!r} + {q.curtailment_storage!r} * plant storage / (gross / 8.76)",
        "excess = MAX(0, potential / gross - free)",
        f"absorbed = IF THEN ELSE(excess > 0, "
        f"gross * (free + (1 - EXP(-{q.curtailment_slope!r} * excess)) / {q.curtailment_slope!r}), potential)",
        f"room = gross * (1 - {q.thermal_minimum!r})",
        "firm supply = output hydro + output biomass + output nuclear",
        "firm = firm supply * MIN(1, room / MAX(firm supply, 1e-12))",
        "taken = MIN(absorbed, MAX(0, room - firm))",
        "thermal = gross - firm - taken - MIN(contract, MAX(0, room - firm - taken))",
        f"gas power = MIN({g[1]!r} * gas generation table(Time), thermal * {q.gas_share_maximum!r})",
        "coal power = thermal - gas power",
        f"run = coal power / {g[0]!r}",
        "power capture = MIN(MAX(capture power table(Time), 0), 0.95)",
        f"coal fuel = {q.power_coal!r} * run * coal rate table(Time) * "
        f"(1 + {q.capture_penalty!r} * power capture) * (1 - coal cofiring table(Time))",
        f"heat fuel = SUM(final heat[sector!]) * {q.heat_fuel!r} * (1 - heat clean table(Time))",
        f"power co2 = coal fuel * {q.power_coal_factor!r} * (1 - power capture) + heat fuel * {q.power_coal_factor!r} + "
        f"gas power * {q.gas_rate!r} * {q.gas_factor!r} + {q.power_other!r} * run + {q.power_process!r} * run",
        f"total co2 = power co2 + {q.waste!r} * population / {q.population!r} + "
        "SUM(energy co2[sector!]) + SUM(process co2[sector!]) - SUM(captured[sector!])",
    ]


def _control(years: list[int]) -> list[str]:
    return [f"INITIAL TIME = {years[0]}", f"FINAL TIME = {years[-1]}", "TIME STEP = 1", "SAVEPER = TIME STEP"]
