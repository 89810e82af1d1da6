"""Other greenhouse gases: equations by hand, landfill against the accounts, balances of banks, levers, and broken files."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.accounts import Inventory, InventoryRow, Status
from tanlu.accounts.methods.landfill import landfill_decay_ch4
from tanlu.core.errors import DataError
from tanlu.core.gases import gwp_set
from tanlu.core.provenance import Grade
from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.effects import EffectsData, effect_tables, effects, load_effects
from tanlu.pathways.noncarbon import (
    ROWS,
    bank_response,
    coal_mine_methane,
    gas_bank,
    gas_leakage,
    head_emissions,
    landfill_methane,
    landfill_response,
    rice_methane,
    soil_nitrous_oxide,
    wastewater_methane,
    wastewater_nitrous_oxide,
)


def test_mine_methane_is_output_times_factor_less_what_is_used() -> None:
    """10 Mt at 13.735 kg/t are 137.35 kt; a fifth used leaves 109.88 kt."""
    assert coal_mine_methane(np.array([10.0]), 13.735, 0.2) == pytest.approx([109.88])


def test_gas_leaks_in_proportion_to_throughput() -> None:
    """200 PJ at 0.0636 kt/PJ are 12.72 kt; a tenth avoided leaves 11.448 kt."""
    assert gas_leakage(np.array([200.0]), 0.0636, 0.1) == pytest.approx([11.448])


def test_rice_adds_its_seasons_and_water_management_acts_on_its_share() -> None:
    """100 kha at 200 kg/ha and 50 kha at 100 kg/ha are 25 kt; half managed with an effect of 0.4 avoids a fifth."""
    area, flux = np.array([[100.0, 50.0]]), np.array([200.0, 100.0])
    assert rice_methane(area, flux, 0.0, 0.4) == pytest.approx([25.0])
    assert rice_methane(area, flux, 0.5, 0.4) == pytest.approx([20.0])


def test_animals_emit_by_head() -> None:
    """2 million at 60 kg and 10 million at 1.5 kg are 135 kt."""
    assert head_emissions(np.array([[2.0, 10.0]]), np.array([60.0, 1.5]), 0.0, 0.2) == pytest.approx([135.0])


def test_soils_emit_directly_from_the_air_and_from_leaching() -> None:
    """150 kt N: direct 1.5; (100·0.1 + 50·0.2)·0.01 = 0.2; 150·0.3·0.0075 = 0.3375; together 2.0375 kt N2O-N, times 44/28."""
    found = soil_nitrous_oxide(np.array([100.0]), np.array([50.0]), 0.01, (0.1, 0.2), 0.01, 0.3, 0.0075)
    assert found == pytest.approx([2.0375 * 44 / 28])


def test_wastewater_follows_people() -> None:
    """65 million · 40 g/d · 365 d = 949 kt BOD; · 0.6 · 0.1 = 56.94 kt CH4. 65 million · 5 kg · 0.005 · 44/28 = 2.5536 kt N2O."""
    assert wastewater_methane(np.array([65.0]), 40.0, 0.6, 0.1, 0.0) == pytest.approx([56.94])
    assert wastewater_nitrous_oxide(np.array([65.0]), 5.0, 0.005) == pytest.approx([2.5535714], rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=30),
    st.lists(st.floats(0, 1e4), min_size=4, max_size=20),
    st.floats(0.01, 0.6),
)
def test_landfills_answer_as_the_decay_of_the_accounts(past: list[float], ahead: list[float], decay: float) -> None:
    """A product of matrices and the recursion of the inventory give the same methane in every year."""
    doc, fraction, correction, share, oxidised = 0.15, 0.7, 0.8, 0.5, 0.1
    carbon = np.array([doc * fraction * correction])
    history, response = landfill_response(np.array(past), carbon, np.array([decay]), len(ahead))
    waste = np.array([past[-1], *ahead[1:]])
    found = landfill_methane(waste, history, response, share, 0.0, oxidised)
    whole = np.array([*past, *ahead[1:]])
    wanted = landfill_decay_ch4(whole, doc, fraction, correction, share, oxidised, decay, 6.0, 0.0, 0.0)
    assert found == pytest.approx(np.asarray(wanted)[len(past) - 1 :], rel=1e-9, abs=1e-9)


def test_carbon_of_landfills_is_conserved() -> None:
    """Of a unit of waste put in in year 1, 1 − e^(−k·m) has decomposed m years later."""
    _, response = landfill_response(np.zeros(3), np.array([1.0]), np.array([0.2]), 12)
    assert response[1].sum() == pytest.approx(1 - np.exp(-0.2 * 10))
    assert not response[0].any() and not np.tril(response).any()


def test_a_bank_by_hand() -> None:
    """Charge 100, 110, 110; a tenth scrapped a year; all gas at first, none in new equipment of year 2.

    Year 1: new 110 − 90 = 20, held 90 + 20 = 110; leak 5.5, scrapped 10, half recovered 5. Year 2: new 110 − 99 = 11, none of it gas:
    held 99; leak 4.95, scrapped 11, half recovered 5.5.
    """
    need, share = np.array([[100.0, 110.0, 110.0]]), np.array([[1.0, 1.0, 0.0]])
    bank = gas_bank(need, share, 100.0, bank_response(0.1, 3), 0.1, 0.05, 0.0, 0.5)
    assert bank.held[0] == pytest.approx([100.0, 110.0, 99.0])
    assert bank.emitted[0, 1:] == pytest.approx([10.5, 10.45])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=3, max_size=12), st.floats(0.01, 0.3), st.floats(0, 1))
def test_a_bank_keeps_what_it_is_filled_with(need: list[float], retirement: float, share: float) -> None:
    years = len(need)
    bank = gas_bank(
        np.array([need]),
        np.full((1, years), share),
        need[0],
        bank_response(retirement, years),
        retirement,
        0.0,
        0.0,
        1.0,
    )
    scrapped = retirement * bank.held[0, :-1]
    assert bank.held[0, 1:] == pytest.approx(bank.held[0, :-1] - scrapped + bank.filled[0, 1:], rel=1e-9, abs=1e-9)
    assert bank.emitted == pytest.approx(np.zeros((1, years)))


def test_own_levers_at_default_are_the_reference_and_leave_co2_alone(side: EffectsData, parameters: Parameters) -> None:
    tables, result = effect_tables(side, parameters), run(parameters)
    before = result.total.copy()
    plain = effects(result, tables)
    same = effects(result, tables, own_levers=side.world("current"))
    assert np.array_equal(plain.masses, same.masses)
    assert np.array_equal(result.total, before)


def test_every_own_lever_at_its_strong_end_lowers_other_gases(side: EffectsData, parameters: Parameters) -> None:
    tables, result = effect_tables(side, parameters), run(parameters)
    reference = effects(result, tables, own_levers=side.world("frozen")).co2e()[0].sum(axis=1)
    for lever in side.levers:
        strong = lever.minimum if lever.id == "landfill_share" else lever.maximum
        found = effects(result, tables, own_levers=side.world("frozen", {lever.id: strong})).co2e()[0].sum(axis=1)
        assert (found <= reference + 1e-12).all(), lever.id
        assert found[-1] < reference[-1] - 1e-4, lever.id


def test_levers_name_technologies_of_the_plan(side: EffectsData, folder: Path) -> None:
    import csv

    with (folder / "plan" / "technologies.csv").open(encoding="utf-8") as stream:
        known = {row["id"]: row["action"] for row in csv.DictReader(stream)}
    for lever in side.levers:
        assert lever.technologies and {known[t] for t in lever.technologies} == {lever.action}, lever.id


def test_the_base_year_is_that_of_the_inventory_where_it_has_the_source(
    side: EffectsData, parameters: Parameters, inventory: Inventory
) -> None:
    year = int(parameters.years[0])
    row = InventoryRow(
        inventory.region,
        year,
        "1.B.1.a",
        "CH4",
        "energy_industry",
        77.0,
        Status.CALCULATED,
        Grade.C,
        "m",
        {},
        (),
        (),
        (),
        "",
        "",
        False,
    )
    tables = effect_tables(side, parameters, dataclasses.replace(inventory, rows=(*inventory.rows, row)))
    found = effects(run(parameters), tables)
    place = next(i for i, r in enumerate(ROWS) if r.id == "coal_mines")
    assert found.masses[0, 0, place] == pytest.approx(77.0)
    assert set(tables.calibration) == {"coal_mines:CH4"}


def test_equivalents_are_masses_times_the_named_set(side: EffectsData, parameters: Parameters) -> None:
    found = effects(run(parameters), effect_tables(side, parameters))
    for name in ("AR5", "AR6"):
        weights = np.array([gwp_set(name)[row.gas] for row in ROWS])
        np.testing.assert_allclose(found.co2e(name), found.masses * weights / 1000)


def test_the_compiled_pass_is_the_definition_in_numpy(
    side: EffectsData, parameters: Parameters, data: PathwayData
) -> None:
    """Random settings of all levers at once, in both implementations."""
    random = np.random.default_rng(11)
    low, high = (np.array([getattr(lever, end) for lever in data.levers]) for end in ("minimum", "maximum"))
    levers = low + (high - low) * random.random((24, len(low)))
    ends = (np.array([getattr(lever, end) for lever in side.levers]) for end in ("minimum", "maximum"))
    own_low, own_high = ends
    own = own_low + (own_high - own_low) * random.random((24, len(own_low)))
    tables, result = effect_tables(side, parameters), run(parameters, levers)
    fast, plain = (
        effects(result, tables, levers, own, implementation=how)
        for how in ("kernel", "reference")  # type: ignore[arg-type]
    )
    for name in ("masses", "pollutants", "jobs", "built"):
        np.testing.assert_allclose(getattr(fast, name), getattr(plain, name), rtol=1e-9, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(fast.costs.values, plain.costs.values, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fast.costs.transfers, plain.costs.transfers, rtol=1e-9, atol=1e-9)


def test_settings_that_do_not_fit_the_runs_are_refused(side: EffectsData, parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="3 settings"):
        effects(run(parameters), effect_tables(side, parameters), np.stack([parameters.defaults] * 3))


def test_draws_are_followed_one_by_one(side: EffectsData, parameters: Parameters) -> None:
    """Three runs at once are the three runs alone."""
    levers = parameters.defaults * np.array([[1.0], [0.9], [1.05]])
    own = np.stack([side.world(w) for w in ("frozen", "current", "plan")])
    tables = effect_tables(side, parameters)
    together = effects(run(parameters, levers), tables, levers, own)
    for i in range(3):
        alone = effects(run(parameters, levers[i]), tables, levers[i], own[i])
        assert np.array_equal(together.masses[i], alone.masses[0])
        assert np.array_equal(together.costs.values[i], alone.costs.values[0])
        assert np.array_equal(together.jobs[i], alone.jobs[0])


def test_all_faults_of_all_files_are_told_together(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "province"
    shutil.copytree(folder / "pathways" / "effects", root / "pathways" / "effects")
    shutil.copy(folder / "sources.csv", root / "sources.csv")
    here = root / "pathways" / "effects"

    def change(file: str, old: str, new: str) -> None:
        text = (here / file).read_text(encoding="utf-8")
        assert old in text
        (here / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    change("noncarbon.csv", "mine.used,,,0,1,", "mine.used,,,1.5,1,")
    change("noncarbon.csv", "coal.link,,,0.5,1,", "coal.link,,,0.5,%,")
    change("noncarbon.csv", "gas.leak,", "gas.leek,")
    change(
        "costs.csv",
        "discount.rate,,,0.06,1/yr,0.04,0.08,tanlu-assumption",
        "discount.rate,,,0.06,1/yr,0.04,0.08,nobody",
    )
    change("coeffects.csv", "jobs.build,wind,", "jobs.build,windmill,")
    change("costs.csv", "price.fuel,coal,2023,", "price.fuel,coal,,")
    change("sectors.csv", "steel,industry,furnace,\n", "")
    change("levers/rice_water.yaml", "parameter: rice.managed", "parameter: rice.magic")
    with pytest.raises(DataError) as caught:
        load_effects(root)
    codes = {p.code for p in caught.value.problems}
    assert codes >= {
        "above_maximum", "wrong_unit", "unknown_choice", "missing_assumption", "assumption_years", "sector_unassigned",
    }  # fmt: skip
    assert {p.file.rsplit("/", 1)[-1] for p in caught.value.problems} == {
        "noncarbon.csv", "costs.csv", "coeffects.csv", "sectors.csv", "rice_water.yaml",
    }  # fmt: skip
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
