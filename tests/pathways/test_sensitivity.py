"""Sensitivity of the fan: the same draws as the fan, and indices that say what happens when an unknown is known."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tanlu.accounts import Inventory
from tanlu.core.provenance import Grade
from tanlu.core.province import Province
from tanlu.pathways import Baseline, Parameters, PathwayData, baseline_from_inventory, run, run_scenario
from tanlu.pathways.parameters import DRAWS, ParameterSet
from tanlu.pathways.scenarios import NET, TOTAL
from tanlu.pathways.sensitivity import (
    CLASSES,
    OUTPUTS,
    FanFunction,
    LeverFunction,
    Sensitivity,
    sensitivity_of,
    share_text,
    variance_shares,
)
from tanlu.pathways.swings import Swing, parameter_swings, share_with_swings
from tanlu.pathways.uncertain_outputs import ChangeFunction, DifferenceFunction
from tanlu.pathways.uncertainty import normal_sizes, sample, sobol_points

DEADLINE = OUTPUTS.index("co2_deadline")


@pytest.fixture(scope="module")
def function(data: PathwayData, baseline: Baseline, parameters: Parameters) -> FanFunction:
    return FanFunction(data, baseline, parameters, data.world("current"))


@pytest.fixture(scope="module")
def found(function: FanFunction) -> Sensitivity:
    return sensitivity_of(function, size=256, trajectories=6, keep=4, seed=3)


def test_outputs_are_those_of_the_fan(function: FanFunction, data: PathwayData, baseline: Baseline) -> None:
    """The same points give the same quantiles of CO2 in 2030 and net CO2 in 2060 as the fan of the scenario."""
    numbers = sample(data, baseline, 32, 5)
    scenario = run_scenario(data, baseline, function.parameters, "current", "mid", function.levers, numbers)
    years, steps = normal_sizes(baseline)
    rng = {1: years, 2: steps}
    normal = {
        stream: np.concatenate(
            [np.random.default_rng(s).standard_normal((4, n)) for s in np.random.SeedSequence([5, stream]).spawn(8)]
        ).clip(-3, 3)
        for stream, n in rng.items()
    }
    outputs = function.outputs(sobol_points(32, len(DRAWS) + len(data.levers), 5), normal[1], normal[2])
    for name, column, year in ((TOTAL, "co2_deadline", 2030), (NET, "net_last", 2060)):
        fan = scenario.fans[name]
        median = fan.values[list(fan.years).index(year), 2]
        assert np.median(outputs[:, OUTPUTS.index(column)]) == pytest.approx(median, rel=1e-12)


def test_knowing_the_inventory_narrows_the_fan_as_its_index_says(function: FanFunction, found: Sensitivity) -> None:
    """A second way: draw with the errors of the inventory at their centre; what is left of the variance is 1 − S."""
    share = next(s for s in found.shares() if (s.output, s.source_class) == ("co2_deadline", "inventory"))
    rng = np.random.default_rng(11)
    scalars = len(DRAWS) + len(function.data.levers)
    points = rng.random((600, scalars))
    names = [p.name for p in DRAWS]
    for name in ("draw.error.energy", "draw.error.process"):
        points[:, names.index(name)] = 0.5
    years, steps = normal_sizes(function.baseline)
    walk = rng.standard_normal((600, steps))
    walk[:, : len(function.baseline.driver_error)] = 0.0
    y = function.outputs(points, rng.standard_normal((600, years)), walk)[:, DEADLINE]
    left = y.var() / float(found.deviation[DEADLINE]) ** 2
    assert left == pytest.approx(1.0 - share.first, abs=0.12)


def test_classes_hold_every_input_once_and_explain_the_variance(function: FanFunction, found: Sensitivity) -> None:
    classes = [one.source_class for one in function.inputs()]
    assert set(classes) <= set(CLASSES) and len(classes) == len(DRAWS) + len(function.data.levers) + 3
    first = sum(s.first for s in found.shares() if s.output == "co2_deadline")
    assert first == pytest.approx(1.0, abs=0.12), "CO2 of a near year is almost additive in its causes"


def test_an_input_is_narrower_by_one_less_the_root(found: Sensitivity) -> None:
    for output in OUTPUTS:
        rows = found.narrowing(output)
        assert [r.first for r in rows] == sorted((r.first for r in rows), reverse=True)
        for row in rows:
            assert row.narrower == pytest.approx(1 - math.sqrt(1 - min(1.0, max(0.0, row.first))), abs=1e-12)
            assert row.total > -0.05


def test_levers_without_a_step_are_not_searched(data: PathwayData, baseline: Baseline, parameters: Parameters) -> None:
    frozen = FanFunction(data, baseline, parameters, data.world("frozen"))
    assert len(frozen.active()) == len(DRAWS)


def test_same_seed_same_result(function: FanFunction) -> None:
    first, again = (variance_shares(function, size=16, seed=9) for _ in range(2))
    assert first == again


def test_a_difference_is_that_of_two_fans_on_the_same_numbers(
    function: FanFunction, data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    """Two scenarios drawn with one seed, subtracted draw by draw, as `compare` does it."""
    other = data.world("plan")
    apart = DifferenceFunction(data, baseline, parameters, other, parameters, function.levers)
    numbers = sample(data, baseline, 32, 5)
    drawn = [
        run(parameters, numbers.levers(data.levers, levers), numbers.quantities, numbers.weather)
        for levers in (other, function.levers)
    ]
    net = drawn[0].net[:, -1] - drawn[1].net[:, -1]
    years, steps = normal_sizes(baseline)
    spread = [np.random.default_rng(s).standard_normal((4, years)) for s in np.random.SeedSequence([5, 1]).spawn(8)]
    hydro, still = np.concatenate(spread).clip(-3, 3), np.zeros((32, steps))
    found = apart.outputs(sobol_points(32, len(DRAWS) + len(data.levers), 5), hydro, still)
    assert found[:, 1] == pytest.approx(net, rel=1e-9)


def test_without_a_difference_there_is_nothing_to_divide(
    function: FanFunction, data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    same = DifferenceFunction(data, baseline, parameters, function.levers, parameters, function.levers)
    text = share_text(variance_shares(same, size=16), "difference_net_last", "en", start="here", end="there")
    assert "no variance" in text and "here" in text and "there" in text


def test_a_change_within_the_inventory_rests_on_the_inventory_alone(
    function: FanFunction, data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    first, last = baseline.years[0], baseline.years[-2]
    change = ChangeFunction(data, baseline, parameters, function.levers, first, last)
    shares = {s.source_class: s.total for s in variance_shares(change, size=64)}
    assert shares["inventory"] == pytest.approx(1.0, abs=0.3)
    assert shares["grade_d"] == shares["weather"] == shares["other_grades"] == 0.0
    ahead = ChangeFunction(data, baseline, parameters, function.levers, baseline.base_year, 2060)
    assert next(s.total for s in variance_shares(ahead, size=64) if s.source_class == "grade_d") > 0.5


def test_progress_ends_at_the_number_of_runs(function: FanFunction) -> None:
    seen: list[tuple[int, int]] = []
    result = sensitivity_of(function, size=8, trajectories=2, keep=2, progress=lambda a, b: seen.append((a, b)))
    assert seen[-1][0] == result.runs and all(done <= total for done, total in seen)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_share_of_assumptions_is_a_sentence(found: Sensitivity, language: str) -> None:
    share = next(s for s in found.shares() if (s.output, s.source_class) == ("net_last", "grade_d"))
    assert f"{100 * share.total:.0f}" in share_text(found.shares(), "net_last", language)


def test_levers_as_choices_are_run_between_their_worlds(
    data: PathwayData, baseline: Baseline, parameters: Parameters
) -> None:
    """The corners of the cube are runs of the engine; the levers of one world alone have nothing to decide."""
    chosen = LeverFunction(data, baseline, parameters, data.world("current"))
    corners = np.array([np.zeros(len(data.levers)), np.ones(len(data.levers))])
    values = np.array([list(lever.worlds.values()) for lever in data.levers])
    result = run(parameters, np.array([values.min(axis=1), values.max(axis=1)]))
    outputs = chosen.outputs(corners, np.zeros((2, 0)), np.zeros((2, 0)))
    assert outputs[:, OUTPUTS.index("net_last")] == pytest.approx(result.net[:, -1], rel=1e-12)
    assert outputs[:, DEADLINE] == pytest.approx(result.total[:, 2030 - baseline.base_year], rel=1e-12)
    decided = sensitivity_of(chosen, size=64, trajectories=4, keep=6, seed=3)
    assert len(decided.kept) == 6 and {one.kind for one in decided.kept} == {"choice"}
    o = OUTPUTS.index("net_last")
    assert decided.narrowing("net_last")[0].first > 0.1
    assert decided.indices.first[: len(decided.kept) + 1, o].sum() == pytest.approx(1.0, abs=0.25)


def only(data: PathwayData, *names: str) -> PathwayData:
    """Return the data in which only some parameters have a low and a high value."""
    values = {
        key: v if key[0] in names else dataclasses.replace(v, low=None, high=None)
        for key, v in data.parameters.values.items()
    }
    return dataclasses.replace(data, parameters=ParameterSet(values))


def test_swing_of_the_sink_by_hand(
    data: PathwayData, baseline: Baseline, inventory: Inventory, province: Province
) -> None:
    """Uptake U(m + (1 − m)e^{−κt}) falls in net CO2 by U(1 − e^{−κt}) for each unit of m."""
    data = only(data, "sink.level")
    calls: list[ParameterSet] = []

    def calibrate(values: ParameterSet) -> Baseline:
        calls.append(values)
        return baseline_from_inventory(inventory, province, values)

    (swing,) = parameter_swings(data, calibrate, data.world("current"), "mid")
    value = data.parameters.values["sink.level", ""]
    assert value.high is not None and value.low is not None
    uptake, passed = -baseline.land[baseline.base_year], 2060 - baseline.base_year
    decay = math.exp(-data.parameters.scalar("sink.rate") * passed)
    assert swing.change[OUTPUTS.index("net_last")] == pytest.approx(-uptake * (1 - decay) * (value.high - value.low))
    assert swing.change[DEADLINE] == pytest.approx(0.0, abs=1e-12)
    assert len(calls) == 1, "the calibration does not read it"


def test_a_parameter_of_the_calibration_is_calibrated_again(
    data: PathwayData, inventory: Inventory, province: Province
) -> None:
    """Wind of the base year is capacity × hours, so that other hours leave CO2 of the base year with its inventory."""
    data, calls = only(data, "hours.wind"), []

    def calibrate(values: ParameterSet) -> Baseline:
        calls.append(values.scalar("hours.wind"))
        return baseline_from_inventory(inventory, province, values)

    parameter_swings(data, calibrate, data.world("current"), "mid")
    value = data.parameters.values["hours.wind", ""]
    assert calls == [value.value, value.low, value.high]


def test_share_with_fixed_parameters_by_hand(data: PathwayData) -> None:
    """Fan 100 of variance, half of it D; a D parameter swings by 2·1.645·5, a C one by 2·1.645·10: (50 + 25)/225."""
    value = data.parameters.values["sink.level", ""]
    swings = [
        Swing(dataclasses.replace(value, grade=grade), np.zeros(4), np.full(4, 2 * 1.6448536269514722 * size))
        for grade, size in ((Grade.D, 5.0), (Grade.C, 10.0))
    ]
    share, wider = share_with_swings(0.5, 100.0, swings, "net_last")
    assert share == pytest.approx(75 / 225) and wider == pytest.approx(1.5)
