"""What an inventory is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tanlu.core.gases import GwpSet
from tanlu.core.inventory import Z95, InventoryRow, Status, combine
from tanlu.core.provenance import Grade

__all__ = ["SECTORS", "Z95", "EnergyUse", "Inventory", "InventoryRow", "Status", "combine"]

SECTORS: Final = (
    "power", "energy_industry", "steel", "cement", "nonferrous", "chemicals", "other_industry",
    "transport", "residential", "services", "agriculture", "land", "waste",
)  # fmt: skip
"""Sectors of the results. ``cement`` is all non-metallic minerals; ``other_industry`` includes construction."""


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """Energy of one fuel used in one sector and year, and the CO2 from burning it.

    ``fuel`` is coal, coke, coke_oven_gas, oil, natural_gas, electricity, heat or other; ``energy`` in PJ (calorific);
    ``co2`` in kt, None for electricity, heat and other (no direct fossil CO2).
    """

    year: int
    sector: str
    category: str
    fuel: str
    energy: float
    co2: float | None
    status: Status
    grade: Grade
    errors: Mapping[str, float] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"energy:{self.year}:{self.sector}:{self.category}:{self.fuel}"


@dataclass(frozen=True)
class Inventory:
    """A set of results with notation keys, over the years of one region."""

    region: str
    years: tuple[int, ...]
    rows: tuple[InventoryRow, ...]
    energy: tuple[EnergyUse, ...]

    def total(
        self, year: int, gwp: GwpSet, *, where: Callable[[InventoryRow], bool] = lambda row: row.sector != "land"
    ) -> tuple[float, float, float]:
        """Return the total and its 95 % interval (value, low, high) [kt CO2e] of a year.

        Parameters
        ----------
        year : int
        gwp : GwpSet
        where : callable
            Which rows count; memo rows and notation keys never do. The default leaves land out.

        Notes
        -----
        IPCC 2006 vol. 1 ch. 3, eq. 3.2 for independent causes; a cause that several rows share is added linearly before squaring.
        """
        rows = [
            r for r in self.rows if r.year == year and r.value is not None and r.status is not Status.MEMO and where(r)
        ]
        return combine((r.value * gwp[r.gas], r.errors) for r in rows if r.value is not None)
