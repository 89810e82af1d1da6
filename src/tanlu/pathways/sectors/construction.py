"""Construction.

Covers: building and civil engineering sites, GB/T 4754—2017 divisions 47 to 50; mostly diesel of machines, and coal of asphalt and
drying.
Driver: income per head, less the maturity of the stock of buildings (eq. 3 and 4).
Equations: 3 to 9.
Calibrated to: category 1.A.2.k, an own row of the energy balances.
Units: PJ, Mt CO2; services relative to the base year.
Sources: energy balances (inventory). Assumptions (grade D): elasticities, saturation, life of machines of about 14 years.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="construction",
    variable="Energy|Demand|Industry|Other|Construction",
    inventory="other_industry",
    categories=("1.A.2.k",),
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
