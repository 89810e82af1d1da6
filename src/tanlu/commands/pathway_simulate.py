"""``tanlu pathway simulate``: run a scenario file, a saved scenario, a link or a world, and write it as IAMC tables."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_assumed import print_shares, shares_of_simulation
from tanlu.commands.pathway_common import check_draws, print_series, settings, working

if TYPE_CHECKING:
    from tanlu.pathways.scenario_files import ScenarioFile
    from tanlu.pathways.sensitivity import Share
    from tanlu.pathways.simulation import Model, Simulation

Province = Annotated[str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")]
Draws = Annotated[int, typer.Option("--draws", help="抽样数：8×2的幂。Draws: 8 times a power of two.")]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, help="随机种子，默认取情景文件中的。Seed; that of the file.")
]
Migrate = Annotated[
    bool, typer.Option("--migrate", help="其他版本的情景转到现版本。Take a scenario of another version over.")
]
Workspace = Annotated[Path, typer.Option("--workspace", help="已存情景所在的工作区。Workspace with saved scenarios.")]


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("simulate")(simulate)


def find_scenario(
    wanted: str, model: Model, workspace: Path, seed: int | None, changes: dict[str, float], *, migrate: bool
) -> ScenarioFile:
    """Return the scenario that a user names: a file, a saved one, a link, or a world and growth case.

    Raises
    ------
    DataError
        If there is none, or something is wrong with it.
    """
    import dataclasses

    from tanlu.core.errors import DataError, Problem
    from tanlu.pathways.dimensions import SCENARIOS
    from tanlu.pathways.scenario_files import FOLDER, ScenarioFile, Setting, read_scenario
    from tanlu.pathways.scenario_link import FORMAT, decode

    data, saved = model.data, workspace / FOLDER / f"{wanted}.yaml"
    path = Path(wanted) if wanted.endswith((".yaml", ".yml")) or Path(wanted).is_file() else saved
    if path.is_file():
        found = read_scenario(path, data, model.data_hash, migrate=migrate)
    elif wanted in SCENARIOS:
        world, _, growth = wanted.partition("-")
        found = ScenarioFile(wanted, Setting(world, growth))
    elif wanted.startswith(f"{FORMAT}."):
        link = decode(wanted, data, model.data_hash)
        if link.problems:
            raise DataError(link.problems)
        found = ScenarioFile("link", link.setting)
    else:
        known = sorted(p.stem for p in (workspace / FOLDER).glob("*.yaml"))
        some = ", ".join([*SCENARIOS, *known[:10]])
        raise DataError([Problem("scenario_unknown", "--scenario", value=wanted, details={"some": some})])
    if changes:
        setting = found.setting
        merged = Setting(setting.base, setting.growth, {**setting.levers, **changes}, setting.schedules)
        found = dataclasses.replace(found, setting=merged)
    return found if seed is None else dataclasses.replace(found, seed=seed)


def simulate(
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", help="YAML 文件、已存情景名、链接，或 plan-mid。File, saved name, link or plan-mid."
        ),
    ] = "current-mid",
    draws: Draws = 2048,
    seed: Seed = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="情景杆=数值，可重复。lever=value, repeatable.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="写入新文件夹：IAMC 表、工作簿、情景。New folder: IAMC, workbook.", file_okay=False),
    ] = None,
    migrate: Migrate = False,
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """推演一个情景文件：达峰年份、峰值、概率，可写出 IAMC 表。Run a scenario file: peak year, level, chance; IAMC tables.

    例 Example: tanlu pathway simulate --scenario plan-mid --draws 2048 --seed 7 --json
    """
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records
    from tanlu.pathways.simulation import load_model, simulate_file

    check_language(language)
    check_draws(draws)
    try:
        _check_out(out)
        with working("tanlu pathway simulate", as_json):
            model = load_model(province)
            changes = settings(set_ or [], model.data)
            file = find_scenario(scenario, model, workspace, seed, changes, migrate=migrate)
            found = simulate_file(file, model, draws)
            shares = shares_of_simulation(found)
        summary = {**described(found), "variance_shares": share_records(shares)}
        if out is not None:
            _write(out, found, summary, shares, language)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    print_summary(summary, language)
    print_shares(shares, language)
    if out is not None:
        from tanlu.core.messages import translate

        print(translate("pathways.simulate.written", language, path=out))


def described(found: Simulation) -> dict[str, Any]:
    """Return the figures of a simulation and its link."""
    from tanlu.pathways.scenario_link import encode

    model = found.model
    return {**found.summary(), "link": encode(found.file.setting, model.data, model.data_hash)}


def print_summary(summary: dict[str, Any], language: str) -> None:
    """Print peak, chance and series."""
    from tanlu.commands.tonnes import tonnes, tonnes_unit
    from tanlu.core.messages import translate

    peak = summary["peak"]
    words = {
        "name": summary["scenario"], "year": peak["year"]["median"], "low": peak["year"]["p05"], "high": peak["year"]["p95"],
        "level": tonnes(peak["level"]["median"], language), "level_low": tonnes(peak["level"]["p05"], language),
        "level_high": tonnes(peak["level"]["p95"], language), "p": f"{100 * peak['probability_by_2030']:.1f}",
        "se": f"{100 * peak['stderr']:.1f}", "unit": tonnes_unit(language),
    }  # fmt: skip
    print(translate("pathways.simulate.peak", language, **words))
    path, inventory = (translate(f"pathways.test.{peak[key]}", language) for key in ("test", "inventory_test"))
    first, last = peak["plateau"]
    print(translate("pathways.simulate.test", language, path=path, first=first, last=last, inventory=inventory))
    print_series(summary["series"], language)
    words = {"draws": summary["draws"], "seed": summary["seed"], "cpu": f"{summary['cpu_seconds']:.2f}"}
    print(translate("pathways.simulate.cpu", language, **words))


def _check_out(out: Path | None) -> None:
    from tanlu.core.errors import DataError, Problem

    if out is not None and out.exists() and any(out.iterdir()):
        raise DataError([Problem("out_in_use", "--out", value=str(out))])


def _write(out: Path, found: Simulation, summary: dict[str, Any], shares: list[Share], language: str) -> None:
    """Write the folder in one step: it is there with everything in it, or not at all."""
    import shutil
    import tempfile

    from tanlu.pathways.nomenclature import write_definitions
    from tanlu.pathways.workbook import workbook

    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        table = found.iamc()
        write_definitions(staging / "definitions", table)
        (staging / "scenario.xlsx").write_bytes(workbook(found, language, shares))
        for name, rows in (("pathways.csv", table), ("fan.csv", found.fan_rows())):
            with (staging / name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows(rows)
        (staging / "scenario.yaml").write_text(stamped(found).as_yaml(), encoding="utf-8")
        text = json.dumps(summary, ensure_ascii=False, indent=1)
        (staging / "summary.json").write_text(text + "\n", encoding="utf-8")
        if out.exists():
            out.rmdir()
        staging.chmod(0o755)
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def stamped(found: Simulation) -> ScenarioFile:
    """Return the file of a simulation with the version and hash of what it was run with, and today's date if it has none."""
    import dataclasses
    import datetime

    from tanlu import __version__

    created = found.file.created or datetime.datetime.now(datetime.UTC).date().isoformat()
    return dataclasses.replace(found.file, model_version=__version__, data_hash=found.model.data_hash, created=created)
