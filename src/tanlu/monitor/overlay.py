"""Facts as they were known at a moment: what became known later is taken back, in memory, over the files of today."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from tanlu.monitor.catalog import FactFile
from tanlu.monitor.changes import LedgerSource
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.fact_files import FactFiles, Filter, Kind, only_keys
from tanlu.monitor.fills import REACH
from tanlu.monitor.silence import BEFORE
from tanlu.monitor.work import Work

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.ledger import Ledger


class Memory(FactFiles):
    """Files of facts of which new ones are kept in memory."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._tables: dict[str, pa.Table] = {}
        self._numbers = count()

    def write(self, kind: Kind, day: int, table: pa.Table, patch: int = 0) -> FactFile:
        """Keep a table."""
        # two threads may write at once
        name = f"memory:{next(self._numbers)}"
        self._tables[name] = table
        return FactFile(f"{kind.name}+{patch}" if patch else kind.name, day, name, table.num_rows, "")

    def rows(self, file: FactFile, kind: Kind, keys: np.ndarray | None, where: Filter | None) -> pa.Table:
        """Return rows of memory or of a file."""
        import pyarrow as pa

        table = self._tables.get(file.name)
        if table is None:
            return super().rows(file, kind, keys, where)
        for column, _, values in where or ():
            table = table.filter(pa.array(np.isin(table.column(column).to_numpy(), values)))
        return table if keys is None else only_keys(table, kind, keys)


def as_known(ledger: Ledger, known_at: int, first: int, last: int) -> tuple[Memory, Work]:
    """Return the facts of days from first to last with the readings that were known at a moment [µs]."""
    store = Memory(ledger)
    work = Work(ledger, open_engine("kernel"), store, known_at=known_at)
    keys = changed_keys(LedgerSource(ledger), work.source, ledger.days())
    if keys:
        # silences are shaped by what was known of the weeks before them
        work.change(keys, (first - REACH - BEFORE, last + REACH))
        work.finish()
    return store, work


def changed_keys(now: LedgerSource, past: LedgerSource, days: Iterable[int]) -> dict[int, np.ndarray]:
    """Return the meters (numbers) by day whose readings differ."""
    found = {}
    for day in days:
        here, there = now.ledger.day_files(day), past.ledger.day_files(day, past.known_at)
        if here.plain and there.plain and here.paths == there.paths:
            continue
        meters = _differing(now.rows(day, day), past.rows(day, day))
        if len(meters):
            found[day] = meters
    return found


def _differing(a: pa.Table, b: pa.Table) -> np.ndarray:
    """Return the meters of which one table holds a reading that the other does not."""
    rows = [np.rec.fromarrays([t.column(n).to_numpy() for n in ("meter", "ts", "value", "quality")]) for t in (a, b)]
    if len(rows[0]) == len(rows[1]) and (rows[0] == rows[1]).all():
        return np.empty(0, np.int32)
    different = np.setxor1d(rows[0], rows[1])
    return np.unique(different["f0"]).astype(np.int32)
