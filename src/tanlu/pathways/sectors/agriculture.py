"""Agriculture.

Covers: fuel of farming, animal husbandry, fishery and irrigation, GB/T 4754—2017 divisions 01 and 03 to 05. CH4 and N2O are not in
this model.
Driver: population with a low income elasticity; falls as the urban share rises (eq. 3 and 4).
Equations: 3 to 9; machines and dryers are the stock of eq. 6.
Calibrated to: what forestry does not take of category 1.A.4.c.
Units: PJ, Mt CO2; services relative to the base year.
Sources: energy balances (inventory). Assumptions (grade D): elasticities, life of machines.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="agriculture",
    variable="Energy|Demand|AFOFI|Agriculture",
    inventory="agriculture",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
