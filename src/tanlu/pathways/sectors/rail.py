"""Rail, with urban rail.

Covers: railways, metro and maglev lines, GB/T 4754—2017 division 53 and part of 541.
Driver: transport with income per head; its power use has its own elasticity (eq. 3 and 4).
Equations: 3 to 9; most of the service is electric in the base year, so the stock of eq. 6 is that of diesel traction.
Calibrated to: category 1.A.3.c, or a part of 1.A.3 by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: row total of the energy balances (inventory).
Assumptions (grade D): the shares; power set so that rail takes about 6.7 TWh, oil 2 % of the row.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="rail",
    variable="Energy|Demand|Transportation|Rail",
    inventory="transport",
    categories=("1.A.3.c",),
    carriers=("coal", "oil", "electricity", "heat", "biomass"),
)
