"""Energy methods as users call them: rows in, the factors of the rulebook found, and the fallbacks listed for review."""

from __future__ import annotations

import pytest

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.core.errors import DataError

Datum = tuple[float, str] | str


def rows(method: str, inputs: dict[str, Datum], place: str = "hunan", period: str = "2023") -> list[Activity]:
    found = []
    for name, datum in inputs.items():
        value, unit = (datum, "") if isinstance(datum, str) else (repr(datum[0]), datum[1])
        found.append(Activity("record", place, period, method, name, value, unit, "meter", "A", 0.0))
    return found


def totals(rulebook: str, method: str, inputs: dict[str, Datum], **where: str) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for result in compute(rows(method, inputs, **where), rulebook):
        key = (result.gas, result.category)
        found[key] = found.get(key, 0.0) + result.value
    return found


def test_a_works_burns_coal_by_the_enterprise_rule() -> None:
    """0.1 · 10^4 t · 23.204 GJ/t · 0.02618 t C/GJ · 0.93 · 44/12 = 2071.509 t."""
    found = totals(
        "cn-enterprise",
        "fuel-combustion",
        {"fuel_amount": (0.1, "10^4 t"), "fuel": "bituminous_coal", "sector": "industry_minerals"},
    )
    assert found == {("CO2", "1.A.2.f"): pytest.approx(2071.5092552)}


def test_the_same_rows_by_the_ipcc_guidelines_take_the_ipcc_set() -> None:
    """1000 t · 25.8 GJ/t · 25.8 kg C/GJ · 44/12 = 2440.68 t; coal is other bituminous coal there."""
    inputs: dict[str, Datum] = {"fuel_amount": (1000.0, "t"), "fuel": "bituminous_coal", "sector": "industry_minerals"}
    assert totals("ipcc-2006", "fuel-combustion", inputs) == {("CO2", "1.A.2.f"): pytest.approx(2440.68)}
    assert totals("ipcc-2019", "fuel-combustion", inputs) == {("CO2", "1.A.2.f"): pytest.approx(2440.68)}


def test_gas_may_be_given_by_volume_or_as_heat() -> None:
    """10^6 Nm3 · 389.31 GJ/10^4 Nm3 = 38,931 GJ."""
    by_volume = totals("cn-enterprise", "fuel-combustion", {"fuel_amount": (1e6, "Nm3"), "fuel": "natural_gas"})
    by_heat = totals("cn-enterprise", "fuel-combustion", {"fuel_amount": (38_931.0, "GJ"), "fuel": "natural_gas"})
    assert by_volume == {("CO2", "1.A.5.a"): pytest.approx(38_931 * 0.0153 * 0.99 * 44 / 12)}
    assert by_volume[("CO2", "1.A.5.a")] == pytest.approx(by_heat[("CO2", "1.A.5.a")])


def test_ipcc_knows_gas_by_mass_only_and_says_so() -> None:
    with pytest.raises(DataError):
        totals("ipcc-2006", "fuel-combustion", {"fuel_amount": (1e6, "Nm3"), "fuel": "natural_gas"})


@pytest.mark.parametrize(
    ("sector", "fuel", "category", "ch4", "n2o"),
    [
        ("electricity_heat", "bituminous_coal", "1.A.1.a", 1.0, 1.5),
        ("industry_iron_steel", "coke", "1.A.2.a", 10.0, 1.5),
        ("commercial", "natural_gas", "1.A.4.a", 5.0, 0.1),
        ("residential", "anthracite", "1.A.4.b", 300.0, 1.5),
        ("agriculture_forestry_fishing", "diesel", "1.A.4.c", 10.0, 0.6),
        ("road", "gasoline", "1.A.3.b", 3.8, 5.7),
        ("railways", "diesel", "1.A.3.c", 4.15, 28.6),
        ("off_road", "diesel", "1.A.3.e.ii", 4.15, 28.6),
        ("navigation_domestic", "fuel_oil", "1.A.3.d.ii", 7.0, 2.0),
        ("aviation_domestic", "jet_kerosene", "1.A.3.a.ii", 0.5, 2.0),
    ],
)
def test_methane_and_nitrous_oxide_follow_the_sector(
    sector: str, fuel: str, category: str, ch4: float, n2o: float
) -> None:
    """1000 TJ at the factors of tables 2.2–2.5 and of chapter 3, kg/TJ: tonnes."""
    found = totals(
        "ipcc-2006", "fuel-combustion-non-co2", {"fuel_amount": (1000.0, "TJ"), "fuel": fuel, "sector": sector}
    )
    assert found == {("CH4", category): pytest.approx(ch4), ("N2O", category): pytest.approx(n2o)}


def test_a_province_checks_its_coal_by_supply() -> None:
    """(30 + 60 − 5 − 2) Mt of coal, 1 Mt C excluded: (83e6 · 23.204 · 0.02618 − 1e6) · 0.93 · 44/12 t."""
    found = totals(
        "cn-province-2011",
        "reference-approach",
        {
            "primary_production": (30.0, "Mt"),
            "inflow": (60.0, "Mt"),
            "outflow": (5.0, "Mt"),
            "fuel_stock_change": (2.0, "Mt"),
            "excluded_carbon": (1e6, "t C"),
            "fuel": "bituminous_coal",
        },
    )
    expected = (83e6 * 23.204 * 0.02618 - 1e6) * 0.93 * 44 / 12
    assert found == {("CO2", "memo.reference_approach"): pytest.approx(expected)}


