"""Why a problem has no solution: rows and bounds that contradict each other, and how much is short where."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Final

import highspy
import numpy as np
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, Floats, Indices, LinearProblem
from tanlu.energy.solvers import check, highs
from tanlu.energy.solvers.answer import Solution, Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.scaling import equilibrate

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
LOWER: Final = (highspy.IisBoundStatus.kIisBoundStatusLower, highspy.IisBoundStatus.kIisBoundStatusBoxed)
UPPER: Final = (highspy.IisBoundStatus.kIisBoundStatusUpper, highspy.IisBoundStatus.kIisBoundStatusBoxed)
SLACK: Final = "slack"
"""Name of the block of columns that an elastic run adds."""


@dataclass(frozen=True, eq=False)
class Conflict:
    """Sides of rows and bounds of columns that no point can keep together.

    Parameters
    ----------
    row_lower, row_upper : int32 array
        Indices of the rows whose lower, or upper, side takes part; an equation may be in both.
    lower, upper : int32 array
        Indices of the columns whose lower, or upper, bound takes part.
    irreducible : bool
        Whether without any one of them the others can be kept. False when the time limit came first: the set is contradictory
        but perhaps larger than it must be.
    """

    row_lower: Indices
    row_upper: Indices
    lower: Indices
    upper: Indices
    irreducible: bool

    @property
    def rows(self) -> Indices:
        """Indices of all rows that take part."""
        return np.union1d(self.row_lower, self.row_upper).astype(np.int32)

    @property
    def columns(self) -> Indices:
        """Indices of all columns with a bound that takes part."""
        return np.union1d(self.lower, self.upper).astype(np.int32)

    def of(self, problem: LinearProblem) -> LinearProblem:
        """Return the problem with these sides and bounds only, all others open, and without costs."""
        rows, columns = problem.shape
        return replace(
            problem,
            cost=np.zeros(columns),
            row_lower=np.where(_mask(self.row_lower, rows), problem.row_lower, -inf),
            row_upper=np.where(_mask(self.row_upper, rows), problem.row_upper, inf),
            lower=np.where(_mask(self.lower, columns), problem.lower, -inf),
            upper=np.where(_mask(self.upper, columns), problem.upper, inf),
            integer=None,
        )


def irreducible_rows(problem: LinearProblem, time_limit: float | None = 30.0) -> Conflict | None:
    """Return a smallest set of rows and bounds that contradict each other, or None when the problem has a solution.

    The multipliers that prove infeasibility name a contradictory set; HiGHS takes away from it what is not needed. Whole numbers are
    taken as any numbers between their bounds; when only they are the reason, the answer is None too.

    Parameters
    ----------
    problem : LinearProblem
    time_limit : float or None
        For taking away [s].
    """
    problem = replace(problem, integer=None, cost=np.zeros(problem.shape[1]), offset=0.0)
    crossed = _crossed(problem)
    if crossed is not None:
        return crossed
    answer = highs.second_opinion(problem)
    if answer.status is not Status.INFEASIBLE:
        return None
    start = _named_by(problem, answer.ray)
    return _reduced(problem, start, time_limit) or start


def _crossed(problem: LinearProblem) -> Conflict | None:
    """Return a row or a column whose two sides exclude each other, or None."""
    none = np.empty(0, np.int32)
    rows = np.flatnonzero(problem.row_lower > problem.row_upper)[:1].astype(np.int32)
    columns = np.flatnonzero(problem.lower > problem.upper)[:1].astype(np.int32)
    if rows.size:
        return Conflict(rows, rows, none, none, irreducible=True)
    return Conflict(none, none, columns, columns, irreducible=True) if columns.size else None


def _named_by(problem: LinearProblem, ray: Floats) -> Conflict:
    """Return the sides and bounds that a proof of infeasibility uses; all of them without a proof, or where noise spoils it."""
    if ray.shape != problem.row_lower.shape:
        return _all(problem)
    ray = check.allowed(problem, ray)
    pull = check.reduced_costs(problem, ray)  # costs are zero: the negative of what the rows ask of each column
    named = Conflict(
        row_lower=_where(ray > 0),
        row_upper=_where(ray < 0),
        lower=_where(pull > 0),
        upper=_where(pull < 0),
        irreducible=False,
    )
    return named if check.is_infeasible(named.of(problem), ray) else _all(problem)


def _all(problem: LinearProblem) -> Conflict:
    """Return every finite side and bound."""
    return Conflict(
        row_lower=_where(np.isfinite(problem.row_lower)),
        row_upper=_where(np.isfinite(problem.row_upper)),
        lower=_where(np.isfinite(problem.lower)),
        upper=_where(np.isfinite(problem.upper)),
        irreducible=False,
    )


def _reduced(problem: LinearProblem, start: Conflict, time_limit: float | None) -> Conflict | None:
    """Return what HiGHS leaves of a contradictory set, or None when it does not answer or its answer is not contradictory."""
    rows = start.rows
    part = start.of(problem)
    matrix = part.matrix[rows, :]
    columns = np.flatnonzero(np.diff(matrix.tocsc().indptr) > 0).astype(np.int32)
    small = _cut(part, sparse.csc_array(matrix.tocsc()[:, columns]), rows, columns)
    options: highs.Options = {"iis_strategy": int(highspy.IisStrategy.kIisStrategyIrreducible)}
    options["time_limit"] = inf if time_limit is None else time_limit
    try:
        model = highs.load(equilibrate(small).apply(small), options)
    except highs.OptionRefusedError:
        return None
    status, found = model.getIis()
    if status == highspy.HighsStatus.kError or not found.valid_ or not len(found.row_index_):
        return None
    row_sides, column_sides = list(found.row_bound_), list(found.col_bound_)
    conflict = Conflict(
        row_lower=rows[_chosen(found.row_index_, row_sides, LOWER)],
        row_upper=rows[_chosen(found.row_index_, row_sides, UPPER)],
        lower=columns[_chosen(found.col_index_, column_sides, LOWER)],
        upper=columns[_chosen(found.col_index_, column_sides, UPPER)],
        irreducible=status == highspy.HighsStatus.kOk,
    )
    return conflict if highs.second_opinion(conflict.of(problem)).status is Status.INFEASIBLE else None


def _cut(problem: LinearProblem, matrix: sparse.csc_array, rows: Indices, columns: Indices) -> LinearProblem:
    """Return the part of a problem with the given rows and columns, in blocks without structure."""
    return LinearProblem(
        cost=problem.cost[columns],
        matrix=matrix,
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        lower=problem.lower[columns],
        upper=problem.upper[columns],
        columns=(Block("part", 0, (len(columns),), ("place",), ""),),
        rows=(Block("part", 0, (len(rows),), ("place",), ""),),
        column_period=problem.column_period[columns],
        column_step=problem.column_step[columns],
        row_period=problem.row_period[rows],
        row_step=problem.row_step[rows],
    )


def _chosen(index: list[int], sides: list[int], wanted: tuple[highspy.IisBoundStatus, ...]) -> Indices:
    """Return those indices whose side is among the wanted ones."""
    return np.array(
        [i for i, side in zip(index, sides, strict=True) if highspy.IisBoundStatus(side) in wanted], np.int32
    )


@dataclass(frozen=True, eq=False)
class Shortfall:
    """How much is missing for a solution, and where.

    Parameters
    ----------
    rows : (k,) int32 array
        Rows that were made elastic.
    below, above : (k,) array
        By how much each stays under its lower side, or over its upper side [unit of the row].
    total : float
        Weighted sum.
    solution : Solution
        Of the elastic problem; its primal begins with the columns of the original one.
    """

    rows: Indices
    below: Floats
    above: Floats
    total: float
    solution: Solution


def shortfall(
    problem: LinearProblem,
    rows: Indices,
    weights: Floats | float = 1.0,
    *,
    solver: str = "auto",
    tolerance: float = 1e-6,
    time_limit: float | None = None,
) -> Shortfall:
    """Return the least weighted violation of chosen rows with which all other rows and all bounds can be kept.

    Parameters
    ----------
    problem : LinearProblem
        Its costs are left out.
    rows : (k,) int array
        Rows that may be violated, for example balances and caps.
    weights : (k,) array or float
        Weight of a unit of violation of each row; greater than zero.
    solver, tolerance, time_limit
        As in `solve`.

    Returns
    -------
    Shortfall
        Its solution is infeasible when the other rows and the bounds already contradict each other.
    """
    rows = np.asarray(rows, np.int32)
    lower, upper = np.isfinite(problem.row_lower[rows]), np.isfinite(problem.row_upper[rows])
    each = np.broadcast_to(np.asarray(weights, float), rows.shape)
    found = solve(_elastic(problem, rows, each, lower, upper), solver, tolerance, time_limit)
    below, above = np.zeros(len(rows)), np.zeros(len(rows))
    if found.found:
        slacks = found.primal[problem.shape[1] :]
        below[lower], above[upper] = slacks[: lower.sum()], slacks[lower.sum() :]
    return Shortfall(rows, below, above, found.objective, found)


def _elastic(problem: LinearProblem, rows: Indices, weights: Floats, lower: Mask, upper: Mask) -> LinearProblem:
    """Return the problem with a weighted slack on each finite side of the rows and no other costs."""
    places = np.concatenate([rows[lower], rows[upper]])
    count = len(places)
    values = np.concatenate([np.ones(lower.sum()), -np.ones(upper.sum())])
    slacks = sparse.csc_array((values, (places, np.arange(count))), shape=(problem.shape[0], count))
    whole = None if problem.integer is None else np.concatenate([problem.integer, np.zeros(count, bool)])
    return replace(
        problem,
        cost=np.concatenate([np.zeros(problem.shape[1]), weights[lower], weights[upper]]),
        matrix=sparse.csc_array(sparse.hstack([problem.matrix, slacks], format="csc")),
        lower=np.concatenate([problem.lower, np.zeros(count)]),
        upper=np.concatenate([problem.upper, np.full(count, inf)]),
        columns=(*problem.columns, Block(SLACK, problem.shape[1], (count,), ("slack",), "")),
        column_period=np.concatenate([problem.column_period, _of_row(problem.row_period, places)]),
        column_step=np.concatenate([problem.column_step, _of_row(problem.row_step, places)]),
        integer=whole,
        offset=0.0,
    )


def _of_row(tags: Indices, places: Indices) -> Indices:
    """Return the period or step of the rows, which their slacks share."""
    return tags[places] if len(places) else np.full(0, BORDER, np.int32)


def _where(mask: Mask) -> Indices:
    """Return the indices of what holds."""
    return np.flatnonzero(mask).astype(np.int32)


def _mask(index: Indices, size: int) -> Mask:
    """Return a mask of a size that holds at the indices."""
    mask = np.zeros(size, bool)
    mask[index] = True
    return mask
