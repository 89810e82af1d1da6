"""Uncertainty of the inventory of a region: Approach 1 with trend, key categories, and what to measure next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from tanlu.accounts.province.records import Inventory
from tanlu.accounts.uncertainty.inventory_estimates import InventoryEstimates, inventory_estimates, known_pairs
from tanlu.accounts.uncertainty.key_categories import KeyCategories, KeyList, is_land, key_categories
from tanlu.accounts.uncertainty.measure_next import Proposal, measure_next
from tanlu.accounts.uncertainty.propagation import Approach1, Approach1Row, approach_1

SCOPES: Final = ("without_land", "with_land")
"""Whether land use is in the total."""


@dataclass(frozen=True, slots=True)
class InventoryUncertainty:
    """The analysis of one inventory.

    Parameters
    ----------
    base_year, year : int
        First and last year of the inventory.
    gwp : str
        GWP set of all sums.
    tables : dict
        Table 3.2 by scope, see `SCOPES`. A row without a number in the base year has no trend and is not in the trend of the total.
    keys : KeyCategories
    proposals : tuple of Proposal
        Of the total without land use.
    """

    base_year: int
    year: int
    gwp: str
    tables: dict[str, Approach1]
    keys: KeyCategories
    proposals: tuple[Proposal, ...]


def analyse(inventory: Inventory, gwp: str, top: int = 10) -> InventoryUncertainty:
    """Return the uncertainty of the last year of an inventory, and of the change since its first year.

    Parameters
    ----------
    inventory : Inventory
    gwp : str
        Name of a GWP set.
    top : int
        Measurements that are proposed for each effort.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, table 3.2, and ch. 4. A category that has a number in one of the two years only would show up as a change that
    is none: it counts for the level and not for the trend.
    """
    first, last = inventory.years[0], inventory.years[-1]
    now = known_pairs(inventory, last)
    both = now & known_pairs(inventory, first) if first != last else set()
    pairs = {"without_land": {k for k in now if not is_land(k[0])}, "with_land": now}
    tables = {scope: _table(inventory, first, last, gwp, keys, both & keys) for scope, keys in pairs.items()}
    current, compared = (inventory_estimates(inventory, [last], gwp, keys=keys) for keys in (now, both))
    lists = [x for x in key_categories(current).lists if x.kind == "level"]
    lists += _trend_lists(inventory, first, gwp, both, compared)
    outside_land = inventory_estimates(inventory, [last], gwp, keys=pairs["without_land"])
    return InventoryUncertainty(
        first, last, gwp, tables, KeyCategories(tuple(lists)), measure_next(outside_land, top=top)
    )


def _table(
    inventory: Inventory, first: int, last: int, gwp: str, keys: set[tuple[str, str]], both: set[tuple[str, str]]
) -> Approach1:
    """Return table 3.2: the level of all pairs, the trend of those that both years have."""
    level = approach_1(inventory_estimates(inventory, [last], gwp, keys=keys))
    if not both:
        return level
    now, then = (inventory_estimates(inventory, [y], gwp, keys=both) for y in (last, first))
    moved = approach_1(now, then)
    trends = {(r.category, r.gas): r for r in moved.rows}
    rows = tuple(_with_trend(r, trends.get((r.category, r.gas))) for r in level.rows)
    return replace(
        level, rows=rows, base=moved.base, trend=moved.trend, trend_uncertainty=moved.trend_uncertainty
    )  # fmt: skip


def _with_trend(row: Approach1Row, trend: Approach1Row | None) -> Approach1Row:
    if trend is None:
        return row
    return row._replace(
        base=trend.base, type_a=trend.type_a, type_b=trend.type_b, trend_factor=trend.trend_factor,
        trend_activity=trend.trend_activity, trend_variance=trend.trend_variance,
    )  # fmt: skip


def _trend_lists(
    inventory: Inventory, first: int, gwp: str, both: set[tuple[str, str]], current: InventoryEstimates
) -> list[KeyList]:
    if not both:
        return []
    base = inventory_estimates(inventory, [first], gwp, keys=both)
    return [x for x in key_categories(current, base).lists if x.kind == "trend"]
