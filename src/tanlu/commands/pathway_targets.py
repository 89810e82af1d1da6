"""``tanlu pathway targets``: what a scenario says about every target of the plan, or why it says nothing."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Draws, Migrate, Province, Seed, Workspace, find_scenario


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("targets")(targets)


def targets(
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
    migrate: Migrate = False,
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """方案的每个目标：情景给出的概率，或为什么没有。The chance of each target of the plan in a scenario, or why there is none.

    例 Example: tanlu pathway targets --scenario plan-mid --json
    """
    from tanlu.assessment.target_outlooks import load_rules, target_study
    from tanlu.commands.pathway_assumed import print_shares, shares_of_simulation
    from tanlu.commands.pathway_common import check_draws, settings, working
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records
    from tanlu.pathways.simulation import load_model, simulate_file

    check_language(language)
    check_draws(draws)
    try:
        with working("tanlu pathway targets", as_json):
            model = load_model(province)
            rules = load_rules(model.province)
            file = find_scenario(scenario, model, workspace, seed, settings(set_ or [], model.data), migrate=migrate)
            found = simulate_file(file, model, draws)
            assert model.inventory is not None  # a loaded model has one
            records = target_study(rules, model.inventory, found.scenario, model.baseline, file.seed)
    except DataError as error:
        fail(error, language, as_json)
    shares = shares_of_simulation(found)
    if as_json:
        said = {
            "scenario": file.name,
            "draws": draws,
            "seed": file.seed,
            "targets": records,
            "variance_shares": share_records(shares),
        }
        json.dump(said, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(file.name, records, language)
    print()
    print_shares(shares, language)


def _print(name: str, records: list[dict[str, Any]], language: str) -> None:
    from tanlu.assessment.target_words import reason_text, row_words
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    told = [r for r in records if r["quantity"]]
    silent = [r for r in records if not r["quantity"]]
    words = {"name": name, "told": len(told), "chances": sum(r["probability"] is not None for r in told)}
    print_wrapped(translate("pathways.targets.title", language, all=len(records), **words))
    head = translate("pathways.targets.columns", language).split("|")
    print_table("", head, [list(row_words(r, language)) for r in told], words=(1, 2))
    print()
    print_wrapped(translate("pathways.targets.silent", language, count=len(silent)))
    reasons: dict[str, list[str]] = {}
    for record in silent:
        reasons.setdefault(reason_text(record, language), []).append(record["target"])
    for text, names in reasons.items():
        print_wrapped(f"– {', '.join(names)}: {text}")
