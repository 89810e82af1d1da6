"""What the pages of monitoring show, read from the ledger of the workspace beside a running listener."""

from __future__ import annotations

import datetime
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tanlu.core.collector import set_aside
from tanlu.core.companion import Companion
from tanlu.core.province import Province, load_province, province_folder
from tanlu.monitor.emissions import Emissions
from tanlu.monitor.factors import FactorBook, factor_book
from tanlu.monitor.facts import Day, Facts
from tanlu.monitor.fleet.design import MARK
from tanlu.monitor.intake_status import read_record
from tanlu.monitor.last_day import days_of_month, last_read_day
from tanlu.monitor.ledger import FOLDER, Ledger
from tanlu.monitor.nowcast.account import Nowcast
from tanlu.monitor.nowcast.month import account_of_month
from tanlu.monitor.quality import assess
from tanlu.monitor.registry import Unit
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, UnitKind, day_name, day_number
from tanlu.monitor.suspicion.cases import case_desk
from tanlu.portal.monitor.reads import masses
from tanlu.portal.service import NotFoundError

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.desk import Desk
    from tanlu.monitor.quality import QualityReport
    from tanlu.monitor.registry import Registry

T = TypeVar("T")
KEPT: Final = 64
"""Answers kept while the facts stay the same."""
LONGEST_DAYS: Final = 400
STATUS: Final = "status.json"


@dataclass(frozen=True, slots=True)
class Span:
    """Days that a page shows, by number, both included."""

    first: int
    last: int

    @property
    def names(self) -> tuple[str, str]:
        """First and last day as YYYY-MM-DD."""
        return day_name(self.first), day_name(self.last)

    @property
    def seconds(self) -> tuple[int, int]:
        """Begin of the first day and end of the last one [s since 1970 UTC]."""
        return self.first * DAY - CIVIL_OFFSET, (self.last + 1) * DAY - CIVIL_OFFSET


class _KeptFacts(Facts):
    """Facts whose daily amounts are kept: a page asks for those of one unit several times, told apart in another way each time."""

    def __init__(self, monitoring: Monitoring) -> None:
        super().__init__(monitoring.ledger())
        self._monitoring = monitoring
        self.registry = monitoring.registry

    @property
    def generation(self) -> int:
        """Generation of the facts; it rises with every change."""
        return self._monitoring.generation()

    def unit_days(self, where: str, start: Day, end: Day, level: UnitKind | str | None = None) -> pa.Table:
        read = super().unit_days
        if level is not None:
            # many units at once are asked for once, and would take much room
            return read(where, start, end, level)
        return self._monitoring.kept(("unit_days", where, start, end), lambda: read(where, start, end))


