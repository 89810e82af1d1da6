"""What happens to the meters of a demonstration fleet: faults of instruments and tampering, drawn once, with the truth kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from tanlu.monitor.fleet.design import Fleet


class IncidentKind(StrEnum):
    """Kinds of incidents; the first block are faults, the second tampering."""

    STUCK = "stuck"
    """The meter stands still for some hours while the plant runs."""
    RESET = "reset"
    """The register starts again at zero."""
    SWAP = "swap"
    """Another meter takes the position."""
    DRIFT = "clock_drift"
    """Stamps run away from the grid by some seconds a day."""
    STOP = "stop"
    """The furnace stands for some days, declared."""
    FROZEN = "frozen"
    """The values of the stack repeat for twelve hours, several times."""
    COPIED = "copied_week"
    """A week of the stack is the week before."""
    SCALED = "scaled"
    """CO2 × 0.85 in the second half."""
    CAPPED = "capped"
    """CO2 never above a limit."""
    DILUTED = "diluted"
    """Air leaks into the sample, 15 %, from the first day."""
    FLOW = "flow_scaled"
    """Flow × 0.88 in the second half."""
    TYPED = "typed"
    """Values typed to the next half."""
    TURNED_BACK = "turned_back"
    """The register is turned back at night, several times."""
    FORM_LOW = "form_low"
    """The monthly forms of electricity and fuel state 12 % less than was metered."""


STACK_TAMPERING: Final = (
    IncidentKind.FROZEN,
    IncidentKind.COPIED,
    IncidentKind.SCALED,
    IncidentKind.CAPPED,
    IncidentKind.DILUTED,
    IncidentKind.FLOW,
    IncidentKind.TYPED,
)
TAMPERING: Final = frozenset((*STACK_TAMPERING, IncidentKind.TURNED_BACK, IncidentKind.FORM_LOW))
WEEK: Final = 7
_MONTH: Final = 31.0


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident: slots ``start`` to ``end`` (not included) counted from the first slot of the fleet.

    ``target`` is the position of a meter, of a stack (its place in ``Fleet.stacks``), or of a furnace's row of activity; ``value`` the
    factor, limit or amount.
    """

    kind: IncidentKind
    target: int
    start: int
    end: int
    value: float = 0.0


