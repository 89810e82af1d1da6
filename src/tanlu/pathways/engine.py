"""The engine: one pure function from lever vectors and draws to arrays."""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from tanlu.pathways.dimensions import CARRIERS, DEMAND, GENERATORS
from tanlu.pathways.tables import Floats, Ints, Program, Result, Tables, empty_result, joined

if TYPE_CHECKING:
    from tanlu.pathways.kernel import Flat, Held, Steps

Implementation = Literal["ready", "kernel", "reference"]
CAP = 2
"""Code of the op ``cap`` in a program."""
LEAST = 64
"""Draws that are worth a thread of their own."""
MEANWHILE: Final = 512
"""Draws of the definition between two looks at whether the kernel is ready: less than a second."""


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

    @cached_property
    def flat(self) -> Flat:
        """The tables as the compiled kernel reads them."""
        from tanlu.pathways import kernel

        return kernel.flat_tables(self.tables)

    @cached_property
    def steps(self) -> Steps:
        """The program as the compiled kernel reads it."""
        from tanlu.pathways import kernel

        return kernel.steps(self.program)

    @cached_property
    def held(self) -> Held:
        """What can ever be in service, as the compiled kernel follows it; the same with and without levers, for equal sums."""
        from tanlu.pathways import kernel

        return kernel.held(self.tables, self.program)

    def __reduce__(self) -> tuple[type[Parameters], tuple[object, ...]]:
        """Leave behind what the kernel reads: who receives a scenario would load the compiler to unpack it, and can make it himself."""
        return type(self), tuple(getattr(self, f.name) for f in fields(self))


def run(
    parameters: Parameters,
    levers: Floats | None = None,
    draws: Floats | None = None,
    weather: Floats | None = None,
    *,
    detail: bool = True,
    parts: bool = True,
    implementation: Implementation = "ready",
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
        Whether final energy by sector and carrier, and stocks, sales and early retirement by technology are kept (the largest arrays).
    parts : bool
        Whether emissions by emitter, generation, capacities and services are kept; without them and without detail a run of many draws
        keeps only indicators and the CO2 of all emitters, which is what a fan is made of.
    implementation : {"ready", "kernel", "reference"}
        The one that is ready: the compiled kernel, or the plain-numpy definition as long as another process has yet to compile it; the
        kernel, even if the call has to wait for the compiler; or the definition.
    threads : bool
        Whether the kernel may use all threads; results are the same.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    program = _caps(parameters.program) if levers is None else parameters.program
    levers, draws = _rows(parameters, levers, draws, weather)
    if implementation == "reference":
        return _define(parameters, program, levers, draws, detail=detail, parts=parts)
    waiting, done = [], 0
    while implementation == "ready" and done < len(levers) and ready() == "reference":
        part = slice(done, done + MEANWHILE)
        waiting.append(_define(parameters, program, levers[part], draws[part], detail=detail, parts=parts))
        done += len(levers[part])
    if done < len(levers):
        waiting.append(_compute(parameters, program, levers[done:], draws[done:], detail, parts, threads))
    return waiting[0] if len(waiting) == 1 else joined(waiting)


def _define(
    parameters: Parameters, program: Program, levers: Floats, draws: Floats, *, detail: bool, parts: bool
) -> Result:
    """Run the draws by the definition."""
    from tanlu.pathways import reference

    result = reference.simulate(parameters.tables, program, parameters.years, levers, draws, detail=detail)
    return result if parts or detail else result.summed()


def _compute(
    parameters: Parameters, program: Program, levers: Floats, draws: Floats, detail: bool, parts: bool, threads: bool
) -> Result:
    """Run the draws by the kernel."""
    from tanlu.pathways import kernel

    moves = parameters.steps if program is parameters.program else kernel.steps(program)
    result = empty_result(
        parameters.years, len(levers), len(DEMAND), len(CARRIERS), len(GENERATORS), detail=detail, parts=parts
    )
    arrays = (
        levers, draws, result.energy, result.process, result.captured, result.generation, result.capacity, result.indicators,
        result.activity, result.emitted, result.final, result.stock, result.sales, result.retired, result.intensity, result.autonomous,
    )  # fmt: skip
    count = (os.cpu_count() or 1) if threads else 1
    cuts = np.linspace(0, len(levers), min(count, max(1, len(levers) // LEAST)) + 1).astype(int).tolist()

    def call(span: tuple[int, int]) -> None:
        space = kernel.scratch(parameters.flat, moves)
        kernel.simulate(*parameters.flat, *moves, *parameters.held, *(array[slice(*span)] for array in arrays), *space)

    if len(cuts) == 2:
        call((0, len(levers)))
    else:
        with ThreadPoolExecutor(len(cuts) - 1) as pool:
            list(pool.map(call, itertools.pairwise(cuts)))
    return result


def _caps(program: Program) -> Program:
    """Return the entries of a program that limit: the tables hold all other levers at their defaults already."""
    chosen = program.op == CAP
    return Program(*(np.ascontiguousarray(part[chosen]) for part in program))


def _rows(
    parameters: Parameters, levers: Floats | None, draws: Floats | None, weather: Floats | None
) -> tuple[Floats, Floats]:
    """Return lever values [n, L] and draws with the weather behind them [n, U + T]."""
    levers = np.atleast_2d(parameters.defaults if levers is None else np.asarray(levers, float))
    draws = np.atleast_2d(parameters.central if draws is None else np.asarray(draws, float))
    wet = np.atleast_2d(np.ones(len(parameters.years)) if weather is None else np.asarray(weather, float))
    n = max(len(levers), len(draws), len(wet))
    wanted = (len(parameters.defaults), len(parameters.central), len(parameters.years))
    if tuple(x.shape[1] for x in (levers, draws, wet)) != wanted or {len(levers), len(draws), len(wet)} - {1, n}:
        found = f"levers {levers.shape}, draws {draws.shape} and weather {wet.shape}"
        raise ValueError(f"{found} do not fit {wanted[0]} levers, {wanted[1]} draws, {wanted[2]} years")
    draws, wet = (np.broadcast_to(x, (n, x.shape[1])) for x in (draws, wet))
    # a copy, since numba would compile the kernel once more for an array that cannot be written to
    return (
        np.array(np.broadcast_to(levers, (n, levers.shape[1])), order="C"),
        np.ascontiguousarray(np.concatenate([draws, wet], axis=1)),
    )


def ready() -> Implementation:
    """Return the kernel if its machine code is at hand; else the plain definition, while another process compiles."""
    from tanlu.pathways import kernel, machine_code

    if machine_code.at_hand(kernel.simulate):
        return "kernel"
    machine_code.compile_apart()
    return "reference"


def warm_up(parameters: Parameters) -> None:
    """Compile the kernel, or load it from the cache, so that the first user does not wait."""
    run(parameters, parameters.defaults, implementation="kernel")
