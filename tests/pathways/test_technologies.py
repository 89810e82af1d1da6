"""Every technology of the plan has its lever or its reason; readiness, delays and overlaps of levers."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tanlu.commands import pathway_levers
from tanlu.commands.pathway import app
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import catalogue
from tanlu.core.provenance import Grade
from tanlu.pathways import Baseline, Parameters, PathwayData, load_pathways, run, run_scenario
from tanlu.pathways.build import reference_controls
from tanlu.pathways.delays import delayed, lever_delays, opening_years
from tanlu.pathways.overlap import overlap_groups, overlaps
from tanlu.pathways.parameters import CONTROL_ROWS
from tanlu.pathways.readiness import PASS, chance_of_market, market_year, market_years, pace_quantile, time_to_market
from tanlu.pathways.scenarios import TOTAL
from tanlu.pathways.technologies import READY_SHARE, REASONS, Assessments
from tanlu.pathways.technology_file import load_technologies
from tanlu.pathways.uncertainty import sample
from tanlu.plan import Plan, load_plan

ACTIONS = {f"A{i:02}" for i in range(1, 11)}


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return load_plan(folder)


@pytest.fixture(scope="module")
def known(folder: Path, data: PathwayData, plan: Plan) -> Assessments:
    return load_technologies(folder, data, plan)


def test_every_distinct_technology_of_the_plan_is_judged_once(known: Assessments, plan: Plan) -> None:
    """The plan names 512 items, 479 of them distinct (`plan` counts them by name)."""
    assert list(known.by_id) == [t.id for t in plan.technologies(distinct=True)]
    assert (len(known.first), len(known)) == (512, 479)


def test_each_has_a_lever_with_size_and_readiness_or_a_reason(known: Assessments) -> None:
    for a in known.by_id.values():
        assert bool(a.links) != (a.reason in REASONS), a.id
        if a.links:
            assert a.trl is not None and a.earliest is not None and a.earliest >= 2024, a.id
            assert all(0 < link.size <= 1 for link in a.links), a.id
        assert a.grade is Grade.D, a.id


def test_all_ten_actions_have_levers_that_technologies_move(known: Assessments) -> None:
    assert {lever.action for lever in known.levers.values()} == ACTIONS
    assert all(known.movers(lever) for lever in known.levers)


def test_no_plan_field_is_judged_in_bulk(known: Assessments) -> None:
    """The innovation actions 7 to 10 hold services and physical technologies; both kinds are found there."""
    for action in sorted(ACTIONS - {"A08"}):
        own = [a for a in known.by_id.values() if a.technology.action == action]
        assert any(a.links for a in own), action
        assert len({a.links[0].lever for a in own if a.links}) > 1 or action in ("A09", "A10"), action


def test_a_repeated_name_has_the_judgement_of_the_first(known: Assessments) -> None:
    assert known.of("T08-F23") is known.of("T06-K10")
    with pytest.raises(DataError):
        known.of("T99-001")


def test_search_finds_names_in_both_languages_and_repeated_ids(known: Assessments) -> None:
    assert known.by_id["T01-048"] in known.search("飞轮")
    assert known.by_id["T01-048"] in known.search("Flywheel")
    assert known.search("t08-f23") == [known.by_id["T06-K10"]]


def test_cost_follows_the_deployment_of_the_world_and_hardly_that_of_the_province(known: Assessments) -> None:
    """Solar: 2200 CNY/kW, 24 % a doubling, 1.4 % of the world in the province: 2.112-fold deployment gives 2200 · 2.112^log2(0.76)."""
    solar = known.by_id["T01-009"]
    assert solar.learned_cost(2.0, 10.0) == pytest.approx(2200 * 2.112 ** np.log2(0.76))
    assert solar.learned_cost(1.0, 1.0) == 2200
    assert solar.learned_cost(1.0, 2.0) == pytest.approx(2200 * 1.014 ** np.log2(0.76))
    steel, grid = known.by_id["T02-005"], known.by_id["T01-030"]
    assert steel.cost is not None and steel.learned_cost(8.0, 8.0) == steel.cost.value
    assert grid.learned_cost(2.0, 2.0) is None


def test_time_to_market_shares_out_the_years_of_the_case_studies() -> None:
    """Gross et al. 2018: 20, 32 and 69 years over ten steps; from level 4 five steps: 16 years, and 10 to 34.5."""
    assert time_to_market(4) == pytest.approx(16.0)
    assert [time_to_market(4, pace) for pace in (2.0, 6.9)] == pytest.approx([10.0, 34.5])
    assert time_to_market(9) == time_to_market(11) == 0.0
    assert (market_year(8), market_year(7), market_year(9)) == (2027, 2030, 2024)
    for wrong in (0.5, 11.5):
        with pytest.raises(ValueError, match="level"):
            time_to_market(wrong)
        with pytest.raises(ValueError, match="level"):
            chance_of_market(wrong)
    with pytest.raises(ValueError, match="years"):
        time_to_market(5, 0.0)


def test_chance_of_market_is_the_product_of_the_steps_ahead() -> None:
    assert chance_of_market(9) == chance_of_market(11) == 1.0
    assert chance_of_market(8) == PASS[7]
    assert chance_of_market(6) == pytest.approx(0.80 * 0.85 * 0.95)
    assert all(chance_of_market(level) < chance_of_market(level + 1) for level in range(1, 9))


def test_pace_passes_through_its_three_points() -> None:
    found = pace_quantile(np.array([-1.6448536269514722, 0.0, 1.6448536269514722]))
    assert found == pytest.approx([2.0, 3.2, 6.9])


@given(st.floats(0, 1), st.floats(-3, 3), st.lists(st.integers(1, 11), min_size=2, max_size=5))
def test_a_riper_technology_is_never_later(chance: float, normal: float, levels: list[int]) -> None:
    years = market_years(np.array(sorted(levels), float), np.array([chance]), np.array([normal]))[0]
    assert all(b <= a for a, b in itertools.pairwise(years))


def test_a_lever_opens_when_a_quarter_of_what_its_technologies_can_do_is_in_the_market(known: Assessments) -> None:
    """Hydrogen steel is moved by items at levels 6 and 7: 0.3 and 0.8 at level 7 open it in 2024 + round(2 · 3.2) = 2030."""
    sizes = {a.id: (a.trl, size) for a, size in known.movers("steel_hydrogen")}
    assert sizes == {"T02-005": (7, 0.8), "T02-004": (7, 0.3), "T02-006": (6, 0.2)}
    assert known.opening_year("steel_hydrogen") == 2030
    assert known.ready_share("steel_hydrogen", 2029) == 0.0
    assert known.ready_share("steel_hydrogen", 2030) == 1.0
    assert READY_SHARE == 0.25


def test_opening_in_draws_is_that_of_the_central_case_and_later_or_never_in_others(known: Assessments) -> None:
    """Level 7 with the central pace: 2024 + 6.4; both steps fail in a draw above 0.85 · 0.95; a slow draw takes 2 · 6.9 years."""
    chance, normal = np.array([0.0, 0.80, 0.81, 0.5]), np.array([0.0, 0.0, 0.0, 1.6448536269514722])
    found = opening_years("steel_hydrogen", known, chance, normal)
    assert found == pytest.approx([2030.4, 2030.4, np.inf, 2037.8])


def test_ripe_levers_are_never_late_and_unripe_ones_sometimes(known: Assessments, data: PathwayData) -> None:
    late = lever_delays(data.levers, known, 400, 7)
    assert np.array_equal(late, lever_delays(data.levers, known, 400, 7))
    at = data.lever_index
    assert not late[:, [at["solar_capacity"], at["passenger_electric"], at["clinker_ratio"]]].any()
    steel = late[:, at["steel_hydrogen"]]
    assert np.isinf(steel).mean() == pytest.approx(1 - 0.85 * 0.95, abs=0.06)
    assert (steel[np.isfinite(steel)] % 1 == 0).all() and (steel >= 0).all()


def test_a_delayed_lever_follows_its_own_schedule_later(
    parameters: Parameters, data: PathwayData, baseline: Baseline
) -> None:
    """Controls rebuilt from the program: k₀ + (v − k₀)σ(t − d) for the late draw, the plain path for the other, k₀ for never."""
    lever = data.levers[data.lever_index["steel_hydrogen"]]
    values = data.world("plan")
    delays = np.zeros((3, len(data.levers)))
    delays[1, data.lever_index[lever.id]], delays[2, data.lever_index[lever.id]] = 5, np.inf
    changed, levers = delayed(parameters, data.levers, values, delays)
    program, row = changed.program, CONTROL_ROWS["shift.hydrogen", "steel"]
    base = reference_controls(data.levers, parameters.years, data.parameters)[row]
    value = values[data.lever_index[lever.id]]
    for draw, late in enumerate((0, 5, None)):
        path = base + sum(
            (levers[draw, program.lever[m]] - program.default[m]) * program.schedule[m]
            for m in np.flatnonzero(program.row == row)
        )
        years = parameters.years.tolist()
        wanted = np.zeros(len(years)) if late is None else lever.schedule.values([y - late for y in years])
        assert path == pytest.approx(base[0] + (value - base[0]) * wanted, abs=1e-12)


def test_delays_reach_both_implementations_and_leave_the_other_draws_as_they_are(
    parameters: Parameters, data: PathwayData
) -> None:
    delays = np.zeros((2, len(data.levers)))
    delays[1, [data.lever_index[x] for x in ("ccs_cement", "steel_hydrogen")]] = 12, np.inf
    changed, levers = delayed(parameters, data.levers, data.world("plan"), delays)
    late, plain = run(changed, levers), run(parameters, data.world("plan"))
    assert np.array_equal(late.total[0], plain.total[0])
    assert late.total[1, 15:].sum() > plain.total[0, 15:].sum()
    reference = run(changed, levers, implementation="reference")
    np.testing.assert_allclose(late.total, reference.total, rtol=1e-9)
    same, unchanged = delayed(parameters, data.levers, data.world("plan"), np.zeros((2, len(data.levers))))
    assert same is parameters and unchanged.shape == (2, len(data.levers))


def test_a_scenario_with_late_levers_keeps_its_central_run_and_moves_its_fan(
    parameters: Parameters, data: PathwayData, baseline: Baseline
) -> None:
    """Without capture at cement works nothing else changes: more CO2 in every quantile, and the world as written in the centre."""
    numbers, levers = sample(data, baseline, 16, 1), data.world("plan")
    never = np.zeros((16, len(data.levers)))
    never[:, data.lever_index["ccs_cement"]] = np.inf
    on_time, late = (run_scenario(data, baseline, parameters, "plan", "mid", levers, numbers, d) for d in (None, never))
    assert np.array_equal(on_time.path, late.path)
    assert (late.fans[TOTAL].values[-1] > on_time.fans[TOTAL].values[-1]).all()
    assert late.fans[TOTAL].values[:-28] == pytest.approx(on_time.fans[TOTAL].values[:-28], nan_ok=True)


def test_overlaps_are_told_with_how_the_equations_handle_them(known: Assessments) -> None:
    """Electric and hydrogen steel and capture take shares in turn; energy saving multiplies; nothing sets one parameter twice."""
    found = {o.other: o for o in overlaps("steel_hydrogen", known)}
    assert found["steel_electric"].handled == found["ccs_steel"].handled == "sequence"
    assert found["heavy_efficiency"].handled == "product"
    assert "solar_capacity" not in found
    lines = {o.other: (o.kind, o.handled) for o in overlaps("uhv_built", known)}
    assert lines["uhv_further"] == ("same_parameter", "add")
    assert lines["wind_capacity"] == ("balance", "balance")


def test_every_overlap_has_its_words(known: Assessments) -> None:
    handled = {o.handled for x in known.levers for o in overlaps(x, known)}
    assert {f"pathways.overlap.handled.{h}" for h in handled} <= set(catalogue())
    assert {o.other: o.handled for o in overlaps("wall_materials", known)}["material_efficiency"] == "scale"


def test_overlaps_are_mutual_and_groups_divide_the_levers(known: Assessments) -> None:
    pairs = {(x, o.other, o.kind, o.handled) for x in known.levers for o in overlaps(x, known)}
    assert {(b, a, kind, handled) for a, b, kind, handled in pairs} == pairs
    members = [x for group in overlap_groups(known) for x in group]
    assert len(members) == len(set(members))
    assert ("ccs_steel", "steel_electric", "steel_hydrogen") in overlap_groups(known)


# Broken files


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A province folder that a test may break."""
    shutil.copytree(folder, tmp_path / "p", ignore=shutil.ignore_patterns("energy", "accounts", "land", "assessment"))
    return tmp_path / "p"


