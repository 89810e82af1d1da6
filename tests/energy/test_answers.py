"""Answers are read from a solved system: they add up to its objective, its load and its cap."""

from __future__ import annotations

import numpy as np
import pytest
from tests.energy.small_systems import HOURS, two_nodes

from tanlu.energy.answers import (
    adequacy,
    capacities,
    costs,
    curtailment,
    dispatch_series,
    emissions,
    energy_balance,
    prices,
    sankey,
)
from tanlu.energy.answers.alternatives import near_optimal
from tanlu.energy.answers.emissions import carbon_price
from tanlu.energy.answers.hosting import hosting_capacity
from tanlu.energy.certificate import EnergyResult
from tanlu.energy.components import Carrier, Demand, Node, Source
from tanlu.energy.system import System


@pytest.fixture(scope="module")
def result() -> EnergyResult:
    return two_nodes().solve(segments=None, solver="highs-simplex")


def test_costs_of_all_kinds_sum_to_the_objective(result: EnergyResult) -> None:
    frame = costs(result.programme, result.solution)
    assert sum(frame["cost [MCNY]"]) == pytest.approx(result.objective, rel=1e-9)
    assert {"capital", "fixed", "operation", "standing"} <= set(frame["kind"].tolist())
    # 3000 MW of coal at 150,000 CNY/MW/a are 450 million CNY
    assert frame.where(kind="standing")["cost [MCNY]"].tolist() == pytest.approx([450.0])


def test_every_node_balances_over_the_year_and_at_every_hour(result: EnergyResult) -> None:
    balance = energy_balance(result.programme, result.solution)
    for (node, carrier), net in balance.total("energy", ("node", "carrier")).items():
        if carrier != "coal":
            assert net == pytest.approx(0.0, abs=1.0), (node, carrier)
    for node in ("west", "east"):
        series = dispatch_series(result.programme, result.solution, nodes=(node,))
        assert np.abs(series.values.sum(axis=0)).max() < 1e-3


def test_emissions_meet_the_cap_and_the_last_tonne_has_a_price(result: EnergyResult) -> None:
    frame = emissions(result.programme, result.solution)
    assert sum(frame["emission [t]"]) == pytest.approx(5e6, rel=1e-6)
    price = carbon_price(result.programme, result.solution)[0]
    tighter = two_nodes()
    policies = (type(tighter.policies[0])(name="carbon", cap=5e6 - 1e3), tighter.policies[1])
    dearer = tighter.with_changes(policies=policies).solve(segments=None, solver="highs-simplex")
    # 1000 t fewer cost 1000 times the price of the last tonne
    assert (dearer.objective - result.objective) * 1e6 / 1e3 == pytest.approx(price, rel=0.05)


def test_price_of_a_node_is_what_one_more_megawatt_hour_costs(result: EnergyResult) -> None:
    series = prices(result.programme, result.solution)
    assert series.values.shape == (len(series.names), HOURS)
    mean = float(series.values[series.names.index("east.electricity")] @ series.durations / HOURS)
    system = two_nodes()
    more = [
        type(c)(**{**{f: getattr(c, f) for f in c.__dataclass_fields__}, "annual": 17.52e6 + 8760})
        if c.name == "east.load"
        else c
        for c in system.components
    ]
    flat = {**system.profiles, "east.load": system.profiles["east.load"]}
    dearer = system.with_changes(components=more, profiles=flat).solve(segments=None, solver="highs-simplex")
    weights = system.profiles["east.load"] / system.profiles["east.load"].mean()
    weighted = float(series.values[series.names.index("east.electricity")] @ weights / HOURS)
    # one more MW in the shape of the load, 8760 MWh; the reserve margin asks for firm capacity too, so it cannot cost less
    rise = (dearer.objective - result.objective) * 1e6 / 8760
    assert rise >= weighted * (1 - 1e-3)
    assert 0 < mean < 20_000


