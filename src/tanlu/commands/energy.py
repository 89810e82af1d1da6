"""`tanlu energy`: check the folder of an energy system, and find its least-cost plan with a certificate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.energy_site import schedule

if TYPE_CHECKING:
    from tanlu.energy.certificate import EnergyResult, NoPlanError
    from tanlu.energy.system import Programme, System

EXIT_NO_PLAN = 3
ONE_NODE_SEGMENTS = 400
MANY_NODES_SEGMENTS = 288

app = typer.Typer(
    no_args_is_help=True,
    help="能源系统：检查、求解。Energy systems: check, solve.\n\n例 example: tanlu energy solve ./campus --periods 2030",
)
SystemName = Annotated[
    str,
    typer.Argument(metavar="SYSTEM", help="系统文件夹，或省份。Folder of a system, or a province."),
]
app.command()(schedule)


@app.command()
def check(
    system: SystemName,
    assumptions: Annotated[
        bool, typer.Option("--assumptions", help="列出 D 级假设。List what is assumed (grade D).")
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """检查系统文件夹，一次列出全部问题。Check the folder of a system; all problems at once.

    例 example: tanlu energy check hunan --assumptions
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        read, seconds = _read(system)
    except DataError as error:
        fail(error, language, as_json)
    summary = _summary(read, seconds, with_assumptions=assumptions)
    if as_json:
        _print_json(summary)
        return
    from tanlu.core.messages import translate

    for notice in read.provenance.notices:
        print(notice.text(language), file=sys.stderr)
    words = {key: summary[key] for key in ("nodes", "components", "policies", "profiles")}
    periods = ", ".join(map(str, read.periods))
    print(translate("energy.command.sound", language, name=read.name, periods=periods, **words))
    print(translate("energy.command.grades", language, total=sum(summary["grades"].values()), **summary["grades"]))
    if assumptions:
        _print_assumptions(summary["assumptions"], language)
    elif summary["grades"]["D"]:
        print(translate("energy.command.more_assumptions", language))


def _read(name: str) -> tuple[System, float]:
    """Return a system and the seconds of reading it."""
    from tanlu.energy.reading import read_system, system_folder

    start = perf_counter()
    return read_system(system_folder(name)), perf_counter() - start


def _summary(system: System, seconds: float, *, with_assumptions: bool) -> dict[str, Any]:
    """Return what a sound system holds as plain data."""
    from tanlu.core.provenance import Grade

    numbers = {origin for found in system.provenance.origins.values() for origin in found}
    summary: dict[str, Any] = {
        "system": system.name,
        "nodes": len(system.nodes),
        "components": len(system.components),
        "policies": len(system.policies),
        "profiles": len(system.profiles),
        "periods": list(system.periods),
        "grades": {grade.value: sum(o.grade == grade for o in numbers) for grade in Grade},
        "seconds": round(seconds, 3),
    }
    if with_assumptions:
        summary["assumptions"] = [
            {
                "owner": a.origin.owner,
                "parameter": a.origin.parameter,
                "year": a.origin.year,
                "value": a.origin.value,
                "unit": a.origin.unit,
                "source": a.origin.source,
                "note_zh": a.origin.note_zh,
                "note_en": a.origin.note_en,
                "components": list(a.components),
            }
            for a in system.provenance.assumptions()
        ]
    return summary


