"""Cement and lime.

Covers: cement, lime, gypsum and their products, GB/T 4754—2017 groups 301 and 302.
Driver: cement per head of population, which falls as the stock of buildings and roads matures (eq. 4).
Equations: 3 to 9, and special to it: the kiln burns fuel for clinker, not for cement, so a part φ (``process.fuel``) of the fuel
follows the process lever, i.e. the clinker ratio relative to the base year (eq. 5).
Calibrated to: process categories 2.A.1 and 2.A.2; what glass and ceramics do not take of 1.A.2.f.
Units: PJ, Mt CO2; services relative to the base year (t cement).
Sources: cement output and clinker factor of the inventory.
Assumptions (grade D): saturation level and speed, φ (grinding and drying need the rest), shares of the branch.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="cement",
    variable="Energy|Demand|Industry|Non-Metallic Minerals|Cement",
    inventory="cement",
    main=True,
    categories=("2.A.1", "2.A.2"),
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
