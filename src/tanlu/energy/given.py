"""Capacities that are given instead of decided: what stands, or what an earlier study found."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.energy.components import Expandable, Store
from tanlu.energy.model import KILO
from tanlu.energy.problem import Floats
from tanlu.energy.results import SUMMARY, is_study
from tanlu.energy.system import System

CAPACITIES: Final = "capacities.csv"
_BLOCKS: Final = {"power": ".capacity", "rate": ".capacity", "energy": ".energy.capacity"}


def standing_capacities(system: System, year: int) -> dict[str, Floats]:
    """Return what stands in a year without building, by block, (1,) [GW or GWh]."""
    found: dict[str, Floats] = {}
    for component in system.components:
        if isinstance(component, Expandable):
            found[f"{component.name}.capacity"] = component.standing([year]) * KILO
            if isinstance(component, Store) and component.hours is None:
                found[f"{component.name}.energy.capacity"] = component.energy_standing((year,)) * KILO
    return found


def study_nodes(folder: Path) -> int:
    """Return the number of nodes of an earlier study.

    Raises
    ------
    DataError
        When the folder holds no study.
    """
    if not is_study(folder):
        raise DataError([Problem("energy_no_study", str(folder), value=str(folder))])
    return int(json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["nodes"])


def study_capacities(folder: Path, system: System, year: int) -> dict[str, Floats]:
    """Return the capacities of an earlier study in a year, by block, (1,) [GW or GWh]; what it does not name stands as it stands.

    Raises
    ------
    DataError
        When the folder holds no study, the study not this year, or components that the system does not have.
    """
    study_nodes(folder)
    with (folder / CAPACITIES).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    years = sorted({int(row["period"]) for row in rows})
    if year not in years:
        details = {"refers_to": CAPACITIES, "some": ", ".join(map(str, years))}
        raise DataError([Problem("unknown_choice", str(folder), field="--year", value=str(year), details=details)])
    known = {component.name for component in system.components}
    strange = sorted({row["component"] for row in rows} - known)
    if strange:
        details = {"count": str(len(strange)), "system": system.name}
        raise DataError([Problem("energy_other_system", str(folder), value=strange[0], details=details)])
    found = standing_capacities(system, year)
    for row in rows:
        if int(row["period"]) == year:
            found[row["component"] + _BLOCKS[row["kind"]]] = np.array([float(row["capacity"]) * KILO])
    return found
