"""``tanlu pathway compare``: any number of scenarios beside each other."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Draws, Migrate, Province, Seed, Workspace

if TYPE_CHECKING:
    from tanlu.pathways.compare import Comparison
    from tanlu.pathways.sensitivity import Share


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("compare")(compare)


def compare(
    scenarios: Annotated[
        list[str], typer.Argument(help="两个或更多情景：文件、已存名称、链接或 plan-mid。Two or more scenarios.")
    ],
    draws: Draws = 2048,
    seed: Seed = 7,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="把全部情景写成一个 IAMC 表。One IAMC table of all scenarios.", dir_okay=False),
    ] = None,
    migrate: Migrate = False,
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """比较任意多个情景：达峰、数值、情景杆差别、逐次抽样之差。Compare scenarios: peaks, figures, levers, differences by draw.

    例 Example: tanlu pathway compare current-mid plan-mid my-scenario.yaml --json
    """
    from rich.progress import Progress

    from tanlu.commands.pathway_common import check_draws
    from tanlu.commands.pathway_simulate import find_scenario
    from tanlu.core.errors import DataError, Problem
    from tanlu.pathways.compare import compare_scenarios
    from tanlu.pathways.scenario_files import ScenarioFile
    from tanlu.pathways.simulation import load_model, simulate_file

    check_language(language)
    check_draws(draws)
    try:
        model, problems, files = load_model(province), list[Problem](), list[ScenarioFile]()
        for name in scenarios:
            try:
                files.append(find_scenario(name, model, workspace, seed, {}, migrate=migrate))
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(problems)
        with Progress(transient=True, disable=as_json or not sys.stderr.isatty()) as progress:
            runs = [
                simulate_file(file, model, draws) for file in progress.track(files, description="tanlu pathway compare")
            ]
        found = compare_scenarios(runs)
        if out is not None:
            _write(out, found)
    except DataError as error:
        fail(error, language, as_json)
    alone, apart = _shares(found)
    if as_json:
        from tanlu.pathways.sensitivity import share_records

        record = found.as_record()
        for scenario, shares in zip(record["scenarios"], alone, strict=True):
            scenario["variance_shares"] = share_records(shares)
        names = [s.file.name for s in found.simulations[1:]]
        record["difference_variance_shares"] = {n: share_records(s) for n, s in zip(names, apart, strict=True)}
        json.dump(record, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(found, alone, apart, language)


def _write(out: Path, found: Comparison) -> None:
    """Write the IAMC tables of all scenarios as one, in one step."""
    import csv
    import io

    from tanlu.core.errors import DataError, Problem
    from tanlu.workspace import write_atomically

    if out.exists():
        raise DataError([Problem("out_in_use", "--out", value=str(out))])
    tables = [s.iamc() for s in found.simulations]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([tables[0][0], *(row for t in tables for row in t[1:])])
    out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, text.getvalue())


def _shares(found: Comparison) -> tuple[list[list[Share]], list[list[Share]]]:
    """Return where the variance of each scenario comes from, and that of the difference of each other one to the first."""
    from tanlu.commands.pathway_assumed import shares_of_difference, shares_of_simulation

    first, *others = found.simulations
    data, baseline = first.model.data, first.model.baseline
    ends = [(s.scenario.parameters, s.scenario.levers) for s in (first, *others)]
    apart = [shares_of_difference(data, baseline, end, ends[0]) for end in ends[1:]]
    return [shares_of_simulation(s) for s in found.simulations], apart


def _print(found: Comparison, alone: list[list[Share]], apart: list[list[Share]], language: str) -> None:
    from tanlu.commands.pathway_assumed import print_shares
    from tanlu.commands.pathway_simulate import print_summary
    from tanlu.commands.plain_table import print_table
    from tanlu.commands.tonnes import tonnes, tonnes_unit
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label

    for simulation, shares in zip(found.simulations, alone, strict=True):
        print_summary(simulation.summary(), language)
        print_shares(shares, language)
        print()
    title = translate("pathways.compare.against", language, name=found.simulations[0].file.name)
    rows, unit = [], tonnes_unit(language)

    def change(value: float) -> str:
        return tonnes(value, language, signed=True)

    for d in found.differences():
        spread = f"{change(d['p50'])} ({change(d['p05'])} … {change(d['p95'])})" if "p50" in d else change(d["central"])
        rows.append(
            [d["scenario"], translate(f"pathways.series.{d['variable']}", language, unit=unit), str(d["year"]), spread]
        )
    print_table(title, translate("pathways.compare.columns", language).split("|"), rows, words=(0, 1))
    names = [s.file.name for s in found.simulations]
    for name, shares in zip(names[1:], apart, strict=True):
        print_shares(shares, language, start=names[0], end=name)
    levers: list[dict[str, Any]] = found.levers()
    if levers:
        print()
        head = [translate("pathways.compare.levers", language), "", *names]
        body = [
            [x[f"name_{language}"], unit_label(x["unit"], language), *(f"{x['values'][n]:g}" for n in names)]
            for x in levers
        ]
        print_table("", head, body, words=(0, 1))
