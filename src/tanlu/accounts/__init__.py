"""Activity data × factors → greenhouse-gas inventories with intervals.

In: a province (facts, factors) and its inventory settings. Out: an `Inventory`: gas masses by IPCC category and year, the energy use by
sector and fuel behind them, notation keys where nothing can be said, and what each number was made from.
It must not know pathways, targets or pages.
"""

from tanlu.accounts.inventory import build_inventory
from tanlu.accounts.records import SECTORS, EnergyUse, Inventory, InventoryRow, Status

__all__ = ["SECTORS", "EnergyUse", "Inventory", "InventoryRow", "Status", "build_inventory"]
