"""Notation keys: what cannot be estimated says so and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tanlu.accounts.province.records import InventoryRow, Status
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

EXPECTED: Final = (
    ("1.A", "CH4", "energy_industry", "ne_no_factor"),
    ("1.A", "N2O", "energy_industry", "ne_no_factor"),
    ("1.A.1.a", "CH4", "power", "ne_not_set"),
    ("1.A.1.a", "N2O", "power", "ne_not_set"),
    ("1.B.1.a", "CH4", "energy_industry", "ne_not_set"),
    ("1.B.2", "CH4", "energy_industry", "ne_no_activity"),
    ("2.A.1", "CO2", "cement", "ne_not_set"),
    ("2.A.2", "CO2", "cement", "ne_no_output"),
    ("2.A.3", "CO2", "cement", "ne_not_set"),
    ("2.A.4", "CO2", "cement", "ne_no_output"),
    ("2.B.1", "CO2", "chemicals", "ne_no_output"),
    ("2.B.2", "N2O", "chemicals", "ne_no_output"),
    ("2.B.3", "N2O", "chemicals", "ne_no_output"),
    ("2.B.4", "N2O", "chemicals", "ne_no_output"),
    ("2.B.5", "CO2", "chemicals", "ne_no_output"),
    ("2.B.5", "CH4", "chemicals", "ne_no_output"),
    ("2.B.7", "CO2", "chemicals", "ne_no_output"),
    ("2.B.8", "CO2", "chemicals", "ne_no_output"),
    ("2.C.1", "CO2", "steel", "ne_not_set"),
    ("2.C.2", "CO2", "other_industry", "ne_no_output"),
    ("2.C.3", "CO2", "nonferrous", "ne_no_output"),
    ("2.C.4", "CO2", "nonferrous", "ne_no_output"),
    ("2.C.4", "SF6", "nonferrous", "ne_no_output"),
    ("2.C.5", "CO2", "nonferrous", "ne_not_set"),
    ("2.C.6", "CO2", "nonferrous", "ne_not_set"),
    ("2.D", "CO2", "other_industry", "ne_no_activity"),
    ("2.E", "CF4", "other_industry", "ne_no_activity"),
    ("2.F", "HFC-23", "other_industry", "ne_no_activity"),
    ("2.G", "SF6", "power", "ne_no_activity"),
    ("3.A.1", "CH4", "agriculture", "ne_not_set"),
    ("3.A.2", "CH4", "agriculture", "ne_not_set"),
    ("3.A.2", "N2O", "agriculture", "ne_not_set"),
    ("3.B.1.a", "CO2", "land", "ne_not_set"),
    ("3.B.2", "CO2", "land", "ne_no_activity"),
    ("3.C.1", "CH4", "agriculture", "ne_no_activity"),
    ("3.C.2", "CO2", "agriculture", "ne_no_activity"),
    ("3.C.3", "CO2", "agriculture", "ne_no_activity"),
    ("3.C.4", "N2O", "agriculture", "ne_no_activity"),
    ("3.C.5", "N2O", "agriculture", "ne_no_activity"),
    ("3.C.6", "N2O", "agriculture", "ne_no_activity"),
    ("3.C.7", "CH4", "agriculture", "ne_not_set"),
    ("3.D.1", "CO2", "land", "ne_no_activity"),
    ("4.A", "CH4", "waste", "ne_no_activity"),
    ("4.B", "CH4", "waste", "ne_no_activity"),
    ("4.C", "CO2", "waste", "ne_no_activity"),
    ("4.C", "CH4", "waste", "ne_no_activity"),
    ("4.C", "N2O", "waste", "ne_no_activity"),
    ("4.D", "CH4", "waste", "ne_no_activity"),
    ("4.D", "N2O", "waste", "ne_no_activity"),
    ("memo.imports", "CO2", "power", "ne_not_set"),
)
"""Categories (code, gas, sector, reason) that every inventory speaks of: without a row of their own they say NE, never 0."""
COMBUSTION: Final = (
    ("1.A.1", "energy_industry"),
    ("1.A.2", "other_industry"),
    ("1.A.3", "transport"),
    ("1.A.4", "residential"),
)
"""Groups of combustion (code, sector) whose CO2 says NE where a province has no category of the group."""


def inventory_years(province: Province) -> list[int]:
    """Return the years of the inventory."""
    return list(range(int(province.settings["first_year"]), int(province.settings["last_year"]) + 1))


def reason_text(code: str, **values: object) -> tuple[str, str]:
    """Return a note of the catalogue (``accounts.note.<code>``) in Chinese and English."""
    key = f"accounts.note.{code}"
    return translate(key, "zh", **values), translate(key, "en", **values)


def notation_row(
    province: Province, year: int, category: str, gas: str, sector: str, reason: str, method: str = "none"
) -> InventoryRow:
    """Return a row that says NE and why."""
    zh, en = reason_text(reason)
    return InventoryRow(
        province.id, year, category, gas, sector, None, Status.NE, Grade.D, method, note_zh=zh, note_en=en
    )


def missing_rows(province: Province, rows: Iterable[InventoryRow]) -> list[InventoryRow]:
    """Return rows that say NE for everything that an inventory speaks of and that has no row yet."""
    found: dict[tuple[str, str], dict[int, InventoryRow]] = {}
    for row in rows:
        found.setdefault((row.category, row.gas), {})[row.year] = row
    expected = {(c, gas): (sector, reason) for c, gas, sector, reason in EXPECTED}
    for group, sector in COMBUSTION:
        if not any(c == group or c.startswith(f"{group}.") for c, gas in found if gas == "CO2"):
            expected[group, "CO2"] = (sector, "ne_not_set")
    missing = []
    for category, gas in sorted(found.keys() | expected.keys()):
        known = found.get((category, gas), {})
        sector, reason, method = (*expected[category, gas], "none") if not known else ("", "ne_year", "")
        for row in list(known.values())[:1]:
            sector, method = row.sector, row.method
        missing += [
            notation_row(province, y, category, gas, sector, reason, method)
            for y in inventory_years(province)
            if y not in known
        ]
    return missing
