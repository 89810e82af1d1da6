"""Steps of levers that come into force on their own: columns that the engine takes behind the levers.

A lever of the engine has one value and one schedule. A choice over time, or over technology lines that become ready at different dates,
needs parts of a lever's step with dates of their own. Each part is a column behind the levers: its value times its path is added to the
controls of the lever. The engine is the same; only its lever programme grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tanlu.pathways.engine import Parameters
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Program


@dataclass(frozen=True)
class Switch:
    """Part of the step of a lever.

    Attributes
    ----------
    lever : Lever
        Of op ``set`` or ``add``.
    path : [T]
        What a value of 1 adds to the controls of the lever in each year, in the unit of the lever.
    """

    lever: Lever
    path: Floats


def can_be_switched(lever: Lever) -> bool:
    """Whether parts of the lever's step add up: true of levels and additions, not of factors and limits."""
    return lever.op in {"set", "add"}


def with_switches(parameters: Parameters, switches: Sequence[Switch]) -> Parameters:
    """Return parameters whose lever vectors are the levers followed by one column for each switch, [L + C].

    A switch at 0 does nothing, which is also its default.

    Raises
    ------
    ValueError
        If a lever cannot be switched, or a path does not have the years of the run.
    """
    for switch in switches:
        if not can_be_switched(switch.lever):
            raise ValueError(f"parts of lever {switch.lever.id} ({switch.lever.op}) do not add up")
        if switch.path.shape != parameters.years.shape:
            raise ValueError(f"a path of {switch.lever.id} has {switch.path.shape}, not {parameters.years.shape}")
    first, program = len(parameters.defaults), parameters.program
    entries = [(first + i, row, s.path) for i, s in enumerate(switches) for row in s.lever.rows]
    if not entries:
        return parameters
    added = Program(
        lever=np.array([e[0] for e in entries], np.int64),
        row=np.array([e[1] for e in entries], np.int64),
        op=np.zeros(len(entries), np.int64),
        default=np.zeros(len(entries)),
        schedule=np.array([e[2] for e in entries], float),
    )
    order = np.argsort(np.concatenate([program.op, added.op]), kind="stable")
    joined = (np.concatenate(pair)[order] for pair in zip(program, added, strict=True))
    return replace(
        parameters,
        program=Program(*(np.ascontiguousarray(part) for part in joined)),
        defaults=np.concatenate([parameters.defaults, np.zeros(len(switches))]),
    )
