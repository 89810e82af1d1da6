r"""Units that are on or off.

For n units of size P with u on, v started and w stopped at step t, minimum load m and minimum times (Rajan and Takriti 2005, IBM Research
Report RC23628, here with whole numbers of identical units as in Palmintier and Webster 2014, IEEE Trans. Power Syst. 29, 1089–1098):

.. math::
    u_t - u_{t-1} = v_t - w_t, \qquad m P u_t \le x_t \le P u_t, \qquad u_t \le n,\qquad
    \sum_{\tau = t - T^{on} + 1}^{t} v_\tau \le u_t, \qquad \sum_{\tau = t - T^{off} + 1}^{t} w_\tau \le n - u_t

Ramps :math:`\delta^+, \delta^-` are those of the units that stay on; a unit that starts may come to its minimum load at once, and one that
stops may leave it (Carrion and Arroyo 2006, IEEE Trans. Power Syst. 21, 1371–1378, equations 18–20):

.. math::
    x_t - x_{t-1} \le \delta^+ P (u_t - v_t) + \max(m, \delta^+) P v_t, \qquad
    x_{t-1} - x_t \le \delta^- P (u_t - v_t) + \max(m, \delta^-) P w_t
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tanlu.energy.model import KILO, Capacity, Model, State
from tanlu.energy.problem import Floats, Indices

if TYPE_CHECKING:
    from tanlu.energy.components.converter import Converter


def commit(model: Model, plant: Converter, activity: Indices, size: Capacity) -> None:
    """Add the units of a plant that are on, started and stopped; its capacity must be fixed and is taken in whole units.

    Raises
    ------
    ValueError
        When the capacity is still to be decided.
    """
    if size.columns is not None:
        raise ValueError(f"{plant.name}: commitment needs a fixed capacity")
    units = np.round(size.fixed / (plant.unit_size * KILO))
    unit: Floats = np.divide(size.fixed, units, out=np.zeros_like(size.fixed), where=units > 0)
    build, shape = model.builder, model.grid.shape
    price = plant.start_cost * unit[:, None] * model.weighted_hours / model.grid.durations[None, :] * KILO
    on = build.columns(f"{plant.name}.on", shape, unit="units", upper=units[:, None], integer=True)
    started = build.columns(f"{plant.name}.started", shape, unit="units", upper=units[:, None], cost=price)
    stopped = build.columns(f"{plant.name}.stopped", shape, unit="units", upper=units[:, None])
    model.units[plant.name] = on, unit
    _changes(model, plant, on, started, stopped)
    most = build.rows(f"{plant.name}.most_load", shape, lower=-np.inf)
    build.add(most, activity, 1.0)
    build.add(most, on, -unit[:, None])
    least = build.rows(f"{plant.name}.least_load", shape, lower=-np.inf)
    build.add(least, activity, -1.0)
    build.add(least, on, plant.minimum_load * unit[:, None])
    _minimum_times(model, plant, units, on, started, stopped)
    if not model.relaxed:
        _ramps(model, plant, unit, activity, on, started, stopped)


def _ramps(
    model: Model,
    plant: Converter,
    unit: Floats,
    activity: Indices,
    on: Indices,
    started: Indices,
    stopped: Indices,
) -> None:
    """Limit the change of what stays on, and let starts and stops pass between nothing and the minimum load."""
    build, state = model.builder, model.states.get(plant.name)
    before = None if state is None or state.activity is None else state.activity * KILO
    first = 1 if before is None else 0
    for name, ramp, moved, sign in (
        ("ramp_up", plant.ramp_up, started, 1.0),
        ("ramp_down", plant.ramp_down, stopped, -1.0),
    ):
        if not math.isfinite(ramp):
            continue
        rows = build.rows(f"{plant.name}.{name}", model.grid.shape, lower=-np.inf)
        steady = ramp * model.grid.durations[None, first:] * unit[:, None]
        build.add(rows[:, first:], activity[:, first:], sign)
        build.add(rows[:, 1:], activity[:, :-1], -sign)
        if before is not None:
            build.raise_sides(rows[:, 0], sign * before)
        build.add(rows[:, first:], on[:, first:], -steady)
        build.add(rows[:, first:], started[:, first:], steady)
        build.add(rows[:, first:], moved[:, first:], -np.maximum(plant.minimum_load * unit[:, None], steady))


def _changes(model: Model, plant: Converter, on: Indices, started: Indices, stopped: Indices) -> None:
    """Count starts and stops, from the state before the first step where it is known, and keep on or off what must stay so."""
    build, state = model.builder, model.states.get(plant.name)
    known = state is not None and state.on is not None
    first = 0 if known else 1
    change = build.rows(f"{plant.name}.change", model.grid.shape, unit="units")
    build.add(change[:, first:], on[:, first:], 1.0)
    build.add(change[:, 1:], on[:, :-1], -1.0)
    build.add(change[:, first:], started[:, first:], -1.0)
    build.add(change[:, first:], stopped[:, first:], 1.0)
    if known and state is not None and state.on is not None:
        build.raise_sides(change[:, 0], state.on)


def _minimum_times(
    model: Model, plant: Converter, units: Floats, on: Indices, started: Indices, stopped: Indices
) -> None:
    """Keep units on, and off, for as long as they must, also those that were started or stopped before the first step.

    With ramps a unit must not start and stop at once, which would free it of them: it stays on, and off, for a step at least.
    """
    least = 1 if math.isfinite(min(plant.ramp_up, plant.ramp_down)) else 2
    build, shape = model.builder, model.grid.shape
    state = model.states.get(plant.name, State())
    for name, hours, moves, earlier, sign in (
        ("minimum_up", max(plant.minimum_up, 1), started, state.started, 1.0),
        ("minimum_down", max(plant.minimum_down, 1), stopped, state.stopped, -1.0),
    ):
        if hours < least:
            continue
        side = 0.0 if sign > 0 else units[:, None]
        rows = build.rows(f"{plant.name}.{name}", shape, unit="units", lower=-np.inf, upper=side)
        build.add(rows, on, -sign)
        for back in range(min(hours, shape[1])):
            build.add(rows[:, back:], moves[:, : shape[1] - back], 1.0)
        recent = np.zeros(shape[1])
        for back, number in enumerate(reversed(earlier), 1):
            recent[: max(hours - back, 0)] += number
        build.raise_sides(rows, -recent)
