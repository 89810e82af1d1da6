"""Inland shipping.

Covers: inland waterways and ports, GB/T 4754—2017 division 55.
Driver: tonne-kilometres with income per head (eq. 3 and 4).
Equations: 3 to 9; ships live about 30 years, so new drives come slowly.
Calibrated to: category 1.A.3.d, or a part of 1.A.3 by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: row total of the energy balances (inventory). Assumptions (grade D): the shares (6 % of the oil), elasticities, life.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="water",
    variable="Energy|Demand|Transportation|Domestic Shipping",
    inventory="transport",
    categories=("1.A.3.d",),
    carriers=("coal", "gas", "oil", "electricity"),
)
