"""Every formula against a hand calculation or a published factor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.agriculture import animal_emission, rice_methane
from tanlu.accounts.combustion import combustion_co2, combustion_gas
from tanlu.accounts.electricity import electricity_co2
from tanlu.accounts.fugitive import coal_methane
from tanlu.accounts.processes import cement_co2, flux_co2, glass_co2, lime_co2, metal_co2

AMOUNT = st.floats(1e-3, 1e6)

# IPCC 2006 vol. 2 ch. 1, table 1.3 (carbon [kg/GJ]) and table 1.4 (CO2 [kg/TJ], complete oxidation)
IPCC_CARBON = [
    ("other bituminous coal", 25.8, 94_600),
    ("coke oven coke", 29.2, 107_000),
    ("diesel oil", 20.2, 74_100),
    ("motor gasoline", 18.9, 69_300),
    ("natural gas", 15.3, 56_100),
    ("coke oven gas", 12.1, 44_400),
]


@pytest.mark.parametrize(("fuel", "carbon", "factor"), IPCC_CARBON)
def test_carbon_content_gives_the_printed_combustion_factor(fuel: str, carbon: float, factor: float) -> None:
    """1 PJ is 1,000 TJ: the printed kg/TJ is the kt of 1,000 PJ; the table rounds to 100 or 1,000 kg/TJ."""
    assert combustion_co2(1000, carbon / 1000, 1.0) == pytest.approx(factor, rel=0.002)


def test_combustion_by_hand() -> None:
    """100 PJ × 0.0264 t C/GJ = 2.64 Mt C; × 0.98 oxidised = 2.5872 Mt C; × 44/12 = 9.4864 Mt CO2."""
    assert combustion_co2(100, 0.0264, 0.98) == pytest.approx(9486.4, rel=1e-12)


def test_a_tonne_of_coal_equivalent_of_coal() -> None:
    """29.3076 GJ × 25.8 kg C/GJ × 44/12 = 2.77 t CO2/tce, the figure known from Chinese planning for complete oxidation."""
    assert combustion_co2(29.3076 / 1e6, 0.0258, 1.0) * 1e3 == pytest.approx(2.7725, abs=5e-5)


def test_combustion_methane_by_hand() -> None:
    """1,000 PJ = 1e6 TJ; at 1 kg/TJ that is 1e6 kg = 1 kt."""
    assert combustion_gas(1000, 1.0) == pytest.approx(1.0, rel=1e-12)


def test_cement_by_hand() -> None:
    """100 Mt cement × 0.6 = 60 Mt clinker; × 0.52 t/t = 31.2 Mt CO2."""
    assert cement_co2(100_000, 0.6, 0.52) == pytest.approx(31_200)


def test_the_clinker_factor_of_the_guidelines() -> None:
    """IPCC 2006 vol. 3 ch. 2, eq. 2.4: 0.65 CaO × 44.01/56.08 = 0.51; with 2 % kiln dust 0.52 t CO2/t clinker."""
    assert cement_co2(1.0, 1.0, 0.65 * 44.01 / 56.08 * 1.02) == pytest.approx(0.52, abs=0.001)


def test_lime_by_hand() -> None:
    """Eq. 2.8: 85 % high-calcium lime at 0.75 and 15 % dolomitic at 0.77 round to 0.75 t/t: 2 Mt give 1.5 Mt."""
    assert lime_co2(1.0, 0.75) == pytest.approx(0.85 * 0.75 + 0.15 * 0.77, abs=0.005)
    assert lime_co2(2000, 0.75) == pytest.approx(1500)


def test_glass_by_hand() -> None:
    """1,000 kt glass with a fifth of cullet need 800 kt from raw material, each with 0.21 t: 168 kt."""
    assert glass_co2(1000, 0.21, 0.2) == pytest.approx(168)


def test_fluxes_by_hand() -> None:
    """10 Mt iron × 0.2 t limestone = 2 Mt; CaCO3 is 100.09 g/mol and holds 44.01 g CO2: 0.44 → 880 kt."""
    assert flux_co2(1.0, 1.0, 0.44) == pytest.approx(44.01 / 100.09, abs=5e-4)
    assert flux_co2(10_000, 0.2, 0.44) == pytest.approx(880)


def test_lead_and_zinc_by_hand() -> None:
    """2 Mt of metals, 40 % lead at 0.52 and 35 % zinc at 1.72 t/t: 416 kt and 1,204 kt."""
    assert metal_co2(2000, 0.40, 0.52) == pytest.approx(416)
    assert metal_co2(2000, 0.35, 1.72) == pytest.approx(1204)


def test_coal_methane_by_hand() -> None:
    """1 Mt coal × 20.5 m3/t = 20.5 million m3; × 0.67 kg/m3 = 13.735 kt."""
    assert coal_methane(1000, 18, 2.5, 0.67) == pytest.approx(13.735)


def test_rice_by_hand() -> None:
    """1.30 × 0.78 × 1.22 = 1.2371 kg/ha/d; × 80 d = 98.97 kg/ha; × 1 Mha = 98.97 kt."""
    assert rice_methane(1000, 1.30, 0.78, 1.22, 80) == pytest.approx(98.966, abs=0.001)


def test_animals_by_hand() -> None:
    """40 million pigs × 1.5 kg = 60 kt."""
    assert animal_emission(40_000, 1.5) == pytest.approx(60)


def test_purchased_electricity_by_hand() -> None:
    """20 TWh × 0.53 t/MWh = 10.6 Mt."""
    assert electricity_co2(20_000, 0.53) == pytest.approx(10_600)


@given(AMOUNT, st.floats(0.1, 10))
def test_every_formula_is_proportional_to_its_activity(amount: float, times: float) -> None:
    formulas = [
        lambda a: combustion_co2(a, 0.026, 0.98),
        lambda a: combustion_gas(a, 1.5),
        lambda a: cement_co2(a, 0.6, 0.53),
        lambda a: lime_co2(a, 0.75),
        lambda a: glass_co2(a, 0.21, 0.15),
        lambda a: flux_co2(a, 0.2, 0.44),
        lambda a: metal_co2(a, 0.4, 0.52),
        lambda a: coal_methane(a, 18, 2.5, 0.67),
        lambda a: rice_methane(a, 1.3, 0.78, 1.22, 80),
        lambda a: animal_emission(a, 1.5),
        lambda a: electricity_co2(a, 0.53),
    ]
    for formula in formulas:
        assert formula(amount * times) == pytest.approx(formula(amount) * times, rel=1e-9)
        assert formula(0.0) == 0.0
