"""``tanlu pathway decompose``: why CO2 changed between any two years of the inventory and of a scenario."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Province, Workspace

if TYPE_CHECKING:
    from tanlu.pathways.decomposition import Decomposition
    from tanlu.pathways.scenario_files import Setting
    from tanlu.pathways.simulation import Model
    from tanlu.pathways.snapshots import Snapshot


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("decompose")(decompose)


def decompose(
    first: Annotated[int, typer.Option("--from", help="起始年份。First year.")],
    last: Annotated[int, typer.Option("--to", help="终止年份。Last year.")],
    method: Annotated[str, typer.Option("--method", help="lmdi1, lmdi2")] = "lmdi1",
    chained: Annotated[
        bool, typer.Option("--chained", help="逐年连锁。Chain year by year instead of comparing the ends.")
    ] = False,
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", help="YAML 文件、已存情景名、链接，或 plan-mid。File, saved name, link or plan-mid."
        ),
    ] = "current-mid",
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """两年之间二氧化碳为何变化：Kaya 与分部门 LMDI 分解、Tapio 脱钩。Why CO2 changed: Kaya and sectors by LMDI, decoupling.

    例 Example: tanlu pathway decompose --from 2010 --to 2024 --method lmdi1 --json
    """
    from tanlu.commands.pathway_assumed import print_shares, shares_of_change
    from tanlu.commands.pathway_common import working
    from tanlu.commands.pathway_simulate import find_scenario
    from tanlu.core.errors import DataError
    from tanlu.pathways import decomposition
    from tanlu.pathways.analysis.lmdi import METHODS
    from tanlu.pathways.sensitivity import share_records
    from tanlu.pathways.simulation import load_model

    check_language(language)
    if method not in METHODS:
        raise typer.BadParameter(f"{method}: {', '.join(METHODS)}", param_hint="--method")
    try:
        with working("tanlu pathway decompose", as_json):
            model = load_model(province)
            file = find_scenario(scenario, model, workspace, None, {}, migrate=False)
            history, ahead = snapshots_of(model, file.setting)
            found = decomposition.decompose(history, ahead, first, last, method=method, chained=chained)
    except DataError as error:
        fail(error, language, as_json)
    levers = model.data.world(file.setting.base, file.setting.levers)
    shares = shares_of_change(model, model.parameters(file.setting), levers, first, last)
    if as_json:
        record = {"scenario": file.name, **_summary(found), "variance_shares": share_records(shares)}
        json.dump(record, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    ends = ({**ahead, **history}[year].co2 for year in (first, last))
    _print(found, file.name, model, *ends, language=language)
    print_shares(shares, language, first=first, second=last)


def snapshots_of(model: Model, setting: Setting) -> tuple[dict[int, Snapshot], dict[int, Snapshot]]:
    """Return the years of the inventory and of a scenario.

    Raises
    ------
    DataError
        If the setting is not sound.
    """
    from tanlu.pathways.snapshots import history_snapshots, run_snapshots

    assert model.inventory is not None
    history = history_snapshots(model.inventory, model.baseline, model.data.parameters)
    return history, run_snapshots(model.parameters(setting), model.central(setting))


def _summary(found: Decomposition) -> dict[str, Any]:
    def rounded(values: dict[str, float]) -> dict[str, float]:
        return {name: round(value, 6) for name, value in values.items()}

    elasticity = found.decoupling.elasticity
    return {
        "from": found.first,
        "to": found.last,
        "method": found.method,
        "chained_at": list(found.years),
        "basis": found.basis,
        "unit": "Mt CO2",
        "change": round(found.change, 6),
        "kaya": None if found.kaya is None else rounded(found.kaya),
        "sectors": rounded(found.sectors),
        "by_sector": {sector: rounded(effects) for sector, effects in found.by_sector.items()},
        "imports": None if found.imports is None else round(found.imports, 6),
        "decoupling": {
            "state": found.decoupling.state,
            "elasticity": None if elasticity is None else round(elasticity, 6),
        },
    }


def _print(found: Decomposition, scenario: str, model: Model, start: float, end: float, *, language: str) -> None:
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    base = model.baseline.base_year
    chain = "chained" if len(found.years) > 3 or (len(found.years) == 3 and base not in found.years[1:2]) else "direct"
    if chain == "direct" and len(found.years) == 3:
        chain = "direct_at_base"
    words = {
        "first": found.first, "last": found.last, "change": tonnes(found.change, language, signed=True), "scenario": scenario,
        "method": found.method,
        "chain": translate(f"pathways.decompose.{chain}", language, base=base), "start": tonnes(start, language),
        "end": tonnes(end, language),
    }  # fmt: skip
    print_wrapped(translate("pathways.decompose.title", language, **words))
    if found.kaya is None:
        print(translate("pathways.decompose.no_kaya", language))
    else:
        _print_effects("kaya", found.kaya, found, language)
    _print_effects("sectors", found.sectors, found, language)
    if found.imports is not None:
        print(translate("pathways.decompose.imports", language, value=tonnes(found.imports, language, signed=True)))
    state, elasticity = translate(f"pathways.tapio.{found.decoupling.state}", language), found.decoupling.elasticity
    shown = "–" if elasticity is None else f"{elasticity:.2f}"
    print(translate("pathways.decompose.decoupling", language, state=state, elasticity=shown))
    _print_estimated(found, model, language)


def _print_effects(kind: str, effects: dict[str, float], found: Decomposition, language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import catalogue, translate

    rows = []
    for name, value in effects.items():
        key = f"pathways.decompose.{name}"
        rows.append(
            [
                translate(key if key in catalogue() else f"{key}.{found.basis}", language),
                tonnes(value, language, signed=True),
            ]
        )
    rows.append([translate("pathways.decompose.total", language), tonnes(sum(effects.values()), language, signed=True)])
    head = translate("pathways.decompose.columns", language).split("|")
    print_table(translate(f"pathways.decompose.{kind}", language), head, rows)
    print()


def _print_estimated(found: Decomposition, model: Model, language: str) -> None:
    """Say which years of the inventory are estimates, where they take part."""
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.core.messages import translate
    from tanlu.pathways.walk import last_data_year

    baseline = model.baseline
    known = baseline.years[last_data_year(baseline.driver_error)]
    if min(found.first, found.last) < baseline.base_year and max(found.first, found.last) > known:
        print_wrapped(translate("pathways.decompose.estimated", language, year=known))
