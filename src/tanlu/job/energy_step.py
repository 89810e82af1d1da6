"""The energy step: the system of the province with the demands of the reference pathway, solved and frozen beside the other results."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Literal

from tanlu.core.errors import Notice
from tanlu.pathways import Scenario
from tanlu.pathways.dimensions import CARRIERS, DEMAND

if TYPE_CHECKING:
    from tanlu.energy.certificate import EnergyResult
    from tanlu.energy.demand import FinalEnergy, LinkedDemands
    from tanlu.energy.system import System

EnergyMode = Literal["none", "one-node", "all-nodes"]
MODES: Final[tuple[EnergyMode, ...]] = ("one-node", "all-nodes", "none")
FOLDER: Final = "energy"
SEGMENTS: Final = {"one-node": 150, "all-nodes": 96}
"""Segments a year: on one node 6 periods take about 4 s of one core."""


@dataclass(frozen=True)
class EnergyStudy:
    """A solved energy system of a run.

    Parameters
    ----------
    folder : Path
        Folder of the system.
    result : EnergyResult
        Its plan over segments; unless its capacities are run hour by hour, it is bounded from below alone.
    link : LinkedDemands or None
        Demands taken from the pathway; None where the system has its own.
    about : dict
        Further entries of ``summary.json``.
    notices : tuple of Notice
        What the user should know.
    """

    folder: Path
    result: EnergyResult
    link: LinkedDemands | None
    about: dict[str, Any]
    notices: tuple[Notice, ...]

    def brief(self) -> dict[str, Any]:
        """Return periods, cost and bound for ``--json``."""
        plan = self.result
        return {
            "system": plan.system.name,
            "periods": list(plan.programme.grid.years),
            "nodes": len(plan.system.nodes),
            "segments": plan.programme.grid.steps,
            "objective": plan.objective,
            "lower": plan.lower,
            "upper": plan.upper if isfinite(plan.upper) else None,
            "gap": plan.gap if isfinite(plan.upper) else None,
            "unit": "10^6 CNY",
            "solver": plan.solution.solver,
            "demand": self.about["link"]["demand"],
        }


def energy_folder(province: Path) -> Path | None:
    """Return the folder of the energy system of a province; None where it has none."""
    from tanlu.energy.reading.report import SYSTEM_FILE

    folder = province / FOLDER
    return folder if (folder / SYSTEM_FILE).is_file() else None


def final_energy(scenario: Scenario) -> FinalEnergy:
    """Return the final energy of the central run of a scenario."""
    from tanlu.energy.demand import FinalEnergy

    central = scenario.central
    return FinalEnergy(scenario.name, tuple(map(int, central.years)), DEMAND, CARRIERS, central.final[0])


def read_study(province: Path) -> System | None:
    """Read the energy system of a province, so that what is wrong in it is told before anything is computed.

    Raises
    ------
    DataError
        With everything that is wrong in its folder.
    """
    from tanlu.energy.reading import read_system

    folder = energy_folder(province)
    return None if folder is None else read_system(folder)


def solve_study(
    system: System, folder: Path, scenario: Scenario, mode: EnergyMode, certify: bool = False
) -> EnergyStudy | Notice:
    """Solve the system with the demands of a scenario.

    Parameters
    ----------
    system : System
        The system of the province.
    folder : Path
        Its folder.
    scenario : Scenario
        Whose final energy gives the demands.
    mode : EnergyMode
        ``one-node`` or ``all-nodes``.
    certify : bool
        Whether the capacities are run over every hour, which bounds the cost from above: some seconds a period on one node, minutes on all.

    Returns
    -------
    EnergyStudy or Notice
        A notice where there is no plan; the run goes on without.

    Raises
    ------
    DataError
        When the link to the pathways is not sound.
    """
    from tanlu.energy.certificate import NoPlanError, solve
    from tanlu.energy.demand import linked_demands

    start = perf_counter()
    link = linked_demands(system, folder, final_energy(scenario))
    asked = system if link is None else link.system
    chosen = asked.aggregate() if mode == "one-node" else asked
    notices = [] if link else [Notice("energy_own_demands", FOLDER)]
    try:
        result = solve(chosen, chosen.grid(), SEGMENTS[mode], certify=certify)
    except NoPlanError as error:
        return Notice("energy_no_plan", FOLDER, {"status": error.solution.status.value, "province": folder.parent.name})
    about = {
        "scenario": scenario.name,
        "mode": mode,
        "link": {"demand": "own"} if link is None else {"demand": "pathways", **link.record()},
        "seconds_in_run": round(perf_counter() - start, 3),
    }
    return EnergyStudy(folder, result, link, about, tuple(notices))


def write_study(study: EnergyStudy, scenario: Scenario, run: Path) -> None:
    """Write the study, and its comparison with the pathway, into the folder of a run."""
    from tanlu.energy.results import write_results
    from tanlu.job.energy_compare import comparison, write_comparison

    write_results(study.result, run / FOLDER, about=study.about)
    write_comparison(run / FOLDER / "comparison.csv", comparison(study, scenario))