def rows(root: Path) -> list[dict[str, str]]:
    with (root / "pathways/technologies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(root: Path, table: list[dict[str, str]]) -> None:
    with (root / "pathways/technologies.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def problems(root: Path, data: PathwayData, plan: Plan) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as caught:
        load_technologies(root, data, plan)
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
    return caught.value.problems


@pytest.mark.parametrize(
    ("technology", "fields", "codes"),
    [
        ("T01-001", {"technology": "T99-001"}, {"unknown_choice", "technology_absent"}),
        ("T01-001", {"technology": "T08-F23"}, {"technology_repeats", "technology_absent"}),
        ("T01-001", {"lever": "moon_power"}, {"unknown_choice"}),
        ("T01-001", {"reason": "research"}, {"technology_twice"}),
        ("T01-039", {"reason": ""}, {"technology_nowhere"}),
        ("T01-039", {"reason": "because"}, {"unknown_choice"}),
        ("T01-001", {"trl": "", "trl_low": "", "trl_high": ""}, {"technology_unready"}),
        ("T01-001", {"trl": "8"}, {"technology_levels"}),
        ("T01-001", {"trl": "12"}, {"above_maximum"}),
        ("T01-001", {"size": "1.2"}, {"above_maximum"}),
        ("T01-001", {"size": ""}, {"technology_half"}),
        ("T01-001", {"cost_source": ""}, {"technology_half"}),
        ("T01-001", {"cost_source": "rumour"}, {"unknown_choice"}),
        ("T01-001", {"cost_grade": "A"}, {"above_source"}),
        ("T01-001", {"further": "solar_capacity:helps:0.2"}, {"technology_further"}),
        ("T01-001", {"further": "wind_capacity:moves:0.2"}, {"technology_further"}),
        ("T01-001", {"relation": "enables"}, {"technology_map"}),
        ("T01-004", {"refers": ""}, {"technology_refers"}),
        ("T01-004", {"refers": "T01-004"}, {"unknown_choice"}),
        ("T01-004", {"refers": "T01-039"}, {"technology_chain"}),
        ("T01-039", {"refers": "T01-001"}, {"technology_refers"}),
        ("T02-K02", {"relation": "enables"}, {"technology_map", "lever_unmoved"}),
    ],
)
def test_each_fault_of_a_row_is_found(
    copy: Path, data: PathwayData, plan: Plan, technology: str, fields: dict[str, str], codes: set[str]
) -> None:
    table = rows(copy)
    next(row for row in table if row["technology"] == technology).update(fields)
    write(copy, table)
    assert codes <= {p.code for p in problems(copy, data, plan)}


def test_faults_of_several_rows_are_told_together(copy: Path, data: PathwayData, plan: Plan) -> None:
    table = rows(copy)
    del table[10]
    table[0]["lever"], table[3]["reason"], table[5]["source"] = "moon_power", "research", "rumour"
    write(copy, table)
    found = problems(copy, data, plan)
    assert {"technology_absent", "unknown_choice", "technology_twice"} <= {p.code for p in found}
    assert {p.row for p in found if p.code in ("unknown_choice", "technology_twice")} == {2, 5, 7}


def test_a_lever_that_starts_before_its_technologies_is_told_with_the_year(copy: Path, plan: Plan) -> None:
    path = copy / "pathways/levers/steel_hydrogen.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("start: 2030", "start: 2026"), encoding="utf-8")
    found = problems(copy, load_pathways(copy), plan)
    assert [(p.code, p.value, p.details["year"]) for p in found] == [("lever_early", "2026", 2030)]


def test_a_lever_waits_for_what_enables_it(copy: Path, data: PathwayData, plan: Plan, known: Assessments) -> None:
    """Capture without storage sites is 1 − 0.8 of its range, less than a quarter: with sites in 2040 every capture lever is too early."""
    everything = np.ones((1, len(known.by_lever["ccs_power"])), bool)
    everything[0, [a.id for a in known.by_lever["ccs_power"]].index("T06-031")] = False
    assert known.share_at_hand("ccs_power", everything) == pytest.approx([0.2])
    table = rows(copy)
    for row in table:
        if row["technology"] == "T06-031":
            row["earliest"] = "2040"
    write(copy, table)
    found = problems(copy, data, plan)
    assert {(p.code, p.details["year"], p.details["technologies"]) for p in found} == {("lever_early", 2040, "T06-031")}
    assert {p.details["lever"] for p in found} == {"ccs_cement", "ccs_chemicals", "ccs_power", "ccs_steel"}


def test_a_stated_year_takes_the_place_of_the_rule(copy: Path, data: PathwayData, plan: Plan) -> None:
    table = rows(copy)
    for row in table:
        if row["technology"] == "T02-005":
            row["earliest"] = "2028"
    write(copy, table)
    known = load_technologies(copy, data, plan)
    assert known.opening_year("steel_hydrogen") == 2028
    assert opening_years("steel_hydrogen", known, np.array([1.0]), np.array([0.0])) == pytest.approx([2028.0])


# Commands


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch, data: PathwayData, known: Assessments) -> None:
    """What the commands would read again each time."""
    monkeypatch.setattr(pathway_levers, "_load", lambda province: (data, known))


def test_levers_and_a_technology_are_read_from_the_province() -> None:
    assert "steel_hydrogen" in CliRunner().invoke(app, ["technology", "T02-005"]).output
    assert CliRunner().invoke(app, ["technology", "T02-005", "--province", "nowhere"]).exit_code == 2


def test_a_province_without_judgements_lists_its_levers_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, data: PathwayData
) -> None:
    monkeypatch.setattr(pathway_levers, "_load", lambda province: (data, None))
    assert "steel_hydrogen" in CliRunner().invoke(app, ["levers", "--action", "A02"]).output
    missing = CliRunner().invoke(app, ["technology", "T02-005", "--lang", "en"])
    assert missing.exit_code == 2 and "pathways/technologies.csv" in missing.output


