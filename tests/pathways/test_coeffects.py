"""Jobs and air pollutants by hand, the long table, and what the function refuses."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.core.provenance import Grade
from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.coeffects import (
    FUELS,
    JOB_GROUPS,
    POLLUTANTS,
    combustion_emissions,
    controlled_factor,
    direct_jobs,
)
from tanlu.pathways.costs import ACTORS, COMPONENTS, PLANTS, TRANSFERS
from tanlu.pathways.dimensions import DEMAND
from tanlu.pathways.effects import Effects, EffectsData, EffectTables, effects
from tanlu.pathways.effects.frame import columns
from tanlu.pathways.noncarbon import ROWS


def test_emissions_are_fuel_times_factor_less_what_is_removed() -> None:
    """100 PJ at 900 g/GJ are 90 kt; 80 % removed leaves 18 kt. 50 PJ of gas at 0.67 g/GJ, 80 % removed too: 0.0067 kt."""
    factor = controlled_factor(np.array([[[900.0], [0.67]]]), np.array([[[0.8]]]))
    found = combustion_emissions(np.array([[[[100.0, 50.0]]]]), factor)
    assert found[0, 0, 0, 0] == pytest.approx(18.0067)


def test_jobs_are_amount_times_factor_and_fall_with_productivity() -> None:
    """2 GW at 4.19 job-years/MW are 8.38 thousand; a tenth more output a worker leaves 7.618 thousand."""
    found = direct_jobs(np.array([[[2.0], [2.0]]]), np.array([4.19]), np.array([1.0, 1.1]))
    assert found[0, :, 0] == pytest.approx([8.38, 7.61818], rel=1e-5)


def test_coal_power_pollutes_as_plants_after_ultra_low_retrofits(found: Effects, parameters: Parameters) -> None:
    """The removal is set so that a kWh of coal power gives 0.15 to 0.25 g of SO2 and of NOx: heat included, per kWh of coal power."""
    output = run(parameters).generation[0, 0, 0]
    for pollutant in ("SO2", "NOx"):
        grams = found.pollutants[0, 0, -1, POLLUTANTS.index(pollutant)] / output
        assert 0.1 < grams < 0.4, pollutant


def test_pollutants_of_a_sector_come_from_its_own_fuel(
    tables: EffectTables, parameters: Parameters, found: Effects
) -> None:
    result = run(parameters)
    place = DEMAND.index("steel")
    fuel = result.final[0, 0, place, [0, 1, 2, 3, 7]]
    wanted = fuel @ tables.factor[0, place, :, : len(POLLUTANTS)] / 1000
    assert found.pollutants[0, 0, place] == pytest.approx(wanted)


def test_less_fuel_means_less_pollution_everywhere(
    tables: EffectTables, parameters: Parameters, data: PathwayData
) -> None:
    frozen, plan = data.world("frozen"), data.world("plan")
    before, after = (effects(run(parameters, v), tables, v).pollutants[0, -1].sum(axis=0) for v in (frozen, plan))
    assert (after < before).all()


def test_jobs_of_building_follow_what_is_built(tables: EffectTables, found: Effects) -> None:
    wanted = (found.built[0] @ tables.build) / tables.productivity
    assert found.jobs[0, :, JOB_GROUPS.index("construction")] == pytest.approx(wanted)


def test_the_long_table_holds_every_series_with_unit_and_grade(found: Effects) -> None:
    table = columns(found, "AR5")
    series = (
        2 * len(ROWS) + len(ACTORS) * len(COMPONENTS) + len(TRANSFERS) * (len(ACTORS) + 1)
        + (len(DEMAND) + 1) * len(POLLUTANTS) + len(JOB_GROUPS) + len(PLANTS)
    )  # fmt: skip
    assert {len(column) for column in table.values()} == {series * len(found.years)}
    assert all(table["unit"]) and set(table["grade"]) <= set(Grade.__members__)
    assert not np.isnan(np.asarray(table["value"], float)).any()


def test_the_data_frame_is_the_long_table(found: Effects) -> None:
    pandas = pytest.importorskip("pandas")
    frame = found.to_pandas("AR6")
    assert isinstance(frame, pandas.DataFrame)
    one = frame[(frame.group == "gases") & (frame.item == "rice")]
    assert one.value.to_numpy() == pytest.approx(
        found.masses[0, :, next(i for i, r in enumerate(ROWS) if r.id == "rice")]
    )


def test_a_run_without_final_energy_is_refused(tables: EffectTables, parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="detail=True"):
        effects(run(parameters, detail=False), tables)


def test_every_number_of_the_province_says_where_it_comes_from(side: EffectsData) -> None:
    for assumed in (side.noncarbon, side.costs, side.coeffects):
        for points in assumed.values.values():
            for point in points:
                assert (point.source == "tanlu-assumption") == (point.grade is Grade.D), point.id
                assert point.note_zh and point.note_en, point.id


def test_factors_of_every_fuel_are_given(side: EffectsData) -> None:
    factor = side.coeffects.array("emission.factor")
    assert factor.shape[1] == len(FUELS) and (factor >= 0).all()
