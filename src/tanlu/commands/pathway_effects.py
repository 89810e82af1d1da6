"""``tanlu pathway effects``: what follows from a scenario: other gases, costs by actor, jobs, air pollutants."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.pathways import Result
    from tanlu.pathways.effects import Effects
    from tanlu.pathways.sensitivity import Share

Province = Annotated[str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")]
Name = Annotated[str, typer.Option("--scenario", help="情景：世界-增长。World and growth case, as plan-mid.")]
Against = Annotated[str, typer.Option("--against", help="对照情景。Scenario to compare with.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="情景杆=数值，可重复。lever=value, repeatable.")]
Folder = Annotated[Path | None, typer.Option("--out", help="写 effects.csv 的文件夹。Folder for effects.csv.")]
Gwp = Annotated[str, typer.Option("--gwp", help="温室效应潜势：AR4、AR5、AR6。Set of warming potentials.")]
YEARS = (2030, 2035, 2040, 2050, 2060)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("effects")(effects)


def effects(
    province: Province = "hunan",
    scenario: Name = "plan-mid",
    against: Against = "current-mid",
    set_: Settings = None,
    out: Folder = None,
    gwp: Gwp = "AR5",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由情景推出其他温室气体、分承担者成本、就业和大气污染物。Other gases, costs by actor, jobs and air pollutants of a scenario.

    例 example: tanlu pathway effects --scenario plan-mid --set rice_water=0.6 --out effects
    """
    from tanlu.commands.pathway_assumed import print_shares
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records

    check_language(language)
    try:
        found, reference, runs, shares = _compute(province, scenario, against, set_ or [], gwp)
    except DataError as error:
        fail(error, language, as_json)
    summary = {**_summary(scenario, against, found, reference, runs, gwp), "variance_shares": share_records(shares)}
    if out is not None:
        _write(out, found, gwp)
    if as_json:
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(summary, language)
        print_shares(shares, language, start=against, end=scenario)
        if out is not None:
            from tanlu.core.messages import translate

            print(translate("effects.command.written", language, file=str(out / "effects.csv")))


def _compute(
    province: str, scenario: str, against: str, pairs: list[str], gwp: str
) -> tuple[Effects, Effects, tuple[Result, Result], list[Share]]:
    """Run both scenarios and divide the variance of the difference of their CO2; every fault of the words is told at once."""
    from tanlu.commands.pathway_assumed import shares_of_difference
    from tanlu.commands.pathway_common import load_with_effects, settings
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.gases import GWP_SETS
    from tanlu.pathways import engine_parameters, run
    from tanlu.pathways.dimensions import SCENARIOS
    from tanlu.pathways.effects import effect_tables
    from tanlu.pathways.effects import effects as follow

    problems = [
        Problem("unknown_scenario", option, value=name, details={"some": ", ".join(SCENARIOS)})
        for option, name in (("--scenario", scenario), ("--against", against))
        if name not in SCENARIOS
    ]
    if gwp not in GWP_SETS:
        problems.append(
            Problem("unknown_choice", "--gwp", value=gwp, details={"refers_to": "GWP", "some": ", ".join(GWP_SETS)})
        )
    changes = settings(pairs)
    if problems:
        raise DataError(problems)
    data, baseline, inventory, side = load_with_effects(province)
    own = {k: v for k, v in changes.items() if k in {lever.id for lever in side.levers}}
    engine = {k: v for k, v in changes.items() if k not in own}
    results, runs, ends = [], [], []
    for name, moved, own_moved in ((scenario, engine, own), (against, {}, {})):
        world, growth = name.split("-")
        parameters = engine_parameters(data, baseline, growth)
        levers = data.world(world, moved)
        tables = effect_tables(side, parameters, inventory)
        runs.append(run(parameters, levers))
        ends.append((parameters, levers))
        results.append(follow(runs[-1], tables, levers, side.world(world, own_moved)))
    return results[0], results[1], (runs[0], runs[1]), shares_of_difference(data, baseline, *ends)


