"""`tanlu energy dispatch`: run what stands, or what a study found, hour by hour."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.energy_common import (
    EXIT_NO_PLAN,
    Caps,
    Changes,
    Nodes,
    Prices,
    Settings,
    Solver,
    SystemName,
    cannot_write,
    explain_no_plan,
    label,
    print_json,
    read,
    status,
    with_nodes,
)

if TYPE_CHECKING:
    from tanlu.energy.operation import Guide, NoisyForecast, Operation, Rules
    from tanlu.energy.problem import Floats
    from tanlu.energy.system import System

EXISTING = "existing"
ONE_NODE_SEGMENTS = 200
MANY_NODES_SEGMENTS = 96
_WEEK = 168
"""Hours that are run where no end is given [h]."""
CapacitiesFrom = Annotated[
    str,
    typer.Option(
        help="容量：existing 为现有，或 tanlu energy solve --out 的文件夹。Capacities: what stands, or the folder of a study."
    ),
]


def dispatch(
    system: SystemName,
    year: Annotated[int | None, typer.Option(help="年份。Year; default the first of the system.")] = None,
    start: Annotated[
        str,
        typer.Option("--from", help="起点：月-日、月-日T时或小时数。Month-day, month-dayThour, or hour of the year."),
    ] = "0",
    end: Annotated[
        str | None, typer.Option("--to", help="终点，含该日。To the end of that day; default a week later.")
    ] = None,
    capacities: CapacitiesFrom = EXISTING,
    nodes: Nodes = None,
    commitment: Annotated[
        bool, typer.Option("--commitment", help="机组启停取整。Units are on or off in whole numbers.")
    ] = False,
    horizon: Annotated[int, typer.Option(min=1, help="每次预见的小时数。Hours that each window sees.")] = 192,
    step: Annotated[int, typer.Option(min=1, help="每次执行的小时数。Hours of it that are run.")] = 168,
    forecast_error: Annotated[
        list[str] | None,
        typer.Option(metavar="TECHNOLOGY=SHARE", help="预测误差，如 wind=0.2，可重复。Error of forecasts."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="预测误差的种子。Seed of the errors.")] = 0,
    solver: Solver = "auto",
    settings: Settings = None,
    co2_cap: Caps = None,
    co2_price: Prices = None,
    out: Annotated[Path | None, typer.Option(help="逐小时结果 CSV。CSV of the hours.", dir_okay=False)] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """逐小时运行给定容量（滚动时窗）。Run given capacities hour by hour, window after window.

    全年计划给出水库、储能的目标蓄量和全年约束的价格。A plan of the year guides contents and prices what is shared over the year.

    例 Example: tanlu energy dispatch hunan --nodes 1 --year 2030 --from 07-15 --to 07-21 --forecast-error wind=0.2 --json
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.certificate import NoPlanError
    from tanlu.energy.operation import OperationError, Rules

    check_language(language)
    changes = Changes(settings, co2_cap, co2_price)
    rules = Rules(max(horizon, step), step, commitment, solver)
    try:
        with status(translate("energy.command.reading", language), as_json):
            found, _ = read(system)
            chosen, at, given = given_capacities(changes.apply(found), capacities, nodes, year)
            first, hours = span(start, end, chosen.hours)
            forecast = _forecast(forecast_error or [], seed, chosen)
        with status(translate("energy.command.guiding", language), as_json):
            plan = _guide(chosen, at, given, solver)
        with _progress(translate("energy.command.running", language), as_json) as progress:
            run = _operate(chosen, at, given, first, hours, rules, forecast, plan, progress)
        if out is not None:
            _write(out, run, first)
    except DataError as error:
        fail(error, language, as_json)
    except (NoPlanError, OperationError) as error:
        explain_no_plan(NoPlanError(error.programme, error.solution), language, as_json)
        raise typer.Exit(EXIT_NO_PLAN) from None
    answer = _answer(run, at, chosen.hours, first, hours, rules, capacities, changes)
    if as_json:
        print_json({**answer, "dispatch_MW": _series(run)})
        return
    _print(chosen, answer, language)
    if out is not None:
        print(translate("energy.command.written", language, folder=out), file=sys.stderr)


