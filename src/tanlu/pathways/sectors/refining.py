"""Refining, petrochemicals and coking.

Covers: petroleum refining, its petrochemical works and coking, GB/T 4754—2017 division 25.
Driver: final use of oil products and coke elsewhere, with the weight ``supply.link`` (eq. 8).
Equations: 3 to 9; 8 is special to it and to coal mining. Hydrogen that is not from electrolysis is reformed from gas, and this CO2
counts here (eq. 9), whoever uses the hydrogen.
Calibrated to: category 1.A.1.b.
Units: PJ, Mt CO2; services relative to the base year.
Sources: branch shares of CEADs (inventory); throughput of crude oil for orientation.
Assumptions (grade D): that the works serve the province's own oil use; feedstock carbon of petrochemicals is not burnt and not
counted.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="refining",
    variable="Energy|Supply|Other|Refining",
    inventory="energy_industry",
    main=True,
    categories=("1.A.1.b",),
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
    follows=("oil", "coke"),
)
