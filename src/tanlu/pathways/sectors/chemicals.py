"""Chemicals.

Covers: basic and fine chemicals, fertilisers, medicine, fibres, rubber and plastics, GB/T 4754—2017 divisions 26 to 29.
Driver: income per head with a falling elasticity (eq. 3 and 4).
Equations: 3 to 9. Buys nearly half of the heat of the province, which the sector heat supplies.
Calibrated to: categories 1.A.2.c and 2.B; the inventory has no process CO2 for want of output data (ammonia, carbide).
Units: PJ, Mt CO2; services relative to the base year.
Sources: branch shares of CEADs (inventory).
Assumptions (grade D): elasticities, ratios of replacement, life of plant.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="chemicals",
    variable="Energy|Demand|Industry|Chemicals",
    inventory="chemicals",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
