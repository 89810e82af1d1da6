"""Values of parameters: from parameters.csv and from system.yaml, in the units in which components hold them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tanlu.core.provenance import Grade
from tanlu.core.tables import FIRST_YEAR, LAST_YEAR
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError
from tanlu.energy.checks.wording import exactly, figure
from tanlu.energy.parameters import Quantity, Value
from tanlu.energy.provenance import Origin
from tanlu.energy.reading.amounts import by_mass, factor_to, split_amount
from tanlu.energy.reading.report import SYSTEM_FILE, Place, Report
from tanlu.energy.reading.tables import Row

MONEY: Final = ("CNY", "元")


@dataclass(frozen=True, slots=True)
class Context:
    """What the unit of a parameter depends on besides its declaration.

    Parameters
    ----------
    mass : bool
        Whether the carrier is counted by mass.
    length : float or None
        Length of a line [km]; None where there is none.
    """

    mass: bool = False
    length: float | None = None


@dataclass
class Values:
    """Gives out the values of parameters and remembers where each came from.

    Parameters
    ----------
    report : Report
        Where problems go.
    price_year : int
        Year of all prices.
    """

    report: Report
    price_year: int
    rows: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    used: set[tuple[str, str]] = field(default_factory=set)
    origins: dict[tuple[str, str], tuple[Origin, ...]] = field(default_factory=dict)
    _converted: dict[tuple[str, str, str, Context], tuple[Value | None, tuple[Origin, ...]]] = field(
        default_factory=dict
    )

    def take(self, rows: list[Row]) -> None:
        """Take in the rows of parameters.csv."""
        for row in rows:
            self.rows[row.cells["component"]][row.cells["parameter"]].append(row)
            self._check_price_year(row)

    def _check_price_year(self, row: Row) -> None:
        """A price is in money of the one year of the system."""
        unit = row.cells.get("unit") or ""
        year = row.cells.get("price_year")
        if not any(money in unit for money in MONEY):
            return
        if year is None:
            self.report.cell("energy_no_price_year", row.file, row.line, "price_year", wanted=self.price_year)
        elif year != self.price_year:
            self.report.cell("energy_price_year", row.file, row.line, "price_year", year, wanted=self.price_year)

    def of_table(
        self, owner: str, component: str, parameter: str, quantity: Quantity, context: Context
    ) -> Value | None:
        """Return a value of parameters.csv that was written for an owner (component or technology); None where there is none.

        The number is remembered as that of `component`.
        """
        found = self.rows.get(owner, {}).get(parameter)
        if not found:
            return None
        self.used.add((owner, parameter))
        key = (owner, parameter, f"{quantity.unit} {quantity.kind}", context)
        if key not in self._converted:
            self._converted[key] = self._value(found, quantity, context)
        value, origins = self._converted[key]
        self.origins[component, parameter] = origins
        return value

    def _value(self, rows: list[Row], quantity: Quantity, context: Context) -> tuple[Value | None, tuple[Origin, ...]]:
        """Return the rows of a parameter as a number, or as numbers by year."""
        by_year, origins = dict[int | None, float](), []
        for row in sorted(rows, key=lambda r: r.cells.get("year") or 0):
            year, unit = row.cells.get("year"), row.cells.get("unit") or ""
            if year in by_year or (by_year and (year is None or None in by_year)):
                self.report.cell("energy_two_values", row.file, row.line, "year", year or "")
            if year is not None and quantity.kind != "value":
                self.report.cell("energy_not_by_year", row.file, row.line, "year", year)
            number = self._convert(row.cells["value"], unit, quantity, context, row)
            origins.append(_origin_of_row(row, exactly(row.cells["value"])))
            if number is not None:
                by_year[year] = number
        return _joined(by_year), tuple(origins)

    def _convert(
        self, number: float, unit: str, quantity: Quantity, context: Context, place: Place | Row
    ) -> float | None:
        """Return a number in the unit of a parameter; None after telling what is wrong with its unit."""
        wanted = by_mass(quantity.unit) if context.mass else quantity.unit
        if not unit:
            if wanted in {"1", "MWh/MWh"} or number == 0 or math.isinf(number):
                return number
            self._tell("energy_no_unit", place, figure(number), wanted=wanted)
            return None
        try:
            factor, per_length = factor_to(unit, wanted)
        except UnknownUnitError as error:
            self._tell("unknown_unit", place, unit, suggestions=", ".join(error.suggestions) or wanted)
            return None
        except IncompatibleUnitsError:
            self._tell("wrong_unit", place, unit, wanted=wanted)
            return None
        if not per_length:
            return number * factor
        if context.length is None:
            self._tell("energy_no_length", place, unit, wanted=wanted)
            return None
        return number * factor * context.length

    def _tell(self, code: str, place: Place | Row, value: str, **details: object) -> None:
        if isinstance(place, Row):
            self.report.cell(code, place.file, place.line, "unit", value, **details)
        else:
            self.report.entry(code, place, value, **details)

    def capacity(self, row: Row, column: str, unit: str, context: Context) -> float | None:
        """Return the capacity or energy of a row of assets.csv or lines.csv."""
        return self._convert(row.cells[column], row.cells["unit"], Quantity(unit), context, row)

    def written(
        self, text: Any, owners: Sequence[str], parameter: str, quantity: Quantity, context: Context, place: Place
    ) -> Value | None:
        """Return a value that system.yaml writes: ``3500 CNY/kW``, numbers by year, or a mapping with value, source and grade.

        It is written for the last of the owners (the technology where there is one) and remembered as that of the first.
        """
        said: Mapping[str, Any] = {}
        if isinstance(text, dict) and "value" in text:
            self.report.keys(text, ("value", "source", "grade", "note", "note_zh", "note_en"), place)
            said, text = text, text["value"]
        by_year: Mapping[Any, Any] = text if isinstance(text, dict) and text else {None: text}
        if isinstance(text, dict) and quantity.kind != "value":
            self.report.entry("energy_not_by_year", place, parameter)
            return None
        numbers, origins = dict[int | None, float](), []
        for year, one in by_year.items():
            inner = (*place, str(year)) if by_year is text else place
            if by_year is text and not (isinstance(year, int) and FIRST_YEAR <= year <= LAST_YEAR):
                self.report.entry("not_a_year", inner, year, first=FIRST_YEAR, last=LAST_YEAR)
                continue
            amount = self.amount(one, quantity, context, inner)
            if amount is not None:
                numbers[year] = amount
                origins.append(self._origin_written(owners[-1], parameter, year, one, said, inner))
        self.origins[owners[0], parameter] = tuple(origins)
        return _joined(numbers)

    def amount(self, text: Any, quantity: Quantity, context: Context, place: Place) -> float | None:
        """Return one number that system.yaml writes; None after telling what is wrong with it."""
        split = split_amount(str(text)) if isinstance(text, str | int | float) and not isinstance(text, bool) else None
        if split is None:
            self.report.entry("energy_not_an_amount", place, text, wanted=quantity.unit)
            return None
        return self._convert(*split, quantity, context, place)

    def _origin_written(
        self, owner: str, parameter: str, year: int | None, text: Any, said: Mapping[str, Any], place: Place
    ) -> Origin:
        number, unit = split_amount(str(text)) or (math.nan, "")
        grade = said.get("grade", "D")
        if grade not in Grade.__members__:
            self.report.entry("unknown_grade", (*place, "grade"), grade)
            grade = "D"
        notes = str(said.get("note_zh") or said.get("note", "")), str(said.get("note_en") or said.get("note", ""))
        source = str(said.get("source", ""))
        return Origin(
            owner,
            parameter,
            year,
            figure(number),
            unit,
            source,
            Grade(grade),
            *notes,
            SYSTEM_FILE,
            self.report.line(place),
        )


def _origin_of_row(row: Row, value: str) -> Origin:
    cells = row.cells
    return Origin(
        cells["component"],
        cells["parameter"],
        cells.get("year"),
        value,
        cells.get("unit") or "",
        row.source,
        row.grade,
        *row.notes,
        row.file,
        row.line,
    )


def _joined(by_year: Mapping[int | None, float]) -> Value | None:
    """Return a number where no year is named, else numbers by year."""
    if not by_year:
        return None
    if None in by_year:
        return by_year[None]
    return {year: number for year, number in by_year.items() if year is not None}
