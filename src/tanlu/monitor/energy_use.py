"""Energy of one building or plant over some days, read from facts: hours, days, baseline, intensity, and its place among peers."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.baseline import (
    LEAST_PERIODS,
    Baseline,
    LoadCurve,
    OutputBaseline,
    Savings,
    avoided_use,
    fit_baseline,
    fit_output,
    load_curve,
    percentile_among,
)
from tanlu.monitor.carriers import carriers
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, UnitKind, day_name

if TYPE_CHECKING:
    from tanlu.monitor.energy_sites import Site, Temperatures
    from tanlu.monitor.facts import Facts

Array = NDArray[np.float64]
KNOWN_SLOTS: Final = 0.75
"""Share of the readings due from which on an hour counts as known: the same as for filling an hour."""
KNOWN_HOURS: Final = 20
"""Hours of a day that must be known; the rest of the day then has their mean. 20 of 24 as HJ 75 asks of days of stacks."""
KNOWN_SHARE: Final = 0.9
"""Share of the readings due that a peer must have: completeness as the rules of data quality ask for it."""
NIGHT: Final = (22, 23, 0, 1, 2, 3, 4, 5)
"""Hours of the night; an even load has a third of its use in them. Grade D."""
FULL_CYCLE: Final = 365
"""Days of a baseline that has seen all seasons; ASHRAE Guideline 14-2014 asks for twelve months."""


@dataclass(frozen=True)
class Hours:
    """Use by hour from the midnight before ``first``.

    Parameters
    ----------
    first, last : int
        Days.
    values : array, shape (days · 24,)
        Amount [unit of the carrier]; nan where the hour is not known.
    estimated : array
        Part of it that is filled or estimated.
    """

    first: int
    last: int
    values: Array
    estimated: Array

    @property
    def by_day(self) -> Array:
        """Use of days: mean of the known hours times 24; nan where fewer than `KNOWN_HOURS` are known."""
        table = self.values.reshape(-1, 24)
        count = np.isfinite(table).sum(axis=1)
        total = np.nansum(table, axis=1)
        return np.where(count >= KNOWN_HOURS, np.divide(total, np.maximum(count, 1)) * 24, np.nan)


def read_hours(facts: Facts, unit: str, carrier: str, first: int, last: int) -> Hours:
    """Return the hours of a unit; several meters of a carrier add up.

    Raises
    ------
    DataError
        If a file of facts cannot be read.
    KeyError
        If there is no such unit.
    """
    begin, size = first * DAY - CIVIL_OFFSET, (last - first + 1) * 24
    table = facts.unit_hours(unit, begin, begin + size * HOUR)
    mine = table.column("carrier").to_numpy() == carriers()[carrier].number
    at = (table.column("hour").to_numpy()[mine] - begin) // HOUR
    columns = {
        name: table.column(name).to_numpy(zero_copy_only=False)[mine].astype(float)
        for name in ("quantity", "estimated", "n_good", "n_estimated", "n_missing")
    }
    sums = {name: np.bincount(at, np.nan_to_num(v), minlength=size) for name, v in columns.items()}
    seen = sums["n_good"] + sums["n_estimated"]
    told = np.bincount(at, np.isfinite(columns["quantity"]).astype(float), minlength=size) > 0
    known = told & (seen >= KNOWN_SLOTS * (seen + sums["n_missing"]))
    return Hours(first, last, np.where(known, sums["quantity"], np.nan), np.where(known, sums["estimated"], 0.0))


@dataclass(frozen=True)
class Comparison:
    """Use of days against a baseline of earlier days.

    Parameters
    ----------
    driver : {"temperature", "output"}
    model : Baseline or OutputBaseline
    base_first, base_last : int
        Days of the baseline.
    expected : array, shape (days,)
        Baseline at the driver of each day shown; nan where the driver is not known.
    savings : Savings
    """

    driver: str
    model: Baseline | OutputBaseline
    base_first: int
    base_last: int
    expected: Array
    savings: Savings

    @property
    def is_short(self) -> bool:
        """Whether the baseline has not seen all seasons."""
        return self.base_last - self.base_first + 1 < FULL_CYCLE


@dataclass(frozen=True)
class EnergyUse:
    """What is told of a unit over some days.

    Parameters
    ----------
    unit, carrier : str
    hours : Hours
    is_rest_day : array of bool, shape (days,)
    curve : LoadCurve or None
        None where nothing is known.
    comparison : Comparison or None
        None where no driver is known or the earlier days are too few.
    """

    unit: str
    carrier: str
    hours: Hours
    is_rest_day: NDArray[np.bool_]
    curve: LoadCurve | None
    comparison: Comparison | None

    @property
    def total(self) -> float:
        """Use of the known hours."""
        return float(np.nansum(self.hours.values))

    @property
    def known(self) -> float:
        """Share of the hours that are known."""
        return float(np.isfinite(self.hours.values).mean())

    @property
    def estimated(self) -> float:
        """Share of the use that is filled or estimated."""
        return float(self.hours.estimated.sum()) / self.total if self.total else 0.0

    @property
    def highest(self) -> tuple[float, int] | None:
        """Highest hour: amount, and first second of the hour (UTC)."""
        if self.curve is None:
            return None
        place = int(np.nanargmax(self.hours.values))
        return float(self.hours.values[place]), self.hours.first * DAY - CIVIL_OFFSET + place * HOUR

    @property
    def night(self) -> float | None:
        """Share of the use that falls into the hours of the night."""
        if self.total <= 0:
            return None
        return float(np.nansum(self.hours.values.reshape(-1, 24)[:, NIGHT])) / self.total

    @property
    def base_share(self) -> float | None:
        """Share of the use that the base load, the fifth percentile of the hours, makes."""
        if self.curve is None or self.total <= 0:
            return None
        return self.curve.base * float(np.isfinite(self.hours.values).sum()) / self.total

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; what is not known is None."""
        top, c = self.highest, self.comparison
        return {
            "unit": self.unit, "carrier": self.carrier, "amount_unit": carriers()[self.carrier].unit,
            "first": day_name(self.hours.first), "last": day_name(self.hours.last), "total": self.total,
            "known": self.known, "estimated": self.estimated, "night": self.night, "base_share": self.base_share,
            "peak": top and {"value": top[0], "hour": top[1]},
            "load": self.curve and {
                "base": self.curve.base, "peak": self.curve.peak, "factor": _plain(self.curve.factor),
                "workday": [_plain(v) for v in self.curve.workday.tolist()], "rest_day": [_plain(v) for v in self.curve.rest_day.tolist()],
            },
            "baseline": c and {
                "driver": c.driver, "first": day_name(c.base_first), "last": day_name(c.base_last), "n": c.model.n,
                "kind": c.model.kind if isinstance(c.model, Baseline) else "output", "cv_rmse": _plain(c.model.cv_rmse),
                "nmbe": _plain(c.model.nmbe), "r2": _plain(c.model.r2), "is_fit": c.model.is_fit(), "is_short": c.is_short,
                "saved": c.savings.value, "low": c.savings.low, "high": c.savings.high,
            },
        }  # fmt: skip


