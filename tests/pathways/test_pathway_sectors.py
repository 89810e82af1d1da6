"""The sectors: what each declares, how the inventory is divided among them, and what is special to some."""

from __future__ import annotations

import importlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.accounts import EnergyUse, Inventory, Status
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.core.province import Province
from tanlu.pathways import Baseline, Parameters, PathwayData, baseline_from_inventory, run
from tanlu.pathways.dimensions import BRANCHES, CARRIERS, DEMAND, EMITTERS, INVENTORY_CARRIER, SECTOR
from tanlu.pathways.division import division
from tanlu.pathways.parameters import SPLIT, ParameterSet
from tanlu.pathways.sectors import ALL
from tanlu.pathways.sectors.steel import scrap_available

HEADINGS = ("Covers: ", "Driver: ", "Equations: ", "Units: ", "Sources: ", "Assumptions")


@pytest.mark.parametrize("sector", [s.id for s in ALL])
def test_each_sector_is_a_file_that_can_be_read_alone(sector: str) -> None:
    module = importlib.import_module(f"tanlu.pathways.sectors.{sector}")
    assert module.SECTOR is SECTOR[sector]
    assert [word for word in HEADINGS if word not in str(module.__doc__)] == []
    names = [translate(f"pathways.member.{sector}", language) for language in ("zh", "en")]
    assert len(set(names)) == 2
    assert set(SECTOR[sector].carriers) <= set(CARRIERS)


def test_each_sector_of_the_inventory_has_one_main_sector_and_no_category_two_owners() -> None:
    for branches in BRANCHES.values():
        assert [SECTOR[s].main for s in branches].count(True) == 1
    owned = [category for s in ALL for category in s.categories]
    assert len(owned) == len(set(owned))
    assert len({s.variable for s in ALL}) == len(ALL)


def changed(parameters: ParameterSet, shares: list[float]) -> ParameterSet:
    """The parameters with other shares of the inventory, divided by six so that no sum is above one."""
    values = dict(parameters.values)
    for index, share in zip(SPLIT, shares, strict=True):
        values["inventory.share", index] = replace(values["inventory.share", index], value=share / 6)
    return ParameterSet(values)


@settings(max_examples=15, deadline=None)
@given(shares=st.lists(st.floats(0, 1), min_size=len(SPLIT), max_size=len(SPLIT)))
def test_parts_add_up_to_the_inventory_whatever_the_shares(
    inventory: Inventory, province: Province, data: PathwayData, shares: list[float]
) -> None:
    base = baseline_from_inventory(inventory, province, changed(data.parameters, shares))
    rows = [r for r in inventory.rows if r.value is not None and r.status is not Status.MEMO and r.sector != "land"]
    for h, year in enumerate(base.years):
        for sector, branches in BRANCHES.items():
            places = [EMITTERS.index(s) for s in branches]
            found = (base.energy + base.process)[h, places].sum()
            wanted = sum(r.value or 0.0 for r in rows if r.year == year and r.sector == sector) / 1000
            assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)
            for c, carrier in enumerate(CARRIERS):
                used = sum(
                    u.energy for u in inventory.energy
                    if u.year == year and u.sector == sector != "power" and INVENTORY_CARRIER[u.fuel] == carrier
                )  # fmt: skip
                parts = np.nansum([base.final_history[h, DEMAND.index(s), c] for s in branches if s in DEMAND])
                assert parts == pytest.approx(used, rel=1e-12, abs=1e-12)


def with_category(inventory: Inventory, sector: str, categories: tuple[str, str]) -> Inventory:
    """The inventory with the energy use of a sector halved between two categories."""
    uses = [u for u in inventory.energy if u.sector != sector]
    for u in inventory.energy:
        if u.sector == sector:
            co2 = None if u.co2 is None else u.co2 / 2
            uses += [replace(u, category=c, energy=u.energy / 2, co2=co2) for c in categories]
    return replace(inventory, energy=tuple(uses))


def test_a_category_of_its_own_goes_to_its_sector_whole(inventory: Inventory, data: PathwayData) -> None:
    """Coal mining owns 1.A.1.c; construction owns 1.A.2.k, so it takes no share of the other rows of its inventory sector."""
    told = division(with_category(inventory, "energy_industry", ("1.A.1.b", "1.A.1.c")), data.parameters)
    assert told.of_carrier("energy_industry", "1.A.1.c", "coal") == {"coal_mining": 1.0}
    assert told.of_carrier("energy_industry", "1.A.1.c.ii", "oil") == {"coal_mining": 1.0}
    assert told.of_carrier("energy_industry", "1.A.1.b", "coal") == {"refining": 1.0}
    built = division(with_category(inventory, "other_industry", ("1.A.2.k", "1.A.2.m")), data.parameters)
    assert built.of_carrier("other_industry", "1.A.2.k", "coal") == {"construction": 1.0}
    assert built.of_carrier("other_industry", "1.A.2.m", "coal") == {"machinery": 1.0}
    blind = division(inventory, data.parameters)
    share = data.parameters.values["inventory.share", "construction:coal"].value
    assert blind.of_carrier("other_industry", "1.A.2", "coal") == {"construction": share, "machinery": 1.0 - share}


