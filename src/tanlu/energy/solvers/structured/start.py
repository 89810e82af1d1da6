"""Starting point of the interior-point iteration: least squares (S. Mehrotra 1992, https://doi.org/10.1137/0802028), then inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.solvers.structured.form import LOWER, UPPER

if TYPE_CHECKING:
    from tanlu.energy.solvers.structured.iteration import Iteration

LEAST: Final = 1e-3
"""Least distance from a bound and least multiplier."""
WITHIN: Final = 0.1
"""Least distance from both bounds of a column, as a share of their distance."""


def starting_point(iteration: Iteration) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Return s, y, a, p, z, w of `Iteration`."""
    form = iteration.form
    m, n = form.shape
    lower, upper = (form.kind & LOWER) > 0, (form.kind & UPPER) > 0
    s = np.where(lower, form.lower, np.where(upper, form.upper, 0.0))
    s[n:][iteration.equation] = form.lower[n:][iteration.equation]
    iteration.set_diagonals(np.ones(n), np.ones(m))
    x, y = iteration.solve(np.zeros(n), iteration.forward(s[:n], s[n:], -1.0), 1)
    s[:n] += x
    s[n:][iteration.inequality] -= y[iteration.inequality]
    x, y = iteration.solve(form.cost, np.zeros(m), 1)
    reduced = np.concatenate([-x, y])
    both = lower & upper
    inside = np.minimum(WITHIN * (form.upper[both] - form.lower[both]), 1.0)
    s[both] = np.clip(s[both], form.lower[both] + inside, form.upper[both] - inside)
    return _inside(s, y, reduced, lower, upper, form.lower, form.upper)


def _inside(
    s: Floats, y: Floats, reduced: Floats, has_lower: Floats, has_upper: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """Move one-sided entries inside their bounds and all multipliers above zero, each at least to the usual size of its kind.

    One distance for all, as Mehrotra moves them, is that of the worst entry: it takes a dozen iterations to come back from there.
    """
    lower, upper = np.asarray(has_lower, bool), np.asarray(has_upper, bool)
    only_lower, only_upper, both = lower & ~upper, upper & ~lower, lower & upper
    distance = np.concatenate([s[only_lower] - low[only_lower], high[only_upper] - s[only_upper]])
    multiplier = np.concatenate([reduced[only_lower], -reduced[only_upper], reduced[both], -reduced[both]])
    least, push = _usual(distance), _usual(multiplier)
    count = int(np.count_nonzero(only_lower))
    moved = np.maximum(distance, least)
    s[only_lower] = low[only_lower] + moved[:count]
    s[only_upper] = high[only_upper] - moved[count:]
    a, p, z, w = (np.ones(len(s)) for _ in range(4))
    a[lower], p[upper] = s[lower] - low[lower], high[upper] - s[upper]
    z[:], w[:] = 0.0, 0.0
    z[only_lower], w[only_upper] = np.maximum(reduced[only_lower], push), np.maximum(-reduced[only_upper], push)
    z[both], w[both] = np.maximum(reduced[both], 0.0) + push, np.maximum(-reduced[both], 0.0) + push
    return s, y, a, p, z, w


def _usual(values: Floats) -> float:
    """Return the root of the mean square of values, at least `LEAST`."""
    return max(LEAST, float(np.sqrt(np.mean(values**2)))) if len(values) else LEAST
