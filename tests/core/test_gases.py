"""GWP sets: the values that the reports print, and no set filled from another."""

from __future__ import annotations

import pytest

from tanlu.core.gases import GASES, GWP_SETS, gwp_set

PRINTED = {
    # IPCC 1995 WG1 table 4; 2007 WG1 table 2.14; 2013 WG1 table 8.A.1 (without feedbacks); 2021 WG1 table 7.SM.7
    "SAR": {"CO2": 1, "CH4": 21, "N2O": 310, "HFC-23": 11_700, "CF4": 6_500, "C2F6": 9_200, "SF6": 23_900},
    "AR4": {"CO2": 1, "CH4": 25, "N2O": 298, "HFC-23": 14_800, "CF4": 7_390, "C2F6": 12_200, "SF6": 22_800, "NF3": 17_200},
    "AR5": {"CO2": 1, "CH4": 28, "N2O": 265, "HFC-23": 12_400, "CF4": 6_630, "C2F6": 11_100, "SF6": 23_500, "NF3": 16_100},
    "AR6": {"CO2": 1, "CH4": 27.9, "N2O": 273, "HFC-23": 14_600, "CF4": 7_380, "C2F6": 12_400, "SF6": 25_200, "NF3": 17_400},
    "cn-enterprise-2013": {"CO2": 1, "CH4": 21, "N2O": 310},
    "cn-province-2025": {"CO2": 1, "CH4": 28},
    "gb-t-32151.22-2024": {"CO2": 1, "CH4": 27.9, "N2O": 273},
}  # fmt: skip


def test_every_set_has_printed_values_here() -> None:
    assert set(GWP_SETS) == set(PRINTED)


@pytest.mark.parametrize("name", PRINTED)
def test_values_are_the_printed_ones_and_no_others(name: str) -> None:
    assert gwp_set(name).values == PRINTED[name]
    assert gwp_set(name).source


@pytest.mark.parametrize("name", PRINTED)
def test_a_gas_that_a_set_does_not_fix_is_an_error(name: str) -> None:
    for gas in GASES:
        if gas not in PRINTED[name]:
            with pytest.raises(KeyError, match=gas):
                gwp_set(name)[gas]


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(KeyError, match="AR5"):
        gwp_set("AR7")