@pytest.mark.usefixtures("loaded")
def test_levers_are_listed_by_technology_and_as_json() -> None:
    found = json.loads(CliRunner().invoke(app, ["levers", "--technology", "T02-005", "--json"]).output)
    assert [r["id"] for r in found] == ["steel_hydrogen"]
    assert found[0]["opening_year"] == 2030
    assert {"technology": "T02-005", "relation": "moves", "size": 0.8, "earliest": 2030} in found[0]["acting"]
    assert {o["lever"] for o in found[0]["overlaps"]} >= {"steel_electric", "ccs_steel"}
    assert found[0]["model"] == "engine" and found[0]["chance_late"] > found[0]["chance_never"]
    assert found[0]["chance_never"] == pytest.approx(1 - 0.85 * 0.95, abs=0.03)
    rice = json.loads(CliRunner().invoke(app, ["levers", "--technology", "T05-031", "--json"]).output)
    assert [(r["id"], r["model"], r["chance_late"]) for r in rice] == [("rice_water", "other_gases", 0.0)]
    met = CliRunner().invoke(app, ["levers", "--technology", "T02-005", "--overlaps", "--lang", "en"]).output
    assert "ccs_steel, steel_electric: act one after the other" in met
    nothing = CliRunner().invoke(app, ["levers", "--technology", "perpetuum mobile", "--lang", "en"])
    assert nothing.exit_code == 2 and "perpetuum mobile" in nothing.output


