"""Energy systems: tanlu against PyPSA and oemof-solph on the same systems in one run, and what a province's own system takes.

    python benchmarks/energy.py [--part peers --part slider ...] [--cases 1x730 ...] [--quick] [--write]

Every measurement is a program of its own, so that memory is its own; implementations take turns, in one order and then in the other, and
the quickest run of each counts. The benchmark fails where least costs differ by more than 1e-6.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import energy_cases
from energy_cases import CASES
from sections import machine, versions, write

HEADING = "## Energy systems: "
AGREEMENT = 1e-6
CONTENDERS = {
    "tanlu": ("tanlu", ""),
    "tanlu, HiGHS simplex": ("tanlu", "highs-simplex"),
    "PyPSA, HiGHS": ("pypsa", ""),
    "oemof-solph, HiGHS": ("oemof", ""),
}
"""Implementation and solver; the second shows what the solver does and what the rest. Peers let HiGHS choose its method."""
SECOND = "tanlu, HiGHS simplex"
OURS = "tanlu"
Measured = dict[str, Any]


class TooSlowError(Exception):
    """A measurement that did not end in its time."""


def in_own_program(arguments: Sequence[str], limit: float) -> Measured:
    """Return what a program prints as JSON on its last line.

    Raises
    ------
    TooSlowError
        If it does not end in time.
    SystemExit
        If it fails, with what it said.
    """
    try:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        raise TooSlowError from None
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    answer: Measured = json.loads(done.stdout.splitlines()[-1])
    return answer


# peers


def race(name: str, repeats: int, limit: float) -> dict[str, Measured | None]:
    """Return the quickest run of every contender on a case; None for one that did not end in time."""
    best: dict[str, Measured | None] = {}
    contenders = [who for who in CONTENDERS if CASES[name].solved or who != SECOND]
    for turn in range(repeats):
        for who in contenders if turn % 2 == 0 else contenders[::-1]:
            if best.get(who, {}) is None or (who == SECOND and (best.get(OURS) or {}).get("solver") == "highs-simplex"):
                continue
            print(f"  {name} {who} {turn + 1}/{repeats}", file=sys.stderr, flush=True)
            implementation, solver = CONTENDERS[who]
            try:
                run = in_own_program(["-m", "peers.energy_run", implementation, name, "--solver", solver], limit)
            except TooSlowError:
                best[who] = None
                continue
            held = best.get(who)
            best[who] = run if held is None else quicker(held, run)
    return {who: best[who] for who in contenders if who in best}


def quicker(a: Measured, b: Measured) -> Measured:
    """Return two runs as one: of every time and of memory the less; times by CPU."""
    times = {key: min(a[key], b[key], key=lambda t: t[1]) for key in ("import", "build", "solve", "total")}
    return b | times | {"megabytes": min(a["megabytes"], b["megabytes"])}


def largest_difference(name: str, runs: dict[str, Measured | None]) -> float:
    """Return the largest relative difference of least costs.

    Raises
    ------
    SystemExit
        If it is too large.
    """
    costs = {who: run["objective"] for who, run in runs.items() if run is not None and "objective" in run}
    gap = max(costs.values()) / min(costs.values()) - 1 if costs else 0.0
    if not gap <= AGREEMENT:
        raise SystemExit(f"{name}: least costs differ by {gap:.1e}: {costs}")
    return gap


def peer_lines(name: str, repeats: int, limit: float) -> list[str]:
    """Return the lines about a case."""
    case, runs = CASES[name], race(name, repeats, limit)
    last = "solve" if case.solved else "hand over to HiGHS"
    ours = runs[OURS]
    assert ours is not None, "tanlu did not end in time"
    agreed = f" Largest relative difference of least cost: {largest_difference(name, runs):.0e}." if case.solved else ""
    columns, rows = ours["size"]
    lines = [
        f"### {case.words}",
        "",
        f"{columns:,} columns, {rows:,} rows in tanlu.{agreed}",
        "",
        f"| implementation | import | build | {last} | build + {last} | memory | ratio build | ratio build + {last} | ratio with import "
        "| ratio memory | solver |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for who, run in runs.items():
        if run is None:
            lines.append(f"| {who} | | | | not in {limit:,.0f} s | | | | | | |")
            continue
        times = [f"{run[key][1]:.3g} s" for key in ("import", "build", "solve", "total")]
        whole, own = (r["import"][1] + r["total"][1] for r in (run, ours))
        ratios = [
            run["build"][1] / ours["build"][1],
            run["total"][1] / ours["total"][1],
            whole / own,
            run["megabytes"] / ours["megabytes"],
        ]
        cells = [
            who,
            *times,
            f"{run['megabytes']:,.0f} MB",
            *(f"{ratio:,.3g}" for ratio in ratios),
            run.get("solver", ""),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def peers(names: Sequence[str], repeats: int | None, limit: float) -> list[str]:
    """Return the lines of the peers."""
    # compiles the kernels of the structured solver where no earlier run did
    in_own_program(["-m", "peers.energy_run", "tanlu", "1x168", "--solver", "structured"], limit)
    lines = [
        "One system made once and given to each: sun, wind, run of river, coal, gas, batteries, pumped storage, reservoirs with inflow, "
        "load that can be shed, a cap on CO2, lines with losses (`benchmarks/energy_cases.py`). CPU seconds of a program of its own, the "
        "quickest of several runs in alternating order; memory is the largest of the whole program. tanlu solves with its own choice of "
        "solver to 1e-6 and checks the answer independently; peers solve with HiGHS and two threads.",
        "",
    ]  # fmt: skip
    for name in names:
        lines += peer_lines(name, repeats or CASES[name].repeats, limit)
    return lines


# a province's own system


def claim(part: str, province: str, limit: float, known: dict[str, Measured | None]) -> Measured | None:
    """Return a measurement, made once in a run; None where it did not end in time."""
    if part not in known:
        print(f"  {part}", file=sys.stderr, flush=True)
        try:
            known[part] = in_own_program(["energy_claims.py", part, "--province", province], limit)
        except TooSlowError:
            known[part] = None
    return known[part]


TABLE = ["| what | target | elapsed | CPU | memory | solver | remark |", "|---|---|---|---|---|---|---|"]


def claim_line(
    what: str, target: str, run: Measured | None, remark: str = "", took: Sequence[float | None] = ()
) -> str:
    """Return a row; `took` replaces elapsed and CPU seconds of the whole."""
    if run is None:
        return f"| {what} | {target} | not in time | | | | |"
    wall, cpu = took or run["took"]
    replaced = "; ".join(f"{solver} was replaced: {why}" for solver, why in run.get("replaced", ()))
    cells = [what, target, f"{wall:,.3g} s", "" if cpu is None else f"{cpu:,.3g} s", f"{run['megabytes']:,.0f} MB", run.get("solver", ""),
             "; ".join(filter(None, (remark, replaced)))]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def phases(run: Measured | None) -> str:
    """Return what the parts of a plan took, elapsed, where that is a millisecond or more."""
    return (
        ", ".join(f"{name} {seconds:.3g} s" for name, seconds in run["seconds"].items() if seconds >= 1e-3)
        if run
        else ""
    )


def size(run: Measured | None) -> str:
    """Return the number of columns and the parts."""
    return f"{run['columns']:,} columns; {phases(run)}" if run else ""


def slider_part(measure: Any) -> list[str]:
    """Return the lines about a plan that follows sliders."""
    run = measure("slider")
    what = "one node, 400 segments, one period, build and solve"
    lines = [*TABLE, claim_line(f"{what}, another price of CO2", "≤ 0.3 s", run, size(run))]
    if run:
        first = f"gathering the hours into segments took {run['gathering'][1]:.2f} s CPU before"
        lines += [
            claim_line(f"{what}, another cap of CO2", "≤ 0.3 s", run, "from the last answer", run["cap"]),
            claim_line(f"{what}, first time", "", run, first, run["first"]),
        ]
    return lines


def pathway_part(measure: Any) -> list[str]:
    """Return the lines about pathways of five periods."""
    one, many = measure("pathway-1x400"), measure("pathway-14x288")
    return [
        *TABLE,
        claim_line("one node, 400 segments, five periods", "≤ 3 s", one, size(one)),
        claim_line("all nodes, 288 segments, five periods", "≤ 60 s, ≤ 1,024 MB", many, size(many)),
    ]


def gap_part(measure: Any) -> list[str]:
    """Return the lines about certified gaps."""
    lines = [*TABLE]
    for segments, target in ((288, "≤ 2 %"), (576, "≤ 1 %")):
        lines.append(
            certified_line(f"all nodes, {segments} segments", f"gap {target}", measure(f"certified-14x{segments}"))
        )
    lines.append(certified_line("one node, 400 segments", "", measure("certified-1x400")))
    return lines


def certified_line(what: str, target: str, run: Measured | None) -> str:
    """Return a row about the bounds of a plan; its times are those of the plan without the hourly run."""
    found = (
        f"**gap {100 * run['gap']:.2f} %**, {run['lower']:,.1f} to {run['upper']:,.1f} million CNY; {phases(run)}"
        if run
        else ""
    )
    return claim_line(f"{what}, one period, lower bound", target, run, found)


def hourly_part(measure: Any) -> list[str]:
    """Return the lines about running capacities over every hour."""
    lines = [*TABLE]
    for what, part, target in (("one node", "certified-1x400", "≤ 5 s"), ("all nodes", "certified-14x288", "≤ 300 s")):
        run = measure(part)
        took = run["run"] if run else ()
        by = {"solver": run["hourly_solver"], "replaced": ()} if run else {}
        remark = (
            f"{run['hourly_columns']:,} columns; {run['hourly_status']}; gap {100 * run['gap']:.2f} %" if run else ""
        )
        lines.append(claim_line(f"{what}, 8,760 h of given capacities", target, run and run | by, remark, took))
    return lines


def build_part(measure: Any) -> list[str]:
    """Return the lines about building the hourly programme."""
    run = measure("build")
    remark = (
        f"{run['columns']:,} columns, {run['rows']:,} rows, {run['nonzeros']:,} coefficients; build {run['build'][0]:.2f} s, "
        f"hand over {run['pass'][0]:.2f} s; {run['built']:,.0f} MB when built, {run['before']:,.0f} MB before"
        if run
        else ""
    )
    return [*TABLE, claim_line("all nodes, 8,760 h, build and hand over to HiGHS", "≤ 2.5 s, ≤ 800 MB", run, remark)]


CLAIMS = {
    "slider": (slider_part, "a plan that follows a slider"),
    "pathway": (pathway_part, "pathways"),
    "gap": (gap_part, "certified gaps"),
    "hourly": (hourly_part, "hourly verification"),
    "build": (build_part, "building"),
}
PARTS = ("peers", *CLAIMS)


def main() -> None:
    """Measure, print and, when asked, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS, help="all where none is named")
    parser.add_argument("--cases", nargs="+", choices=CASES, help="cases for the peers")
    parser.add_argument("--repeats", type=int, help="runs of each contender")
    parser.add_argument("--quick", action="store_true", help="two small cases and the slider, one run each")
    parser.add_argument("--limit", type=float, default=1800.0, help="seconds for one measurement")
    parser.add_argument("--province", default="hunan")
    parser.add_argument("--write", action="store_true", help="write the sections of benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    known: dict[str, Measured | None] = {}

    def measure(part: str) -> Measured | None:
        return claim(part, arguments.province, arguments.limit, known)

    for part in arguments.part or (("peers", "slider") if arguments.quick else PARTS):
        load = os.getloadavg()[0]
        if part == "peers":
            names = arguments.cases or (energy_cases.QUICK if arguments.quick else energy_cases.USUAL)
            title, lines = "peers", peers(names, arguments.repeats or (1 if arguments.quick else None), arguments.limit)
            packages = ("numpy", "highspy", "clarabel", "pypsa", "linopy", "oemof.solph", "pyomo")
        else:
            function, title = CLAIMS[part]
            lines, packages = (
                [f"The system of {arguments.province}.", "", *function(measure)],
                ("numpy", "highspy", "clarabel"),
            )
        head = (
            f"`python benchmarks/energy.py --part {part}`; {machine()}; {versions(*packages)}. Load of the machine by other programs at "
            f"the start {load:.1f}: elapsed times are longer by it, and CPU times somewhat."
        )  # fmt: skip
        section = "\n".join([HEADING + title, "", head, "", *lines]).rstrip("\n") + "\n"
        print(section, flush=True)
        if arguments.write:
            write(HEADING + title, section)


if __name__ == "__main__":
    main()
