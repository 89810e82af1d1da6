"""The engine: one pure function from lever vectors and draws to arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tanlu.pathways.dimensions import CARRIERS, DEMAND, GENERATORS
from tanlu.pathways.tables import Floats, Ints, Program, Result, Tables, empty_result

Implementation = Literal["kernel", "reference"]


@dataclass(frozen=True)
class Parameters:
    """All that a run needs besides lever values and draws: the tables, the lever program and the years."""

    years: Ints
    tables: Tables
    program: Program
    defaults: Floats
    """[L] lever values of the reference run."""
    central: Floats
    """[U] central values of the uncertain quantities."""


NO_LEVERS = Program(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros((0, 1)))


def run(
    parameters: Parameters,
    levers: Floats | None = None,
    draws: Floats | None = None,
    weather: Floats | None = None,
    *,
    detail: bool = True,
    implementation: Implementation = "kernel",
    threads: bool = False,
) -> Result:
    """Run the pathway model.

    Parameters
    ----------
    parameters : Parameters
    levers : [n, L] or [L], optional
        Lever values, in the units and order of the levers; without them the reference controls are used and no lever acts.
    draws : [n, U] or [U], optional
        Uncertain quantities; their central values if absent.
    weather : [n, T] or [T], optional
        Hydro output of each year over its mean; mean years if absent. The base year is always as it was.
    detail : bool
        Whether final energy by sector and carrier is kept (the largest array).
    implementation : {"kernel", "reference"}
        The compiled kernel or the plain-numpy definition.
    threads : bool
        Whether the kernel may use all threads; results are the same.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    program = NO_LEVERS if levers is None else parameters.program
    levers = np.atleast_2d(parameters.defaults if levers is None else np.ascontiguousarray(levers, float))
    draws = np.atleast_2d(parameters.central if draws is None else np.ascontiguousarray(draws, float))
    n = max(len(levers), len(draws))
    if (
        levers.shape[1] != len(parameters.defaults)
        or draws.shape[1] != len(parameters.central)
        or {len(levers), len(draws)} - {1, n}
    ):
        raise ValueError(
            f"levers {levers.shape} and draws {draws.shape} do not fit {len(parameters.defaults)} levers, {len(parameters.central)} draws"
        )
    wet = np.ones(len(parameters.years)) if weather is None else np.asarray(weather, float)
    levers = np.ascontiguousarray(np.broadcast_to(levers, (n, levers.shape[1])))
    draws = np.concatenate(
        [np.broadcast_to(draws, (n, draws.shape[1])), np.broadcast_to(wet, (n, len(parameters.years)))], axis=1
    )
    if implementation == "reference":
        from tanlu.pathways import reference

        return reference.simulate(parameters.tables, program, parameters.years, levers, draws, detail=detail)
    from tanlu.pathways import kernel

    result = empty_result(parameters.years, n, len(DEMAND), len(CARRIERS), len(GENERATORS), detail=detail)
    call = kernel.parallel if threads else kernel.serial
    call(
        parameters.tables, program, levers, draws, result.energy, result.process, result.captured, result.generation,
        result.capacity, result.indicators, result.activity, result.final,
    )  # fmt: skip
    return result


def warm_up(parameters: Parameters) -> None:
    """Compile the kernel, or load it from the cache, so that the first user does not wait."""
    run(parameters, parameters.defaults)
