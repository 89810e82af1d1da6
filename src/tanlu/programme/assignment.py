"""Assignment of experts to proposals by optimisation: exact, with load caps, one expert per unit, a fair variant, reasons.

The pairs are a flow: proposal → (proposal, unit of the expert) → expert. All limits (size of a panel, one per unit, loads) are
capacities of that network, so that the linear programme has a whole-number optimum [1]_ and needs no branching. Most pairs never matter:
it is solved over the best candidates first, and pairs whose reduced cost shows that they could improve the answer are added until none
is left, which proves the optimum over all pairs. The fair variant raises the worst-off proposal first (max-min of panel scores, [2]_)
and is a mixed-integer programme with a bound that is told.

References
----------
.. [1] R. K. Ahuja, T. L. Magnanti, J. B. Orlin, Network Flows, Prentice Hall 1993, theorem 9.10 (integrality).
.. [2] I. Stelmakh, N. Shah, A. Singh, "PeerReview4All: fair and accurate reviewer assignment in peer review", JMLR 22 (2021), eq. (2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
    Matrix = NDArray[np.int64]
    Allowed = NDArray[np.bool_]

CANDIDATES: Final = 6
"""Candidates of a proposal in the first programme, as a multiple of the size of its panel."""
FAIR_STEPS: Final = 6
FAIR_SECONDS: Final = 3.0
"""Longest time of one step of the fair variant [s]."""


class Aim(StrEnum):
    """What is best."""

    TOTAL = "total"
    """The largest sum of scores."""
    FAIR = "fair"
    """The largest score of the worst-off panel, then the largest sum."""


@dataclass(frozen=True, slots=True)
class AssignmentProblem:
    """Whom may judge what, and how well they fit.

    Parameters
    ----------
    scores : integer array, shape (proposals, experts)
        Fit of each pair; higher is better.
    allowed : boolean array, shape (proposals, experts)
        False where a conflict excludes the pair.
    size : int
        Experts of each panel.
    most : integer array, shape (experts,)
        Largest number of proposals of each expert.
    least : integer array, shape (experts,), optional
        Smallest number; 0 where nothing is said.
    units : integer array, shape (experts,), optional
        Unit of each expert; where given, a panel takes at most one of each.

    Raises
    ------
    ValueError
        If shapes do not agree or a number is negative.
    """

    scores: Matrix
    allowed: Allowed
    size: int
    most: NDArray[np.int64]
    least: NDArray[np.int64] | None = None
    units: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Refuse shapes that do not agree."""
        experts = (self.scores.shape[1],)
        shapes = [self.most.shape, *(a.shape for a in (self.least, self.units) if a is not None)]
        if self.scores.ndim != 2 or self.allowed.shape != self.scores.shape or any(s != experts for s in shapes):
            raise ValueError("scores and allowed are (proposals, experts); most, least and units are (experts,)")
        if self.size < 1 or (self.most < 0).any() or (self.floor > self.most).any():
            raise ValueError("panels have at least one expert, and least is at most most")

    @property
    def floor(self) -> NDArray[np.int64]:
        """Smallest load of each expert."""
        return np.zeros_like(self.most) if self.least is None else self.least


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why nothing fits: how many experts are wanted and how many there can be.

    Parameters
    ----------
    reason : str
        ``capacity`` (all loads together), ``proposal`` (too few experts without conflict, or of too few units), ``group`` (several
        proposals want the same experts), ``least`` (the smallest loads cannot all be met).
    needed, available : int
    proposals : sequence of int
        Proposals concerned, by row.
    experts : sequence of int
        Experts whose loads are all used, by column.
    """

    reason: str
    needed: int
    available: int
    proposals: tuple[int, ...] = ()
    experts: tuple[int, ...] = ()


class InfeasibleAssignmentError(ValueError):
    """No assignment meets the limits; `shortages` says why."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("; ".join(f"{s.reason}: {s.available} of {s.needed}" for s in shortages))
        self.shortages = tuple(shortages)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Panels, and what they are worth.

    Parameters
    ----------
    panels : tuple of tuple of int
        Experts of each proposal, by column, ascending.
    total : int
        Sum of scores.
    worst : int
        Smallest sum of scores of a panel.
    loads : tuple of int
        Proposals of each expert.
    bound : int
        No assignment has a larger `total` (or, for the fair variant, a larger `worst`).
    optimal : bool
        Whether the bound is reached.
    """

    panels: tuple[tuple[int, ...], ...]
    total: int
    worst: int
    loads: tuple[int, ...]
    bound: int
    optimal: bool
    aim: Aim = field(default=Aim.TOTAL)


def assign(problem: AssignmentProblem, aim: Aim = Aim.TOTAL) -> Assignment:
    """Return the best panels.

    Parameters
    ----------
    problem : AssignmentProblem
    aim : Aim

    Raises
    ------
    InfeasibleAssignmentError
        If no assignment meets the limits.
    """
    shortages = shortages_of(problem)
    if shortages:
        raise InfeasibleAssignmentError(shortages)
    pairs, flow, _ = solve_flow(problem)
    if flow is None:
        raise InfeasibleAssignmentError(_bottleneck(problem))
    best = _assignment(problem, pairs, flow, Aim.TOTAL)
    return best if aim is Aim.TOTAL else _fair(problem, best)


def shortages_of(problem: AssignmentProblem) -> list[Shortage]:
    """Return the shortages that can be seen without solving anything: of all experts together and of single proposals."""
    rows = len(problem.scores)
    needed, capacity = rows * problem.size, int(problem.most.sum())
    found = []
    if needed > capacity:
        found.append(Shortage("capacity", needed, capacity))
    if int(problem.floor.sum()) > needed:
        found.append(Shortage("least", int(problem.floor.sum()), needed))
    usable = problem.allowed & (problem.most > 0)
    for row in range(rows):
        free = np.flatnonzero(usable[row])
        count = len(free) if problem.units is None else len(np.unique(problem.units[free]))
        if count < problem.size:
            found.append(Shortage("proposal", problem.size, count, (row,)))
    return found


@dataclass(frozen=True, slots=True)
class _Network:
    """Rows of the programme: panels, loads, then (proposal, unit) for pairs that could meet."""

    pairs: Pairs
    rows: NDArray[np.int32]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def _network(problem: AssignmentProblem, keep: Allowed) -> _Network:
    proposals, experts = problem.scores.shape
    i, j = np.nonzero(keep)
    rows = [i, proposals + j]
    lower = [np.full(proposals, problem.size), problem.floor]
    upper = [np.full(proposals, problem.size), problem.most]
    if problem.units is not None:
        _, unit = np.unique(problem.units, return_inverse=True)
        _, group = np.unique(i * (unit.max() + 1) + unit[j], return_inverse=True)
        rows.append(proposals + experts + group)
        lower.append(np.zeros(group.max() + 1, np.int64))
        upper.append(np.ones(group.max() + 1, np.int64))
    return _Network(
        (i, j),
        np.column_stack(rows).astype(np.int32),
        np.concatenate(lower).astype(np.float64),
        np.concatenate(upper).astype(np.float64),
    )


def solve_flow(
    problem: AssignmentProblem, cap: float = 1.0
) -> tuple[Pairs, NDArray[np.float64] | None, NDArray[np.float64]]:
    """Solve the flow programme by adding pairs until none could improve it; `flow` is None where there is none.

    Returns pairs, their flow and the duals of panels and loads.
    """
    keep = _candidates(problem, max(1.0, 1 / cap))
    proposals, experts = problem.scores.shape
    while True:
        net = _network(problem, keep)
        flow, duals = _run(net, problem.scores, cap)
        missing = problem.allowed & ~keep
        if flow is None:
            if not missing.any():
                return net.pairs, None, np.zeros(0)
            keep = problem.allowed
            continue
        # a pair outside pays at least its two duals; the unit of a new pair could only cost more
        panel, load = duals[:proposals, None], duals[None, proposals : proposals + experts]
        better = missing & (problem.scores > panel + load + 1e-6)
        if not better.any():
            return net.pairs, flow, duals
        keep |= better


def _candidates(problem: AssignmentProblem, spread: float) -> Allowed:
    """Return the pairs to begin with: the best of each proposal and of each expert."""
    proposals, experts = problem.scores.shape
    worth = np.where(problem.allowed, problem.scores, problem.scores.min() - 1)
    keep = np.zeros_like(problem.allowed)
    count = min(experts, int(CANDIDATES * problem.size * spread))
    np.put_along_axis(keep, np.argpartition(-worth, count - 1, axis=1)[:, :count], True, axis=1)
    count = min(proposals, int(CANDIDATES * problem.size * spread))
    np.put_along_axis(keep, np.argpartition(-worth, count - 1, axis=0)[:count], True, axis=0)
    return keep & problem.allowed


def _run(net: _Network, scores: Matrix, cap: float) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Solve one programme; duals are positive worths of the right-hand sides."""
    import highspy

    i, j = net.pairs
    solver = _silent()
    solver.passModel(_lp(net, -scores[i, j].astype(np.float64), cap))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None, np.zeros(0)
    solution = solver.getSolution()
    return np.asarray(solution.col_value), -np.asarray(solution.row_dual)


