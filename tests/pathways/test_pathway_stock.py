"""The stock by vintage: survivors, sales, early retirement and what each technology gets of the sales."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.build import OLDEST
from tanlu.pathways.coflow import Vintages, age_profile
from tanlu.pathways.dimensions import CARRIERS, DEMAND, SHIFTS, TECHNOLOGIES
from tanlu.pathways.parameters import CONTROL_ROWS
from tanlu.pathways.reference import State, YearControls, control_paths, energy_needs, turn_over, turn_over_power

Floats = NDArray[np.float64]


def random_levers(data: PathwayData, count: int, seed: int) -> Floats:
    low, high = (np.array([getattr(lever, end) for lever in data.levers]) for end in ("minimum", "maximum"))
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def survivors_one_by_one(parameters: Parameters, sales: Floats, needed: Floats) -> tuple[Floats, Floats]:
    """A second implementation for one draw and sector: a list of vintages, each a row by technology, aged year by year.

    Early retirement cuts every vintage by one factor. Returns stock and early retirement [T, technology] for given sales [T, technology].
    """
    s = 0
    new, base = parameters.tables.survival[:, s], parameters.tables.survival_base[:, s]
    vintages: list[tuple[int, Floats]] = []
    stock, early = np.zeros_like(sales), np.zeros_like(sales)
    for t in range(len(sales)):
        left = [(base[t] if born == 0 else new[t - born]) * amount for born, amount in vintages]
        total = sum(float(x.sum()) for x in left)
        factor = min(1.0, needed[t] / total) if total > 0 else 1.0
        vintages = [(born, amount * factor) for born, amount in vintages]
        early[t] = sum(((1 - factor) * x for x in left), np.zeros(sales.shape[1]))
        vintages.append((t, sales[t]))
        stock[t] = sum((factor * x for x in left), np.zeros(sales.shape[1])) + sales[t]
    return stock, early


def test_stock_is_the_sum_of_its_vintages(parameters: Parameters, data: PathwayData) -> None:
    """The sales of the kernel, aged vintage by vintage, give its stock and early retirement, in every sector."""
    levers = random_levers(data, 4, 31)
    result, q = run(parameters, levers), parameters.tables
    for s in range(len(DEMAND)):
        alone = replace(
            parameters, tables=q._replace(survival=q.survival[:, [s]], survival_base=q.survival_base[:, [s]])
        )
        for i in range(len(levers)):
            stock, early = survivors_one_by_one(alone, result.sales[i, :, s], result.activity[i, :, s])
            np.testing.assert_allclose(result.stock[i, :, s], stock, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(result.retired[i, :, s], early, rtol=1e-6, atol=1e-12)


def test_stock_is_what_is_needed_and_nothing_is_sold_back(parameters: Parameters, data: PathwayData) -> None:
    result = run(parameters, random_levers(data, 50, 32))
    np.testing.assert_allclose(result.stock.sum(axis=3), result.activity, rtol=1e-12)
    assert (result.sales >= 0).all() and (result.retired >= 0).all() and (result.stock >= 0).all()


def test_who_retires_early_buys_nothing(parameters: Parameters, data: PathwayData) -> None:
    """Demand that falls to a fifth leaves more survivors than needed; then sales are nil and all technologies give up the same share."""
    tables = parameters.tables
    controls = tables.controls.copy()
    rows = [CONTROL_ROWS["activity.scale", s] for s in DEMAND]
    controls[rows, 6:] = 0.2
    chosen = replace(parameters, tables=tables._replace(controls=controls))
    result = run(chosen, data.world("plan"))
    early = result.retired[0, 6]
    assert (early.sum(axis=1) > 0.3).all()
    assert result.sales[0, 6].max() < 1e-12
    for s in range(len(DEMAND)):
        held = result.stock[0, 6, s] > 1e-9
        assert np.ptp(early[s, held] / (early[s, held] + result.stock[0, 6, s, held])) < 1e-9


def test_sales_by_hand(parameters: Parameters) -> None:
    """One sector, demand 1, 1.1, 0.9, 0.3; all equipment is left at ages 0 and 1, half at age 2, a tenth at age 3; base stock the same.

    From year 1 half of the stock should be electric and, of the rest, half on hydrogen.
    year 0: stock 1, all conventional.
    year 1: survivors 1; sales 0.1. Electric wants 0.55, has 0, gets the whole 0.1.
    year 2: base 0.5, vintage 1 whole 0.1: survivors 0.6; sales 0.3. Electric wants 0.45, has 0.1, gets all 0.3 (and not 0.35).
    year 3: base 0.1, vintage 1 at age 2 half of 0.1 = 0.05, vintage 2 whole 0.3: survivors 0.45 > 0.3, so a third is retired early:
    conventional 0.1/3, electric 0.35/3; nothing is sold.
    """
    years, left = 4, np.array([1.0, 1.0, 0.5, 0.1])
    n = len(DEMAND)
    tables = parameters.tables._replace(
        survival=np.tile(left[:, None], n),
        survival_base=np.tile(left[:, None], n),
        electric_limit=np.full((years, n), np.inf),
    )
    controls = np.zeros((1, len(CONTROL_ROWS), years))
    for sector in DEMAND:
        controls[0, CONTROL_ROWS["shift.electricity", sector], 1:] = 0.5
        controls[0, CONTROL_ROWS["shift.hydrogen", sector], 1:] = 0.5
    state = State.initial(tables, controls)
    found = []
    for t, needed in enumerate([1.0, 1.1, 0.9, 0.3]):
        sales, retired = turn_over(tables, state, YearControls(controls, t), np.full((1, n), needed), t)
        found.append((sales[0, :, 0], retired[0, :, 0], state.stock[0, :, 0]))
    conventional, electric = TECHNOLOGIES.index("conventional"), TECHNOLOGIES.index("electricity")
    assert found[0][0][conventional] == 1.0
    assert found[1][0].tolist() == pytest.approx([0, 0.1, 0, 0, 0])
    assert found[2][0].tolist() == pytest.approx([0, 0.3, 0, 0, 0])
    assert found[3][0].tolist() == pytest.approx([0] * 5)
    assert found[3][1][[conventional, electric]] == pytest.approx([0.1 / 3, 0.35 / 3])
    assert found[3][2][[conventional, electric]] == pytest.approx([0.2 / 3, 0.7 / 3])
    assert TECHNOLOGIES[1:] == SHIFTS


def test_survivors_follow_the_weibull_law_and_the_declared_ages(parameters: Parameters, data: PathwayData) -> None:
    """New: exp(−(a/λ)^k) with λ = mean/Γ(1 + 1/k). Base stock: sales that grew at γ, each vintage aged further, summed one by one."""
    from math import exp, gamma

    values = {k: v.value for k, v in data.parameters.values.items()}
    for sector in ("steel", "road_passenger"):
        s = DEMAND.index(sector)
        mean, shape, growth = (values[name, sector] for name in ("lifetime", "lifetime.shape", "age.growth"))
        scale = mean / gamma(1 + 1 / shape)
        left = [exp(-((age / scale) ** shape)) for age in range(OLDEST + 40)]
        assert parameters.tables.survival[20, s] == pytest.approx(left[20], rel=1e-12)
        for t in (0, 1, 15, 36):
            now = sum(exp(-growth * age) * left[age + t] for age in range(OLDEST))
            then = sum(exp(-growth * age) * left[age] for age in range(OLDEST))
            assert parameters.tables.survival_base[t, s] == pytest.approx(now / then, rel=1e-12)
    assert (np.diff(parameters.tables.survival_base, axis=0) < 0).all()


def test_adoption_cannot_beat_sales(parameters: Parameters, data: PathwayData) -> None:
    """A lever that wants all at once gets what is sold and no more; the oil of the sector tells the same share."""
    levers, place = parameters.defaults.copy(), data.lever_index["passenger_electric"]
    levers[place] = 1.0
    schedule = parameters.program.schedule.copy()
    schedule[parameters.program.lever == place, 1:] = 1.0
    chosen = replace(parameters, program=parameters.program._replace(schedule=schedule))
    result = run(chosen, levers)
    s, oil = DEMAND.index("road_passenger"), CARRIERS.index("oil")
    electric = TECHNOLOGIES.index("electricity")
    assert np.array_equal(result.sales[0, 1:5, s].sum(axis=1), result.sales[0, 1:5, s, electric])
    share = result.stock[0, :, s, electric] / result.activity[0, :, s]
    used = result.stock[0, :, s] * result.intensity[0, :, s, :-1]
    rest = used.sum(axis=1) - used[:, electric]
    conventional, grown = used[:, TECHNOLOGIES.index("conventional")], used[:, TECHNOLOGIES.index("biomass")]
    burnt = parameters.tables.final[s, oil] * rest * conventional / np.maximum(conventional + grown, 1e-300)
    np.testing.assert_allclose(result.final[0, :, s, oil], burnt, rtol=1e-9, atol=1e-9)
    assert share[3] < 0.3 and share[-1] == pytest.approx(1.0, abs=1e-3)


def test_wanted_shares_are_reached_when_they_come_slowly(parameters: Parameters, data: PathwayData) -> None:
    """Of the rest of the stock, each substitution has its share: electric x₁, hydrogen (1 − x₁)x₂."""
    result = run(parameters)
    controls = control_paths(parameters.tables, parameters.program, parameters.defaults[None])[0, :, -1]
    s = DEMAND.index("road_freight")
    x1, x2 = (controls[CONTROL_ROWS[f"shift.{k}", "road_freight"]] for k in ("electricity", "hydrogen"))
    stock = result.stock[0, -1, s] / result.activity[0, -1, s]
    assert stock[1:3] == pytest.approx([x1, (1 - x1) * x2], rel=1e-9)


def test_efficiency_by_hand(parameters: Parameters) -> None:
    """Demand 1, 1, 1; half of everything is left at age 1, a tenth at age 2; new equipment needs 0.9 in the base year, 10 % less each year.

    Retrofits reach equipment in service with half of that: 5 % a year. The stock of the base year needs 0.45 of its half in year 1 and 0.08
    of its tenth in year 2, before retrofits.
    year 1: old 0.45·0.95 = 0.4275; 0.5 sold at 0.81: 0.405; together 0.8325.
    year 2: retrofits 0.9025: old 0.08·0.9025 = 0.0722; vintage 1, half of 0.5 at 0.81·0.95 = 0.7695: 0.192375; of 0.65 sold at 0.729:
    0.47385; together 0.738425. Floor 0.5 is not reached.
    """
    n, years = len(DEMAND), 3

    def table(*values: float) -> Floats:
        return np.tile(np.array(values)[:, None], n)

    tables = parameters.tables._replace(
        survival=table(1.0, 0.5, 0.1), survival_base=table(1.0, 0.5, 0.1), need_base=table(1.0, 0.45, 0.08), new=np.full(n, 0.9),
        retrofit=np.full(n, 0.5), floor=np.full(n, 0.5), electric_limit=np.full((years, n), np.inf),
    )  # fmt: skip
    controls = np.zeros((1, len(CONTROL_ROWS), years))
    state, found = State.initial(tables, controls), []
    for t in range(years):
        if t > 0:
            state.efficiency[0].advance(np.full((1, n), 0.1), tables.retrofit, tables.floor, t)
        turn_over(tables, state, YearControls(controls, t), np.ones((1, n)), t)
        turn_over_power(tables, state, np.ones((1, n)), t)
        found.append(energy_needs(tables, state, state.efficiency, t)[0][0, :, 0].sum())
    assert found == pytest.approx([1.0, 0.8325, 0.738425], rel=1e-12)


def test_kernel_needs_what_its_vintages_need_one_by_one(parameters: Parameters, data: PathwayData) -> None:
    """A second implementation: the sales of the kernel, each with the efficiency of its year, aged and retrofitted one by one."""
    levers, q = data.world("plan"), parameters.tables
    result = run(parameters, levers)
    controls = control_paths(q, parameters.program, levers[None])[0]
    for sector in ("road_passenger", "steel", "homes_urban"):
        s = DEMAND.index(sector)
        fall = controls[CONTROL_ROWS["efficiency.fuel", sector]]
        new, units = [q.new[s]], [list(result.sales[0, 0, s])]
        needs = [[1.0]]
        for t in range(1, len(parameters.years)):
            new.append(max(q.floor[s], new[-1] * (1 - fall[t])))
            left = [q.survival_base[t, s], *(q.survival[t - v, s] for v in range(1, t))]
            held = sum(share * sum(u) for share, u in zip(left, units, strict=True))
            kept = min(1.0, result.activity[0, t, s] / held)
            units = [[kept * x for x in u] for u in units] + [list(result.sales[0, t, s])]
            needs.append([(1 - q.retrofit[s] * fall[t]) * x for x in needs[-1]] + [new[-1]])
            ages = [q.need_base[t, s] / q.survival_base[t, s], *([1.0] * t)]
            for j in range(len(TECHNOLOGIES)):
                parts = [
                    share * unit[j] * need * age
                    for share, unit, need, age in zip([*left, 1.0], units, needs[t], ages, strict=True)
                ]
                stock = sum(share * unit[j] for share, unit in zip([*left, 1.0], units, strict=True))
                if stock > 1e-6:
                    assert result.intensity[0, t, s, j] == pytest.approx(max(q.floor[s], sum(parts) / stock), rel=1e-9)


def test_a_stock_follows_new_equipment_with_a_lag_and_at_the_same_pace_in_the_end() -> None:
    """Sales that grow at γ, a steady fall g and no retrofits: the average falls at g from the first year, as its ages stay the same."""
    ages, growth, fall = np.arange(140)[:, None], np.array([0.03]), np.array([0.02])
    left = np.exp(-((ages / 15.0) ** 3.0))
    base = age_profile(left, growth, fall, np.zeros(1), 40)
    stock, vintages = [1.0], Vintages.initial(base.new, 1, 40)
    units = np.zeros((1, 40, 1))
    units[0, 0] = 1.0
    for t in range(1, 40):
        vintages.advance(np.full((1, 1), 0.02), np.zeros(1), np.zeros(1), t)
        gone = np.concatenate([base.left[t : t + 1], left[t - 1 :: -1]])
        units[0, t] = np.exp(0.03 * t) - (units[0, :t] * gone[:-1]).sum()
        need = vintages.energy(units[:, : t + 1], gone, base.energy[t], np.zeros(1), t)
        stock.append(float(need[0, 0] / np.exp(0.03 * t)))
    assert base.new[0] < 0.9
    np.testing.assert_allclose(np.diff(np.log(stock)), np.log(0.98), rtol=2e-2)


def test_retrofits_that_reach_everything_leave_no_difference_between_vintages() -> None:
    """Then what is left of the base stock needs its share, and new equipment what the rest needs."""
    left = np.exp(-((np.arange(100)[:, None] / 12.0) ** 3.0))
    base = age_profile(left, np.array([0.02]), np.array([0.01]), np.ones(1), 20)
    assert base.new[0] == pytest.approx(1.0)
    np.testing.assert_allclose(base.energy, base.left)


def test_floor_area_and_degree_days_drive_buildings_alone(parameters: Parameters, data: PathwayData) -> None:
    """In 2060 urban homes: (48 + (41.77 − 48)e^(−0.05·36))/41.77 of the area, and 1 + 0.15(1118/1283 − 1) + 0.3(381.5/283.9 − 1)."""
    values = {k: v.value for k, v in data.parameters.values.items()}
    s, steel = DEMAND.index("homes_urban"), DEMAND.index("steel")
    area, level, rate = (values[f"floor.area{k}", "homes_urban"] for k in ("", ".level", ".rate"))
    heat = values["heating.days.late", ""] / values["heating.days", ""] - 1
    cold = values["cooling.days.late", ""] / values["cooling.days", ""] - 1
    passed = parameters.years[-1] - parameters.years[0]
    wider = (level + (area - level) * np.exp(-rate * passed)) / area
    warmer = (
        1 + values["heating.electricity", "homes_urban"] * heat + values["cooling.electricity", "homes_urban"] * cold
    )
    urban = [data.growth_path("mid", "urbanisation", [int(y)])[0] for y in parameters.years[[0, -1]]]
    assert parameters.tables.drive_power[-1, s] == pytest.approx(wider * warmer * urban[1] / urban[0])
    less = 1 + values["heating.fuel", "homes_urban"] * heat
    assert parameters.tables.drive_fuel[-1, s] == pytest.approx(wider * less * urban[1] / urban[0])
    assert np.array_equal(parameters.tables.drive_fuel[:, steel], parameters.tables.drive_power[:, steel])


def test_degree_days_are_those_of_the_typical_year(folder: Path, data: PathwayData) -> None:
    """Daily means taken as normal around the mean of their month: Σ days·σ(zΦ(z) + φ(z)), z the distance to 18 or 26 °C over σ."""
    rows = list(csv.DictReader((folder / "energy/weather/monthly.csv").open(encoding="utf-8")))
    mean, spread = (
        {int(r["month"]): float(r["value"]) for r in rows if r["variable"] == name}
        for name in ("temperature", "temperature_deviation")
    )

    def days(base: float, sign: int, warmer: float) -> float:
        total = 0.0
        for month, length in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1):
            z = sign * (mean[month] + warmer - base) / spread[month]
            density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
            total += length * spread[month] * (z * (1 + math.erf(z / math.sqrt(2))) / 2 + density)
        return total

    found = {k: data.parameters.scalar(f"{k}.days") for k in ("heating", "cooling")}
    late = {k: data.parameters.scalar(f"{k}.days.late") for k in ("heating", "cooling")}
    assert found["heating"] == pytest.approx(days(18, -1, 0), rel=1e-3)
    assert found["cooling"] == pytest.approx(days(26, 1, 0), rel=1e-3)
    assert late["heating"] == pytest.approx(days(18, -1, 1), rel=1e-3)
    assert late["cooling"] == pytest.approx(days(26, 1, 1), rel=1e-3)
