"""Numbers of a province that stand beside the parameters of the engine: declared with unit and limits, read with every error at once.

A file of assumptions is long: one row a number, with its index ("" or members joined by ``|``) and, where it changes, its year. Between
given years a value is linear, before the first and after the last it is constant.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.core.errors import Problem
from tanlu.core.provenance import Grade
from tanlu.core.tables import Column, read_table

Floats = NDArray[np.float64]

COLUMNS: Final = (
    Column("name", note="name of the assumption"),
    Column("index", required=False, note="members of its sets, joined by |; empty for a single number"),
    Column("year", "year", required=False, note="empty if the value holds for all years"),
    Column("value", "number"),
    Column("unit"),
    Column("low", "number", required=False, note="5 % point"),
    Column("high", "number", required=False, note="95 % point"),
    Column("source", note="id in a sources.csv"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """Declaration: name, unit, the sets over which it runs, limits of sense, and what it means in both languages."""

    name: str
    unit: str
    over: tuple[str, ...]
    minimum: float
    maximum: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class AssumedValue:
    """One row of a file of assumptions."""

    name: str
    index: str
    year: int | None
    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    grade: Grade
    note_zh: str
    note_en: str

    @property
    def id(self) -> str:
        """Identifier of the number."""
        place = f"effect:{self.name}:{self.index}" if self.index else f"effect:{self.name}"
        return place if self.year is None else f"{place}:{self.year}"


@dataclass(frozen=True)
class Assumptions:
    """Checked values by name and index, each with its points by year."""

    declared: Mapping[str, Assumption]
    sets: Mapping[str, tuple[str, ...]]
    values: Mapping[tuple[str, str], tuple[AssumedValue, ...]]

    def path(self, name: str, years: Sequence[int] | NDArray[np.int64], index: str = "") -> Floats:
        """Return a value in each year, [T]."""
        points = self.values[name, index]
        at = [float(p.year or 0) for p in points]
        out: Floats = np.interp(np.asarray(years, float), at, [p.value for p in points])
        return out

    def scalar(self, name: str, index: str = "") -> float:
        """Return a value that holds for all years."""
        return self.values[name, index][0].value

    def indices(self, name: str) -> tuple[str, ...]:
        """Return every index of an assumption, in the order of its sets."""
        return members(self.declared[name], self.sets)

    def array(self, name: str) -> Floats:
        """Return constant values over the sets of an assumption, [set, …]."""
        shape = [len(self.sets[s]) for s in self.declared[name].over]
        return np.array([self.scalar(name, i) for i in self.indices(name)]).reshape(shape)

    def paths(self, name: str, years: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Return values by year over the sets of an assumption, [set, …, T]."""
        shape = [len(self.sets[s]) for s in self.declared[name].over]
        return np.array([self.path(name, years, i) for i in self.indices(name)]).reshape(*shape, len(years))

    def grade(self, names: Iterable[str]) -> Grade:
        """Return the weakest grade of all rows of the named assumptions."""
        wanted = set(names)
        return Grade.worst([p.grade for (name, _), points in self.values.items() if name in wanted for p in points])


def members(declared: Assumption, sets: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the indices that an assumption must have."""
    return tuple("|".join(parts) for parts in itertools.product(*(sets[s] for s in declared.over)))


def read_assumptions(
    path: Path,
    root: Path,
    declarations: Sequence[Assumption],
    sets: Mapping[str, tuple[str, ...]],
    sources: Sequence[str],
    problems: list[Problem],
) -> Assumptions:
    """Read a file of assumptions; every problem is appended to ``problems``.

    Parameters
    ----------
    path, root : Path
        The file, and the folder against which it is named in problems.
    declarations : sequence of Assumption
        What the file must hold, and nothing else.
    sets : mapping
        Members of the sets over which assumptions run.
    sources : sequence of str
        Ids of known sources.
    problems : list of Problem
    """
    by_name = {d.name: d for d in declarations}
    allowed = {d.name: set(members(d, sets)) for d in declarations}
    columns = [Column("name", "choice", choices=list(by_name)), *COLUMNS[1:]]
    table = read_table(path, columns, key=("name", "index", "year"), root=root)
    problems.extend(table.problems)
    found: dict[tuple[str, str], list[AssumedValue]] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        value = AssumedValue(**{**row, "index": row["index"] or ""})  # type: ignore[arg-type]
        problems.extend(_faults(value, by_name[value.name], allowed[value.name], sources, table.file, line))
        found.setdefault((value.name, value.index), []).append(value)
    if not table.problems:
        wanted = {(name, index) for name, indices in allowed.items() for index in indices}
        problems.extend(
            Problem("missing_assumption", table.file, field=name, value=index)
            for name, index in sorted(wanted - set(found))
        )
        problems.extend(
            Problem("assumption_years", table.file, field=name, value=index)
            for (name, index), points in found.items()
            if len(points) > 1 and any(p.year is None for p in points)
        )
    ordered = {key: tuple(sorted(points, key=lambda p: p.year or 0)) for key, points in found.items()}
    return Assumptions(by_name, sets, ordered)


def _faults(
    value: AssumedValue, declared: Assumption, allowed: set[str], sources: Sequence[str], file: str, line: int
) -> list[Problem]:
    out = []
    if value.unit != declared.unit:
        out.append(Problem("wrong_unit", file, line, "unit", value.unit, {"wanted": declared.unit}))
    if value.index not in allowed:
        some = ", ".join(sorted(allowed)[:8]) or "''"
        details = {"refers_to": " | ".join(declared.over) or "''", "some": some}
        out.append(Problem("unknown_choice", file, line, "index", value.index, details))
    if value.source not in sources:
        details = {"refers_to": "sources.csv", "some": ", ".join(sources[:6])}
        out.append(Problem("unknown_choice", file, line, "source", value.source, details))
    for field in ("value", "low", "high"):
        number = getattr(value, field)
        if number is not None and number < declared.minimum:
            out.append(Problem("below_minimum", file, line, field, f"{number:g}", {"minimum": f"{declared.minimum:g}"}))
        if number is not None and number > declared.maximum:
            out.append(Problem("above_maximum", file, line, field, f"{number:g}", {"maximum": f"{declared.maximum:g}"}))
    return out
