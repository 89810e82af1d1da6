"""Public buildings and services.

Covers: trade, hotels, offices, schools, hospitals, data centres, GB/T 4754—2017 divisions 51, 52 and 61 to 97.
Driver: population and income per head; the urban share acts with an exponent of 0.2, as services gather in towns (eq. 3 and 4).
Equations: 3 to 9; boilers and air conditioning are the stock of eq. 6.
Calibrated to: category 1.A.4.a, with all fuel that the balances book under services, cars included.
Units: PJ, Mt CO2; services relative to the base year.
Sources: energy balances (inventory). Assumptions (grade D): elasticities, ratios of replacement, life of equipment.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="public_buildings",
    variable="Energy|Demand|Commercial",
    inventory="services",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
    floor_area=True,
)
