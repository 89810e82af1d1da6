"""Numbers of a system with the sources that they still have, as rows of parameters.csv and sources.csv."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from tanlu.core.provenance import Grade
from tanlu.core.schema import SOURCES
from tanlu.energy.components import Asset
from tanlu.energy.provenance import Origin
from tanlu.energy.reading.amounts import factor_to
from tanlu.energy.reading.values import MONEY
from tanlu.energy.system import System

PARAMETERS: Final = (
    "component", "parameter", "year", "value", "unit", "price_year", "source", "grade", "note_zh", "note_en"
)  # fmt: skip
QUALITY: Final = PARAMETERS[-4:]
_ROUNDED: Final = 1e-5
"""Relative difference within which a number is the one that was read: origins keep six digits."""


class Traced:
    """Rows of numbers that are those that were read; a number that was changed since has lost its source.

    Parameters
    ----------
    system : System
        With its provenance.
    """

    def __init__(self, system: System) -> None:
        self.system = system
        self.rows: list[list[Any]] = []
        self._used: set[str] = set()

    def take(self, owner: str, parameter: str, value: object, unit: str) -> bool:
        """Take a value with its sources; return False where none of its numbers has one, or not all of them are numbers.

        Parameters
        ----------
        owner, parameter : str
            Whose number.
        value : object
            A number, or numbers by year.
        unit : str
            Unit of the numbers.
        """
        numbers: Mapping[int | None, Any] = value if isinstance(value, Mapping) else {None: value}
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers.values()):
            return False
        origins = self.system.provenance.of(owner, parameter)
        found = {
            year: next((o for o in origins if o.year == year and _same(o, number, unit)), None)
            for year, number in numbers.items()
        }
        if not any(found.values()):
            return False
        money = self.system.price_year if any(word in unit for word in MONEY) else ""
        for year, number in numbers.items():
            row = [owner, parameter, "" if year is None else year, repr(float(number)), unit, money]
            self.rows.append([*row, *self._quality(found[year])])
        return True

    def of_asset(self, owner: str, position: int, asset: Asset, unit: str) -> list[Any]:
        """Return source, grade and notes of a plant that stands already, in the order of `QUALITY`."""
        origins = self.system.provenance.of(owner, "existing")
        origin = origins[position] if position < len(origins) else None
        return self._quality(origin if origin is not None and _same(origin, asset.capacity, unit) else None)

    def sources(self) -> list[list[Any]]:
        """Return the rows of sources.csv that the numbers taken name."""
        known = self.system.provenance.sources
        return [
            [getattr(known[name], column.name) for column in SOURCES.columns] for name in known if name in self._used
        ]

    def _quality(self, origin: Origin | None) -> list[Any]:
        if origin is None:
            return ["", Grade.D.value, "", ""]
        self._used.add(origin.source)
        return [origin.source, origin.grade.value, origin.note_zh, origin.note_en]


def _same(origin: Origin, number: float, unit: str) -> bool:
    """Tell whether a number is the one that was read; one that was read for a kilometre is not compared."""
    try:
        factor, per_length = factor_to(origin.unit, unit) if origin.unit else (1.0, False)
    except ValueError:
        return False
    return not per_length and math.isclose(float(origin.value) * factor, number, rel_tol=_ROUNDED, abs_tol=0.0)