@pytest.mark.usefixtures("loaded")
def test_a_technology_is_told_with_lever_readiness_cost_and_overlaps_or_its_reason() -> None:
    steel = CliRunner().invoke(app, ["technology", "T02-005", "--lang", "zh"]).output
    assert all(
        text in steel for text in ("steel_hydrogen（氢冶金）", "2030", "EUR/(t/h)", "technology-data", "ccs_steel")
    )
    reason = CliRunner().invoke(app, ["technology", "T03-025", "--lang", "en"]).output
    assert "counted in: T04-026 green construction" in reason
    repeated = CliRunner().invoke(app, ["technology", "T08-F23", "--lang", "en"]).output
    assert repeated.startswith("T08-F23") and "T06-K10" in repeated


@pytest.mark.usefixtures("loaded")
def test_a_technology_as_json_says_where_each_number_comes_from() -> None:
    (found,) = json.loads(CliRunner().invoke(app, ["technology", "T01-044", "--json"]).output)
    assert found["levers"][0] == {"lever": "energy_storage", "relation": "moves", "size": 0.6}
    assert (found["cost"]["source"], found["cost"]["grade"]) == ("lbnl-2022", "C")
    assert (found["learning"]["source"], found["learning"]["rate"]) == ("li-ion-2017", 0.1547)


