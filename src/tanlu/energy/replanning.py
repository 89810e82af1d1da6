"""A plan that follows changes at once, as sliders make them.

The segments stay. Where only costs, amounts and limits change, and not too far, each answer starts from the last; else it comes by way
of fewer segments.
"""

from __future__ import annotations

from time import perf_counter

from tanlu.energy.certificate import EnergyResult, NoPlanError
from tanlu.energy.model import Mode
from tanlu.energy.refinement import start_for
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.session import Session
from tanlu.energy.system import System


class Replanner:
    """Plans of one period over the same segments, of a system that changes.

    The segments are those of the first system. Any segments give a lower bound, so that every answer has one; it has no upper bound,
    which takes an hourly run (`tanlu.energy.certificate.dispatch`).

    Parameters
    ----------
    system : System
        As it is at first.
    year : int
        The period.
    segments : int
        Segments of the year, fewer than its hours.
    tolerance : float
        Of the solver.
    """

    def __init__(self, system: System, year: int, segments: int = 400, tolerance: float = 1e-6) -> None:
        self.tolerance, self._first = tolerance, system
        self.grid = system.grid((year,)).with_steps(system.segments(segments))
        self._session: Session | None = None

    def plan(self, system: System | None = None) -> EnergyResult:
        """Return the least-cost plan of a changed system, the first one where none is given.

        Parameters
        ----------
        system : System, optional
            With other prices, amounts, capacities, profiles or rules; the hours of its profiles are the same.

        Raises
        ------
        NoPlanError
            When there is no optimal plan; the next one may have one.
        """
        system = system or self._first
        begin = perf_counter()
        programme = system.compile(self.grid, Mode.RELAXED)
        built = perf_counter()
        solution = self._session.follow(programme.problem) if self._session is not None else None
        if self._session is None or solution is None:
            start = start_for(system, self.grid, self._first.merge_order, programme.problem, self.tolerance)
            self._session = Session(programme.problem, self.tolerance, start=start)
            solution = self._session.solve()
        if solution.status != Status.OPTIMAL:
            raise NoPlanError(programme, solution)
        seconds = {"build": built - begin, "solve": perf_counter() - built}
        return EnergyResult(system, programme, solution, (), solution.lower_bound, float("inf"), seconds)
