"""Totals of an inventory: by sector, and over all categories in several scopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tanlu.accounts.province.records import SECTORS, Inventory, InventoryRow, Status, combine
from tanlu.core.gases import GwpSet, gwp_set


@dataclass(frozen=True, slots=True)
class Total:
    """A sum with its 95 % interval [kt or kt CO2e] and the rows in it.

    ``scope`` is a sector of `SECTORS` (CO2 only) or one of co2, energy_co2, process_co2, ghg_<GWP set>, land and imports.
    """

    region: str
    year: int
    scope: str
    value: float
    low: float
    high: float
    unit: str
    parts: tuple[str, ...]

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        if self.scope in SECTORS and self.scope != "land":
            return f"sector:{self.region}:{self.year}:{self.scope}:CO2"
        return f"total:{self.region}:{self.year}:{self.scope}"


def complete_series(inventory: Inventory) -> set[tuple[str, str]]:
    """Return the (category, gas) pairs that have a number in every year: only these make a total comparable over time."""
    known: dict[tuple[str, str], set[int]] = {}
    for row in inventory.rows:
        if row.value is not None:
            known.setdefault((row.category, row.gas), set()).add(row.year)
    wanted = set(inventory.years)
    return {key for key, years in known.items() if years >= wanted}


def _sum(
    inventory: Inventory, year: int, scope: str, where: Callable[[InventoryRow], bool], gwp: GwpSet | None
) -> Total | None:
    rows = [r for r in inventory.rows if r.year == year and r.value is not None and where(r)]
    if not rows:
        return None
    parts = [((r.value or 0.0) * (gwp[r.gas] if gwp else 1.0), r.errors) for r in rows]
    value, low, high = combine(parts, signed=any(r.signed for r in rows))
    unit = "kt CO2e" if gwp else "kt"
    return Total(inventory.region, year, scope, value, low, high, unit, tuple(r.id for r in rows))


def sector_totals(inventory: Inventory) -> list[Total]:
    """Return the CO2 of every sector and year [kt], fuel and process together, without land and memo rows."""
    totals = []
    for year in inventory.years:
        for sector in SECTORS:
            if sector == "land":
                continue

            def inside(row: InventoryRow, sector: str = sector) -> bool:
                return row.gas == "CO2" and row.sector == sector and row.status is not Status.MEMO

            if total := _sum(inventory, year, sector, inside, None):
                totals.append(total)
    return totals


def scope_totals(inventory: Inventory) -> list[Total]:
    """Return the totals of every year by scope.

    Notes
    -----
    co2, energy_co2 and process_co2 are CO2 without land. ghg_AR5 and ghg_AR6 are that CO2 and the CH4 and N2O of those categories that
    have a number in every year (`complete_series`), so that a category known in a few years only does not make a step. land and imports
    stand apart.
    """
    complete = complete_series(inventory)

    def counted(row: InventoryRow) -> bool:
        return row.status is not Status.MEMO and row.sector != "land"

    def comparable(row: InventoryRow) -> bool:
        return counted(row) and (row.gas == "CO2" or (row.category, row.gas) in complete)

    scopes: list[tuple[str, Callable[[InventoryRow], bool], GwpSet | None]] = [
        ("co2", lambda r: counted(r) and r.gas == "CO2", None),
        ("energy_co2", lambda r: counted(r) and r.gas == "CO2" and r.category.startswith("1."), None),
        ("process_co2", lambda r: counted(r) and r.gas == "CO2" and r.category.startswith("2."), None),
        ("ghg_AR5", comparable, gwp_set("AR5")),
        ("ghg_AR6", comparable, gwp_set("AR6")),
        ("land", lambda r: r.sector == "land" and r.gas == "CO2", None),
        ("imports", lambda r: r.status is Status.MEMO, None),
    ]
    found = [_sum(inventory, year, name, where, gwp) for name, where, gwp in scopes for year in inventory.years]
    return [t for t in found if t is not None]
