"""Projects are tied to levers of the pathway: shares add up to the whole step, and nothing is said to avoid what it cannot."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from tanlu.pathways.engine import run
from tanlu.pathways.readiness import PASS, chance_of_market
from tanlu.pathways.scenario_files import Setting
from tanlu.pathways.simulation import Model, load_model
from tanlu.pathways.switches import can_be_switched
from tanlu.pathways.technologies import Assessments
from tanlu.pathways.technology_file import load_technologies
from tanlu.programme.joint import ProjectWork, technology_effects, uncovered

CCUS = "T06-K10"


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("hunan")


@pytest.fixture(scope="module")
def known(model: Model) -> Assessments:
    return load_technologies(model.province.folder, model.data)


def test_all_technologies_at_once_bring_the_whole_step_of_their_levers(model: Model, known: Assessments) -> None:
    """Second method: the plain engine with the plan's value on every lever that some technology moves."""
    every = ProjectWork("all", tuple(known.by_id), dict.fromkeys(known.by_id, 11.0))
    (found,) = technology_effects(model, known, [every])
    moved = {link.lever for a in known.by_id.values() for link in a.links if link.size > 0}
    base, top = model.data.world("current"), model.data.world("plan")
    full = np.array(
        [t if lever.id in moved and can_be_switched(lever) else b
         for lever, b, t in zip(model.data.levers, base, top, strict=True)]
    )  # fmt: skip
    parameters = model.parameters(Setting("current", "mid"))
    result, first = run(parameters, np.array([base, full])), parameters.years[0]
    for year, avoided in found.if_successful.items():
        expected = result.with_imports[0, year - first] - result.with_imports[1, year - first]
        assert avoided == pytest.approx(expected, abs=1e-6)
    assert found.if_successful[2060] > 1


def test_the_expected_effect_is_the_chance_of_the_levels_ahead_times_the_effect(
    model: Model, known: Assessments
) -> None:
    found = technology_effects(model, known, [ProjectWork("p", (CCUS,), {CCUS: 7.0})])[0].technologies[0]
    assert found.chance == pytest.approx(np.prod(PASS[6:]))
    assert found.expected[2060] == pytest.approx(found.chance * found.if_successful[2060])
    assert (found.levers[0], found.reason) == ("ccs_power", "")


def test_a_later_market_avoids_less_by_then_and_nothing_before(model: Model, known: Assessments) -> None:
    ready, early = (
        technology_effects(model, known, [ProjectWork("p", (CCUS,), {CCUS: level})], (2040, 2050))[0]
        for level in (9.0, 4.0)
    )
    assert ready.if_successful[2040] > early.if_successful[2040] >= 0
    assert ready.if_successful[2050] > early.if_successful[2050] > 0
    assert early.technologies[0].chance == chance_of_market(4.0) < ready.technologies[0].chance


def test_a_technology_without_a_lever_avoids_nothing_and_says_why(model: Model, known: Assessments) -> None:
    silent = next(a for a in known.by_id.values() if not a.links)
    (found,) = technology_effects(model, known, [ProjectWork("p", (silent.id,), {})])
    (one,) = found.technologies
    assert (set(found.if_successful.values()), one.chance, one.reason) == ({0.0}, 0.0, silent.reason)


def test_a_technology_named_twice_counts_once_in_its_project(model: Model, known: Assessments) -> None:
    once, twice = technology_effects(model, known, [ProjectWork("a", (CCUS,), {}), ProjectWork("b", (CCUS, CCUS), {})])
    assert twice.if_successful == once.if_successful


def test_what_no_project_works_on_is_ranked_and_what_is_covered_is_left_out(model: Model, known: Assessments) -> None:
    every = uncovered(model, known, [], {"A06": Decimal(5)})
    effects = [u.effect.expected[2060] for u in every]
    assert effects == sorted(effects, reverse=True)
    assert all(u.actions_money == (5 if u.action == "A06" else 0) for u in every)
    best = every[0].effect.technology
    rest = uncovered(model, known, [best], {})
    assert best not in {u.effect.technology for u in rest}
    assert len(rest) == len(every) - 1
