"""Settings of the reconciliation: every fault is told, none stops the check with a crash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tanlu.accounts.province.reconcile import FILE, load_reconciliation
from tanlu.core.errors import DataError
from tanlu.core.province import Province


def told(province: Province, folder: Path, data: Any) -> set[tuple[str, str, str]]:
    (folder / "accounts").mkdir(exist_ok=True)
    (folder / FILE).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_reconciliation(replace(province, folder=folder))
    assert all(p.text("zh") and p.text("en") for p in caught.value.problems)
    return {(p.code, p.field, p.value) for p in caught.value.problems}


def test_a_folder_without_the_file_has_no_reconciliation(province: Province, tmp_path: Path) -> None:
    assert load_reconciliation(replace(province, folder=tmp_path)) is None


def test_sections_of_another_kind_are_told(province: Province, tmp_path: Path) -> None:
    found = told(province, tmp_path, {"reference": 3, "total": ["factors"], "sectors": ["power"]})
    assert {(code, field) for code, field, _ in found} == {
        ("missing_key", "fuels"), ("not_a_text", "reference"), ("not_a_mapping", "total"), ("not_a_mapping", "sectors"),
    }  # fmt: skip


def test_names_that_do_not_exist_are_told_together(province: Province, tmp_path: Path) -> None:
    data = yaml.safe_load((province.folder / FILE).read_text(encoding="utf-8"))
    data["total"] = {}
    data["sectors"]["ships"] = {"items": [], "reasons": ["mapping"]}
    data["sectors"]["power"]["reasons"] = ["weather"]
    data["sectors"]["steel"] = ["Smelting"]
    data["fuels"]["natural_gas"]["items"] = ["Natural Gass"]
    assert told(province, tmp_path, data) == {
        ("missing_key", "reasons", ""),
        ("unknown_choice", "sectors", "ships"),
        ("unknown_choice", "sectors.power.reasons", "weather"),
        ("not_a_mapping", "sectors.steel", "['Smelting']"),
        ("missing_series", "fuels.natural_gas", f"{data['reference']}|Fuel|Natural Gass"),
    }
