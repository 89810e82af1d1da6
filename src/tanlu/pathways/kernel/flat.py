"""The tables as the loops read them, in few arrays: the time of the compiler grows with their number."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from tanlu.pathways.kernel.places import PLANT
from tanlu.pathways.tables import Floats, Ints, Program, Tables

_FIXED: Final = (
    "floor", "ratio_electricity", "ratio_hydrogen", "ratio_gas", "process_shifted", "process_fuel", "residual", "process",
    "maturity_level",
)  # fmt: skip
"""Constants of the sectors, in the order of their places; ``user`` and the others follow them."""
_YEARLY: Final = (
    "elasticity_fuel",
    "elasticity_electricity",
    "maturity_decay",
    "drive_fuel",
    "drive_power",
    "electric_limit",
)
_AGES: Final = ("survival", "survival_base", "need_base", "survival_power", "survival_power_base", "need_power_base")


class Flat(NamedTuple):
    """What does not change between draws; places within are those of `tanlu.pathways.kernel.places`."""

    fixed: Floats  # [part · S]
    yearly: Floats  # [T, part · S]
    ages: Floats  # [T, part · S] survivors
    plant: Floats  # power, heat, imports, land and the drivers of the base year
    follows: Floats  # [S, fossil]
    growth: Floats  # [T, 3] GDP, population, saturation of the sink
    base: Floats  # [T, K] controls of the reference


class Steps(NamedTuple):
    """How lever values move controls, by entry."""

    lever: Ints
    row: Ints
    op: Ints
    default: Floats
    schedule: Floats  # [T, M]


def flat_tables(q: Tables) -> Flat:
    """Return the tables in few arrays."""
    user = (q.follows.sum(axis=1) == 0.0).astype(float)
    fixed = [getattr(q, name) for name in _FIXED]
    fixed += [user, q.retrofit, q.new, q.new_power, q.final.T.ravel(), q.factor.T.ravel()]
    plant = [float(getattr(q, name)) for name in PLANT]
    return Flat(
        np.concatenate(fixed),
        np.concatenate([getattr(q, name) for name in _YEARLY], axis=1),
        np.concatenate([getattr(q, name) for name in _AGES], axis=1),
        np.concatenate([plant, q.hours, q.build, q.generation]),
        np.ascontiguousarray(q.follows),
        np.column_stack([q.gdp_growth, q.population_growth, q.sink_decay]),
        np.ascontiguousarray(q.controls.T),
    )


def steps(p: Program) -> Steps:
    """Return a program with its schedules by year."""
    return Steps(p.lever, p.row, p.op, p.default, np.ascontiguousarray(p.schedule.T))
