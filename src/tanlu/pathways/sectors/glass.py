"""Flat glass.

Covers: flat glass and glass products, GB/T 4754—2017 groups 304 and 305.
Driver: glass per head of population, which saturates with building and rises with solar glass (eq. 4).
Equations: 3 to 9. Process CO2 is that of the carbonates in the batch (IPCC 2006 vol. 3 ch. 2.4, eq. 2.10 of the inventory).
Calibrated to: process category 2.A.3; energy is a part of 1.A.2.f by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year (flat glass in weight cases of 50 kg).
Sources: output of the province's statistics.
Assumptions (grade D): the shares of fuels, set so that the glass of the base year needs about 12 kgce a weight case, and 0.1 MWh/t of
power; gas and oil dominate because float lines cannot burn lump coal.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="glass",
    variable="Energy|Demand|Industry|Non-Metallic Minerals|Glass",
    inventory="cement",
    categories=("2.A.3",),
    carriers=("coal", "gas", "oil", "electricity"),
)