def given_capacities(
    system: System, capacities: str, nodes: int | None, year: int | None
) -> tuple[System, int, dict[str, Floats]]:
    """Return the system on the nodes that are asked for, the year, and the capacities of it by block.

    Raises
    ------
    DataError
        When the folder is no study of this system and year, or the number of nodes is wrong.
    """
    from tanlu.energy.given import standing_capacities, study_capacities, study_nodes

    at = system.periods[0] if year is None else year
    if capacities == EXISTING:
        chosen = with_nodes(system, nodes)
        return chosen, at, standing_capacities(chosen, at)
    folder = Path(capacities)
    chosen = with_nodes(system, study_nodes(folder) if nodes is None else nodes)
    return chosen, at, study_capacities(folder, chosen, at)


def span(start: str, end: str | None, hours: int) -> tuple[int, int]:
    """Return the first hour and the number of hours between two moments; over the end of the year it goes on at its beginning.

    Raises
    ------
    DataError
        With every moment that is none.
    """
    from tanlu.core.errors import DataError, Problem

    first = _hour(start, hours, last=False)
    last = _hour(end, hours, last=True) if end is not None else None
    wrong = [("--from", start)] if first is None else []
    wrong += [("--to", end)] if end is not None and last is None else []
    if first is None or wrong:
        raise DataError(
            [Problem("energy_moment", option, value=text, details={"hours": hours}) for option, text in wrong]
        )
    return first, min(_WEEK, hours) if last is None else (last - first - 1) % hours + 1


def _hour(text: str, hours: int, *, last: bool) -> int | None:
    """Return the hour of the year of a moment, or the hour after its day or hour where it is the last; None where it is no moment."""
    import datetime

    from tanlu.energy.timegrid import HOURS_PER_YEAR

    text = text.strip()
    if text.isdecimal():
        return int(text) + last if int(text) < hours else None
    if hours != HOURS_PER_YEAR:
        return None
    day, _, hour = text.replace("T", " ").partition(" ")
    try:
        moment = datetime.datetime.strptime(f"2001-{day}", "%Y-%m-%d")
        number = int(hour.partition(":")[0]) if hour else (23 if last else 0)
    except ValueError:
        return None
    if not 0 <= number <= 23:
        return None
    return (moment - datetime.datetime(2001, 1, 1)).days * 24 + number + last


