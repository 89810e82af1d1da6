"""Series of stacks straight from a demonstration fleet, without a ledger between."""

from __future__ import annotations

import numpy as np

from tanlu.monitor.fleet import Surroundings, design_fleet, simulate_days
from tanlu.monitor.fleet.design import Fleet
from tanlu.monitor.fleet.incidents import STACK_TAMPERING
from tanlu.monitor.suspicion.stack_tests import StackSeries

AROUND = Surroundings(("p", "某省", "Some province"), (("p/a", "甲市", "A"), ("p/b", "乙市", "B")))
STACK_TRADES = frozenset({"power", "cement", "steel", "chemicals"})


def stack_fleet(seed: int, meters: int = 1200, *, tampering: float = 0.10, step: int = 900, days: int = 31) -> Fleet:
    return design_fleet(
        AROUND, meters=meters, days=days, step=step, seed=seed, tampering=tampering, trades=STACK_TRADES
    )  # fmt: skip


def tampered(fleet: Fleet) -> dict[int, str]:
    """Kind of tampering by enterprise."""
    return {int(fleet.stack_enterprise[i.target]): i.kind.value for i in fleet.incidents if i.kind in STACK_TAMPERING}


def stack_series(fleet: Fleet) -> StackSeries:
    """What the stacks of a fleet reported, with its fuel and output by hour."""
    stacks = fleet.stacks
    parts: list[list[np.ndarray]] = [[], [], [], [], []]
    per_hour = 3600 // fleet.step
    for day in simulate_days(fleet):
        for part, column in zip(parts[:3], (1, 2, 3), strict=True):
            part.append(day.rates[stacks[:, column]].astype(float))
        for part, column in zip(parts[3:], (4, 5), strict=True):
            rates = day.rates[stacks[:, column]].astype(float) * (1 + fleet.gain[stacks[:, column]])[:, None]
            part.append(rates.reshape(len(stacks), -1, per_hour).mean(axis=2))
    fraction, oxygen, flow, fuel, output = (np.concatenate(p, axis=1) for p in parts)
    fraction, oxygen, flow = np.round(fraction, 2), np.round(oxygen, 2), np.round(flow)
    standing = oxygen > 20.5
    for series in (fraction, oxygen, flow):
        series[standing] = np.nan
    group = fleet.activity_trade[fleet.activity[stacks[:, 0]]].astype(np.int64)
    return StackSeries(group, fraction, oxygen, flow, fuel, output, 2, fleet.step)
