"""The tables of a province for sites: hours and prices of tariffs, usual numbers of devices, shapes of loads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError
from tanlu.core.library import load_library
from tanlu.core.tables import Column, read_table
from tanlu.energy.checks.wording import exactly
from tanlu.energy.parameters import Quantity
from tanlu.energy.problem import Floats
from tanlu.energy.reading.amounts import factor_to
from tanlu.energy.reading.report import Report
from tanlu.energy.site.model import USES, Number

if TYPE_CHECKING:
    from tanlu.energy.site.profiles import Surroundings

SITES: Final = "sites"
_MONTHS: Final = range(1, 13)
_HOURS: Final = tuple(f"h{hour:02d}" for hour in range(24))
_ORIGIN: Final = (
    Column("source"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)
_VALUE: Final = (
    Column("value", "number"),
    Column("unit"),
    Column("price_year", "integer", required=False),
    *_ORIGIN,
)
_TABLES: Final[dict[str, tuple[tuple[Column, ...], tuple[str, ...]]]] = {
    "tariff_hours": (
        (Column("tariff"), Column("months"), *(Column(hour) for hour in _HOURS), *_ORIGIN),
        ("tariff", "months"),
    ),
    "tariff_prices": ((Column("tariff"), Column("name"), *_VALUE), ("tariff", "name")),
    "devices": ((Column("device"), Column("parameter"), *_VALUE), ("device", "parameter")),
    "load_shapes": (
        (
            Column("type"),
            Column("use", "choice", choices=USES, refers_to=", ".join(USES)),
            Column("day", "choice", choices=("workday", "restday"), refers_to="workday, restday"),
            Column("steady", "number", minimum=0, maximum=1, note="share of the year that does not follow the weather"),
            Column("base", "number", required=False, note="temperature beyond which the rest begins [°C]"),
            *(Column(hour, "number", minimum=0) for hour in _HOURS),
            *_ORIGIN,
        ),
        ("type", "use", "day"),
    ),
}


@dataclass
class Tables:
    """What the folder ``sites`` of a province's energy system holds.

    Parameters
    ----------
    folder : Path
        Folder of the energy system.
    province : str
        Id of the province, for the emission factor of its grid.
    rows : mapping
        Rows of the tables by name.
    """

    folder: Path = Path()
    province: str = ""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def _find(self, owner: str, parameter: str) -> dict[str, Any] | None:
        for table, first, second in (("tariff_prices", "tariff", "name"), ("devices", "device", "parameter")):
            for row in self.rows.get(table, []):
                if row[first] == owner and row[second] == parameter:
                    return row
        return None

    def has(self, owner: str, parameter: str) -> bool:
        """Tell whether the tables give a number."""
        return self._find(owner, parameter) is not None

    def number(
        self, report: Report, owner: str, parameter: str, quantity: Quantity, numbers: list[Number]
    ) -> float | None:
        """Return a number in the unit of its parameter, and note where it comes from."""
        row = self._find(owner, parameter)
        if row is None:
            return None
        numbers.append(_note(owner, parameter, f"{exactly(row['value'])} {row['unit']}", row))
        return float(row["value"]) * (1.0 if quantity.unit == row["unit"] else factor_to(row["unit"], quantity.unit)[0])

    def tariff_names(self) -> list[str]:
        """Return the tariffs that there are."""
        return list(dict.fromkeys(row["tariff"] for row in self.rows["tariff_hours"]))

    def tariff_hours(self, name: str, numbers: list[Number]) -> tuple[tuple[str, ...], ...]:
        """Return the period of every hour of the day by month."""
        by_month: dict[int, tuple[str, ...]] = {}
        for row in self.rows["tariff_hours"]:
            if row["tariff"] == name:
                numbers.append(_note(name, "hours", f"{row['months']}", row))
                by_month |= {int(month): tuple(row[hour] for hour in _HOURS) for month in row["months"].split()}
        return tuple(by_month[month] for month in _MONTHS)

    def load_types(self) -> list[str]:
        """Return the types of load that there are."""
        return list(dict.fromkeys(row["type"] for row in self.rows["load_shapes"]))

    def shape(self, load_type: str, use: str, around: Surroundings, numbers: list[Number]) -> Floats:
        r"""Return the shape of a load over a year, (8760,).

        With the shape a of the day's kind, its steady share s and degrees θ below (heat) or above (cooling) its base temperature:

        .. math:: l_t = s\, \frac{a_t}{\overline{a}} + (1-s)\, \frac{a_t \theta_t}{\overline{a\,\theta}}
        """
        days = {row["day"]: row for row in self.rows["load_shapes"] if (row["type"], row["use"]) == (load_type, use)}
        row = days["workday"]
        numbers.append(_note(load_type, use, "shape", row))
        shapes = np.array([[days[day][hour] for hour in _HOURS] for day in ("workday", "restday")], float)
        course = shapes[np.asarray(around.restday, int)].reshape(-1)
        result = float(row["steady"]) * course / course.mean()
        if row["steady"] < 1:
            side = 1.0 if use == "cooling" else -1.0
            degrees = course * np.maximum(side * (around.temperature - row["base"]), 0.0)
            result = result + (1.0 - row["steady"]) * degrees / max(degrees.mean(), 1e-12)
        return np.asarray(result, float)

    def grid_factor(self, numbers: list[Number]) -> float | None:
        """Return the emission factor of the province's grid of the last year that is published [t CO2/MWh]."""
        found = [
            factor
            for factor in load_library().factors.values()
            if factor.set == "cn-grid" and factor.parameter == "co2_factor" and factor.region == self.province
        ]
        if not found:
            return None
        latest = max(found, key=lambda factor: factor.valid_from or 0)
        numbers.append(
            Number(
                "grid", "emission_factor", f"{exactly(latest.value)} {latest.unit}", latest.source, str(latest.grade)
            )
        )
        return float(latest.value)

    def fuel_factor(self, fuel: str, numbers: list[Number]) -> float:
        """Return the emission factor of a fuel in the province's energy system [t CO2/MWh]."""
        columns = (Column("component"), Column("parameter"), Column("year", required=False), Column("value", "number"),
                   Column("unit", required=False), Column("price_year", required=False), *_ORIGIN)  # fmt: skip
        table = read_table(self.folder / "parameters.csv", columns, root=self.folder)
        for row in table.rows:
            if (row["component"], row["parameter"]) == (fuel, "emission_factor"):
                numbers.append(_note(fuel, "emission_factor", f"{row['value']} {row['unit']}", row))
                return float(str(row["value"]))
        return 0.0


