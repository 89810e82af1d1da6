"""`tanlu energy explain|alternatives|hosting`: what holds a plan back, what else costs little more, what a place can host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
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
    explain_no_plan,
    label,
    print_json,
    read,
    require_varying,
    status,
    with_nodes,
    years,
)
from tanlu.commands.energy_dispatch import EXISTING, CapacitiesFrom, given_capacities

if TYPE_CHECKING:
    from tanlu.energy.answers import Frame
    from tanlu.energy.certificate import EnergyResult
    from tanlu.energy.system import System

ONE_NODE_SEGMENTS = 150
MANY_NODES_SEGMENTS = 48
SHOWN = 20
"""Rows of a table of limits that are printed; all stand in the JSON."""

Segments = Annotated[
    int | None,
    typer.Option(min=0, help="每年时段数，0 为逐小时。Segments a year, 0 for every hour; default 150 or 48."),
]


def _count(system: System, segments: int | None) -> int | None:
    if segments is None:
        return ONE_NODE_SEGMENTS if len(system.nodes) == 1 else MANY_NODES_SEGMENTS
    return segments or None


def _plan(
    system: str,
    nodes: int | None,
    periods: str | None,
    segments: int | None,
    solver: str,
    changes: Changes,
    language: str,
    quiet: bool,
) -> EnergyResult:
    """Read, change and solve a system over segments; it is not run hour by hour."""
    from tanlu.core.messages import translate
    from tanlu.energy.certificate import solve

    with status(translate("energy.command.reading", language), quiet):
        found, _ = read(system)
        chosen = with_nodes(changes.apply(found), nodes)
        grid = chosen.grid(years(periods))
    with status(translate("energy.command.solving", language), quiet):
        return solve(chosen, grid, _count(chosen, segments), solver=solver, certify=False)


def explain(
    system: SystemName,
    nodes: Nodes = None,
    periods: Periods = None,
    segments: Segments = None,
    solver: Solver = "auto",
    settings: Settings = None,
    co2_cap: Caps = None,
    co2_price: Prices = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """说明方案为何不可行；可行时列出起作用的约束及其影子价格。Why there is no plan, or else which rules bind and what they cost.

    无可行方案时退出码为 3。Exit code 3 when there is no plan.

    例 Example: tanlu energy explain hunan --nodes 1 --periods 2060 --co2-cap 2060=-50
    """
    from tanlu.core.errors import DataError
    from tanlu.energy.answers.binding import binding_rules, capacity_limits
    from tanlu.energy.answers.emissions import carbon_price
    from tanlu.energy.certificate import NoPlanError

    check_language(language)
    changes = Changes(settings, co2_cap, co2_price)
    try:
        plan = _plan(system, nodes, periods, segments, solver, changes, language, as_json)
    except DataError as error:
        fail(error, language, as_json)
    except NoPlanError as error:
        explain_no_plan(error, language, as_json)
        raise typer.Exit(EXIT_NO_PLAN) from None
    programme, solution = plan.programme, plan.solution
    prices = dict(zip(programme.grid.years, carbon_price(programme, solution).tolist(), strict=True))
    answer = {
        "system": plan.system.name,
        "status": solution.status.value,
        "changes": changes.record(),
        "objective": plan.objective,
        "unit": "10^6 CNY",
        "co2_price_CNY_t": {str(year): round(price, 4) for year, price in prices.items()},
        "rules": _plain(binding_rules(programme, solution)),
        "limits": _plain(capacity_limits(programme, solution)),
    }
    if as_json:
        print_json(answer)
    else:
        _print_binding(plan.system, answer, language)


def _plain(frame: Frame) -> list[dict[str, Any]]:
    """Return the rows of a frame with rounded numbers; what is infinite or not known is None."""
    import math

    def cell(value: object) -> object:
        if isinstance(value, float):
            return round(value, 6) if math.isfinite(value) else None
        return value

    return [{name: cell(value) for name, value in row.items()} for row in frame.rows()]


def _print_binding(system: System, answer: dict[str, Any], language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    prices = [[year, f"{price:,.1f}"] for year, price in answer["co2_price_CNY_t"].items()]
    print_table(
        translate("energy.command.co2_prices", language),
        [translate("energy.command.period", language), "CNY/t"],
        prices,
    )
    rules = [
        [row["rule"], str(row["period"] or ""), f"{row['limit']:,.4g}", row["unit"], f"{row['value']:,.4g}"]
        for row in answer["rules"]
    ]
    header = translate("energy.command.rule_columns", language).split("|")
    if rules:
        print_table(translate("energy.command.rules", language), header, rules, words=(0, 3))
    else:
        print(translate("energy.command.no_rules", language))
    limits = [
        [
            label(system, row["technology"], language), row["node"], str(row["period"]),
            translate(f"energy.command.{row['limit']}", language), f"{row['capacity']:,.1f}", row["unit"], f"{row['saving']:,.0f}",
        ]
        for row in answer["limits"][:SHOWN]
    ]  # fmt: skip
    header = translate("energy.command.limit_columns", language).split("|")
    if limits:
        title = translate("energy.command.limits", language, shown=len(limits), count=len(answer["limits"]))
        print_table(title, header, limits, words=(0, 1, 3, 5))


def alternatives(
    system: SystemName,
    nodes: Nodes = None,
    periods: Periods = None,
    segments: Segments = None,
    slack: Annotated[
        float, typer.Option(min=0.001, max=10.0, help="允许多花的份额。Further cost over the least.")
    ] = 0.05,
    technology: Annotated[
        list[str] | None,
        typer.Option(help="技术，可重复；默认全部可新建的。Technologies; default all that can be built."),
    ] = None,
    solver: Solver = "auto",
    settings: Settings = None,
    co2_cap: Caps = None,
    co2_price: Prices = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """成本只高一点的方案中，各技术最少、最多要多少（末期）。How much of each technology plans of little more cost need and can take.

    例 Example: tanlu energy alternatives hunan --nodes 1 --periods 2060 --slack 0.05 --technology wind --technology pv
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.answers.alternatives import near_optimal
    from tanlu.energy.certificate import NoPlanError

    check_language(language)
    changes = Changes(settings, co2_cap, co2_price)
    try:
        plan = _plan(system, nodes, periods, segments, solver, changes, language, as_json)
        wanted = _technologies(plan, technology or [])
        with status(translate("energy.command.solving", language), as_json):
            frame = near_optimal(plan.programme, plan.solution, slack=slack, technologies=wanted, solver=solver)
    except DataError as error:
        fail(error, language, as_json)
    except NoPlanError as error:
        explain_no_plan(error, language, as_json)
        raise typer.Exit(EXIT_NO_PLAN) from None
    rows, year = _plain(frame), plan.programme.grid.years[-1]
    if as_json:
        head = {
            "system": plan.system.name,
            "period": year,
            "slack": slack,
            "objective": plan.objective,
            "unit": "10^6 CNY",
        }
        print_json({**head, "changes": changes.record(), "alternatives": rows})
        return
    _print_rows(
        plan.system,
        rows,
        translate("energy.command.alternatives", language, year=year, slack=f"{100 * slack:g}%"),
        language,
    )


