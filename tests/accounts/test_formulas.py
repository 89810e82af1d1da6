"""How a series of a province enters a method: units, factors, weights, and every formula that the shipped province uses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.province.formulas import Formula, formula, formula_names
from tanlu.accounts.province.settings import load_settings
from tanlu.core.province import load_province, province_folder

AMOUNT = st.floats(1e-3, 1e6)
# what goes in [unit of the method], the factors, the gas, and kt by hand
HAND = {
    # 100 Mt cement × 0.6 = 60 Mt clinker; × 0.52 t/t = 31.2 Mt
    "cement-production-ipcc": (100e6, {"clinker_ratio": 0.6, "clinker_factor": 0.52}, "CO2", 31_200),
    # 2 Mt × 0.75
    "lime-production": (2e6, {"lime_factor": 0.75}, "CO2", 1500),
    # 1,000 kt glass with a fifth of cullet need 800 kt from raw material, each with 0.21 t
    "glass-production-ipcc": (1e6, {"glass_factor": 0.21, "cullet_ratio": 0.2}, "CO2", 168),
    # 2 Mt limestone × 0.44
    "carbonate-use": (2e6, {"carbonate_factor": 0.44}, "CO2", 880),
    # 0.8 Mt lead × 0.52; 0.7 Mt zinc × 1.72
    "lead-production-ipcc": (0.8e6, {"lead_factor": 0.52}, "CO2", 416),
    "zinc-production-ipcc": (0.7e6, {"zinc_factor": 1.72}, "CO2", 1204),
    # 1 Mt coal × 20.5 m3/t = 20.5 million m3; × 0.67 kg/m3
    "coal-mine-methane-ipcc": (
        1e6,
        {"mining_methane_factor": 18, "post_mining_methane_factor": 2.5, "methane_density": 0.67},
        "CH4",
        13.735,
    ),
    # 1.30 × 0.78 × 1.22 = 1.23708 kg/ha/d; × 80 d = 98.9664 kg/ha; × 1 Mha
    "rice-methane-ipcc": (
        1e6,
        {"baseline_factor": 1.30, "water_scaling": 0.78, "preseason_scaling": 1.22, "cultivation_days": 80},
        "CH4",
        98.9664,
    ),
    # 40 million pigs × 1.5 kg
    "enteric-tier-1": (40e6, {"enteric_factor": 1.5}, "CH4", 60),
    "manure-methane-head": (40e6, {"manure_ch4_factor": 1.5}, "CH4", 60),
    "manure-n2o-head": (40e6, {"manure_n2o_factor": 0.2}, "N2O", 8),
}


def used(name: str) -> Formula:
    found = formula(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", HAND)
def test_a_method_gives_kilotonnes_of_a_series(name: str) -> None:
    activity, factors, gas, kt = HAND[name]
    assert used(name).value(activity, factors, gas) == pytest.approx(kt)


def test_every_method_of_the_shipped_province_is_checked_by_hand() -> None:
    settings = load_settings(load_province(province_folder("hunan")))
    assert {o.method for o in settings.outputs} <= HAND.keys()


@pytest.mark.parametrize("name", HAND)
@given(amount=AMOUNT, times=st.floats(0.1, 10))
def test_a_result_is_proportional_to_its_series(name: str, amount: float, times: float) -> None:
    _, factors, gas, _ = HAND[name]
    once, many = (used(name).value(a, factors, gas) for a in (amount, amount * times))
    assert many == pytest.approx(once * times, rel=1e-9)
    assert used(name).value(0.0, factors, gas) == 0.0


def test_a_factor_of_the_product_weighs_one_and_a_share_less() -> None:
    """Cullet acts through 1 − share: 0.2 / 0.8; the two methane factors share the weight of one: 18 and 2.5 of 20.5."""
    assert used("glass-production-ipcc").weights({"glass_factor": 0.21, "cullet_ratio": 0.2}, "CO2") == pytest.approx(
        {"glass_factor": 1.0, "cullet_ratio": -0.25}
    )
    mines = HAND["coal-mine-methane-ipcc"]
    assert used("coal-mine-methane-ipcc").weights(mines[1], "CH4") == pytest.approx(
        {"mining_methane_factor": 18 / 20.5, "post_mining_methane_factor": 2.5 / 20.5, "methane_density": 1.0}
    )


def test_inputs_with_a_value_of_the_rule_need_no_factor() -> None:
    assert used("cement-production-ipcc").required == ("clinker_ratio", "clinker_factor")
    assert used("rice-methane-ipcc").required == (
        "cultivation_days", "baseline_factor", "water_scaling", "preseason_scaling",
    )  # fmt: skip


def test_a_method_over_several_years_or_with_words_is_none_of_a_single_series() -> None:
    assert formula("glas") is None
    assert formula("landfill-first-order-decay") is None
    assert formula("electronics-gas-use") is None, "its formula asks for the gas"
    assert "cement-production-ipcc" in formula_names()
