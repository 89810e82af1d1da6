"""Coal mines: hand calculations, recovery, and carbon of the flare."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.coal_mine_methane import (
    abandoned_mine_methane,
    chinese_mine_methane,
    flared_mine_methane,
    mine_methane,
)


def test_mining_and_handling_by_hand() -> None:
    """1 Mt · 18 m3/t = 18 Mm3 · 0.67 kg = 12,060 t; handling 2.5 Mm3 = 1675 t; 3 Mm3 recovered are 2010 t less."""
    mining, handling = mine_methane(1e6, 18.0, 2.5, 3e6, 0.67)
    assert (mining, handling) == (pytest.approx(12_060 - 2010), pytest.approx(1675.0))


def test_chinese_classes_use_the_same_balance() -> None:
    """100,000 t · 8.37 m3/t · 0.67 kg = 560.79 t; handling 0.94 m3/t = 62.98 t."""
    mining, handling = chinese_mine_methane(1e5, 8.37, 0.94, 0.0, 0.67)
    assert (mining, handling) == (pytest.approx(560.79), pytest.approx(62.98))


def test_the_flare_by_hand() -> None:
    """1 Mm3 = 670 t CH4: 98 % burn to 656.6 · 44/16 = 1805.65 t CO2, 13.4 t stay CH4."""
    co2, ch4 = flared_mine_methane(1e6, 0.98, 0.67)
    assert (co2, ch4) == (pytest.approx(1805.65), pytest.approx(13.4))


def test_abandoned_mines_by_hand() -> None:
    """20 mines, a quarter gassy, 0.3 Mm3 each: 1.5 Mm3 · 0.67 kg = 1005 t; 0.5 Mm3 recovered leave 670 t."""
    assert abandoned_mine_methane(20.0, 0.25, 0.3, 0.0, 0.67) == pytest.approx(1005.0)
    assert abandoned_mine_methane(20.0, 0.25, 0.3, 5e5, 0.67) == pytest.approx(670.0)


@given(st.floats(0.0, 1e9), st.floats(0.5, 1.0))
def test_the_carbon_of_flared_methane_leaves_as_co2_or_methane(volume: float, efficiency: float) -> None:
    co2, ch4 = flared_mine_methane(volume, efficiency, 0.67)
    assert co2 * 12 / 44 + ch4 * 12 / 16 == pytest.approx(volume * 0.67 / 1000 * 12 / 16)


def test_recovering_everything_leaves_nothing_and_arrays_broadcast() -> None:
    mining, handling = mine_methane(
        np.array([10.0, 20.0]), 18.0, np.array([[2.5], [4.0]]), np.array([180.0, 0.0]), 0.67
    )
    assert np.asarray(mining)[0] == 0.0 and np.asarray(mining)[1] == pytest.approx(20 * 18 * 0.67 / 1000)
    assert np.asarray(handling).shape == (2, 2)
