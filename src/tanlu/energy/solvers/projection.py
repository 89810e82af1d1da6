"""Small moves of duals that make reduced costs vanish where a column has no bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.scaling import equilibrate

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
ROUNDS: Final = 4
"""Rounds of adding columns that the last move pulled to the wrong side."""
SMALL: Final = 1e-3
"""A reduced cost larger than this share of the largest cost is no noise, and no small move mends it."""
NEAR: Final = 1e-6
"""Share of the largest cost up to which a reduced cost counts as near zero."""
REGULAR: Final = 1e-10
"""Regularisation of dependent columns; refinement takes its effect away."""


def repaired(problem: LinearProblem, dual: Floats, lower: Floats, upper: Floats) -> Iterator[Floats]:
    r"""Yield duals near `dual` whose reduced costs pull towards no open bound, or fail to; the smallest moves first.

    A move is the one of least length with :math:`A_B^T \Delta = c_B - A_B^T y` for a set B of columns, to which columns are added that
    become offending. B begins with all columns with an open bound and a reduced cost near zero: they are the basic columns of the
    optimum, and moved one by one they would push each other along a chain of stores. Then B begins with the offending columns alone. Last
    comes, where all costs pull towards bounds, the shortest step towards y = 0, which is then feasible.

    Parameters
    ----------
    problem : LinearProblem
    dual : (m,) array
    lower, upper : (n,) array
        Bounds, those that follow from the rows included.
    """
    # lengths of moves mean something only when rows and columns are of like size; powers of two change no digit
    scaling = equilibrate(problem)
    scaled = scaling.apply(problem)
    within = lower / scaling.column, upper / scaling.column
    start = dual * scaling.cost / scaling.row
    costs = scaled.cost - scaled.matrix.T @ start
    size = float(np.abs(scaled.cost).max(initial=0.0))
    wrong = _wrong(costs, *within)
    if wrong.any() and float(np.abs(costs[wrong]).max()) <= SMALL * size:
        near = (np.isinf(within[0]) | np.isinf(within[1])) & (np.abs(costs) <= NEAR * size)
        for first in (near | wrong, wrong):
            for moved in _moves(scaled, start, within, first):
                yield moved * scaling.row / scaling.cost
    yield from (moved * scaling.row / scaling.cost for moved in _shrunk(scaled, start, *within))


def _moves(problem: LinearProblem, dual: Floats, within: tuple[Floats, Floats], chosen: Mask) -> Iterator[Floats]:
    """Yield the least moves for a growing set of columns, each shrunk towards zero where that mends what is left."""
    wanted = problem.cost - problem.matrix.T @ dual
    frozen = np.zeros(problem.shape[0], bool)
    for _ in range(ROUNDS):
        moved = dual + _least_move(problem.matrix[:, chosen], wanted[chosen], frozen)
        flipped = ((moved > 0) & np.isinf(problem.row_lower)) | ((moved < 0) & np.isinf(problem.row_upper))
        moved[flipped] = 0.0
        yield moved
        frozen = frozen | flipped
        added = _wrong(problem.cost - problem.matrix.T @ moved, *within) & ~chosen
        if not added.any() and not flipped.any():
            return
        yield from _shrunk(problem, moved, *within)
        chosen = chosen | added


def _wrong(costs: Floats, lower: Floats, upper: Floats) -> Mask:
    """Return which reduced costs pull towards an open bound."""
    return ((costs > 0) & np.isinf(lower)) | ((costs < 0) & np.isinf(upper))


def _least_move(columns: sparse.csc_array, wanted: Floats, frozen: Mask) -> Floats:
    """Return the shortest move with columnsᵀ move = wanted, zero in frozen rows, by an augmented system with refinement."""
    rows, count = columns.shape
    free = sparse.diags_array((~frozen).astype(float)) @ columns
    system = sparse.block_array(
        [[-sparse.eye_array(rows), free], [free.T, REGULAR * sparse.eye_array(count)]], format="csc"
    )
    factor = splu(system)
    solution = np.zeros(rows + count)
    for _ in range(4):
        rest = np.concatenate([solution[:rows] - free @ solution[rows:], wanted - free.T @ solution[:rows]])
        solution += factor.solve(rest)
    move: Floats = np.where(frozen, 0.0, solution[:rows])
    return move


def _shrunk(problem: LinearProblem, dual: Floats, lower: Floats, upper: Floats) -> Iterator[Floats]:
    """Yield the largest share of the duals with no offending reduced cost, when y = 0 has none."""
    if _wrong(problem.cost, lower, upper).any():
        return
    costs = problem.cost - problem.matrix.T @ dual
    wrong = _wrong(costs, lower, upper)
    if not wrong.any() or (problem.cost[wrong] == 0).any():
        return
    share = float((np.abs(costs[wrong]) / (np.abs(costs[wrong]) + np.abs(problem.cost[wrong]))).max())
    yield dual * (1 - min(1.0, share * (1 + 1e-9)))
