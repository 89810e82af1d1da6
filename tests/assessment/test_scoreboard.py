"""Every target has a line; a status rests on a value, a chance only on a model."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.assessment import (
    SCORE_COLUMNS,
    STATUSES,
    Chance,
    Indicator,
    Measured,
    Score,
    load_indicators,
    score_nodes,
    scoreboard,
)
from tanlu.core.errors import DataError
from tanlu.core.lineage import Lineage
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.plan import Plan, load_plan

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"
PHYSICAL = "calculation:energy_intensity:physical"
OFFICIAL = "calculation:energy_intensity:official"
SHARE = "statistic:Share|Energy Consumption|Non-fossil"
WANTED = "statistic:Target|Share|Energy Consumption|Non-fossil"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return shipped()[0]


@pytest.fixture(scope="module")
def indicators() -> dict[str, Indicator]:
    return shipped()[1]


@cache
def shipped() -> tuple[Plan, dict[str, Indicator]]:
    plan = load_plan(HUNAN)
    return plan, load_indicators(HUNAN, plan)


def series(values: dict[int, float], unit: str, name: str = "x") -> dict[int, Measured]:
    return {y: Measured(y, v, unit, (f"fact:{name}:{y}",), Grade.B) for y, v in values.items()}


def score(
    plan: Plan, indicators: dict[str, Indicator], target: str, measured: dict[str, dict[int, Measured]] | None = None, **chances: Chance
) -> Score:  # fmt: skip
    return next(s for s in scoreboard(plan, indicators, measured or {}, chances) if s.target == target)


def test_every_target_has_a_line_even_without_any_data(plan: Plan, indicators: dict[str, Indicator]) -> None:
    found = scoreboard(plan, indicators, {}, {})
    assert [s.target for s in found] == [t.id for t in plan.targets()] and len(found) == 73
    assert {s.status for s in found} == {"not_measured", "external"}
    assert {s.target for s in found if s.status == "external"} == {"TG03", "TG12", "TG13", "TG16"}
    assert all(s.value is None and s.probability is None and s.as_of is None and not s.parents for s in found)
    assert {s.target: s.required for s in found if s.required is not None}.items() >= {
        "TG02": -14,
        "TG39": 10,
        "TG52": 1000,
    }.items()


def test_every_reason_and_status_has_a_text_in_both_languages(plan: Plan, indicators: dict[str, Indicator]) -> None:
    for language in ("zh", "en"):
        for found in scoreboard(plan, indicators, {}, {}):
            assert len(translate(f"assessment.reason.{found.reason}", language)) > 15
        for status in (*STATUSES, "history"):
            assert translate(f"assessment.status.{status}", language)


def test_rows_have_the_frozen_columns(plan: Plan, indicators: dict[str, Indicator]) -> None:
    row = score(plan, indicators, "TG02").as_row()
    assert tuple(row) == SCORE_COLUMNS == (
        "target", "name_zh", "name_en", "deadline", "required", "value", "unit", "as_of", "status", "probability", "stderr", "reason", "id",
    )  # fmt: skip
    assert row["id"] == "target:TG02" and row["deadline"] == 2025


@pytest.mark.parametrize(
    ("value", "year", "status", "reason"),
    [
        (-12.0, 2024, "on_track", "on_path"), (-10.0, 2024, "at_risk", "near_path"), (-8.0, 2024, "off_track", "behind_path"),
        (-14.0, 2025, "met", "reached"), (-13.0, 2025, "off_track", "missed"),
    ],
)  # fmt: skip
def test_energy_intensity_is_judged_on_the_path_linear_in_logarithms(
    plan: Plan, indicators: dict[str, Indicator], value: float, year: int, status: str, reason: str
) -> None:
    found = score(plan, indicators, "TG02", {OFFICIAL: series({year: value}, "%")})
    assert (found.value, found.as_of, found.status, found.reason) == (value, year, status, reason)
    assert found.required == -14 and found.unit == "%" and found.parents == (f"fact:x:{year}",)


def test_the_physical_number_is_used_only_without_the_official_one_and_says_so(
    plan: Plan, indicators: dict[str, Indicator]
) -> None:
    physical = {PHYSICAL: series({2024: -10.2}, "%", "physical")}
    alone = score(plan, indicators, "TG02", physical)
    assert (alone.value, alone.reason, alone.status) == (-10.2, "physical_only", "at_risk")
    both = score(plan, indicators, "TG02", physical | {OFFICIAL: series({2023: -9.0}, "%", "official")})
    assert (both.value, both.as_of, both.reason) == (-9.0, 2023, "on_path")


def test_being_behind_inside_the_interval_is_not_called_off_track(plan: Plan, indicators: dict[str, Indicator]) -> None:
    wide = {2024: Measured(2024, -5.0, "%", low=-12.0, high=2.0)}
    narrow = {2024: Measured(2024, -5.0, "%", low=-7.0, high=-3.0)}
    assert score(plan, indicators, "TG02", {PHYSICAL: wide}).status == "at_risk"
    assert score(plan, indicators, "TG02", {PHYSICAL: narrow}).status == "off_track"


def test_a_national_assignment_is_never_guessed(plan: Plan, indicators: dict[str, Indicator]) -> None:
    found = score(plan, indicators, "TG03", {"calculation:carbon_intensity": series({2024: -16.8}, "%")})
    assert (found.value, found.required, found.status, found.reason) == (
        -16.8,
        None,
        "external",
        "assignment_not_published",
    )


def test_the_peak_takes_its_chance_from_the_model_and_only_from_it(
    plan: Plan, indicators: dict[str, Indicator]
) -> None:
    totals = {"total:co2": series({2022: 335e3, 2023: 337e3, 2024: 327e3}, "kt")}
    without = score(plan, indicators, "TG14", totals)
    assert (without.value, without.as_of, without.status, without.reason) == (
        2023,
        2024,
        "not_measured",
        "highest_so_far",
    )
    assert without.probability is None and without.parents == ("fact:x:2023",)
    chance = Chance(0.83, 0.008, 2027.0, "year", 2024, ("peak:current-mid",))
    found = score(plan, indicators, "TG14", totals, co2_peak_2030=chance)
    assert (found.value, found.status, found.probability, found.stderr) == (2027, "on_track", 0.83, 0.008)
    assert found.reason == "forecast" and found.parents == ("peak:current-mid",)
    assert score(plan, indicators, "TG14", totals, co2_peak_2030=replace(chance, probability=0.3)).status == "off_track"


def test_a_chance_stands_beside_a_measured_status(plan: Plan, indicators: dict[str, Indicator]) -> None:
    chance = Chance(0.4, 0.01, ids=("pathway:x",))
    found = score(plan, indicators, "TG02", {OFFICIAL: series({2024: -12.0}, "%")}, energy_intensity_2025=chance)
    assert (found.status, found.probability) == ("on_track", 0.4) and "pathway:x" in found.parents


def test_an_outlook_without_required_number_has_no_chance(plan: Plan, indicators: dict[str, Indicator]) -> None:
    found = score(plan, indicators, "TG15", net_co2_2060=Chance(None, None, 95.0, "Mt CO2", 2024, ("pathway:y",)))
    assert (found.value, found.unit, found.status, found.probability) == (95.0, "Mt CO2", "no_number", None)


def test_non_fossil_share_is_judged_against_the_companion_plan(plan: Plan, indicators: dict[str, Indicator]) -> None:
    """21 % in 2020 to 25 % in 2030 asks for 21.8 % in 2022."""
    wanted = {WANTED: series({2025: 22.0, 2030: 25.0}, "%", "wanted")}
    found = score(
        plan, indicators, "TG18", wanted | {SHARE: series({2015: 16.0, 2020: 21.0, 2022: 23.5}, "%", "share")}
    )
    assert (found.value, found.required, found.as_of, found.status, found.reason) == (
        23.5,
        25,
        2022,
        "on_track",
        "companion_target",
    )
    assert found.parents == ("fact:share:2022", "fact:wanted:2030", "fact:share:2020")
    behind = score(plan, indicators, "TG18", wanted | {SHARE: series({2020: 21.0, 2022: 21.1}, "%")})
    assert behind.status == "off_track"
    unknown = score(plan, indicators, "TG18", wanted | {SHARE: series({2022: 23.5}, "%")})
    assert (unknown.status, unknown.reason, unknown.value) == ("no_number", "no_base_value", 23.5)


def test_a_direction_is_told_with_its_sign_but_is_no_status(plan: Plan, indicators: dict[str, Indicator]) -> None:
    """Removals are negative in the inventory; a larger uptake is the wanted way."""
    better = score(plan, indicators, "TG26", {"total:land": series({2022: -40e3, 2024: -44e3}, "kt")})
    assert (better.value, better.unit, better.status, better.reason) == (44.0, "Mt", "no_number", "direction_better")
    worse = score(plan, indicators, "TG26", {"total:land": series({2022: -44e3, 2024: -40e3}, "kt")})
    flat = score(plan, indicators, "TG26", {"total:land": series({2022: -44e3, 2024: -44e3}, "kt")})
    assert (worse.reason, flat.reason) == ("direction_worse", "direction_flat")


@pytest.mark.parametrize(("count", "status"), [(10, "met"), (4, "on_track"), (3, "at_risk"), (2, "off_track")])
def test_a_count_is_judged_from_zero_at_the_start_of_the_plan(
    plan: Plan, indicators: dict[str, Indicator], count: float, status: str
) -> None:
    """Ten from 2022 to 2030 asks for 3.75 by 2025, of which 80 % are 3."""
    registered = {"count:green_laboratories_and_centres": series({2025: count}, "count")}
    assert score(plan, indicators, "TG39", registered).status == status


def test_the_horizon_needs_a_series_from_the_start_of_the_plan(plan: Plan, indicators: dict[str, Indicator]) -> None:
    def judged(first: int, last: int) -> tuple[str, float | None]:
        found = score(plan, indicators, "TG01", {"total:co2": series(dict.fromkeys(range(first, last + 1), 1.0), "kt")})
        return found.status, found.value

    assert judged(2005, 2024) == ("on_track", 2024)
    assert judged(2023, 2024) == ("off_track", 2024)
    assert judged(2020, 2030) == ("met", 2030)


@given(st.floats(-40, 5), st.integers(2021, 2027))
def test_a_larger_reduction_never_scores_worse(value: float, year: int) -> None:
    plan, indicators = shipped()
    only = replace(plan, targets_by_id={"TG02": plan.targets_by_id["TG02"]})
    order = ("off_track", "at_risk", "on_track", "met")
    ranks = [
        order.index(scoreboard(only, indicators, {OFFICIAL: series({year: v}, "%")}, {})[0].status)
        for v in (value, value - 2)
    ]
    assert ranks[0] <= ranks[1]


def test_every_score_can_be_followed_to_the_plan_and_its_values(plan: Plan, indicators: dict[str, Indicator]) -> None:
    scores = scoreboard(plan, indicators, {OFFICIAL: series({2024: -12.0}, "%")}, {})
    lineage = Lineage(score_nodes(plan, scores, "the-plan"))
    assert {f"target:{t.id}" for t in plan.targets()} <= lineage.nodes.keys()
    node = lineage.nodes["target:TG02"]
    assert node.parents == ("fact:x:2024", "method:scoreboard", "source:the-plan") and node.kind == "result"
    assert "一（三）主要目标，第29行" in node.note_zh and "进展正常" in node.note_zh
    assert "I(3) Goals, line 29" in node.note_en and "on track" in node.note_en
    actions = {f"plan:{t.action}" for t in plan.targets() if t.action}
    assert {p for _, p in lineage.missing()} == {"fact:x:2024", "source:the-plan", *actions}
    assert Lineage.from_records(lineage.as_records()).nodes == lineage.nodes


def test_every_fault_of_the_indicators_is_told_with_its_line(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "assessment").mkdir()
    path = tmp_path / "assessment" / "indicators.yaml"
    text = (HUNAN / "assessment" / "indicators.yaml").read_text(encoding="utf-8")
    changes = {
        "{target: TG04, judge: none": "{target: TG404, judge: none",
        "{target: TG05, judge: none, reason: project_register}": "{target: TG05, judge: maybe, reason: project_register}",
        "{target: TG06, judge: none, reason: readiness_log}": "{target: TG06, judge: none, reason: nobody_knows}",
        "['calculation:carbon_intensity'], chance": "['carbon_intensity'], chance",
        "unit: Mt, chance": "unit: megatons, chance",
        "{target: TG73, judge: none, reason: cooperation_register}": "{target: TG72, judge: none, reason: cooperation_register}",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_indicators(tmp_path, plan)
    found = {(p.code, p.field, p.value) for p in caught.value.problems}
    assert found == {
        ("unknown_choice", "TG404.target", "TG404"),
        ("unknown_choice", "TG05.judge", "maybe"),
        ("unknown_choice", "TG06.reason", "nobody_knows"),
        ("unknown_choice", "TG03.measure", "carbon_intensity"),
        ("unknown_unit", "TG16.unit", "megatons"),
        ("listed_twice", "TG72.target", "TG72"),
        ("no_indicator", "TG04", plan.targets_by_id["TG04"].zh),
        ("no_indicator", "TG73", plan.targets_by_id["TG73"].zh),
    }
    lines = text.splitlines()
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
        if problem.code == "unknown_choice":
            assert problem.row is not None and problem.value in lines[problem.row - 1]
