"""A draw that can be checked afterwards, and panels drawn so that nobody can count on a pair.

Before the draw the hash of a secret seed and the hash of the pool are published; after it the seed is revealed and everybody can repeat the
draw. Uniform numbers are the SHA-256 of seed and counter, so that the draw does not depend on a library or its version.

Where the probability of every pair is capped, an applicant who gamed the fit of one expert still meets that expert with at most that
probability [1]_. The best fractional assignment under the cap is found first; it is then rounded by pushing along cycles of fractional
arcs of its network, which keeps every panel size, load and unit limit, and keeps the probability of each pair [2]_.

References
----------
.. [1] S. Jecmen, H. Zhang, R. Liu, N. Shah, V. Conitzer, F. Fang, "Mitigating manipulation in peer review via randomized reviewer
   assignments", NeurIPS 2020, problem (1) and section 4.1.
.. [2] R. Gandhi, S. Khuller, S. Parthasarathy, A. Srinivasan, "Dependent rounding and its applications to approximation algorithms",
   J. ACM 53(3) (2006), section 2.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tanlu.programme.assignment import (
    Assignment,
    AssignmentProblem,
    InfeasibleAssignmentError,
    Shortage,
    as_assignment,
    shortages_of,
    solve_flow,
)

Node = tuple[str, int, int]
EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class DrawCommitment:
    """What is published before a draw."""

    seed_hash: str
    pool_hash: str


def commit(seed: str, pool: Iterable[str]) -> DrawCommitment:
    """Return the commitment to a seed and to a pool of ids, whose order does not matter.

    Raises
    ------
    ValueError
        If the seed is so short that it could be guessed from its hash (under 16 characters).
    """
    if len(seed) < 16:
        raise ValueError("a seed of at least 16 characters cannot be guessed from its hash")
    lines = "\n".join(sorted(pool))
    return DrawCommitment(hashlib.sha256(seed.encode()).hexdigest(), hashlib.sha256(lines.encode()).hexdigest())


def verify(commitment: DrawCommitment, seed: str, pool: Iterable[str]) -> bool:
    """Return whether a revealed seed and pool are those that were committed to."""
    found = commit(seed, pool)
    return hmac.compare_digest(found.seed_hash, commitment.seed_hash) and found.pool_hash == commitment.pool_hash


class Uniform:
    """Uniform numbers in [0, 1): SHA-256 of seed and counter, the first 53 bits."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._count = 0

    def next(self) -> float:
        """Return the next number."""
        digest = hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        self._count += 1
        return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def draw_names(seed: str, pool: Iterable[str], count: int) -> list[str]:
    """Draw ids without replacement, every set of them equally likely; the order of the pool does not matter.

    Raises
    ------
    ValueError
        If the pool is smaller than the number wanted.
    """
    left = sorted(pool)
    if count > len(left):
        raise ValueError(f"{count} of a pool of {len(left)}")
    uniform = Uniform(seed)
    return [left.pop(int(uniform.next() * len(left))) for _ in range(count)]


def assign_at_random(
    problem: AssignmentProblem, cap: float, seed: str
) -> tuple[Assignment, dict[tuple[int, int], float]]:
    """Draw panels in which no pair meets with a larger probability than the cap, and the expected sum of scores is the largest possible.

    Parameters
    ----------
    problem : AssignmentProblem
    cap : float
        Largest probability of a pair, in (0, 1].
    seed : str

    Returns
    -------
    assignment : Assignment
        The panels drawn; `bound` is the expected sum of scores, rounded up.
    probabilities : dict
        Probability of each pair that could have met.

    Raises
    ------
    ValueError
        If the cap is outside (0, 1].
    InfeasibleAssignmentError
        If no assignment meets the limits, or none meets the cap: a panel of five under a cap of ½ needs ten candidates.
    """
    if not 0 < cap <= 1:
        raise ValueError(f"cap {cap} is outside (0, 1]")
    needed = math.ceil(problem.size / cap - EPSILON)
    counts = problem.allowed.sum(axis=1)
    shortages = shortages_of(problem)
    # a proposal that has too few experts without the cap is told once
    short = {row for s in shortages if s.reason == "proposal" for row in s.proposals}
    shortages += [
        Shortage("cap", needed, int(n), (row,)) for row, n in enumerate(counts) if n < needed and row not in short
    ]
    if shortages:
        raise InfeasibleAssignmentError(shortages)
    pairs, flow, _ = solve_flow(problem, cap)
    if flow is None:
        raise InfeasibleAssignmentError([Shortage("cap", len(counts) * problem.size, int(problem.most.sum()))])
    chances = {(int(i), int(j)): float(x) for i, j, x in zip(*pairs, flow, strict=True) if x > EPSILON}
    met = _rounded(problem, chances, Uniform(seed))
    expected = sum(problem.scores[pair] * chance for pair, chance in chances.items())
    drawn = as_assignment(problem, sorted(met))
    return replace(drawn, bound=math.ceil(expected - 1e-6), optimal=True), chances


def _rounded(
    problem: AssignmentProblem, chances: dict[tuple[int, int], float], uniform: Uniform
) -> list[tuple[int, int]]:
    """Round a fractional assignment to a whole one with the same pair probabilities."""
    flow: dict[tuple[Node, Node], float] = defaultdict(float)
    for (row, column), chance in chances.items():
        unit = column if problem.units is None else int(problem.units[column])
        panel, seat, expert = ("panel", row, 0), ("seat", row, unit), ("expert", column, 0)
        flow[panel, seat] += chance
        flow[seat, expert] += chance
        flow[expert, ("end", 0, 0)] += chance
    loose = {arc for arc, value in flow.items() if _fractional(value)}
    around: dict[Node, set[tuple[Node, Node]]] = defaultdict(set)
    for arc in loose:
        around[arc[0]].add(arc)
        around[arc[1]].add(arc)
    while loose:
        cycle = _cycle(around, min(loose))
        # how far the flow can be pushed along the cycle and against it until an arc is whole
        forth = min((1 - flow[a] % 1) if ahead else flow[a] % 1 for a, ahead in cycle)
        back = min(flow[a] % 1 if ahead else (1 - flow[a] % 1) for a, ahead in cycle)
        step = forth if uniform.next() < back / (forth + back) else -back
        for arc, ahead in cycle:
            flow[arc] += step if ahead else -step
            if not _fractional(flow[arc]):
                flow[arc] = round(flow[arc])
                loose.discard(arc)
                around[arc[0]].discard(arc)
                around[arc[1]].discard(arc)
    return [(seat[1], expert[1]) for (seat, expert), value in flow.items() if seat[0] == "seat" and value > 0.5]


def _fractional(value: float) -> bool:
    return abs(value - round(value)) > EPSILON


def _cycle(
    around: dict[Node, set[tuple[Node, Node]]], start: tuple[Node, Node]
) -> list[tuple[tuple[Node, Node], bool]]:
    """Return a cycle of fractional arcs, each with whether it is walked along its direction.

    At every node whole amounts come in and go out, so that a node that has one fractional arc has another.
    """
    path: list[tuple[tuple[Node, Node], bool]] = []
    place: dict[Node, int] = {}
    node, last = start[0], None
    while node not in place:
        place[node] = len(path)
        arc = min(a for a in around[node] if a != last)
        ahead = arc[0] == node
        path.append((arc, ahead))
        node, last = (arc[1] if ahead else arc[0]), arc
    return path[place[node] :]
