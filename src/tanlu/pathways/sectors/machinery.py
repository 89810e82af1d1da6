"""Machinery and other industry.

Covers: machinery, vehicles, electronics, food, textiles, wood, paper, mining other than coal, water and gas works, GB/T 4754—2017
divisions 07 to 24 without 09, 33 to 43, 45 and 46.
Driver: income per head with a falling elasticity; power use grows with the full early elasticity of one (eq. 3 and 4).
Equations: 3 to 9.
Calibrated to: what construction does not take of the inventory's other industry (category 1.A.2.m and process categories 2.C.2, 2.D).
Units: PJ, Mt CO2; services relative to the base year.
Sources: what the branch shares of CEADs leave (inventory).
Assumptions (grade D): elasticities, life of boilers and furnaces.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="machinery",
    variable="Energy|Demand|Industry|Other|Machinery",
    inventory="other_industry",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
