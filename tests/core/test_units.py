"""Units: hand values, and every convertible pair against pint as a second implementation."""

from __future__ import annotations

import itertools
import math

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.core.units import (
    IncompatibleUnitsError,
    UnknownUnitError,
    conversion_factor,
    convert,
    parse_unit,
    unit_label,
)

HAND_VALUES = [
    (1, "10^4 t", "kt", 10),
    (1, "万吨", "t", 10_000),
    (1, "Mt CO2", "kt CO2", 1000),
    (1, "Gg", "kt", 1),
    (1, "tce", "GJ", 29.3076),  # 7,000 kcal/kg × 4.1868 kJ/kcal
    (1, "Mtce", "PJ", 29.3076),
    (1, "万吨标准煤", "TJ", 293.076),
    (1, "亿千瓦时", "GWh", 100),
    (1, "GWh", "TJ", 3.6),
    (1, "kWh", "kgce", 3.6 / 29.3076),  # the 0.1229 kgce/kWh of calorific balances: 0.12283
    (1, "万千瓦", "MW", 10),
    (15, "亩", "ha", 1),
    (1, "km2", "ha", 100),
    (1, "10^3 ha", "mu", 15_000),
    (20, "weight cases", "t", 1),  # 50 kg of flat glass each
    (1, "万重量箱", "t", 500),
    (1, "亿元", "10^4 CNY", 10_000),
    (1, "万人", "persons", 10_000),
    (94.6, "kg/GJ", "t/TJ", 94.6),
    (0.5306, "t CO2/MWh", "kg CO2/kWh", 0.5306),
    (389.31, "GJ/10^4 Nm3", "MJ/Nm3", 38.931),
    (8760, "h/yr", "1", 1),
    (1.3, "kg CH4/ha/d", "kg CH4/ha/yr", 474.5),
    (5, "%", "1", 0.05),
    (2.5, "%/yr", "1/yr", 0.025),
    (3500, "CNY/kW", "CNY/MW", 3_500_000),
    (3500, "元/千瓦", "CNY/MW", 3_500_000),
    (0.4, "元/千瓦时", "CNY/MWh", 400),
    (90, "元/(千瓦·年)", "CNY/MW/a", 90_000),
    (33, "元/(千瓦·月)", "CNY/MW/month", 33_000),
    (8760, "CNY/(t/a)", "CNY/(t/h)", 8760 * 8760),
    (2, "百万千瓦", "MW", 2000),
    (3, "%/10^3 km", "1/km", 3e-5),
    (876, "t/a", "t/h", 0.1),
    (1, "吉瓦", "MW", 1000),
]

PINT_NAMES = {
    "吨": "t", "weight cases": "case", "重量箱": "case", "千瓦时": "kWh", "吨标准煤": "tce", "吨标煤": "tce", "千瓦": "kW",
    "m2": "m**2", "m3": "m**3", "km2": "km**2", "亩": "mu_area", "mu": "mu_area", "公顷": "hectare", "ha": "hectare",
    "立方米": "m**3", "yr": "annum", "d": "civil_day", "h": "civil_hour", "%": "percent_share", "1": "dimensionless",
    "kt": "kilotonne", "Mt": "megatonne", "Gt": "gigatonne", "t": "tonne",
}  # fmt: skip
SAME_KIND = [
    ("mg", "g", "kg", "t", "吨", "kt", "Gg", "Mt", "Gt", "weight cases", "重量箱"),
    ("kJ", "MJ", "GJ", "TJ", "PJ", "kWh", "千瓦时", "MWh", "GWh", "TWh", "kgce", "tce", "吨标准煤", "吨标煤", "ktce", "Mtce"),
    ("kW", "千瓦", "MW", "GW"),
    ("m2", "亩", "mu", "ha", "公顷", "km2"),
    ("m3", "立方米"),
    ("h", "d", "yr"),
    ("1", "%"),
]  # fmt: skip
KIND = st.sampled_from(SAME_KIND)
NUMBERS = st.floats(1e-6, 1e9, allow_nan=False)


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry[float]:
    """A registry with the Chinese units defined from their legal definitions, not from our table."""
    ureg = pint.UnitRegistry()
    for line in (
        "kgce = 7000 * 4.1868 * kilojoule",  # GB/T 2589: 7,000 kcal (IT) per kilogram
        "tce = 1000 * kgce",
        "ktce = 1000 * tce",
        "Mtce = 1000 * ktce",
        "case = 50 * kilogram",
        "mu_area = 10000 / 15 * meter**2",
        "civil_hour = hour",
        "civil_day = 24 * hour",
        "annum = 8760 * hour",
        "percent_share = 0.01",
        "kilotonne = 1000 * tonne",
        "megatonne = 1000000 * tonne",
        "gigatonne = 1000000000 * tonne",
    ):
        ureg.define(line)
    return ureg


