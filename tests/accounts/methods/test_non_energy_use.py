"""Lubricants, waxes and feedstocks: hand calculations, and carbon that is neither lost nor made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.non_energy_use import lubricant_co2, non_energy_co2, wax_co2


def test_lubricants_by_hand() -> None:
    """1000 t · 40.2 GJ/t = 40,200 GJ; · 0.02 = 804 t C; · 0.2 = 160.8; · 44/12 = 589.6 t."""
    assert lubricant_co2(1000.0, 40.2, 0.02, 0.2) == pytest.approx(589.6)


def test_waxes_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 5, equation 5.4: 50 t · 40.2 · 0.02 · 0.2 · 44/12 = 29.48 t.

    40.2 GJ/t is EFDB 117463, 20 kg C/GJ is EFDB 117516; 0.2 oxidised is section 5.3.2.2, recalled (grade C).
    """
    assert wax_co2(50.0, 40.2, 0.02, 0.2) == pytest.approx(29.48)


def test_feedstock_by_hand() -> None:
    """100 t · 44.5 · 0.02 = 89 t C = 326.333 t CO2, of which 75 % is stored."""
    emitted, stored = non_energy_co2(100.0, 44.5, 0.02, 0.75)
    assert (emitted, stored) == (pytest.approx(81.5833333333), pytest.approx(244.75))


@given(st.floats(0.0, 1e7), st.floats(0.0, 1.0))
def test_what_is_not_stored_is_emitted(amount: float, stored_fraction: float) -> None:
    emitted, stored = non_energy_co2(amount, 40.0, 0.02, stored_fraction)
    assert emitted + stored == pytest.approx(amount * 40.0 * 0.02 * 44 / 12)
    assert emitted >= 0 and stored >= 0


def test_bitumen_that_stores_everything_emits_nothing() -> None:
    emitted, stored = non_energy_co2(np.array([1.0, 2.0]), 40.2, 0.022, 1.0)
    assert np.array_equal(np.asarray(emitted), [0.0, 0.0]) and np.asarray(stored).shape == (2,)
