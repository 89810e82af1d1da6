"""`tanlu energy`: check the folder of an energy system, and find its least-cost plan with a certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.energy_answers import alternatives, explain, hosting
from tanlu.commands.energy_common import (
    EXIT_NO_PLAN,
    Caps,
    Changes,
    Nodes,
    Periods,
    Prices,
    Settings,
    Solver,
    SystemName,
    TimeLimit,
    cannot_write,
    default_segments,
    explain_no_plan,
    label,
    print_json,
    read,
    require_varying,
    status,
    with_nodes,
    years,
)
from tanlu.commands.energy_dispatch import dispatch
from tanlu.commands.energy_exchange import export, import_
from tanlu.commands.energy_site import schedule

if TYPE_CHECKING:
    from tanlu.energy.certificate import EnergyResult
    from tanlu.energy.pathway import MyopicPathway
    from tanlu.energy.system import System

app = typer.Typer(
    no_args_is_help=True,
    help="能源系统：检查、求解、运行、解释、替代、消纳、场所。Energy systems: check, solve, run, explain, sites.\n\n"
    "例 Example: tanlu energy solve ./campus --periods 2030",
)
for command in (dispatch, explain, alternatives, hosting, schedule, export):
    app.command()(command)
app.command("import")(import_)


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

    例 Example: tanlu energy check hunan --assumptions
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        found, seconds = read(system)
    except DataError as error:
        fail(error, language, as_json)
    summary = _summary(found, seconds, with_assumptions=assumptions)
    if as_json:
        print_json(summary)
        return
    from tanlu.core.messages import translate

    for notice in found.provenance.notices:
        print(notice.text(language), file=sys.stderr)
    words = {key: summary[key] for key in ("nodes", "components", "policies", "profiles")}
    periods = ", ".join(map(str, found.periods))
    print(translate("energy.command.sound", language, name=found.name, periods=periods, **words))
    print(translate("energy.command.grades", language, total=sum(summary["grades"].values()), **summary["grades"]))
    if assumptions:
        _print_assumptions(summary["assumptions"], language)
    elif summary["grades"]["D"]:
        print(translate("energy.command.more_assumptions", language))


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
    nodes: Nodes = None,
    periods: Periods = None,
    segments: Annotated[
        int | None,
        typer.Option(min=0, help="每年时段数，0 为逐小时。Segments a year, 0 for every hour; default 400 or 288."),
    ] = None,
    solver: Solver = "auto",
    certify: Annotated[
        bool, typer.Option(help="逐小时校核，给出上界。Run the capacities over every hour for the upper bound.")
    ] = True,
    myopic: Annotated[
        bool, typer.Option("--myopic", help="逐期决策，不预知后期。Decide period by period, without foresight.")
    ] = False,
    settings: Settings = None,
    co2_cap: Caps = None,
    co2_price: Prices = None,
    time_limit: TimeLimit = None,
    out: Annotated[Path | None, typer.Option(help="结果文件夹。Folder for results.", file_okay=False)] = None,
    hosting: Annotated[
        list[str] | None,
        typer.Option(
            help="在结果中写出各节点可接纳容量的电源，可重复。Source, as pv, whose hosting capacity is written to the results."
        ),
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """求最小成本方案，并给出可证的上下界。Find the least-cost plan, with certified bounds.

    无可行方案时退出码为 3，并说明缺什么、哪些条件相互矛盾。Exit code 3 with what is short and what contradicts when there is no plan.

    例 Example: tanlu energy solve hunan --nodes 1 --periods 2030,2060 --set policy.reserve.active=true --co2-cap 2060=10 --out plan
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.certificate import NoPlanError

    check_language(language)
    changes = Changes(settings, co2_cap, co2_price)
    try:
        with status(translate("energy.command.reading", language), as_json):
            found, seconds = read(system)
            chosen = with_nodes(changes.apply(found), nodes)
            wanted = years(periods)
            require_varying(chosen, hosting or [], "--hosting")
        count = segments if segments is not None else default_segments(chosen)
        with status(translate("energy.command.solving", language), as_json):
            options = {"solver": solver, "certify": certify, "time_limit": time_limit}
            result = _solved(chosen, wanted, count or None, myopic, options)
        answer = _answer(result, seconds, changes)
        if out is not None:
            with status(translate("energy.command.writing", language), as_json):
                _write(out, result, seconds, changes, hosting or [])
    except DataError as error:
        fail(error, language, as_json)
    except NoPlanError as error:
        explain_no_plan(error, language, as_json)
        raise typer.Exit(EXIT_NO_PLAN) from None
    if as_json:
        print_json(answer)
    else:
        _print_answer(result.system, answer, language)
        if out is not None:
            print(translate("energy.command.written", language, folder=out), file=sys.stderr)


