"""Facts from readings: all of them, or only what late data touched; the one gives what the other gives.

Files of facts are written first; the catalogue lists all of them in one transaction, in which the dirty keys go as well. A process that is
killed leaves the facts as they were.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tanlu.monitor.engines.choice import engine_of
from tanlu.monitor.fact_files import FactFiles
from tanlu.monitor.work import Progress, Work, silent

if TYPE_CHECKING:
    from tanlu.monitor.engines.base import Engine
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.reading_days import DirtyKeys


@dataclass(frozen=True)
class RollupReport:
    """What a roll-up did.

    Parameters
    ----------
    engine : str
    days : int
        Days computed whole.
    rows : int
        Readings read for them.
    touched : int
        Meters and days computed one by one.
    seconds : float
    generation : int
        Of the facts; 0 if nothing had to be done.
    """

    engine: str
    days: int
    rows: int
    touched: int
    seconds: float
    generation: int

    @property
    def rate(self) -> float:
        """Readings a second."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


def rollup(
    ledger: Ledger, engine: str | Engine = "kernel", days: Iterable[int] | None = None, progress: Progress = silent
) -> RollupReport:
    """Make the facts of all days anew, or of some.

    Parameters
    ----------
    ledger : Ledger
    engine : str or Engine
        See `tanlu.monitor.engines.choice.engine_of`.
    days : iterable of int, optional
        Numbers of days; all from the first to the last of the ledger where nothing is said.
    progress : callable

    Raises
    ------
    DataError
        If a file of readings cannot be read, the engine answers wrongly, or the disk is full. The facts stay as they were.
    """
    with FactFiles(ledger).alone():
        dirty, work = _begin(ledger, engine, progress)
        if days is None:
            work.whole(work.all_days())
            return _settle(work, dirty)
        work.whole(sorted(set(days) & set(work.all_days())))
        # readings of these days may reach into others: their keys stay dirty until a refresh
        return _settle(work, None)


def refresh(ledger: Ledger, engine: str | Engine = "kernel", progress: Progress = silent) -> RollupReport:
    """Make anew what readings that came since the last time touch, and nothing else.

    Raises
    ------
    DataError
        As `rollup`.
    """
    with FactFiles(ledger).alone():
        dirty, work = _begin(ledger, engine, progress)
        if dirty.days or work.lacking():
            work.change(dirty.days)
        return _settle(work, dirty)


def _begin(ledger: Ledger, engine: str | Engine, progress: Progress) -> tuple[DirtyKeys, Work]:
    # asking for dirty keys brings what waits in the journal into files: only then are the days known
    dirty = ledger.dirty_keys()
    chosen = engine_of(engine) if isinstance(engine, str) else engine
    return dirty, Work(ledger, chosen, FactFiles(ledger), progress)


def _settle(work: Work, dirty: DirtyKeys | None) -> RollupReport:
    work.finish()
    keys = dirty if dirty is not None and dirty.marks else None
    before = work.store.listed()
    generation = work.ledger.settle(keys, work.files) if work.files or keys else 0
    work.store.sweep(before)
    seconds = time.perf_counter() - work.began
    return RollupReport(work.engine.name, work.done, work.rows, work.touched, seconds, generation)
