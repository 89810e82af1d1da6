"""Energy networks as linear programmes: what to build, how it runs hour by hour, and how far from the optimum that can be.

`System.read` takes a folder, `System.solve` finds the least-cost plan with a certified gap; `answers` reads capacities, dispatch, prices
and reasons out of it, `operation` runs what stands window by window, `interop` speaks with other programs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.energy.answers.explain import explain as explain
    from tanlu.energy.certificate import EnergyResult as EnergyResult
    from tanlu.energy.certificate import NoPlanError as NoPlanError
    from tanlu.energy.operation.guide import guide as guide
    from tanlu.energy.operation.rolling import operate as operate
    from tanlu.energy.pathway import solve_myopic as solve_myopic
    from tanlu.energy.problem import LinearProblem as LinearProblem
    from tanlu.energy.system import Programme as Programme
    from tanlu.energy.system import System as System
    from tanlu.energy.timegrid import TimeGrid as TimeGrid

_HOMES = {
    "answers.explain": ("explain",),
    "certificate": ("EnergyResult", "NoPlanError"),
    "operation.guide": ("guide",),
    "operation.rolling": ("operate",),
    "pathway": ("solve_myopic",),
    "problem": ("LinearProblem",),
    "system": ("Programme", "System"),
    "timegrid": ("TimeGrid",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used: solvers and their libraries take half a second."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