def _note(owner: str, parameter: str, value: str, row: dict[str, Any]) -> Number:
    """Return where a number comes from."""
    grade = getattr(row["grade"], "value", row["grade"])
    notes = (str(row.get("note_zh") or ""), str(row.get("note_en") or ""))
    return Number(owner, parameter, value, str(row["source"]), str(grade), *notes)


def read_tables(report: Report, province: str) -> Tables | None:
    """Read the tables of a province for sites; None after telling what is wrong."""
    from tanlu.energy.reading import system_folder

    try:
        folder = system_folder(province)
    except DataError as error:
        report.problems.extend(error.problems)
        return None
    before, rows = len(report.problems), {}
    for name, (columns, key) in _TABLES.items():
        table = read_table(folder / SITES / f"{name}.csv", columns, key=key, root=folder)
        report.problems.extend(table.problems)
        rows[name] = list(table.rows)
    tables = Tables(folder, province, rows)
    if len(report.problems) == before:
        _check_months(report, tables)
    return tables if len(report.problems) == before else None


def _check_months(report: Report, tables: Tables) -> None:
    """Every month of a tariff has its hours exactly once."""
    file = f"{SITES}/tariff_hours.csv"
    for name in tables.tariff_names():
        months = [m for row in tables.rows["tariff_hours"] if row["tariff"] == name for m in row["months"].split()]
        if sorted(months) != sorted(str(month) for month in _MONTHS):
            line = 2 + next(i for i, row in enumerate(tables.rows["tariff_hours"]) if row["tariff"] == name)
            report.cell("site_months", file, line, "months", " ".join(months), tariff=name)