def _summary(
    scenario: str, against: str, found: Effects, reference: Effects, runs: tuple[Result, Result], gwp: str
) -> dict[str, Any]:
    """Return the figures of a scenario, and against the other, as plain data."""
    from tanlu.pathways.coeffects import POLLUTANTS
    from tanlu.pathways.costs import ACTORS, average_abatement_cost, incremental_cost

    years = [int(y) for y in found.years]
    shown = [0, *(years.index(y) for y in YEARS if y in years)]

    def at(values: Any) -> dict[str, float]:
        return {str(years[i]): round(float(values[i]), 6) for i in shown}

    costs, other = found.costs, found.co2e(gwp)[0]
    gases = {gas: other[:, [i for i, row in enumerate(_rows()) if row.gas == gas]].sum(axis=1) for gas in _gases()}
    # measures against other gases have no cost here, so their tonnes do not count either
    co2 = [run.with_imports[0] for run in runs]
    totals = costs.total[0], reference.costs.total[0]
    per_tonne = average_abatement_cost(totals[0], totals[1], co2[0], co2[1], found.rate)
    return {
        "scenario": scenario,
        "against": against,
        "gwp": gwp,
        "price_year": found.price_year,
        "discount_rate": found.rate,
        "firm_margin": round(found.firm_margin, 6),
        "grades": {name: grade.value for name, grade in found.grades.items()},
        "gases": {gas: at(values) for gas, values in gases.items()},
        "costs": {actor: at(costs.yearly[0, :, a]) for a, actor in enumerate(ACTORS)},
        "investment": at(costs.component("investment")[0].sum(axis=1)),
        "stranded": at(costs.component("stranded")[0].sum(axis=1)),
        "carbon_payments": at(costs.transfers[0, :, -1, :-1].sum(axis=1)),
        "jobs": at(found.jobs[0].sum(axis=1)),
        "pollutants": {name: at(found.pollutants[0, :, :, p].sum(axis=1)) for p, name in enumerate(POLLUTANTS)},
        "incremental_cost": round(float(incremental_cost(totals[0], totals[1], found.rate)), 6),
        "cost_per_tonne": None if per_tonne != per_tonne else round(float(per_tonne) * 1000.0, 3),
    }


def _rows() -> Any:
    from tanlu.pathways.noncarbon import ROWS

    return ROWS


def _gases() -> Any:
    from tanlu.pathways.noncarbon import GASES

    return GASES


def _write(folder: Path, found: Effects, gwp: str) -> None:
    """Write the long table in one step: a file that is there is whole."""
    from tanlu.pathways.effects.frame import columns

    table = columns(found, gwp)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / ".effects.csv.part"
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table)
        values = {name: [f"{x:.6g}" for x in column] if name == "value" else column for name, column in table.items()}
        writer.writerows(zip(*values.values(), strict=True))
    part.replace(folder / "effects.csv")


def _print(summary: dict[str, Any], language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    def say(key: str, **words: object) -> str:
        return translate(f"effects.{key}", language, **words)

    years = list(summary["investment"])
    print(say("command.title", scenario=summary["scenario"], against=summary["against"]))
    head = [say("command.item"), *years]
    tables = [
        ("gases", {gas: (gas, v) for gas, v in summary["gases"].items()}, {"gwp": summary["gwp"]}),
        ("costs", {a: (say(f"actor.{a}"), v) for a, v in summary["costs"].items()}, {"year": summary["price_year"]}),
        ("money", {k: (say(f"money.{k}"), summary[k]) for k in ("investment", "stranded", "carbon_payments")}, {}),
        ("other", {"jobs": (say("jobs"), summary["jobs"])} | {p: (p, v) for p, v in summary["pollutants"].items()}, {}),
    ]
    for key, rows, words in tables:
        print_table(
            say(f"command.{key}", **words),
            head,
            [[name, *(f"{x:.1f}" for x in v.values())] for name, v in rows.values()],
        )
        print()
    rate = f"{100 * summary['discount_rate']:.0f}"
    print(say("command.incremental", value=f"{summary['incremental_cost']:.0f}", rate=rate, against=summary["against"]))
    if summary["cost_per_tonne"] is None:
        print(say("command.nothing_avoided"))
    else:
        print(say("command.per_tonne", value=f"{summary['cost_per_tonne']:.0f}"))
    print(say("command.firm_margin", value=f"{100 * summary['firm_margin']:.1f}"))
    print(say("command.grades", grade=max(summary["grades"].values())))
