"""Waste.

Covers: fossil CO2 of waste that is burnt without use of the energy, GB/T 4754—2017 groups 772 and 782. Its CH4 and N2O are not in this
model.
Driver: population. Equations: process row = base value · population.
Calibrated to: category 4; where the inventory says NE, the row is zero and the tables leave it out.
Units: Mt CO2. Sources: inventory. Assumptions: waste per head stays.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="waste",
    variable="Waste",
    inventory="waste",
    main=True,
    role="waste",
)
