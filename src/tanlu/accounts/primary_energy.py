"""Total energy of a province from its inventory: fuels burnt and electricity that no fuel of the province made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tanlu.accounts.records import Inventory
from tanlu.core.province import Province

FUELS: Final = ("coal", "coke", "coke_oven_gas", "oil", "natural_gas", "other")


@dataclass(frozen=True, slots=True)
class PrimaryEnergy:
    """Energy of a year [PJ, calorific], its errors by cause, and what it was made from."""

    year: int
    value: float
    errors: Mapping[str, float]
    parts: tuple[str, ...]


def primary_energy(inventory: Inventory, province: Province) -> list[PrimaryEnergy]:
    """Return the total energy use of every year for which electricity is known.

    Parameters
    ----------
    inventory : Inventory
    province : Province
        Its electricity use and thermal generation.

    Returns
    -------
    list of PrimaryEnergy
        Fuels used by all sectors, plus electricity used less thermal generation (hydro, wind, solar and net inflow) at its heat
        value of 3.6 PJ per TWh.

    Notes
    -----
    Calorific calibre: lower than the coal-equivalent totals of the statistics, which value primary electricity at the fuel that
    thermal plants would need.
    """
    used = province.series("Electricity Consumption|Total", "PJ")
    thermal = province.series("Secondary Energy|Electricity|Thermal", "PJ")
    result = []
    for year in inventory.years:
        if year not in used or year not in thermal:
            continue
        uses = [u for u in inventory.energy if u.year == year and u.fuel in FUELS]
        primary = used[year].value - thermal[year].value
        value = sum(u.energy for u in uses) + primary
        by_cause: dict[str, float] = {"activity:primary_electricity": 0.05 * primary / value}
        for use in uses:
            for cause, error in use.errors.items():
                if not cause.startswith("factor:"):
                    by_cause[cause] = by_cause.get(cause, 0.0) + error * use.energy / value
        parts = (*(u.id for u in uses), used[year].id, thermal[year].id)
        result.append(PrimaryEnergy(year, value, by_cause, parts))
    return result
