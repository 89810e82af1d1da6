"""Oil and gas: hand calculations in each measure of the throughput."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.accounts.methods.oil_gas_leakage import FACILITIES, STAGES, leakage_by_facilities, leakage_by_throughput
from tanlu.accounts.rulebook.method import methods
from tanlu.core.library import load_library
from tanlu.core.units import conversion_factor


def test_leakage_by_throughput_by_hand() -> None:
    """2006 Guidelines, vol. 2, ch. 4, equation 4.2.1; 133 t/10^8 Nm3 is that of the Provincial Guidelines 2011, 1.4, recalled.

    3 · 10^8 Nm3 of gas at 133 t/10^8 Nm3 lose 399 t; the same as 300 · 10^6 Nm3 at 1.33 t.
    """
    factor = 133 * conversion_factor("t CH4/10^8 Nm3", "t CH4/10^6 Nm3")
    assert leakage_by_throughput(300.0, factor) == pytest.approx(399.0)


def test_leakage_by_facilities_by_hand() -> None:
    """Provincial Guidelines 2011, 1.4: 12 compressor stations of 85.1 t (recalled, grade C) lose 1021.2 t."""
    assert leakage_by_facilities(12.0, 85.1) == pytest.approx(1021.2)


def test_no_throughput_leaks_nothing_and_more_leaks_in_proportion() -> None:
    found = np.asarray(leakage_by_throughput(np.array([0.0, 1.0, 4.0]), 1.8))
    assert found == pytest.approx([0.0, 1.8, 7.2])


def test_leakage_of_heavy_oil_fits_the_measure_in_tonnes() -> None:
    found = [f for f in load_library().factors.values() if f.subject == "oil_gas.heavy_oil_production"]
    assert [f.in_unit("t CH4/t") for f in found] == [pytest.approx(0.0014)]


def test_stages_and_facilities_have_names_and_lie_in_oil_or_gas() -> None:
    labels = load_library().labels
    assert [w for w in (*STAGES, *FACILITIES) if w not in labels] == []
    for words, name in ((STAGES, "oil-gas-leakage"), (FACILITIES, "oil-gas-facilities")):
        assert methods()[name].outputs[0].categories == words
        assert {(w.startswith("gas"), c.startswith("1.B.2.b")) for w, c in words.items()} == {
            (True, True),
            (False, False),
        }
