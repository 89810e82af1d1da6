"""``tanlu pathway portfolio``: which technology lines to fund, and what the money does to emissions."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_macc import measure_name
from tanlu.commands.pathway_sensitivity import progress_bar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tanlu.pathways.parameters import Floats
    from tanlu.pathways.portfolio import (
        Chooser,
        Funds,
        Judged,
        Plan,
        Portfolio,
        ProgrammeAssumption,
        TechnologyLine,
        Worth,
    )
    from tanlu.pathways.portfolio.outcomes import Bools

FIRST_YEAR, LAST = 2026, 2060
LEAVES = 16
"""Outcomes of demonstration behind each outcome of research."""
MORE = 0.1
"""Share of the budget by which the worth of further money is told."""


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("portfolio")(portfolio)


def portfolio(
    budget: Annotated[
        float | None, typer.Option("--budget", min=0, help="年度经费，百万元。Yearly budget, million CNY.")
    ] = None,
    aversion: Annotated[float, typer.Option("--aversion", min=0, help="风险权重 λ。Weight of the risk.")] = 0.5,
    tail: Annotated[float, typer.Option("--tail", min=0.5, max=0.99, help="CVaR 的 α。α of the CVaR.")] = 0.9,
    measured: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", help="衡量，可重复；价值为其减少之和。What counts, repeatable; reductions are added up."
        ),
    ] = None,
    starts: Annotated[str, typer.Option("--starts", help="可选起始年差。Years after the first to start.")] = "0,4",
    scenarios: Annotated[int, typer.Option("--scenarios", help="16 × 8 的幂次：128、256、512。Outcomes.")] = 512,
    growth: Annotated[str, typer.Option("--growth", help="low, mid, high")] = "mid",
    seed: Annotated[int, typer.Option("--seed", help="随机种子。Seed.")] = 7,
    compare: Annotated[bool, typer.Option("--frontier", help="另算有效前沿。Also the efficient frontier.")] = False,
    province: Annotated[
        str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")
    ] = "hunan",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """科技攻关组合：资助哪些技术线、何时、过哪道关，每百万元减排多少。Which technology lines to fund, when, at which gate.

    例 Example: tanlu pathway portfolio --budget 300 --aversion 1 --json
    """
    from tanlu.commands.pathway_common import Clock, spare_algebra
    from tanlu.core.errors import DataError

    check_language(language)
    offsets = _offsets(starts)
    nodes = scenarios // LEAVES
    if scenarios != nodes * LEAVES or nodes < 2 or scenarios & (scenarios - 1):
        raise typer.BadParameter(f"{scenarios}: 32, 64, 128, 256, 512, 1024", param_hint="--scenarios")
    names = measured or [f"with_imports:{FIRST_YEAR + 4}", f"net_with_imports:{LAST}"]
    try:
        with progress_bar("tanlu pathway portfolio", as_json) as progress, spare_algebra(), Clock() as clock:
            lines, assumed, chooser, shares = _chooser(
                province, growth, names, offsets, nodes, seed, budget, aversion, tail
            )  # fmt: skip
            found = chooser.choose(progress)
            summary = _summary(lines, chooser, found, names)
            summary["variance_shares"] = [{"grade_d": round(float(share), 6)} for share in shares(found.chosen.plan)]
            if compare:
                summary["frontier"] = _frontier(chooser, found, aversion)
    except DataError as error:
        fail(error, language, as_json)
    summary |= {"growth": growth, "seed": seed, "assumptions": _assumptions(assumed), **clock.summary()}
    if as_json:
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(summary, {line.id: line for line in lines}, language)
        clock.tell(language)


def _offsets(text: str) -> list[int]:
    """Return the starts of an option, each once, rising, the first year among them."""
    try:
        return sorted({0, *(int(part) for part in text.split(","))} - set(range(-100, 0)))
    except ValueError:
        raise typer.BadParameter(f"{text!r}: 0,2,4", param_hint="--starts") from None


def _chooser(
    province: str, growth: str, names: list[str], starts: list[int], nodes: int, seed: int, budget: float | None,
    aversion: float, tail: float,
) -> tuple[tuple[TechnologyLine, ...], Mapping[str, ProgrammeAssumption], Chooser, Callable[[Plan], Floats]]:  # fmt: skip
    """Return the lines, what was assumed, what chooses among them, and how much of a plan's variance assumptions carry."""
    import numpy as np

    from tanlu.commands.pathway_common import load_parts
    from tanlu.pathways import engine_parameters
    from tanlu.pathways.measures import measure
    from tanlu.pathways.portfolio import (
        Chooser,
        Funds,
        assumed_shares,
        build_lines,
        draw_outcomes,
        engine_worth,
        exchanged,
        load_assumptions,
        start_options,
    )  # fmt: skip
    from tanlu.pathways.technology_file import load_technologies
    from tanlu.pathways.uncertain_outputs import FanFunction
    from tanlu.pathways.uncertainty import Draws, sample

    data, baseline, loaded = load_parts(province)
    assumed = load_assumptions(loaded.folder)
    lines = build_lines(load_technologies(loaded.folder, data), assumed)
    parameters = engine_parameters(data, baseline, growth)
    measures = [measure(name, (int(parameters.years[0]), LAST)) for name in names]
    outcomes = draw_outcomes(lines, nodes, LEAVES, assumed["correlation"].value, assumed["memory"].value, seed)
    years = round(assumed["budget.years"].value)
    options = start_options(lines, starts, years)
    random = np.random.default_rng(np.random.SeedSequence([seed, 13]))
    elsewhere = random.random((outcomes.leaves, len(lines))) < np.array([line.world_chance for line in lines])
    draws, base, top = sample(data, baseline, outcomes.leaves, seed), data.world("current"), data.world("plan")

    def worth(draws: Draws, elsewhere: Bools) -> Worth:
        return engine_worth(
            parameters, data.levers, base, top, lines, options, FIRST_YEAR, draws, elsewhere, measures
        )  # fmt: skip

    yearly = np.full(years, assumed["budget"].value if budget is None else budget)
    funds = Funds(options, yearly, aversion, tail)
    chooser = Chooser(outcomes, funds, worth(draws, elsewhere), np.ones(len(names)), seed)

    def shares(plan: Plan) -> Floats:
        order = random.permutation(outcomes.leaves)
        inputs = FanFunction(data, baseline, parameters, base).inputs()
        of_d = np.array([one.source_class == "grade_d" for one in inputs])
        count = draws.quantities.shape[1]
        mixed = exchanged(draws, order, of_d[:count], of_d[count : count + len(data.levers)])
        return assumed_shares(chooser, plan, worth(mixed, elsewhere[order]), order)

    return lines, assumed, chooser, shares


