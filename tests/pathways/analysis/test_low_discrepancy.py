"""Scrambled Sobol points: those of scipy, to the last bit, and evenly spread."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.pathways.analysis.low_discrepancy import sobol_points


@pytest.mark.parametrize("dimensions", [1, 2, 17, 130, 520])
@pytest.mark.parametrize("count", [1, 2, 16, 512])
def test_points_are_those_of_a_second_implementation(dimensions: int, count: int) -> None:
    qmc = pytest.importorskip("scipy.stats").qmc
    of_scipy = qmc.Sobol(dimensions, scramble=True, rng=np.random.default_rng(11)).random(count)
    np.testing.assert_array_equal(sobol_points(count, dimensions, np.random.default_rng(11)), of_scipy)


def test_each_half_quarter_and_eighth_of_every_axis_holds_its_share_of_the_points() -> None:
    """The defining property of a net in base 2: scrambling keeps it."""
    points = sobol_points(64, 40, np.random.default_rng(5))
    for parts in (2, 4, 8, 64):
        counts = [np.bincount((axis * parts).astype(int), minlength=parts) for axis in points.T]
        assert (np.array(counts) == 64 // parts).all()


@pytest.mark.parametrize("count", [0, 3, 100, -4])
def test_other_numbers_of_points_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="power of two"):
        sobol_points(count, 3, np.random.default_rng(1))


def test_more_dimensions_than_the_tables_have_are_refused() -> None:
    with pytest.raises(ValueError, match="direction numbers"):
        sobol_points(2, 30_000, np.random.default_rng(1))
