"""How a series of a province enters a method of the rulebook: one input takes the series, factors fill the others.

A province says in ``accounts/inventory.yaml`` which method, which series and which factors; the formula is that of
`tanlu.accounts.methods`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from tanlu.accounts.rulebook.method import Input, Method, methods

STEP: Final = 1e-4
"""Relative step of the central difference that weighs a factor."""
TONNES_PER_KT: Final = 1000


@dataclass(frozen=True)
class Formula:
    """A method as a province uses it.

    Parameters
    ----------
    method : Method
    """

    method: Method

    @cached_property
    def activity(self) -> Input:
        """Input that takes the series: the first activity that must be given."""
        return next(i for i in self.method.inputs if i.kind == "activity" and i.default is None)

    @property
    def unit(self) -> str:
        """Unit of the series."""
        return self.activity.units[0] or "1"

    @property
    def gases(self) -> tuple[str, ...]:
        """Gases that the method gives."""
        return tuple(dict.fromkeys(o.gas for o in self.method.outputs))

    @cached_property
    def roles(self) -> Mapping[str, Input]:
        """Inputs that factors may fill, by name."""
        return {i.name: i for i in self.method.inputs if i.kind != "choice" and i is not self.activity}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Inputs that factors must fill: neither the rule nor the function has a value for them."""
        own = inspect.signature(self.method.function).parameters
        return tuple(
            n for n, i in self.roles.items() if i.default is None and own[n].default is inspect.Parameter.empty
        )

    def unit_of(self, role: str) -> str:
        """Return the unit in which the method takes a role."""
        return self.roles[role].units[0] or "1"

    def value(self, activity: float, factors: Mapping[str, float], gas: str) -> float:
        """Return the mass of a gas [kt].

        Parameters
        ----------
        activity : float
            In the unit of the series.
        factors : mapping
            Values by role, in the units of the method.
        gas : str
        """
        fixed = {n: i.default for n, i in self.roles.items() if i.default is not None}
        outputs = self.method.evaluate({**fixed, **factors, self.activity.name: activity})
        return sum(float(v) for v, o in zip(outputs, self.method.outputs, strict=True) if o.gas == gas) / TONNES_PER_KT

    def weights(self, factors: Mapping[str, float], gas: str) -> dict[str, float]:
        """Return the relative change of the result per relative change of each factor."""
        whole = self.value(1.0, factors, gas)
        found = {}
        for role, value in factors.items():
            above, below = (self.value(1.0, {**factors, role: value * (1 + s * STEP)}, gas) for s in (1, -1))
            found[role] = (above - below) / (2 * STEP * whole) if whole else 0.0
        return found


@cache
def formula(name: str) -> Formula | None:
    """Return the formula of a method, or None if there is no method of that id, or it needs more than a series and factors."""
    found = methods().get(name)
    if found is None or found.is_series or not any(i.kind == "activity" and i.default is None for i in found.inputs):
        return None
    # a series has no words
    takes_words = any(i.kind == "choice" and i.name in found.arguments for i in found.inputs)
    return None if takes_words else Formula(found)


def formula_names() -> list[str]:
    """Return the ids of all methods that a province may name."""
    return [name for name in methods() if formula(name) is not None]