def _summary(lines: tuple[TechnologyLine, ...], chooser: Chooser, found: Portfolio, names: list[str]) -> dict[str, Any]:
    """Return a portfolio as plain data."""
    from tanlu.pathways.portfolio import next_money, price_of_money

    funds, options = chooser.funds, chooser.funds.options
    gain, richer = next_money(chooser, found, MORE)
    taken = {int(options.line[a]): a for a in range(len(options)) if found.chosen.plan.start[a]}
    first = {int(line): a for a, line in reversed(list(enumerate(options.line)))}
    price = price_of_money(found.picture, chooser.outcomes, funds)
    return {
        "measures": names,
        "unit": "Mt CO2",
        "first_year": FIRST_YEAR,
        "budget_mcny": _rounded(funds.budget),
        "aversion": funds.aversion,
        "tail": funds.tail,
        "outcomes": chooser.outcomes.leaves,
        "chosen": _judged(found.chosen, funds),
        "greedy": _judged(found.greedy, funds),
        "bound": round(found.bound, 6),
        "residual": round(found.residual, 6),
        "rounds": found.rounds,
        "next_million": {
            "effect": _rounded(gain), "extra_budget": MORE, "objective": round(richer.objective, 6),
            "price_by_year": _rounded(price),
        },
        "lines": [
            _line(line, i, taken.get(i, first[i]), i in taken, chooser, found) for i, line in enumerate(lines) if i in first
        ],
        "out_of_time": [line.id for i, line in enumerate(lines) if i not in first],
    }  # fmt: skip


def _judged(one: Judged, funds: Funds) -> dict[str, Any]:
    from tanlu.pathways.portfolio import tail_mean

    return {
        "objective": round(one.objective, 6),
        "expected": round(one.expected, 6),
        "tail_mean": round(one.tail, 6),
        "effect": _rounded(one.components.mean(axis=(0, 1))),
        "effect_tail": [
            round(tail_mean(one.components[:, :, k], funds.tail), 6) for k in range(one.components.shape[2])
        ],
        "options": int(one.plan.start.sum()),
        "expected_cost_mcny": _rounded(one.plan.spent(funds).mean(axis=0)),
        "highest_cost_mcny": _rounded(one.plan.spent(funds).max(axis=0)),
    }


