"""Maps: CSV files that say which meter a point of a protocol is. All the faults of a map are told together, before anything listens."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, Table, read_table
from tanlu.monitor.registry import Meter, Registry

Row = dict[str, object]
METER = Column("meter", note="id in the registry of meters")
FACTOR = Column(
    "factor",
    kind="number",
    required=False,
    note="what one unit as sent is in the unit that the meter shows; 1 if empty",
)


class PointMap:
    """The rows of a map whose cells are sound, and what is wrong with the others.

    Parameters
    ----------
    path : Path
    columns : sequence of Column
        Columns of the protocol; `METER` and `FACTOR` are added.
    key : sequence of str
        Columns that together name one point.
    registry : Registry
    """

    def __init__(self, path: Path, columns: Sequence[Column], key: Sequence[str], registry: Registry) -> None:
        self._table: Table = read_table(path, [*columns, METER, FACTOR], key=[*key, "meter"])
        self.problems = list(self._table.problems)
        self.rows: list[tuple[int, Row, Meter]] = []
        """Line, cells and meter."""
        seen: dict[str, int] = {}
        for line, row in zip(self._table.lines, self._table.rows, strict=True):
            name = str(row["meter"])
            meter = registry.meters.get(name)
            if meter is None:
                near = difflib.get_close_matches(name, registry.meters, 3) or list(registry.meters)[:3]
                self.problem("monitor_map_meter", line, "meter", name, suggestions=", ".join(near) or "–")
            elif name in seen:
                self.problem("monitor_map_twice", line, "meter", name, first=seen[name])
            elif row["factor"] == 0:
                self.problem("monitor_map_factor", line, "factor", 0)
            else:
                self.rows.append((line, row, meter))
            seen.setdefault(name, line)

    def problem(self, code: str, line: int, field: str, value: object, **details: object) -> None:
        """Note what is wrong with a row."""
        self.problems.append(Problem(code, self._table.file, line, field, str(value), details))

    def raise_problems(self) -> None:
        """Raise everything that was found.

        Raises
        ------
        DataError
            If anything is wrong, or there is no row at all.
        """
        if not self.problems and not self.rows:
            self.problem("monitor_map_empty", 1, "", "")
        if self.problems:
            raise DataError(self.problems)


def scale_of(row: Row, meter: Meter) -> float:
    """Return by what a value as sent is multiplied to be the whole number of the ledger.

    Products are rounded to whole numbers: a value with no more digits than the meter keeps stays exact below 2^50, further digits are
    rounded off.
    """
    factor = row["factor"]
    return (factor if isinstance(factor, float) else 1.0) * float(10**meter.decimals)
