"""The stock by vintage: survivors, sales, early retirement and what each technology gets of the sales."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.build import OLDEST, reference_controls
from tanlu.pathways.dimensions import CARRIERS, DEMAND, SHIFTS, TECHNOLOGIES
from tanlu.pathways.parameters import CONTROL_ROWS
from tanlu.pathways.reference import State, YearControls, control_paths, turn_over

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
    controls = reference_controls(data.levers, parameters.years, data.parameters)
    fall = controls[CONTROL_ROWS["efficiency.fuel", "road_passenger"]]
    intensity = np.concatenate([[1.0], np.cumprod(1 - fall[1:])])
    left = 1 - share - result.stock[0, :, s, TECHNOLOGIES.index("biomass")] / result.activity[0, :, s]
    burnt = parameters.tables.final[s, oil] * result.activity[0, :, s] * intensity * left
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
