"""``tanlu pathway robust``: which lever set does least harm whatever comes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_macc import measure_name
from tanlu.commands.pathway_sensitivity import progress_bar

if TYPE_CHECKING:
    from tanlu.pathways.futures import Futures
    from tanlu.pathways.robust import RobustChoice, Target
    from tanlu.pathways.sensitivity import Share


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("robust")(robust)


def robust(
    candidate: Annotated[
        list[str] | None,
        typer.Option(
            "--candidate", help="候选，可重复；默认各行动。Candidate, repeatable: name:lever=value,lever=value."
        ),
    ] = None,
    measured: Annotated[
        str, typer.Option("--measure", help="损失：cost 或某项排放。Loss: cost, or emissions as net_with_imports:2060.")
    ] = "cost",
    carbon_value: Annotated[
        float, typer.Option("--carbon-value", min=0, help="cost 中每吨排放的价值，元。Value of a tonne in cost, CNY.")
    ] = 300.0,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="目标，可重复。Target, repeatable: net_with_imports:2060<=50.")
    ] = None,
    optimism: Annotated[
        float, typer.Option("--optimism", min=0, max=1, help="乐观系数。Degree of optimism of Hurwicz.")
    ] = 0.5,
    draws: Annotated[
        int, typer.Option("--draws", help="每个世界的抽样：0 或 8×2的幂。Draws a world: 0 or 8 times a power of two.")
    ] = 16,
    seed: Annotated[int, typer.Option("--seed", help="随机种子。Seed.")] = 7,
    province: Annotated[
        str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")
    ] = "hunan",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """稳健选择：各世界、增长方案和抽样下的后悔值、最坏情形与达标比例。Regret, worst case and targets met over worlds, growth and draws.

    例 Example: tanlu pathway robust --target "net_with_imports:2060<=60" --json
    """
    from tanlu.commands.pathway_assumed import print_shares
    from tanlu.core.errors import DataError
    from tanlu.pathways.robust import robust_choice
    from tanlu.pathways.sensitivity import share_records

    check_language(language)
    size = draws // 8
    if draws and (draws != 8 * size or size < 2 or size & (size - 1)):
        raise typer.BadParameter(f"{draws}: 0, 16, 32, 64, 128", param_hint="--draws")
    try:
        targets = _targets(target or [])
        with progress_bar("tanlu pathway robust", as_json) as progress:
            found = _runs(province, candidate or [], measured, targets, carbon_value, draws, seed, progress)
    except DataError as error:
        fail(error, language, as_json)
    met = None
    if targets:
        import numpy as np

        met = np.stack([t.met(found.values[t.measure]) for t in targets], axis=2)
    choice = robust_choice(found.candidates, found.futures, found.values[measured], met, optimism)
    summary = {
        "measure": measured, "carbon_value": carbon_value if measured == "cost" else None, "optimism": optimism, "draws": draws,
        "seed": seed, "targets": target or [], **_summary(choice),
    }  # fmt: skip
    most = choice.regrets.max(axis=1)
    best, worst = (choice.candidates[int(place)] for place in (most.argmin(), most.argmax()))
    shares = _shares(province, candidate or [], best, worst)
    if as_json:
        json.dump(summary | {"variance_shares": share_records(shares)}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(summary, language)
        print_shares(shares, language, start=worst, end=best)


def _targets(texts: list[str]) -> list[Target]:
    """Return the targets; every faulty one is told."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.pathways.robust import Target, read_target

    out, problems = list[Target](), list[Problem]()
    for text in texts:
        try:
            out.append(read_target(text))
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return out


def _runs(
    province: str, texts: list[str], measured: str, targets: list[Target], carbon_value: float, draws: int, seed: int,
    progress: Any,
) -> Futures:  # fmt: skip
    """Run every candidate in every future."""
    from tanlu.commands.pathway_common import load_parts, load_with_effects
    from tanlu.pathways.dimensions import GROWTH_CASES, WORLDS
    from tanlu.pathways.futures import candidates_by_action, read_candidates, run_futures
    from tanlu.pathways.uncertainty import sample

    data, baseline, _ = load_parts(province)
    side = None
    if measured == "cost":
        _, _, inventory, costs = load_with_effects(province)
        side = (costs, inventory)
    candidates = read_candidates(texts) if texts else candidates_by_action(data)
    measures = list(dict.fromkeys([measured, *(t.measure for t in targets)]))
    drawn = sample(data, baseline, draws, seed) if draws else None
    return run_futures(
        data, baseline, candidates, measures, WORLDS, GROWTH_CASES, drawn, side, carbon_value, progress
    )  # fmt: skip


def _shares(province: str, texts: list[str], best: str, worst: str) -> list[Share]:
    """Return where the variance of the difference of two candidates comes from, in the reference world."""
    from tanlu.commands.pathway_assumed import shares_of_difference
    from tanlu.commands.pathway_common import load_parts
    from tanlu.pathways import engine_parameters
    from tanlu.pathways.dimensions import REFERENCE
    from tanlu.pathways.futures import candidates_by_action, read_candidates

    data, baseline, _ = load_parts(province)
    candidates = read_candidates(texts) if texts else candidates_by_action(data)
    world, _, growth = REFERENCE.partition("-")
    parameters = engine_parameters(data, baseline, growth)
    ends = [(parameters, data.world(world, candidates[name])) for name in (best, worst)]
    return shares_of_difference(data, baseline, *ends)


def _summary(choice: RobustChoice) -> dict[str, Any]:
    """Return the scores as plain data; regrets as their quantiles where there are many futures."""
    import numpy as np

    points = (0.5, 0.9, 1.0)
    return {
        "futures": len(choice.futures),
        "best": {criterion: list(choice.best(criterion)) for criterion in choice.scores},
        "candidates": [
            {
                "id": name,
                "dominated": bool(choice.dominated[c]),
                **{criterion: round(float(score[c]), 6) for criterion, score in choice.scores.items()},
                "regret_quantiles": {
                    f"{p:g}": round(float(v), 6)
                    for p, v in zip(points, np.quantile(choice.regrets[c], points), strict=True)
                },
                "worst_future": choice.futures[int(choice.regrets[c].argmax())],
            }
            for c, name in enumerate(choice.candidates)
        ],
    }


def _print(summary: dict[str, Any], language: str) -> None:
    from tanlu.charts.format import MINUS
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    def say(key: str, **words: object) -> str:
        return translate(f"choices.robust.{key}", language, **words)

    money = summary["measure"] == "cost"
    year = summary["measure"].endswith(":peak_year")

    def score(value: float) -> str:
        if money:
            return f"{value / 1000.0:.1f}".replace("-", MINUS)
        return f"{value:.1f}" if year else tonnes(value, language)

    rows = []
    for one in sorted(summary["candidates"], key=lambda one: one["regret"]):
        met = f"{100 * one['satisficing']:.0f}" if "satisficing" in one else "–"
        scores = [score(one[key]) for key in ("regret", "worst", "hurwicz", "laplace")]
        rows.append([one["id"], *scores, met, one["worst_future"], "×" if one["dominated"] else ""])
    unit = say("money" if money else "year" if year else "tonnes")
    print_table(
        say("title", measure=measure_name(summary["measure"], language), unit=unit, futures=summary["futures"]),
        say("columns").split("|"),
        rows,
        (0, 6, 7),
    )
    print()
    for criterion, names in summary["best"].items():
        print(say("best", criterion=say(f"criterion.{criterion}"), names=", ".join(names)))
    if money:
        print_wrapped(say("value", value=f"{summary['carbon_value']:g}"))
    print_wrapped(say("note"))
