"""Small moves of duals that make reduced costs vanish where a column has no bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from tanlu.energy.problem import Floats, LinearProblem

ROUNDS: Final = 4
"""Rounds of adding columns that the last move pulled to the wrong side."""
SMALL: Final = 1e-3
"""A reduced cost larger than this share of the largest cost is no noise, and no small move mends it."""
REGULAR: Final = 1e-10
"""Regularisation of dependent columns; refinement takes its effect away."""


def repaired(problem: LinearProblem, dual: Floats, lower: Floats, upper: Floats) -> Iterator[Floats]:
    r"""Yield duals near `dual` whose reduced costs pull towards no open bound, or fail to.

    First the move of least length with :math:`A_B^T \Delta = c_B - A_B^T y` for the offending columns B, to which columns are added that
    become offending; then, where all costs pull towards bounds, the shortest step towards y = 0, which is then feasible.

    Parameters
    ----------
    problem : LinearProblem
    dual : (m,) array
    lower, upper : (n,) array
        Bounds, those that follow from the rows included.
    """
    scale = float(np.abs(problem.cost).max(initial=0.0))
    offending = np.zeros(problem.shape[1], bool)
    moved = dual
    frozen = np.zeros(problem.shape[0], bool)
    for _ in range(ROUNDS):
        costs = problem.cost - problem.matrix.T @ moved
        wrong = _wrong(costs, lower, upper)
        if not wrong.any():
            break
        if _size(costs, wrong) > SMALL * scale:
            break
        offending |= wrong
        move = _least_move(problem.matrix[:, offending], (problem.cost - problem.matrix.T @ dual)[offending], frozen)
        moved = dual + move
        flipped = ((moved > 0) & np.isinf(problem.row_lower)) | ((moved < 0) & np.isinf(problem.row_upper))
        moved[flipped] = 0.0
        yield moved
        frozen |= flipped
    yield from _shrunk(problem, moved, lower, upper)
    if moved is not dual:
        yield from _shrunk(problem, dual, lower, upper)


def _wrong(costs: Floats, lower: Floats, upper: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which reduced costs pull towards an open bound."""
    return ((costs > 0) & np.isinf(lower)) | ((costs < 0) & np.isinf(upper))


def _size(costs: Floats, wrong: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Return the largest of the wrong reduced costs."""
    return float(np.abs(costs[wrong]).max())


def _least_move(
    columns: sparse.csc_array, wanted: Floats, frozen: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Floats:
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
