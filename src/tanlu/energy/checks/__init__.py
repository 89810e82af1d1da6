"""What is wrong with an energy system before it is solved: each fault with its place, hour, value and mend, all at once.

In goes a `System`, read from a folder or made in Python; out come problems. They are of four kinds: names that do not exist or stand
twice (`names`), numbers out of their range (`values`), hours of profiles (`hours`), and demands and rules that nothing can meet, seen from
bounds that need no solver (`supply`, `rules`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from tanlu.core.errors import Problem
from tanlu.energy.checks.hours import check_hours
from tanlu.energy.checks.inspector import Inspector, Locate
from tanlu.energy.checks.names import check_names
from tanlu.energy.checks.rules import check_rules
from tanlu.energy.checks.supply import check_supply
from tanlu.energy.checks.values import check_values

if TYPE_CHECKING:
    from tanlu.energy.system import System

__all__ = ["check"]


def check(
    system: System, *, accepted: Collection[str] = (), whole: bool = True, locate: Locate | None = None
) -> list[Problem]:
    """Return everything that is wrong with a system.

    Parameters
    ----------
    system : System
    accepted : collection of str
        Parameters (``component.parameter`` or ``technology.parameter``) whose unusual values are meant.
    whole : bool
        Whether all of the system is there. Otherwise parts are missing for faults that are told already, and whether demands can be
        met is not looked at.
    locate : callable, optional
        Tells file and line of what a component or policy says of a parameter that is no number.
    """
    inspector = Inspector(system, frozenset(accepted), locate)
    check_names(inspector, whole)
    named = not inspector.problems
    check_values(inspector)
    check_hours(inspector)
    if whole and named and not inspector.unusable:
        check_rules(inspector)
        check_supply(inspector)
    return inspector.problems
