"""Speed of expert assignment against OR-Tools and of score runs, on the same problems, in one run.

    python benchmarks/programme.py [--write]

A written round (500 proposals, 300 experts, 5 each) against the min-cost flow of OR-Tools, and panels (100 × 80 × 5) with one expert of a
unit against its CP-SAT; totals must be equal, or the run stops. A score run of 14 cities, 60 indicators and 9 years has no peer.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model

from sections import best, machine, versions, write
from tanlu.assessment.score_tree import (
    Filing,
    FilingState,
    PathKind,
    RequiredPath,
    Scheme,
    ScoredIndicator,
    frozen,
    score_cities,
)
from tanlu.programme.assignment import Aim, AssignmentProblem, assign

HEADING = "## Programme and assessment"
REPEATS = 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def problem(proposals: int, experts: int, most: int, units: int | None) -> AssignmentProblem:
    """Return a problem whose scores are cosine similarities of random topics, with one pair in ten excluded."""
    rng = np.random.default_rng(1)
    a, b = rng.random((proposals, 8)), rng.random((experts, 8))
    fit = 1000 * (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    of_unit = None if units is None else rng.integers(0, units, experts)
    allowed = rng.random(fit.shape) > 0.1
    return AssignmentProblem(np.rint(fit).astype(np.int64), allowed, 5, np.full(experts, most), units=of_unit)


def by_flow(p: AssignmentProblem) -> int:
    """Return the best total by the min-cost flow of OR-Tools."""
    n, m = p.scores.shape
    i, j = np.nonzero(p.allowed)
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(i, n + j, np.ones(len(i), np.int64), -p.scores[i, j])
    source, sink = n + m, n + m + 1
    flow.add_arcs_with_capacity_and_unit_cost(
        np.full(n, source), np.arange(n), np.full(n, p.size), np.zeros(n, np.int64)
    )
    flow.add_arcs_with_capacity_and_unit_cost(n + np.arange(m), np.full(m, sink), p.most, np.zeros(m, np.int64))
    flow.set_nodes_supplies(np.array([source, sink]), np.array([n * p.size, -n * p.size]))
    if flow.solve() != flow.OPTIMAL:
        raise SystemExit("OR-Tools found no flow")
    return -int(flow.optimal_cost())


def by_cp_sat(p: AssignmentProblem) -> int:
    """Return the best total with one expert of a unit by CP-SAT."""
    n, m = p.scores.shape
    assert p.units is not None
    model = cp_model.CpModel()
    x = {(i, j): model.new_bool_var("") for i in range(n) for j in range(m) if p.allowed[i, j]}
    for i in range(n):
        own = [j for j in range(m) if (i, j) in x]
        model.add(sum(x[i, j] for j in own) == p.size)
        for unit in set(p.units[own].tolist()):
            model.add_at_most_one(x[i, j] for j in own if p.units[j] == unit)
    for j in range(m):
        model.add(sum(x[i, j] for i in range(n) if (i, j) in x) <= int(p.most[j]))
    model.maximize(sum(int(p.scores[i, j]) * x[i, j] for i, j in x))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise SystemExit("CP-SAT did not prove an optimum")
    return round(solver.objective_value)


def scheme_and_filings(cities: int, indicators: int, years: range) -> tuple[Scheme, list[Filing]]:
    """Return a scheme and one verified filing of every city, indicator and year."""
    path = RequiredPath(PathKind.LINEAR, 2020, Decimal(100), 2030, Decimal(200))
    leaves = tuple(ScoredIndicator(f"i{n}", f"A{n % 10:02}", Decimal(1 + n % 5), path) for n in range(indicators))
    scheme = Scheme("benchmark", "1", leaves, (("good", Decimal(75)), ("fair", Decimal(0))), "fair")
    value = np.random.default_rng(2).integers(90, 220, (cities, indicators, len(years)))
    return scheme, [
        Filing(f"c{c}", f"i{i}", year, Decimal(int(value[c, i, y])), FilingState.VERIFIED, NOW)
        for c in range(cities)
        for i in range(indicators)
        for y, year in enumerate(years)
    ]


def measure() -> list[tuple[str, float, str, float | None]]:
    """Return (work, our seconds, peer, its seconds).

    Raises
    ------
    SystemExit
        If totals differ.
    """
    written, panels = problem(500, 300, 10, None), problem(100, 80, 8, 40)
    for p, peer in ((written, by_flow), (panels, by_cp_sat)):
        if assign(p).total != peer(p):
            raise SystemExit(f"totals differ from {peer.__name__}")
    scheme, filings = scheme_and_filings(14, 60, range(2022, 2031))
    cities = [f"c{n}" for n in range(14)]

    def score_run() -> None:
        for year in range(2022, 2031):
            frozen(scheme, score_cities(scheme, filings, cities, year, NOW), year, NOW)

    return [
        (
            "500 × 300 × 5",
            best(lambda: assign(written), REPEATS),
            "OR-Tools min-cost flow",
            best(lambda: by_flow(written), REPEATS),
        ),
        (
            "100 × 80 × 5, one of a unit",
            best(lambda: assign(panels), REPEATS),
            "OR-Tools CP-SAT",
            best(lambda: by_cp_sat(panels), 1),
        ),
        ("100 × 80 × 5, fair", best(lambda: assign(panels, Aim.FAIR), REPEATS), "", None),
        ("score run 14 × 60 × 9", best(score_run, REPEATS), "", None),
    ]


def section(rows: list[tuple[str, float, str, float | None]]) -> str:
    """Return the section of RESULTS.md."""
    lines = [
        HEADING,
        "",
        f"{machine()}; {versions('numpy', 'highspy', 'ortools')}. CPU time, best of {REPEATS}; totals equal.",
        "",
    ]
    lines += ["| work | Tanlu [s] | peer | peer [s] | peer / Tanlu |", "| --- | --- | --- | --- | --- |"]
    for work, own, peer, theirs in rows:
        cells = (peer, f"{theirs:.3f}", f"{theirs / own:.2f}") if theirs is not None else ("none", "", "")
        lines.append(f"| {work} | {own:.3f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and, when asked, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the section in RESULTS.md")
    text = section(measure())
    print(text)
    if parser.parse_args().write:
        write(HEADING, text)


if __name__ == "__main__":
    main()
