"""Decomposition of the CO2 of the inventory and of a run: it closes, reverses, and tells what was changed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tanlu.accounts import Inventory
from tanlu.core.errors import DataError
from tanlu.pathways import Baseline, Parameters, PathwayData, run
from tanlu.pathways.analysis.lmdi import METHODS, Method
from tanlu.pathways.decomposition import FACTORS, decompose
from tanlu.pathways.snapshots import Snapshot, history_snapshots, run_snapshots

Years = dict[int, Snapshot]


@pytest.fixture(scope="module")
def history(inventory: Inventory, baseline: Baseline, data: PathwayData) -> Years:
    return history_snapshots(inventory, baseline, data.parameters)


@pytest.fixture(scope="module")
def ahead(data: PathwayData, parameters: Parameters) -> Years:
    return run_snapshots(parameters, run(parameters, data.world("plan")))


def test_snapshots_hold_the_co2_of_their_year(history: Years, ahead: Years, baseline: Baseline) -> None:
    for snapshot in (*history.values(), *ahead.values()):
        kept = np.ones(snapshot.carbon.shape)
        kept[:, :-1] = snapshot.kept[:, None]
        assert (snapshot.carbon * kept).sum() == pytest.approx(snapshot.energy_co2, abs=1e-9)
    for year, snapshot in history.items():
        assert snapshot.co2 == pytest.approx(baseline.total[baseline.years.index(year)], abs=1e-9)
    assert ahead[baseline.base_year].co2 == pytest.approx(history[baseline.base_year].co2, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize(("first", "last"), [(2022, 2024), (2024, 2060), (2035, 2030), (2022, 2045)])
def test_effects_add_up_to_the_change(
    history: Years, ahead: Years, first: int, last: int, chained: bool, method: Method
) -> None:
    found = decompose(history, ahead, first, last, method=method, chained=chained)
    both = {**ahead, **history}
    assert found.change == pytest.approx(both[last].co2 - both[first].co2, abs=1e-9)
    assert sum(found.sectors.values()) == pytest.approx(found.change, abs=1e-9)
    assert found.kaya is not None and sum(found.kaya.values()) == pytest.approx(found.change, abs=1e-9)


def test_effects_of_the_sectors_add_up(ahead: Years) -> None:
    found = decompose({}, ahead, 2030, 2060)
    for name in FACTORS:
        of_sectors = sum(effects[name] for effects in found.by_sector.values())
        assert of_sectors == pytest.approx(found.sectors[name], abs=1e-9)


@pytest.mark.parametrize("chained", [False, True])
def test_reversed_years_reverse_the_effects(history: Years, ahead: Years, chained: bool) -> None:
    there, back = (decompose(history, ahead, a, b, chained=chained) for a, b in ((2023, 2050), (2050, 2023)))
    for name, effect in there.sectors.items():
        assert back.sectors[name] == pytest.approx(-effect, abs=1e-8)
    assert back.years == there.years[::-1]


def test_across_the_base_year_the_stages_are_chained_there(history: Years, ahead: Years) -> None:
    found = decompose(history, ahead, 2022, 2060)
    assert found.years == (2022, 2024, 2060) and found.basis == "energy"
    past, future = decompose(history, ahead, 2022, 2024), decompose(history, ahead, 2024, 2060)
    assert found.kaya is not None and past.kaya is not None and future.kaya is not None
    assert {s.startswith("inventory:") for s in found.by_sector} == {True, False}
    assert not any(s.startswith("inventory:") for s in {**past.by_sector, **future.by_sector})
    for name, effect in found.kaya.items():
        assert effect == pytest.approx(past.kaya[name] + future.kaya[name], abs=1e-9)


def test_a_history_that_grows_alike_has_activity_and_intensity_alone(history: Years) -> None:
    """The inventory of the test scales all energy by one factor: neither structure nor mix nor factors change."""
    found = decompose(history, {2024: history[2024]}, 2022, 2023)
    for name in ("structure", "fuel_mix", "fuel_factor", "electricity_factor", "capture"):
        assert found.sectors[name] == pytest.approx(0.0, abs=1e-9)
    assert found.sectors["activity"] > 0


def test_only_what_was_changed_has_an_effect(ahead: Years) -> None:
    """Twice the factor of electricity and half the gas of one sector, by hand."""
    start = ahead[2030]
    carbon = start.carbon.copy()
    carbon[:, -1] *= 2.0
    added = float(start.carbon[:, -1].sum())
    end = dataclasses.replace(start, year=2031, carbon=carbon, energy_co2=start.energy_co2 + added)
    found = decompose({}, {2030: start, 2031: end}, 2030, 2031)
    assert found.sectors["electricity_factor"] == pytest.approx(added, abs=1e-9)
    assert sum(abs(v) for v in found.sectors.values()) == pytest.approx(added, abs=1e-9)


def test_capture_is_told_apart_from_the_factor_of_a_fuel(ahead: Years) -> None:
    start = ahead[2030]
    kept = np.ones(len(start.sectors))
    kept[0] = 0.25
    whole = float((start.carbon[0, :-1] * start.kept[0]).sum())
    before = dataclasses.replace(start, kept=np.where(np.arange(len(kept)) == 0, start.kept, start.kept))
    after = dataclasses.replace(start, year=2031, kept=start.kept * kept, energy_co2=start.energy_co2 - 0.75 * whole)
    found = decompose({}, {2030: before, 2031: after}, 2030, 2031)
    assert found.sectors["capture"] == pytest.approx(-0.75 * whole, abs=1e-9)
    assert found.sectors["fuel_factor"] == pytest.approx(0.0, abs=1e-9)


def test_a_year_without_sector_electricity_and_equal_years_are_told_together(history: Years, ahead: Years) -> None:
    with pytest.raises(DataError) as error:
        decompose(history, ahead, 2005, 2005)
    assert [p.code for p in error.value.problems] == ["decompose_year", "decompose_year", "decompose_same_year"]


def test_a_run_without_final_energy_is_refused(data: PathwayData, parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="detail"):
        run_snapshots(parameters, run(parameters, data.world("plan"), detail=False))
