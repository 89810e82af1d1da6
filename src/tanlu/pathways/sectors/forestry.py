"""Forestry.

Covers: fuel of forestry, GB/T 4754—2017 division 02. The uptake of forests is the sink of eq. 17, not a part of this sector.
Driver: as agriculture (eq. 3 and 4).
Equations: 3 to 9.
Calibrated to: a part of category 1.A.4.c by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: the balance row holds farming, forestry, animal husbandry, fishery and water conservancy together; no statistics divide it.
Assumptions (grade D): 3 % of oil and power, 2 % of coal.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="forestry",
    variable="Energy|Demand|AFOFI|Forestry",
    inventory="agriculture",
    carriers=("coal", "oil", "electricity"),
)
