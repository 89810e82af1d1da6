"""The controls of a draw, year by year, from lever values (eq. 1)."""

from __future__ import annotations

from tanlu.pathways.kernel.places import PLACE, compiled
from tanlu.pathways.tables import Floats, Ints


@compiled
def strengths(lever: Ints, default: Floats, levers: Floats, moves: Floats) -> None:
    """Fill by how much each entry of the program differs from its default in this draw, [M]."""
    for m in range(len(lever)):
        moves[m] = levers[lever[m]] - default[m]


@compiled
def controls(
    base: Floats, row: Ints, op: Ints, plain: int, default: Floats, weight: Floats, moves: Floats, t: int, now: Floats
) -> None:
    """Fill the controls of a year from those of the reference ``base`` [T, K] and the moves with their weights [T, M].

    The ``plain`` entries come first: each is the first of its row and adds. They start from the reference, since what was just copied
    cannot be read at once.
    """
    was, share = base[t], weight[t]
    for k in range(len(now)):
        now[k] = was[k]
    for m in range(plain):
        at = row[m] & PLACE
        now[at] = was[at] + moves[m] * share[m]
    for m in range(plain, len(row)):
        at, change = row[m] & PLACE, moves[m] * share[m]
        if op[m] == 0:
            now[at] += change
        elif op[m] == 1:
            now[at] += now[at] * change
        elif share[m] > 0.0:
            now[at] = min(now[at], default[m] + moves[m])
