"""Road transport: hand calculations by distance and of urea."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.accounts.methods.road_transport import STANDARDS, VEHICLES, road_non_co2, urea_catalyst_co2
from tanlu.core.library import load_library


def test_cars_by_hand() -> None:
    """2006 Guidelines, vol. 2, ch. 3, equation 3.2.5; 57 and 6 mg/km are gasoline cars of China IV and later.

    Road transport guideline of 2015 (ndrc-road-2015), as transcribed (grade C).

    1000 cars · 15,000 km = 15 million km; · 57 mg = 855 kg CH4; · 6 mg = 90 kg N2O.
    """
    ch4, n2o = road_non_co2(15e6, 57.0, 6.0)
    assert (ch4, n2o) == (pytest.approx(0.855), pytest.approx(0.09))


def test_urea_by_hand() -> None:
    """100 t · 0.325 = 32.5 t urea; · 12/60 = 6.5 t C; · 44/12 = 23.8333 t."""
    assert urea_catalyst_co2(100.0, 0.325) == pytest.approx(23.8333333333)


def test_pure_urea_gives_its_molar_share_of_co2() -> None:
    """One mole of urea, 60 g, gives one of CO2, 44 g."""
    assert urea_catalyst_co2(60.0, 1.0) == pytest.approx(44.0)


def test_distances_broadcast_and_double() -> None:
    one = np.asarray(road_non_co2(np.array([1e6, 2e6]), np.array([[57.0], [94.0]]), 6.0)[0])
    assert one.shape == (2, 2) and one[:, 1] == pytest.approx(2 * one[:, 0])


def test_every_factor_of_the_chinese_guideline_can_be_chosen() -> None:
    factors = [f for f in load_library().factors.values() if f.set == "cn-road"]
    chosen = {tuple(f.subject.split(".")) for f in factors}
    assert len(factors) == 44
    assert {v for v, _ in chosen} == set(VEHICLES) and {s for _, s in chosen} == set(STANDARDS)
