"""What the pages of monitoring need of the files of facts, as plain data.

Each function is given the ledger of a workspace as `Monitoring` and is called through `Monitoring.read`: by a process beside those that
serve, where there is one. Those that serve then do without Arrow, which takes a quarter of the memory of all else.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.emissions import Emissions, emissions
from tanlu.monitor.energy_sites import Site, Temperatures
from tanlu.monitor.energy_use import EnergyUse, Intensity, energy_use, intensities
from tanlu.monitor.facts import Facts
from tanlu.monitor.schema import UnitKind

if TYPE_CHECKING:
    from tanlu.portal.monitor.service import Monitoring, Span

SUMMED: Final = ("quantity", "estimated", "n_good", "n_estimated", "n_missing")
"""Amounts of a carrier [its unit], the part that is estimated, and counts of readings due."""


@dataclass(frozen=True, slots=True)
class HourAmount:
    """Amount of an hour [unit of the carrier], None where it is not known, and the part of it that is estimated."""

    hour: int
    quantity: float | None
    estimated: float


def masses(m: Monitoring, where: str, span: Span, by: tuple[str, ...], level: UnitKind | None) -> Emissions:
    """Return emissions of a unit or region."""
    return emissions(m.facts(), where, span.first, span.last, by, level, m.factors())


def hours_of_unit(m: Monitoring, where: str, carrier: int, span: Span) -> list[HourAmount]:
    """Return the hours of a unit or region of which an amount of a carrier, by number, is known; with all its fuels and stacks."""
    table = m.facts().unit_hours(where, *span.seconds)
    mine = table.column("carrier").to_numpy() == carrier
    columns = (table.column(name).to_numpy(zero_copy_only=False)[mine] for name in ("hour", "quantity", "estimated"))
    sums: dict[int, tuple[float, float]] = {}
    for hour, value, part in zip(*(c.tolist() for c in columns), strict=True):
        if value is not None and value == value:
            before = sums.get(hour, (0.0, 0.0))
            sums[hour] = (before[0] + value, before[1] + part)
    return [HourAmount(hour, *sums[hour]) for hour in sorted(sums)]


def hours_of_meter(m: Monitoring, meter: int, span: Span) -> list[HourAmount]:
    """Return the hours of a meter, by number, of which there are facts."""
    table = Facts(m.ledger()).meter_hours(meter, *span.seconds)
    columns = (table.column(name).to_pylist() for name in ("hour", "quantity", "estimated"))
    return [HourAmount(*row) for row in zip(*columns, strict=True)]


def carriers_in(m: Monitoring, where: str, span: Span) -> frozenset[int]:
    """Return the numbers of the carriers of which a unit or region has facts in some days."""
    table = m.facts().unit_days(where, span.first, span.last)
    return frozenset(np.unique(table.column("carrier").to_numpy()).tolist())


def filled_amounts(m: Monitoring, meter: int, span: Span) -> list[tuple[float, int]]:
    """Return of each hour of a meter that was filled what the fill adds to it [unit of the carrier], and the readings it stands for."""
    fills = Facts(m.ledger()).fills(span.first, span.last, [meter])
    return list(zip(fills.column("quantity").to_pylist(), fills.column("slots").to_pylist(), strict=True))


def readings_of(m: Monitoring, meter: int, span: Span, known_at: int | None) -> list[tuple[int, int, int, int]]:
    """Return the readings of a meter that count: moment [s], value, quality, when it was known [µs]; as known now or at a moment [µs]."""
    table = m.ledger().readings(span.first, span.last, [meter], known_at)
    columns = (table.column(name).to_pylist() for name in ("ts", "value", "quality", "known_at"))
    return list(zip(*columns, strict=True))


def sums_of_enterprises(m: Monitoring, where: str, carrier: int, span: Span) -> dict[int, tuple[float, ...]]:
    """Return for each enterprise in a region, by number, the sums of `SUMMED` of a carrier, by number, over some days."""
    facts = Facts(m.ledger())
    table = m.kept(
        ("enterprise-days", where, span),
        lambda: facts.unit_days(where, span.first, span.last, level=UnitKind.ENTERPRISE),
    )
    mine = table.column("carrier").to_numpy() == carrier
    numbers, place = np.unique(table.column("unit").to_numpy()[mine], return_inverse=True)
    sums = [
        np.bincount(place, np.nan_to_num(table.column(n).to_numpy(zero_copy_only=False)[mine].astype(float))).tolist()
        for n in SUMMED
    ]
    return dict(zip(numbers.tolist(), zip(*sums, strict=True), strict=True))


def use_of_unit(
    m: Monitoring, unit: str, carrier: str, span: Span, base: tuple[int, int] | None, found: Temperatures | None, product: str
) -> EnergyUse:  # fmt: skip
    """Return the use of a unit, as `tanlu.monitor.energy_use.energy_use` judges it."""
    rest = rest_days(m.ledger().province)
    return energy_use(Facts(m.ledger()), unit, carrier, (span.first, span.last), base, found, product, rest)


@lru_cache(maxsize=4)
def rest_days(province: str) -> Callable[[datetime.date], bool]:
    """Return a function that tells whether a day is a weekend or holiday in a province."""
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.fleet.surroundings import read_surroundings

    return read_surroundings(load_province(province_folder(province)), with_emissions=False).is_rest_day


def intensities_in(m: Monitoring, carrier: str, span: Span, sites: dict[str, Site]) -> dict[str, Intensity]:
    """Return the intensities of all registered sites of the province."""
    return intensities(Facts(m.ledger()), m.ledger().province, carrier, (span.first, span.last), sites)
