"""What surrounds a demonstration fleet: regions, kind of day, temperature, and how much each trade emits."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tanlu.core.province import Province

COMFORT = (18.0, 26.0)
"""Temperatures between which buildings neither heat nor cool [°C]; the bases of degree days HDD18 and CDD26."""


@dataclass(frozen=True)
class Surroundings:
    """The world of a fleet.

    Parameters
    ----------
    province : tuple of str
        Region id, Chinese and English name of the province.
    regions : tuple of (id, zh, en)
        Prefectures.
    rest_days, workdays : frozenset of date
        Days that differ from the week: rest days on weekdays, workdays on weekends.
    temperature : mapping
        Mean temperature of each month, 1 to 12 [°C].
    deviation : float
        Standard deviation of the mean of a day around that of its month [K].
    emissions : mapping
        Direct CO2 of a year by trade [kt]; empty where no inventory is at hand.
    """

    province: tuple[str, str, str]
    regions: tuple[tuple[str, str, str], ...]
    rest_days: frozenset[datetime.date] = frozenset()
    workdays: frozenset[datetime.date] = frozenset()
    temperature: Mapping[int, float] = field(default_factory=dict)
    deviation: float = 2.5
    emissions: Mapping[str, float] = field(default_factory=dict)

    def is_rest_day(self, day: datetime.date) -> bool:
        """Return whether a day is a weekend or holiday on which offices are closed."""
        return day in self.rest_days or (day.weekday() >= 5 and day not in self.workdays)

    def month_temperature(self, day: datetime.date) -> float:
        """Return the mean temperature of the day's month, read on the line between the middles of the months [°C]."""
        if not self.temperature:
            return 20.0
        middle = 15
        other = (
            (day.replace(day=1) - datetime.timedelta(days=1)) if day.day < middle else day + datetime.timedelta(days=28)
        )
        weight = min(abs(day.day - middle) / 30.0, 0.5)
        return (1 - weight) * self.temperature[day.month] + weight * self.temperature[other.month]


def read_surroundings(province: Province, *, with_emissions: bool = True) -> Surroundings:
    """Return what a province folder says: its regions, the calendar and typical months of its weather, its last inventory.

    Parameters
    ----------
    province : Province
    with_emissions : bool
        Whether to build the inventory, so that trades have the size that they have in it.
    """
    regions = tuple((r.id, r.zh, r.en) for r in province.regions.values() if r.parent)
    top = next(r for r in province.regions.values() if not r.parent)
    rest, work = _calendar(province.folder / "energy" / "weather" / "calendar.csv")
    months = typical_months(province.folder)
    deviations = months.get("temperature_deviation", {})
    return Surroundings(
        (top.id, top.zh, top.en),
        regions,
        rest,
        work,
        months.get("temperature", {}),
        sum(deviations.values()) / len(deviations) if deviations else 2.5,
        inventory_by_sector(province) if with_emissions else {},
    )


def inventory_by_sector(province: Province) -> dict[str, float]:
    """Return the direct CO2 of the last inventory year by sector [kt], sinks of land left out."""
    from tanlu.accounts import build_inventory
    from tanlu.accounts.province.totals import sector_totals

    totals = sector_totals(build_inventory(province))
    last = max(t.year for t in totals)
    return {t.scope: t.value for t in totals if t.year == last and t.scope != "land"}


def _calendar(path: Path) -> tuple[frozenset[datetime.date], frozenset[datetime.date]]:
    rest: set[datetime.date] = set()
    work: set[datetime.date] = set()
    for row in _rows(path):
        (work if row["day"] == "workday" else rest).add(datetime.date.fromisoformat(row["date"]))
    return frozenset(rest), frozenset(work)


def typical_months(folder: Path) -> dict[str, dict[int, float]]:
    """Return the weather of typical months of a province folder, by variable and month; empty where it has none."""
    found: dict[str, dict[int, float]] = {}
    for row in _rows(folder / "energy" / "weather" / "monthly.csv"):
        found.setdefault(row["variable"], {})[int(row["month"])] = float(row["value"])
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
