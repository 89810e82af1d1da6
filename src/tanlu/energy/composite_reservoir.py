r"""Several reservoirs as one: the composite reservoir of a multi-reservoir system.

After N. V. Arvanitidis and J. Rosing (1970), Composite representation of a multireservoir hydroelectric power system, IEEE Transactions on
Power Apparatus and Systems PAS-89(2), 319-326: contents and inflows are counted in the electricity that their water makes on its whole way
down. A MWh of water in reservoir i, of which :math:`\phi_i` MWh arrive at reservoir d(i) below, is worth

.. math:: v_i = 1 + \phi_i v_{d(i)}

so that with the contents :math:`S = \sum_i v_i s_i` the waters of all reservoirs together follow

.. math:: S_t = S_{t-1} + d_t \Big(\sum_i v_i i_{i,t} - \sum_i r_{i,t} - \sum_i q_{i,t}\Big), \qquad
    \sum_i v_i \underline{s}_i \le S \le \sum_i v_i V_i, \quad \sum_i r_i \le \sum_i k_i .

Every schedule of the reservoirs is one of the composite (where water arrives at once), so that the composite costs no more. It costs less
as far as it keeps water in one reservoir and makes electricity of it at another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from tanlu.energy.components import Reservoir
from tanlu.energy.problem import Floats

KIND: Final = "reservoirs"
"""Technology of a composite of several technologies."""


class Composite(NamedTuple):
    """What of a composite is no plain sum or mean: the worth of water in each member, parameters, inflow over its mean (H,)."""

    worth: Floats
    parameters: dict[str, Any]
    inflow: Floats


def worth(reservoirs: Sequence[Reservoir]) -> dict[str, float]:
    """Return what a MWh of water in each reservoir makes on its whole way down, :math:`v` [MWh/MWh].

    Parameters
    ----------
    reservoirs : sequence of Reservoir
        With all that water reaches further down; no water comes back to where it was.
    """
    by_name = {reservoir.name: reservoir for reservoir in reservoirs}
    found = dict[str, float]()

    def of(name: str) -> float:
        if name not in found:
            reservoir = by_name[name]
            below = of(reservoir.downstream) if reservoir.downstream else 0.0
            found[name] = 1.0 + reservoir.downstream_ratio * below
        return found[name]

    return {name: of(name) for name in by_name}


def composite(
    reservoirs: Sequence[Reservoir], natural: Floats, profiles: Mapping[str, Floats], hours: int
) -> Composite:
    """Return what of a composite is no plain sum or mean of its members.

    Parameters
    ----------
    reservoirs : sequence of Reservoir
        Whole cascades, all cyclic or all with an initial content.
    natural : (R,) array
        Mean natural inflow of each [MWh/a].
    profiles : mapping
        Hourly values by name.
    hours : int
        Length of these, H.
    """
    values = worth(reservoirs)
    v = np.array([values[reservoir.name] for reservoir in reservoirs])
    inflow = np.zeros(hours)
    for amount, reservoir in zip(v * natural, reservoirs, strict=True):
        inflow += amount * _hourly(reservoir.inflow, profiles)
    total = float(v @ natural)
    volume = float(sum(values[r.name] * r.volume for r in reservoirs))
    dead = sum(values[r.name] * r.volume * r.dead_share for r in reservoirs)
    begin = [values[r.name] * r.volume * r.initial for r in reservoirs if r.initial is not None]
    least = sum(r.minimum_release * amount for r, amount in zip(reservoirs, natural, strict=True))
    changes = {
        "volume": volume,
        "dead_share": float(dead / volume) if volume else 0.0,
        "minimum_release": float(least / total) if total else 0.0,
        "initial": float(sum(begin) / volume) if begin and volume else None,
        "downstream": "",
        "downstream_ratio": 1.0,
        "delay": 0,
    }
    return Composite(v, changes, inflow / total if total else np.ones(hours))


def _hourly(value: object, profiles: Mapping[str, Floats]) -> Floats | float:
    """Return an hourly value."""
    return profiles[value] if isinstance(value, str) else np.asarray(value, float)
