"""Rural homes.

Covers: energy bought by rural households. Wood and straw that nobody sells are outside the balances.
Driver: rural population, which falls with urbanisation (eq. 4), with an income effect (eq. 3).
Equations: 3 to 9; as urban homes.
Calibrated to: a part of category 1.A.4.b by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: urban and rural rows of the energy balances (grade B); the shares of the last balance year are taken to hold.
Assumptions (grade D): elasticities, ratios of replacement, life of equipment.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="homes_rural",
    variable="Energy|Demand|Residential|Rural",
    inventory="residential",
    carriers=("coal", "gas", "oil", "electricity", "biomass"),
    population="rural",
    floor_area=True,
)
