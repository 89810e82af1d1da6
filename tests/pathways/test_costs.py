"""Costs: discounting by hand, stock accounts against a plain second implementation, routes read back, actors and transfers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.costs import (
    ACTORS,
    COMPONENTS,
    PLANTS,
    TRANSFERS,
    average_abatement_cost,
    capital_recovery_factor,
    incremental_cost,
    present_value,
)
from tanlu.pathways.costs.model import plant_cost
from tanlu.pathways.costs.stock import StockAccount, stock_account
from tanlu.pathways.costs.vintages import vintage_account
from tanlu.pathways.effects import Effects, EffectsData, EffectTables, effects
from tanlu.pathways.effects.reference import _assets
from tanlu.pathways.effects.run import yearly_costs


def test_capital_recovery_as_in_tables_of_annuities() -> None:
    """Standard annuity tables: 0.09439 at 7 % over 20 years, 0.07265 at 6 % over 30 years; 1/n without interest."""
    assert capital_recovery_factor(0.07, 20) == pytest.approx(0.09439, abs=5e-6)
    assert capital_recovery_factor(0.06, 30) == pytest.approx(0.07265, abs=5e-6)
    assert capital_recovery_factor(0.0, 25) == pytest.approx(0.04)


def test_annuities_are_worth_the_investment() -> None:
    """Twenty payments of the factor, the first after a year, are worth one."""
    paid = np.concatenate([[0.0], np.full(20, capital_recovery_factor(0.08, 20))])
    assert present_value(paid, 0.08) == pytest.approx(1.0)


def test_present_value_by_hand() -> None:
    """100 + 110/1.1 + 121/1.21 = 300."""
    assert present_value(np.array([100.0, 110.0, 121.0]), 0.1) == pytest.approx(300.0)


def account(needed: list[float], cost: list[float], life: int, oldest: int, factor: float = 0.1) -> StockAccount:
    need = np.array(needed)[None, :, None]
    return stock_account(
        need, np.array(cost)[:, None], np.array([life]), np.array([oldest]), np.array([factor])
    )  # fmt: skip


def test_a_stock_by_hand() -> None:
    """Four units of ages 0 to 3, a life of 4 years, then a need of 4, 1, 3 at a unit cost of 10.

    Year 1: the oldest unit has reached its life; one is built. Year 2: one more ends (ages now 1, 2, 3 and one to go): of three left, two
    are given up, oldest first: ages 3 and 2, not written off 1/4 and 2/4 of 10. Year 3: one of age 2 is left, two are built.
    """
    found = account([4, 4, 1, 3], [10.0] * 4, life=4, oldest=4)
    assert found.added[0, 1:, 0].tolist() == [1.0, 0.0, 2.0]
    assert found.retired[0, 1:, 0].tolist() == [1.0, 1.0, 0.0]
    assert found.early[0, 1:, 0].tolist() == [0.0, 2.0, 0.0]
    assert found.stranded[0, 1:, 0] == pytest.approx([0.0, 7.5, 0.0])
    # the charge of units given up goes on to the end of their life: 4, then 3, then 2 of the first four and what was built
    assert found.annuity[0, :, 0] == pytest.approx([4.0, 4.0, 3.0, 4.0])


def plainly(
    needed: list[float], cost: list[float], life: int, oldest: int
) -> tuple[list[float], list[float], list[float]]:
    """Second implementation: a list of units by year of building, searched anew every year."""
    stock = [[-age, needed[0] / oldest] for age in range(oldest)]
    added, early, stranded = [needed[0] / oldest], [0.0], [0.0]
    for t in range(1, len(needed)):
        stock = [unit for unit in stock if t - unit[0] < life]
        given_up, lost = 0.0, 0.0
        excess = sum(unit[1] for unit in stock) - needed[t]
        for unit in sorted(stock):
            taken = min(max(excess, 0.0), unit[1])
            unit[1] -= taken
            excess -= taken
            given_up += taken
            lost += taken * cost[max(int(unit[0]), 0)] * (1 - (t - unit[0]) / life)
        new = max(0.0, needed[t] - sum(unit[1] for unit in stock))
        stock.append([t, new])
        added.append(new)
        early.append(given_up)
        stranded.append(lost)
    return added, early, stranded


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0.0, 100.0), min_size=2, max_size=25).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.floats(0.1, 10.0), min_size=len(n), max_size=len(n)))
    ),
    st.integers(2, 12),
    st.integers(1, 12),
)
def test_stock_accounts_agree_with_a_plain_implementation_and_conserve_units(
    paths: tuple[list[float], list[float]], life: int, oldest: int
) -> None:
    needed, cost = paths
    oldest = min(oldest, life)
    found = account(needed, cost, life, oldest)
    for values, wanted in zip(
        (found.added, found.early, found.stranded), plainly(needed, cost, life, oldest), strict=True
    ):
        assert values[0, :, 0] == pytest.approx(wanted, rel=1e-9, abs=1e-7)
    flow = found.added[0, 1:, 0] - found.retired[0, 1:, 0] - found.early[0, 1:, 0]
    assert np.diff(needed) == pytest.approx(flow, rel=1e-9, abs=1e-7)


def test_equipment_by_hand() -> None:
    """Ten units of cost 6, lives of 4 years; half of the base stock is left in year 1, three tenths in year 2; 5 are sold in year 1.

    Year 2: of 3 + 5·0.8 = 7 units one seventh leaves early. Not written off are (1 − 2/4)²/2 of the 3 units of the base stock and 3/4 of
    the 4 others: (0.375 + 3)/7 units of value, times 6. Charge: 10, then 7.5 + 5, then 5 + 5 + 2 units, times 6 and 0.3.
    """
    sales, retired, stock = np.array([10.0, 5.0, 2.0]), np.array([0.0, 0.0, 1.0]), np.array([10.0, 10.0, 8.0])
    shaped = (x[None, :, None] for x in (sales, retired, stock))
    survival, base = np.array([[1.0], [0.8], [0.5]]), np.array([[1.0], [0.5], [0.3]])
    found = vintage_account(*shaped, survival, base, np.array([6.0]), np.array([4]), np.array([0.3]))
    assert found.added[0, :, 0] == pytest.approx([2.5, 5.0, 2.0])
    assert found.stranded[0, :, 0] == pytest.approx([0.0, 0.0, 6 * 3.375 / 7])
    assert found.annuity[0, :, 0] == pytest.approx([18.0, 22.5, 21.6])


def test_equipment_is_what_the_engine_sells(tables: EffectTables, parameters: Parameters, found: Effects) -> None:
    """Investment of households after the base year is sales of the engine times unit cost, and what saves energy."""
    result, q = run(parameters), parameters.tables
    fossil = q.final[:, :4].sum(axis=1)[:, None]
    sold = (result.sales * fossil).reshape(1, len(result.years), -1) * tables.costs.equipment[0]
    households = (sold @ tables.costs.user)[0, 1:, ACTORS.index("households")]
    invested = found.costs.component("investment")[0, 1:, ACTORS.index("households")]
    assert (invested >= households - 1e-9).all()
    assert (households > 0).all()


def test_nothing_is_stranded_in_the_base_year(found: Effects) -> None:
    assert found.costs.component("stranded")[0, 0] == pytest.approx(np.zeros(len(ACTORS)))


def test_what_one_pays_another_receives(found: Effects) -> None:
    np.testing.assert_allclose(found.costs.transfers.sum(axis=-1), 0.0, atol=1e-9)
    carbon = found.costs.transfers[0, :, TRANSFERS.index("carbon")]
    assert (carbon[:, :-1] >= 0).all() and (carbon[:, -1] < 0).all()


def test_carbon_payments_are_no_cost(tables: EffectTables, parameters: Parameters, found: Effects) -> None:
    dearer = replace(tables, costs=tables.costs._replace(carbon=tables.costs.carbon * 10))
    again = effects(run(parameters), dearer)
    assert np.array_equal(again.costs.total, found.costs.total)
    assert again.costs.transfers[0, :, -1] == pytest.approx(found.costs.transfers[0, :, -1] * 10)


def test_the_cost_of_a_year_is_capital_operation_and_fuel(found: Effects) -> None:
    parts = sum(found.costs.values[..., COMPONENTS.index(c)] for c in ("capital", "operation", "fuel"))
    assert found.costs.yearly == pytest.approx(parts)
    assert found.costs.total == pytest.approx(parts.sum(axis=-1))


def test_fuel_of_a_coal_free_price_change_is_energy_times_price(
    tables: EffectTables, parameters: Parameters, found: Effects
) -> None:
    """One CNY/GJ more on oil costs every actor the oil that it burns: PJ · 10^6 GJ · 1 CNY = 10^-3 · 10^9 CNY."""
    from tanlu.pathways.costs.declared import PRICED

    price = tables.costs.fuel.copy()
    price[:, PRICED.index("oil")] += 1e-3
    result = run(parameters)
    again = effects(result, replace(tables, costs=tables.costs._replace(fuel=price)))
    more = again.costs.component("fuel").sum(axis=-1) - found.costs.component("fuel").sum(axis=-1)
    assert more == pytest.approx(result.final[..., 3].sum(axis=-1) * 1e-3)


def test_power_plants_that_are_built_keep_the_capacity_of_the_run(found: Effects, parameters: Parameters) -> None:
    """Wind lives 25 years and its base stock is of the last 14: until 2035 additions are what capacity grows."""
    wind = run(parameters).capacity[0, :, 0]
    assert found.built[0, 1:12, PLANTS.index("wind")] == pytest.approx(np.diff(wind)[:11])


def test_solar_learns_by_a_fifth_for_a_doubling_of_the_world(side: EffectsData) -> None:
    """Deployment of 2030 is 2.903 times that of 2024, 1.5376 doublings: 0.8^1.5376 = 0.7095."""
    path = plant_cost(side.costs, "solar", np.arange(2024, 2061))
    assert path[6] / path[0] == pytest.approx(0.7095, abs=2e-4)
    assert path[-1] == pytest.approx(0.5 * path[0]), "the floor"


def test_a_plant_below_readiness_eight_takes_the_given_path(side: EffectsData) -> None:
    years = np.arange(2024, 2061)
    assert plant_cost(side.costs, "nuclear", years) == pytest.approx(side.costs.path("plant.cost", years, "nuclear"))


def test_a_scenario_costs_nothing_more_than_itself_and_avoids_nothing(found: Effects) -> None:
    total = found.costs.total
    assert incremental_cost(total, total, 0.06) == pytest.approx([0.0])
    assert np.isnan(average_abatement_cost(total, total, total, total, 0.06)).all()


def test_average_cost_of_a_tonne_by_hand() -> None:
    """10 more in each of two years, 2 and 3 t avoided, at 25 %: (10 + 8) / (2 + 2.4) = 4.0909."""
    cost, emissions = np.array([20.0, 20.0]), np.array([8.0, 7.0])
    found = average_abatement_cost(cost, cost - 10, emissions, np.array([10.0, 10.0]), 0.25)
    assert found == pytest.approx(18 / 4.4)


def test_a_stronger_plan_moves_money_from_fuel_to_capital(
    tables: EffectTables, parameters: Parameters, data: PathwayData
) -> None:
    frozen, plan = data.world("frozen"), data.world("plan")
    costs = [effects(run(parameters, levers), tables, levers).costs for levers in (frozen, plan)]
    last = [c.component("fuel")[0, -1].sum() for c in costs]
    assert last[1] < 0.6 * last[0]
    capital = [
        c.component("capital")[0, -1, [ACTORS.index(a) for a in ("power", "households", "public")]].sum() for c in costs
    ]
    assert capital[1] > capital[0]


def test_coal_plants_in_service_cover_their_output_and_the_highest_load(
    parameters: Parameters, data: PathwayData, tables: EffectTables
) -> None:
    """Asked for: ((1 + margin)·peak·mean load − 0.6 hydro − 0.74 lines − 0.78 biomass − 0.08 wind − storage)/0.9 less gas plants, in GW.

    Of storage 0.95 of what is pumped (1.2 GW to 2025, 11.6 in 2031, 17.4 from 2035) and 0.475 of the rest, beyond that of the base year.
    """
    levers = data.world("plan")
    result = run(parameters, levers)
    engine = tables.engine.paths(levers[None])
    wind, _, hydro, biomass, _, storage, lines, plant = result.capacity[0].T
    pumped = np.minimum(storage, np.interp(result.years, [2025, 2031, 2035], [1.2, 11.6, 17.4]))
    stored = 0.95 * pumped + 0.475 * (storage - pumped)
    mean = result.indicator("electricity_demand")[0] / 8.76
    firm = 0.6 * hydro + 0.74 * lines + 0.78 * biomass + 0.08 * wind + stored - stored[0]
    gas = result.generation[0, :, 1] * 1000.0 / tables.costs.gas_hours
    output = result.generation[0, :, 0] / result.generation[0, 0, 0]
    kept = np.minimum(plant, plant[0] * np.maximum(tables.costs.reserve, output))
    decided = set()
    for peak in (tables.costs.peak, 1.3):
        flatter = replace(tables, costs=tables.costs._replace(peak=peak))
        coal = _assets(result, flatter, engine)[0, :, PLANTS.index("coal")]
        asked = np.maximum(0.0, (1.0 + tables.costs.margin) * peak * mean - firm) / 0.9 - gas
        assert coal == pytest.approx(np.maximum(asked, kept), rel=1e-12)
        decided |= set((asked > kept).tolist())
    assert decided == {True, False}


def test_the_base_year_asks_for_no_plant_that_did_not_stand(
    parameters: Parameters, data: PathwayData, tables: EffectTables
) -> None:
    """By hand: gas plants 10 PJ·0.5/3.6/2500 h = 0.556 GW; firm 0.6·16.373 + 0.74·10.6 + 0.78·1.43 + 0.08·10.42 + 0.9·(26.5 + 0.556).

    These 43.97 GW stand against the 46.11 GW of 24 July 2024: −4.7 %; without the gas plants, which the true inventory lacks, −5.7 %.
    """
    levers = data.world("plan")
    result = run(parameters, levers)
    assert tables.costs.margin == pytest.approx(43.966 / 46.11 - 1.0, abs=2e-4)
    assert effects(result, tables, levers).firm_margin == tables.costs.margin
    coal = _assets(result, tables, tables.engine.paths(levers[None]))[0, 0, PLANTS.index("coal")]
    assert coal == pytest.approx(parameters.tables.coal_capacity, rel=1e-12)


def test_storage_stands_in_for_coal_plants_until_their_output_asks_for_them(
    parameters: Parameters, data: PathwayData, tables: EffectTables
) -> None:
    """Each GW of storage saves 0.475/0.9 to 0.95/0.9 GW of plants where the highest load decides; the year observed keeps its own."""
    lever = data.levers[data.lever_index["energy_storage"]]
    levers = np.stack([data.world("plan", {lever.id: v}) for v in (lever.minimum, 12.0, 24.0, 36.0)])
    result = run(parameters, levers)
    coal = _assets(result, tables, tables.engine.paths(levers))[:, :, PLANTS.index("coal")]
    assert coal[:, 0] == pytest.approx(parameters.tables.coal_capacity)
    saved = -np.diff(coal[:, -1]) / np.diff(result.capacity[:, -1, 5])
    assert (saved > 0.475 / 0.9 - 0.1).all() and (saved < 0.95 / 0.9 + 0.1).all()


def test_costs_alone_are_the_costs_among_all_effects(
    parameters: Parameters, data: PathwayData, tables: EffectTables
) -> None:
    levers = np.stack([data.world("current"), data.world("plan")])
    result = run(parameters, levers)
    assert np.array_equal(yearly_costs(result, tables, levers), effects(result, tables, levers).costs.total)