def test_carbon_of_a_row_is_divided_by_the_fuels_behind_it(inventory: Inventory, data: PathwayData) -> None:
    """Two thirds of the CO2 from oil, of which 6 % is aviation's, and one third from coal, of which it has nothing: 4 %."""
    shares = division(inventory, data.parameters)
    values = {k: v.value for k, v in data.parameters.values.items()}
    parts = shares.of_carbon("transport", "1.A.3", {"oil": 20.0, "coal": 10.0}, ())
    assert parts["aviation"] == pytest.approx(values["inventory.share", "aviation:oil"] * 2 / 3)
    assert sum(parts.values()) == pytest.approx(1.0, rel=1e-15)


def test_heat_of_a_year_is_its_heat_at_its_own_coal_factor(baseline: Baseline, data: PathwayData) -> None:
    """Synthetic inventory: 60 PJ of heat in the base year at 94 kt/PJ; earlier years scale with their factor."""
    heat, power = (EMITTERS.index(s) for s in ("heat", "power"))
    wanted = 60.0 * data.parameters.scalar("heat.fuel") * 0.094 * np.array([0.97, 1.02, 1.0])
    np.testing.assert_allclose(baseline.energy[:, heat], wanted, rtol=1e-12)
    whole = np.array([0.97, 1.02, 1.0]) * (900.0 * 94.0 + 10.0 * 55.5 + 5.0 * 72.5) / 1000
    np.testing.assert_allclose(baseline.energy[:, heat] + baseline.energy[:, power], whole, rtol=1e-12)


def test_scrap_comes_back_towards_its_long_run_level() -> None:
    """By hand: 0.12 + 0.63 (1 − e^−0.4) = 0.3277 after ten years at 4 %."""
    found = scrap_available(np.array([0.0, 10.0, 1e9]), 0.12, 0.75, 0.04)
    np.testing.assert_allclose(found, [0.12, 0.3277, 0.75], atol=5e-5)


def test_electric_steel_is_not_above_the_scrap(parameters: Parameters, data: PathwayData) -> None:
    """With half of the scrap the furnaces of the highest lever setting run short; the coke of the other routes tells how much."""
    levers, s = parameters.defaults.copy(), DEMAND.index("steel")
    for lever in data.levers:
        if lever.parameter in ("shift.hydrogen", "shift.gas", "shift.biomass") and "steel" in lever.applies_to:
            levers[data.lever_index[lever.id]] = lever.minimum
    levers[data.lever_index["steel_electric"]] = data.levers[data.lever_index["steel_electric"]].maximum
    limit = parameters.tables.electric_limit / 2
    result = run(replace(parameters, tables=parameters.tables._replace(electric_limit=limit)), levers)
    none = levers.copy()
    none[data.lever_index["steel_electric"]] = 0.0
    burnt, whole = (run(parameters, x).final[0, :, s, CARRIERS.index("coke")] for x in (levers, none))
    coke = result.final[0, :, s, CARRIERS.index("coke")]
    electric = (1.0 - coke / whole) * result.activity[0, :, s]
    assert (electric <= limit[:, s] + 1e-9).all()
    assert coke[-1] > burnt[-1] + 1.0


def test_mining_and_refining_follow_their_own_fuels(parameters: Parameters, data: PathwayData) -> None:
    """Fewer cars on petrol: refining shrinks, mining does not."""
    levers = np.tile(parameters.defaults, (2, 1))
    levers[1, data.lever_index["passenger_electric"]] = 1.0
    final = run(parameters, levers).final[:, -1]
    refining, mining = (final[:, DEMAND.index(s), CARRIERS.index("coal")] for s in ("refining", "coal_mining"))
    assert refining[1] < refining[0] * 0.99
    assert mining[1] < mining[0] * 1.0000001 and mining[1] > mining[0] * 0.97


def test_kiln_fuel_goes_with_clinker(parameters: Parameters, data: PathwayData) -> None:
    """Process factor f: coal of cement is that of f = 1 times 1 + φ (f − 1)."""
    s, coal = DEMAND.index("cement"), CARRIERS.index("coal")
    levers = np.tile(parameters.defaults, (2, 1))
    levers[0, data.lever_index["clinker_ratio"]] = 1.0
    result = run(parameters, levers)
    f = result.process[1, :, EMITTERS.index("cement")] / result.process[0, :, EMITTERS.index("cement")]
    expected = 1.0 + data.parameters.values["process.fuel", "cement"].value * (f - 1.0)
    np.testing.assert_allclose(result.final[1, :, s, coal] / result.final[0, :, s, coal], expected, rtol=1e-12)
    assert f[-1] < 0.99


def test_the_inventory_of_a_use_without_carbon_is_divided_evenly(data: PathwayData, inventory: Inventory) -> None:
    """A row without fuels behind it takes the mean of the shares of the carriers that are named."""
    use = EnergyUse(2024, "agriculture", "1.A.4.c", "oil", 1.0, None, Status.CALCULATED, Grade.C)
    told = division(replace(inventory, energy=(use,)), data.parameters)
    parts = told.of_carbon("agriculture", "1.A.4.c", {}, ("coal", "oil"))
    shares = [data.parameters.values["inventory.share", f"forestry:{c}"].value for c in ("coal", "oil")]
    assert parts["forestry"] == pytest.approx(sum(shares) / 2)
