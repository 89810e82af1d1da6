"""The pathway folder: what is shipped is sound, and what is broken is answered with file, row, field, value and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.pathways import PathwayData, load_pathways
from tanlu.pathways.levers import Schedule
from tanlu.pathways.parameters import PARAMETERS, parameter_table

YEARS = list(range(2024, 2061))


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A province folder with its own pathway folder that a test may break."""
    shutil.copy(folder / "sources.csv", tmp_path / "sources.csv")
    shutil.copytree(folder / "pathways", tmp_path / "pathways")
    return tmp_path


def problems(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(DataError) as caught:
        load_pathways(root)
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
    return caught.value.problems


def change(path: Path, **fields: object) -> None:
    record = yaml.safe_load(path.read_text(encoding="utf-8"))
    record.update(fields)
    path.write_text(yaml.safe_dump(record, allow_unicode=True), encoding="utf-8")


def test_shipped_levers_cover_the_first_six_actions(data: PathwayData) -> None:
    assert len(data.levers) >= 20
    assert {lever.action for lever in data.levers} >= {f"A0{i}" for i in range(1, 7)}


def test_every_lever_has_both_names_and_a_step_inside_its_range(data: PathwayData) -> None:
    for lever in data.levers:
        assert lever.name_zh and lever.name_en
        assert 0 < lever.step <= lever.maximum - lever.minimum


def test_every_assumption_is_marked(data: PathwayData) -> None:
    for value in data.parameters.values.values():
        assert (value.source in ("tanlu-assumption", "tanlu-energy")) == (value.grade is Grade.D), value.id


def test_names_of_levers_do_not_repeat(data: PathwayData) -> None:
    assert (
        len({lever.name_zh for lever in data.levers})
        == len({lever.name_en for lever in data.levers})
        == len(data.levers)
    )


def test_levers_start_at_the_base_year_with_no_effect(data: PathwayData) -> None:
    for lever in data.levers:
        assert lever.schedule.values(YEARS)[0] == 0.0, lever.id


def test_default_of_a_set_lever_leads_away_from_the_base_value(data: PathwayData) -> None:
    """A lever whose minimum lies above the base value could not stand still."""
    for lever in data.levers:
        if lever.op == "set":
            base = [data.parameters.values[lever.parameter, s].value for s in lever.applies_to or ("",)]
            assert lever.minimum <= max(base) + 1e-9 or lever.minimum <= lever.worlds["frozen"], lever.id


def test_schedules() -> None:
    linear = Schedule(2024, 2034, "linear").values(YEARS)
    assert linear[[0, 5, 10, 36]] == pytest.approx([0, 0.5, 1, 1])
    s = Schedule(2024, 2034, "s").values(YEARS)
    assert s[[0, 5, 10]] == pytest.approx([0, 0.5, 1])
    table = Schedule(2024, 2060, "table", ((2030, 0.25), (2040, 0.5))).values(YEARS)
    assert table[[0, 6, 11, 16, 36]] == pytest.approx([0, 0.25, 0.375, 0.5, 1])


def test_worlds_are_vectors_in_the_order_of_the_levers(data: PathwayData) -> None:
    assert np.array_equal(data.world("current"), [lever.default for lever in data.levers])
    changed = data.world("plan", {"solar_capacity": 100.0})
    assert changed[data.lever_index["solar_capacity"]] == 100.0


def test_lever_out_of_range_names_lever_value_and_range(data: PathwayData) -> None:
    with pytest.raises(DataError) as caught:
        data.world("plan", {"solar_capacity": 999.0, "no_such": 1.0, "ccs_power": float("nan")})
    found = {p.code: p for p in caught.value.problems}
    assert set(found) == {"lever_range", "lever_unknown"}
    assert len(caught.value.problems) == 3
    first = next(p for p in caught.value.problems if p.field == "solar_capacity")
    assert first.file == "pathways/levers/solar_capacity.yaml"
    solar = data.levers[data.lever_index["solar_capacity"]]
    assert all(
        text in first.text("en") for text in (f"{solar.minimum:g}", f"{solar.maximum:g}", "999", "solar_capacity")
    )


def test_unknown_world_and_growth_are_answered(data: PathwayData) -> None:
    with pytest.raises(DataError, match="utopia"):
        data.world("utopia")
    with pytest.raises(DataError, match="boom"):
        data.growth_path("boom", "gdp_growth", YEARS)


def test_default_out_of_range_and_unknown_key_are_reported_together(copy: Path) -> None:
    change(
        copy / "pathways/levers/solar_capacity.yaml", default=999, worlds={"frozen": 22, "current": 999, "plan": 140}
    )
    change(copy / "pathways/levers/ccs_power.yaml", colour="red")
    change(copy / "pathways/levers/wind_capacity.yaml", default="many")
    found = problems(copy)
    assert {(p.code, p.file.rsplit("/")[-1]) for p in found} >= {
        ("lever_range", "solar_capacity.yaml"), ("unknown_key", "ccs_power.yaml"), ("not_a_number", "wind_capacity.yaml"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"op": "multiply"}, "unknown_choice"),
        ({"parameter": "no.such"}, "unknown_choice"),
        ({"source": "rumour"}, "unknown_choice"),
        ({"unit": "MW"}, "unknown_choice"),
        ({"schedule": {"start": 2040, "full": 2030, "shape": "linear"}}, "lever_schedule"),
        (
            {"schedule": {"start": 2024, "full": 2060, "shape": "table", "table": {2030: 0.8, 2040: 0.5}}},
            "lever_schedule",
        ),
        ({"schedule": {"start": 2024, "full": 2060, "shape": "wave"}}, "unknown_choice"),
        ({"worlds": {"frozen": 22, "current": 90, "plan": 140}}, "lever_default"),
        ({"worlds": {"frozen": 22, "current": 95}}, "missing_key"),
        ({"uncertainty": {"dist": "normal", "low": 1, "high": 2}}, "unknown_choice"),
    ],
)
def test_each_fault_of_a_lever_is_found(copy: Path, fields: dict[str, object], code: str) -> None:
    change(copy / "pathways/levers/solar_capacity.yaml", **fields)
    assert code in {p.code for p in problems(copy)}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("capacity.solar,,18.734,GW", "capacity.solar,,18.734,MW", "wrong_unit"),
        ("capacity.solar,,18.734,GW", "capacity.solar,,-3,GW", "below_minimum"),
        ("capacity.solar,,18.734,GW", "capacity.solar,,much,GW", "not_a_number"),
        ("capacity.solar,,18.734,GW", "capacity.moon,,18.734,GW", "unknown_choice"),
        ("shift.gas,steel,", "shift.gas,opera,", "unknown_choice"),
    ],
)
def test_each_fault_of_a_parameter_is_found_with_its_line(copy: Path, old: str, new: str, code: str) -> None:
    edit(copy / "pathways/parameters.csv", old, new)
    found = [p for p in problems(copy) if p.code == code]
    assert found and found[0].row is not None and found[0].file == "pathways/parameters.csv"


