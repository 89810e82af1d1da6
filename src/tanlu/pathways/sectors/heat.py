"""Heat supply.

Covers: boilers and the heat of power plants that is sold, GB/T 4754—2017 group 443.
Driver: heat bought by the other sectors, PJ.
Equations: 15, CO2 = heat · (1 − clean share) · fuel per heat · coal factor of power and heat.
Special: the inventory has power and heat in one category (1.A.1.a). The CO2 of heat is the heat bought in the year times ``heat.fuel``
times the year's own coal factor, at most half of the category's coal; power keeps the rest, so that both add up to the row.
Units: PJ, Mt CO2.
Sources: heat of the energy balances through the inventory.
Assumptions (grade D): ``heat.fuel``; that heat is made from coal, as the balances show for nearly all of it.
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="heat",
    variable="Energy|Supply|Heat",
    inventory="power",
    role="supply",
)
