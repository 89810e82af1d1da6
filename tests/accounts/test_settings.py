"""Inventory settings: every fault is told together; a misspelt row of the balance is one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tanlu.accounts.settings import FILE, load_settings
from tanlu.core.errors import DataError
from tanlu.core.province import Province


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


def test_a_missing_part_is_told(broken: Broken) -> None:
    assert broken(lambda data: data.pop("cells")) == {("missing_key", "cells", "")}
