"""The formulas that inventory settings name: what each takes, in which units, and how its factors weigh in the result.

A province says in ``accounts/inventory.yaml`` which series and factors a formula gets; the formulas themselves are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tanlu.accounts.agriculture import animal_emission, rice_methane
from tanlu.accounts.fugitive import coal_methane
from tanlu.accounts.processes import cement_co2, flux_co2, glass_co2, lime_co2, metal_co2

Weights = Callable[[Mapping[str, float]], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Formula:
    """A method that makes an emission from one series of activity data and a few factors.

    Parameters
    ----------
    function : callable
        Takes the activity and the factors in the order of ``roles``; returns kt of gas.
    unit : str
        Unit of the activity.
    gases : tuple of str
        Gases that it may be used for.
    roles : mapping
        Unit of the factor of each role; ``{gas}`` stands for the gas of the row.
    exact : frozenset of str
        Roles without an error of their own, such as a physical constant.
    weights : callable
        Relative change of the result per relative change of the factor, by role, from the values of all factors; 1 for roles left out.
    """

    function: Callable[..., float]
    unit: str
    gases: tuple[str, ...]
    roles: Mapping[str, str]
    exact: frozenset[str] = field(default=frozenset())
    weights: Weights = lambda values: {}

    def unit_of(self, role: str, gas: str) -> str:
        """Return the unit of the factor of a role."""
        return self.roles[role].format(gas=gas)


def _cullet_weight(values: Mapping[str, float]) -> Mapping[str, float]:
    # a cullet share acts through 1 − share
    return {"cullet_ratio": values["cullet_ratio"] / (1 - values["cullet_ratio"])}


def _methane_weights(values: Mapping[str, float]) -> Mapping[str, float]:
    """Mining and post-mining factors are added up before they meet the coal."""
    both = values["mining"] + values["post_mining"]
    return {role: values[role] / both for role in ("mining", "post_mining")}


FORMULAS: Final[Mapping[str, Formula]] = {
    "cement": Formula(
        cement_co2, "kt", ("CO2",), {"clinker_ratio": "t/t", "emission_factor": "t CO2/t"}
    ),
    "lime": Formula(lime_co2, "kt", ("CO2",), {"emission_factor": "t CO2/t"}),
    "glass": Formula(
        glass_co2, "kt", ("CO2",), {"emission_factor": "t CO2/t", "cullet_ratio": "1"}, weights=_cullet_weight
    ),
    "steel-flux": Formula(flux_co2, "kt", ("CO2",), {"flux_use": "t/t", "emission_factor": "t CO2/t"}),
    "lead-zinc": Formula(metal_co2, "kt", ("CO2",), {"share": "1", "emission_factor": "t CO2/t"}),
    "livestock": Formula(animal_emission, "10^3 head", ("CH4", "N2O"), {"factor": "kg {gas}/head/yr"}),
    "rice": Formula(
        rice_methane, "10^3 ha", ("CH4",), {"baseline": "kg CH4/ha/d", "water_regime": "1", "preseason": "1", "days": "d"}
    ),
    "coal-methane": Formula(
        coal_methane, "kt", ("CH4",), {"mining": "m3/t", "post_mining": "m3/t", "density": "kg CH4/m3"},
        frozenset({"density"}), _methane_weights,
    ),
}  # fmt: skip
"""Formulas by the slug of their method; the catalogue names each under ``method.<slug>``."""
