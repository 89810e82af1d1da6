"""``tanlu pathway optimise``: a scenario with the power system that costs least, beside the one that its levers set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.energy_common import EXIT_NO_PLAN, print_json
from tanlu.commands.pathway_common import working
from tanlu.commands.pathway_simulate import Province, Workspace, find_scenario

if TYPE_CHECKING:
    from tanlu.job.energy_compare import Compared
    from tanlu.job.energy_step import EnergyStudy
    from tanlu.pathways import Scenario

SHOWN = (2030, 2040, 2050, 2060)
DRAWS = 16
"""The comparison is one of central runs; the fan is not asked for."""


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("optimise")(optimise)


def optimise(
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", help="YAML 文件、已存情景名、链接，或 plan-mid。File, saved name, link or plan-mid."
        ),
    ] = "current-mid",
    nodes: Annotated[
        Literal["one-node", "all-nodes"], typer.Option("--nodes", help="全省一点或各市州。Province or prefectures.")
    ] = "one-node",
    out: Annotated[
        Path | None, typer.Option("--out", help="写入新文件夹：能源系统与对照表。New folder.", file_okay=False)
    ] = None,
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """用最低成本的电力系统重算一个情景，并列出与快速引擎的差距。A scenario with the least-cost power system; gap to the fast engine.

    快速引擎按情景杆设定装机；这里由能源系统按成本决定，需求相同。The demands are those of the scenario; capacities follow cost.

    例 Example: tanlu pathway optimise --scenario plan-mid --json
    """
    from tanlu.commands.pathway_assumed import print_shares, shares_of_run
    from tanlu.core.errors import DataError, Notice, Problem
    from tanlu.core.messages import translate
    from tanlu.job.energy_compare import comparison
    from tanlu.job.energy_step import FOLDER, energy_folder, read_study, solve_study
    from tanlu.pathways.sensitivity import share_records
    from tanlu.pathways.simulation import load_model

    check_language(language)
    try:
        if out is not None and out.exists() and any(out.iterdir()):
            raise DataError([Problem("out_in_use", "--out", value=str(out))])
        with working("tanlu pathway optimise", as_json):
            model = load_model(province)
            folder, system = energy_folder(model.province.folder), read_study(model.province.folder)
            if folder is None or system is None:
                raise DataError([Problem("optimise_no_system", FOLDER, value=model.province.id)])
            file = find_scenario(scenario, model, workspace, None, {}, migrate=False)
            run, _ = model.scenario(file.setting, DRAWS, file.seed)
            study = solve_study(system, folder, run, nodes)
            rows = [] if isinstance(study, Notice) else comparison(study, run)
            shares = shares_of_run(model.data, model.baseline, run.parameters, run.levers)
        if not isinstance(study, Notice) and out is not None:
            _write(out, study, run)
    except DataError as error:
        fail(error, language, as_json)
    if isinstance(study, Notice):
        print(study.text(language), file=sys.stderr)
        raise typer.Exit(EXIT_NO_PLAN)
    if as_json:
        print_json({**_answer(file.name, study, rows), "variance_shares": share_records(shares)})
        return
    _print(file.name, study, rows, language)
    print_shares(shares, language)
    if out is not None:
        print(translate("energy.command.written", language, folder=out), file=sys.stderr)


def _answer(name: str, study: EnergyStudy, rows: list[Compared]) -> dict[str, Any]:
    """Return the study and both models side by side as plain data."""
    gaps = [
        {
            "period": r.period, "quantity": r.quantity, "item": r.item, "unit": r.unit, "fast": r.pathway, "optimised": r.system,
            "difference": r.difference, "why": r.why,
        }
        for r in rows
    ]  # fmt: skip
    return {"scenario": name, "energy": study.brief(), "comparison": gaps}


def _print(name: str, study: EnergyStudy, rows: list[Compared], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label

    brief = study.brief()
    cost = f"{brief['lower'] / 100.0:,.0f}" if language == "zh" else f"{brief['lower'] / 1000.0:,.0f}"
    print_wrapped(translate("pathways.optimise.title", language, name=name, segments=brief["segments"], cost=cost))
    periods = [p for p in dict.fromkeys(r.period for r in rows) if p in SHOWN]
    by = {(r.quantity, r.item, r.period): r for r in rows}
    head = [translate("pathways.optimise.quantity", language), *map(str, periods)]
    table = []
    for quantity, item in dict.fromkeys((r.quantity, r.item) for r in rows):
        found = [by[quantity, item, p] for p in periods]
        if all(not r.pathway and not r.system for r in found):
            continue
        unit = unit_label(found[0].unit, language)
        label = translate(f"pathways.optimise.{quantity}", language, item=_item(item, language), unit=unit)
        table.append([label, *(f"{_number(r.pathway)} → {_number(r.system)}" for r in found)])
    print_table("", head, table)
    print_wrapped(translate("pathways.optimise.reasons", language))
    for why in dict.fromkeys(r.why for r in rows):
        print_wrapped("– " + translate(f"energy.compare.{why}", language))


def _item(item: str, language: str) -> str:
    from tanlu.core.messages import catalogue, translate

    keys = (f"pathways.optimise.item.{item.replace(' ', '_')}", f"pathways.member.{item}")
    return next((translate(key, language) for key in keys if key in catalogue()), item)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}" if abs(value) >= 1 or value == 0 else f"{value:.2f}"


def _write(out: Path, study: EnergyStudy, run: Scenario) -> None:
    """Write the folder in one step: it is there with everything in it, or not at all."""
    import shutil
    import tempfile

    from tanlu.job.energy_step import write_study

    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        write_study(study, run, staging)
        if out.exists():
            out.rmdir()
        staging.chmod(0o755)
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