def test_lubricants_take_all_their_factors_from_the_library() -> None:
    """1000 t · 40.2 GJ/t · 20 kg C/GJ · 0.2 · 44/12 = 589.6 t."""
    assert totals("ipcc-2006", "lubricant-use", {"product_use": (1000.0, "t")}) == {
        ("CO2", "2.D.1"): pytest.approx(589.6)
    }


def test_coal_mines_by_the_two_rulebooks() -> None:
    """1 Mt: 18 and 2.5 m3/t at average depth; 8.37 and 3 m3/t in key state mines with much gas; 0.67 kg/m3."""
    inputs: dict[str, Datum] = {"coal_production": (1.0, "Mt")}
    assert totals("ipcc-2006", "coal-mine-methane", inputs) == {
        ("CH4", "1.B.1.a.i.1"): pytest.approx(12_060.0),
        ("CH4", "1.B.1.a.i.2"): pytest.approx(1675.0),
    }
    assert totals("cn-province-2011", "coal-mine-methane", inputs) == {
        ("CH4", "1.B.1.a.i.1"): pytest.approx(5607.9),
        ("CH4", "1.B.1.a.i.2"): pytest.approx(2010.0),
    }


def test_open_pits_have_their_own_categories() -> None:
    """1 Mt under 25–50 m of overburden: 1.2 and 0.1 m3/t."""
    found = totals("ipcc-2006", "coal-mine-methane", {"coal_production": (1.0, "Mt"), "mine": "surface_average"})
    assert found == {("CH4", "1.B.1.a.ii.1"): pytest.approx(804.0), ("CH4", "1.B.1.a.ii.2"): pytest.approx(67.0)}


def test_gas_networks_and_refineries_of_a_province() -> None:
    """3 · 10^8 Nm3 distributed at 133 t/10^8 Nm3; 2 Mt of oil refined at 5000 t/10^8 t; 4 stations of 85.1 t."""
    rulebook = "cn-province-2011"
    gas = totals(rulebook, "oil-gas-leakage", {"throughput": (3e8, "Nm3"), "stage": "gas_distribution"})
    oil = totals(rulebook, "oil-gas-leakage", {"throughput": (2.0, "Mt"), "stage": "oil_refining"})
    stations = totals(
        rulebook, "oil-gas-facilities", {"facilities": (4.0, "count"), "facility": "gas_compressor_station"}
    )
    assert gas == {("CH4", "1.B.2.b.iii.5"): pytest.approx(399.0)}
    assert oil == {("CH4", "1.B.2.a.iii.4"): pytest.approx(100.0)}
    assert stations == {("CH4", "1.B.2.b.iii.4"): pytest.approx(340.4)}


def test_cars_by_distance_and_a_missing_factor() -> None:
    """10^8 km of cars of the fourth standard: 57 and 6 mg/km. Heavy gas vehicles have no N2O factor."""
    inputs: dict[str, Datum] = {
        "vehicle_distance": (1e8, "km"),
        "vehicle": "car_gasoline",
        "emission_standard": "cn4plus",
    }
    expected = {("CH4", "1.A.3.b"): pytest.approx(5.7), ("N2O", "1.A.3.b"): pytest.approx(0.6)}
    assert totals("cn-enterprise", "road-transport-distance", inputs) == expected
    with pytest.raises(DataError):
        totals("cn-enterprise", "road-transport-distance", {**inputs, "vehicle": "heavy_gas_natural"})


def test_electricity_takes_the_factor_of_the_place_and_year() -> None:
    inputs: dict[str, Datum] = {"electricity": (1e6, "kWh")}
    for period, factor in (("2021", 0.5138), ("2022", 0.49), ("2023", 0.4976)):
        found = totals("cn-enterprise", "electricity-location-based", inputs, period=period)
        assert found == {("CO2", "memo.purchased_electricity"): pytest.approx(1000 * factor)}


def test_a_place_without_its_own_factor_and_a_later_year_are_listed_for_review() -> None:
    own = compute(rows("electricity-location-based", {"electricity": (1.0, "MWh")}), "cn-enterprise")
    later = compute(rows("electricity-location-based", {"electricity": (1.0, "MWh")}, period="2024"), "cn-enterprise")
    wider = compute(rows("electricity-location-based", {"electricity": (1.0, "MWh")}, place="tibet"), "cn-enterprise")
    assert [r.value for r in own] == [0.4976] and not own.fallbacks
    assert [r.value for r in later] == [0.4976] and later.fallbacks
    assert [r.value for r in wider] == [0.5306] and wider.fallbacks


def test_no_grid_factor_is_invented_for_a_year_before_the_first() -> None:
    with pytest.raises(DataError):
        totals("cn-enterprise", "electricity-location-based", {"electricity": (1.0, "MWh")}, period="2015")


def test_steam_and_hot_water_by_the_defaults() -> None:
    """1000 t of steam at 2783.74 kJ/kg are 2700 GJ; 1000 t of water at 70 °C are 209.34 GJ; 0.11 t/GJ."""
    steam = totals("cn-enterprise", "steam-purchased", {"steam": (1000.0, "t"), "steam_enthalpy": (2783.74, "kJ/kg")})
    water = totals(
        "cn-enterprise", "hot-water-purchased", {"hot_water": (1000.0, "t"), "water_temperature": (70.0, "℃")}
    )
    assert steam == {("CO2", "memo.purchased_heat"): pytest.approx(297.0)}
    assert water == {("CO2", "memo.purchased_heat"): pytest.approx(23.0274)}
