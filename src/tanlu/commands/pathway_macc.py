"""``tanlu pathway macc``: the abatement curve between two worlds, by optimisation."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_sensitivity import progress_bar

if TYPE_CHECKING:
    from tanlu.accounts import Inventory
    from tanlu.pathways import Baseline, PathwayData
    from tanlu.pathways.effects import EffectsData
    from tanlu.pathways.levers import Lever
    from tanlu.pathways.macc import Curve, Interactions, LeverGrid
    from tanlu.pathways.parameters import Floats
    from tanlu.pathways.sensitivity import Share

START, LAST = 2025, 2060
SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("macc")(macc)


def macc(
    base: Annotated[str, typer.Option("--from", help="起点世界。World to start from.")] = "frozen",
    top: Annotated[str, typer.Option("--to", help="世界，或 maximum 即各杆上限。World, or maximum.")] = "plan",
    growth: Annotated[str, typer.Option("--growth", help="low, mid, high")] = "mid",
    measured: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", help="受限的排放，可重复。Limited emissions, repeatable: net_with_imports:sum, total:2060."
        ),
    ] = None,
    points: Annotated[int, typer.Option("--points", min=2, max=20, help="曲线点数。Points of the curve.")] = 6,
    levels: Annotated[int, typer.Option("--levels", min=1, max=20, help="每杆最少档数。Levels of a lever.")] = 4,
    every: Annotated[int, typer.Option("--every", min=1, max=35, help="决策间隔年。Years between decisions.")] = 5,
    pace: Annotated[float, typer.Option("--pace", min=0.1, max=10, help="速度倍数。Factor on the speed.")] = 1.0,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", help="互斥的杆，逗号分隔。Levers of which one may be used: a,b.")
    ] = None,
    province: Annotated[
        str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")
    ] = "hunan",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """边际减排成本曲线：含相互作用与速度限制的优化，不是简单排序。Abatement curve by optimisation, with interactions and speed limits.

    例 Example: tanlu pathway macc --points 6 --measure net_with_imports:sum --json
    """
    from tanlu.commands.pathway_assumed import print_shares
    from tanlu.commands.pathway_common import Clock, load_with_effects, spare_algebra
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records

    check_language(language)
    try:
        with progress_bar("tanlu pathway macc", as_json) as progress, spare_algebra(), Clock() as clock:
            groups = [group.split(",") for group in exclude or []]
            names = measured or ["net_with_imports:sum"]
            loaded = load_with_effects(province)
            found = _compute(*loaded, base, top, growth, names, points, levels, every, pace, groups, progress)
        levers = {lever.id: lever for lever in loaded[0].levers}
        shares = _shares(*loaded[:2], base, top, growth)
    except DataError as error:
        fail(error, language, as_json)
    summary = _summary(*found, names, levers) | clock.summary() | {"variance_shares": share_records(shares)}
    if as_json:
        json.dump({"from": base, "to": top, "growth": growth, **summary}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(summary, levers, language)
        print_shares(shares, language, start=base, end=top)
        clock.tell(language)


def measure_name(name: str, language: str) -> str:
    """Return a measure in words."""
    from tanlu.core.messages import translate

    if name == "cost":
        return translate("choices.measure.cost", language)
    kind, _, at = name.partition(":")
    what = translate(f"choices.measure.{kind}", language)
    return translate(f"choices.at.{'year' if at.isdigit() else at}", language, what=what, year=at)


def _compute(
    data: PathwayData, baseline: Baseline, inventory: Inventory, side: EffectsData, base: str, top: str, growth: str, names: list[str],
    points: int, levels: int, every: int, pace: float, groups: list[list[str]], progress: Any,
) -> tuple[Curve, Interactions, Any]:  # fmt: skip
    """Return curve, interactions and the cost tables behind them."""
    from tanlu.pathways import engine_parameters
    from tanlu.pathways.effects import effect_tables
    from tanlu.pathways.macc import (
        abatement_curve,
        actor_costs,
        engine_evaluation,
        interactions,
        lever_grid,
        lever_steps,
        stepped,
    )  # fmt: skip
    from tanlu.pathways.measures import measure

    _check(data.lever_index, groups)
    first, last = _ends(data, base, top)
    parameters = engine_parameters(data, baseline, growth)
    measures = [measure(name, (int(parameters.years[0]), LAST)) for name in names]
    steps = lever_steps(data.levers, first, last)
    grid = lever_grid(steps, START, range(START + every, LAST + 1, every), levels, pace, groups)
    wider = stepped(parameters, steps, grid, START)
    tables = effect_tables(side, wider, inventory)
    evaluate = engine_evaluation(wider, first, grid, measures, actor_costs(tables))
    shares = [k / (points - 1) for k in range(points)]
    return abatement_curve(grid, evaluate, shares, progress), interactions(grid, evaluate), tables


def _ends(data: PathwayData, base: str, top: str) -> tuple[Floats, Floats]:
    """Return the lever values from which the curve starts and those that it may reach."""
    last = data.world(base, {lever.id: lever.maximum for lever in data.levers}) if top == "maximum" else data.world(top)
    return data.world(base), last


def _shares(data: PathwayData, baseline: Baseline, base: str, top: str, growth: str) -> list[Share]:
    """Return where the variance of what all levers together abate comes from."""
    from tanlu.commands.pathway_assumed import shares_of_difference
    from tanlu.pathways import engine_parameters

    parameters = engine_parameters(data, baseline, growth)
    first, last = _ends(data, base, top)
    return shares_of_difference(data, baseline, (parameters, last), (parameters, first))


def _check(known: dict[str, int], groups: list[list[str]]) -> None:
    """Refuse levers that there are not."""
    from tanlu.core.errors import DataError, Problem

    details = {"refers_to": "levers", "some": ", ".join(list(known)[:6])}
    problems = [
        Problem("unknown_choice", "--exclude", value=lever, details=details)
        for group in groups
        for lever in group
        if lever not in known
    ]
    if problems:
        raise DataError(problems)


def _summary(
    curve: Curve, found: Interactions, tables: Any, names: list[str], levers: dict[str, Lever]
) -> dict[str, Any]:
    """Return the curve as plain data."""
    grid = curve.grid
    return {
        "measures": names,
        "unit": "Mt CO2",
        "price_year": tables.price_year,
        "discount_rate": tables.costs.rate,
        "grades": {"costs": tables.grades["costs"].value, "levers": "D"},
        "years": grid.years.tolist(),
        "base": _rounded(curve.base),
        "points": [_point(grid, curve, k) for k in range(len(curve.points))],
        "alone": {name: _rounded(a) for name, a in zip(grid.levers, found.alone, strict=True)},
        "alone_sum": _rounded(found.alone.sum(axis=0)),
        "together": _rounded(found.together),
        "pairs": _pairs(grid, found),
        "left_out": [lever.id for lever in levers.values() if lever.op not in {"set", "add"}],
    }


def _point(grid: LeverGrid, curve: Curve, k: int) -> dict[str, Any]:
    point, before = curve.points[k], curve.points[k - 1] if k else None
    optimum = point.optimum
    shares = grid.shares(optimum.choice[None])[0]
    earlier = grid.shares(before.optimum.choice[None])[0] if before else 0.0 * shares
    change = (shares - earlier).mean(axis=1)
    order = sorted(range(len(change)), key=lambda i: -abs(float(change[i])))
    return {
        "share": round(point.share, 6),
        "abatement": _rounded(point.abatement),
        "stacked": _rounded(point.stacked),
        "cost_mcny": round(optimum.cost - curve.base_cost, 3),
        "step_cost_cny_t": _number(point.step_cost),
        "next_tonne_cny": _number(optimum.next_price),
        "last_tonne_cny": _number(optimum.last_price),
        "residual": _rounded(optimum.residual),
        "reached": optimum.reached,
        "pictures": optimum.iterations,
        "changes": {grid.levers[i]: round(float(change[i]), 6) for i in order if abs(change[i]) > 1e-9},
        "in_force": {name: _rounded(s) for name, s in zip(grid.levers, shares, strict=True) if s.any()},
    }


def _pairs(grid: LeverGrid, found: Interactions) -> list[dict[str, Any]]:
    """Return the strongest interactions of two levers."""
    pairs = [
        (grid.levers[i], grid.levers[j], found.pairs[i, j]) for i in range(len(grid.levers)) for j in range(i)
    ]  # fmt: skip
    pairs.sort(key=lambda p: -abs(float(p[2][0])))
    return [{"levers": [a, b], "interaction": _rounded(value)} for a, b, value in pairs[: 2 * SHOWN]]


def _rounded(values: Any) -> list[float]:
    return [round(float(v), 6) for v in values]


def _number(value: float) -> float | None:
    return None if value != value else round(float(value), 3)


def _print(summary: dict[str, Any], levers: dict[str, Lever], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    def say(key: str, **words: object) -> str:
        return translate(f"choices.macc.{key}", language, **words)

    rows = []
    for point in summary["points"]:
        step, cost = point["step_cost_cny_t"], point["cost_mcny"] / 1000.0
        rows.append([
            tonnes(point["abatement"][0], language, 0), tonnes(point["stacked"][0], language, 0), f"{cost:.1f}",
            *("–" if v is None else f"{round(v) + 0:.0f}" for v in (step, point["last_tonne_cny"], point["next_tonne_cny"])),
            tonnes(point["residual"][0], language, 2), "✓" if point["reached"] else "✗",
        ])  # fmt: skip
    print_table(
        say("title", measure=measure_name(summary["measures"][0], language), year=summary["price_year"]),
        say("columns").split("|"),
        rows,
        (),
    )
    print()
    for number, point in enumerate(summary["points"], 1):
        names = [
            f"{levers[name].name(language)} {100 * by:+.0f}%" for name, by in list(point["changes"].items())[:SHOWN]
        ]
        print_wrapped(say("enters", number=number, levers=PUNCTUATION[language].semicolon.join(names) or "–"))
    print()
    alone, together = summary["alone_sum"][0], summary["together"][0]
    print_wrapped(say("interaction", alone=tonnes(alone, language, 0), together=tonnes(together, language, 0)))
    for pair in summary["pairs"][:3]:
        a, b = (levers[name].name(language) for name in pair["levers"])
        print_wrapped(
            say("pair", first=a, second=b, value=tonnes(pair["interaction"][0], language, 0, signed=True)), "  "
        )
    rate = f"{100 * summary['discount_rate']:.0f}"
    print_wrapped(say("note", grade=summary["grades"]["costs"], rate=rate))
