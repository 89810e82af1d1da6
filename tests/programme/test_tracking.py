"""Signals with their causes, payments, extensions and the verdict, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tanlu.programme.tracking import (
    Colour,
    Kpi,
    Milestone,
    Result,
    RunningProject,
    acceptance,
    extension_refusals,
    payable,
    signal,
    time_share,
)

D = Decimal
PROJECT = RunningProject(
    start=date(2026, 1, 1),
    end=date(2027, 1, 1),
    milestones=(
        Milestone("half", date(2026, 6, 1), date(2026, 6, 10), D(50)),
        Milestone("end", date(2026, 12, 1), None, D(50)),
    ),
    kpis=(Kpi("efficiency", D(0), D(10), reached=D(5)),),
    paid=D(100),
    spent=D(50),
    last_report=date(2026, 6, 15),
)
MID = date(2026, 7, 2)


def test_a_project_on_its_way_is_green_without_a_cause() -> None:
    """182 of 365 days are gone, 50 of 100 paid yuan are spent, 5 of 10 is reached."""
    assert time_share(PROJECT, MID) == D(182) / 365
    assert signal(PROJECT, MID) == (Colour.GREEN, [])


@pytest.mark.parametrize(
    ("change", "on", "rule", "colour"),
    [
        ({"milestones": (Milestone("half", date(2026, 6, 1)),)}, date(2026, 7, 2), "milestone_late", Colour.AMBER),
        ({"milestones": (Milestone("half", date(2026, 4, 1)),)}, date(2026, 7, 2), "milestone_late", Colour.RED),
        ({"spent": D(5)}, MID, "spending_off", Colour.AMBER),
        ({"spent": D(100)}, MID, "spending_off", Colour.RED),
        ({"kpis": (Kpi("efficiency", D(0), D(10), reached=D(2)),)}, MID, "target_lags", Colour.AMBER),
        ({"kpis": (Kpi("efficiency", D(0), D(10)),)}, date(2026, 7, 10), "target_lags", Colour.RED),
        ({"last_report": date(2026, 3, 1)}, MID, "report_missing", Colour.AMBER),
    ],
)
def test_each_rule_colours_with_its_own_cause(change: dict[str, object], on: date, rule: str, colour: Colour) -> None:
    found, causes = signal(replace(PROJECT, **change), on)  # type: ignore[arg-type]
    assert (found, [c.rule for c in causes]) == (colour, [rule])
    assert causes[0].seen > causes[0].limit


def test_accepted_milestones_release_their_part_and_red_stops_the_money() -> None:
    assert payable(PROJECT.milestones, D(300), D(100), Colour.AMBER) == 50
    assert payable(PROJECT.milestones, D(300), D(100), Colour.RED) == 0
    assert payable(PROJECT.milestones, D(100), D(100), Colour.GREEN) == 0


@pytest.mark.parametrize(
    ("wanted", "asked", "earlier", "refusals"),
    [
        (date(2028, 1, 1), date(2026, 9, 1), 0, []),
        (date(2028, 1, 2), date(2026, 9, 1), 0, ["too_long"]),
        (date(2027, 6, 1), date(2026, 10, 4), 0, ["too_late"]),
        (date(2027, 6, 1), date(2026, 9, 1), 1, ["too_often"]),
        (date(2027, 1, 1), date(2026, 9, 1), 0, ["not_later"]),
    ],
)
def test_an_extension_is_asked_for_once_in_time_and_for_a_year_at_most(
    wanted: date, asked: date, earlier: int, refusals: list[str]
) -> None:
    assert extension_refusals(date(2027, 1, 1), wanted, asked, earlier) == refusals


MET = Kpi("a", D(0), D(10), hard=True, reached=D(10), verified=True)


@pytest.mark.parametrize(
    ("kpis", "falsified", "excusable", "result"),
    [
        ((MET,), False, False, Result.ACCEPTED),
        ((MET,), True, False, Result.FAILED),
        ((replace(MET, verified=False),), False, False, Result.FAILED),
        ((replace(MET, reached=D(9)),), False, True, Result.CLOSED),
        ((MET, replace(MET, id="b", hard=False, reached=None)), False, False, Result.CLOSED),
    ],
)
def test_the_result_rests_on_verified_targets(
    kpis: tuple[Kpi, ...], falsified: bool, excusable: bool, result: Result
) -> None:
    assert acceptance(kpis, falsified=falsified, excusable=excusable)[0] is result


def test_a_falling_target_is_met_from_above() -> None:
    """From 8 down to 6: 5.9 is beyond, 6.5 is three quarters of the way."""
    kpi = Kpi("use", D(8), D(6), reached=D("5.9"), verified=True)
    assert kpi.met
    assert replace(kpi, reached=D("6.5")).progress == D("0.75")