class Monitoring:
    """The ledger of a workspace, opened for reading, and what was made from it.

    Parameters
    ----------
    workspace : Path
    beside : Companion, optional
        Reads what needs the statistics of a province instead of this process, which then stays small.
    reader : Companion, optional
        Reads the files of facts instead of this process; another one, as it is asked more often and answers sooner.
    """

    def __init__(self, workspace: Path, beside: Companion | None = None, reader: Companion | None = None) -> None:
        self.folder, self.beside, self.reader = workspace / FOLDER, beside, reader
        self._lock = RLock()
        self._ledger: Ledger | None = None
        self._version: object = None
        self._watch: tuple[int, sqlite3.Connection] | None = None
        self._seen: object = None
        self._generation = 0
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._registry: Registry | None = None
        self._invented: tuple[Registry, bool] | None = None
        self._province: tuple[str, Province] | None = None
        self._book: tuple[object, FactorBook] | None = None

    @property
    def exists(self) -> bool:
        """Whether the workspace has a ledger."""
        return (self.folder / "catalog.db").is_file()

    def ledger(self) -> Ledger:
        """Return the ledger; it is opened again when its registry or its facts have changed.

        Raises
        ------
        NotFoundError
            If the workspace has none.
        DataError
            If it is damaged or of a later version.
        """
        if not self.exists:
            raise NotFoundError("portal.missing.ledger", str(self.folder))
        with self._lock:
            seen = self._changes()
            if self._ledger is not None and seen == self._seen:
                return self._ledger
            ledger = self._ledger or Ledger.open(self.folder, read_only=True)
            with ledger.catalog.reading() as base:
                query = (
                    "SELECT (SELECT max(recorded_at) FROM unit_versions), (SELECT max(recorded_at) FROM meter_versions)"
                )
                generation = ledger.catalog.meta("generation")
                version = (*base.execute(query).fetchone(), generation)
            if self._ledger is None or version != self._version:
                self._ledger = ledger if self._ledger is None else Ledger.open(self.folder, read_only=True)
                self._version = version
                self._registry = None
                self._made.clear()
            self._seen, self._generation = seen, generation
            return self._ledger

    def _changes(self) -> tuple[int, int]:
        """Return what is another one after any change of the catalogue: its file, and how often others have written to it."""
        path = self.folder / "catalog.db"
        file = path.stat().st_ino
        if self._watch is None or self._watch[0] != file:
            self._watch = (file, sqlite3.connect(path, isolation_level=None, check_same_thread=False))
        return file, int(self._watch[1].execute("PRAGMA data_version").fetchone()[0])

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made under a key, or make it; forgotten when registry or facts change."""
        self.ledger()
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                found: T = self._made[key]
                return found
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made

    def read(self, what: Callable[..., T], *given: Any) -> T:
        """Return what a function reads of this ledger: ``what(self, *given)``, or of the same one in the process beside this one.

        Raises
        ------
        DataError
            If a file of facts cannot be read.
        """
        if self.reader is None:
            return what(self, *given)
        found: T = self.reader.do(read_in, self.folder.parent, what, *given)
        return found

    def warm(self) -> None:
        """Let the process that reads the facts open the ledger before the first visitor asks; one that serves opens it when it is asked."""
        if self.reader is not None and self.exists:
            self.read(units_known)

    def generation(self) -> int:
        """Return the generation of the facts; it rises with every change."""
        self.ledger()
        return self._generation

    @property
    def registry(self) -> Registry:
        """The registry."""
        ledger = self.ledger()
        with self._lock:
            if self._registry is None:
                self._registry = ledger.registry
                self._registry.index()
                # a registry is hundreds of thousands of objects
                set_aside()
            return self._registry

    def province(self) -> Province:
        """Return the data of the province of the ledger, read once.

        Raises
        ------
        DataError
            If its tables are not sound.
        """
        name = self.ledger().province
        if self._province is None or self._province[0] != name:
            self._province = (name, load_province(province_folder(name)))
        return self._province[1]

    def is_demonstration(self) -> bool:
        """Whether the registry holds invented enterprises."""
        registry = self.registry
        if self._invented is None or self._invented[0] is not registry:
            self._invented = (registry, any(name.startswith(MARK) for name in registry.units))
        return self._invented[1]

    def unit(self, name: str) -> Unit:
        """Return a unit or region; the province without a name.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        found = self.registry.units.get(name or self.ledger().province)
        if found is None:
            raise NotFoundError("portal.missing.unit", name)
        return found

    def last_day(self) -> int | None:
        """Return the last day of which most meters have facts; clocks that run ahead put single stamps into the day after."""
        return self.kept("last_day", lambda: last_read_day(self.ledger()))

    def span(self, first: str, last: str) -> Span:
        """Return the days asked for; without them the month up to the last day with readings.

        Raises
        ------
        NotFoundError
            If a date is none, the days are in the wrong order or more than a year, or there are no readings.
        """
        newest = self.last_day()
        if newest is None:
            raise NotFoundError("portal.missing.readings", str(self.folder))
        try:
            end = day_number(last) if last else newest
            month = datetime.date(1970, 1, 1) + datetime.timedelta(days=end)
            begin = day_number(first) if first else end - month.day + 1
        except (ValueError, OverflowError):
            raise NotFoundError("portal.missing.day", first or last) from None
        if not begin <= end <= begin + LONGEST_DAYS:
            raise NotFoundError("portal.missing.day", f"{first} – {last}")
        return Span(begin, end)

    def month(self, name: str) -> Span:
        """Return a month, up to the last day with readings where that lies in it.

        Raises
        ------
        NotFoundError
            If it is none, or there are no readings.
        """
        try:
            found = days_of_month(self.ledger(), name)
        except ValueError:
            raise NotFoundError("portal.missing.day", name) from None
        if found is None:
            raise NotFoundError("portal.missing.readings", str(self.folder))
        return Span(*found)

    def emissions(self, where: str, span: Span, by: tuple[str, ...], level: UnitKind | None = None) -> Emissions:
        """Return emissions of a unit or region, made once."""
        key = ("emissions", where, span, by, level)
        return self.kept(key, lambda: self.read(masses, where, span, by, level))

    def factors(self) -> FactorBook:
        """Return the factors of the province and its own ones, read again when their file has changed."""
        ledger = self.ledger()
        own = ledger.path / "factors.csv"
        found = own.stat() if own.is_file() else None
        seen = (ledger.province, found and (found.st_ino, found.st_mtime_ns, found.st_size))
        if self._book is None or self._book[0] != seen:
            self._book = (seen, factor_book(ledger.province, own))
        return self._book[1]

    def facts(self) -> Facts:
        """Return the facts; the daily ones of a unit are read once."""
        return _KeptFacts(self)

    def nowcast(self) -> tuple[Nowcast, datetime.date]:
        """Return the account of the month up to the last day, made once.

        Raises
        ------
        DataError
            If the province has no statistics or no inventory for it.
        """
        last = self.last_day()
        if last is None:
            raise NotFoundError("portal.missing.readings", str(self.folder))
        day = datetime.date(1970, 1, 1) + datetime.timedelta(days=last)

        known = datetime.datetime.now(datetime.UTC).date()
        return self.kept(("nowcast", day), lambda: self._account(day, known)), day

    def _account(self, day: datetime.date, known: datetime.date) -> Nowcast:
        if self.beside is None:
            return account_of_month(self.ledger(), day, known)
        account: Nowcast = self.beside.do(account_in, self.folder, day, known)
        return account

    def quality(self, where: str, span: Span) -> QualityReport:
        """Return the findings of the rules in some days, made once."""
        return self.kept(("quality", where, span), lambda: self._assessed(where, span))

    def _assessed(self, where: str, span: Span) -> QualityReport:
        if self.beside is None:
            return assess(self.ledger(), where, span.first, span.last)
        report: QualityReport = self.beside.do(quality_in, self.folder, where, span.first, span.last)
        return report

    def cases(self) -> Desk:
        """Return the desk of cases."""
        return case_desk(self.ledger().catalog)

    def alerts(self) -> Desk:
        """Return the desk of alerts."""
        from tanlu.monitor.alerts import alert_desk

        return alert_desk(self.ledger().catalog)

    def intake(self) -> dict[str, Any]:
        """Return what the listeners said last; empty where none ever ran."""
        return read_record(self.folder / STATUS)


@lru_cache(maxsize=1)
def _opened(workspace: Path) -> Monitoring:
    return Monitoring(workspace)


def read_in(workspace: Path, what: Callable[..., T], *given: Any) -> T:
    """Return what a function reads of the ledger of a workspace, which stays open for the next."""
    return what(_opened(workspace), *given)


def units_known(m: Monitoring) -> int:
    """Return how many units and regions the registry has."""
    return len(m.registry.units)


def account_in(folder: Path, day: datetime.date, known: datetime.date) -> Nowcast:
    """Return the account of the month up to a day, of the ledger in a folder, with the statistics known on another."""
    return account_of_month(Ledger.open(folder, read_only=True), day, known)


def quality_in(folder: Path, where: str, first: int, last: int) -> QualityReport:
    """Return the findings of the rules from a day to another, of the ledger in a folder."""
    return assess(Ledger.open(folder, read_only=True), where, first, last)
