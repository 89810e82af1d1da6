"""A system without a plan is explained: what is short, which rule would have to give, and a smallest contradiction."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.energy.answers.explain import explain, moment
from tanlu.energy.certificate import NoPlanError
from tanlu.energy.components import Carrier, Converter, Demand, Node
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.system import System

HOUR_OF_PEAK = 18


def one_plant(capacity: float, cap: float = np.inf) -> System:
    """Return a load of 100 MW with a peak of 200 MW at 18 h that must be met, and a gas plant."""
    profile = np.ones(24)
    profile[HOUR_OF_PEAK] = 2.0
    return System(
        name="one",
        carriers=(
            Carrier(name="electricity", labels=("电力", "electricity")),
            Carrier(name="gas", market=True, price=300.0, emission_factor=0.2),
        ),
        nodes=(Node(name="a", labels=("甲", "A-town")),),
        components=(
            Demand(
                name="load",
                node="a",
                carrier="electricity",
                annual=876_000.0,
                profile="load",
                value_of_lost_load=np.inf,
            ),
            Converter(
                name="plant",
                node="a",
                inputs={"gas": 1.0},
                outputs={"electricity": 1.0},
                efficiency=0.5,
                existing=capacity,
            ),
        ),
        policies=(EmissionLimit(name="carbon", cap=cap),),
        profiles={"load": profile},
        hours=24,
        annual=False,
    )


def test_a_plant_too_small_for_the_peak_is_named_with_hour_and_amount() -> None:
    with pytest.raises(NoPlanError) as caught:
        one_plant(150.0).solve(segments=None)
    answer = explain(caught.value.programme)
    (short,) = answer.short
    # 200 MW are asked for at 18 h and 150 MW are there
    assert short.values["hours"] == 1
    assert short.values["power"] == "50.0 MW"
    assert short.values["energy"] == "50 MWh"
    assert short.values["when"] == "01-01 18:00"
    assert "甲的电力" in short.text("zh")
    assert "electricity at A-town" in short.text("en")
    assert [s.code for s in answer.given_up] == ["rules_alone"]
    names = {str(s.values["name"]) for s in answer.conflict}
    assert names == {"a.electricity.balance", "plant.activity"}


def test_a_cap_below_what_the_load_needs_is_told_with_the_tonnes_that_are_missing() -> None:
    # 25 · 100 MWh at an efficiency of 0.5 and 0.2 t/MWh make 1,000 t
    with pytest.raises(NoPlanError) as caught:
        one_plant(300.0, cap=900.0).solve(segments=None)
    answer = explain(caught.value.programme)
    (rule,) = answer.given_up
    assert rule.values["rule"] == "carbon.account"
    assert rule.values["amount"] == "0.1 kt"
    # 100 t fewer are 250 MWh of electricity less
    (short,) = answer.short
    assert short.values["energy"] == "250 MWh"
    assert "carbon.account" in {str(s.values["name"]) for s in answer.conflict}


def test_hours_of_the_year_are_told_as_dates() -> None:
    assert moment(0) == "01-01 00:00"
    assert moment(8759) == "12-31 23:00"


def test_a_system_with_a_plan_has_nothing_short() -> None:
    programme = one_plant(300.0).compile(one_plant(300.0).grid())
    assert explain(programme).statements == ()
