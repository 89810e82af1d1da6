"""One call from a run to all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np

from tanlu.core.gases import gwp_set
from tanlu.core.provenance import Grade
from tanlu.pathways.costs.model import Costs
from tanlu.pathways.effects.tables import EffectTables
from tanlu.pathways.engine import Implementation
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints, Result

DEFAULT_GWP: Final = "AR5"


@dataclass(frozen=True)
class Effects:
    """What follows from n runs over T years.

    Attributes
    ----------
    years : [T]
    masses : [n, T, row] kt
        Other gases by `tanlu.pathways.noncarbon.ROWS`.
    costs : Costs
        10^9 CNY of the price year, by actor and component, and transfers.
    pollutants : [n, T, place, 3] kt
        SO2, NOx and PM2.5 of burning fuels by demand sector, power and heat last.
    jobs : [n, T, 4] 10^3
        Direct jobs by `tanlu.pathways.coeffects.JOB_GROUPS`.
    built : [n, T, plant] GW
        Capacity built in the year, replacement included.
    grades : dict
        Weakest grade behind a source of other gases, the costs, the jobs, the pollutants.
    price_year : int
    """

    years: Ints
    masses: Floats
    costs: Costs
    pollutants: Floats
    jobs: Floats
    built: Floats
    grades: dict[str, Grade]
    price_year: int
    rate: float
    """Real discount rate of the capital charges [1/yr]."""
    firm_margin: float
    """Firm capacity over the highest load, less 1, as in the base year; coal plants are built to keep it."""

    def co2e(self, gwp: str = DEFAULT_GWP) -> Floats:
        """Return other gases as CO2-equivalents of a named set, [n, T, row] Mt."""
        weights = gwp_set(gwp)
        return self.masses * (np.array([weights[row.gas] for row in ROWS]) / 1000.0)

    def to_pandas(self, gwp: str = DEFAULT_GWP) -> Any:
        """Return a long table as a pandas.DataFrame: draw, year, group, item, part, value, unit, grade.

        Raises
        ------
        ModuleNotFoundError
            If pandas is not installed: tanlu itself does without.
        """
        from tanlu.pathways.effects.frame import columns

        pandas: Any = import_module("pandas")
        return pandas.DataFrame(columns(self, gwp))

    def _repr_html_(self) -> str:
        """Return the cost of the year by actor for notebooks, central run."""
        from tanlu.pathways.costs.declared import ACTORS
        from tanlu.pathways.tabular import long_table, table_html

        axes = {"year": self.years.tolist(), "actor": list(ACTORS)}
        unit = f"10^9 CNY ({self.price_year})"
        return table_html(long_table(axes, self.costs.yearly[0], "cost", unit=unit), "Effects")


def effects(
    result: Result,
    tables: EffectTables,
    levers: Floats | None = None,
    own_levers: Floats | None = None,
    *,
    implementation: Implementation = "ready",
) -> Effects:
    """Return what follows from a run.

    Parameters
    ----------
    result : Result
        With final energy (``detail=True``).
    tables : EffectTables
        Of the parameters of the run.
    levers : [n, L] or [L], optional
        Lever values of the run; the defaults if absent.
    own_levers : [n, X] or [X], optional
        Values of the levers of other gases; their defaults if absent.
    implementation : {"ready", "kernel", "reference"}
        The one that is ready, the compiled pass, or the plain-numpy definition; see `tanlu.pathways.engine.run`.

    Raises
    ------
    ValueError
        If the result has no final energy or is of other years, or the numbers of runs and settings do not fit.
    """
    engine, own = _controls(result, tables, levers, own_levers)
    if implementation == "ready":
        implementation = _ready()
    if implementation == "reference":
        from tanlu.pathways.effects import reference

        found = reference.follow(tables, engine, own, result)
    else:
        from tanlu.pathways.effects import kernel

        found = kernel.follow(tables.flat, engine, own, result)
    masses, pollutants, values, transfers, jobs, built = found
    costs = Costs(values, transfers)
    grades = dict(tables.grades)
    return Effects(
        result.years, masses, costs, pollutants, jobs, built, grades, tables.price_year, tables.costs.rate, tables.costs.margin
    )  # fmt: skip


def _ready() -> Implementation:
    from tanlu.pathways import machine_code
    from tanlu.pathways.effects import kernel

    if machine_code.at_hand(kernel.whole):
        return "kernel"
    machine_code.compile_apart()
    return "reference"


def yearly_costs(
    result: Result,
    tables: EffectTables,
    levers: Floats | None = None,
    own_levers: Floats | None = None,
    *,
    implementation: Implementation = "ready",
) -> Floats:
    """Return the cost of the year of all actors together, [n, T] 10^9 CNY, without the other effects; see `effects`.

    Raises
    ------
    ValueError
        As `effects`.
    """
    engine, own = _controls(result, tables, levers, own_levers)
    if implementation == "ready":
        implementation = _ready()
    if implementation == "reference":
        from tanlu.pathways.effects import reference

        values = reference.follow_costs(tables, engine, result)
    else:
        from tanlu.pathways.effects import kernel

        values = kernel.follow_costs(tables.flat, engine, own, result)
    return Costs(values, np.zeros((0,))).total


def _controls(
    result: Result, tables: EffectTables, levers: Floats | None, own_levers: Floats | None
) -> tuple[Floats, Floats]:
    """Check a run against the tables; return the controls of the engine that effects need, and those of other gases."""
    if len(result.final) != len(result.energy):
        raise ValueError("effects need the final energy of the run: run(…, detail=True)")
    if len(result.years) != len(tables.years) or result.years[0] != tables.years[0]:
        raise ValueError(f"the run starts in {result.years[0]}, the tables in {tables.years[0]}")
    engine = tables.engine.paths(None if levers is None else np.atleast_2d(np.asarray(levers, float)))
    own = tables.own.paths(None if own_levers is None else np.atleast_2d(np.asarray(own_levers, float)))
    if {len(engine), len(own)} - {1, len(result.final)}:
        raise ValueError(f"{len(engine)} settings of levers and {len(own)} of other gases for {len(result.final)} runs")
    return engine, own