def _line(line: TechnologyLine, i: int, a: int, funded: bool, chooser: Chooser, found: Portfolio) -> dict[str, Any]:
    """Return a line with its option that is taken, or its first one."""
    passed = chooser.outcomes.research[:, i]
    go = found.chosen.plan.go[:, a]
    return {
        "id": line.id,
        "zh": line.zh,
        "en": line.en,
        "technologies": list(line.technologies),
        "funded": funded,
        "start": FIRST_YEAR + int(chooser.funds.options.start[a]) if funded else None,
        "research": {"years": line.research.years, "success": round(line.research.success, 6)},
        "demonstration": {"years": line.demonstration.years, "success": round(line.demonstration.success, 6)},
        "goes_on": round(float(go[passed].mean()), 6) if funded and passed.any() else None,
        "expected_cost_mcny": round(float(found.cost[a]), 3),
        "effect": _rounded(found.effect[a]),
        "effect_per_million": _rounded(found.effect[a] / found.cost[a]) if found.cost[a] > 0 else None,
    }


def _frontier(chooser: Chooser, found: Portfolio, aversion: float) -> list[dict[str, Any]]:
    from tanlu.pathways.portfolio import frontier

    weights = sorted({0.0, 0.25, 1.0, 4.0, aversion})
    return [
        {"aversion": weight, **_judged(one, chooser.funds)}
        for weight, one in zip(weights, frontier(chooser, found, weights), strict=True)
    ]


def _assumptions(assumed: Mapping[str, ProgrammeAssumption]) -> dict[str, Any]:
    return {
        name: {"value": one.value, "unit": one.unit, "source": one.source, "grade": one.grade.value}
        for name, one in assumed.items()
    }


def _rounded(values: Any) -> list[float]:
    return [round(float(v), 6) for v in values]


def _print(summary: dict[str, Any], lines: Mapping[str, TechnologyLine], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    def say(key: str, **words: object) -> str:
        return translate(f"choices.portfolio.{key}", language, **words)

    chosen, measures = summary["chosen"], [measure_name(name, language) for name in summary["measures"]]
    whole = sum(chosen["expected_cost_mcny"])
    print(say("title", outcomes=summary["outcomes"], seed=summary["seed"], first=summary["first_year"]))
    for name, mean, low in zip(measures, chosen["effect"], chosen["effect_tail"], strict=True):
        print(
            say(
                "effect",
                measure=name,
                mean=tonnes(mean, language, 2),
                low=tonnes(low, language, 2),
                tail=f"{100 * (1 - summary['tail']):.0f}",
            )
        )
    print(
        say(
            "cost",
            cost=f"{whole:.0f}",
            top=f"{max(chosen['highest_cost_mcny']):.0f}",
            budget=f"{max(summary['budget_mcny']):.0f}",
        )
    )
    scores = (chosen["objective"], summary["bound"], summary["greedy"]["objective"], summary["residual"])
    print(
        say("scores", **dict(zip(("value", "bound", "greedy", "residual"), (f"{s:.2f}" for s in scores), strict=True)))
    )
    print()
    rows = [
        [
            one["id"], lines[one["id"]].name(language), str(one["start"]), str(len(one["technologies"])),
            f"{100 * one['research']['success'] * one['demonstration']['success']:.0f}", f"{one['expected_cost_mcny']:.0f}",
            *(tonnes(v, language, 3) for v in one["effect"]),
            tonnes(1000 * sum(one["effect_per_million"] or [0]), language, 2),
        ]
        for one in sorted(summary["lines"], key=lambda one: -sum(one["effect_per_million"] or [0]))
        if one["funded"]
    ]  # fmt: skip
    head = say("columns").split("|")
    print_table("", [*head[:6], *measures, head[6]], rows, (0, 1))
    print()
    per = zip(measures, summary["next_million"]["effect"], strict=True)
    joint = PUNCTUATION[language].semicolon
    gains = joint.join(f"{name} {tonnes(1000 * gain, language, 2)}" for name, gain in per)
    print_wrapped(say("next", share=f"{100 * MORE:.0f}", gains=gains))
    for one in summary.get("frontier", []):
        words = {"mean": f"{one['expected']:.2f}", "tail": f"{one['tail_mean']:.2f}", "options": one["options"]}
        print(say("frontier", aversion=f"{one['aversion']:g}", **words))
    of_d = [
        f"{name} {100 * min(1.0, one['grade_d']):.0f}%"
        for name, one in zip(measures, summary["variance_shares"], strict=True)
    ]
    print_wrapped(say("assumed", shares=joint.join(of_d)))
    print_wrapped(say("note"))
