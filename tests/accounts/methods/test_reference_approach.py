"""The reference approach: a hand calculation, transfers that cancel over provinces, and the gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.combustion import combustion_co2
from tanlu.accounts.methods.reference_approach import EXPLAIN_ABOVE, reference_co2, reference_gap

flows = st.floats(0.0, 1e6)


def test_supply_by_hand() -> None:
    """100 + 30 − 10 + 50 − 20 − 5 − 15 = 130 t; · 25 GJ/t · 0.026 = 84.5 t C; − 4.5 = 80; · 0.95 · 44/12 = 278.666… t."""
    found = reference_co2(100.0, 30.0, 10.0, 50.0, 20.0, 5.0, 15.0, 4.5, 25.0, 0.026, 0.95)
    assert found == pytest.approx(278.6666666667)


def test_taking_from_stocks_adds_to_the_supply() -> None:
    before = reference_co2(100.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 25.0, 0.026, 1.0)
    after = reference_co2(100.0, 0.0, 0.0, 0.0, 0.0, 0.0, -10.0, 0.0, 25.0, 0.026, 1.0)
    assert after == pytest.approx(1.1 * np.asarray(before))


@given(flows, flows, flows)
def test_transfers_between_two_provinces_cancel_in_their_sum(first: float, second: float, moved: float) -> None:
    """What one gives the other takes: the sum is that of the provinces without transfers."""
    giving = reference_co2(first, 0.0, 0.0, 0.0, moved, 0.0, 0.0, 0.0, 25.0, 0.026, 0.98)
    taking = reference_co2(second, 0.0, 0.0, moved, 0.0, 0.0, 0.0, 0.0, 25.0, 0.026, 0.98)
    together = combustion_co2(first + second, 25.0, 0.026, 0.98)
    assert giving + taking == pytest.approx(together, rel=1e-9, abs=1e-6)


def test_the_gap_is_relative_to_the_sum_of_the_sectors() -> None:
    assert reference_gap(106.0, 100.0) == pytest.approx(0.06)
    assert reference_gap(106.0, 100.0) > EXPLAIN_ABOVE > reference_gap(104.0, 100.0)
    assert reference_gap(np.array([90.0, 100.0]), 100.0) == pytest.approx(np.array([-0.1, 0.0]))
