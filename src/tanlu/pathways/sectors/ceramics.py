"""Ceramics, bricks and other building materials.

Covers: bricks, tiles, stone, ceramics, refractories and glass fibre, GB/T 4754—2017 groups 303 and 306 to 309.
Driver: floor area that is built, so demand per head falls with the maturity of the building stock (eq. 4).
Equations: 3 to 9.
Calibrated to: process categories 2.A.4.a and 2.A.4.b; energy is a part of 1.A.2.f by ``inventory.share``.
Units: PJ, Mt CO2; services relative to the base year.
Sources: none for the province's output: the statistics stop at cement and flat glass.
Assumptions (grade D): all shares; set as what is left of the branch beside the kilns of cement (108 kgce/t clinker, 85 kWh/t cement)
and glass, scaled to the fuel that the inventory has.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="ceramics",
    variable="Energy|Demand|Industry|Non-Metallic Minerals|Ceramics",
    inventory="cement",
    categories=("2.A.4.a", "2.A.4.b"),
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
