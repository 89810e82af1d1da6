"""Inventory settings: every fault is told together; a misspelt row of the balance is one."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from tanlu.accounts import Status, build_inventory
from tanlu.accounts.province.settings import FILE, load_settings
from tanlu.core.errors import DataError
from tanlu.core.province import Province, province_folder


@pytest.fixture
def broken(
    province: Province, tmp_path: Path
) -> Callable[[Callable[[dict[str, Any]], None]], set[tuple[str, str, str]]]:
    """Return a function that changes the settings and returns (code, field, value) of what is told."""

    def check(change: Callable[[dict[str, Any]], None]) -> set[tuple[str, str, str]]:
        data = yaml.safe_load((province.folder / FILE).read_text(encoding="utf-8"))
        change(data)
        shutil.rmtree(tmp_path / "accounts", ignore_errors=True)
        (tmp_path / "accounts").mkdir()
        (tmp_path / FILE).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        with pytest.raises(DataError) as caught:
            load_settings(replace(province, folder=tmp_path))
        assert all(p.file == FILE and p.text("zh") and p.text("en") for p in caught.value.problems)
        return {(p.code, p.field, p.value) for p in caught.value.problems}

    return check


Broken = Callable[[Callable[[dict[str, Any]], None]], set[tuple[str, str, str]]]


def test_names_that_do_not_exist_are_told_together(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        data["cells"][0]["driver"] = "steam"
        data["cells"][0]["fuels"][0] = "peat"
        data["cells"][3]["sector"] = "ships"
        data["cells"][4]["row"] = "Final Energy|Trnsport"
        data["cells"][2]["less"] = "Final Energy|Industry Feedstock"
        data["fuels"]["coke"]["columns"] = ["Cokes"]
        data["fuels"]["coal"]["subject"] = "peat"
        data["drivers"]["cement"]["variables"][0][0] = "Production|Cememt"
        data["electricity"]["total"] = "Electricity"
        data["splits"]["industry"]["variable"] = "Share|Industry|{fuel}|{branch}"

    assert broken(change) == {
        ("unknown_choice", "drivers", "steam"),
        ("unknown_choice", "fuels", "peat"),
        ("unknown_choice", "sectors", "ships"),
        ("missing_series", "cells.Final Energy|Trnsport", "Final Energy|Trnsport"),
        ("missing_series", "cells.Final Energy|Industry", "Final Energy|Industry Feedstock"),
        ("missing_series", "fuels.coke.columns", "Cokes"),
        ("unknown_choice", "factors.csv", "cn-enterprise-2013.carbon_content.peat"),
        ("unknown_choice", "factors.csv", "cn-enterprise-2013.oxidation_factor.peat"),
        ("missing_series", "drivers.cement", "Production|Cememt"),
        ("missing_series", "electricity", "Electricity"),
        ("missing_series", "splits.industry", "Share|Industry|{fuel}|{branch}"),
        *(("shares_sum", "splits.industry", fuel) for fuel in ("coal", "coke", "coke_oven_gas", "oil", "natural_gas")),
    }


def test_keys_that_are_missing_or_unknown_are_told_together(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["cells"][0]["error"]
        data["drivers"]["gdp"]["volatilty"] = data["drivers"]["gdp"].pop("volatility")
        data["fuels"]["coal"]["colour"] = "black"

    assert broken(change) == {
        ("missing_key", "error", ""),
        ("missing_key", "volatility", ""),
        ("unknown_key", "volatilty", ""),
        ("unknown_key", "colour", ""),
    }


def test_sections_of_another_kind_are_told_and_do_not_stop_the_check(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        data["fuels"] = ["coal"]
        data["drivers"] = None
        data["cells"] = {"row": "x"}
        data["splits"]["industry"] = ["steel"]
        data["electricity"] = [1]
        data["outputs"][0] = "cement"
        data["outputs"][1]["activity_error"] = "small"
        data["outputs"][2]["factors"] = {"flux_use": []}
        data["imports"]["by_hours"] = [{"variable": 3}]
        data["complete_balances"] = ["2005"]

    found = {(code, field) for code, field, _ in broken(change)}
    assert found == {
        ("not_a_mapping", "fuels"), ("not_a_mapping", "drivers"), ("not_a_list", "cells"), ("not_a_mapping", "splits.industry"),
        ("not_a_mapping", "electricity"), ("not_a_mapping", "outputs.#1"), ("not_a_number", "outputs.2.A.3.activity_error"),
        ("wrong_entry", "outputs.2.C.1.factors"), ("not_a_text", "imports.by_hours.#1.variable"), ("missing_key", "capacity"),
        ("missing_key", "hours"), ("wrong_entry", "complete_balances"),
    }  # fmt: skip


def test_numbers_that_cannot_be_are_told(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        data["cells"][0]["error"] = -0.03
        data["drivers"]["cement"]["volatility"] = float("nan")
        data["drivers"]["coal_output"]["variables"][0][2] = 0
        data["splits"]["industry"]["branches"]["steel"]["shares"]["heat"] = -0.1
        data["imports"]["generation"] = []

    assert {(code, field) for code, field, _ in broken(change)} == {
        ("below_minimum", "cells.Energy Balance|Thermal Power.error"), ("not_a_number", "drivers.cement.volatility"),
        ("wrong_entry", "drivers.coal_output.variables"), ("wrong_entry", "splits.industry.steel.shares"), ("empty", "imports.generation"),
    }  # fmt: skip


def test_a_file_that_is_a_list_is_told(province: Province, tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / FILE).write_text("- fuels\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_settings(replace(province, folder=tmp_path))
    assert [p.code for p in caught.value.problems] == ["not_a_mapping"]


def test_outputs_name_formulas_roles_factors_and_series_that_exist(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        cement, glass, flux, lead, _, mines, pigs, *_ = data["outputs"]
        cement["factors"]["clinker_ratio"][0] = "ipcc-2006.emission_factor.clinker"
        cement["variable"] = "Electricity Consumption|Total"
        glass["method"] = "glas"
        flux["scale"] = {"flux_use": "tanlu.flux_use.steel"}
        flux["factors"] = {"flux": "tanlu.flux_use.pig_iron"}
        lead["taken_from"] = "1.A.2.z"
        mines["driver"] = "gdp"
        pigs |= {"gas": "CO2", "category": "3.A.9", "variable": "Livestock|Pigs"}
        del pigs["note_en"]
        data["imports"]["grid"] = "northern_grid"
        data["combustion_gases"][0]["factors"]["coal"] = "ipcc-2006.emission_factor.lime"

    assert broken(change) == {
        ("wrong_unit", "ipcc-2006.emission_factor.clinker", "t CO2/t"),
        ("undated", "outputs.2.A.1.factors.clinker_ratio", "ipcc-2006.emission_factor.clinker"),
        ("wrong_unit", "outputs.2.A.1", "GWh"),
        ("unknown_choice", "outputs.2.A.3.method", "glas"),
        ("unknown_choice", "factors.csv", "tanlu.flux_use.steel"),
        ("missing_key", "outputs.2.C.1.factors.carbonate_factor", ""),
        ("unknown_key", "outputs.2.C.1.factors.flux", ""),
        ("unknown_choice", "outputs.2.C.5.taken_from", "1.A.2.z"),
        ("no_amount", "outputs.1.B.1.a.driver", "gdp"),
        ("unknown_choice", "outputs.3.A.9.gas", "CO2"),
        ("unknown_choice", "outputs.3.A.9.category", "3.A.9"),
        ("missing_series", "outputs.3.A.9", "Livestock|Pigs"),
        ("one_language", "outputs.3.A.9.note_en", ""),
        ("unknown_choice", "imports.grid", "northern_grid"),
        ("wrong_unit", "ipcc-2006.emission_factor.lime", "t CO2/t"),
    }


def test_assumed_shares_that_lose_part_of_a_fuel_are_told(broken: Broken) -> None:
    def change(data: dict[str, Any]) -> None:
        data["splits"]["industry"]["branches"]["steel"]["shares"]["heat"] = 0.0

    assert broken(change) == {("shares_sum", "splits.industry", "heat")}


def test_a_category_and_gas_that_stand_twice_are_told(broken: Broken) -> None:
    assert broken(lambda data: data["outputs"].append(dict(data["outputs"][1]))) == {
        ("listed_twice", "outputs", "2.A.3 CO2")
    }


def test_two_values_for_one_key_are_told(province: Province, tmp_path: Path) -> None:
    text = (province.folder / FILE).read_text(encoding="utf-8")
    (tmp_path / "accounts").mkdir()
    (tmp_path / FILE).write_text(text + "complete_balances: [2005]\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_settings(replace(province, folder=tmp_path))
    (problem,) = caught.value.problems
    assert (problem.code, problem.row, problem.field) == ("double_key", text.count("\n") + 1, "complete_balances")


def every_place(data: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the places of all values below the top of nested data."""
    keys: list[str | int] = (
        list(data) if isinstance(data, dict) else list(range(len(data))) if isinstance(data, list) else []
    )
    below = [every_place(data[k], (*place, k)) for k in keys]  # type: ignore[index, call-overload]
    return [(*place, k) for k in keys] + [p for found in below for p in found]


