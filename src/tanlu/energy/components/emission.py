"""Emission that no flow of the system makes."""

from __future__ import annotations

from dataclasses import dataclass

from tanlu.energy.components.base import Component
from tanlu.energy.model import KILO, Model
from tanlu.energy.parameters import Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Emission(Component):
    """CO2 of a process that stands under the same cap as the energy system.

    Parameters
    ----------
    amount : Value
        CO2 of a year [t/a]; negative for a sink.
    """

    amount: Value = quantity("t/a", low=-1e12, kind="value")

    def compile(self, model: Model) -> None:
        """Count it."""
        model.fixed_emissions.append((self.name, model.by_period(self.amount) * KILO))
