"""Coal mining.

Covers: mining and washing of coal, GB/T 4754—2017 division 06. Methane is not in this model.
Driver: final use of coal and coke elsewhere, with the weight ``supply.link`` (eq. 8); own elasticity of fuel services zero.
Equations: 3 to 9; 8 is special to it and to refining.
Calibrated to: category 1.A.1.c.
Units: PJ, Mt CO2; services relative to the base year.
Sources: branch shares of CEADs (inventory). Assumptions (grade D): elasticities, life of plant.
Limits: a province that buys most of its coal may close mines for other reasons than demand; use ``activity.scale`` for that.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="coal_mining",
    variable="Energy|Supply|Other|Coal Mining",
    inventory="energy_industry",
    categories=("1.A.1.c",),
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
    follows=("coal", "coke"),
)
