"""Build and solve one energy system with one implementation, so that import, memory and clocks are its own.

    cd benchmarks; python -m peers.energy_run tanlu 1x730 [--solver highs-simplex]

Prints what it measured as JSON: seconds, largest memory, size and the least cost. Making the system is not counted.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from typing import Any

from energy_cases import CASES, system
from sections import Time, peak_memory, timed

IMPLEMENTATIONS = ("tanlu", "pypsa", "oemof")


def measure(implementation: str, case: str, solver: str) -> dict[str, Any]:
    """Return what building, and handing over or solving, takes."""
    made = system(CASES[case])
    peer = import_module(f"peers.energy_{implementation}")
    before = peak_memory()
    _, importing = timed(peer.load_library)
    model, building = timed(lambda: peer.build(made))
    found: dict[str, Any] = {"import": importing, "build": building}
    if CASES[case].solved:
        (cost, by), found["solve"] = timed(lambda: peer.solve(model, solver))
        found |= {"objective": cost, "solver": by}
    else:
        # what holds the model must live until memory is read
        held, found["solve"] = timed(lambda: peer.hand_over(model))
        assert held is not None
    found["total"] = Time(*(sum(part) for part in zip(*(found[key] for key in ("build", "solve")), strict=True)))
    return found | {"megabytes": peak_memory(), "before": before, "size": peer.size(model)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("implementation", choices=IMPLEMENTATIONS)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--solver", default="", help="empty for the implementation's own choice")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.implementation, arguments.case, arguments.solver)))


if __name__ == "__main__":
    main()
