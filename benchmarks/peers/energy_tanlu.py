"""An energy system built and solved by tanlu, in a program of its own; see `peers.energy_run`."""

from __future__ import annotations

from typing import Any

from tanlu.energy.system import Programme, System


def load_library() -> None:
    """Import what building and solving need."""
    import tanlu.energy.solvers.clarabel
    import tanlu.energy.solvers.highs
    import tanlu.energy.solvers.structured.solve  # noqa: F401


def build(system: System) -> Programme:
    """Return the programme."""
    return system.compile(system.grid())


def size(programme: Programme) -> tuple[int, int]:
    """Return the numbers of columns and rows."""
    rows, columns = programme.problem.shape
    return columns, rows


def hand_over(programme: Programme) -> Any:
    """Return HiGHS with the programme."""
    from tanlu.energy.solvers import highs

    return highs.load(programme.problem, {})


def solve(programme: Programme, solver: str) -> tuple[float, str]:
    """Return the least cost [CNY] and the solver that found it; the answer is checked within."""
    from tanlu.energy.solvers.contract import solve as solve_problem

    answer = solve_problem(programme.problem, solver or "auto", threads=2)
    if answer.status != "optimal":
        raise SystemExit(f"tanlu: {answer.status}")
    return answer.objective * 1e6, answer.solver
