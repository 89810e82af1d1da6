"""The controls of a draw, year by year, from lever values (eq. 1)."""

from __future__ import annotations

from tanlu.pathways.kernel.places import compiled
from tanlu.pathways.tables import Floats, Ints


@compiled
def strengths(lever: Ints, row: Ints, op: Ints, default: Floats, levers: Floats, moves: Floats, rows: Ints) -> None:
    """Fill what each entry of the program does in this draw: ``moves`` [M, 3] value, default and step, ``rows`` [M] or −1 for nothing."""
    for m in range(len(lever)):
        value, usual = levers[lever[m]], default[m]
        moves[m, 0], moves[m, 1], moves[m, 2] = value, usual, value - usual
        rows[m] = -1 if value == usual and op[m] < 2 else row[m]


@compiled
def controls(base: Floats, op: Ints, schedule: Floats, moves: Floats, rows: Ints, t: int, now: Floats) -> None:
    """Fill the controls of a year from those of the reference ``base`` [T, K] and the strengths of the entries ``schedule`` [T, M]."""
    for k in range(len(now)):
        now[k] = base[t, k]
    for m in range(len(rows)):
        row, s = rows[m], schedule[t, m]
        if row >= 0 and s != 0.0:
            if op[m] == 0:
                now[row] += moves[m, 2] * s
            elif op[m] == 1:
                now[row] *= (1.0 + (moves[m, 0] - 1.0) * s) / (1.0 + (moves[m, 1] - 1.0) * s)
            elif s > 0:
                now[row] = min(now[row], moves[m, 0])
