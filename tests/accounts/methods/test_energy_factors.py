"""Energy factors of the library against a second print of the same numbers."""

from __future__ import annotations

import pytest

from tanlu.accounts.methods.fuels import AMOUNTS
from tanlu.core.factors import Factor
from tanlu.core.library import load_library

PRESS_2023 = {
    "cn": 0.5306,
    "cn-north-grid": 0.6361,
    "cn-northeast-grid": 0.5122,
    "cn-east-grid": 0.5500,
    "cn-central-grid": 0.5271,
    "cn-northwest-grid": 0.5543,
    "cn-south-grid": 0.4042,
    "cn-southwest-grid": 0.2472,
}
"""Factors of 2023 as the ministry told the press (Guangming Daily, January 2026) [kg CO2/kWh]."""
DIGITS = 0.005
"""Relative rounding of the printed CO2 factors, which have three digits."""


def of_set(name: str, parameter: str) -> dict[str, Factor]:
    found = (f for f in load_library().factors.values() if f.set == name and f.parameter == parameter)
    return {f.subject: f for f in found}


def grid(parameter: str, year: int) -> dict[str, float]:
    found = (f for f in load_library().factors.values() if f.set == "cn-grid" and f.parameter == parameter)
    return {f.region: f.value for f in found if f.valid_from == year}


def test_grid_factors_of_2023_agree_with_the_press_release() -> None:
    found = grid("co2_factor", 2023)
    assert len(found) == 38
    assert {area: found[area] for area in PRESS_2023} == PRESS_2023
    assert grid("residual_co2_factor", 2023) == {"cn": 0.6096}
    assert grid("fossil_co2_factor", 2023) == {"cn": 0.8273}


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_factor_of_a_grid_lies_between_those_of_its_provinces(year: int) -> None:
    """An average of provinces cannot lie outside them; two per cent allow for exchange between the grids."""
    found, areas = grid("co2_factor", year), load_library().areas
    for name in (a for a in PRESS_2023 if a != "cn"):
        members = [found[a.id] for a in areas.values() if name in a.wider and a.id in found]
        assert members and min(members) * 0.98 <= found[name] <= max(members) * 1.02, (name, members)


def test_the_carbon_of_every_ipcc_fuel_gives_its_printed_co2_factor() -> None:
    carbon, co2 = of_set("ipcc-2006", "carbon_content"), of_set("ipcc-2006", "co2_factor")
    fuels = set(carbon) & set(co2)
    assert len(fuels) == 54
    for fuel in fuels:
        expected = carbon[fuel].in_unit("kg C/TJ") * 44 / 12
        assert co2[fuel].in_unit("kg CO2/TJ") == pytest.approx(expected, rel=DIGITS), fuel


def test_intervals_hold_their_value() -> None:
    found = [f for p in ("net_calorific_value", "carbon_content") for f in of_set("ipcc-2006", p).values()]
    with_interval = [f for f in found if f.low is not None and f.high is not None]
    assert len(with_interval) > 100
    assert [f.id for f in with_interval if not f.low <= f.value <= f.high] == []


@pytest.mark.parametrize("name", ["cn-enterprise-2013", "gb-t-32151.22-2024", "cn-ets-steel-2024"])
def test_a_chinese_set_is_whole_for_each_of_its_fuels(name: str) -> None:
    parts = [of_set(name, p) for p in ("net_calorific_value", "carbon_content", "oxidation_factor")]
    assert set(parts[0]) == set(parts[1]) == set(parts[2]) and len(parts[0]) >= 25
    assert {f.unit for f in parts[0].values()} <= {f"GJ/{measure}" for measure in AMOUNTS}


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("cn-enterprise-2013.net_calorific_value.cleaned_coal", 26.344, "GJ/t"),
        ("cn-enterprise-2013.carbon_content.crude_benzol", 0.0227, "t C/GJ"),
        ("cn-enterprise-2013.oxidation_factor.bituminous_coal", 0.93, "1"),
        ("cn-enterprise-2013.net_calorific_value.natural_gas", 389.31, "GJ/10^4 Nm3"),
        ("ipcc-2006.ch4_factor.energy_industries.diesel_oil", 3.0, "kg CH4/TJ"),
        ("ipcc-2006.n2o_factor.energy_industries.coke_oven_coke_and_lignite_coke", 1.5, "kg N2O/TJ"),
        ("ipcc-2006.methane_factor.coal_mining", 18.0, "m3/t"),
        ("ipcc-2006.density.methane", 0.67, "kg CH4/m3"),
        ("cn-grid.co2_factor.hunan.2022", 0.49, "t CO2/MWh"),
        ("cn-grid.co2_factor.central_grid.2021", 0.5354, "t CO2/MWh"),
        ("cn-grid.co2_factor.national.2023", 0.5306, "t CO2/MWh"),
    ],
)
def test_ids_that_provinces_refer_to_keep_their_value(name: str, value: float, unit: str) -> None:
    found = load_library().factors[name]
    assert (found.value, found.unit) == (value, unit)


def test_no_alias_of_the_ipcc_set_hides_a_factor_of_it() -> None:
    """A subject that is renamed at every look-up must not be the name of a factor, which could then not be found."""
    library = load_library()
    renamed = {subject for name, subject in library.aliases if name == "ipcc-2006"}
    hidden = [
        f.id for f in library.factors.values() if f.set == "ipcc-2006" and renamed & {f.subject, *f.subject.split(".")}
    ]
    assert hidden == []
