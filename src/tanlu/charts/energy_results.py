"""Reading the frozen folder of an energy study: tables at once, hourly series when they are asked for."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.charts.energy_records import (
    AdequacyRecord,
    BalanceRecord,
    CapacityRecord,
    CarbonPriceRecord,
    ComparisonRecord,
    CostRecord,
    CurtailmentRecord,
    EmissionRecord,
    EnergyFlowRecord,
    EnergyNodeRecord,
    LineRecord,
    ParameterRecord,
    StressRecord,
    TechnologyRecord,
)  # fmt: skip
from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, read_table

Floats = NDArray[np.float64]

FOLDER: Final = "energy"
"""Name of the folder inside that of a run."""
CARRIER: Final = "electricity"
"""Carrier of hourly series and prices."""
FILES: Final[dict[str, tuple[str, type[Any]]]] = {
    "capacities": ("capacities.csv", CapacityRecord),
    "balance": ("balance.csv", BalanceRecord),
    "emissions": ("emissions.csv", EmissionRecord),
    "carbon_price": ("carbon_price.csv", CarbonPriceRecord),
    "costs": ("costs.csv", CostRecord),
    "curtailment": ("curtailment.csv", CurtailmentRecord),
    "adequacy": ("adequacy.csv", AdequacyRecord),
    "stress": ("stress.csv", StressRecord),
    "flows": ("sankey.csv", EnergyFlowRecord),
    "nodes": ("nodes.csv", EnergyNodeRecord),
    "technologies": ("technologies.csv", TechnologyRecord),
    "lines": ("lines.csv", LineRecord),
    "parameters": ("sources.csv", ParameterRecord),
}
COMPARISON: Final = "comparison.csv"
"""A study that is no part of a run has none."""
SUMMARY: Final = ("system", "periods", "objective", "lower", "upper", "gap", "price_year", "discount_rate")
KEPT: Final = 8
"""Hourly files that are held in memory, about 1.5 MB each."""

_KINDS: Final[dict[str, tuple[Any, bool]]] = {
    "str": ("text", False), "int": ("integer", True), "int | None": ("integer", False),
    "float": ("number", True), "float | None": ("number", False),
}  # fmt: skip
_HEADERS: Final = {"start": "from", "end": "to"}
_OPTIONAL: Final = frozenset({"cap_t"})


@dataclass(frozen=True, eq=False)
class Hourly:
    """Series of a period by name, one row a series, one column an hour."""

    names: tuple[str, ...]
    values: Floats

    @property
    def hours(self) -> int:
        """Number of hours."""
        return int(self.values.shape[1])

    def of(self, name: str) -> Floats:
        """Return a series; zeros where there is none of that name."""
        return self.values[self.names.index(name)] if name in self.names else np.zeros(self.hours)


@dataclass(frozen=True)
class EnergyResults:
    """A frozen study of an energy system. Nothing here is computed but sums of what the files hold.

    Made by `EnergyResults.load`.
    """

    folder: Path
    summary: dict[str, Any]
    capacities: tuple[CapacityRecord, ...]
    balance: tuple[BalanceRecord, ...]
    emissions: tuple[EmissionRecord, ...]
    carbon_price: tuple[CarbonPriceRecord, ...]
    costs: tuple[CostRecord, ...]
    curtailment: tuple[CurtailmentRecord, ...]
    adequacy: tuple[AdequacyRecord, ...]
    stress: tuple[StressRecord, ...]
    flows: tuple[EnergyFlowRecord, ...]
    nodes: tuple[EnergyNodeRecord, ...]
    technologies: tuple[TechnologyRecord, ...]
    lines: tuple[LineRecord, ...]
    parameters: tuple[ParameterRecord, ...]
    comparison: tuple[ComparisonRecord, ...] = ()
    _hourly: dict[tuple[str, int], Hourly] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, folder: Path) -> EnergyResults:
        """Read a folder.

        Raises
        ------
        DataError
            With every problem of every table; a column that this version does not know is left out.
        """
        problems: list[Problem] = []
        summary = _summary(folder, problems)
        tables: dict[str, Any] = {
            name: _table(folder / file, record, problems) for name, (file, record) in FILES.items()
        }
        if (folder / COMPARISON).is_file():
            tables["comparison"] = _table(folder / COMPARISON, ComparisonRecord, problems)
        if problems:
            raise DataError(problems)
        return cls(folder=folder, summary=summary, **tables)

    @property
    def periods(self) -> tuple[int, ...]:
        """Years of the pathway, ascending."""
        return tuple(sorted(int(p) for p in self.summary["periods"]))

    def label(self, language: str) -> str:
        """Return the name of the system."""
        labels = self.summary.get("labels")
        named = labels.get(language) if isinstance(labels, Mapping) else None
        return str(named or self.summary["system"])

    @cached_property
    def names(self) -> dict[str, TechnologyRecord]:
        """Technologies by id."""
        return {t.technology: t for t in self.technologies}

    @cached_property
    def hourly_periods(self) -> tuple[int, ...]:
        """Periods whose hours are in the folder."""
        return tuple(p for p in self.periods if (self.folder / "dispatch" / f"{p}.csv").is_file())

    def dispatch(self, period: int) -> Hourly:
        """Return supply (positive) and use (negative) of electricity by technology and hour [MW].

        Raises
        ------
        DataError
            If the file is missing or damaged.
        """
        return self._series("dispatch", period)

    def prices(self, period: int) -> Hourly:
        """Return the marginal cost of electricity by node and hour [CNY/MWh].

        Raises
        ------
        DataError
            If the file is missing or damaged.
        """
        return self._series("prices", period)

    def _series(self, kind: str, period: int) -> Hourly:
        known = self._hourly.get((kind, period))
        if known is None:
            known = _hourly(self.folder / kind / f"{period}.csv", f"{kind}/{period}.csv")
            while len(self._hourly) >= KEPT:
                self._hourly.pop(next(iter(self._hourly)), None)
            self._hourly[kind, period] = known
        return known


def _summary(folder: Path, problems: list[Problem]) -> dict[str, Any]:
    path = folder / "summary.json"
    if not path.is_file():
        problems.append(Problem("missing_file", path.name))
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem("not_json", path.name, getattr(error, "lineno", None), details={"reason": str(error)}))
        return {}
    if not isinstance(data, dict):
        problems.append(Problem("not_json", path.name, details={"reason": f"{type(data).__name__}, not an object"}))
        return {}
    problems.extend(Problem("missing_key", path.name, field=key) for key in SUMMARY if key not in data)
    return data


def _table(path: Path, record: type[Any], problems: list[Problem]) -> tuple[Any, ...]:
    names = {f.name: _HEADERS.get(f.name, f.name) for f in fields(record)}
    header = _header(path)
    columns = []
    for f in fields(record):
        if f.name in _OPTIONAL and names[f.name] not in header:
            continue
        kind, required = _KINDS[str(f.type)]
        columns.append(Column(names[f.name], kind, required))
    # a study of another version may say more
    columns += [Column(h, "text", required=False) for h in header if h and h not in names.values()]
    table = read_table(path, columns)
    problems.extend(table.problems)
    texts = {f.name for f in fields(record) if str(f.type) == "str"}
    rows = ({n: row[h] for n, h in names.items() if h in row} for row in table.rows)
    return tuple(record(**{n: "" if v is None and n in texts else v for n, v in row.items()}) for row in rows)


def _header(path: Path) -> list[str]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig") as lines:
        return lines.readline().strip().split(",")


def _hourly(path: Path, name: str) -> Hourly:
    """Read a file whose first column is the hour."""
    if not path.is_file():
        raise DataError([Problem("missing_file", name)])
    names = tuple(_header(path))[1:]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # a file without hours is a fault
            values = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2, encoding="utf-8-sig")
    except (ValueError, UserWarning) as error:
        raise DataError([Problem("bad_hours", name, details={"reason": str(error)})]) from error
    if values.shape[1] != len(names) + 1 or not len(values) or not np.isfinite(values).all():
        raise DataError([Problem("bad_hours", name, details={"reason": f"{values.shape}"})])
    return Hourly(names, np.ascontiguousarray(values[:, 1:].T))
