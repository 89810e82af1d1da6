"""Print what the tests of suspicion see on demonstration fleets of which the truth is known, for docs/methods/monitor-suspicion.md.

Run from the repository: ``PYTHONPATH=. .venv/bin/python tools/suspicion_power.py [SEEDS]``. Fleets of 1,500 meters, about 120
enterprises with 133 stacks, 31 days of 15 minutes; every tenth enterprise tampers.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

import numpy as np
from tests.monitor.stack_fixture import stack_fleet, stack_series, tampered

from tanlu.monitor.suspicion.probability import cauchy_combination, false_discovery_rate
from tanlu.monitor.suspicion.stack_tests import Verdicts, all_stack_tests

RATE = 0.10
SEEN = 0.005


def enterprises(verdicts: list[Verdicts], owners: np.ndarray) -> dict[int, float]:
    """Return the false discovery rate at which each enterprise becomes a case."""
    p = np.stack([v.p for v in verdicts], axis=1)
    weights = np.array([v.weight for v in verdicts])
    names = np.unique(owners)
    mine = [owners == e for e in names]
    combined = [cauchy_combination(p[m].ravel()[None, :], np.tile(weights, int(m.sum())))[0] for m in mine]
    return dict(zip(names.tolist(), false_discovery_rate(np.array(combined)).tolist(), strict=True))


def main(seeds: int) -> None:
    """Run the fleets and print the table."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    found, stacks, plants = Counter[str](), Counter[str](), Counter[str]()
    shares, honest_cases, honest = [], 0, 0
    tests: list[str] = []
    for seed in range(seeds):
        fleet = stack_fleet(seed, 1500)
        verdicts = all_stack_tests(stack_series(fleet))
        tests = [v.test for v in verdicts]
        kinds, owners = tampered(fleet), fleet.stack_enterprise
        q = enterprises(verdicts, owners)
        cases = {e for e, value in q.items() if value <= RATE}
        shares.append(len(cases - kinds.keys()) / max(len(cases), 1))
        plants.update(kinds.values())
        found.update(kinds[e] for e in cases if e in kinds)
        for row, owner in enumerate(owners.tolist()):
            kind = kinds.get(owner, "honest")
            stacks[kind] += 1
            seen[kind].update(v.test for v in verdicts if v.p[row] < SEEN)
    for seed in range(seeds):
        fleet = stack_fleet(1000 + seed, 1500, tampering=0.0)
        q = enterprises(all_stack_tests(stack_series(fleet)), fleet.stack_enterprise)
        honest_cases += sum(value <= RATE for value in q.values())
        honest += len(q)
    print("| tampering | " + " | ".join(tests) + " | cases |")
    print("| --- |" + " --- |" * (len(tests) + 1))
    for kind in ["honest", *sorted(plants)]:
        digits = 1 if kind == "honest" else 0
        cells = [f"{100 * seen[kind][t] / stacks[kind]:.{digits}f}" for t in tests]
        cases_of = f"{found[kind]} of {plants[kind]}" if kind in plants else ""
        print(f"| {kind} | " + " | ".join(cells) + f" | {cases_of} |")
    error = np.std(shares) / np.sqrt(len(shares))
    print(
        f"\nfalse discoveries at {RATE:.0%}: {np.mean(shares):.1%} ± {error:.1%} (standard error over {seeds} fleets)"
    )
    print(f"fleets without tampering: {honest_cases} cases of {honest} enterprises in {seeds} fleets")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
