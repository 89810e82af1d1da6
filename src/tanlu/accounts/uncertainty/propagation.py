"""Approach 1: propagation of error for the level and the trend, in the layout of IPCC 2006 vol. 1 ch. 3, table 3.2."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from tanlu.accounts.uncertainty.estimates import (
    CauseKind,
    Estimates,
    Key,
    Line,
    add_causes,
    cause_kinds,
    percent,
    sum_lines,
)
from tanlu.core.inventory import Z95

COLUMNS: Final = (
    "category", "gas", "base", "current", "activity", "factor", "combined", "variance", "type_a", "type_b", "trend_factor",
    "trend_activity", "trend_variance",
)  # fmt: skip
"""Columns A–M of table 3.2; catalogue entries ``approach_1.<column>``."""


class Approach1Row(NamedTuple):
    """One category and gas of the table; uncertainties are half-widths of 95 % intervals.

    Parameters
    ----------
    base, current : float
        Columns C, D: emissions of the base year and of the current year [t CO2e].
    activity, factor, combined : float
        Columns E, F, G: uncertainty of activity data, of factors, of both [%].
    variance : float
        Column H: contribution to the variance of the current year, (G·D)²/(ΣD)² [%²].
    type_a, type_b : float or None
        Columns I, J: change of the trend [percentage points] if the category were 1 % higher in both years, and in the current year alone.
    trend_factor, trend_activity : float or None
        Columns K, L: uncertainty of the trend through factors and through activity data [percentage points].
    trend_variance : float or None
        Column M: K² + L².
    """

    category: str
    gas: str
    base: float | None
    current: float
    activity: float
    factor: float
    combined: float
    variance: float
    type_a: float | None = None
    type_b: float | None = None
    trend_factor: float | None = None
    trend_activity: float | None = None
    trend_variance: float | None = None


@dataclass(frozen=True, slots=True)
class Approach1:
    """The table and its totals.

    Parameters
    ----------
    rows : tuple of Approach1Row
    base, current : float
        Totals of the two years [t CO2e]; ``base`` is None without a base year.
    uncertainty : float
        Half of the 95 % interval of the current total [%].
    trend : float or None
        Change of the total from the base year [%].
    trend_uncertainty : float or None
        Half of the 95 % interval of the trend [percentage points].
    correlated : bool
        Whether shared causes were added linearly.
    """

    rows: tuple[Approach1Row, ...]
    base: float | None
    current: float
    uncertainty: float
    trend: float | None
    trend_uncertainty: float | None
    correlated: bool


def approach_1(
    current: Estimates,
    base: Estimates | None = None,
    *,
    period: str = "",
    base_period: str = "",
    gwp: str = "rule",
    correlated: bool = True,
) -> Approach1:
    """Return the uncertainty of the level, and of the trend if there is a base year.

    Parameters
    ----------
    current : Estimates
    base : Estimates, optional
        Results of the base year; may be left out when ``current`` holds them and ``base_period`` is given.
    period, base_period : str
        Year or month; empty for everything that the results hold.
    gwp : str
        GWP set; ``rule`` is the one that the method set of ``current`` fixes.
    correlated : bool
        True: a factor that several categories or both years share is one cause, added linearly before squaring. False: table 3.2 as
        printed, where categories are independent, factors the same in both years and activity data independent between them.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, eq. 3.1, 3.2 and table 3.2 with its notes A–D. For the trend ``T = ΣD/ΣC − 1`` a cause with the standard
    uncertainties d in the current and c in the base year adds ``(d − c·ΣD/ΣC)/ΣC``.
    """
    has_base = base is not None or bool(base_period)
    first = current if base is None else base
    kinds = cause_kinds(current, first)
    name = current.gwp(gwp).id
    now = sum_lines(current, gwp=name, period=period, kinds=kinds)
    then = sum_lines(first, gwp=name, period=base_period, kinds=kinds) if has_base else {}
    totals = _Totals(sum(x.value for x in now.values()), sum(x.value for x in then.values()) if has_base else None)
    rows = tuple(_row(key, now, then, totals, kinds, correlated) for key in sorted(now.keys() | then.keys()))
    if correlated:
        level = percent(_root(add_causes(now.values())), totals.current)
        moved = _trend_causes(add_causes(now.values()), add_causes(then.values()), totals)
        spread = None if moved is None else 100 * Z95 * _root(moved)
    else:
        level = math.sqrt(sum(r.variance for r in rows))
        spread = None if totals.trend is None else math.sqrt(sum(r.trend_variance or 0.0 for r in rows))
    return Approach1(rows, totals.base, totals.current, level, totals.trend, spread, correlated)


class _Totals(NamedTuple):
    """Sums of columns D and C."""

    current: float
    base: float | None

    @property
    def trend(self) -> float | None:
        """Change from the base year [%]."""
        return 100 * (self.current - self.base) / self.base if self.base else None


def _row(
    key: Key,
    now: Mapping[Key, Line],
    then: Mapping[Key, Line],
    totals: _Totals,
    kinds: Mapping[str, CauseKind],
    correlated: bool,
) -> Approach1Row:
    category, gas = key
    line, before = now.get(key, Line(key)), then.get(key, Line(key))
    # a category that has ended keeps the uncertainties of the base year
    known = line if line.value else before
    activity = percent(known.spread(kinds, "activity", correlated), known.value)
    factor = percent(known.spread(kinds, "factor", correlated), known.value)
    combined = math.hypot(activity, factor)
    variance = (combined * line.value / totals.current) ** 2 if totals.current else 0.0
    old = None if totals.base is None else before.value
    row = Approach1Row(category, gas, old, line.value, activity, factor, combined, variance)
    if not totals.base:
        return row
    type_a, type_b = sensitivities(before.value, line.value, totals.base, totals.current)
    if correlated:
        moved = _trend_causes(line.by_cause, before.by_cause, totals) or {}
        of_factor = 100 * Z95 * _root({c: e for c, e in moved.items() if kinds[c] == "factor"})
        of_activity = 100 * Z95 * _root({c: e for c, e in moved.items() if kinds[c] == "activity"})
    else:
        of_factor, of_activity = type_a * factor, type_b * activity * math.sqrt(2)
    return row._replace(
        type_a=type_a, type_b=type_b, trend_factor=of_factor, trend_activity=of_activity,
        trend_variance=of_factor**2 + of_activity**2,
    )  # fmt: skip


def sensitivities(base: float, current: float, base_total: float, current_total: float) -> tuple[float, float]:
    """Return the type A and type B sensitivities of the trend to a category [percentage points for 1 %].

    Parameters
    ----------
    base, current : float
        Emissions of the category in the base and the current year.
    base_total, current_total : float
        All emissions of the two years, in the same unit; the base year is not zero.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, table 3.2, columns I (note A) and J.
    """
    raised = (0.01 * current + current_total - (0.01 * base + base_total)) / (0.01 * base + base_total)
    plain = (current_total - base_total) / base_total
    return abs(100 * (raised - plain)), abs(current / base_total)


def _trend_causes(now: Mapping[str, float], then: Mapping[str, float], totals: _Totals) -> dict[str, float] | None:
    """Return the standard uncertainty of the trend through each cause, as a share of the base-year total."""
    if not totals.base:
        return None
    ratio = totals.current / totals.base
    return {c: (now.get(c, 0.0) - ratio * then.get(c, 0.0)) / totals.base for c in now.keys() | then.keys()}


def _root(causes: Mapping[str, float]) -> float:
    return math.sqrt(sum(e * e for e in causes.values()))
