"""Wedges: they add up, agree with the definition, and leave out what does nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tanlu.core.errors import DataError
from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.wedges import PARTS, Wedges, wedges_between


@pytest.fixture(scope="module")
def wedges(data: PathwayData, parameters: Parameters) -> Wedges:
    return wedges_between(parameters, data.levers, data.world("frozen"), data.world("plan"))


def test_wedges_add_up_to_the_difference_of_the_two_runs(
    wedges: Wedges, data: PathwayData, parameters: Parameters
) -> None:
    before, after = run(parameters, data.world("frozen")), run(parameters, data.world("plan"))
    assert wedges.values["scope1"].sum(axis=0) == pytest.approx(before.total[0] - after.total[0], abs=1e-9)
    assert wedges.total(PARTS).sum(axis=0) == pytest.approx(
        (before.net + before.indicator("imports_co2") - after.net - after.indicator("imports_co2"))[0], abs=1e-9
    )
    assert wedges.cumulative().sum() == pytest.approx((before.total - after.total)[0, 1:].sum(), abs=1e-8)


def test_wedges_are_the_mean_over_all_orders(data: PathwayData, parameters: Parameters) -> None:
    """A second way: three groups, adopted in each of the six orders, run by run."""
    actions = sorted({lever.action for lever in data.levers})
    groups = {lever.id: "abc"[actions.index(lever.action) % 3] for lever in data.levers}
    start, end = data.world("frozen"), data.world("plan")
    found = wedges_between(parameters, data.levers, start, end, groups=groups)
    member = {g: np.array([groups[lever.id] == g for lever in data.levers]) for g in "abc"}
    expected = dict.fromkeys("abc", 0.0)
    for order in itertools.permutations("abc"):
        setting, before = start, run(parameters, start).total[0, -1]
        for g in order:
            setting = np.where(member[g], end, setting)
            after = run(parameters, setting).total[0, -1]
            expected[g] += (before - after) / 6
            before = after
    assert found.values["scope1"][:, -1] == pytest.approx(np.array(list(expected.values())), abs=1e-9)


def test_an_action_whose_levers_stay_has_no_wedge(wedges: Wedges, data: PathwayData, parameters: Parameters) -> None:
    action = data.levers[0].action
    stays = np.array([lever.action == action for lever in data.levers])
    start, end = data.world("frozen"), data.world("plan")
    found = wedges_between(parameters, data.levers, start, np.where(stays, start, end), order=[*wedges.groups, "none"])
    assert found.runs == wedges.runs // 2
    for part in PARTS:
        assert not found.values[part][wedges.groups.index(action)].any() and not found.values[part][-1].any()


def test_nothing_changes_between_equal_settings(data: PathwayData, parameters: Parameters) -> None:
    found = wedges_between(parameters, data.levers, data.world("plan"), data.world("plan"))
    assert found.runs == 1 and not found.total(PARTS).any()


def test_history_and_base_year_have_no_wedge(wedges: Wedges) -> None:
    assert np.abs(wedges.values["scope1"][:, 0]).max() < 1e-9


def test_alone_and_last_bound_the_order_of_adoption(wedges: Wedges, data: PathwayData, parameters: Parameters) -> None:
    start, end = data.world("frozen"), data.world("plan")
    first = np.array([lever.action == wedges.groups[0] for lever in data.levers])
    alone = run(parameters, start).total - run(parameters, np.where(first, end, start)).total
    last = run(parameters, np.where(first, start, end)).total - run(parameters, end).total
    assert wedges.alone[0] == pytest.approx(alone[0], abs=1e-9) and wedges.last[0] == pytest.approx(last[0], abs=1e-9)


def test_records_hold_every_number_once(wedges: Wedges) -> None:
    records = wedges.records()
    assert len(records) == len(wedges.groups) * len(PARTS) * len(wedges.years)
    total = sum(r["value"] for r in records if r["year"] == 2030)
    assert total == pytest.approx(wedges.total(PARTS)[:, 2030 - wedges.years[0]].sum(), abs=1e-9)


def test_levers_without_a_group_and_groups_out_of_order_are_refused(data: PathwayData, parameters: Parameters) -> None:
    start, end = data.world("frozen"), data.world("plan")
    with pytest.raises(DataError) as missing:
        wedges_between(parameters, data.levers, start, end, groups={data.levers[0].id: "a"})
    assert len(missing.value.problems) == len(data.levers) - 1
    with pytest.raises(DataError) as unlisted:
        wedges_between(parameters, data.levers, start, end, order=[data.levers[0].action])
    assert unlisted.value.problems[0].code == "wedge_groups"
