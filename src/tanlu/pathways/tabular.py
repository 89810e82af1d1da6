"""Results as long tables: a data frame for analysts, and the first rows of it as HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import fields
from enum import Enum
from importlib import import_module
from typing import Any, Final

import numpy as np

SHOWN: Final = 12
"""Rows that a notebook shows."""
Columns = Mapping[str, Sequence[object]]


class Tabular:
    """A result that can tell its content as columns of a long table."""

    __slots__ = ()

    def columns(self) -> Columns:
        """Return the columns of the table, all of one length; the plain fields of a result that says nothing else."""
        plain = [(f.name, getattr(self, f.name)) for f in fields(self)]  # type: ignore[arg-type]
        told = [(name, _plain(value)) for name, value in plain if _is_plain(value)]
        return {"field": [name for name, _ in told], "value": [value for _, value in told]}

    def to_pandas(self) -> Any:
        """Return the table as a pandas.DataFrame.

        Raises
        ------
        ModuleNotFoundError
            If pandas is not installed: tanlu itself does without.
        """
        pandas: Any = import_module("pandas")
        return pandas.DataFrame(dict(self.columns()))

    def _repr_html_(self) -> str:
        """Return the first rows as a table for notebooks."""
        return table_html(self.columns(), type(self).__name__)


def _is_plain(value: object) -> bool:
    simple = (str, bool, int, float, Enum, type(None))
    return isinstance(value, simple) or (isinstance(value, tuple) and all(isinstance(x, simple) for x in value))


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_plain(x)) for x in value)
    return value.value if isinstance(value, Enum) else value


def long_table(axes: Mapping[str, Sequence[object]], values: Any, name: str = "value", **constants: object) -> Columns:
    """Return an array as columns: the members of each axis, the value, and what is the same in every row.

    Parameters
    ----------
    axes : mapping
        Members by the name of the axis, in the order of the axes of the array.
    values : array
    name : str
        Of the column of values.
    """
    array = np.asarray(values)
    places = np.indices(array.shape).reshape(array.ndim, -1)
    out: dict[str, Sequence[object]] = {
        axis: [members[i] for i in place.tolist()] for (axis, members), place in zip(axes.items(), places, strict=True)
    }
    return {**out, name: array.ravel().tolist(), **{k: [v] * array.size for k, v in constants.items()}}


def stacked(parts: Sequence[Columns]) -> Columns:
    """Return tables with the same columns as one."""
    names = parts[0].keys() if parts else ()
    return {name: [value for part in parts for value in part[name]] for name in names}


def of_records(records: Sequence[Mapping[str, object]]) -> Columns:
    """Return records as columns; what a record does not have is None."""
    names = dict.fromkeys(name for record in records for name in record)
    return {name: [record.get(name) for record in records] for name in names}


def table_html(columns: Columns, caption: str) -> str:
    """Return the first rows of a table as HTML."""
    rows = list(zip(*columns.values(), strict=True)) if columns else []
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows[:SHOWN])
    more = f"<tr><td colspan='{len(columns)}'>… {len(rows) - SHOWN}</td></tr>" if len(rows) > SHOWN else ""
    said = f"<caption>{html.escape(caption)}</caption>"
    return f"<table>{said}<thead><tr>{head}</tr></thead><tbody>{body}{more}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"<td style='text-align:right'>{value:.6g}</td>"
    right = " style='text-align:right'" if isinstance(value, int) and not isinstance(value, bool) else ""
    return f"<td{right}>{html.escape('' if value is None else str(value))}</td>"
