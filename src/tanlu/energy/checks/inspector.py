"""Gathers what is wrong with a system and finds the file and line where it was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.core.errors import Problem
from tanlu.energy.checks.wording import kind_of, nearest
from tanlu.energy.components import Component, Expandable, Line
from tanlu.energy.parameters import Hourly, Value, at_years
from tanlu.energy.problem import Floats

if TYPE_CHECKING:
    from tanlu.energy.system import System

Locate = Callable[[str, str], tuple[str, int | None] | None]
"""From component and parameter to file and line."""
BOUNDLESS: Final = 1e12
"""Stands for a capacity without limit [MW], so that nothing times nothing stays nothing."""


@dataclass
class Inspector:
    """Problems of a system.

    Parameters
    ----------
    system : System
    accepted : collection of str
        Parameters whose unusual values are meant.
    locate : callable, optional
        Tells file and line of what a component or policy says of a parameter that is no number.
    """

    system: System
    accepted: Collection[str] = frozenset()
    locate: Locate | None = None
    problems: list[Problem] = field(default_factory=list)
    unusable: bool = False
    """Whether numbers are such that nothing can be computed with them."""

    def tell(self, code: str, owner: str, parameter: str, value: object = "", **details: object) -> None:
        """Add a problem of a parameter, at the line where it was written where that is known."""
        found = self.system.provenance.of(owner, parameter)
        file: str = self.system.name
        row: int | None = None
        if found:
            file, row = found[0].file, found[0].row
        elif self.locate is not None:
            file, row = self.locate(owner, parameter) or (file, row)
        name = f"{owner}.{parameter}" if parameter else owner
        self.problems.append(Problem(code, file, row, name, str(value), details))

    def unknown(self, kind: str, owner: str, parameter: str, value: str, known: Iterable[str]) -> None:
        """Add the problem that something is named that does not exist."""
        self.tell("energy_unknown", owner, parameter, value, **kind_of(kind), **nearest(value, known))

    def tell_profile(self, code: str, owner: str, parameter: str, hour: int, value: object, **details: object) -> None:
        """Add a problem of an hour of a profile, at the line of its file where it has one."""
        profile = getattr(self.system.component(owner), parameter, None) if parameter else None
        name = profile if isinstance(profile, str) else ""
        file = self.system.provenance.profiles.get(name)
        if file is None:
            self.tell(code, owner, parameter, value, **details)
        else:
            self.problems.append(Problem(code, file, hour + 2, name, str(value), details))

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The periods."""
        return tuple(self.system.periods)

    def by_period(self, value: Value) -> Floats:
        """Return a value in each period, (P,)."""
        return at_years(value, self.years)

    def hourly(self, value: Hourly) -> Floats:
        """Return a value at every hour, (H,); a profile that does not exist is nothing."""
        if isinstance(value, str):
            value = self.system.profiles.get(value, 0.0)
        return np.broadcast_to(np.asarray(value, float), (self.system.hours,))

    def most(self, component: Component) -> Floats:
        """Return the most capacity that a component can have in each period, (P,) [MW]."""
        if not isinstance(component, Expandable):
            return np.zeros(len(self.years))
        stands = component.standing(self.years)
        if component.expandable:
            stands = np.maximum(stands, self.by_period(component.potential))
        return np.minimum(stands, BOUNDLESS)


def place_of(component: Component) -> str:
    """Return where a component stands."""
    if isinstance(component, Line):
        return f"{component.from_node}–{component.to_node}"
    return str(getattr(component, "node", ""))