def _plain(value: float) -> float | None:
    return None if value != value else value


def energy_use(
    facts: Facts,
    unit: str,
    carrier: str,
    shown: tuple[int, int],
    base: tuple[int, int] | None,
    temperatures: Temperatures | None,
    product: str,
    is_rest_day: Callable[[datetime.date], bool],
) -> EnergyUse:
    """Read and judge the use of a unit.

    Parameters
    ----------
    facts : Facts
    unit, carrier : str
    shown : (int, int)
        First and last day.
    base : (int, int), optional
        Days of the baseline; savings are told of the days shown that come after them.
    temperatures : Temperatures, optional
        Of its region.
    product : str
        Carrier of its output; may be empty.
    is_rest_day : callable

    Raises
    ------
    DataError
        If a file of facts cannot be read.
    KeyError
        If there is no such unit.
    """
    hours = read_hours(facts, unit, carrier, *shown)
    dates = [datetime.date.fromisoformat(day_name(d)) for d in range(shown[0], shown[1] + 1)]
    rest = np.array([is_rest_day(d) for d in dates], dtype=bool)
    curve = load_curve(hours.values, rest) if np.isfinite(hours.values).any() else None
    found = []
    if base is not None and curve is not None:
        use = read_hours(facts, unit, carrier, *base).by_day
        drivers: dict[str, tuple[Array, Array]] = {}
        if temperatures is not None:
            drivers["temperature"] = (_degrees(temperatures, base), _degrees(temperatures, shown))
        if product:
            drivers["output"] = tuple(read_hours(facts, unit, product, *days).by_day for days in (base, shown))  # type: ignore[assignment]
        # what the baseline was fitted to says nothing of savings
        later = np.where(np.arange(shown[0], shown[1] + 1) > base[1], hours.by_day, np.nan)
        found = [c for name, pair in drivers.items() if (c := _compare(name, use, later, *pair, base))]
    best = min(found, key=lambda c: c.model.cv_rmse, default=None)
    return EnergyUse(unit, carrier, hours, rest, curve, best)


