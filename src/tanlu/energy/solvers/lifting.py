"""The basis of a programme over few segments as the start of one over more.

Segments of the finer programme lie within those of the coarser, and what a column does over a segment it mostly does over its parts. The
simplex method then has little left to do: most of its steps are taken where they are cheap. (Successive refinement of grids is the idea of
multigrid methods; for the simplex method any start is allowed, so that nothing has to be proven.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.energy.problem import Block, LinearProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from highspy import HighsBasis, HighsBasisStatus
    from numpy.typing import NDArray

TIME: Final = ("period", "step")


def lifted(coarse: LinearProblem, fine: LinearProblem, parent: NDArray[np.int64], basis: HighsBasis) -> HighsBasis:
    """Return a start for a programme from the basis of the same system over other steps.

    Parameters
    ----------
    coarse, fine : LinearProblem
        Programmes with blocks of the same names.
    parent : (S,) int array
        Step of the coarse programme in which each step of the fine one lies.
    basis : HighsBasis
        Of the coarse programme.

    Returns
    -------
    HighsBasis
        Marked as one that may have too many or too few basic columns, which HiGHS mends.
    """
    from highspy import HighsBasis

    result = HighsBasis()
    result.col_status = _spread(coarse.columns, fine.columns, parent, basis.col_status, fine.shape[1])
    result.row_status = _spread(coarse.rows, fine.rows, parent, basis.row_status, fine.shape[0])
    result.valid = result.alien = True
    return result


def _spread(
    coarse: Sequence[Block],
    fine: Sequence[Block],
    parent: NDArray[np.int64],
    status: Sequence[HighsBasisStatus],
    size: int,
) -> list[HighsBasisStatus]:
    """Return the statuses of the finer blocks: those of the step in which each lies."""
    known = {block.name: block for block in coarse}
    place = np.zeros(size, np.int64)
    for block in fine:
        old = known[block.name]
        index = old.index
        if old.axes[:2] == TIME:
            index = index[:, parent]
        place[block.start : block.start + block.size] = index.ravel()
    return [status[k] for k in place.tolist()]
