"""Sobol and Morris: functions whose indices are known."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.pathways import morris_design, morris_effects, sobol_design, sobol_indices

SIZE = 1024


def ishigami(x: np.ndarray) -> np.ndarray:
    a, b, c = (x * 2 * np.pi - np.pi).T
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def g_function(x: np.ndarray, a: np.ndarray) -> np.ndarray:
    return ((np.abs(4 * x - 2) + a) / (1 + a)).prod(axis=1)


def test_ishigami_function() -> None:
    """Ishigami & Homma 1990, a = 7, b = 0.1: V = 13.8446, S = 0.3139, 0.4424, 0, ST = 0.5576, 0.4424, 0.2437."""
    found = sobol_indices(ishigami(sobol_design(SIZE, 3, 1)), SIZE)
    assert found.first == pytest.approx(np.array([0.3139, 0.4424, 0.0]), abs=0.02)
    assert found.total == pytest.approx(np.array([0.5576, 0.4424, 0.2437]), abs=0.02)
    assert float(found.variance) == pytest.approx(13.8446, rel=0.02)
    assert float(found.mean) == pytest.approx(3.5, abs=0.05)


def test_g_function_of_sobol() -> None:
    """V_i = 1/(3(1 + a_i)²), V = Π(1 + V_i) − 1, ST_i = V_i Π_{j≠i}(1 + V_j)/V (Saltelli & Sobol 1995)."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    part = 1 / (3 * (1 + a) ** 2)
    variance = np.prod(1 + part) - 1
    first, total = part / variance, part * np.prod(1 + part) / (1 + part) / variance
    found = sobol_indices(g_function(sobol_design(SIZE, 5, 3), a), SIZE)
    assert found.first == pytest.approx(first, abs=0.02)
    assert found.total == pytest.approx(total, abs=0.02)


def test_intervals_hold_the_known_indices() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    part = 1 / (3 * (1 + a) ** 2)
    total = part * np.prod(1 + part) / (1 + part) / (np.prod(1 + part) - 1)
    found = sobol_indices(g_function(sobol_design(256, 4, 5), a), 256)
    low, high = found.total_interval
    assert (low <= total).all() and (total <= high).all() and (low < high).all()


def test_a_group_has_the_indices_of_its_inputs_together() -> None:
    """y = x1 + 2 x2 + 3 x3: variances 1, 4, 9 of 14; the group of the first two has 5/14."""
    points = sobol_design(SIZE, 3, 7, groups=[[True, True, False], [False, False, True]])
    found = sobol_indices(points @ np.array([1.0, 2.0, 3.0]), SIZE)
    assert found.first == pytest.approx(np.array([5, 9]) / 14, abs=0.01)
    assert found.total == pytest.approx(np.array([5, 9]) / 14, abs=0.01)


def test_several_outputs_and_one_that_does_not_vary() -> None:
    points = sobol_design(256, 2, 9)
    found = sobol_indices(np.column_stack([points[:, 0], np.full(len(points), 3.0)]), 256)
    assert found.total[:, 0] == pytest.approx(np.array([1.0, 0.0]), abs=0.05)
    assert found.total[:, 1].tolist() == [0.0, 0.0] and found.first.shape == (2, 2)


def test_bad_designs_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        sobol_design(100, 3, 1)
    with pytest.raises(ValueError, match="blocks"):
        sobol_indices(np.zeros(10), 4)
    with pytest.raises(ValueError, match="trajectories"):
        morris_effects(np.zeros((4, 3)), np.zeros(4))


def test_linear_function_has_constant_elementary_effects() -> None:
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    points = morris_design(6, 4, 11)
    found = morris_effects(points, points @ slopes)
    assert found.mean == pytest.approx(slopes, abs=1e-12)
    assert found.size == pytest.approx(np.abs(slopes), abs=1e-12)
    assert found.spread == pytest.approx(np.zeros(4), abs=1e-12)


def test_product_shows_as_interaction_by_hand() -> None:
    """y = x1 x2: the effect of one is the value of the other, 0 to 1 in levels of 1/3; mean ½ and σ² = 5/36."""
    points = morris_design(4000, 2, 13)
    found = morris_effects(points, points.prod(axis=1))
    assert found.mean == pytest.approx(np.full(2, 0.5), abs=0.02)
    assert found.spread == pytest.approx(np.full(2, np.sqrt(5) / 6), abs=0.01)


def test_function_of_morris_1991() -> None:
    """Twenty inputs, of which the first ten matter: 1 to 7 interact, 8 to 10 are nearly linear (Morris 1991)."""
    rng = np.random.default_rng(1)
    points = morris_design(20, 20, 17)
    w = 2 * (points - 0.5)
    for i in (2, 4, 6):
        w[:, i] = 2 * (1.1 * points[:, i] / (points[:, i] + 0.1) - 0.5)
    first = np.concatenate([np.full(10, 20.0), rng.standard_normal(10)])
    second = rng.standard_normal((20, 20))
    second[:6, :6] = -15.0
    y = w @ first
    for i in range(20):
        for j in range(i + 1, 20):
            y += second[i, j] * w[:, i] * w[:, j]
    for i in range(5):
        for j in range(i + 1, 5):
            for k in range(j + 1, 5):
                y += -10.0 * w[:, i] * w[:, j] * w[:, k]
    y += 5.0 * w[:, :4].prod(axis=1)
    found = morris_effects(points, y)
    assert found.size[:10].min() > 2 * found.size[10:].max()
    assert found.spread[7:10].max() < found.spread[:5].min()
