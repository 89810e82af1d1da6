r"""Units that are on or off.

For n units of size P with u on, v started and w stopped at step t, minimum load m and minimum times (Rajan and Takriti 2005, IBM Research
Report RC23628, here with whole numbers of identical units as in Palmintier and Webster 2014, IEEE Trans. Power Syst. 29, 1089–1098):

.. math::
    u_t - u_{t-1} = v_t - w_t, \qquad m P u_t \le x_t \le P u_t, \qquad u_t \le n,\qquad
    \sum_{\tau = t - T^{on} + 1}^{t} v_\tau \le u_t, \qquad \sum_{\tau = t - T^{off} + 1}^{t} w_\tau \le n - u_t
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tanlu.energy.model import KILO, Capacity, Model
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
    change = build.rows(f"{plant.name}.change", shape, unit="units")[:, 1:]
    build.add(change, on[:, 1:], 1.0)
    build.add(change, on[:, :-1], -1.0)
    build.add(change, started[:, 1:], -1.0)
    build.add(change, stopped[:, 1:], 1.0)
    most = build.rows(f"{plant.name}.most_load", shape, lower=-np.inf)
    build.add(most, activity, 1.0)
    build.add(most, on, -unit[:, None])
    least = build.rows(f"{plant.name}.least_load", shape, lower=-np.inf)
    build.add(least, activity, -1.0)
    build.add(least, on, plant.minimum_load * unit[:, None])
    _minimum_times(model, plant, units, on, started, stopped)


def _minimum_times(
    model: Model, plant: Converter, units: Floats, on: Indices, started: Indices, stopped: Indices
) -> None:
    """Keep units on, and off, for as long as they must."""
    build, shape = model.builder, model.grid.shape
    for name, hours, moves, sign in (
        ("minimum_up", plant.minimum_up, started, 1.0),
        ("minimum_down", plant.minimum_down, stopped, -1.0),
    ):
        if hours <= 1:
            continue
        side = 0.0 if sign > 0 else units[:, None]
        rows = build.rows(f"{plant.name}.{name}", shape, unit="units", lower=-np.inf, upper=side)
        build.add(rows, on, -sign)
        for back in range(min(hours, shape[1])):
            build.add(rows[:, back:], moves[:, : shape[1] - back], 1.0)
