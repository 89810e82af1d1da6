"""A labelled table: columns by name, all of one length, that any tool of tables takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns by name.

    Parameters
    ----------
    columns : mapping of str to array
        Columns of one length; the name of a column with a unit ends in ``[unit]``.

    Raises
    ------
    ValueError
        When columns differ in length.
    """

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        if len({len(values) for values in self.columns.values()}) > 1:
            raise ValueError("columns differ in length")

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Frame:
        """Return a frame of records; `names` gives the order of the columns."""
        return cls({name: np.array([row[name] for row in rows]) for name in names})

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows as records of plain values."""
        names = list(self.columns)
        for values in zip(*(column.tolist() for column in self.columns.values()), strict=True):
            yield dict(zip(names, values, strict=True))

    def where(self, **wanted: object) -> Frame:
        """Return the rows whose columns have these values."""
        keep = np.ones(len(self), bool)
        for name, value in wanted.items():
            keep &= self.columns[name] == value
        return Frame({name: column[keep] for name, column in self.columns.items()})

    def total(self, value: str, by: Sequence[str]) -> dict[tuple[Hashable, ...], float]:
        """Return the sums of a column over groups of rows, by the values of the columns that make the groups."""
        sums: dict[tuple[Hashable, ...], float] = {}
        for key, amount in zip(
            zip(*(self[name].tolist() for name in by), strict=True), self[value].tolist(), strict=True
        ):
            sums[key] = sums.get(key, 0.0) + amount
        return sums

    def to_csv(self) -> str:
        """Return the table as CSV text."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*(column.tolist() for column in self.columns.values()), strict=True))
        return text.getvalue()

    def to(self, make: Callable[[dict[str, NDArray[Any]]], Any]) -> Any:
        """Hand the columns to another library, for example ``frame.to(pandas.DataFrame)``."""
        return make(dict(self.columns))
