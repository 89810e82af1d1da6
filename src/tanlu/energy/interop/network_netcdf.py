"""A PyPSA network as a netCDF 4 file, with h5netcdf, which comes with the extra ``netcdf``."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.energy.interop.network import DEFAULTS, WEIGHTINGS, Cell, Network


def read_netcdf(path: Path) -> Network:
    """Read a netCDF file.

    Raises
    ------
    DataError
        When h5netcdf is not installed, or the file is no network.
    """
    h5netcdf = _library(path)
    try:
        with h5netcdf.File(path, "r") as file:
            return _read(path.stem, file)
    except OSError as error:
        raise DataError([Problem("network_unreadable", path.name)]) from error


def write_netcdf(network: Network, path: Path) -> None:
    """Write a netCDF file, replacing one of the same name.

    Raises
    ------
    DataError
        When h5netcdf is not installed.
    """
    h5netcdf = _library(path)
    with h5netcdf.File(path, "w") as file:
        file.attrs["network_name"] = network.name
        file.attrs["network__multi_invest"] = int(bool(network.periods))
        _write_snapshots(network, file)
        for kind, parts in network.static.items():
            _write_static(file, kind, parts)
        for kind, table in network.series.items():
            for attribute, columns in table.items():
                name = f"{kind}_t_{attribute}"
                _strings(file, f"{name}_i", f"{name}_i", list(columns))
                values = np.array(list(columns.values())).T
                file.create_variable(name, ("snapshots", f"{name}_i"), float, data=values)


def _library(path: Path) -> Any:
    """Return h5netcdf."""
    if find_spec("h5netcdf") is None:
        raise DataError([Problem("netcdf_not_installed", path.name)])
    import h5netcdf

    return h5netcdf


def _read(name: str, file: Any) -> Network:
    """Read an open file."""
    variables = file.variables
    if "snapshots" not in file.dimensions:
        raise DataError([Problem("network_no_snapshots", name, value="snapshots")])
    periods = [int(year) for year in variables["investment_periods"][...]] if "investment_periods" in variables else []
    steps = file.dimensions["snapshots"].size // max(len(periods), 1)
    labels = [str(h) for h in range(steps)]
    weightings = {
        key: np.asarray(variables[f"snapshots_{key}"][...], float)[:steps]
        if f"snapshots_{key}" in variables
        else np.ones(steps)
        for key in WEIGHTINGS
    }
    network = Network(name, labels, weightings)
    for at, year in enumerate(periods):
        network.periods[year] = {
            key: float(variables[f"investment_periods_{key}"][at]) for key in ("objective", "years")
        }
    kinds = [key[:-2] for key in variables if key.endswith("_i") and "_t_" not in key]
    for kind in kinds:
        network.static[kind] = {part: {} for part in _texts(variables[f"{kind}_i"])}
    for key, variable in variables.items():
        kind = next((k for k in sorted(kinds, key=len, reverse=True) if key.startswith(f"{k}_")), "")
        if not kind or key.endswith("_i"):
            continue
        attribute = key[len(kind) + 1 :]
        if attribute.startswith("t_"):
            values = np.asarray(variable[...], float)
            parts = _texts(variables[f"{key}_i"])
            network.series.setdefault(kind, {})[attribute[2:]] = {p: values[:, at] for at, p in enumerate(parts)}
        else:
            for part, value in zip(network.static[kind], _cells(variable), strict=True):
                if value != "":
                    network.static[kind][part][attribute] = value
    return network


def _texts(variable: Any) -> list[str]:
    """Return a variable as text."""
    return [value.decode() if isinstance(value, bytes) else str(value) for value in variable[...]]


def _cells(variable: Any) -> list[Cell]:
    """Return a variable as text, numbers, or true and false."""
    if str(variable.attrs.get("dtype", "")) == "bool":
        return [bool(value) for value in variable[...]]
    values = np.asarray(variable[...])
    if values.dtype.kind in "OSU":
        return list(_texts(variable))
    return [bool(v) for v in values] if values.dtype.kind == "b" else [float(v) for v in values]


def _write_snapshots(network: Network, file: Any) -> None:
    """Write the snapshots and their weightings."""
    steps, years = len(network.snapshots), list(network.periods)
    total = steps * max(len(years), 1)
    file.dimensions["snapshots"] = total
    file.create_variable("snapshots", ("snapshots",), np.int64, data=np.arange(total))
    if years:
        file.create_variable("snapshots_period", ("snapshots",), np.int64, data=np.repeat(years, steps))
        file.create_variable("snapshots_timestep", ("snapshots",), np.int64, data=np.tile(np.arange(steps), len(years)))
        file.dimensions["investment_periods"] = len(years)
        file.create_variable("investment_periods", ("investment_periods",), np.int64, data=np.array(years))
        for key in ("objective", "years"):
            given = np.array([weights[key] for weights in network.periods.values()])
            file.create_variable(f"investment_periods_{key}", ("investment_periods",), float, data=given)
    else:
        file.create_variable("snapshots_snapshot", ("snapshots",), np.int64, data=np.arange(total))
    for key in WEIGHTINGS:
        values = np.tile(network.weightings[key], max(len(years), 1))
        file.create_variable(f"snapshots_{key}", ("snapshots",), float, data=values)


def _write_static(file: Any, kind: str, parts: dict[str, dict[str, Cell]]) -> None:
    """Write the attributes of a list of components; a number that some of them do not say is left to its default as not-a-number."""
    _strings(file, f"{kind}_i", f"{kind}_i", list(parts))
    for attribute in dict.fromkeys(key for row in parts.values() for key in row):
        cells = [row.get(attribute) for row in parts.values()]
        name, given = f"{kind}_{attribute}", next(cell for cell in cells if cell is not None)
        if isinstance(given, bool):
            variable = file.create_variable(
                name, (f"{kind}_i",), np.int8, data=np.array([bool(c) for c in cells], np.int8)
            )
            variable.attrs["dtype"] = "bool"
        elif isinstance(given, str):
            _strings(file, name, f"{kind}_i", ["" if c is None else str(c) for c in cells])
        else:
            fallback = _default(kind, attribute)
            values = np.array([fallback if c is None else float(c) for c in cells])
            file.create_variable(name, (f"{kind}_i",), float, data=values)


def _default(kind: str, attribute: str) -> float:
    """Return what an attribute is where it is not said."""
    if (kind, attribute) == ("storage_units", "p_min_pu"):
        return -1.0
    value = DEFAULTS.get(attribute, np.nan)
    return float(value) if not isinstance(value, str) else np.nan


def _strings(file: Any, name: str, dimension: str, values: list[str]) -> None:
    """Write text along a dimension, which is made when it is not there."""
    import h5py

    if dimension not in file.dimensions:
        file.dimensions[dimension] = len(values)
    file.create_variable(name, (dimension,), h5py.string_dtype(), data=np.array(values, object))
