"""Solving an hourly programme window by window, in several passes over the year.

The first pass takes what joins the windows from a guess: contents at their borders, and the part of the sums over the year (CO2, least use
of a contract) that each hour uses. A window without an answer is joined to its neighbour. Every further pass moves the borders to the
middle of the windows before and starts from the last answer, which stays within reach, so that no pass costs more than the one before.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Final

import numpy as np

from tanlu.energy.hourly.chain import Chain, Window
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import RawAnswer, Status

PASSES: Final = 1
"""A second costs as much and gains a hundredth of a percent, a tenth where CO2 is capped."""
Hours = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Run:
    """An hourly run.

    Parameters
    ----------
    primal : (n,) array
        Point of the hourly problem.
    dual : (m,) array
        Duals of the windows; a sum over the year has the mean over the hours.
    windows : int
        Windows of the last pass.
    iterations : int
        Iterations of all windows.
    """

    primal: Floats
    dual: Floats
    windows: int
    iterations: int


def run_windows(
    chain: Chain,
    guess: Floats,
    borders: Sequence[int],
    *,
    passes: int = PASSES,
    tolerance: float = 1e-6,
    threads: int = 2,
    time_limit: float | None = None,
) -> Run | None:
    """Return a run of all hours; None where even the year as one window has no answer, or time runs out before there is a first run.

    Parameters
    ----------
    chain : Chain
        The hourly programme.
    guess : (n,) array
        What joins the windows is taken from it.
    borders : sequence of int
        Hours at which windows begin, rising, the first is 0.
    passes : int
        Passes over the year, at least one.
    tolerance : float
        Of the solver.
    threads : int
        Windows that are solved at a time; the answer is the same for every number.
    time_limit : float or None
        For all windows together, looked at between them [s].
    """
    state = _State(chain, guess, tolerance, threads, inf if time_limit is None else perf_counter() + time_limit)
    first = list(zip(borders, [*borders[1:], chain.hours], strict=True))
    windows = state.started(first)
    if windows is None:
        return None
    for number in range(1, passes if len(windows) > 1 else 1):
        state.improve(_moved(windows, chain.hours) if number % 2 else windows)
    return Run(chain.completed(state.point), state.duals(), len(windows), state.iterations)


def _moved(windows: Sequence[Hours], hours: int) -> list[Hours]:
    """Return windows from the middle of each to the middle of the next."""
    middles = [(first + last) // 2 for first, last in windows]
    return list(zip(middles, [*middles[1:], middles[0] + hours], strict=True))


class _State:
    """The run while it is being found."""

    def __init__(self, chain: Chain, guess: Floats, tolerance: float, threads: int, end: float) -> None:
        self.chain, self.tolerance, self.threads, self.end = chain, tolerance, threads, end
        self.point = guess.copy()
        self.dual = np.zeros(len(chain.row_lower))
        self.iterations = 0

    def started(self, windows: list[Hours]) -> list[Hours] | None:
        """Find a first run and return its windows: those without an answer are joined to a neighbour until all have one."""
        guess, used = self.point.copy(), self._used(self.point)
        waiting, solved = windows, dict[Hours, tuple[Window, RawAnswer]]()
        while waiting:
            for window, found in zip(waiting, self._solve(waiting, guess, used), strict=True):
                if found is not None:
                    solved[window] = found
            if all(window in solved for window in windows):
                break
            if len(windows) == 1 or perf_counter() > self.end:
                return None
            windows = _joined(windows, solved)
            waiting = [window for window in windows if window not in solved]
        for window in windows:
            self._keep(window, solved[window])
        return windows

    def improve(self, windows: list[Hours]) -> None:
        """Solve other windows from the run that is there; one without an answer keeps what it had."""
        used = self._used(self.point)
        self.dual[: self.chain.sums] = 0.0
        found = self._solve(windows, self.point, used)
        for window, answer in zip(windows, found, strict=True):
            if answer is not None:
                self._keep(window, answer)

    def duals(self) -> Floats:
        """Return the duals in the order of the problem."""
        dual = np.empty(len(self.dual))
        dual[self.chain.rows] = self.dual
        dual[self.chain.rows[: self.chain.sums]] += self.chain.prices
        return dual

    def _used(self, point: Floats) -> Floats:
        """Return what is used of the sums over the year before each hour, (sums, H + 1)."""
        used = self.chain.used(point)
        return np.concatenate([np.zeros((len(used), 1)), np.cumsum(used, axis=1)], axis=1)

    def _solve(self, windows: Sequence[Hours], point: Floats, used: Floats) -> list[tuple[Window, RawAnswer] | None]:
        """Return the answers of windows in their order."""
        from tanlu.energy.solvers.highs import run_simplex

        def solved(hours: Hours) -> tuple[Window, RawAnswer] | None:
            if perf_counter() > self.end:
                return None
            window = self.chain.window(*hours, point, *self._allotted(*hours, used))
            answer = run_simplex(window.problem, self.tolerance)
            return (window, answer) if answer.status is Status.OPTIMAL else None

        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(solved, windows))

    def _allotted(self, first: int, last: int, used: Floats) -> tuple[Floats, Floats]:
        """Return what a window may use of the sums over the year: what it uses in the point, and its share by hours of what is left."""
        chain, hours = self.chain, self.chain.hours
        own = used[:, min(last, hours)] - used[:, first]
        if last > hours:
            own = own + used[:, last - hours]
        share = (last - first) / hours
        return tuple(own + share * (side[: chain.sums] - used[:, -1]) for side in (chain.row_lower, chain.row_upper))  # type: ignore[return-value]

    def _keep(self, hours: Hours, found: tuple[Window, RawAnswer]) -> None:
        """Take the answer of a window over."""
        window, answer = found
        self.iterations += answer.iterations
        self.point[window.held], self.point[window.free] = window.values, answer.primal
        self.dual[window.rows] = answer.dual[: len(window.rows)]
        share = (hours[1] - hours[0]) / self.chain.hours
        self.dual[window.sums] += share * answer.dual[len(window.rows) :]


def _joined(windows: Sequence[Hours], solved: Container[Hours]) -> list[Hours]:
    """Return windows of which those that are not solved are joined to the next, the last to the one before."""
    joined: list[Hours] = []
    begin = None
    for first, last in windows:
        begin = first if begin is None else begin
        if (first, last) in solved or begin < first:
            joined.append((begin, last))
            begin = None
    if begin is not None:
        first = joined.pop()[0] if joined else begin
        joined.append((first, windows[-1][1]))
    return joined
