"""``tanlu pathway effects``: what follows from a scenario: other gases, costs by actor, jobs, air pollutants."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Workspace

if TYPE_CHECKING:
    from tanlu.pathways import Result
    from tanlu.pathways.effects import Effects
    from tanlu.pathways.sensitivity import Share

Province = Annotated[str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")]
Name = Annotated[
    str,
    typer.Option("--scenario", help="YAML 文件、已存情景名、链接，或 plan-mid。File, saved name, link or plan-mid."),
]
Against = Annotated[str, typer.Option("--against", help="对照情景，写法相同。Scenario to compare with, likewise.")]
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
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由情景推出其他温室气体、分承担者成本、就业和大气污染物。Other gases, costs by actor, jobs and air pollutants of a scenario.

    例 Example: tanlu pathway effects --scenario plan-mid --set rice_water=0.6 --out effects
    """
    from tanlu.commands.pathway_assumed import print_shares
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records

    check_language(language)
    try:
        found, reference, runs, shares = _compute(province, scenario, against, set_ or [], gwp, workspace)
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
    province: str, scenario: str, against: str, pairs: list[str], gwp: str, workspace: Path
) -> tuple[Effects, Effects, tuple[Result, Result], list[Share]]:
    """Run both scenarios and divide the variance of the difference of their CO2; every fault of the words is told at once."""
    from tanlu.commands.pathway_assumed import shares_of_difference
    from tanlu.commands.pathway_common import settings
    from tanlu.commands.pathway_simulate import find_scenario
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.gases import GWP_SETS
    from tanlu.pathways.effects import load_effects
    from tanlu.pathways.scenario_files import Setting
    from tanlu.pathways.simulation import load_model

    model, found, problems = load_model(province), list[Setting](), list[Problem]()
    changes = dict[str, float]()
    try:
        changes = settings(pairs, model.data)
    except DataError as error:
        problems += error.problems
    for option, name, moved in (("--scenario", scenario, changes), ("--against", against, {})):
        try:
            found.append(find_scenario(name, model, workspace, None, moved, migrate=False).setting)
        except DataError as error:
            problems += [replace(p, file=option) if p.code == "scenario_unknown" else p for p in error.problems]
    if gwp not in GWP_SETS:
        details = {"refers_to": "GWP", "some": ", ".join(GWP_SETS)}
        problems.append(Problem("unknown_choice", "--gwp", value=gwp, details=details))
    if problems:
        raise DataError(problems)
    if model.effects_data is None:
        load_effects(model.province.folder)
    runs = [model.central(setting) for setting in found]
    mine, other = (model.effects(setting, run) for setting, run in zip(found, runs, strict=True))
    assert mine is not None and other is not None
    ends = [(model.parameters(s), model.data.world(s.base, s.levers)) for s in found]
    return mine, other, (runs[0], runs[1]), shares_of_difference(model.data, model.baseline, *ends)


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
    from tanlu.charts.format import MINUS
    from tanlu.commands.plain_table import print_table
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    def say(key: str, **words: object) -> str:
        return translate(f"effects.{key}", language, **words)

    def signed(value: float, places: int) -> str:
        return f"{value:.{places}f}".replace("-", MINUS)

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
            [
                [name, *(tonnes(x, language) if key == "gases" else signed(x, 1) for x in v.values())]
                for name, v in rows.values()
            ],
        )
        print()
    rate = f"{100 * summary['discount_rate']:.0f}"
    # Chinese counts money by 10^8
    more = summary["incremental_cost"] * (10.0 if language == "zh" else 1.0)
    print(say("command.incremental", value=signed(more, 0), rate=rate, against=summary["against"]))
    if summary["cost_per_tonne"] is None:
        print(say("command.nothing_avoided"))
    else:
        print(say("command.per_tonne", value=signed(summary["cost_per_tonne"], 0)))
    print(say("command.firm_margin", value=signed(100 * summary["firm_margin"], 1)))
    print(say("command.grades", grade=max(summary["grades"].values())))