def _print_assumptions(rows: list[dict[str, Any]], language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    keys = ("owner", "parameter", "year", "value", "unit", "source", f"note_{language}")
    cells = [["" if row[key] is None else str(row[key]) for key in keys] for row in rows]
    header = translate("energy.command.assumption_columns", language).split("|")
    print_table(translate("energy.command.assumptions", language), header, cells, words=(0, 1, 4, 5, 6))


@app.command()
def solve(
    system: SystemName,
    nodes: Annotated[
        int | None, typer.Option(min=1, help="节点数：1 为合成一个节点。Nodes; 1 puts all on one.")
    ] = None,
    periods: Annotated[
        str | None, typer.Option(help="年份，逗号分隔。Years, by commas; default all of the system.")
    ] = None,
    segments: Annotated[
        int | None,
        typer.Option(min=0, help="每年时段数，0 为逐小时。Segments a year, 0 for every hour; default 400 or 288."),
    ] = None,
    solver: Annotated[str, typer.Option(help="求解器。Solver: auto, clarabel, structured, highs-simplex, …")] = "auto",
    certify: Annotated[
        bool, typer.Option(help="逐小时校核，给出上界。Run the capacities over every hour for the upper bound.")
    ] = True,
    time_limit: Annotated[float | None, typer.Option(min=1, help="求解时限，秒。Limit for a solver [s].")] = None,
    out: Annotated[Path | None, typer.Option(help="结果文件夹。Folder for results.", file_okay=False)] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """求最小成本方案，并给出可证的上下界。Find the least-cost plan, with certified bounds.

    无可行方案时退出码为 3，并说明哪些条件相互矛盾。Exit code 3 with what contradicts when there is no plan.

    例 example: tanlu energy solve hunan --nodes 1 --periods 2030,2040,2060 --segments 400 --out plan
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.messages import translate
    from tanlu.energy.certificate import NoPlanError

    check_language(language)
    try:
        with _status(translate("energy.command.reading", language), as_json):
            read, seconds = _read(system)
            chosen = _with_nodes(read, nodes)
            grid = chosen.grid(_years(periods))
        count = segments if segments is not None else _default_segments(chosen)
        with _status(translate("energy.command.solving", language), as_json):
            from tanlu.energy.certificate import solve as solve_system

            options = {"solver": solver, "certify": certify, "time_limit": time_limit}
            result = solve_system(chosen, grid, count or None, **options)  # type: ignore[arg-type]
    except DataError as error:
        fail(error, language, as_json)
    except NoPlanError as error:
        _explain(error, language, as_json)
        raise typer.Exit(EXIT_NO_PLAN) from None
    answer = _answer(result, seconds)
    if out is not None:
        try:
            _write(out, answer)
        except OSError as error:
            fail(DataError([Problem("cannot_write", str(out), value=error.strerror or str(error))]), language, as_json)
    if as_json:
        _print_json(answer)
    else:
        _print_answer(result, answer, language)
        if out is not None:
            print(translate("energy.command.written", language, folder=out), file=sys.stderr)


def _status(text: str, quiet: bool) -> Any:
    """Show a spinner with a text on standard error while a block runs."""
    from rich.console import Console

    return Console(stderr=True, quiet=quiet).status(text)


def _years(text: str | None) -> list[int] | None:
    """Return the years of ``2030,2040``; None where nothing is said."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.tables import FIRST_YEAR, LAST_YEAR

    if text is None:
        return None
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    years = [int(part) for part in parts if part.isdecimal()]
    rising = years == sorted(set(years))
    if len(years) != len(parts) or not rising or not all(FIRST_YEAR <= y <= LAST_YEAR for y in years):
        raise DataError([Problem("energy_years", "--periods", value=text)])
    return years


def _with_nodes(system: System, nodes: int | None) -> System:
    """Return the system on all its nodes or on one; a node where only other carriers are pooled need not be counted."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.components import Line

    if nodes is None or nodes == len(system.nodes):
        return system
    if nodes == 1:
        return system.aggregate()
    joined = {end for line in system.components if isinstance(line, Line) for end in (line.from_node, line.to_node)}
    if nodes == len(joined):
        return system
    details = {"known": len(joined) or len(system.nodes)}
    raise DataError([Problem("energy_nodes", "--nodes", value=str(nodes), details=details)])


def _default_segments(system: System) -> int:
    return ONE_NODE_SEGMENTS if len(system.nodes) == 1 else MANY_NODES_SEGMENTS


def _answer(result: EnergyResult, read_seconds: float) -> dict[str, Any]:
    """Return bounds, effort and capacities as plain data."""
    import math

    from tanlu.energy.answers import capacities

    solution = result.solution
    seconds = {"read": read_seconds, **result.seconds}
    rows = capacities(result.programme, solution).rows()
    return {
        "system": result.system.name,
        "status": solution.status.value,
        "nodes": len(result.system.nodes),
        "periods": list(result.programme.grid.years),
        "segments": result.programme.grid.steps,
        "hourly": result.programme.grid.is_hourly,
        "unit": "10^6 CNY",
        "price_year": result.system.price_year,
        "objective": result.objective,
        "lower": result.lower,
        "upper": result.upper if math.isfinite(result.upper) else None,
        "gap": result.gap if math.isfinite(result.gap) else None,
        "solver": solution.solver,
        "replaced": [{"solver": name, "reason": reason} for name, reason in solution.replaced],
        "seconds": {key: round(value, 4) for key, value in seconds.items()},
        "peak_memory_mb": _peak_memory(),
        "columns": len(result.programme.problem.cost),
        "rows": len(result.programme.problem.row_lower),
        "capacities": [{k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
    }


def _peak_memory() -> float:
    """Return the most memory that the process had [MB]."""
    import resource

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _write(folder: Path, answer: dict[str, Any]) -> None:
    """Write the answer as JSON and its capacities as CSV."""
    import csv

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_text(json.dumps(answer, ensure_ascii=False, indent=1), encoding="utf-8")
    with (folder / "capacities.csv").open("w", encoding="utf-8", newline="") as text:
        rows = answer["capacities"]
        writer = csv.DictWriter(text, list(rows[0]) if rows else ["component"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _print_answer(result: EnergyResult, answer: dict[str, Any], language: str) -> None:
    from tanlu.core.messages import translate

    if answer["hourly"]:
        steps = translate("energy.command.hourly", language)
    else:
        steps = translate("energy.command.segments", language, count=answer["segments"])
    years = ", ".join(map(str, answer["periods"]))
    zh, en = result.system.labels
    name = (zh if language == "zh" else en) or answer["system"]
    print(translate("energy.command.title", language, name=name, nodes=answer["nodes"], periods=years, steps=steps))
    bounds = {key: f"{answer[key]:,.1f}" for key in ("objective", "lower")}
    kind = translate(f"energy.command.{'per_year' if len(answer['periods']) == 1 else 'discounted'}", language)
    if answer["upper"] is None:
        print(translate("energy.command.no_upper", language, **bounds) + kind)
    else:
        gap = f"{100 * answer['gap']:.2f} %"
        print(translate("energy.command.cost", language, upper=f"{answer['upper']:,.1f}", gap=gap, **bounds) + kind)
    for one in answer["replaced"]:
        print(translate("energy.command.replaced", language, **one))
    spent = {key: f"{answer['seconds'].get(key, 0.0):.2f}" for key in ("read", "build", "solve", "dispatch")}
    memory = f"{answer['peak_memory_mb']:.0f}"
    print(translate("energy.command.effort", language, solver=answer["solver"], memory=memory, **spent))
    _print_capacities(result.system, answer, language)


def _print_capacities(system: System, answer: dict[str, Any], language: str) -> None:
    """Print capacities by technology and period, summed over the nodes; what is nowhere is left out."""
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    sums: dict[tuple[str, str], dict[int, float]] = {}
    for row in answer["capacities"]:
        of = sums.setdefault((row["technology"], row["unit"]), {})
        of[row["period"]] = of.get(row["period"], 0.0) + row["capacity"]
    years, rows = answer["periods"], []
    for (technology, unit), by_year in sums.items():
        if max(by_year.values()) < 1e-3:
            continue
        label = system.technologies.get(technology, ("", ""))[0 if language == "zh" else 1]
        rows.append([label or technology, *(f"{by_year[year]:,.1f}" for year in years), unit])
    header = [
        translate("energy.command.technology", language),
        *map(str, years),
        translate("energy.command.unit", language),
    ]
    print_table(translate("energy.command.capacities", language), header, rows, words=(0, len(header) - 1))


def _explain(error: NoPlanError, language: str, as_json: bool) -> None:
    """Print why there is no plan: what contradicts, or what else went wrong."""
    from tanlu.core.messages import translate

    status = error.solution.status.value
    conflict, whole = _conflict(error.programme) if status == "infeasible" else ([], False)
    if as_json:
        _print_json(
            {"system": error.programme.system.name, "status": status, "irreducible": whole, "conflict": conflict}
        )
        return
    if status != "infeasible":
        print(translate(f"energy.command.{status}", language), file=sys.stderr)
        return
    print(translate(f"energy.command.{'infeasible' if whole else 'contradiction'}", language), file=sys.stderr)
    for one in conflict:
        if one["when"]:
            key = "conflict"
        else:
            key = "conflict_year" if one["year"] is not None else "conflict_whole"
        print("  " + translate(f"energy.command.{key}", language, **one), file=sys.stderr)


def _conflict(programme: Programme) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows that contradict each other, by name and period, and whether none of them can be spared."""
    from tanlu.energy.checks.wording import moment
    from tanlu.energy.problem import BORDER
    from tanlu.energy.solvers.infeasible import irreducible_rows

    problem, grid = programme.problem, programme.grid
    found = irreducible_rows(problem)
    if found is None:
        return [], False
    groups: dict[tuple[str, int | None], list[int]] = {}
    rows = ((problem.row(i)[0].name, problem.row_period[i], problem.row_step[i]) for i in found.rows.tolist())
    columns = (
        (problem.column(i)[0].name, problem.column_period[i], problem.column_step[i]) for i in found.columns.tolist()
    )
    for name, period, step in (*rows, *columns):
        year = None if period == BORDER else grid.years[period]
        steps = groups.setdefault((name, year), [])
        if step != BORDER:
            steps.append(int(step))
    conflict = [
        {
            "name": name,
            "year": year,
            "count": len(steps) or 1,
            "when": moment(int(grid.starts[min(steps)]), programme.system.hours) if steps else "",
        }
        for (name, year), steps in groups.items()
    ]
    return conflict, found.irreducible


def _print_json(data: dict[str, Any]) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()
