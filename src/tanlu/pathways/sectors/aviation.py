"""Aviation.

Covers: fuel taken in the province by aircraft, and airports, GB/T 4754—2017 division 56.
Driver: flights with income per head, the highest elasticity of the modes (eq. 3 and 4).
Equations: 3 to 9; only fuels of biogenic or synthetic origin replace kerosene at scale (share x₄).
Calibrated to: category 1.A.3.a, or a part of 1.A.3 by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: CO2 of kerosene over that of all oil products of transport in the last balance year (CEADs, energy balances) for the oil
share.
Assumptions (grade D): power of airports, elasticities, life of aircraft.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="aviation",
    variable="Energy|Demand|Transportation|Domestic Aviation",
    inventory="transport",
    categories=("1.A.3.a",),
    carriers=("oil", "electricity"),
)