# Levers and growth cases that make no sense


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("start: 2030, full: 2055", "start: 2055, full: 2030", {"lever_schedule"}),
        ("start: 2030, full: 2055", "start: soon, full: 2055", {"lever_schedule"}),
        ("shape: s", "shape: table, table: {early: 0.5}", {"lever_schedule"}),
        ("shape: s", "shape: table, table: {2040: much}", {"not_a_number"}),
        ("step: 0.01", "step: 0", {"lever_step"}),
        ("step: 0.01", "step: 2", {"lever_step"}),
        ("plan: 0.2", "plan: much", {"not_a_number"}),
        ("plan: 0.2", "plan: 0.9", {"lever_range"}),
        ("low: 0.6", "low: little", {"not_a_number"}),
        ("applies_to: [steel]", "applies_to: steel", {"not_a_list"}),
        ("op: set", "op: set\ncolour: red", {"unknown_key"}),
    ],
)
def test_each_fault_of_a_lever_is_named(copy: Path, old: str, new: str, codes: set[str]) -> None:
    path = copy / "pathways/levers/steel_hydrogen.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_pathways(copy)
    assert {p.code for p in caught.value.problems if p.file.endswith("steel_hydrogen.yaml")} == codes
    assert all(p.text("zh") and p.text("en") for p in caught.value.problems)


def test_growth_cases_out_of_order_are_told_with_year_and_values(copy: Path) -> None:
    path = copy / "pathways/growth.csv"
    text = path.read_text(encoding="utf-8")
    assert "high,gdp_growth,2030,0.052," in text
    path.write_text(text.replace("high,gdp_growth,2030,0.052,", "high,gdp_growth,2030,0.012,"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_pathways(copy)
    (problem,) = caught.value.problems
    assert (problem.code, problem.field, problem.details["year"]) == ("growth_order", "gdp_growth", 2030)
    assert "0.034, 0.043, 0.012" in problem.text("en")
