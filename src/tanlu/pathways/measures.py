"""What a decision looks at: one number a run, always such that less is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Result

MEASURED: Final = ("total", "net", "with_imports", "net_with_imports")
"""Emissions that a measure can be taken of: scope 1, less the uptake of land, with imported power, or both."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of a run.

    Attributes
    ----------
    id : str
        ``<emissions>:<year>``, ``<emissions>:sum`` (over the years after the base year), ``<emissions>:peak`` (highest value of the run) or
        ``<emissions>:peak_year``.
    unit : str
    of : callable
        From a run to [n].
    """

    id: str
    unit: str
    of: Callable[[Result], Floats]


def emissions_of(result: Result, kind: str) -> Floats:
    """Return the emissions [n, T] in Mt CO2 of one of `MEASURED`."""
    out: Floats = result.with_imports if kind.endswith("with_imports") else result.total
    if kind.startswith("net"):
        out = out - result.indicator("sink")
    return out


def measure(name: str, years: tuple[int, int]) -> Measure:
    """Return the measure of a name, for example ``net_with_imports:2060``.

    Parameters
    ----------
    name : str
    years : (int, int)
        First and last year of the runs.

    Raises
    ------
    DataError
        If the name is none.
    """
    kind, _, at = name.partition(":")
    if kind in MEASURED:
        if at == "sum":
            return Measure(name, "Mt CO2", lambda result: emissions_of(result, kind)[:, 1:].sum(axis=1))
        if at == "peak":
            return Measure(name, "Mt CO2/yr", lambda result: emissions_of(result, kind).max(axis=1))
        if at == "peak_year":
            return Measure(
                name, "yr", lambda result: years[0] + emissions_of(result, kind).argmax(axis=1).astype(float)
            )
        if at.isdigit() and years[0] < int(at) <= years[1]:
            return Measure(name, "Mt CO2/yr", lambda result: emissions_of(result, kind)[:, int(at) - years[0]])
    details = {"some": ", ".join(MEASURED), "first": years[0] + 1, "last": years[1]}
    raise DataError([Problem("choice_measure", "--measure", value=name, details=details)])
