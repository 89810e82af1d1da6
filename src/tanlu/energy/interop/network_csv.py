"""A PyPSA network as a folder of CSV files."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.energy.interop.network import WEIGHTINGS, Cell, Network
from tanlu.energy.problem import Floats

_FRAME: Final = frozenset({"network", "snapshots", "investment_periods", "crs", "meta", "scenarios"})
_TEXT: Final = frozenset(
    {"name", "bus", "carrier", "type", "control", "unit", "sense", "carrier_attribute", "location", "color", "nice_name", "bus_carrier"}
)  # fmt: skip


def read_csv_folder(path: Path) -> Network:
    """Read a folder of CSV files.

    Raises
    ------
    DataError
        With every cell that should be a number and is none, every series of another length, and when there are no snapshots.
    """
    problems: list[Problem] = []
    if not (path / "snapshots.csv").is_file():
        raise DataError([Problem("network_no_snapshots", path.name, value="snapshots.csv")])
    header, rows = _table(path / "snapshots.csv")
    network = Network(path.name, _labels(header, rows), _weightings(header, rows, problems))
    if (path / "investment_periods.csv").is_file():
        head, lines = _table(path / "investment_periods.csv")
        network.periods = {
            int(float(line[0])): {
                key: _number(value, "investment_periods.csv", key, row, problems)
                for key, value in zip(head[1:], line[1:], strict=True)
            }
            for row, line in enumerate(lines, 2)
        }
    for file in sorted(path.glob("*.csv")):
        kind, _, attribute = file.stem.partition("-")
        if kind not in _FRAME:
            (_read_series if attribute else _read_static)(network, file, kind, attribute, problems)
    if problems:
        raise DataError(problems)
    return network


def write_csv_folder(network: Network, path: Path) -> None:
    """Write a folder of CSV files; files of the same name are replaced."""
    path.mkdir(parents=True, exist_ok=True)
    _write(path / "network.csv", ["name", "_multi_invest"], [[network.name, int(bool(network.periods))]])
    steps = [
        [label, *(float(network.weightings[key][h]) for key in WEIGHTINGS)] for h, label in enumerate(network.snapshots)
    ]
    if network.periods:
        rows = [[year, *step] for year in network.periods for step in steps]
        numbered = [[at, *row] for at, row in enumerate(rows)]
        _write(path / "snapshots.csv", ["", "period", "timestep", *WEIGHTINGS], numbered)
        years = [[year, weights["objective"], weights["years"]] for year, weights in network.periods.items()]
        _write(path / "investment_periods.csv", ["period", "objective", "years"], years)
    else:
        _write(path / "snapshots.csv", ["snapshot", *WEIGHTINGS], steps)
    for kind, parts in network.static.items():
        attributes = list(dict.fromkeys(key for row in parts.values() for key in row))
        lines = [[name, *(row.get(key, "") for key in attributes)] for name, row in parts.items()]
        _write(path / f"{kind}.csv", ["name", *attributes], lines)
    for kind, table in network.series.items():
        for attribute, columns in table.items():
            values = np.array(list(columns.values())).T.tolist()
            body = [[at, *row] for at, row in enumerate(values)]
            _write(path / f"{kind}-{attribute}.csv", ["snapshot", *columns], body)


def _table(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a file."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.reader(stream) if row]
    return (rows[0], rows[1:]) if rows else ([], [])


def _write(file: Path, header: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def _labels(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the labels of the snapshots; with investment periods those of the first of them."""
    if "period" in header:
        period, step = header.index("period"), header.index("timestep")
        return [row[step] for row in rows if row[period] == rows[0][period]]
    at = header.index("snapshot") if "snapshot" in header else 0
    return [row[at] for row in rows]


def _weightings(header: list[str], rows: list[list[str]], problems: list[Problem]) -> dict[str, Floats]:
    """Return the weightings of the snapshots, 1 where they are not given."""
    steps = len(_labels(header, rows))
    result = {}
    for key in WEIGHTINGS:
        name = key if key in header else "weightings" if "weightings" in header else ""
        values = [1.0] * steps
        if name:
            at = header.index(name)
            values = [
                _number(row[at], "snapshots.csv", name, line, problems) for line, row in enumerate(rows[:steps], 2)
            ]
        result[key] = np.array(values)
    return result


def _number(value: str, file: str, field: str, row: int, problems: list[Problem]) -> float:
    """Return a number, or note that it is none."""
    try:
        return float(value)
    except ValueError:
        problems.append(Problem("network_not_number", file, row, field, value))
        return 0.0


def _read_static(network: Network, file: Path, kind: str, _: str, problems: list[Problem]) -> None:
    """Read the attributes of a list of components."""
    header, rows = _table(file)
    parts = network.static.setdefault(kind, {})
    for line, row in enumerate(rows, 2):
        cells: dict[str, Cell] = {}
        for key, value in zip(header[1:], row[1:], strict=False):
            if value == "":
                continue
            if key in _TEXT or re.fullmatch(r"bus\d*", key):
                cells[key] = value
            elif value.lower() in {"true", "false"}:
                cells[key] = value.lower() == "true"
            elif key in _NUMBERS or _is_number(value):
                cells[key] = _number(value, file.name, key, line, problems)
            else:
                cells[key] = value
        parts[row[0]] = cells


_NUMBERS: Final = frozenset(
    {
        "p_nom", "p_nom_min", "p_nom_max", "p_min_pu", "p_max_pu", "marginal_cost", "capital_cost", "efficiency", "p_set", "e_nom",
        "max_hours", "standing_loss", "constant", "co2_emissions", "s_nom", "inflow", "lifetime",
    }
)  # fmt: skip


def _is_number(value: str) -> bool:
    """Tell whether a cell reads as a number."""
    return (
        re.fullmatch(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|nan)", value, re.IGNORECASE) is not None
    )


def _read_series(network: Network, file: Path, kind: str, attribute: str, problems: list[Problem]) -> None:
    """Read what varies over the snapshots of all periods of a list of components."""
    header, rows = _table(file)
    first = 2 if header[:2] == ["period", "timestep"] else 1
    expected = len(network.snapshots) * max(len(network.periods), 1)
    if len(rows) != expected:
        problems.append(
            Problem("network_series_length", file.name, value=str(len(rows)), details={"expected": expected})
        )
        return
    columns = network.series.setdefault(kind, {}).setdefault(attribute, {})
    for at, name in enumerate(header[first:], first):
        columns[name] = np.array(
            [_number(row[at], file.name, name, line, problems) for line, row in enumerate(rows, 2)]
        )
