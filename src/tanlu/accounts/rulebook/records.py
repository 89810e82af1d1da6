"""Activity rows as records: which rows belong together, and which records are written alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.activity import Activity, ids_of_columns
from tanlu.accounts.rulebook.input_names import input_id
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.method_sets import MethodSet

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Records:
    """Rows by record; records are numbered in the order in which they appear.

    Parameters
    ----------
    activities : sequence of Activity
    ids : list of str
    values : sequence of str
        Of each row.
    order : NDArray
        Positions of the rows, record after record.
    starts : NDArray
        Where each record starts in ``order``, and the end.
    names, places, periods : list of str
        Of each record; the period is that of its first row. A record without a name is called by the id of its row.
    methods : list of Method or None
        Of each record, None where the method set has none of that name.
    repeats : frozenset of int
        Records of one row without a name that are the same as one before them.
    shapes : list of int
        Number of the shape of each record: what decides how it is read, which is its method, inputs, units, words and, of a series,
        periods.
    alike : list of list of int
        The records of each shape.
    """

    activities: Sequence[Activity]
    ids: list[str]
    values: Sequence[str]
    order: Positions
    starts: Positions
    names: list[str]
    places: list[str]
    periods: list[str]
    methods: list[Method | None]
    repeats: frozenset[int]
    shapes: list[int]
    alike: list[list[int]]

    def rows(self, number: int) -> list[Activity]:
        """Return the rows of a record."""
        return [self.activities[n] for n in self.order[self.starts[number] : self.starts[number + 1]].tolist()]

    def grid(self, numbers: Sequence[int] | Positions) -> Positions:
        """Return the positions of the rows of records with equally many rows, shape (records, rows)."""
        starts = self.starts[numbers]
        width = int(self.starts[numbers[0] + 1] - starts[0])
        found: Positions = self.order[starts[:, None] + np.arange(width)]
        return found


def gather_records(activities: Sequence[Activity], method_set: MethodSet) -> Records:
    """Return the records of rows; those of a method that is not a series are split by period."""
    columns = list(zip(*activities, strict=True)) or [()] * len(Activity._fields)
    records, places, periods, topics, inputs, values, units = columns[:7]
    methods = {name: method_set.find(name) for name in dict.fromkeys(topics)}
    series = {name for name, found in methods.items() if found is not None and found.is_series}
    own = [period if topic in series else "" for period, topic in zip(periods, topics, strict=True)]
    split = ["" if kept else period for period, kept in zip(periods, own, strict=True)]
    groups = _grouped(list(zip(records, places, topics, split, strict=True)))
    first = [group[0] for group in groups]
    ids = ids_of_columns(columns)
    names, repeats = _names([records[n] for n in first], [ids[n] for n in first])
    shapes, alike = _shapes(groups, _cells(list(zip(topics, inputs, units, strict=True)), values, own, methods))
    lengths = np.fromiter(map(len, groups), dtype=np.int64, count=len(groups))
    return Records(
        activities, ids, values, np.fromiter(chain.from_iterable(groups), dtype=np.int64, count=len(activities)),
        np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)]), names, [places[n] for n in first],
        [periods[n] for n in first], [methods[topics[n]] for n in first], repeats, shapes, alike,
    )  # fmt: skip


def _grouped(heads: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Return the positions of the rows of each record, which have the same head; a row without a name stands alone."""
    groups: dict[object, list[int]] = {}
    last, group = None, list[int]()
    for number, head in enumerate(heads):
        # the rows of a record mostly follow each other
        if head != last or not head[0]:
            last, group = head, groups.setdefault(head if head[0] else number, [])
        group.append(number)
    return list(groups.values())


def _names(names: list[str], ids: Sequence[str]) -> tuple[list[str], frozenset[int]]:
    """Return the names of records, and those that repeat a row without a name: these are told apart by their number."""
    times: dict[str, int] = {}
    repeats: set[int] = set()
    for number in (n for n, name in enumerate(names) if not name):
        name = ids[number]
        times[name] = times.get(name, 0) + 1
        if times[name] > 1:
            repeats.add(number)
        names[number] = name if times[name] == 1 else f"{name}#{times[name]}"
    return names, frozenset(repeats)


def _cells(
    kinds: Sequence[tuple[str, str, str]],
    values: Sequence[str],
    periods: Sequence[str],
    methods: Mapping[str, Method | None],
) -> list[int]:
    """Return a number for each row, the same for the same method, input and unit, word of a choice and period of a series."""
    known: dict[tuple[str, ...], int] = {}
    cells = [known.setdefault(kind, len(known)) for kind in kinds]
    words = {cell for kind, cell in known.items() if _is_choice(methods[kind[0]], kind[1])}
    for n, (cell, period) in enumerate(zip(cells, periods, strict=True)):
        if period or cell in words:
            key = (*kinds[n], period, values[n] if cell in words else "")
            cells[n] = known.setdefault(key, len(known))
    return cells


def _shapes(groups: Sequence[list[int]], cells: Sequence[int]) -> tuple[list[int], list[list[int]]]:
    """Return the shape of each record and the records of each shape."""
    known: dict[tuple[int, ...], int] = {}
    shapes: list[int] = []
    alike: list[list[int]] = []
    for number, group in enumerate(groups):
        shape = known.setdefault(tuple([cells[n] for n in group]), len(known))
        if shape == len(alike):
            alike.append([])
        alike[shape].append(number)
        shapes.append(shape)
    return shapes, alike


def _is_choice(method: Method | None, text: str) -> bool:
    """Return whether the value of an input is a word."""
    wanted = None if method is None else method.by_name.get(input_id(method, text))
    return wanted is not None and wanted.kind == "choice"
