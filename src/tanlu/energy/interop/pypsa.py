"""PyPSA networks on disk: a folder of CSV files, or a netCDF file. PyPSA itself is not needed."""

from __future__ import annotations

from pathlib import Path

from tanlu.core.errors import DataError, Problem
from tanlu.energy.interop.network_csv import read_csv_folder, write_csv_folder
from tanlu.energy.interop.network_netcdf import read_netcdf, write_netcdf
from tanlu.energy.interop.pypsa_export import Exported, to_pypsa
from tanlu.energy.interop.pypsa_import import Imported, from_pypsa
from tanlu.energy.system import System


def read_pypsa(path: Path | str, *, discount_rate: float = 0.06, year: int = 2030, price_year: int = 2023) -> Imported:
    """Read a PyPSA network as a system.

    Parameters
    ----------
    path : Path or str
        A folder of CSV files, or a netCDF file.
    discount_rate, year, price_year
        What a network does not say; see `tanlu.energy.interop.pypsa_import.from_pypsa`.

    Raises
    ------
    DataError
        With everything that is wrong in the tables, or when netCDF cannot be read for want of a library.
    """
    place = Path(path)
    if place.is_dir():
        network = read_csv_folder(place)
    elif place.is_file():
        network = read_netcdf(place)
    else:
        raise DataError([Problem("network_missing", str(path))])
    return from_pypsa(network, discount_rate=discount_rate, year=year, price_year=price_year)


def write_pypsa(system: System, path: Path | str) -> Exported:
    """Write a system as a PyPSA network: a netCDF file where the name ends with ``.nc``, else a folder of CSV files.

    Raises
    ------
    DataError
        When netCDF cannot be written for want of a library.
    """
    exported, place = to_pypsa(system), Path(path)
    if place.suffix == ".nc":
        write_netcdf(exported.network, place)
    else:
        write_csv_folder(exported.network, place)
    return exported
