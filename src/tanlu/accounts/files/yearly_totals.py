"""Totals of a computation by year: gases, CO2-equivalent with its interval, with and without land use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tanlu.accounts.rulebook.result import Result, Results
from tanlu.accounts.uncertainty.key_categories import is_land


class Bounds(NamedTuple):
    """A sum and its 95 % interval [t CO2e]."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class YearTotal:
    """What one year adds up to, memo items left out unless the rule counts them.

    Parameters
    ----------
    year : int
    gases : mapping
        Mass of each gas [t], removals negative.
    total : Bounds
        With land use [t CO2e].
    without_land : Bounds or None
        Without land (3.B) and harvested wood products (3.D.1); None where the year has no results of land.
    counted, memo : mapping
        Mass of each gas [t] by memo category: those that the rule adds to the total, and those outside it.
    """

    year: int
    gases: Mapping[str, float]
    total: Bounds
    without_land: Bounds | None
    counted: Mapping[str, Mapping[str, float]]
    memo: Mapping[str, Mapping[str, float]]

    def as_record(self) -> dict[str, Any]:
        """Return the totals as plain data."""
        apart = self.without_land
        return {
            "year": self.year, "gases": dict(self.gases), "CO2e": self.total._asdict(),
            "CO2e_without_land": None if apart is None else apart._asdict(),
            "counted": self.counted, "memo": self.memo,
        }  # fmt: skip

    @property
    def sums(self) -> dict[str, float]:
        """Mass of each gas [t] and their sum ``CO2e`` [t CO2e], as `Results.totals` has them."""
        return {**self.gases, "CO2e": self.total.value}


def yearly_totals(results: Results, gwp: str = "rule") -> tuple[YearTotal, ...]:
    """Return the totals of each year, the earliest first; months belong to their year.

    Parameters
    ----------
    results : Results
    gwp : str
        GWP set; ``rule`` is the one that the method set fixes.

    Notes
    -----
    Land use is what IPCC 2006 vol. 1 ch. 4 leaves out in the first list of key categories: 3.B and 3.D.1.
    """
    years: dict[int, list[Result]] = {}
    for r in results:
        years.setdefault(int(r.period[:4]), []).append(r)
    return tuple(_year_total(results, year, years[year], gwp) for year in sorted(years))


def totals_record(years: Sequence[YearTotal]) -> dict[str, Any]:
    """Return the totals as plain data: ``by_year``, and ``totals`` of the only year.

    A sum over years is the total of no inventory, so ``totals`` is None where there are several.
    """
    by_year = {str(y.year): y.sums for y in years}
    return {"totals": years[0].sums if len(years) == 1 else None, "by_year": by_year}


def _year_total(results: Results, year: int, rows: list[Result], gwp: str) -> YearTotal:
    # a category counts or not as a whole
    one_of_each = {r.category: r for r in rows}.values()
    counts = {r.category for r in one_of_each if results.in_total(r)}
    land = {name for name in counts if is_land(name)}
    counted = [r for r in rows if r.category in counts]
    apart = [r for r in counted if r.category not in land] if land else counted
    total = Bounds(*results.total(gwp, counted))
    without = Bounds(*results.total(gwp, apart)) if land else None
    masses: dict[str, float] = {}
    for r in counted:
        masses[r.gas] = masses.get(r.gas, 0.0) + r.value
    added = by_category([r for r in counted if r.is_memo])
    outside = by_category([r for r in rows if r.category not in counts])
    return YearTotal(year, masses, total, without, added, outside)


def by_category(rows: list[Result]) -> dict[str, dict[str, float]]:
    """Return masses of gas [t] by category; memo items are not added to each other."""
    found: dict[str, dict[str, float]] = {}
    for r in rows:
        masses = found.setdefault(r.category, {})
        masses[r.gas] = masses.get(r.gas, 0.0) + r.value
    return {name: found[name] for name in sorted(found)}