def draw_incidents(fleet: Fleet, tampering: float) -> tuple[Incident, ...]:
    """Draw faults and tampering of a fleet.

    Rates of faults are assumptions (grade D): a month sees 0.2 % of meters stuck, 0.2 % of registers reset, 0.1 % of meters swapped,
    0.5 % of clocks drifting and 3 % of furnaces stopped.

    Parameters
    ----------
    fleet : Fleet
    tampering : float
        Share of the enterprises with stacks that tamper, each in one way, the ways in turn; a twentieth of it of the others turn back.
    """
    rng = np.random.default_rng([fleet.seed, 2])
    months = fleet.days / _MONTH
    slots = fleet.days * fleet.slots
    found: list[Incident] = []
    registers = np.flatnonzero(fleet.is_register)
    for where in _some(rng, np.flatnonzero(fleet.is_energy), 0.002 * months):
        start, hours = _begin(rng, slots), int(rng.integers(24, 73))
        found.append(Incident(IncidentKind.STUCK, where, start, min(slots, start + hours * fleet.slots // 24)))
    for where in _some(rng, registers, 0.002 * months):
        start = _begin(rng, slots)
        found.append(Incident(IncidentKind.RESET, where, start, start + 1))
    for where in _some(rng, registers, 0.001 * months):
        found.append(Incident(IncidentKind.SWAP, where, _begin(rng, slots), slots))
    for where in _some(rng, np.arange(fleet.size), 0.005):
        found.append(Incident(IncidentKind.DRIFT, where, 0, slots, float(rng.choice([-1, 1]) * rng.uniform(2, 20))))
    for where in _some(rng, fleet.furnaces, 0.03 * months):
        start, days = _begin(rng, slots), int(rng.integers(2, 6))
        found.append(Incident(IncidentKind.STOP, where, start, min(slots, start + days * fleet.slots)))
    return (*found, *_draw_tampering(fleet, rng, tampering), *_draw_forms(fleet, tampering))


def _draw_forms(fleet: Fleet, share: float) -> list[Incident]:
    """Let some enterprises with stacks, drawn apart from the others, state less in their forms; at least one where anybody tampers."""
    owners = np.unique(fleet.stack_enterprise)
    if share <= 0 or not len(owners):
        return []
    chosen = _some(np.random.default_rng([fleet.seed, 8]), owners, share, at_least=1)
    slots = fleet.days * fleet.slots
    found = []
    for owner in chosen:
        fuels = fleet.stacks[fleet.stack_enterprise == owner, 4].tolist()
        found += [Incident(IncidentKind.FORM_LOW, int(t), 0, slots, 0.88) for t in (fleet.mains[owner], *fuels)]
    return found


def _draw_tampering(fleet: Fleet, rng: np.random.Generator, share: float) -> list[Incident]:
    """Let every n-th enterprise with stacks tamper at all its stacks, and some of the others turn back their main meter."""
    if share <= 0:
        return []
    slots, half = fleet.days * fleet.slots, fleet.days // 2 * fleet.slots
    owners = np.unique(fleet.stack_enterprise)
    found: list[Incident] = []
    ways = (*STACK_TAMPERING, IncidentKind.TURNED_BACK)
    for number, owner in enumerate(sorted(_some(rng, owners, share, at_least=1))):
        way = ways[(number + fleet.seed) % len(ways)]
        if way is IncidentKind.TURNED_BACK:
            found += _turn_back(fleet, rng, int(fleet.mains[owner]))
            continue
        for stack in np.flatnonzero(fleet.stack_enterprise == owner):
            found += _tamper_stack(fleet, rng, way, int(stack), half, slots)
    others = np.setdiff1d(np.arange(len(fleet.mains)), owners)
    for owner in _some(rng, others, share / 20):
        found += _turn_back(fleet, rng, int(fleet.mains[owner]))
    return found


def _tamper_stack(
    fleet: Fleet, rng: np.random.Generator, way: IncidentKind, stack: int, half: int, slots: int
) -> list[Incident]:
    day = fleet.slots
    if way is IncidentKind.FROZEN:
        starts = sorted(rng.choice(fleet.days, size=max(2, fleet.days // 4), replace=False))
        return [Incident(way, stack, int(s) * day + day // 4, int(s) * day + day * 3 // 4) for s in starts]
    if way is IncidentKind.COPIED:
        if fleet.days < 2 * WEEK:
            return []
        start = int(rng.integers(WEEK, fleet.days - WEEK + 1)) * day
        return [Incident(way, stack, start, start + WEEK * day)]
    if way in (IncidentKind.SCALED, IncidentKind.FLOW):
        return [Incident(way, stack, half, slots, 0.85 if way is IncidentKind.SCALED else 0.88)]
    if way is IncidentKind.CAPPED:
        return [Incident(way, stack, 0, slots, 0.97)]
    if way is IncidentKind.DILUTED:
        return [Incident(way, stack, 0, slots, 0.15)]
    return [Incident(way, stack, 0, slots, 0.5)]


def _turn_back(fleet: Fleet, rng: np.random.Generator, meter: int) -> list[Incident]:
    """Turn the register back by 8 % of what was counted since the last time, every fifth night or so."""
    nights = range(int(rng.integers(2, 5)), fleet.days, 5)
    amount = 0.08 * 5 * fleet.slots * float(fleet.meters[meter]["rating"]) / 1.6 * fleet.step / 3600
    at = fleet.slots // 12
    return [
        Incident(IncidentKind.TURNED_BACK, meter, n * fleet.slots + at, n * fleet.slots + at + 1, amount)
        for n in nights
    ]


def _begin(rng: np.random.Generator, slots: int) -> int:
    return int(rng.integers(slots // 20, max(slots * 19 // 20, slots // 20 + 1)))


def _some(rng: np.random.Generator, among: np.ndarray, share: float, at_least: int = 0) -> list[int]:
    """Return a random share of numbers; the fraction of one is drawn."""
    wanted = share * len(among)
    count = max(int(wanted) + int(rng.random() < wanted % 1), at_least)
    return [int(n) for n in rng.choice(among, size=min(count, len(among)), replace=False)]
