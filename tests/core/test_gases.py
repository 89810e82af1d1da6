"""GWP sets: the values that the reports print, and no set filled from another."""

from __future__ import annotations

import pytest

from tanlu.core.gases import GASES, GWP_SETS, gwp_set

PRINTED = {
    # IPCC 1995 WG1 table 4; 2007 WG1 table 2.14; 2013 WG1 table 8.A.1 (without feedbacks); 2021 WG1 table 7.SM.7
    "SAR": {
        "CO2": 1, "CH4": 21, "N2O": 310, "HFC-23": 11_700, "HFC-32": 650, "HFC-41": 150, "HFC-43-10mee": 1_300, "HFC-125": 2_800,
        "HFC-134": 1_000, "HFC-134a": 1_300, "HFC-143": 300, "HFC-143a": 3_800, "HFC-152a": 140, "HFC-227ea": 2_900,
        "HFC-236fa": 6_300, "HFC-245ca": 560, "CF4": 6_500, "C2F6": 9_200, "C3F8": 7_000, "c-C4F8": 8_700, "C4F10": 7_000,
        "C5F12": 7_500, "C6F14": 7_400, "SF6": 23_900,
    },
    "AR4": {
        "CO2": 1, "CH4": 25, "N2O": 298, "HFC-23": 14_800, "HFC-32": 675, "HFC-43-10mee": 1_640, "HFC-125": 3_500, "HFC-134a": 1_430,
        "HFC-143a": 4_470, "HFC-152a": 124, "HFC-227ea": 3_220, "HFC-236fa": 9_810, "HFC-245fa": 1_030, "HFC-365mfc": 794,
        "CF4": 7_390, "C2F6": 12_200, "C3F8": 8_830, "c-C4F8": 10_300, "C4F10": 8_860, "C5F12": 9_160, "C6F14": 9_300, "SF6": 22_800,
        "NF3": 17_200,
    },
    "AR5": {
        "CO2": 1, "CH4": 28, "N2O": 265, "HFC-23": 12_400, "HFC-32": 677, "HFC-41": 116, "HFC-43-10mee": 1_650, "HFC-125": 3_170,
        "HFC-134": 1_120, "HFC-134a": 1_300, "HFC-143": 328, "HFC-143a": 4_800, "HFC-152": 16, "HFC-152a": 138, "HFC-161": 4,
        "HFC-227ea": 3_350, "HFC-236cb": 1_210, "HFC-236ea": 1_330, "HFC-236fa": 8_060, "HFC-245ca": 716, "HFC-245fa": 858,
        "HFC-365mfc": 804, "CF4": 6_630, "C2F6": 11_100, "C3F8": 8_900, "c-C4F8": 9_540, "C4F10": 9_200, "C5F12": 8_550,
        "C6F14": 7_910, "SF6": 23_500, "NF3": 16_100,
    },
    "AR6": {
        "CO2": 1, "CH4": 27.9, "N2O": 273, "HFC-23": 14_600, "HFC-32": 771, "HFC-41": 135, "HFC-43-10mee": 1_600, "HFC-125": 3_740,
        "HFC-134": 1_260, "HFC-134a": 1_530, "HFC-143": 364, "HFC-143a": 5_810, "HFC-152": 21.5, "HFC-152a": 164, "HFC-161": 4.84,
        "HFC-227ea": 3_600, "HFC-236cb": 1_350, "HFC-236ea": 1_500, "HFC-236fa": 8_690, "HFC-245ca": 787, "HFC-245fa": 962,
        "HFC-365mfc": 914, "CF4": 7_380, "C2F6": 12_400, "C3F8": 9_290, "c-C4F8": 10_200, "C4F10": 10_000, "C5F12": 9_220,
        "C6F14": 8_620, "SF6": 25_200, "NF3": 17_400,
    },
    "cn-enterprise-2013": {"CO2": 1, "CH4": 21, "N2O": 310},
    "cn-province-2025": {"CO2": 1, "CH4": 28},
    "gb-t-32151.22-2024": {"CO2": 1, "CH4": 27.9, "N2O": 273},
    "cn-ets-aluminium-2024": {"CO2": 1, "CF4": 6_630, "C2F6": 11_100},
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


@pytest.mark.parametrize("name", GWP_SETS)
def test_the_source_of_a_set_is_told_in_both_languages(name: str) -> None:
    found = gwp_set(name)
    assert found.title("en") == found.source != found.title("zh")
    assert not any("\u4e00" <= c <= "\u9fff" for c in found.title("en"))
