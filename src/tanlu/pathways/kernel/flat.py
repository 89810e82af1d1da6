"""The tables as the loops read them, in few arrays: the time of the compiler grows with their number."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from tanlu.pathways.kernel.places import BLOCK, NEEDED_BY, PARTS, PLANT, ROW, SHIFT, UNITS_POWER, WIDTH, E, R, S
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
_AGES: Final = (
    ("survival", "survival_power"), ("survival_base", "survival_power_base"), ("need_base", "need_power_base"),
)  # fmt: skip
"""Survivors of equipment that burns fuel, which all technologies share, and of equipment that runs on electricity."""


ADD, SCALE = 0, 1
"""Codes of the ops that add and scale in a program."""


class Flat(NamedTuple):
    """What does not change between draws; places within are those of `tanlu.pathways.kernel.places`."""

    fixed: Floats  # [part · S]
    yearly: Floats  # [T, part · S]
    plant: Floats  # power, heat, imports, land and the drivers of the base year
    follows: Floats  # [S, fossil] over what was used in the base year
    growth: Floats  # [T, 3] GDP, population, saturation of the sink
    base: Floats  # [T, K] controls of the reference


class Steps(NamedTuple):
    """How lever values move controls, by entry; the order of entries of one row is that of the program."""

    lever: Ints
    row: Ints
    op: Ints
    plain: int  # entries that are the first of their row and add; they come first
    default: Floats
    weight: Floats  # [T, M] what the difference of a lever from its default is multiplied by


class Held(NamedTuple):
    """What can ever be in service. Vintages are followed in these columns alone, which saves two fifths of the work in Hunan."""

    columns: Ints  # [H] places in a row of all equipment: what burns fuel, what runs on power, other technologies
    ages: Floats  # [(T + BLOCK − 1) · AGE] survivors


def flat_tables(q: Tables) -> Flat:
    """Return the tables in few arrays."""
    user = (q.follows.sum(axis=1) == 0.0).astype(float)
    fixed = [getattr(q, name) for name in _FIXED]
    # what others used of the fuels of each follower in the base year
    used = q.follows @ (user @ q.final[:, : q.follows.shape[1]])
    fixed += [user, (used > 0.0).astype(float), q.retrofit, q.new, q.new_power, q.final.T.ravel(), q.factor.T.ravel()]
    plant = [float(getattr(q, name)) for name in PLANT]
    return Flat(
        np.concatenate(fixed),
        np.concatenate([getattr(q, name) for name in _YEARLY], axis=1),
        np.concatenate([plant, q.hours, q.build, q.generation]),
        np.divide(q.follows, used[:, None], out=np.zeros_like(q.follows), where=used[:, None] > 0.0),
        np.column_stack([q.gdp_growth, q.population_growth, q.sink_decay]),
        np.ascontiguousarray(q.controls.T),
    )


def steps(p: Program) -> Steps:
    """Return a program with its weights by year.

    To scale by (1 + (v − 1)·s) / (1 + (d − 1)·s) is to add (v − d)·s / (1 + (d − 1)·s) of what there is: a lever at its default d then
    leaves it as it was, to the last bit.
    """
    scaled = np.where(p.op == SCALE, p.default - 1.0, 0.0)[:, None]
    weight = p.schedule / (1.0 + scaled * p.schedule)
    first = np.zeros(len(p.row), bool)
    first[np.unique(p.row, return_index=True)[1]] = True
    first &= p.op == ADD
    order = np.argsort(~first, kind="stable")
    return Steps(
        p.lever[order], p.row[order], p.op[order], int(first.sum()), p.default[order], np.ascontiguousarray(weight[order].T)
    )  # fmt: skip


def held(q: Tables, p: Program) -> Held:
    """Return the columns of equipment that can be in service, filled up with idle ones to whole blocks, and their survivors.

    Fossil equipment and what runs on power are always there; another technology needs a control that is not zero, or a lever that moves it.
    """
    rows = np.arange(SHIFT, SHIFT + (R - 1) * S)
    used = np.isin(rows, p.row) | (q.controls[rows] != 0.0).any(axis=1)
    others = np.flatnonzero(used)
    others = np.append(others, np.flatnonzero(~used)[: -len(others) % WIDTH])
    columns = np.concatenate([np.arange(S), np.arange(UNITS_POWER, NEEDED_BY), S + others])
    return Held(columns, _ages(q, columns))


def scratch(q: Flat, p: Steps) -> tuple[Floats, ...]:
    """Return the arrays that a call of the kernel works in; equipment that no column holds stays at zero."""
    years, controls = q.base.shape
    return (
        np.empty(len(p.lever)), np.empty((2, controls)), np.empty(PARTS * S), np.empty((2, years * ROW)),
        np.zeros((2, ROW)), np.empty((2, BLOCK * ROW)), np.empty((2, 6 * S)), np.empty((2, R * S)), np.empty((2, S)), np.empty((5, E)),
        np.empty((4, 8)),
    )  # fmt: skip


def _ages(q: Tables, columns: Ints) -> Floats:
    parts = [np.concatenate([*[getattr(q, a)] * R, getattr(q, b)], axis=1)[:, columns] for a, b in _AGES]
    wide = [np.pad(part, ((0, BLOCK - 1), (0, NEEDED_BY - len(columns)))) for part in parts]
    # the last block of years may reach beyond the last year
    return np.concatenate(wide, axis=1).ravel()
