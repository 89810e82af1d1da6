"""Electricity supply.

Covers: public and own power plants, GB/T 4754—2017 group 441, and the grid, group 442.
Driver: the electricity that the other sectors need, with electrolysis, capture and losses (eq. 11).
Equations: 10 capacities, 12 to 14 share rule, 15 CO2, 16 imports.
Special: no stock by vintage; capacities in GW follow their levers within limits of building and closing. Plants that give heat as well
are calibrated with the fuel of power alone: the fuel of heat stands in the sector heat.
Units: GW, TWh, PJ, Mt CO2.
Sources: capacities and output of the province's statistics; coal and gas use of inventory category 1.A.1.a.
Assumptions (grade D): full-load hours of solar and biomass, curtailment, smallest thermal share.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="power",
    variable="Energy|Supply|Electricity",
    inventory="power",
    main=True,
    role="supply",
)
