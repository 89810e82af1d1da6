"""Passenger road transport.

Covers: cars, buses and taxis of the balance row transport, storage and post, GB/T 4754—2017 groups 541 and 542. Fuel of private cars
that the balances book under homes and services stays there.
Driver: passenger transport per head, rising to a level a seventh above the base year (eq. 4).
Equations: 3 to 9; the vehicle stock is the stock of eq. 6, so that sales limit how fast electric vehicles come.
Calibrated to: category 1.A.3.b with freight; what no other mode takes of 1.A.3.
Units: PJ, Mt CO2; services relative to the base year.
Sources: row total of the energy balances (inventory).
Assumptions (grade D): the split by mode, life of vehicles, electricity per fuel replaced (0.3).
"""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors.declaration import Sector

SECTOR: Final = Sector(
    id="road_passenger",
    variable="Energy|Demand|Transportation|Road|Passenger",
    inventory="transport",
    main=True,
    carriers=("coal", "coke", "gas", "oil", "electricity", "heat", "biomass"),
)