def _degrees(temperatures: Temperatures, days: tuple[int, int]) -> Array:
    return np.array([temperatures.days.get(d, np.nan) for d in range(days[0], days[1] + 1)])


def _compare(
    driver: str, use: Array, later: Array, before: Array, now: Array, base: tuple[int, int]
) -> Comparison | None:
    """Return the comparison by one driver; None where too few days are known, nothing was used, or the driver stood still."""
    known = np.isfinite(use) & np.isfinite(before)
    if known.sum() < LEAST_PERIODS or not use[known].mean() > 0 or not np.ptp(before[known]) > 0:
        return None
    model = fit_baseline(use, before) if driver == "temperature" else fit_output(use, before)
    expected = np.where(np.isfinite(now), model.predict(np.nan_to_num(now)), np.nan)
    return Comparison(driver, model, *base, expected, avoided_use(model, later, now))


@dataclass(frozen=True, slots=True)
class Intensity:
    """Use of a unit by floor area or output.

    Parameters
    ----------
    unit : str
    group : str
        Use of the site, or sector and product: peers have the same one.
    per : str
        ``m2`` or the carrier of the output.
    total, amount : float
        Use, and area [m²] or output.
    value : float
    known : float
        Share of the readings due that are there.
    estimated : float
        Share of the use that is filled or estimated.
    percentile : float or None
        Share of the peers that use no more [%]; None where the peers are too few.
    median : float or None
        Of the peers, itself left out; None likewise.
    peers : int or None
        Their number; None where they are too few, so that none is shown.
    """

    unit: str
    group: str
    per: str
    total: float
    amount: float
    value: float
    known: float
    estimated: float
    percentile: float | None = None
    median: float | None = None
    peers: int | None = None


def intensities(
    facts: Facts, where: str, carrier: str, shown: tuple[int, int], sites: Mapping[str, Site]
) -> dict[str, Intensity]:
    """Return the intensity of each enterprise of a region of which area or output is registered, by unit.

    A site with a product that is counted is told by output, the others by area. Peers are the others of the same group of which at least
    `KNOWN_SHARE` of the readings are there.

    Raises
    ------
    DataError
        If a file of facts cannot be read.
    KeyError
        If there is no such unit.
    """
    table = facts.unit_days(where, *shown, level=UnitKind.ENTERPRISE)
    registry = facts.ledger.registry
    columns = {name: table.column(name).to_numpy(zero_copy_only=False) for name in table.schema.names}
    totals: dict[tuple[int, int], NDArray[Any]] = {}
    names = ("quantity", "estimated", "n_good", "n_estimated", "n_missing")
    values = np.stack([np.nan_to_num(columns[n].astype(float)) for n in names], axis=1)
    for unit, number, row in zip(columns["unit"].tolist(), columns["carrier"].tolist(), values, strict=True):
        key = (unit, number)
        totals[key] = totals[key] + row if key in totals else row
    found = {}
    for site in sites.values():
        owner = registry.units.get(site.unit)
        mine = totals.get((owner.number, carriers()[carrier].number)) if owner else None
        made = _intensity(site, owner.sector if owner else "", mine, totals, owner.number if owner else 0)
        if made is not None:
            found[site.unit] = made
    return _among_peers(found)


def _intensity(
    site: Site, sector: str, mine: NDArray[Any] | None, totals: Mapping[tuple[int, int], NDArray[Any]], number: int
) -> Intensity | None:
    if mine is None or not mine[0] > 0:
        return None
    due = float(mine[2:].sum())
    known = float(mine[2:4].sum()) / due if due else 0.0
    output = totals.get((number, carriers()[site.product].number)) if site.product else None
    if output is not None and output[0] > 0:
        group, per, amount = f"{sector}:{site.product}", site.product, float(output[0])
    elif site.area:
        group, per, amount = site.use, "m2", site.area
    else:
        return None
    total = float(mine[0])
    return Intensity(site.unit, group, per, total, amount, total / amount, known, float(mine[1]) / total)


def _among_peers(found: Mapping[str, Intensity]) -> dict[str, Intensity]:
    from dataclasses import replace

    groups: dict[tuple[str, str], list[Intensity]] = {}
    for one in found.values():
        if one.known >= KNOWN_SHARE:
            groups.setdefault((one.group, one.per), []).append(one)
    out = {}
    for name, one in found.items():
        peers = np.array([p.value for p in groups.get((one.group, one.per), ()) if p.unit != name])
        place = percentile_among(one.value, peers)
        out[name] = (
            one if place is None else replace(one, percentile=place, median=float(np.median(peers)), peers=len(peers))
        )
    return out