def _solved(
    system: System, periods: list[int] | None, segments: int | None, myopic: bool, options: dict[str, Any]
) -> EnergyResult | MyopicPathway:
    """Return the plan, of all periods at once or one after the other."""
    if myopic:
        from tanlu.energy.pathway import solve_myopic

        own = {name: options[name] for name in ("solver", "certify")}
        return solve_myopic(system, periods, segments, **own)
    from tanlu.energy.certificate import solve as solve_system

    return solve_system(system, system.grid(periods), segments, **options)


def _write(
    out: Path, result: EnergyResult | MyopicPathway, seconds: float, changes: Changes, hosting: list[str]
) -> None:
    """Write the folder of results."""
    from tanlu.energy.results import write_results

    try:
        write_results(result, out, about={"changes": changes.record()}, read_seconds=seconds, hosting=hosting)
    except OSError as error:
        raise cannot_write(out, error) from None


def _answer(result: EnergyResult | MyopicPathway, read_seconds: float, changes: Changes) -> dict[str, Any]:
    """Return bounds, effort and capacities as plain data."""
    from tanlu.energy.answers import capacities
    from tanlu.energy.results import plans, summary

    found, about = plans(result), summary(result, read_seconds)
    rows = [row for plan in found for row in capacities(plan.programme, plan.solution).rows()]
    return {
        "system": about["system"],
        "status": found[0].solution.status.value,
        "foresight": about["foresight"],
        "nodes": about["nodes"],
        "periods": about["periods"],
        "segments": about["segments"],
        "hourly": about["hourly"],
        "changes": changes.record(),
        "unit": about["currency"],
        **{name: about[name] for name in ("price_year", "objective", "lower", "upper", "gap", "uncertified")},
        **{name: about[name] for name in ("solver", "replaced", "seconds")},
        "peak_memory_mb": about["peak_memory_MB"],
        "columns": max(len(plan.programme.problem.cost) for plan in found),
        "rows": max(len(plan.programme.problem.row_lower) for plan in found),
        "capacities": [{k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows],
    }


def _print_answer(system: System, answer: dict[str, Any], language: str) -> None:
    from tanlu.core.messages import translate

    if answer["hourly"]:
        steps = translate("energy.command.hourly", language)
    else:
        steps = translate("energy.command.segments", language, count=answer["segments"])
    years = ", ".join(map(str, answer["periods"]))
    zh, en = system.labels
    name = (zh if language == "zh" else en) or answer["system"]
    print(translate("energy.command.title", language, name=name, nodes=answer["nodes"], periods=years, steps=steps))
    bounds = {key: "–" if answer[key] is None else f"{answer[key]:,.1f}" for key in ("objective", "lower")}
    kind = translate(f"energy.command.{'per_year' if len(answer['periods']) == 1 else 'discounted'}", language)
    if answer["foresight"] == "myopic":
        print(translate("energy.command.myopic", language, **bounds) + kind)
    elif answer["upper"] is None:
        print(translate("energy.command.no_upper", language, **bounds) + kind)
    else:
        gap = f"{100 * answer['gap']:.2f}%"
        print(translate("energy.command.cost", language, upper=f"{answer['upper']:,.1f}", gap=gap, **bounds) + kind)
    for one in answer["replaced"]:
        print(translate("energy.command.replaced", language, **one))
    spent = {key: f"{answer['seconds'].get(key, 0.0):.2f}" for key in ("read", "build", "solve", "dispatch")}
    memory = f"{answer['peak_memory_mb'] or 0:.0f}"
    print(translate("energy.command.effort", language, solver=answer["solver"], memory=memory, **spent))
    _print_capacities(system, answer, language)


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
        rows.append([label(system, technology, language), *(f"{by_year[year]:,.1f}" for year in years), unit])
    header = [
        translate("energy.command.technology", language),
        *map(str, years),
        translate("energy.command.unit", language),
    ]
    print_table(translate("energy.command.capacities", language), header, rows, words=(0, len(header) - 1))