def _technologies(plan: EnergyResult, wanted: list[str]) -> list[str]:
    """Return the technologies, all of which can be built.

    Raises
    ------
    DataError
        With every technology that cannot.
    """
    from tanlu.core.errors import DataError, Problem

    sizes = plan.programme.model.decided.items()
    free = [
        n.removesuffix(".capacity")
        for n, size in sizes
        if size.columns is not None and not n.endswith(".energy.capacity")
    ]
    known = sorted({plan.system.component(name).kind for name in free})
    details = {"refers_to": "expandable", "some": ", ".join(known) or "–"}
    wrong = [
        Problem("unknown_choice", "--technology", value=name, details=details) for name in wanted if name not in known
    ]
    if wrong:
        raise DataError(wrong)
    return wanted or known


def hosting(
    system: SystemName,
    technology: Annotated[
        str, typer.Option(help="随天气变化的电源，如 pv。Source that varies with the weather.")
    ] = "pv",
    year: Annotated[int | None, typer.Option(help="年份。Year; default the first of the system.")] = None,
    capacities: CapacitiesFrom = EXISTING,
    curtailment: Annotated[
        float, typer.Option(min=0.0, max=0.99, help="允许的弃电率。Share that may be curtailed.")
    ] = 0.05,
    nodes: Nodes = None,
    segments: Segments = None,
    solver: Solver = "auto",
    settings: Settings = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """各节点在弃电率限度内还能接纳多少风电、光伏。How much of a varying source each node can host within a share of curtailment.

    例 Example: tanlu energy hosting hunan --technology pv --year 2030 --curtailment 0.05 --nodes 1
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.energy.answers.hosting import hosting_capacity

    check_language(language)
    try:
        with status(translate("energy.command.reading", language), as_json):
            found, _ = read(system)
            chosen, at, given = given_capacities(Changes(settings).apply(found), capacities, nodes, year)
            require_varying(chosen, [technology], "--technology")
            grid, count = chosen.grid([at]), _count(chosen, segments)
            if count is not None and count < grid.hours and grid.occurrences is None:
                grid = grid.with_steps(chosen.segments(count))
        with status(translate("energy.command.solving", language), as_json):
            frame = hosting_capacity(chosen, grid, given, technology, curtailment=curtailment, solver=solver)
    except DataError as error:
        fail(error, language, as_json)
    rows = _plain(frame)
    if as_json:
        head = {
            "system": chosen.name,
            "year": at,
            "technology": technology,
            "curtailment": curtailment,
            "segments": grid.steps,
        }
        print_json({**head, "hosting": rows})
        return
    name = label(chosen, technology, language)
    title = translate("energy.command.hosting", language, name=name, year=at, share=f"{100 * curtailment:g}%")
    _print_rows(chosen, rows, title, language)


def _print_rows(system: System, rows: list[dict[str, Any]], title: str, language: str) -> None:
    """Print rows of names and numbers under the words that the columns have in a language."""
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    def text(name: str, value: object) -> str:
        if value is None:
            return "–"
        if isinstance(value, bool):
            return translate(f"energy.command.{'yes' if value else 'no'}", language)
        if isinstance(value, float):
            return f"{value:,.1f}"
        return label(system, str(value), language) if name == "technology" else str(value)

    keys = list(rows[0]) if rows else []
    parts = [key.partition(" ") for key in keys]
    header = [f"{translate(f'energy.column.{name}', language)} {unit}".strip() for name, _, unit in parts]
    words = tuple(i for i, key in enumerate(keys) if isinstance(rows[0][key], str | bool))
    print_table(title, header, [[text(key, row[key]) for key in keys] for row in rows], words=words)
