"""The power rule fitted to optimised systems: known numbers are found again, the engine uses the same rule, the file is checked."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.dimensions import GENERATORS
from tanlu.pathways.power_fit import (
    NAMES,
    PowerFit,
    firm_margin,
    firm_storage,
    firm_thermal,
    fit_power,
    power_gaps,
    taken_share,
)
from tanlu.pathways.power_systems import FILE, PowerSystem, read_power_systems, write_power_systems
from tanlu.pathways.tables import CAPACITIES


@pytest.fixture(scope="module")
def systems(folder: Path) -> tuple[PowerSystem, ...]:
    return read_power_systems(folder / "pathways")


@pytest.fixture(scope="module")
def fit(systems: tuple[PowerSystem, ...]) -> PowerFit:
    return fit_power(systems)


def test_the_rule_takes_all_below_its_limit_and_ever_less_above() -> None:
    """By hand: 0.3 + 0.2·0.5 = 0.4 free; at 0.9 half a unit of excess gives (1 − e⁻¹)/2 with a slope of 2."""
    taken = taken_share(np.array([0.25, 0.4, 0.9]), np.full(3, 0.5), 0.3, 0.2, 2.0)
    assert taken == pytest.approx([0.25, 0.4, 0.4 + (1 - math.exp(-1)) / 2], abs=1e-15)


def test_the_engine_curtails_by_this_rule(data: PathwayData, parameters: Parameters) -> None:
    """In all years in which the least thermal output presses back imports at most."""
    found = run(parameters, data.world("plan"))
    wind_and_sun = found.generation[0][:, [GENERATORS.index("wind"), GENERATORS.index("solar")]].sum(axis=1)
    gross, lost = found.indicator("electricity_demand")[0], found.indicator("curtailed")[0]
    share, storage = (wind_and_sun + lost) / gross, found.capacity[0][:, CAPACITIES.index("storage")] / (gross / 8.76)
    numbers = [data.parameters.scalar(name) for name in NAMES[:3]]
    rule = taken_share(share, storage, *numbers)
    # imports give way before wind and sun do
    free = (found.generation[0][:, GENERATORS.index("imports")] > 1e-9) & (np.arange(len(gross)) > 0)
    assert free.sum() > 20
    assert wind_and_sun[free] / gross[free] == pytest.approx(rule[free], abs=1e-9)


def test_numbers_that_made_the_systems_are_found_again(systems: tuple[PowerSystem, ...]) -> None:
    made = []
    for s in systems:
        y = float(taken_share(np.array([s.share]), np.array([s.storage]), 0.28, 0.25, 2.2)[0])
        potential = s.potential
        lost = potential * (1 - y / s.share)
        # gross demand stays: what wind and sun give less, coal gives more
        more = lost - s.curtailed_twh
        made.append(
            dataclasses.replace(
                s, curtailed_twh=lost, wind_twh=s.wind_twh - more, coal_twh=s.coal_twh + more, storage_loss_twh=0.0
            )
        )  # fmt: skip
    again = fit_power(made)
    assert [again.values[n] for n in NAMES] == pytest.approx([0.28, 0.25, 2.2, 0.0], abs=1e-4)
    assert again.left_out < 1e-4


def test_firm_capacity_is_the_peak_with_its_reserve_less_what_others_give() -> None:
    """By hand: 87.6 TWh are 10 GW on average; 1.05·1.6·10 = 16.8; less 0.6·8 and 0.74·5; over 0.9."""
    capacity = {"hydro": np.array(8.0), "imports": np.array(5.0), "storage": np.array(30.0)}
    assert float(firm_thermal(np.array(87.6), capacity, 1.6)) == pytest.approx((16.8 - 4.8 - 3.7) / 0.9)
    assert float(firm_thermal(np.array(87.6), {"hydro": np.array(80.0)}, 1.6)) == 0.0
    assert float(firm_thermal(np.array(87.6), capacity, 1.6, margin=0.0)) == pytest.approx((16.0 - 4.8 - 3.7) / 0.9)


def test_storage_gives_what_is_pumped_first_and_counts_beyond_the_base_year() -> None:
    """By hand: 0.95·1 + 0.4·3 = 2.15 at first; 0.95·8 + 0.4·4 = 9.2, 7.05 more; all 6 pumped where 8 are planned, 5.7, 3.55 more."""
    power, planned = np.array([[4.0, 12.0], [4.0, 6.0]]), np.array([1.0, 8.0])
    found = firm_storage(power, planned, (0.95, 0.4))
    assert found == pytest.approx(np.array([[0.0, 7.05], [0.0, 3.55]]))
    capacity = {"hydro": np.array(8.0), "imports": np.array(5.0)}
    assert float(firm_thermal(np.array(87.6), capacity, 1.6, other=2.0)) == pytest.approx(
        (16.8 - 4.8 - 3.7 - 2.0) / 0.9
    )


def test_the_firm_margin_asks_for_the_plants_that_stood_but_never_for_more_than_a_reserve() -> None:
    """By hand: 0.6·8 + 0.74·5 + 0.9·7 = 14.8 GW firm against 16: −7.5 %; with 20 GW of plants the reserve of 5 % is enough."""
    capacity = {"hydro": 8.0, "imports": 5.0, "storage": 30.0}
    margin = firm_margin(87.6, capacity, 7.0, 1.6)
    assert margin == pytest.approx(-0.075)
    arrays = {name: np.array(value) for name, value in capacity.items()}
    assert float(firm_thermal(np.array(87.6), arrays, 1.6, margin)) == pytest.approx(7.0)
    assert firm_margin(87.6, capacity, 20.0, 1.6) == 0.05


def test_the_parameters_in_use_are_those_of_the_fit(data: PathwayData, fit: PowerFit) -> None:
    for name in NAMES:
        value = data.parameters.values[name, ""]
        assert value.value == pytest.approx(fit.values[name], rel=1e-3), "run tools/power_fit.py"
        assert value.source == "tanlu-energy" and value.grade.value == "D" and fit.hash in value.note_en
    assert all(s.hours == "hours" and s.unserved_twh < 1e-3 for s in read_power_systems(data.folder))


def test_the_rule_misses_optimised_systems_by_little(systems: tuple[PowerSystem, ...], fit: PowerFit) -> None:
    """Systems left out of the fit: 3 % of load at most (root mean square), and firm capacity within 10 GW of 35 to 80."""
    assert fit.rmse <= fit.left_out < 0.03 and abs(fit.bias) < 0.005
    gaps = power_gaps(systems, fit.values, fit.peak)
    assert max(abs(g.thermal_rule - g.thermal) for g in gaps) < 10


def test_too_few_systems_are_refused(systems: tuple[PowerSystem, ...]) -> None:
    with pytest.raises(ValueError, match="eight"):
        fit_power(systems[:7])


def test_a_broken_file_is_told_with_row_and_field(tmp_path: Path, systems: tuple[PowerSystem, ...]) -> None:
    folder = tmp_path / "pathways"
    folder.mkdir()
    assert read_power_systems(folder) == ()
    write_power_systems(folder / FILE, systems)
    assert read_power_systems(folder) == systems
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace(str(systems[1].year), "soon", 1)
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_power_systems(folder)
    [problem] = caught.value.problems
    assert (problem.row, problem.field, problem.value) == (3, "year", "soon")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_tells_the_gap(language: str) -> None:
    told = CliRunner().invoke(app, ["pathway", "coupling", "--lang", language])
    assert told.exit_code == 0 and "24" in told.output
    answer = json.loads(CliRunner().invoke(app, ["pathway", "coupling", "--json"]).output)
    assert len(answer["gaps"]) == answer["systems"] == 24 and answer["errors"]["rmse"] < 0.03