@pytest.mark.parametrize(("value", "source", "target", "expected"), HAND_VALUES)
def test_hand_values(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


def test_every_pair_of_one_kind_agrees_with_pint(registry: pint.UnitRegistry[float]) -> None:
    for family in SAME_KIND:
        for a, b in itertools.permutations(family, 2):
            one = registry.Quantity(1.0, PINT_NAMES.get(a, a))
            assert conversion_factor(a, b) == pytest.approx(one.to(PINT_NAMES.get(b, b)).magnitude, rel=1e-12), (a, b)


def test_quotients_agree_with_pint(registry: pint.UnitRegistry[float]) -> None:
    pairs = [
        ("kg/TJ", "kilogram/terajoule", "t/GJ", "tonne/gigajoule"),
        ("GJ/t", "gigajoule/tonne", "kgce/kg", "kgce/kilogram"),
        ("t/MWh", "tonne/megawatt_hour", "g/kWh", "gram/kilowatt_hour"),
        ("kg/ha/d", "kilogram/hectare/civil_day", "t/km2/yr", "tonne/kilometer**2/annum"),
    ]
    for ours_a, theirs_a, ours_b, theirs_b in pairs:
        expected = registry.Quantity(1.0, theirs_a).to(theirs_b).magnitude
        assert conversion_factor(ours_a, ours_b) == pytest.approx(expected, rel=1e-12)


@given(NUMBERS, KIND.flatmap(lambda f: st.tuples(st.sampled_from(f), st.sampled_from(f))))
def test_there_and_back_is_the_same_number(value: float, pair: tuple[str, str]) -> None:
    a, b = pair
    assert math.isclose(convert(convert(value, a, b), b, a), value, rel_tol=1e-12)


@given(KIND.flatmap(lambda f: st.tuples(*[st.sampled_from(f)] * 3)))
def test_a_detour_does_not_change_a_factor(units: tuple[str, str, str]) -> None:
    a, b, c = units
    assert math.isclose(conversion_factor(a, b) * conversion_factor(b, c), conversion_factor(a, c), rel_tol=1e-12)


@given(st.integers(0, 12), st.sampled_from([u for f in SAME_KIND[:4] for u in f]))
def test_a_power_of_ten_multiplies_exactly(power: int, unit: str) -> None:
    assert parse_unit(f"10^{power} {unit}").factor == 10**power * parse_unit(unit).factor


@pytest.mark.parametrize(
    ("source", "target"),
    [("t", "GJ"), ("kW", "kWh"), ("t CO2", "t C"), ("t CO2", "t"), ("GJ/t", "t/GJ"), ("m3", "Nm3"), ("persons", "head"), ("km", "km2")],
)  # fmt: skip
def test_different_quantities_are_not_converted(source: str, target: str) -> None:
    with pytest.raises(IncompatibleUnitsError):
        conversion_factor(source, target)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tonnes",
        "10^4 tonnes",
        "T",
        "t/",
        "GJ//t",
        "CNY/(kW",
        "CNY/()",
        "CNY/(kW·)",
        "kwh",
        "10^x t",
        "万",
        "t CO3",
        "吨标",
    ],
)
def test_what_is_outside_the_vocabulary_is_refused(text: str) -> None:
    with pytest.raises(UnknownUnitError):
        parse_unit(text)


def test_a_misspelt_unit_brings_a_suggestion() -> None:
    with pytest.raises(UnknownUnitError) as caught:
        parse_unit("KWh")
    assert "kWh" in caught.value.suggestions


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("year", "年", ""),
        ("1", "", ""),
        ("count", "个", ""),
        ("10^4 persons", "万人", "10^4 persons"),
        ("10^8 CNY", "亿元", "10^8 CNY"),
        ("10^4 weight cases", "万重量箱", "10^4 weight cases"),
        ("万重量箱", "万重量箱", "10^4 weight cases"),
        ("亿千瓦时", "亿千瓦时", "10^8 kWh"),
        ("万吨 CO2", "万吨 CO2", "10^4 t CO2"),
        ("10^4 t", "10^4 t", "10^4 t"),
        ("h/yr", "小时/年", "h/yr"),
        ("%/yr", "%/年", "%/yr"),
        ("1/yr", "1/年", "1/yr"),
        ("10^3 vehicles", "10^3 辆", "10^3 vehicles"),
        ("kg CH4/head/yr", "kg CH4/头/年", "kg CH4/head/yr"),
        ("kg/person/yr", "kg/人/年", "kg/person/yr"),
        ("g N2O/persons/yr", "g N2O/人/年", "g N2O/person/yr"),
        ("t CO2/10^4 CNY", "t CO2/万元", "t CO2/10^4 CNY"),
        ("CNY; day", "元；天", "CNY; days"),
        ("CNY/(t/yr)", "元/(t/年)", "CNY/(t/yr)"),
        ("job-years/10^6 CNY", "人年/百万元", "job-years/10^6 CNY"),
        ("10^6 heads", "百万头", "10^6 heads"),
        ("10^6 m2/yr", "百万平方米/年", "10^6 m2/yr"),
        ("kgce per unit product", "kgce per unit product", "kgce per unit product"),
        ("", "", ""),
    ],
)
def test_a_unit_is_written_in_the_language_of_the_reader(unit: str, zh: str, en: str) -> None:
    assert (unit_label(unit, "zh"), unit_label(unit, "en")) == (zh, en)


WITHOUT_TIME = sorted({u for row in HAND_VALUES for u in row[1:3] if not {"h", "d", "yr"} & set(u.split("/"))})


@pytest.mark.parametrize("unit", WITHOUT_TIME)
def test_the_label_of_a_unit_measures_the_same(unit: str) -> None:
    """Labels are units of the vocabulary, except for words of time, which the vocabulary has in symbols only."""
    for language in ("zh", "en"):
        assert conversion_factor(unit_label(unit, language) or unit, unit) == pytest.approx(1.0)


@pytest.mark.parametrize(("one", "other"), [("t CO2/t C", "t CO2/t"), ("t/t C", "t C/t"), ("MJ/kg CH4", "MJ/kg")])
def test_the_substance_below_the_line_counts(one: str, other: str) -> None:
    with pytest.raises(IncompatibleUnitsError):
        conversion_factor(one, other)
    assert conversion_factor(one, one) == 1.0
