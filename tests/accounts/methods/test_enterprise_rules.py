"""Enterprise rules and the national ETS: every formula by hand, rounding as the forms print it, linearity, arrays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods import aluminium_enterprise as aluminium
from tanlu.accounts.methods import cement_enterprise as cement
from tanlu.accounts.methods import enterprise_frame as frame
from tanlu.accounts.methods import power_unit as power
from tanlu.accounts.methods import steel_enterprise as steel
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.result import Result
from tanlu.core.errors import DataError


def run(method: str, method_set: str = "cn-ets-2024", period: str = "2024", **inputs: object) -> list[Result]:
    """Compute one record through the public entry, as an officer would."""
    rows = []
    for name, given_ in inputs.items():
        value, unit = given_ if isinstance(given_, tuple) else (given_, "")
        rows.append(Activity("r", "cn", period, method, name, str(value), unit, "report", "A"))
    return list(compute(rows, method_set))


def test_coal_by_calorific_value_and_by_measured_carbon() -> None:
    # 100,000 t × 20 GJ/t × 0.0264 tC/GJ × 0.99 × 44/12 = 191,664 t
    assert power.power_unit_co2(100_000, 20.0, 0.0264, 0.99) == pytest.approx(191_664)
    # the same carbon per tonne: 20 × 0.0264 = 0.528
    assert power.power_unit_co2(100_000, 1.0, 0.528, 0.99) == pytest.approx(191_664)


def test_a_power_unit_is_rounded_as_the_form_prints() -> None:
    # 1,234.565 t → 1,234.57 (half up); × 0.5123 × 0.99 × 44/12 = 2,295.8669 → 2,295.87; unrounded it would be 2,295.86
    found = run(
        "power-unit", fuel="conventional_coal", fuel_amount=("1234.565", "t"), carbon_content=("0.5123", "t C/t")
    )
    exact = Fraction("1234.57") * Fraction("0.5123") * Fraction("0.99") * 44 / 12
    assert [r.value for r in found] == [float(round(exact, 2))] == [2295.87]


def test_a_power_unit_asks_for_the_calorific_value_of_coal() -> None:
    with pytest.raises(DataError) as caught:
        run("power-unit", fuel="conventional_coal", fuel_amount=("1000", "t"))
    assert {p.code for p in caught.value.problems} == {"missing_factor"}


def test_default_carbon_where_coal_is_not_measured() -> None:
    # 1,000 t × 20 GJ/t × 0.03085 tC/GJ × 0.99 × 44/12 = 2,239.71
    found = run("power-unit", fuel="conventional_coal", fuel_amount=("1000", "t"), net_calorific_value=("20", "GJ/t"))
    assert [r.value for r in found] == [2239.71]


def test_natural_gas_of_a_unit() -> None:
    # 100 × 10^4 Nm3 × 389.310 × 0.01532 × 0.99 × 44/12 = 2,165.0153… → 2,165.02; 389.31 × 0.01532 = 5.9642292
    found = run("power-unit", fuel="natural_gas", fuel_amount=("100", "10^4 Nm3"))
    assert [r.value for r in found] == [2165.02]


def test_bought_power_counts_until_2022_only() -> None:
    # 1,000 MWh × 0.5703
    assert power.purchased_power_co2(1000.0, 0.5703) == pytest.approx(570.3)
    assert power.unit_obligation(100_000.0, 570.3, 2022) == pytest.approx(100_570.3)
    assert power.unit_obligation(100_000.0, 570.3, 2023) == 100_000.0


def test_heat_supply_ratio_and_intensities_add_up() -> None:
    # 2,000,000 of 10,000,000 GJ is heat for users: ratio 0.2; 1,000,000 t: 800,000 / 1,000,000 MWh, 200,000 / 2,000,000 GJ
    ratio = power.heat_supply_ratio(2_000_000, 10_000_000)
    assert ratio == pytest.approx(0.2)
    assert power.power_intensity(1_000_000, ratio, 1_000_000) == pytest.approx(0.8)
    assert power.heat_intensity(1_000_000, ratio, 2_000_000) == pytest.approx(0.1)


def test_load_factor() -> None:
    # 2,520,000 MWh in 6,000 h at 600 MW: 70 %
    assert power.load_factor(2_520_000, 6000, 600) == pytest.approx(0.7)


def test_steel_fuel_has_no_oxidation_factor() -> None:
    # 1,000 t × 23.736 × 0.02618 × 44/12 = 2,278.4977… → 2,278.50
    found = run("steel-enterprise-fuel", fuel="bituminous_coal", fuel_amount=("1000", "t"))
    assert [(r.value, r.category) for r in found] == [(2278.50, "1.A.2.a")]
    # with 99 % in a power unit of the works: 2,255.7127… → 2,255.71
    found = run("steel-generation", fuel="bituminous_coal", fuel_amount=("1000", "t"))
    assert [(r.value, r.category) for r in found] == [(2255.71, "memo.steel_generation")]


def test_a_process_takes_and_gives() -> None:
    """CETS-AG-03.01, 7.1.1, equation 2: (in − out) · NCV · CC · 44/12, rounded to two decimals; 33.000 and 0.07080 are table A.1."""
    # ironmaking: blast-furnace gas out 1,000 × 10^4 Nm3 × 33.000 × 0.07080 × 44/12 = −8,566.80
    found = run(
        "steel-process", steel_process="ironmaking", fuel="blast_furnace_gas",
        fuel_in=("0", "10^4 Nm3"), fuel_out=("1000", "10^4 Nm3"),
    )  # fmt: skip
    assert [(r.value, r.category) for r in found] == [(-8566.80, "memo.steel_ironmaking")]


def test_a_process_by_hand() -> None:
    """CETS-AG-03.01, 7.1.1, equation 2; 28.435 GJ/t and 0.02942 t C/GJ of coke are table A.1; no oxidation factor.

    (500 − 20) t · 28.435 = 13,648.8 GJ; · 0.02942 = 401.547696 t C; · 44/12 = 1,472.341552 t.
    """
    assert steel.process_fuel_co2(500.0, 20.0, 28.435, 0.02942) == pytest.approx(1472.341552)
    assert steel.process_fuel_co2(0.0, 480.0, 28.435, 0.02942) == pytest.approx(-1472.341552)


def test_totals_of_a_steel_company() -> None:
    # 1,000.005 → 1,000.01; 200.004 → 200.00; −100 : 1,100.01 → 1,100; rest 1,100.01 − 700 − 150.5 = 249.51
    found = steel.steel_totals(["1000.005", "200.004", "-100"], ["500", "200"], ["150.5"], "600")
    assert (found.company, found.processes, found.generation) == (1100, 700, Decimal("150.5"))
    assert found.other == Decimal("249.51")
    # 1,100.01 / 600 = 1.83335 → 1.8334 (half up)
    assert found.intensity == Decimal("1.8334")


def test_a_clinker_line() -> None:
    # fuel 1,000 t × 23.736 × 0.02618 × 0.99 × 44/12 = 2,255.71
    found = run("cement-clinker-line-fuel", fuel="bituminous_coal", fuel_amount=("1000", "t"))
    assert [(r.value, r.category) for r in found] == [(2255.71, "1.A.2.f")]
    # 300,000 + 1,000,000 × 0.535 − 24,000
    assert cement.line_emissions(300_000, 1_000_000, 0.535, 24_000) == pytest.approx(811_000)
    # 50,000 × 0.48 / (1,000,000 × 0.535) = 4.486 %
    assert cement.carbide_slag_share(50_000, 0.48, 1_000_000, 0.535) == pytest.approx(24_000 / 535_000)


def test_aluminium_electrolysis() -> None:
    # 48,500 t × (1 − 0.1518) × (1 − 0.02 − 0.004) × 44/12 = 41,137.7 × 0.976 × 44/12 = 147,218.12 t
    co2, cf4, c2f6 = aluminium.electrolysis_emissions(100_000, 48_500, 0.1518, 0.02, 0.004, 0.02, 0.0011)
    assert co2 == pytest.approx(48_500 * 0.8482 * 0.976 * 44 / 12)
    assert co2 == pytest.approx(147_218.12, abs=0.01)
    assert (cf4, c2f6) == (pytest.approx(2.0), pytest.approx(0.11))
    found = run("aluminium-electrolysis", aluminium=("100000", "t"), anode_gross=("48500", "t"))
    assert {r.gas: round(r.value, 2) for r in found} == {"CO2": 147_218.12, "CF4": 2.0, "C2F6": 0.11}


def test_anode_effect_minutes() -> None:
    # 0.143 × 0.2 min = 0.0286 kg CF4/t, a tenth of it C2F6
    assert aluminium.anode_effect_factors(0.2) == (pytest.approx(0.0286), pytest.approx(0.00286))


def test_recovered_co2_is_negative() -> None:
    assert frame.recovered_co2(1000.0, 0.99) == pytest.approx(-990)


def test_the_frame_of_an_enterprise() -> None:
    # power 100 MWh from the grid, 20 contracted, 30 own, 10 sold at 0.5306; heat 200 bought and 50 sold at 0.11
    found = frame.enterprise_total(
        1000, "200.005", recovered=50, power=frame.PowerUse(100, 20, 30, 10), grid_factor="0.5306", heat_bought=200,
        heat_sold=50,
    )  # fmt: skip
    parts = (found.purchased_power, found.sold_power, found.purchased_heat, found.sold_heat)
    assert parts == (Decimal("53.06"), Decimal("-5.31"), Decimal("22.00"), Decimal("-5.50"))
    assert (found.process, found.direct) == (Decimal("200.01"), Decimal("1150.01"))
    assert found.total == Decimal("1150.01") + Decimal("64.25")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**5), st.integers(0, 10**5))
def test_contracted_and_own_non_fossil_power_changes_nothing(grid: int, sold: int, contracted: int, own: int) -> None:
    plain = frame.enterprise_total(1, 1, power=frame.PowerUse(grid, sold=sold), grid_factor="0.5306")
    green = frame.enterprise_total(1, 1, power=frame.PowerUse(grid, contracted, own, sold), grid_factor="0.5306")
    assert green == plain


FUNCTIONS: list[tuple[Callable[..., object], int, tuple[float, ...]]] = [
    (power.power_unit_co2, 0, (1.0, 20.0, 0.026, 0.99)),
    (power.purchased_power_co2, 0, (1.0, 0.57)),
    (steel.company_fuel_co2, 0, (1.0, 28.435, 0.02942)),
    (steel.generation_co2, 0, (1.0, 33.0, 0.0708, 0.99)),
    (cement.line_fuel_co2, 0, (1.0, 23.0, 0.026, 0.99)),
    (frame.recovered_co2, 0, (1.0, 0.99)),
]


@pytest.mark.parametrize(("function", "at", "values"), FUNCTIONS, ids=[f.__name__ for f, _, _ in FUNCTIONS])
def test_twice_the_amount_is_twice_the_emissions_and_arrays_broadcast(
    function: Callable[..., object], at: int, values: tuple[float, ...]
) -> None:
    several = [*values]
    several[at] = np.array([[0.0], [1.0], [2.0]])  # type: ignore[call-overload]
    zero, one, two = np.asarray(function(*several)).ravel()
    assert zero == 0 and two == pytest.approx(2 * one) and one == pytest.approx(function(*values))


def test_exact_fractions_pass_through() -> None:
    given_ = np.array([Fraction(2)], dtype=object)
    found = power.power_unit_co2(given_, Fraction("20"), Fraction("0.026"), Fraction("0.99"))  # type: ignore[arg-type]
    assert found[0] == Fraction(2) * 20 * Fraction("0.026") * Fraction("0.99") * 44 / 12  # type: ignore[index]
