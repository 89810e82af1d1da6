"""How rows of the inventory are divided among the sectors of the pathways where the inventory is coarser.

A row whose category one sector owns goes to it whole. Any other row is divided by the ``inventory.share`` of each carrier; what no sector
takes stays with the main sector, so that the parts add up to the row. A sector with rows of its own takes no share of others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tanlu.accounts.province.records import Inventory
from tanlu.pathways.dimensions import BRANCHES, CARRIERS, DEMAND, SECTOR
from tanlu.pathways.parameters import SPLIT, Floats, ParameterSet


@dataclass(frozen=True)
class Division:
    """Shares by sector of the inventory and carrier.

    Attributes
    ----------
    shares : mapping of str to [carrier]
        Of each demand sector that shares its inventory sector and is not its main one.
    apart : frozenset of str
        Sectors that have energy rows of their own in the inventory.
    """

    shares: Mapping[str, Floats]
    apart: frozenset[str]

    def of_category(self, inventory_sector: str, category: str) -> str | None:
        """Return the sector that owns a category, or None where the row is to be divided."""
        branches = BRANCHES[inventory_sector]
        return next((s for s in branches if SECTOR[s].owns(category)), branches[0] if len(branches) == 1 else None)

    def of_carrier(self, inventory_sector: str, category: str, carrier: str) -> dict[str, float]:
        """Return the parts, by sector, of the energy of a carrier in a row."""
        owner = self.of_category(inventory_sector, category)
        if owner is not None:
            return {owner: 1.0}
        place, parts = CARRIERS.index(carrier), {}
        for sector in BRANCHES[inventory_sector]:
            if sector in self.shares and sector not in self.apart and self.shares[sector][place]:
                parts[sector] = float(self.shares[sector][place])
        parts[main_branch(inventory_sector)] = 1.0 - sum(parts.values())
        return parts

    def of_carbon(
        self, inventory_sector: str, category: str, burnt: Mapping[str, float], carriers: tuple[str, ...]
    ) -> dict[str, float]:
        """Return the parts, by sector, of the CO2 of a row.

        Parameters
        ----------
        inventory_sector, category : str
        burnt : mapping of str to float
            CO2 of the row by carrier; where it is empty, the shares of ``carriers`` count alike.
        carriers : tuple of str
        """
        total = sum(burnt.values())
        weights = {c: v / total for c, v in burnt.items()} if total else {c: 1.0 / len(carriers) for c in carriers}
        parts: dict[str, float] = {}
        for carrier, weight in weights.items():
            for sector, share in self.of_carrier(inventory_sector, category, carrier).items():
                parts[sector] = parts.get(sector, 0.0) + weight * share
        return parts


def main_branch(inventory_sector: str) -> str:
    """Return the sector that takes what no other takes."""
    return next(s for s in BRANCHES[inventory_sector] if SECTOR[s].main)


def division(inventory: Inventory, parameters: ParameterSet) -> Division:
    """Return the division of an inventory by the shares of a province."""
    shares: dict[str, Floats] = {}
    for index in SPLIT:
        sector, carrier = index.split(":")
        array = shares.setdefault(sector, np.zeros(len(CARRIERS)))
        array[CARRIERS.index(carrier)] = parameters.values["inventory.share", index].value
    rows = {(u.sector, u.category) for u in inventory.energy}
    apart = {
        s for s in DEMAND for sector, category in rows if sector == SECTOR[s].inventory and SECTOR[s].owns(category)
    }
    return Division(shares, frozenset(apart))
