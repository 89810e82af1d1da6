"""How components declare their parameters: unit, range, and whether a value may differ by year or by hour."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.energy.problem import Floats

Value = float | Mapping[int, float]
"""A number, or numbers by year, between which is interpolated linearly and beyond which the nearest counts."""
Hourly = float | str | Floats
"""A number, the name of a profile of the system, or an array over hours."""

METADATA: Final = "quantity"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a parameter may be.

    Parameters
    ----------
    unit : str
        Unit in which the component holds it.
    low, high : float
        What it may be at all; a value outside is a fault.
    usual : tuple of float or None
        Range of plausible values; a value outside is most often a slip of unit.
    kind : str
        ``number``, ``value`` (may differ by year) or ``hourly``.
    """

    unit: str
    low: float = 0.0
    high: float = math.inf
    usual: tuple[float, float] | None = None
    kind: str = "number"


def quantity(
    unit: str,
    *,
    default: Any = dataclasses.MISSING,
    low: float = 0.0,
    high: float = math.inf,
    usual: tuple[float, float] | None = None,
    kind: str = "number",
) -> Any:
    """Declare a parameter of a component, as `dataclasses.field` does, with its unit and range."""
    return dataclasses.field(default=default, metadata={METADATA: Quantity(unit, low, high, usual, kind)})


def at_years(value: Value, years: Sequence[int]) -> Floats:
    """Return a value at each of the years, interpolated linearly, constant beyond the first and the last given."""
    if not isinstance(value, Mapping):
        return np.full(len(years), float(value))
    known = sorted(value)
    result: Floats = np.interp(np.asarray(years, float), known, [value[year] for year in known])
    return result


def declared(component: type) -> dict[str, Quantity]:
    """Return the quantities that a class of components declares, by name of the parameter."""
    return {f.name: f.metadata[METADATA] for f in dataclasses.fields(component) if METADATA in f.metadata}
