"""The reference approach of a province beside the sum of its sectors."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tanlu.accounts.province.records import Inventory
from tanlu.accounts.province.reference_check import FILE, load_supply, reference_approach
from tanlu.core.errors import DataError
from tanlu.core.province import Province, load_province, province_folder

# factors of cn-enterprise-2013: bituminous coal, coke, coke-oven gas, natural gas [t C/GJ, oxidised]
COAL, COKE, GAS = 0.02618 * 0.93, 0.0294 * 0.93, 0.0153 * 0.99
PJ_PER_MTCE = 29.3076


def kt(mtce: float, carbon: float) -> float:
    """Mtce → PJ → GJ → t C → t CO2 → kt."""
    return mtce * PJ_PER_MTCE * 1e6 * carbon * 44 / 12 / 1e3


def value(inventory: Inventory, province: Province, item: str, year: int) -> tuple[float, float, tuple[str, ...]]:
    (found,) = [c for c in reference_approach(inventory, province) if (c.item, c.year) == (item, year)]
    return found.own, found.reference, found.reasons


def test_gas_of_a_balance_by_hand(inventory: Inventory, province: Province) -> None:
    """2014: supply of 3.12683 Mtce, nothing stored."""
    assert value(inventory, province, "gaseous", 2014)[1] == pytest.approx(kt(3.12683, GAS), rel=1e-9)


def test_solid_fuels_of_a_balance_by_hand(inventory: Inventory, province: Province) -> None:
    """2014: coal 77.8225014 and the coke that came in, 3.70922 Mtce; coke made in the province is in its coal."""
    assert value(inventory, province, "solid", 2014)[1] == pytest.approx(
        kt(77.8225014, COAL) + kt(3.70922, COKE), rel=1e-6
    )


def test_stored_carbon_is_taken_off(inventory: Inventory, province: Province) -> None:
    """2010: coal 80.8485762 less 2.1035868 Mtce for other uses, coke 5.0196816 less 0.0516572."""
    wanted = kt(80.8485762 - 2.1035868, COAL) + kt(5.0196816 - 0.0516572, COKE)
    assert value(inventory, province, "solid", 2010)[1] == pytest.approx(wanted, rel=1e-6)


def test_groups_add_up_to_all_fuels(inventory: Inventory, province: Province) -> None:
    found = reference_approach(inventory, province)
    for year in {c.year for c in found}:
        parts = [c for c in found if c.year == year and c.item != "all_fuels"]
        own, reference, _ = value(inventory, province, "all_fuels", year)
        assert own == pytest.approx(sum(c.own for c in parts)) and reference == pytest.approx(
            sum(c.reference for c in parts)
        )
        assert own == pytest.approx(sum(u.co2 or 0.0 for u in inventory.energy if u.year == year))


def test_both_approaches_agree_within_what_a_balance_can(inventory: Inventory, province: Province) -> None:
    """Losses and statistical differences of the balance are a few per cent; a carbon or a sign lost would show."""
    for c in reference_approach(inventory, province):
        if c.item == "all_fuels":
            assert 0 < c.reference / c.own - 1 < 0.06, c


def test_a_gap_of_more_than_five_per_cent_is_marked(inventory: Inventory, province: Province) -> None:
    for c in reference_approach(inventory, province):
        assert ("gap" in c.reasons) == (abs(c.reference / c.own - 1) > 0.05), c


def test_a_province_without_settings_has_none(inventory: Inventory, province: Province, tmp_path: Path) -> None:
    assert reference_approach(inventory, replace(province, folder=tmp_path)) == []


def test_faults_of_the_settings_are_told_together(tmp_path: Path) -> None:
    folder = tmp_path / "hunan"
    shutil.copytree(province_folder("hunan"), folder)
    data = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
    data |= {"inflow": "Energy Balance|Inflow", "groups": {"solid": ["coal", "peat"], "metallic": ["coke"]}}
    (folder / FILE).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_supply(load_province(folder))
    assert {(p.code, p.field, p.value) for p in caught.value.problems} == {
        ("missing_series", "inflow", "Energy Balance|Inflow"),
        ("unknown_choice", "groups.solid", "peat"),
        ("unknown_choice", "groups.metallic", "metallic"),
    }
