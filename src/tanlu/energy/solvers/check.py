"""Independent check of an answer: feasibility, optimality, proofs, and a lower bound from duals alone.

Nothing here trusts a solver; all sums are formed from the problem itself, in its exact units.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import Residuals
from tanlu.energy.solvers.projection import repaired
from tanlu.energy.solvers.tightening import implied_bounds

ROUNDING: Final = 16 * np.finfo(float).eps
"""A sum smaller than this share of its terms cannot be told from zero."""

LOSS: Final = 1e-7
"""Relative loss of a lower bound through noise that is not worth the work of moving duals."""


def reduced_costs(problem: LinearProblem, dual: Floats) -> Floats:
    """Return :math:`c - A^T y`, zero where it cannot be told from zero [million CNY per unit]."""
    costs: Floats = problem.cost - problem.matrix.T @ dual
    terms = np.abs(problem.cost) + abs(problem.matrix).T @ np.abs(dual)
    costs[np.abs(costs) <= ROUNDING * terms] = 0.0
    return costs


def allowed(problem: LinearProblem, dual: Floats) -> Floats:
    """Return row duals with those set to zero whose sign belongs to an open side."""
    wrong = ((dual > 0) & np.isinf(problem.row_lower)) | ((dual < 0) & np.isinf(problem.row_upper))
    return np.where(wrong, 0.0, dual)


def dual_bound(problem: LinearProblem, dual: Floats) -> float:
    r"""Return a lower bound of the linear programme from any vector of row duals.

    For every y, :math:`c^T x = y^T A x + (c - A^T y)^T x`, which is at least the sum over rows of the y times its side and over
    columns of the reduced cost times its bound. A reduced cost whose bound is open takes the bound that follows from the rows for points
    that cost at most twice as much; where there is none, the duals are moved a little so that the reduced cost vanishes (safe bounds of
    Neumaier and Shcherbina 2004, https://doi.org/10.1007/s10107-003-0433-3).

    Parameters
    ----------
    problem : LinearProblem
        Whole-number columns may take any value between their bounds.
    dual : (m,) array
        In the sense of `Solution.dual`; need not be feasible or optimal.

    Returns
    -------
    float
        Million CNY; correct up to the rounding of the sums. −∞ when the duals give no bound.
    """
    if dual.shape != problem.row_lower.shape or not np.isfinite(dual).all():
        return -inf
    dual = allowed(problem, dual)
    costs = reduced_costs(problem, dual)
    nominal = _dual_objective(problem, dual, costs, problem.lower, problem.upper)
    if not _open(costs, problem.lower, problem.upper).any():
        return nominal
    # points that cost more than twice the nominal bound cannot beat it: only the others need bounds
    most = nominal + abs(nominal - problem.offset) + 1.0
    lower, upper = implied_bounds(problem, most=most - problem.offset, wanted=(costs > 0, costs < 0))
    if (lower > upper).any():  # no point costs so little, or none is feasible: what follows from nothing is not used
        lower, upper = problem.lower, problem.upper
    bounds = [min(most, bound) for bound in _bounds(problem, dual, costs, lower, upper)]
    if max(bounds) == -inf and dual.any():
        return dual_bound(problem, np.zeros_like(dual))
    return max(bounds)


def _bounds(problem: LinearProblem, dual: Floats, costs: Floats, lower: Floats, upper: Floats) -> list[float]:
    """Return lower bounds from duals and from moved duals, until one loses little; −∞ is always among them."""
    best = _dual_objective(problem, dual, costs, lower, upper)
    bounds = [-inf]
    if not _open(costs, lower, upper).any():
        bounds.append(best)
        # noise times a far implied bound may cost much more than the noise itself
        near = _dual_objective(problem, dual, costs, problem.lower, problem.upper)
        if near - best <= LOSS * abs(near):
            return bounds
    for moved in repaired(problem, dual, lower, upper):
        kept = allowed(problem, moved)
        costs = reduced_costs(problem, kept)
        if not _open(costs, lower, upper).any():
            bounds.append(_dual_objective(problem, kept, costs, lower, upper))
            break
    return bounds


def _open(costs: Floats, lower: Floats, upper: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which reduced costs pull towards an open bound."""
    return ((costs > 0) & np.isinf(lower)) | ((costs < 0) & np.isinf(upper))


def _dual_objective(problem: LinearProblem, dual: Floats, costs: Floats, lower: Floats, upper: Floats) -> float:
    """Return the sum of sides and bounds times duals [million CNY]; open sides and bounds count nothing."""
    sides = np.where(dual > 0, problem.row_lower, problem.row_upper)
    bounds = np.where(costs > 0, lower, upper)
    rows = dual[(dual != 0) & np.isfinite(sides)] @ sides[(dual != 0) & np.isfinite(sides)]
    used = (costs != 0) & np.isfinite(bounds)
    return float(rows + costs[used] @ bounds[used]) + problem.offset


def residuals(problem: LinearProblem, primal: Floats, dual: Floats) -> Residuals:
    """Return how far a point and row duals are from optimality.

    Each relative residual divides by the largest number of its row or column: the side or bound, coefficient times value, and a floor
    that is the largest side or bound of the problem but at most one. So a park of 1 MW is judged as strictly as a province of 100 GW.

    Parameters
    ----------
    problem : LinearProblem
    primal : (n,) array
    dual : (m,) array or empty
        Without it the residuals of the duals and the gap are infinite.
    """
    floor = _floor(problem)
    activity = problem.matrix @ primal
    row = np.maximum(np.maximum(problem.row_lower - activity, activity - problem.row_upper), 0.0)
    bound = np.maximum(np.maximum(problem.lower - primal, primal - problem.upper), 0.0)
    sizes = _row_sizes(problem, np.maximum(np.abs(primal), floor))
    column_sizes = np.maximum(np.abs(primal), floor)
    part = {
        "row": _largest(row),
        "bound": _largest(bound),
        "integrality": _largest(np.abs(primal - np.round(primal))[_integers(problem)]),
        "relative_row": _largest(row / np.maximum(sizes, _finite(problem.row_lower, problem.row_upper))),
        "relative_bound": _largest(bound / np.maximum(column_sizes, _finite(problem.lower, problem.upper))),
    }
    if dual.shape != problem.row_lower.shape:
        return Residuals(**part)
    return Residuals(**part, **_dual_residuals(problem, primal, activity, dual, floor))


def with_bound(problem: LinearProblem, primal: Floats, found: Residuals, lower_bound: float) -> Residuals:
    """Return residuals with the gap to a given lower bound [million CNY], for whole-number problems."""
    objective = problem.objective(primal)
    gap = max(0.0, objective - lower_bound)
    size = max(abs(objective - problem.offset), _price(problem) * _floor(problem))
    return replace(found, gap=gap, relative_gap=gap / size)


def _dual_residuals(
    problem: LinearProblem, primal: Floats, activity: Floats, dual: Floats, floor: float
) -> dict[str, float]:
    """Return the residuals of duals, complementarity and gap."""
    price = _price(problem)
    costs = reduced_costs(problem, dual)
    wrong = np.where(_open(costs, problem.lower, problem.upper), np.abs(costs), 0.0)
    wrong_rows = np.abs(dual - allowed(problem, dual))
    terms = np.maximum(np.abs(problem.cost), price)
    sizes = np.maximum(terms, _column_sizes(problem, np.abs(dual)))
    kept = allowed(problem, dual)
    side, bound = (
        np.where(kept > 0, problem.row_lower, problem.row_upper),
        np.where(costs > 0, problem.lower, problem.upper),
    )
    rows_apart = np.abs(kept * np.where(kept != 0, activity - side, 0.0))
    columns_apart = np.abs(costs * np.where((costs != 0) & np.isfinite(bound), primal - bound, 0.0))
    objective = problem.objective(primal)
    gap = abs(objective - _dual_objective(problem, kept, costs, problem.lower, problem.upper))
    return {
        "dual": max(_largest(wrong), _largest(wrong_rows)),
        "complementarity": max(_largest(rows_apart), _largest(columns_apart)),
        "gap": gap,
        "relative_dual": max(_largest(wrong / sizes), _largest(wrong_rows) / price),
        "relative_gap": gap / max(abs(objective - problem.offset), price * floor),
    }


def is_infeasible(problem: LinearProblem, ray: Floats) -> bool:
    r"""Return whether row multipliers prove that no point keeps all rows and bounds (Farkas).

    They do when :math:`\min_{A x \in [l_r, u_r]} y^T A x > \max_{x \in [l, u]} y^T A x`, by more than rounding.

    Parameters
    ----------
    problem : LinearProblem
    ray : (m,) array
        Multipliers; those of an open side count as zero. Noise on columns with an open bound is met by the bounds that follow from the
        rows.
    """
    if (problem.lower > problem.upper).any() or (problem.row_lower > problem.row_upper).any():
        return True
    if _unreachable_row(problem):
        return True
    if ray.shape != problem.row_lower.shape or not np.isfinite(ray).all() or not ray.any():
        return False
    ray = allowed(problem, ray / np.abs(ray).max())
    pull: Floats = problem.matrix.T @ ray
    terms = abs(problem.matrix).T @ np.abs(ray)
    pull[np.abs(pull) <= ROUNDING * terms] = 0.0
    lower, upper = implied_bounds(problem)
    if (lower > upper + 1e-9 * np.maximum(1.0, np.abs(upper))).any():
        return True
    if _open(-pull, lower, upper).any():
        return False
    sides, bounds = np.where(ray > 0, problem.row_lower, problem.row_upper), np.where(pull > 0, upper, lower)
    needed, offered = ray[ray != 0] * sides[ray != 0], pull[pull != 0] * bounds[pull != 0]
    size = np.abs(needed).sum() + np.abs(offered).sum()
    return bool(needed.sum() - offered.sum() > 1e-9 * size)


def _unreachable_row(problem: LinearProblem) -> bool:
    """Return whether one row alone cannot be kept within the bounds of its columns, as a row without entries."""
    matrix, count = problem.matrix, problem.shape[0]
    columns = np.repeat(np.arange(problem.shape[1]), np.diff(matrix.indptr))
    at_lower, at_upper = matrix.data * problem.lower[columns], matrix.data * problem.upper[columns]
    least = np.bincount(matrix.indices, np.minimum(at_lower, at_upper), count)
    most = np.bincount(matrix.indices, np.maximum(at_lower, at_upper), count)
    size = 1e-9 * np.bincount(matrix.indices, np.abs(matrix.data), count)
    return bool(((least > problem.row_upper + size) | (most < problem.row_lower - size)).any())


def is_unbounded_direction(problem: LinearProblem, ray: Floats, tolerance: float) -> bool:
    """Return whether the cost falls without end along a direction that leaves no row or bound.

    A feasible point is needed besides, to show that the problem is unbounded.

    Parameters
    ----------
    problem : LinearProblem
    ray : (n,) array
        Direction of the columns.
    tolerance : float
        Largest violation, relative to the largest entry of the direction.
    """
    if ray.shape != problem.cost.shape or not np.isfinite(ray).all() or not ray.any():
        return False
    ray = ray / np.abs(ray).max()
    activity = problem.matrix @ ray
    sizes = tolerance * np.maximum(_row_sizes(problem, np.abs(ray)), np.finfo(float).tiny)
    leaves = (
        (np.isfinite(problem.upper) & (ray > tolerance)).any()
        or (np.isfinite(problem.lower) & (ray < -tolerance)).any()
        or (np.isfinite(problem.row_upper) & (activity > sizes)).any()
        or (np.isfinite(problem.row_lower) & (activity < -sizes)).any()
    )
    gain = -float(problem.cost @ ray)
    return not leaves and gain > tolerance * float(np.abs(problem.cost) @ np.abs(ray))


def _largest(values: Floats) -> float:
    """Return the largest value, 0 of none."""
    return float(values.max(initial=0.0))


def _integers(problem: LinearProblem) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which columns must be whole numbers."""
    return np.zeros(problem.shape[1], bool) if problem.integer is None else problem.integer


def _finite(lower: Floats, upper: Floats) -> Floats:
    """Return the larger magnitude of two sides, open ones counting nothing."""
    sides = [np.abs(np.where(np.isfinite(side), side, 0.0)) for side in (lower, upper)]
    return np.maximum(*sides)


def _floor(problem: LinearProblem) -> float:
    """Return the size under which values of columns count as small: the largest side or bound, at most one."""
    sides = _largest(_finite(problem.row_lower, problem.row_upper)), _largest(_finite(problem.lower, problem.upper))
    return min(1.0, max(sides)) or 1.0


def _price(problem: LinearProblem) -> float:
    """Return the size under which a cost counts as small: the largest cost, at most one."""
    return min(1.0, _largest(np.abs(problem.cost))) or 1.0


def _row_sizes(problem: LinearProblem, sizes: Floats) -> Floats:
    """Return for each row the largest coefficient times the size of its column."""
    matrix = problem.matrix
    largest = np.zeros(problem.shape[0])
    np.maximum.at(largest, matrix.indices, np.abs(matrix.data) * np.repeat(sizes, np.diff(matrix.indptr)))
    largest[largest == 0] = 1.0
    return largest


def _column_sizes(problem: LinearProblem, sizes: Floats) -> Floats:
    """Return for each column the largest coefficient times the size of its row."""
    matrix = problem.matrix
    terms = np.abs(matrix.data) * sizes[matrix.indices]
    largest = np.zeros(problem.shape[1])
    filled = np.diff(matrix.indptr) > 0
    if filled.any():
        largest[filled] = np.maximum.reduceat(terms, matrix.indptr[:-1][filled])
    return largest
