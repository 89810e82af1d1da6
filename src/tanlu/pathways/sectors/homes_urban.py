"""Urban homes.

Covers: energy bought by urban households, with the fuel of their cars as the balances book it. Not a division of GB/T 4754.
Driver: urban population (eq. 4) with an income effect for floor area and equipment (eq. 3).
Equations: 3 to 9; heating and cooking equipment is the stock of eq. 6. Efficiency of shells and equipment is the intensity of eq. 5.
Calibrated to: what rural homes do not take of category 1.A.4.b.
Units: PJ, Mt CO2; services relative to the base year.
Sources: urban and rural rows of the energy balances; the shares of the last balance year are taken to hold.
Assumptions (grade D): elasticities, ratios of replacement (heat pumps and cookers), life of equipment.
Limits: the weather of a year is not drawn.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="homes_urban",
    variable="Energy|Demand|Residential|Urban",
    inventory="residential",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
    population="urban",
    floor_area=True,
)
