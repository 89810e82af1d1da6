"""Near-real-time account: CO2 by sector and day, with a band."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.nowcast.proxies import Array, Index, ProxyData, index_of

Z95: Final = 1.959964
LEAST_DAYS: Final = 7
"""Metered days below which the year of the metered plants is not derived from them."""
_METER_ERROR: Final = 0.02
"""Relative standard error of the sum of the meters of a sector; grade D: classes of 0.5 to 5 % over many meters, with a part they share."""
_ESTIMATE_ERROR: Final = 0.10
"""Relative standard error of what was estimated; grade D."""
_AHEAD: Final = 0.5
"""Growth of the variance of a month with each month since the last published one; grade D."""


@dataclass(frozen=True)
class Metered:
    """What meters of a sector measured.

    Parameters
    ----------
    values : array, shape (days,)
        CO2 [kt]; nan on days without facts.
    estimated : array, shape (days,)
        Share of it that was estimated.
    base : float or None
        What the same plants emitted in the base year [kt], where that is known.
    base_error : float
        Its relative standard error.
    """

    values: Array
    estimated: Array
    base: float | None = None
    base_error: float = 0.0


@dataclass(frozen=True)
class Inventory:
    """The last inventory: CO2 of a sector [kt], its relative standard error, and that of the total of all sectors."""

    year: int
    values: Mapping[str, float]
    errors: Mapping[str, float]
    total_error: float


@dataclass(frozen=True)
class SectorDays:
    """A sector day by day.

    Parameters
    ----------
    sector : str
    metered, unmetered : arrays, shape (days,)
        CO2 [kt].
    base_metered : float
        CO2 of the metered plants in the base year [kt].
    errors : dict of arrays, shape (days,)
        Standard errors [kt] by cause: ``inventory`` (shared by all days), ``base`` (the year of the metered plants, shared), ``month``
        (shared within a month), ``day`` (each day's own), ``meters`` (shared).
    exceeds : bool
        Whether the metered plants alone exceed the inventory of the sector; nothing is left then for the rest.
    grade : str
        Of the proxy.
    """

    sector: str
    metered: Array
    unmetered: Array
    base_metered: float
    errors: Mapping[str, Array]
    exceeds: bool
    grade: str

    @property
    def values(self) -> Array:
        """CO2 of the sector [kt] by day."""
        return self.metered + self.unmetered


@dataclass(frozen=True)
class Estimate:
    """A sum over days with its 95 % band [kt]: ``metered`` is the part that meters measured."""

    value: float
    low: float
    high: float
    metered: float

    def as_record(self) -> dict[str, float]:
        """Return it as plain data."""
        return {"value": self.value, "low": self.low, "high": self.high, "metered": self.metered}


@dataclass(frozen=True)
class Nowcast:
    """The account of some days.

    Parameters
    ----------
    days : tuple of date
    sectors : tuple of SectorDays
    base_year : int
    known_on : date
        Statistics published later were not used.
    inventory : Inventory
    revision_error : float
        Relative standard error seen in earlier publications; 0 without history.
    """

    days: tuple[datetime.date, ...]
    sectors: tuple[SectorDays, ...]
    base_year: int
    known_on: datetime.date
    inventory: Inventory
    revision_error: float = 0.0

    def sector(self, name: str, first: datetime.date, last: datetime.date) -> Estimate:
        """Return the sum of a sector from a day to another."""
        one = next(s for s in self.sectors if s.sector == name)
        where = self._where(first, last)
        value = float(one.values[where].sum())
        error = float(np.sqrt(sum(v for _, v in _variances(one, where, self.days))))
        return _estimate(value, max(error, self.revision_error * value), float(one.metered[where].sum()))

    def total(self, first: datetime.date, last: datetime.date) -> Estimate:
        """Return the sum of all sectors from a day to another.

        Errors of the inventory go together between sectors as far as the error of its total says; all others are independent.
        """
        where = self._where(first, last)
        value = sum(float(s.values[where].sum()) for s in self.sectors)
        shared, own = [], 0.0
        for s in self.sectors:
            for cause, part in _variances(s, where, self.days):
                if cause == "inventory":
                    shared.append(np.sqrt(part))
                else:
                    own += part
        variance = own + shared_variance(np.array(shared), self.inventory)
        error = max(float(np.sqrt(variance)), self.revision_error * value)
        return _estimate(value, error, sum(float(s.metered[where].sum()) for s in self.sectors))

    def _where(self, first: datetime.date, last: datetime.date) -> NDArray[np.int64]:
        return np.array([n for n, d in enumerate(self.days) if first <= d <= last], dtype=np.int64)

    def as_record(self, first: datetime.date, last: datetime.date) -> dict[str, Any]:
        """Return a sum by sector as plain data [kt CO2]."""
        return {
            "first": first.isoformat(), "last": last.isoformat(), "unit": "kt CO2", "base_year": self.base_year,
            "known_on": self.known_on.isoformat(), "total": self.total(first, last).as_record(),
            "sectors": {
                s.sector: {**self.sector(s.sector, first, last).as_record(), "grade": s.grade, "exceeds_inventory": s.exceeds}
                for s in self.sectors
            },
        }  # fmt: skip


def _estimate(value: float, error: float, metered: float) -> Estimate:
    return Estimate(value, max(value - Z95 * error, 0.0), value + Z95 * error, metered)


def shared_variance(errors: Array, inventory: Inventory) -> float:
    """Return the variance of a sum of sectors from the standard errors that the inventory gives each of them.

    The errors of sectors are correlated alike, ``Var = (1 − ρ) Σσ² + ρ (Σσ)²``, with the ρ that gives the inventory's own error of its
    total. Where its total is known better than independent sectors would be (a balance that is split up), ``Var`` is Σσ² times that ratio.

    Parameters
    ----------
    errors : array, shape (sectors,)
        Standard errors [kt], in any scale of the sectors.
    inventory : Inventory
    """
    sds = np.array([inventory.values[s] * inventory.errors[s] for s in inventory.values])
    wanted = (inventory.total_error * sum(inventory.values.values())) ** 2
    alone, together = float((sds**2).sum()), float(sds.sum()) ** 2
    mine, all_mine = float((errors**2).sum()), float(errors.sum()) ** 2
    if wanted <= alone or together <= alone:
        return mine * min(wanted / alone, 1.0) if alone else 0.0
    rho = min((wanted - alone) / (together - alone), 1.0)
    return (1 - rho) * mine + rho * all_mine


def _variances(one: SectorDays, where: NDArray[np.int64], days: Sequence[datetime.date]) -> list[tuple[str, float]]:
    """Return the variance of a sum of days by cause; errors that days share are added before they are squared."""
    found = [(c, float(one.errors[c][where].sum()) ** 2) for c in ("inventory", "base", "meters")]
    found.append(("day", float((one.errors["day"][where] ** 2).sum())))
    months = {(days[n].year, days[n].month) for n in where.tolist()}
    month = 0.0
    for year, number in months:
        inside = [n for n in where.tolist() if (days[n].year, days[n].month) == (year, number)]
        month += float(one.errors["month"][inside].sum()) ** 2
    return [*found, ("month", month)]


def nowcast(
    inventory: Inventory,
    data: ProxyData,
    metered: Mapping[str, Metered],
    days: Sequence[datetime.date],
    known_on: datetime.date,
    revision_error: float = 0.0,
) -> Nowcast:
    """Account for some days.

    Parameters
    ----------
    inventory : Inventory
        Its year is the base year.
    data : ProxyData
    metered : mapping
        By sector, for the same days.
    days : sequence of date
        Ascending.
    known_on : date
    revision_error : float
        Relative standard error of revisions (`tanlu.monitor.nowcast.vintages.revision_error`); the band is never narrower.

    Raises
    ------
    DataError
        If a series has no statistics yet.

    Notes
    -----
    ``E(s, d) = M(s, d) + (I(s) − B(s)) / D · p(s, d)``: M measured, I the inventory of the base year of D days, B what the metered plants
    emitted in it, p the index of the proxy, 1 in the mean of the base year. So the days of the base year add up to I where the metered
    plants add up to B. Where B is not known it is ``D · ΣM / Σp`` over the metered days. A day without facts takes the metered plants from
    the proxy too.
    """
    length = 366 if (inventory.year % 4 == 0 and inventory.year % 100 != 0) or inventory.year % 400 == 0 else 365
    sectors = []
    for name, value in inventory.values.items():
        index = index_of(data, name, list(days), inventory.year, known_on)
        grade = data.proxies[name].grade if name in data.proxies else "D"
        none = np.full(len(days), np.nan)
        meters = metered.get(name, Metered(none, np.zeros(len(days)), 0.0))
        sectors.append(_sector(name, value, inventory.errors[name], meters, index, length, days, grade))
    return Nowcast(tuple(days), tuple(sectors), inventory.year, known_on, inventory, revision_error)


def _sector(
    name: str, inventory: float, error: float, meters: Metered, index: Index, length: int, days: Sequence[datetime.date], grade: str
) -> SectorDays:  # fmt: skip
    p = index.values
    seen = np.isfinite(meters.values)
    base, base_error = _base(meters, index, seen, length, days)
    left = max(inventory - base, 0.0)
    measured = np.where(seen, meters.values, 0.0)
    per_day = left / length * p
    # plants whose meters are silent are not gone
    silent = np.where(seen, 0.0, base / length * p)
    growth = np.sqrt(1 + _AHEAD * index.extrapolated)
    uncertain = per_day + silent
    exceeds = base > inventory
    errors = {
        # where the meters alone exceed the inventory, its error moves the days without meters only
        "inventory": inventory * error * p / length * np.where(seen & exceeds, 0.0, 1.0),
        "base": base * base_error * np.where(seen, p / length, 0.0),
        "month": uncertain * index.month_error * growth,
        "day": uncertain * np.sqrt(max(index.day_error**2 - index.month_error**2, 0.0)),
        "meters": measured * (_METER_ERROR + _ESTIMATE_ERROR * np.where(seen, meters.estimated, 0.0)),
    }
    return SectorDays(name, measured, uncertain, base, errors, exceeds, grade)


def _base(
    meters: Metered, index: Index, seen: NDArray[np.bool_], length: int, days: Sequence[datetime.date]
) -> tuple[float, float]:
    """Return what the metered plants emitted in the base year [kt], and its relative standard error."""
    if meters.base is not None:
        return meters.base, meters.base_error
    if seen.sum() < LEAST_DAYS:
        return 0.0, 0.0
    months = len({(d.year, d.month) for d, known in zip(days, seen, strict=True) if known})
    base = length * float(meters.values[seen].sum()) / float(index.values[seen].sum())
    return base, index.month_error / np.sqrt(months)


def chance_above(estimate: Estimate, limit: float) -> float:
    """Return the probability that the true sum lies above a limit, for a normal error."""
    from math import erfc, sqrt

    error = (estimate.high - estimate.value) / Z95
    if error <= 0:
        return float(estimate.value > limit)
    return 0.5 * erfc((limit - estimate.value) / error / sqrt(2))
