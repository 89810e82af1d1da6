"""What drove the past: drivers that a hindcast takes as observed, from the statistics of a province and from ``hindcast.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import Province
from tanlu.core.tables import Column, read_table
from tanlu.pathways.data import GROWTH_VARIABLES, PathwayData
from tanlu.pathways.parameters import BY_NAME, SCALAR_CONTROLS, Floats

FILE: Final = "hindcast.csv"
CAPACITIES: Final = ("capacity.wind", "capacity.solar", "capacity.hydro", "capacity.biomass")
"""Controls whose past comes from outside; nuclear, storage and lines stay as they were in the base year."""
SERIES: Final = {
    "capacity.wind": ("Capacity|Electricity|Wind", "GW"),
    "capacity.solar": ("Capacity|Electricity|Solar", "GW"),
    "capacity.hydro": ("Capacity|Electricity|Hydro", "GW"),
    "gdp_growth": ("GDP|Growth (constant prices)", "1/yr"),
    "population": ("Population|Resident (year-end)", "10^6 persons"),
    "urbanisation": ("Urbanisation Rate", "1"),
    "electricity": ("Electricity Consumption|Total", "TWh"),
    "thermal": ("Secondary Energy|Electricity|Thermal", "TWh"),
    "hydro": ("Secondary Energy|Electricity|Hydro", "TWh"),
}
COLUMNS: Final = (
    Column("variable", "choice", choices=[*(p.name for p in SCALAR_CONTROLS), *GROWTH_VARIABLES], note="what it was"),
    Column("year", "year", note="years between are interpolated"),
    Column("value", "number", minimum=0.0),
    Column("unit"),
    Column("source"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True)
class Observed:
    """Drivers of the years from the base year of a hindcast to its last, each [T] by the names of `SERIES` and `CAPACITIES`."""

    years: tuple[int, ...]
    values: Mapping[str, Floats]

    def __getitem__(self, name: str) -> Floats:
        return self.values[name]


def observed_drivers(province: Province, data: PathwayData, base: int, last: int) -> Observed:
    """Return the observed drivers.

    Statistics go before ``hindcast.csv``, which fills the years that they lack; years between are interpolated.

    Raises
    ------
    DataError
        With every fault of ``hindcast.csv`` and every driver that does not reach from the base year to the last.
    """
    years = tuple(range(base, last + 1))
    extra = _extra(data, province)
    problems: list[Problem] = []
    values = {}
    for name in (*SERIES, *(c for c in CAPACITIES if c not in SERIES)):
        points = dict(extra.get(name, {}))
        if name in SERIES:
            points |= {year: fact.value for year, fact in province.series(*SERIES[name]).items()}
        known = sorted(points)
        if not known or known[0] > base or known[-1] < last:
            span = f"{known[0]}–{known[-1]}" if known else "–"
            details = {"first": base, "last": last, "known": span}
            problems.append(Problem("hindcast_gap", FILE, field="variable", value=name, details=details))
            continue
        values[name] = np.interp(np.array(years, float), known, [points[y] for y in known])
    if problems:
        raise DataError(problems)
    return Observed(years, values)


def _extra(data: PathwayData, province: Province) -> dict[str, dict[int, float]]:
    table = read_table(data.folder / FILE, COLUMNS, key=("variable", "year"), root=province.folder)
    problems = list(table.problems)
    known = {*province.sources, *(s.id for s in data.sources)}
    out: dict[str, dict[int, float]] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        name, unit, source = str(row["variable"]), str(row["unit"]), str(row["source"])
        wanted = GROWTH_VARIABLES.get(name) or BY_NAME[name].unit
        if unit != wanted:
            problems.append(Problem("wrong_unit", table.file, line, "unit", unit, {"wanted": wanted}))
        if source not in known:
            details = {"refers_to": "sources.csv", "some": ", ".join(sorted(known)[:6])}
            problems.append(Problem("unknown_choice", table.file, line, "source", source, details))
        out.setdefault(name, {})[int(str(row["year"]))] = float(str(row["value"]))
    if problems:
        raise DataError(problems)
    return out
