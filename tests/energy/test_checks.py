"""What is wrong with a system is told before it is solved: place, hour, value and mend, in both languages, all at once."""

from __future__ import annotations

import copy
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.energy.folders import SYSTEMS, change, copied, faults, line_of
from tests.energy.random_systems import FEATURES, random_system
from tests.sharing import read_yaml

from tanlu.core.errors import Problem
from tanlu.energy.certificate import NoPlanError
from tanlu.energy.components import (
    Asset,
    Carrier,
    Component,
    Connection,
    Contract,
    Converter,
    Demand,
    Emission,
    Expandable,
    Line,
    Node,
    Reservoir,
    Source,
    Store,
)
from tanlu.energy.policies import CapacityTarget, EmissionLimit, EnergyLimit, Policy, ReserveMargin
from tanlu.energy.system import System

YAML, PARAMETERS, ASSETS, LINES, DAY = "system.yaml", "parameters.csv", "assets.csv", "lines.csv", "profiles/day.csv"

FOLDER_CASES: list[tuple[str, str, str, str, str, str]] = [
    # file, text, what stands there instead, problem, value, a word of its mend
    (YAML, "carrier: electricity, nodes: [town], expandable: true, hours: 2 h", "nodes: [town], expandable: true, hours: 2 h",
     "energy_missing_of", "carrier", "system.yaml"),
    (YAML, "nodes: [town, mill]", "nodes: [town, mil]", "energy_unknown", "mil", "mill"),
    (YAML, "type: store", "type: storage", "energy_unknown", "storage", "store"),
    (YAML, "type: reserve_margin", "type: reserve", "energy_unknown", "reserve", "reserve_margin"),
    (YAML, "inputs: {coal: 1}, outputs: {electricity: 1}, capture", "inputs: {cole: 1}, outputs: {electricity: 1}, capture",
     "energy_unknown", "cole", "coal"),
    (YAML, "availability: pv", "availability: solar", "energy_no_profile", "solar", "load"),
    (YAML, "technologies: [pv]", "technologies: [wind]", "energy_unknown", "wind", "pv"),
    (YAML, "credits: {coal_plant: 0.9", "credits: {cole_plant: 0.9", "energy_unknown", "cole_plant", "coal_plant"),
    (YAML, "downstream: lower", "downstream: lowest", "energy_unknown", "lowest", "lower"),
    (YAML, "inflow: river}\n  - {type: store", "inflow: river, downstream: upper}\n  - {type: store", "energy_cascade_circle",
     "upper → lower → upper", "downstream"),
    (YAML, "periods: [2025, 2030]", "periods: [2030, 2025]", "energy_periods", "2030, 2025", "2025, 2030, 2035"),
    (YAML, "hours: 2 h}", "hours: 2}", "energy_no_unit", "2", "2 h"),
    (YAML, "hours: 2 h}", "hours: two h}", "energy_not_an_amount", "two h", "12.5 h"),
    (YAML, "hours: 2 h}", "hours: 2 kg}", "wrong_unit", "kg", "h"),
    (YAML, "hours: 2 h}", "hours: {2030: 2 h}}", "energy_not_by_year", "hours", "one number"),
    (YAML, "hours: 2 h}", "hours: 2 h, colour: red}", "energy_unknown", "colour", "carrier"),
    (YAML, "expandable: true, hours", "expandable: perhaps, hours", "energy_not_yes_or_no", "perhaps", "true"),
    (YAML, "name: upper, technology: hydro, node: dam", "name: lower, technology: hydro, node: dam", "energy_name_twice", "lower", "own"),
    (YAML, "id: valley", "id: 7", "not_a_text", "7", "quotes"),
    (YAML, "en: A valley\n", "", "one_language", "", ""),
    (YAML, "name: upper, technology: hydro", "name: 7, technology: hydro", "not_a_text", "7", "quotes"),
    (YAML, "type: line, technology: ac", "type: line, technology: dc", "energy_unknown", "dc", "ac"),
    (YAML, "hours: 2 h}", "hours: 0 h}", "energy_store_without_energy", "", "hours"),
    (YAML, "least: {2025: 10 MW, 2030: 20 MW}", "least: {}", "energy_not_an_amount", "{}", "MW"),
    (YAML, "least: {2025: 10 MW, 2030: 20 MW}", "least: {soon: 10 MW}", "not_a_year", "soon", ""),
    (YAML, "credits: {coal_plant: 0.9", "credits: {coal_plant: 9", "energy_out_of_range", "9", "unit"),
    (YAML, "inputs: {coal: 1}, outputs: {electricity: 1}}", "inputs: {coal: -1}, outputs: {electricity: 1}}", "energy_out_of_range",
     "-1", "unit"),
    (PARAMETERS, "coal,price,2025,900,元/tce,2023", "coal,price,2025,900,元/tce,2015", "energy_price_year", "2015", "price index"),
    (PARAMETERS, "coal,price,2025,900,元/tce,2023", "coal,price,2025,900,元/tce,", "energy_no_price_year", "", "2023"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,,0,a", "energy_out_of_range", "0", "unit"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,,25,", "energy_no_unit", "25", "25 a"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,2030,25,a", "energy_not_by_year", "2030", "no year"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetme,,25,a", "energy_unknown", "lifetme", "lifetime"),
    (PARAMETERS, "pv,lifetime,,25,a", "pvv,lifetime,,25,a", "energy_unknown", "pvv", "pv"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,,long,a", "not_a_number", "long", "digits"),
    (PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,,nan,a", "not_finite", "nan", "number"),
    (PARAMETERS, "pv,lifetime,,25,a,,book,B", "pv,lifetime,,25,a,,book,A", "above_source", "A", "B"),
    (PARAMETERS, "pv,lifetime,,25,a,,book,B", "pv,lifetime,,25,a,,,B", "energy_no_source", "B", "sources.csv"),
    (LINES, "electricity,ac,20", "electricity,dc,20", "energy_unknown", "dc", "ac"),
    (PARAMETERS, "pv,lifetime,,25,a,,book,B", "pv,lifetime,,25,a,,bok,B", "energy_unknown", "bok", "book"),
    (PARAMETERS, "pv,investment,2025,3500,元/kW", "pv,investment,2025,3500,元/MW", "energy_unusual", "3500", "3500000 CNY/MW"),
    (PARAMETERS, "load,annual,2030,0.1752,TWh", "load,annual,2025,0.1752,TWh", "energy_two_values", "2025", "one row a year"),
    (PARAMETERS, "battery,investment,,1500,CNY/kW", "battery,investment,,1500,CNY/kW/km", "energy_no_length", "CNY/kW/km", "length_km"),
    (PARAMETERS, "upper,volume,,500,MWh,,book,B,\n", "", "energy_missing_of", "volume", "parameters.csv"),
    (PARAMETERS, "town.pv,potential,,0.2,GW", "town.pv,minimum,,60,MW", "energy_minimum_above_potential", "60", "minimum"),
    (PARAMETERS, "carbon,cap,,0.2,Mt CO2/a", "carbon,cap,,2000,t CO2/a", "energy_cap_below_process", "2000", "process emissions"),
    (ASSETS, "一号机,25,MW,2005,2035", "一号机,25,MW,2035,2005", "energy_retires_first", "2005", "commissioned"),
    (ASSETS, "一号机,25,MW", "一号机,25,GW", "energy_capacity_scale", "25030", "MW"),
    (ASSETS, "town.coal_plant,一号机", "mill.coal_plant,一号机", "energy_unknown", "mill.coal_plant", "town.coal_plant"),
    (LINES, "town-mill,town,mill", "town-mill,town,mile", "energy_unknown", "mile", "mill"),
    (LINES, "town-mill,town,mill", "town-mill,mill,mill", "energy_line_to_itself", "mill", "node"),
    (LINES, "ac,20,MW,30", "ac,20,MWh,30", "wrong_unit", "MWh", "MW"),
    (DAY, "hour,load", "Hour,load", "energy_no_hour_column", "Hour", "hour"),
    (DAY, "mill.load", "mil.load", "energy_unknown", "mil", "mill"),
    (DAY, "3,0.75", "3,", "energy_profile_not_a_number", "", "neighbours"),
    (DAY, "3,0.75", "3,zero", "energy_profile_not_a_number", "zero", "at 3"),
    (DAY, "3,0.75", "4,0.75", "energy_profile_order", "4", "order"),
    (DAY, "12,1.25,1.5,1,1", "12,1.25,1.5,1.2,1", "energy_hour_above", "1.2", "share"),
    (DAY, "3,0.75,0.5,0,1", "3,0.75,0.5,-0.1,1", "energy_hour_below", "-0.1", "night"),
    (DAY, "3,0.75,0.5,0,1", "3,0.75,0.5,0,1,7", "wrong_width", "", "cell"),
]  # fmt: skip


@pytest.mark.parametrize("case", FOLDER_CASES, ids=lambda case: f"{case[3]}-{case[4]}")
def test_a_fault_of_a_folder_is_told_with_line_value_and_mend(case: tuple[str, ...], tmp_path: Path) -> None:
    file, old, new, code, value, mend = case
    folder = copied("valley", tmp_path)
    change(folder / file, old, new)
    told = [p for p in faults(folder) if p.code == code]
    assert told, [(p.code, p.text("en")) for p in faults(folder)]
    assert value in {p.value for p in told}
    problem = next(p for p in told if p.value == value)
    assert mend in problem.text("en"), problem.text("en")
    assert re.search(r"[\u4e00-\u9fff]", problem.text("zh"))
    elsewhere = ("energy_minimum_above_potential", "energy_name_twice", "energy_cascade_circle")
    if problem.file == file and new and code not in elsewhere:
        written = re.split(r"[\n]", new)[0]
        assert problem.row == line_of(folder / file, written), problem.text("en")


def test_the_valley_itself_is_sound(tmp_path: Path) -> None:
    assert faults(copied("valley", tmp_path)) == []


def test_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    folder = copied("valley", tmp_path)
    change(folder / YAML, "nodes: [town, mill]", "nodes: [town, mil]")
    change(folder / PARAMETERS, "pv,lifetime,,25,a", "pv,lifetime,,0,a")
    change(folder / ASSETS, "town.coal_plant,一号机", "town.coal,一号机")
    change(folder / DAY, "12,1.25,1.5,1,1", "12,1.25,1.5,1.2,1")
    assert {"energy_unknown", "energy_out_of_range", "energy_hour_above"} <= {p.code for p in faults(folder)}
    assert {p.file for p in faults(folder)} == {YAML, PARAMETERS, ASSETS, DAY}


def test_a_fault_of_a_template_is_told_once_for_all_its_nodes(tmp_path: Path) -> None:
    folder = copied("valley", tmp_path)
    change(folder / YAML, "availability: pv, expandable: true", "availability: pv, expandable: true, variable_om: 3 kg")
    assert [(p.code, p.value) for p in faults(folder)] == [("wrong_unit", "kg")]


@pytest.mark.parametrize(
    ("hours", "code", "mend"),
    [
        (8784, "energy_profile_8784", "29 February (lines 1418–1441)"),
        (8759, "energy_profile_8759", "missing hour"),
        (8000, "energy_profile_hours", "8760"),
    ],
)
def test_a_profile_of_other_hours_than_a_year_is_told_with_what_to_do(
    hours: int, code: str, mend: str, tmp_path: Path
) -> None:
    """29 February begins after 31 + 28 days: hour 1416, which is line 1418 below the header."""
    folder = copied("valley", tmp_path)
    change(folder / YAML, "hours: 24\n", "")
    rows = "\n".join(f"{h},1,1,0.5,1" for h in range(hours))
    (folder / DAY).write_text(f"hour,load,mill.load,pv,river\n{rows}\n", encoding="utf-8")
    (told,) = [p for p in faults(folder) if p.code.startswith("energy_profile")]
    assert (told.code, told.file, told.value) == (code, DAY, str(hours))
    assert mend in told.text("en")


def test_an_hour_is_named_by_date_and_time(tmp_path: Path) -> None:
    """Hour 4000 is 166 days and 16 hours after the new year: 16 June, 16:00."""
    folder = copied("valley", tmp_path)
    change(folder / YAML, "hours: 24\n", "")
    rows = "\n".join(f"{h},1,1,{1.5 if h == 4000 else 0.5},1" for h in range(8760))
    (folder / DAY).write_text(f"hour,load,mill.load,pv,river\n{rows}\n", encoding="utf-8")
    (told,) = faults(folder)
    assert (told.code, told.row, told.value) == ("energy_hour_above", 4002, "1.5")
    assert "06-16 16:00" in told.text("en") and "06-16 16:00" in told.text("zh")


def test_an_unusual_number_that_is_meant_can_be_listed(tmp_path: Path) -> None:
    folder = copied("valley", tmp_path)
    change(folder / PARAMETERS, "pv,investment,2025,3500,元/kW", "pv,investment,2025,3.5,元/kW")
    assert {p.code for p in faults(folder)} == {"energy_unusual"}
    change(folder / YAML, "policies:", "unusual: [pv.investment]\npolicies:")
    assert faults(folder) == []


ODD_VALUES: list[Any] = [
    None,
    0,
    -1,
    3.5,
    "",
    "x",
    [],
    {},
    [1],
    {"a": 1},
    True,
    "3 MW",
    "inf",
    "nan",
    [[1]],
    {2030: "x"},
    {"value": None},
]


def places(document: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all entries of a document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [way, *(deeper for key, value in inner for deeper in places(value, (*way, key)))]


VALLEY = read_yaml(SYSTEMS / "valley" / YAML)


@given(st.sampled_from(places(VALLEY)[1:]), st.sampled_from(ODD_VALUES))
@settings(max_examples=40)
def test_whatever_stands_anywhere_is_read_or_told_and_nothing_else_happens(way: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(VALLEY)
    entry = document
    for key in way[:-1]:
        entry = entry[key]
    entry[way[-1]] = value
    with tempfile.TemporaryDirectory() as folder:
        target = copied("valley", Path(folder))
        (target / YAML).write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        for problem in faults(target):
            assert problem.text("zh") and problem.text("en")


# systems that were made in Python

HOURS = 24
DAYLIGHT = np.clip(np.sin((np.arange(HOURS) - 6) / 12 * np.pi), 0, None)


def plant(**changes: Any) -> Converter:
    standard = {
        "name": "plant",
        "node": "a",
        "inputs": {"coal": 1.0},
        "outputs": {"electricity": 1.0},
        "existing": 20.0,
    }
    return Converter(**{**standard, **changes})  # type: ignore[arg-type]


def load(**changes: Any) -> Demand:
    standard = {"name": "load", "node": "a", "carrier": "electricity", "annual": 87_600.0}
    return Demand(**{**standard, **changes})  # type: ignore[arg-type]


def system(*components: Component, policies: tuple[Policy, ...] = (), **changes: Any) -> System:
    standard: dict[str, Any] = {
        "name": "test",
        "carriers": (
            Carrier(name="electricity"),
            Carrier(name="coal", market=True, price=100.0, emission_factor=0.34),
            Carrier(name="co2", unit="t"),
            Carrier(name="wood", market=True, biogenic=True, price=100.0, emission_factor=0.36),
        ),
        "nodes": tuple(Node(name=n) for n in dict.fromkeys(getattr(c, "node", "a") for c in components))
        or (Node(name="a"),),
        "hours": HOURS,
        "profiles": {"pv": DAYLIGHT, "must": np.full(HOURS, 0.5)},
    }
    return System(components=components, policies=policies, **{**standard, **changes})


def told(checked: System) -> list[Problem]:
    """Return the problems of a system, each of which has its text in both languages."""
    found = checked.check()
    for problem in found:
        assert problem.text("en") and problem.text("zh")
    return found


def codes(checked: System) -> list[str]:
    return [problem.code for problem in told(checked)]


STORE = {"name": "store", "node": "a", "carrier": "electricity"}
RESERVOIR = {
    "name": "lake",
    "node": "a",
    "carrier": "electricity",
    "existing": 5.0,
    "volume": 100.0,
    "annual_inflow": 1e4,
}
SINGLE: list[tuple[str, Component]] = [
    ("energy_hour_above", Source(name="pv", node="a", carrier="electricity", availability=1.5 * DAYLIGHT)),
    ("energy_hour_not_finite", Source(name="pv", node="a", carrier="electricity", availability=np.where(DAYLIGHT > 0.9, np.nan, 0.5))),
    ("energy_length", Source(name="pv", node="a", carrier="electricity", availability=np.ones(8784))),
    ("energy_unknown", Source(name="pv", node="a", carrier="electricity", availability="sun")),
    ("energy_unknown", Store(**{**STORE, "carrier": ""}, hours=2.0, existing=1.0)),
    ("energy_unknown", Store(**{**STORE, "carrier": "electricty"}, hours=2.0, existing=1.0)),
    ("energy_market_carrier", Store(**{**STORE, "carrier": "coal"}, hours=2.0, existing=1.0)),
    ("energy_store_without_energy", Store(**STORE, existing=1.0)),
    ("energy_negative_inflow", Reservoir(**RESERVOIR, inflow=np.where(np.arange(HOURS) == 3, -23.0, 47.0 / 23))),
    ("energy_mean", Reservoir(**RESERVOIR, inflow=np.full(HOURS, 2.0))),
    ("energy_initial_below_dead", Reservoir(**RESERVOIR, initial=0.1, dead_share=0.2)),
    ("energy_unknown", Reservoir(**RESERVOIR, downstream="sea")),
    ("energy_cascade_circle", Reservoir(**RESERVOIR, downstream="lake")),
    ("energy_must_run", Source(name="pv", node="a", carrier="electricity", availability="pv", must_run="must")),
    ("energy_sale_price", Connection(name="grid", node="a", carrier="electricity", tariff=400.0, sale_price=500.0, sale_capacity=1.0)),
    ("energy_take", Contract(name="uhv", node="a", carrier="electricity", existing=1.0, minimum_take=0.9, maximum_take=0.8)),
    ("energy_existing_above_potential", plant(name="other", existing=20.0, potential=10.0)),
    ("energy_minimum_above_potential", plant(name="other", expandable=True, minimum=20.0, potential=10.0, existing=0.0)),
    ("energy_minimum_not_built", plant(name="other", existing=1.0, minimum=2.0)),
    ("energy_retires_first", plant(name="other", existing=(Asset(5.0, 2030, 2020),))),
    ("energy_not_finite", plant(name="other", existing=float("inf"))),
    ("energy_not_finite", plant(name="other", efficiency=float("nan"))),
    ("energy_out_of_range", plant(name="other", lifetime=0.0)),
    ("energy_out_of_range", plant(name="other", efficiency={2030: 0.0})),
    ("energy_out_of_range", plant(name="other", existing=-1.0)),
    ("energy_no_output", plant(name="other", outputs={})),
    ("energy_unusual", plant(name="other", investment=3500.0)),
    ("energy_unusual", load(name="other", annual=1.0, value_of_lost_load=20.0)),
    ("energy_capacity_scale", plant(name="other", existing=20_000.0)),
    ("energy_name_twice", plant()),
]  # fmt: skip


@pytest.mark.parametrize(("code", "component"), SINGLE, ids=[f"{code}-{c.name}" for code, c in SINGLE])
def test_a_fault_of_a_component_is_told_alone(code: str, component: Component) -> None:
    """Beside the faulty component there are a plant and a load that are sound."""
    assert codes(system(plant(), load(), component)) == [code]


def test_what_is_sound_has_no_problem() -> None:
    assert told(system(plant(), load())) == []


def test_a_negative_load_names_place_hour_and_mend() -> None:
    profile = np.where(np.arange(HOURS) == 5, -1.0, 25.0 / 23)
    (problem,) = told(system(plant(), load(profile=profile)))
    assert problem.code == "energy_negative_load" and problem.value == "-1"
    assert "net load is not load" in problem.text("en") and " 5" in problem.text("en")


def test_demand_where_nothing_arrives_is_disconnected() -> None:
    far = load(name="far", node="b")
    (problem,) = told(system(plant(), load(), far))
    assert (problem.code, problem.value) == ("energy_disconnected", "b")
    line = Line(name="tie", from_node="a", to_node="b", carrier="electricity", existing=30.0)
    assert codes(system(plant(existing=40.0), load(), far, line)) == []


def test_a_line_of_no_capacity_joins_nothing() -> None:
    line = Line(name="tie", from_node="a", to_node="b", carrier="electricity")
    assert codes(system(plant(), load(), load(name="far", node="b"), line)) == ["energy_disconnected"]


def test_an_empty_node_is_told() -> None:
    assert codes(system(plant(), load(), nodes=(Node(name="a"), Node(name="b")))) == ["energy_empty_node"]


FIRM = {"value_of_lost_load": float("inf")}


def test_a_peak_above_all_that_can_be_supplied_is_told_with_its_hour() -> None:
    """Load is 10 MW on average with a peak of 20 MW at hour 7; the plant gives 12 MW and a store 3 MW: 5 MW are missing."""
    profile = np.full(HOURS, 22.0 / 23)
    profile[7] = 2.0
    store = Store(**STORE, existing=3.0, hours=2.0)
    (problem,) = told(system(plant(existing=12.0), load(profile=profile, **FIRM), store))
    assert problem.code == "energy_peak_short"
    assert (problem.details["when"], problem.details["short"], problem.details["most"]) == ("7", "5", "15")


def test_load_that_may_be_shed_can_always_be_met() -> None:
    assert codes(system(plant(existing=5.0), load())) == []
    assert codes(system(plant(existing=5.0), load(**FIRM))) == ["energy_peak_short"]


def test_a_year_whose_energy_is_missing_is_told() -> None:
    """12 MW are enough at every hour, but only 80 of 87.6 GWh may be made; a store does not help."""
    store = Store(**STORE, existing=50.0, hours=1000.0)
    (problem,) = told(system(plant(existing=12.0, annual_limit=8e4), load(**FIRM), store))
    assert (problem.code, problem.details["short"]) == ("energy_year_short", "7.6")


def test_the_peak_of_a_node_behind_a_thin_line_is_told() -> None:
    """All nodes together could be supplied; the line brings 4 × 0.95 MW of the 10 MW that b needs."""
    line = Line(name="tie", from_node="a", to_node="b", carrier="electricity", existing=4.0, loss=0.05)
    (problem,) = told(system(plant(existing=50.0), load(), load(name="far", node="b", **FIRM), line))
    assert (problem.code, problem.details["place"], problem.details["most"]) == ("energy_peak_short", "b", "3.8")


def test_what_the_bounds_call_impossible_is_infeasible() -> None:
    """The same systems, solved: what is told has no plan, and one MW more has one."""
    short = system(plant(existing=9.9), load(**FIRM))
    assert codes(short) == ["energy_peak_short"]
    with pytest.raises(NoPlanError):
        short.solve(segments=None, solver="highs-simplex")
    enough = system(plant(existing=10.1), load(**FIRM))
    assert codes(enough) == [] and enough.solve(segments=None, solver="highs-simplex").objective > 0


@pytest.mark.parametrize("seed", range(12))
def test_on_random_systems_the_bounds_never_contradict_a_solver(seed: int) -> None:
    """Load must be met and nothing can be built; what stands is drawn such that some systems have a plan and most have none."""
    rng = np.random.default_rng(seed)
    chosen = frozenset(f for f in FEATURES if rng.random() < 0.5) - {"cap", "budget"}
    drawn = random_system(seed, chosen)
    components = []
    for component in drawn.components:
        if isinstance(component, Expandable):
            stands = float(component.standing(drawn.periods).max()) or 50.0
            size = stands * float(rng.choice([0.5, 1.0, 2.0, 4.0]))
            component = replace(component, expandable=False, minimum=0.0, existing=size)
        elif isinstance(component, Demand):
            component = replace(component, value_of_lost_load=float("inf"))
        components.append(component)
    checked = replace(drawn, components=tuple(components), policies=())
    if {"energy_peak_short", "energy_year_short", "energy_disconnected"} & set(codes(checked)):
        with pytest.raises(NoPlanError):
            checked.solve(segments=None, solver="highs-simplex")


def test_load_and_supply_a_hundred_times_apart_are_a_slip_of_unit() -> None:
    (problem,) = told(system(plant(), load(annual=87_600_000.0)))
    assert (problem.code, problem.details["ratio"]) == ("energy_load_scale", "500")


def test_a_cap_below_process_emissions_is_told_unless_something_takes_co2_back() -> None:
    kiln = Emission(name="kiln", amount={2030: 5e4})
    cap = EmissionLimit(name="cap", cap=4e4)
    (problem,) = told(system(plant(), load(), kiln, policies=(cap,)))
    assert (problem.code, problem.value, problem.details["fixed"]) == ("energy_cap_below_process", "40000", "50000")
    wood = plant(name="beccs", inputs={"wood": 1.0}, capture=0.9)
    assert codes(system(plant(), load(), kiln, wood, policies=(cap,))) == []


def test_a_budget_below_process_emissions_counts_the_years_that_periods_stand_for() -> None:
    """50 kt in each of 2030–2039 and, as the last period stands for as many, 2040–2049: 1 Mt."""
    kiln = Emission(name="kiln", amount=5e4)
    for budget, expected in ((0.99e6, ["energy_budget_below_process"]), (1.0e6, [])):
        limit = EmissionLimit(name="cap", budget=budget)
        assert codes(system(plant(), load(), kiln, policies=(limit,), periods=(2030, 2040))) == expected


POLICIES: list[tuple[str, Policy]] = [
    ("energy_unknown", CapacityTarget(name="plan", technologies=("wind",), least=1.0)),
    ("energy_unknown", CapacityTarget(name="plan", technologies=("plant",), nodes=("c",), least=1.0)),
    ("energy_missing", CapacityTarget(name="plan", least=1.0)),
    ("energy_least_above_most", CapacityTarget(name="plan", technologies=("plant",), least=10.0, most=5.0)),
    ("energy_target_out_of_reach", CapacityTarget(name="plan", technologies=("plant",), least=30.0)),
    ("energy_target_below_standing", CapacityTarget(name="plan", technologies=("plant",), most=10.0)),
    ("energy_unknown", EnergyLimit(name="limit", technologies=("plnt",), most=1.0)),
    ("energy_unknown", EnergyLimit(name="limit", carrier="cole", most=1.0)),
    ("energy_unknown", ReserveMargin(name="reserve", credits={"wind": 0.1, "plant": 0.9})),
    ("energy_reserve_short", ReserveMargin(name="reserve", margin=0.1, credits={"plant": 0.5})),
]


@pytest.mark.parametrize(("code", "policy"), POLICIES, ids=[f"{c}-{p.name}-{n}" for n, (c, p) in enumerate(POLICIES)])
def test_a_policy_that_cannot_hold_is_told(code: str, policy: Policy) -> None:
    """The only plant has 20 MW that stand, the load is 10 MW."""
    assert code in codes(system(plant(), load(), policies=(policy,)))


def test_a_policy_that_is_switched_off_asks_nothing() -> None:
    target = CapacityTarget(name="plan", technologies=("plant",), least=30.0, active=False)
    assert codes(system(plant(), load(), policies=(target,))) == []


def test_periods_rise_and_interest_is_a_share() -> None:
    assert codes(system(plant(), load(), periods=(2040, 2030))) == ["energy_periods"]
    assert codes(system(plant(), load(), discount_rate=6.0)) == ["energy_out_of_range"]


def test_a_price_of_what_is_not_bought_is_told() -> None:
    sound = system(plant(), load())
    carriers = (*sound.carriers, Carrier(name="heat", price=30.0))
    assert codes(replace(sound, carriers=carriers)) == ["energy_price_without_market"]