def _forecast(texts: list[str], seed: int, system: System) -> NoisyForecast | None:
    """Return the forecast with errors; None where everything is known."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.operation import NoisyForecast

    errors, problems = {}, []
    for text in (part.strip() for several in texts for part in several.split(",")):
        name, _, share = text.partition("=")
        profiles = _profiles(system, name)
        try:
            size = float(share)
        except ValueError:
            size = -1.0
        if not profiles or not 0 <= size <= 1:
            some = ", ".join(sorted(c for c in {c.kind for c in system.components} if _profiles(system, c)))
            problems.append(Problem("energy_forecast", "--forecast-error", value=text, details={"some": some or "–"}))
        errors.update(dict.fromkeys(profiles, size))
    if problems:
        raise DataError(problems)
    return NoisyForecast(errors, seed=seed) if errors else None


def _profiles(system: System, name: str) -> list[str]:
    """Return the profiles that a technology or component uses, or that are called so themselves, at a node or everywhere."""
    from tanlu.energy.parameters import declared

    used = [
        value
        for component in system.components
        if name in (component.kind, component.name)
        for field, quantity in declared(type(component)).items()
        if quantity.kind == "hourly" and isinstance(value := getattr(component, field), str)
    ]
    return used or [profile for profile in system.profiles if profile == name or profile.endswith(f".{name}")]


def _guide(system: System, year: int, given: dict[str, Floats], solver: str) -> Guide:
    """Return what a plan of the year over segments tells the operator."""
    from tanlu.energy.certificate import NoPlanError
    from tanlu.energy.model import Mode
    from tanlu.energy.operation import guide
    from tanlu.energy.solvers.answer import Status
    from tanlu.energy.solvers.contract import solve

    count = ONE_NODE_SEGMENTS if len(system.nodes) == 1 else MANY_NODES_SEGMENTS
    grid = system.grid([year])
    if count < grid.hours and grid.occurrences is None:
        grid = grid.with_steps(system.segments(count))
    programme = system.compile(grid, Mode.EXACT if grid.is_hourly else Mode.RELAXED, given)
    solution = solve(programme.problem, solver)
    if solution.status != Status.OPTIMAL:
        raise NoPlanError(programme, solution)
    return guide(programme, solution)


def _operate(
    system: System,
    year: int,
    given: dict[str, Floats],
    first: int,
    hours: int,
    rules: Rules,
    forecast: NoisyForecast | None,
    plan: Guide,
    progress: Callable[[int, int], None],
) -> Operation:
    """Run the hours."""
    from tanlu.energy.operation import operate

    return operate(
        system, year, given, first=first, hours=hours, rules=rules, forecast=forecast, plan=plan, progress=progress
    )


@contextmanager
def _progress(text: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how many hours are done."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, quiet=quiet), transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _answer(
    run: Operation, year: int, whole: int, first: int, hours: int, rules: Rules, capacities: str, changes: Changes
) -> dict[str, Any]:
    """Return what the run costs and does, as plain data."""
    from tanlu.energy.answers import adequacy, curtailment, emissions, energy_balance
    from tanlu.energy.checks.wording import moment
    from tanlu.energy.results import ELECTRICITY

    programme, solution, system = run.programme, run.solution, run.programme.system
    balance = energy_balance(programme, solution).where(carrier=ELECTRICITY)
    supply = {str(key[0]): amount for key, amount in balance.total("energy", ("technology",)).items()}
    found = adequacy(programme, solution)
    return {
        "system": system.name,
        "nodes": len(system.nodes),
        "year": year,
        "first_hour": first,
        "from": moment(first, whole),
        "hours": hours,
        "capacities": capacities,
        "changes": changes.record(),
        "commitment": rules.commitment,
        "horizon": rules.horizon,
        "step": rules.step,
        "cost_MCNY": round(run.cost, 6),
        "emissions_t": round(float(emissions(programme, solution)["emission [t]"].sum()), 3),
        "peak_MW": round(found.peak, 3),
        "unserved_MWh": round(found.unserved, 3),
        "unserved_hours": found.unserved_hours,
        "curtailed_MWh": round(float(curtailment(programme, solution)["curtailed [MWh]"].sum()), 3),
        "electricity_MWh": {name: round(amount, 3) for name, amount in supply.items()},
        "residual": run.residuals.primal,
        "windows": [
            {"start": w.start, "status": w.status.value, "gap": w.gap, "cost_MCNY": round(w.realised, 6), "seconds": round(w.seconds, 3)}
            for w in run.windows
        ],
    }  # fmt: skip


def _series(run: Operation) -> dict[str, list[float]]:
    """Return electricity by hour, a list for each technology [MW]."""
    from tanlu.energy.answers import dispatch_series

    series = dispatch_series(run.programme, run.solution)
    return {
        name: [round(v, 4) for v in values.tolist()] for name, values in zip(series.names, series.values, strict=True)
    }


def _write(path: Path, run: Operation, first: int) -> None:
    """Write the hours as CSV."""
    series = _series(run)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["hour", *(f"{name} [MW]" for name in series)])
            for place, row in enumerate(zip(*series.values(), strict=True)):
                writer.writerow([first + place, *row])
    except OSError as error:
        raise cannot_write(path, error) from None


def _print(system: System, answer: dict[str, Any], language: str) -> None:
    """Print the run."""
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    name = system.labels[0 if language == "zh" else 1] or system.name
    words = {key: answer[key] for key in ("year", "hours", "nodes")}
    print(translate("energy.command.run", language, name=name, begin=answer["from"], **words))
    numbers = {
        "cost": f"{answer['cost_MCNY']:,.2f}",
        "unserved": f"{answer['unserved_MWh']:,.1f}",
        "curtailed": f"{answer['curtailed_MWh']:,.1f}",
        "emissions": f"{answer['emissions_t'] / 1e3:,.1f}",
        "peak": f"{answer['peak_MW']:,.0f}",
    }
    print(translate("energy.command.run_numbers", language, **numbers))
    gap = max((w["gap"] for w in answer["windows"]), default=0.0)
    seconds = sum(w["seconds"] for w in answer["windows"])
    print(
        translate(
            "energy.command.windows",
            language,
            count=len(answer["windows"]),
            gap=f"{100 * gap:.3f}%",
            seconds=f"{seconds:.1f}",
        )
    )
    rows = [
        [label(system, technology, language), f"{amount / 1e3:,.2f}"]
        for technology, amount in answer["electricity_MWh"].items()
        if abs(amount) >= 0.5
    ]
    header = [translate("energy.command.technology", language), "GWh"]
    print_table(translate("energy.command.electricity", language), header, rows, words=(0,))
