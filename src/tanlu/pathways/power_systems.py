"""Optimised power systems of a province: the points to which the power rule of the engine is calibrated.

Each row is a least-cost system of `tanlu.energy` on one node and in one year, with wind, solar and storage pinned, run hour by hour. The
file is made by ``tools/power_systems.py``.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError
from tanlu.core.tables import Column, read_table

FILE: Final = "power_systems.csv"
HOURS: Final = 8760.0
"""Hours of a year."""


@dataclass(frozen=True, slots=True)
class PowerSystem:
    """An optimised system.

    Parameters
    ----------
    number : int
        Point of the design.
    year : int
        Year of its costs and shapes of load.
    demand : float
        Load over that of the system's own data.
    co2_price : float
        [CNY/t].
    wind_gw, solar_gw, hydro_gw, biomass_gw, storage_gw, imports_gw, coal_gw, gas_gw : float
        Capacities [GW]; wind, solar and storage were pinned. Coal includes the own plants of industry and those with capture.
    wind_twh, …, gas_twh : float
        Output taken [TWh/yr].
    curtailed_twh, storage_loss_twh : float
        What wind and sun could have given besides, and what storage lost [TWh/yr].
    peak_gw : float
        Highest hourly load [GW].
    unserved_twh : float
        Load that was not met [TWh/yr].
    hours : str
        ``hours`` where it was run hour by hour, else ``segments``.
    hash : str
        First 16 digits of the SHA-256 of system, segments and point.
    """

    number: int
    year: int
    demand: float
    co2_price: float
    wind_gw: float
    solar_gw: float
    hydro_gw: float
    biomass_gw: float
    storage_gw: float
    imports_gw: float
    coal_gw: float
    gas_gw: float
    wind_twh: float
    solar_twh: float
    hydro_twh: float
    biomass_twh: float
    imports_twh: float
    coal_twh: float
    gas_twh: float
    curtailed_twh: float
    storage_loss_twh: float
    peak_gw: float
    unserved_twh: float
    hours: str
    hash: str

    @property
    def gross(self) -> float:
        """Generation and imports, which cover load and the losses of storage [TWh/yr]."""
        return (
            self.wind_twh + self.solar_twh + self.hydro_twh + self.biomass_twh + self.imports_twh + self.coal_twh + self.gas_twh
        )  # fmt: skip

    @property
    def potential(self) -> float:
        """What wind and sun could have given [TWh/yr]."""
        return self.wind_twh + self.solar_twh + self.curtailed_twh

    @property
    def share(self) -> float:
        """Potential of wind and sun over gross demand [1]."""
        return self.potential / self.gross

    @property
    def storage(self) -> float:
        """Storage power over mean load [1]."""
        return self.storage_gw / (self.gross * 1000.0 / HOURS)

    @property
    def thermal(self) -> float:
        """Output of coal and gas plants over gross demand [1]."""
        return (self.coal_twh + self.gas_twh) / self.gross

    @property
    def curtailment(self) -> float:
        """What is curtailed over the potential [1]."""
        return self.curtailed_twh / self.potential


_TEXT: Final = ("hours", "hash")
_WHOLE: Final = ("number", "year")
COLUMNS: Final = tuple(
    Column(f.name, "text" if f.name in _TEXT else "integer" if f.name in _WHOLE else "number")
    for f in fields(PowerSystem)
)


def read_power_systems(folder: Path) -> tuple[PowerSystem, ...]:
    """Return the systems of a pathway folder; none where it has no such file.

    Raises
    ------
    DataError
        With everything that is wrong in the file.
    """
    if not (folder / FILE).is_file():
        return ()
    table = read_table(folder / FILE, COLUMNS, key=("number",), root=folder.parent)
    if table.problems:
        raise DataError(table.problems)
    return tuple(PowerSystem(**row) for row in table.rows)  # type: ignore[arg-type]


def write_power_systems(path: Path, systems: Sequence[PowerSystem]) -> None:
    """Write the file; numbers have six digits."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([f.name for f in fields(PowerSystem)])
        writer.writerows([[f"{v:.6g}" if isinstance(v, float) else v for v in astuple(s)] for s in systems])
