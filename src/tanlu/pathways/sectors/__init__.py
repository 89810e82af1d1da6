"""The sectors of the pathway model, one file each; `ALL` is their one ordered list."""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors import (
    agriculture,
    aviation,
    cement,
    ceramics,
    chemicals,
    coal_mining,
    construction,
    forestry,
    glass,
    heat,
    homes_rural,
    homes_urban,
    machinery,
    nonferrous,
    power,
    public_buildings,
    rail,
    refining,
    road_freight,
    road_passenger,
    steel,
    waste,
    water,
)  # fmt: skip
from tanlu.pathways.sectors.declaration import Sector

ALL: Final[tuple[Sector, ...]] = (
    power.SECTOR, heat.SECTOR,
    coal_mining.SECTOR, refining.SECTOR,
    steel.SECTOR, cement.SECTOR, glass.SECTOR, ceramics.SECTOR, nonferrous.SECTOR, chemicals.SECTOR, machinery.SECTOR,
    construction.SECTOR,
    road_passenger.SECTOR, road_freight.SECTOR, rail.SECTOR, water.SECTOR, aviation.SECTOR,
    homes_urban.SECTOR, homes_rural.SECTOR, public_buildings.SECTOR,
    agriculture.SECTOR, forestry.SECTOR,
    waste.SECTOR,
)  # fmt: skip
"""In the order of the emission arrays: power, heat, the demand sectors, waste."""

__all__ = ["ALL", "Sector"]
