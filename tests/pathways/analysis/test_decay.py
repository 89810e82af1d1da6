"""First-order decay: half-lives by hand, and nothing lost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tanlu.pathways import first_order_decay


def test_half_of_the_stock_decays_in_a_half_life() -> None:
    """Half-life of one year, 8 put in in the first year, decay from 1 January of the next: 0, 4, 2, 1."""
    assert first_order_decay([8.0, 0.0, 0.0, 0.0], math.log(2)) == pytest.approx(np.array([0, 4, 2, 1]), rel=1e-12)
    assert first_order_decay(np.zeros(3), math.log(2), initial=8.0) == pytest.approx(np.array([4, 2, 1]), rel=1e-12)


def test_without_delay_half_a_year_of_decay_falls_in_the_first_year() -> None:
    """8 · (1 − e^(−k/2)) = 8 (1 − √½) = 2.3431 in the first year."""
    assert first_order_decay([8.0, 0.0], math.log(2), delay_months=0.0)[0] == pytest.approx(2.3431, abs=1e-4)


def test_nothing_is_lost_and_a_longer_life_decays_later() -> None:
    inflow, rates = np.array([3.0, 1.0, 4.0, 1.0, 5.0]), np.array([0.05, 0.2])
    gone = first_order_decay(np.tile(np.concatenate([inflow, np.zeros(600)]), (2, 1)), rates)
    assert gone.sum(axis=1) == pytest.approx(np.full(2, inflow.sum()), rel=1e-9)
    assert gone[0, :10].sum() < gone[1, :10].sum()


def test_bad_rates_and_delays_are_refused() -> None:
    with pytest.raises(ValueError, match="rate"):
        first_order_decay([1.0], 0.0)
    with pytest.raises(ValueError, match="months"):
        first_order_decay([1.0], 0.1, delay_months=12.0)
