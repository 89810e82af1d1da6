"""Road freight.

Covers: lorries, and depots and stores of the balance row, GB/T 4754—2017 groups 543 and 544, division 59.
Driver: tonne-kilometres with income per head (eq. 3 and 4).
Equations: 3 to 9; electric and hydrogen lorries share the sales of eq. 6.
Calibrated to: a part of category 1.A.3 by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: row total of the energy balances (inventory).
Assumptions (grade D): the shares, with half of the coal of the row in depots and stores; elasticities, life of lorries.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="road_freight",
    variable="Energy|Demand|Transportation|Road|Freight",
    inventory="transport",
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
