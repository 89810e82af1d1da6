"""Folders of systems: what is written is what the components hold, in their units, with source and grade."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tanlu.core.provenance import Grade
from tanlu.energy.components import Converter, Demand, Source, Store
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.reading import read_system
from tanlu.energy.system import System

SYSTEMS = Path(__file__).parent / "systems"


@pytest.fixture(scope="module")
def campus() -> System:
    return read_system(SYSTEMS / "campus")


def test_a_small_system_needs_one_file_and_a_profile(campus: System) -> None:
    """Values by hand: 8.76 GWh a year are 1 MW on average; 3500 CNY/kW are 3.5 million CNY/MW; 0.02 元/千瓦时 are 20 CNY/MWh."""
    load, pv, engine, battery = (campus.component(f"site.{t}") for t in ("load", "pv", "engine", "battery"))
    assert isinstance(load, Demand) and load.annual == 8760.0 and load.profile == "load"
    assert isinstance(pv, Source) and pv.investment == 3.5e6 and pv.fixed_om == 45_000 and pv.potential == 2.0
    assert pv.availability == "pv" and pv.expandable and pv.non_fossil and pv.lifetime == 25.0
    assert isinstance(engine, Converter) and engine.efficiency == 0.4 and engine.variable_om == pytest.approx(20.0)
    assert isinstance(battery, Store) and battery.investment == {2025: 2e6, 2035: 1e6} and battery.hours == 2.0
    assert campus.discount_rate == 0.06 and campus.periods == (2030,) and campus.hours == 48
    policy = campus.policies[0]
    assert isinstance(policy, EmissionLimit) and policy.price == 100.0 and policy.cap == math.inf


def test_profiles_are_the_columns_of_their_file(campus: System) -> None:
    assert set(campus.profiles) == {"load", "pv"}
    assert campus.profiles["load"][:9].tolist() == [0.75] * 8 + [1.25]
    assert campus.profiles["pv"][12] == 1.0


def test_a_system_that_was_read_is_solved(campus: System) -> None:
    result = campus.solve(segments=None, solver="highs-simplex")
    assert result.gap < 1e-6 and result.objective > 0


def test_numbers_without_a_source_are_assumptions(campus: System) -> None:
    """Every number of the campus but the switches: nobody says where they come from."""
    assumptions = campus.provenance.assumptions()
    assert {a.origin.grade for a in assumptions} == {Grade.D}
    assert ("battery", "investment", 2035) in {(a.origin.owner, a.origin.parameter, a.origin.year) for a in assumptions}