SHIPPED = yaml.safe_load((province_folder("hunan") / FILE).read_text(encoding="utf-8"))


@settings_of_hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(every_place(SHIPPED)), st.sampled_from([None, [], {}, "x", 3, -1.5, True, [1], {"a": 1}]))
def test_no_value_at_any_place_stops_the_check(
    province: Province, tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    """Whatever stands there, the settings are read or what is wrong with them is told."""
    data = copy.deepcopy(SHIPPED)
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    (tmp_path / "accounts").mkdir(exist_ok=True)
    (tmp_path / FILE).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    try:
        load_settings(replace(province, folder=tmp_path))
    except DataError as error:
        assert all(p.text("zh") and p.text("en") for p in error.problems)


SECTIONS = (
    "complete_balances", "fuels", "drivers", "cells", "splits", "electricity", "combustion_gases", "outputs", "imports",
)  # fmt: skip
NEEDS = {
    "fuels": ("cells", "combustion_gases", "splits"),
    "drivers": ("cells", "splits", "outputs"),
    "splits": ("cells",),
}
"""Sections that name entries of a section and so go with it."""


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_left_out_means_ne_with_a_reason(province: Province, tmp_path: Path, section: str) -> None:
    data = yaml.safe_load((province.folder / FILE).read_text(encoding="utf-8"))
    for name in (section, *NEEDS.get(section, ())):
        del data[name]
    if "cells" not in data:
        for output in data.get("outputs", ()):
            output.pop("taken_from", None)
    (tmp_path / "accounts").mkdir()
    (tmp_path / FILE).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    smaller = build_inventory(replace(province, folder=tmp_path))
    rows = {(r.category, r.gas, r.year): r for r in smaller.rows}
    assert len(rows) == len(smaller.rows)
    groups = {k[0] for k in rows}
    assert all(any(c == g or c.startswith(g + ".") for c in groups) for g in ("1.A.1", "1.A.2", "1.A.3", "1.A.4"))
    for category in ("2.A.1", "2.C.1", "1.B.1.a", "3.A.1", "3.B.1.a", "memo.imports"):
        assert any(k[0] == category for k in rows), category
    for row in smaller.rows:
        assert row.value is not None or (row.note_zh and row.note_en)


def test_settings_without_any_section_give_an_inventory_of_reasons(province: Province, tmp_path: Path) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / FILE).write_text("{}\n", encoding="utf-8")
    empty = build_inventory(replace(province, folder=tmp_path))
    assert {r.status for r in empty.rows} == {Status.NE} and empty.energy == ()
