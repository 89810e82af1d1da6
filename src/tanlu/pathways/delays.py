"""Delays of levers in draws: when the technologies behind a lever are not in the market in time, its schedule moves back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tanlu.pathways.engine import Parameters
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import Floats
from tanlu.pathways.readiness import market_years
from tanlu.pathways.tables import Program
from tanlu.pathways.technologies import READY_SHARE, Assessments

SHIFTED: Final = ("set", "add")
"""Ops whose levers can be delayed: their steps are sums, so a later schedule is a further term."""


def opening_years(lever: str, known: Assessments, chance: Floats, normal: Floats) -> Floats:
    """Return the year in which a lever can begin in each draw, infinite where it never can.

    Parameters
    ----------
    lever : str
    known : Assessments
    chance : [n]
        Uniform numbers; the technologies of a lever share their fortune, see `tanlu.pathways.readiness.market_years`.
    normal : [n]
        Standard normal numbers behind the pace.

    Returns
    -------
    [n]
        First year in which `READY_SHARE` of what all technologies of the lever can do is at hand (`Assessments.share_at_hand`). A
        technology whose first year was stated is there in that year in every draw.
    """
    found = known.by_lever[lever]
    if not known.movers(lever):
        return np.full(len(chance), np.inf)
    years = market_years(np.array([a.trl or 0.0 for a in found]), chance, normal)
    for place, a in enumerate(found):
        if a.stated is not None:
            years[:, place] = a.stated
    wanted = READY_SHARE * known.share_at_hand(lever, np.ones((1, len(found)), bool))[0] - 1e-12
    out = np.full(len(chance), np.inf)
    # riper ones first: most levers open with what is in the market already
    for moment in np.sort(years, axis=1).T:
        waiting = np.isinf(out) & np.isfinite(moment)
        if not waiting.any():
            break
        open_now = known.share_at_hand(lever, years[waiting] <= moment[waiting, None]) >= wanted
        out[np.flatnonzero(waiting)[open_now]] = moment[waiting][open_now]
    return out


def lever_delays(levers: Sequence[Lever], known: Assessments, count: int, seed: int) -> Floats:
    """Return by how many whole years the schedule of each lever is late in each draw.

    Parameters
    ----------
    levers : sequence of Lever
    known : Assessments
    count, seed : int

    Returns
    -------
    [n, L]
        0 where the technologies are ready by the start of the schedule, infinite where they never are. Levers of the ops ``scale`` and
        ``cap`` are never late.
    """
    out = np.zeros((count, len(levers)))
    for place, lever in enumerate(levers):
        if lever.op not in SHIFTED:
            continue
        random = np.random.default_rng([seed, *lever.id.encode()])
        opening = opening_years(lever.id, known, random.random(count), random.standard_normal(count))
        out[:, place] = np.maximum(0.0, np.ceil(opening - lever.schedule.start))
    return out


def delayed(
    parameters: Parameters, levers: Sequence[Lever], values: Floats, delays: Floats
) -> tuple[Parameters, Floats]:
    """Return parameters and lever values with which the engine runs each draw with its own delays.

    A lever that comes d years late has the step (v − k₀)σ(t − d) instead of (v − k₀)σ(t), equation 1 of the engine. The difference is a
    further entry of the lever program with the schedule σ(t − d) − σ(t) and the value v − k₀, zero in the draws that are not late by d.

    Parameters
    ----------
    parameters : Parameters
    levers : sequence of Lever
        In the order of the values.
    values : [n, L] or [L]
    delays : [n, L]
        Whole years, infinite for never.

    Returns
    -------
    Parameters
        With one more lever column for each lever, delay and base value that occur.
    [n, L + …]
        Lever values.

    Raises
    ------
    ValueError
        If a lever of another op than `SHIFTED` is late.
    """
    values = np.broadcast_to(np.atleast_2d(values), delays.shape)
    program, years = parameters.program, parameters.years
    entries: list[tuple[int, int, Floats]] = []
    columns: list[Floats] = []
    for place in np.flatnonzero((delays > 0).any(axis=0)).tolist():
        lever = levers[place]
        if lever.op not in SHIFTED:
            raise ValueError(f"{lever.id}: a lever of op {lever.op} cannot be late")
        rows = program.row[program.lever == place]
        start = parameters.tables.controls[rows, 0] if lever.op == "set" else np.zeros(len(rows))
        for late in np.unique(delays[delays[:, place] > 0, place]):
            change = _shifted(lever, years.tolist(), late) - lever.schedule.values(years.tolist())
            chosen = delays[:, place] == late
            for base in np.unique(start):
                column = len(parameters.defaults) + len(columns)
                columns.append(np.where(chosen, values[:, place] - base, 0.0))
                entries += [(column, int(row), change) for row in rows[start == base]]
    if not entries:
        return parameters, np.ascontiguousarray(values)
    defaults = np.concatenate([parameters.defaults, np.zeros(len(columns))])
    changed = replace(parameters, program=_with_entries(program, entries), defaults=defaults)
    return changed, np.column_stack([values, *columns])


def _shifted(lever: Lever, years: list[int], late: float) -> Floats:
    """Return the strength of a schedule that begins later by some years, zero for one that never begins."""
    if not np.isfinite(late):
        return np.zeros(len(years))
    return lever.schedule.values([year - int(late) for year in years])


def _with_entries(program: Program, entries: Sequence[tuple[int, int, Floats]]) -> Program:
    """Return a program with entries that add, before those that multiply or limit."""
    at = int(np.searchsorted(program.op > 0, True)) if (program.op > 0).any() else len(program.op)
    count = len(entries)
    new = Program(
        lever=np.array([c for c, _, _ in entries], np.int64),
        row=np.array([r for _, r, _ in entries], np.int64),
        op=np.zeros(count, np.int64),
        default=np.zeros(count),
        schedule=np.array([s for _, _, s in entries]),
    )
    return Program(*(np.concatenate([old[:at], add, old[at:]]) for old, add in zip(program, new, strict=True)))