def _silent() -> Any:
    """Return a HiGHS that writes nothing: its own constructor prints a banner before any option can be set."""
    import highspy

    class Silent(highspy.Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802
            self.setOptionValue("output_flag", False)

    solver = Silent()
    solver.setOptionValue("output_flag", False)
    return solver


def _lp(net: _Network, costs: NDArray[np.float64], cap: float) -> object:
    import highspy

    width = net.rows.shape[1]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(net.lower)
    model.col_cost_ = costs
    model.col_lower_, model.col_upper_ = np.zeros(len(costs)), np.full(len(costs), cap)
    model.row_lower_, model.row_upper_ = net.lower, net.upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(len(costs) + 1) * width
    model.a_matrix_.index_ = net.rows.ravel()
    model.a_matrix_.value_ = np.ones(net.rows.size)
    return model


def _assignment(problem: AssignmentProblem, pairs: Pairs, flow: NDArray[np.float64], aim: Aim) -> Assignment:
    chosen = flow > 0.5
    i, j = pairs[0][chosen], pairs[1][chosen]
    return as_assignment(problem, list(zip(i.tolist(), j.tolist(), strict=True)), aim)


def as_assignment(problem: AssignmentProblem, pairs: Sequence[tuple[int, int]], aim: Aim = Aim.TOTAL) -> Assignment:
    """Return the assignment of given pairs, its total taken for the bound."""
    proposals, experts = problem.scores.shape
    panels: list[list[int]] = [[] for _ in range(proposals)]
    for row, column in sorted(pairs):
        panels[row].append(column)
    sums = [int(problem.scores[row, panel].sum()) for row, panel in enumerate(panels)]
    loads = Counter(column for _, column in pairs)
    return Assignment(
        tuple(tuple(p) for p in panels),
        sum(sums),
        min(sums),
        tuple(loads[column] for column in range(experts)),
        sum(sums),
        True,
        aim,
    )


def _fair(problem: AssignmentProblem, best: Assignment) -> Assignment:
    """Raise the worst-off panel by bisection between what is had and what the relaxed programme allows."""
    net = _network(problem, problem.allowed)
    high = _worst_bound(net, problem)
    found, low = best, best.worst
    for _ in range(FAIR_STEPS):
        if low >= high:
            break
        aim = low + (high - low + 1) // 2
        flow, proven = _with_floor(net, problem, aim)
        if flow is not None:
            found = _assignment(problem, net.pairs, flow, Aim.FAIR)
            low = max(low, found.worst)
        elif proven:
            high = aim - 1
        else:
            break
    return Assignment(found.panels, found.total, found.worst, found.loads, high, found.worst >= high, Aim.FAIR)


def _worst_bound(net: _Network, problem: AssignmentProblem) -> int:
    """Return an upper bound of the score of the worst-off panel, from the programme without whole numbers."""
    solver = _silent()
    solver.passModel(_lp(net, np.zeros(len(net.pairs[0])), 1.0))
    solver.addCol(-1.0, 0.0, float(problem.scores.sum(axis=1).max()), 0, [], [])
    _add_panel_sums(solver, net, problem, worst=True, floor=0.0)
    solver.run()
    return int(np.floor(-solver.getInfo().objective_function_value + 1e-6))


def _with_floor(net: _Network, problem: AssignmentProblem, floor: int) -> tuple[NDArray[np.float64] | None, bool]:
    """Return the flow of largest total whose panels all reach a floor, or None and whether it is proven that there is none."""
    import highspy

    i, j = net.pairs
    solver = _silent()
    solver.setOptionValue("time_limit", FAIR_SECONDS)
    solver.passModel(_lp(net, -problem.scores[i, j].astype(np.float64), 1.0))
    columns = np.arange(len(i), dtype=np.int32)
    solver.changeColsIntegrality(len(i), columns, np.full(len(i), highspy.HighsVarType.kInteger))
    _add_panel_sums(solver, net, problem, worst=False, floor=float(floor))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None, True
    if not np.isfinite(solver.getInfo().mip_gap):
        return None, False
    return np.asarray(solver.getSolution().col_value), True


def _add_panel_sums(solver: Any, net: _Network, problem: AssignmentProblem, *, worst: bool, floor: float) -> None:
    """Add a row for each panel: its score is at least the floor, or at least the last column."""
    i, j = net.pairs
    weights = problem.scores[i, j].astype(np.float64)
    order = np.argsort(i, kind="stable")
    starts = np.searchsorted(i[order], np.arange(len(problem.scores) + 1))
    for row in range(len(problem.scores)):
        columns = order[starts[row] : starts[row + 1]].astype(np.int32)
        values = weights[columns]
        if worst:
            columns, values = np.append(columns, np.int32(len(i))), np.append(values, -1.0)
        solver.addRow(floor, np.inf, len(columns), columns, values)


def _bottleneck(problem: AssignmentProblem) -> list[Shortage]:
    """Return what is short where no single proposal is: the proposals that stay incomplete and the experts whose loads are used up."""
    proposals, experts = problem.scores.shape
    net = _network(problem, problem.allowed)
    relaxed = _Network(net.pairs, net.rows, np.zeros_like(net.lower), net.upper)
    flow, _ = _run(relaxed, np.ones_like(problem.scores), 1.0)
    assert flow is not None, "the empty assignment is always possible"
    chosen = flow > 0.5
    i, j = net.pairs[0][chosen], net.pairs[1][chosen]
    loads = np.bincount(j, minlength=experts)
    placed = len(i)
    if placed == proposals * problem.size:
        return [Shortage("least", int(problem.floor.sum()), placed)]
    short, full = _reach(problem, i, j, loads)
    return [Shortage("group", len(short) * problem.size, _most_for(problem, short), tuple(short), tuple(full))]


def _most_for(problem: AssignmentProblem, rows: Sequence[int]) -> int:
    """Return the largest number of places of some proposals that can be filled when no other is served."""
    part = AssignmentProblem(
        np.ones((len(rows), problem.scores.shape[1]), np.int64),
        problem.allowed[list(rows)],
        problem.size,
        problem.most,
        units=problem.units,
    )
    net = _network(part, part.allowed)
    flow, _ = _run(_Network(net.pairs, net.rows, np.zeros_like(net.lower), net.upper), part.scores, 1.0)
    assert flow is not None, "the empty assignment is always possible"
    return int(np.rint(flow.sum()))


def _reach(
    problem: AssignmentProblem, i: NDArray[np.int64], j: NDArray[np.int64], loads: NDArray[np.int64]
) -> tuple[list[int], list[int]]:
    """Follow free pairs forth and used pairs back from the incomplete proposals: the side of the smallest cut they stand on."""
    used = np.zeros_like(problem.allowed)
    used[i, j] = True
    open_rows = list(np.flatnonzero(used.sum(axis=1) < problem.size))
    rows = {int(r) for r in open_rows}
    columns: set[int] = set()
    while open_rows:
        row = open_rows.pop()
        for column in np.flatnonzero(problem.allowed[row] & ~used[row]):
            if column in columns:
                continue
            columns.add(int(column))
            for other in np.flatnonzero(used[:, column]):
                if other not in rows:
                    rows.add(int(other))
                    open_rows.append(other)
    full = [c for c in sorted(columns) if loads[c] >= problem.most[c]]
    return sorted(rows), full
