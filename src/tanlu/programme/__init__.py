"""The innovation programme: calls, applications, experts, review, contracts, projects, registries.

In: plain records of proposals, experts, marks, milestones, registry entries; a pathway model. Out: conflicts, panels, draws that can be
checked, rankings, balances, signals, counts, and what projects do to emissions. It must not know pages or how anything is kept.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.programme.assignment import Aim as Aim
    from tanlu.programme.assignment import Assignment as Assignment
    from tanlu.programme.assignment import AssignmentProblem as AssignmentProblem
    from tanlu.programme.assignment import assign as assign
    from tanlu.programme.conflicts import find_conflicts as find_conflicts
    from tanlu.programme.draw import assign_at_random as assign_at_random
    from tanlu.programme.draw import draw_names as draw_names
    from tanlu.programme.joint import technology_effects as technology_effects
    from tanlu.programme.joint import uncovered as uncovered
    from tanlu.programme.money import balances as balances
    from tanlu.programme.registries import flow as flow
    from tanlu.programme.registries import stock as stock
    from tanlu.programme.review import funding_line as funding_line
    from tanlu.programme.review import trimmed_mean as trimmed_mean
    from tanlu.programme.review import z_scores as z_scores
    from tanlu.programme.tracking import acceptance as acceptance
    from tanlu.programme.tracking import signal as signal

_HOME = {
    "Aim": "assignment",
    "Assignment": "assignment",
    "AssignmentProblem": "assignment",
    "acceptance": "tracking",
    "assign": "assignment",
    "assign_at_random": "draw",
    "balances": "money",
    "draw_names": "draw",
    "find_conflicts": "conflicts",
    "flow": "registries",
    "funding_line": "review",
    "signal": "tracking",
    "stock": "registries",
    "technology_effects": "joint",
    "trimmed_mean": "review",
    "uncovered": "joint",
    "z_scores": "review",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