def test_curtailment_is_what_was_available_and_not_taken(result: EnergyResult) -> None:
    frame = curtailment(result.programme, result.solution)
    size = capacities(result.programme, result.solution).where(component="west.pv")["capacity"][0]
    available = size * two_nodes().profiles["pv"].sum() * 8760 / HOURS
    row = next(r for r in frame.rows() if r["component"] == "west.pv")
    assert row["available [MWh]"] == pytest.approx(available, rel=1e-9)
    assert 0 <= row["share"] <= 1


def test_adequacy_names_peak_firm_capacity_and_the_worst_week(result: EnergyResult) -> None:
    answer = adequacy(result.programme, result.solution)
    profiles = two_nodes().profiles
    assert answer.peak == pytest.approx((1000 * profiles["west.load"] + 2000 * profiles["east.load"]).max(), rel=1e-9)
    assert answer.margin >= 0.05 - 1e-9
    assert answer.unserved == pytest.approx(0.0, abs=1e-3)
    assert len(answer.stress) == 1


def test_load_that_cannot_be_met_is_counted_by_energy_and_hours() -> None:
    system = two_nodes()
    only_load = [c for c in system.components if c.name == "east.load"]
    result = system.with_changes(components=only_load, policies=()).solve(segments=None, solver="highs-simplex")
    answer = adequacy(result.programme, result.solution)
    assert answer.unserved == pytest.approx(17.52e6 * system.profiles["east.load"].mean(), rel=1e-9)
    assert answer.unserved_hours == pytest.approx(8760)
    assert answer.unserved_share == pytest.approx(1.0)


def test_sankey_passes_on_what_it_takes(result: EnergyResult) -> None:
    frame = sankey(result.programme, result.solution)
    into = frame.total("energy [MWh]", ("to",))
    out = frame.total("energy [MWh]", ("from",))
    # the plant and the fuel are both called coal, and stand apart
    assert into[("coal",)] == pytest.approx(out[("carrier:coal",)] - into.get(("ccs",), 0.0))
    for (name,), amount in into.items():
        if name not in ("loss", "load"):
            assert out[(name,)] == pytest.approx(amount, rel=1e-6), name


def test_near_optimal_plans_span_the_cheapest_and_widen_with_the_slack(result: EnergyResult) -> None:
    narrow = near_optimal(result.programme, result.solution, slack=0.01, solver="highs-simplex")
    wide = near_optimal(result.programme, result.solution, slack=0.05, solver="highs-simplex")
    assert set(narrow["technology"].tolist()) == {"pv", "wind", "ccs", "formation", "battery", "line"}
    for inner, outer in zip(narrow.rows(), wide.rows(), strict=True):
        assert inner["least [MW]"] <= inner["cheapest [MW]"] + 1e-3 <= inner["most [MW]"] + 2e-3
        assert outer["least [MW]"] <= inner["least [MW]"] + 1.0
        assert outer["most [MW]"] >= inner["most [MW]"] - 1.0


def test_hosting_capacity_without_storage_is_what_the_load_takes() -> None:
    # One node, load 1 GW at every hour, sun that gives its full capacity for half of the hours: with no curtailment it hosts 1 GW, and with
    # a share κ it hosts 1/(1 − κ) GW.
    hour = np.arange(24)
    system = System(
        name="one",
        carriers=(Carrier(name="electricity"),),
        nodes=(Node(name="a"),),
        components=(
            Demand(name="load", node="a", carrier="electricity", annual=8.76e6),
            Source(name="pv", node="a", carrier="electricity", availability="sun", existing=100.0),
        ),
        profiles={"sun": (hour % 2).astype(float)},
        hours=24,
    )
    capacities = {"pv.capacity": np.array([0.1])}
    for share in (0.0, 0.2):
        frame = hosting_capacity(system, system.grid(), capacities, "pv", curtailment=share, solver="highs-simplex")
        assert frame["hosting [MW]"].tolist() == pytest.approx([1000.0 / (1 - share)])
        assert frame["standing [MW]"].tolist() == pytest.approx([100.0])
