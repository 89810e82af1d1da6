"""Non-ferrous metals.

Covers: lead, zinc, antimony, tungsten and others, and the processing of aluminium and copper, GB/T 4754—2017 divisions 09 and 32.
Driver: metal per head of population, nearly saturated (eq. 4).
Equations: 3 to 9. Process CO2 is that of reducing agents in lead and zinc smelting; the inventory takes it off the fuel of the branch,
and so does the calibration.
Calibrated to: categories 1.A.2.b and 2.C.2 to 2.C.6.
Units: PJ, Mt CO2; services relative to the base year (t of the ten metals).
Sources: output of ten non-ferrous metals, factors of IPCC 2006 (inventory).
Assumptions (grade D): elasticities, saturation, life of furnaces, a tenth of the process CO2 going with electric and hydrogen routes.
Limits: one mix of metals; a shift from smelting to processing acts through ``activity.scale`` and intensity.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="nonferrous",
    variable="Energy|Demand|Industry|Non-Ferrous Metals",
    inventory="nonferrous",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
