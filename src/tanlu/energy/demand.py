r"""Demands of a system taken from a pathway model: the amounts of the years are the model's, places and hours are the system's own.

A folder of a system may hold ``link/demands.csv``, which says what of the final energy of the pathways each demand stands for. With the
final energy :math:`F_{s,c,y}` of sector s and carrier c, a demand technology i asks for

.. math:: D_{i,y} = \max\left(0,\; \sum_{(s,c)} f_{i,s,c} F_{s,c,y} + \sum_j f_{i,j} D_{j,y} + k_i\right)

and all components of the technology are scaled by the same ratio of :math:`D_{i,y}` to the sum of their own amounts in that year, so that
the split over places and the hourly shape stay as they are. A technology that the table does not name, and a year that the pathways
do not reach, keep the system's own amounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.core.tables import Column, Table, read_table
from tanlu.energy.components import Component, Demand, Fleet
from tanlu.energy.parameters import at_years
from tanlu.energy.problem import Floats
from tanlu.energy.provenance import Origin
from tanlu.energy.system import System

FOLDER: Final = "link"
DEMANDS_FILE: Final = f"{FOLDER}/demands.csv"
ALL: Final = "all"
"""Instead of a sector: the sum over all."""
OTHER: Final = "demand"
"""Instead of a sector: the carrier names another demand technology."""
PATHWAYS: Final = "tanlu-pathways"
"""Source of amounts that were taken from the pathways."""
_MWH_PER_PJ: Final = 1e6 / 3.6
_MWH_PER_TWH: Final = 1e6

DEMANDS: Final = (
    Column("technology", note="demand technology of the system"),
    Column("sector", note="sector of the pathways, 'all', or 'demand' for an amount of another technology"),
    Column("carrier", note="carrier of the pathways, or that technology"),
    Column("factor", "number", note="share or efficiency by which it counts [1]"),
    Column("constant", "number", False, note="amount that is added [TWh/a]"),
    Column("source", required=False),
    Column("grade", "grade", False),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True, eq=False)
class FinalEnergy:
    """Final energy of a pathway.

    Parameters
    ----------
    scenario : str
        Name of the pathway.
    years : tuple of int
        T years.
    sectors, carriers : tuple of str
        Names of the S sectors and C carriers.
    values : (T, S, C) array
        Final energy [PJ/a].
    """

    scenario: str
    years: tuple[int, ...]
    sectors: tuple[str, ...]
    carriers: tuple[str, ...]
    values: Floats

    def of(self, sector: str, carrier: str) -> Floats:
        """Return the final energy of a sector, or of all, and a carrier, (T,) [MWh/a]."""
        column = self.values[:, :, self.carriers.index(carrier)]
        amount = column.sum(axis=1) if sector == ALL else column[:, self.sectors.index(sector)]
        return np.asarray(amount * _MWH_PER_PJ)


@dataclass(frozen=True, eq=False)
class LinkedDemands:
    """A system with the demands of a pathway.

    Parameters
    ----------
    system : System
        The system with scaled demands.
    scenario : str
        Name of the pathway.
    asked, own : mapping of str to mapping of int to float
        By technology and year: what the pathway asks for, and what the system had [MWh/a].
    """

    system: System
    scenario: str
    asked: Mapping[str, Mapping[int, float]]
    own: Mapping[str, Mapping[int, float]]

    def record(self) -> dict[str, object]:
        """Return what was scaled, as plain data for ``summary.json``."""
        return {
            "scenario": self.scenario,
            "unit": "MWh/a",
            "demands": {
                technology: {
                    str(year): {"pathway": amount, "own": self.own[technology][year]}
                    for year, amount in by_year.items()
                }
                for technology, by_year in self.asked.items()
            },
        }


def linked_demands(system: System, folder: Path, final: FinalEnergy) -> LinkedDemands | None:
    """Return a system with its demands scaled to a pathway.

    Parameters
    ----------
    system : System
        The system as it was read, with all its nodes.
    folder : Path
        Its folder.
    final : FinalEnergy
        Final energy of the pathway.

    Returns
    -------
    LinkedDemands or None
        None where the folder does not say what demands stand for.

    Raises
    ------
    DataError
        With everything that is wrong in ``link/demands.csv``.
    """
    if not (folder / DEMANDS_FILE).is_file():
        return None
    table = read_table(folder / DEMANDS_FILE, DEMANDS, root=folder)
    problems = [*table.problems, *_unknown(table, system, final)]
    if problems:
        raise DataError(problems)
    years = [year for year in system.periods if year in final.years]
    asked = _amounts(table.rows, final, years)
    own = {technology: _own(system, technology, years) for technology in asked}
    ratios = {
        technology: {y: asked[technology][y] / own[technology][y] for y in years if own[technology][y] > 0}
        for technology in asked
    }
    return LinkedDemands(_scaled(system, ratios, final.scenario), final.scenario, asked, own)


def _unknown(table: Table, system: System, final: FinalEnergy) -> list[Problem]:
    """Return the names in the table that neither the system nor the pathways know."""
    technologies = sorted({c.kind for c in system.components if isinstance(c, Demand | Fleet)})
    problems = []
    before: list[str] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        # an amount of another technology must be known before it is used
        carriers = before if row["sector"] == OTHER else list(final.carriers)
        choices = {"technology": technologies, "sector": [ALL, OTHER, *final.sectors], "carrier": carriers}
        for field, known in choices.items():
            if row[field] not in known:
                details = {"refers_to": field, "some": ", ".join(known) or "–"}
                problems.append(Problem("unknown_choice", table.file, line, field, str(row[field]), details))
        before.append(str(row["technology"]))
    return problems


def _amounts(
    rows: Sequence[Mapping[str, object]], final: FinalEnergy, years: Sequence[int]
) -> dict[str, dict[int, float]]:
    """Return what the pathway asks for by technology and year [MWh/a]; rows are read in their order."""
    at = [final.years.index(year) for year in years]
    sums: dict[str, Floats] = {}
    for row in rows:
        technology, sector, carrier = (str(row[name]) for name in ("technology", "sector", "carrier"))
        amount = np.maximum(sums[carrier], 0.0) if sector == OTHER else final.of(sector, carrier)[at]
        constant = float(str(row["constant"] or 0.0)) * _MWH_PER_TWH
        sums[technology] = sums.get(technology, np.zeros(len(years))) + float(str(row["factor"])) * amount + constant
    return {name: dict(zip(years, np.maximum(amount, 0.0).tolist(), strict=True)) for name, amount in sums.items()}


def _own(system: System, technology: str, years: Sequence[int]) -> dict[int, float]:
    """Return the amounts of a demand technology as the system has them [MWh/a]."""
    total = np.zeros(len(years))
    for component in system.components:
        if component.kind == technology and isinstance(component, Demand | Fleet):
            total += annual_amount(component, years)
    return dict(zip(years, total.tolist(), strict=True))


def annual_amount(component: Demand | Fleet, years: Sequence[int]) -> Floats:
    """Return what a load, or the charging of vehicles without giving back, takes in each year [MWh/a]."""
    if isinstance(component, Demand):
        return at_years(component.annual, years)
    return at_years(component.vehicles, years) * at_years(component.annual_driving, years) / component.efficiency


def _scaled(system: System, ratios: Mapping[str, Mapping[int, float]], scenario: str) -> System:
    """Return the system with scaled demands, whose numbers say where they come from."""
    components: list[Component] = []
    origins = dict(system.provenance.origins)
    for component in system.components:
        ratio = ratios.get(component.kind)
        if not ratio or not isinstance(component, Demand | Fleet):
            components.append(component)
            continue
        name, unit = ("annual", "MWh/a") if isinstance(component, Demand) else ("vehicles", "vehicles")
        own = getattr(component, name)
        years = sorted({*system.periods, *ratio})
        values = {y: float(v) * ratio.get(y, 1.0) for y, v in zip(years, at_years(own, years), strict=True)}
        components.append(replace(component, **{name: values}))  # type: ignore[arg-type]
        origins[component.name, name] = tuple(
            _origin(component.name, name, year, value, unit, scenario)
            for year, value in values.items()
            if year in ratio
        )
    provenance = replace(system.provenance, origins=origins)
    return replace(system, components=tuple(components), provenance=provenance)


def _origin(owner: str, parameter: str, year: int, value: float, unit: str, scenario: str) -> Origin:
    """Return where a scaled amount comes from: a pathway is an assumption about what is to come."""
    return Origin(
        owner, parameter, year, f"{value:.6g}", unit, PATHWAYS, Grade.D,
        f"路径引擎“{scenario}”情景，按系统自身的地区份额分配", f"pathway {scenario!r}, split over places as the system's own",
        DEMANDS_FILE, None,
    )  # fmt: skip