def test_a_missing_parameter_is_not_zero(copy: Path) -> None:
    path = copy / "pathways/parameters.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("heat.fuel,")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = problems(copy)
    assert [(p.code, p.field) for p in found] == [("missing_parameter", "heat.fuel")]


def test_shares_of_the_inventory_must_not_add_up_to_more_than_one(copy: Path) -> None:
    edit(copy / "pathways/parameters.csv", "inventory.share,rail:oil,0.02", "inventory.share,rail:oil,0.9")
    found = [p for p in problems(copy) if p.code == "share_above_one"]
    assert [(p.field, p.details) for p in found] == [("inventory.share", {"sector": "transport", "carrier": "oil"})]


def test_two_levers_must_not_set_the_same_control(copy: Path) -> None:
    """Both steps would be added to the base value, and the control would overshoot what either wants."""
    change(copy / "pathways" / "levers" / "ccs_steel.yaml", applies_to=["steel", "cement"])
    found = [p for p in problems(copy) if p.code == "lever_conflict"]
    assert [(p.field, p.details["other"]) for p in found] == [("ccs_steel", "ccs_cement")]


def test_growth_must_reach_the_horizon(copy: Path) -> None:
    path = copy / "pathways/growth.csv"
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("mid,urbanisation,2060")
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "growth_gap" in {p.code for p in problems(copy)}


def test_mapping_to_an_unknown_lever_is_found(copy: Path) -> None:
    edit(copy / "pathways/mapping.csv", ",solar_capacity,", ",moon_capacity,")
    assert "unknown_choice" in {p.code for p in problems(copy)}


def test_missing_files_are_all_named(tmp_path: Path, folder: Path) -> None:
    shutil.copy(folder / "sources.csv", tmp_path / "sources.csv")
    files = {p.file for p in problems(tmp_path) if p.code == "missing_file"}
    assert files >= {
        "pathways/parameters.csv",
        "pathways/levers",
        "pathways/worlds.yaml",
        "pathways/growth.csv",
        "pathways/mapping.csv",
    }


def test_parameter_table_documents_every_parameter() -> None:
    table = parameter_table()
    assert all(f"`{p.name}`" in table for p in PARAMETERS)
