"""Rice fields: hand calculations, scaling, and the factors that compute finds by region and rulebook."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.rice import rice_methane_by_scaling, rice_methane_by_season
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute


def computed(place: str, method_set: str, **inputs: tuple[float | str, str]) -> float:
    """Return the one result [t] of a record of the topic."""
    rows = [
        Activity("a/0", place, "2020", "rice-methane", name, str(value), unit, "test", "A", 0.0)
        for name, (value, unit) in inputs.items()
    ]
    (result,) = compute(rows, method_set)
    return result.value * {"t": 1.0, "kg": 1e-3}[result.unit]


def test_a_season_by_hand() -> None:
    """1000 ha · 210 kg/ha = 210 t."""
    assert rice_methane_by_season(1000.0, 210.0) == pytest.approx(210.0)


def test_the_scaling_by_hand() -> None:
    """1.30 · 0.60 · 0.68 · (1 + 3 t · 1 + 2 t · 0.05)^0.59 = 1.21938; · 120 d · 1000 ha / 1000 = 146.33 t."""
    organic = 4.1**0.59
    assert organic == pytest.approx(2.29902, abs=1e-5)
    found = rice_methane_by_scaling(
        1000.0, 120.0, 1.30, 0.60, 0.68,
        straw_short_rate=3.0, straw_short_conversion=1.0, compost_rate=2.0, compost_conversion=0.05,
    )  # fmt: skip
    assert found == pytest.approx(1.30 * 0.60 * 0.68 * organic * 120) and found == pytest.approx(146.33, abs=0.01)


def test_without_amendments_the_exponent_has_no_effect_and_upland_rice_gives_nothing() -> None:
    assert rice_methane_by_scaling(10.0, 100.0, 1.3, 1.0, 1.0, amendment_exponent=0.59) == rice_methane_by_scaling(
        10.0, 100.0, 1.3, 1.0, 1.0, amendment_exponent=0.75
    )
    assert rice_methane_by_scaling(10.0, 100.0, 1.3, 0.0, 1.0, straw_short_rate=5.0, straw_short_conversion=1.0) == 0.0


@given(st.floats(0.0, 20.0), st.floats(0.0, 20.0), st.floats(0.01, 1.0))
def test_more_straw_is_more_methane_but_less_than_in_proportion(less: float, more: float, conversion: float) -> None:
    low, high = sorted((less, more))
    one, two = (
        rice_methane_by_scaling(1.0, 100.0, 1.3, 1.0, 1.0, straw_short_rate=rate, straw_short_conversion=conversion)
        for rate in (low, high)
    )
    assert one <= two <= one * (1 + high * conversion) / (1 + low * conversion) * (1 + 1e-12)


def test_arrays_broadcast() -> None:
    found = rice_methane_by_scaling(np.array([1.0, 2.0]), np.array([[100.0], [120.0]]), 1.3, 1.0, 1.0)
    assert np.asarray(found).shape == (2, 2)
    assert np.asarray(found)[1, 1] == pytest.approx(2 * 120 * 1.3 / 1000)


@pytest.mark.parametrize(("season", "seasonal"), [("early_rice", 241.0), ("late_rice", 273.2), ("single_rice", 236.7)])
def test_hunan_has_the_factors_of_the_south(season: str, seasonal: float) -> None:
    found = computed("hunan", "cn-province-2011", area=(1000, "ha"), season=(season, ""))
    assert found == pytest.approx(seasonal)


def test_the_two_ipcc_rulebooks_have_their_own_values() -> None:
    field = {"area": (1000, "ha"), "cultivation_days": (100, "d"), "water": ("multiple_drainage", "")}
    dry = {**field, "preseason": ("dry_over_180_days", "")}
    assert computed("cn", "ipcc-2006", **dry) == pytest.approx(1.30 * 0.52 * 0.68 * 100)
    assert computed("hunan", "ipcc-2019", **dry) == pytest.approx(1.32 * 0.55 * 0.89 * 100)
