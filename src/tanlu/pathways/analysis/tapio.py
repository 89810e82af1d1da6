"""Decoupling of emissions from growth by the elasticity of Tapio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from tanlu.pathways.tabular import Tabular

State = Literal[
    "strong_decoupling", "weak_decoupling", "expansive_coupling", "expansive_negative_decoupling",
    "strong_negative_decoupling", "weak_negative_decoupling", "recessive_coupling", "recessive_decoupling",
    "undefined",
]  # fmt: skip
LOW: Final = 0.8
HIGH: Final = 1.2
"""An elasticity between these, both included, is coupling."""


@dataclass(frozen=True, slots=True)
class Decoupling(Tabular):
    """State of decoupling; the elasticity is None where the driver did not change."""

    elasticity: float | None
    state: State
    change: float
    """Relative change of the emissions [1]."""
    driver_change: float
    """Relative change of the driver [1]."""


def tapio(start: float, end: float, driver_start: float, driver_end: float, *, still: float = 1e-9) -> Decoupling:
    """Return the state of decoupling of emissions from a driver between two years.

    Parameters
    ----------
    start, end : float
        Emissions, any unit, the first above zero.
    driver_start, driver_end : float
        Driver, usually GDP at constant prices; the first above zero.
    still : float
        A relative change of the driver of this size or less counts as none, and no elasticity exists.

    Raises
    ------
    ValueError
        If a first value is not above zero.

    Notes
    -----
    Tapio 2005, Transport Policy 12:137: e = (ΔC/C)/(ΔG/G), eight states with borders at 0, 0.8 and 1.2. An elasticity of 0.8 or 1.2
    is coupling; emissions that do not change (e = 0) are weakly decoupled, negatively so in a recession. The changes are relative to
    the first year, so that the result depends on it: with a base year of crisis everything seems to decouple.
    """
    if not (start > 0 and driver_start > 0):
        raise ValueError("emissions and driver of the first year must be above zero")
    change, growth = end / start - 1.0, driver_end / driver_start - 1.0
    if abs(growth) <= still:
        return Decoupling(None, "undefined", change, growth)
    elasticity = change / growth
    return Decoupling(elasticity, _state(elasticity, growth > 0), change, growth)


def _state(elasticity: float, growing: bool) -> State:
    if elasticity < 0:
        return "strong_decoupling" if growing else "strong_negative_decoupling"
    # numbers at a border are often results of divisions
    if elasticity < LOW - 1e-12:
        return "weak_decoupling" if growing else "weak_negative_decoupling"
    if elasticity <= HIGH + 1e-12:
        return "expansive_coupling" if growing else "recessive_coupling"
    return "expansive_negative_decoupling" if growing else "recessive_decoupling"
