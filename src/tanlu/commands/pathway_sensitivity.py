"""``tanlu pathway sensitivity``: which unknown the fan comes from, what would narrow it most, and how much rests on assumptions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Province, Workspace

if TYPE_CHECKING:
    from tanlu.pathways.scenario_files import Setting
    from tanlu.pathways.sensitivity import FanFunction, Input, Progress, Sensitivity
    from tanlu.pathways.simulation import Model
    from tanlu.pathways.swings import Swing

SHOWN = 6
"""Rows of each table on the terminal; ``--json`` has all."""
LEAST = 1e-9
"""Standard deviation below which a result does not vary."""


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("sensitivity")(sensitivity)


@contextmanager
def progress_bar(text: str, quiet: bool) -> Iterator[Progress | None]:
    """Show a bar on a terminal; hand out the function that moves it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def sensitivity(
    scenario: Annotated[
        str,
        typer.Option(
            "--scenario", help="YAML 文件、已存情景名、链接，或 plan-mid。File, saved name, link or plan-mid."
        ),
    ] = "current-mid",
    about: Annotated[
        str, typer.Option("--about", help="fan 扇形图 the fan; levers 情景杆取值 the choice of lever values")
    ] = "fan",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="情景杆=数值，可重复。lever=value, repeatable.")
    ] = None,
    size: Annotated[int, typer.Option("--size", min=2, help="基本样本，2的幂。Base sample, a power of two.")] = 1024,
    keep: Annotated[
        int, typer.Option("--keep", min=1, help="筛选后单独分析的不确定量个数。Inputs kept after screening.")
    ] = 8,
    parameters: Annotated[
        bool,
        typer.Option("--parameters", help="另查扇形图中固定的参数。Also move parameters that the fan holds fixed."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="随机种子。Seed.")] = 7,
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """扇形图的宽度来自哪里，什么最能使它变窄。Which unknown the fan comes from, and what would narrow it most.

    例 Example: tanlu pathway sensitivity --scenario plan-mid --json
    """
    from tanlu.commands.pathway_common import Clock, settings, spare_algebra
    from tanlu.commands.pathway_simulate import find_scenario
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import FanFunction, LeverFunction, sensitivity_of
    from tanlu.pathways.simulation import load_model

    check_language(language)
    functions = {"fan": FanFunction, "levers": LeverFunction}
    if about not in functions:
        raise typer.BadParameter(f"{about}: {', '.join(functions)}", param_hint="--about")
    if size & (size - 1):
        raise typer.BadParameter(f"{size}: 256, 512, 1024, 2048", param_hint="--size")
    try:
        model = load_model(province)
        file = find_scenario(scenario, model, workspace, None, settings(set_ or [], model.data), migrate=False)
        setting = file.setting
        levers = model.data.world(setting.base, setting.levers)
        function = functions[about](model.data, model.baseline, model.parameters(setting), levers)
        # the first run loads the compiled engine
        model.central(setting)
        with progress_bar("tanlu pathway sensitivity", as_json) as progress, spare_algebra(), Clock() as clock:
            found = sensitivity_of(function, size=size, keep=keep, seed=seed, progress=progress)
            swings = _swings(model, setting, progress) if parameters else []
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        words = {"scenario": file.name, "about": about, "size": size, "seed": seed}
        json.dump(
            words | _summary(found, swings, function, language) | clock.summary(),
            sys.stdout,
            ensure_ascii=False,
            indent=1,
        )
        print()
        return
    _print(found, swings, function, file.name, language)
    clock.tell(language)


def _swings(model: Model, setting: Setting, progress: Progress | None) -> list[Swing]:
    from tanlu.pathways import baseline_from_inventory
    from tanlu.pathways.swings import parameter_swings

    inventory = model.inventory
    assert inventory is not None
    data = setting.scheduled(model.data)
    return parameter_swings(
        data,
        lambda values: baseline_from_inventory(inventory, model.province, values),
        data.world(setting.base, setting.levers),
        setting.growth,
        progress=progress,
    )


def input_name(one: Input, function: FanFunction, language: str) -> str:
    """Return the name of an input in the given language."""
    from tanlu.core.messages import translate
    from tanlu.pathways.parameters import BY_NAME

    if one.kind in {"delivery", "choice"}:
        lever = function.data.levers[function.data.lever_index[one.id.removeprefix("lever:")]]
        if one.kind == "choice":
            return lever.name(language)
        return translate("pathways.sensitivity.delivery", language, name=lever.name(language))
    if one.id in BY_NAME:
        declared = BY_NAME[one.id]
        return declared.zh if language == "zh" else declared.en
    return translate(f"pathways.sensitivity.{one.id}", language)


def _parameter_name(swing: Swing, language: str) -> str:
    from tanlu.core.messages import catalogue, translate
    from tanlu.pathways.parameters import BY_NAME

    declared, index = BY_NAME[swing.parameter.name], swing.parameter.index
    name = declared.zh if language == "zh" else declared.en
    key = f"pathways.member.{index}"
    member = translate(key, language) if key in catalogue() else index
    return translate("pathways.parameter", language, name=name, member=member) if index else name


def _summary(found: Sensitivity, swings: list[Swing], function: FanFunction, language: str) -> dict[str, Any]:
    from tanlu.pathways.sensitivity import OUTPUTS, UNITS

    out: dict[str, Any] = {"runs": found.runs, "outputs": {}}
    shares = found.shares()
    for o, output in enumerate(OUTPUTS):
        screened = sorted(zip(found.inputs, found.effects.size[:, o], strict=True), key=lambda pair: -pair[1])
        out["outputs"][output] = {
            "unit": UNITS[o],
            "standard_deviation": round(float(found.deviation[o]), 6),
            "inputs": [
                {
                    "id": n.input.id, "name": input_name(n.input, function, language), "kind": n.input.kind,
                    "grade": n.input.grade.value if n.input.grade else None,
                    "first": round(n.first, 6), "first_low": round(n.first_low, 6), "first_high": round(n.first_high, 6),
                    "total": round(n.total, 6), "narrower": round(n.narrower, 6),
                }
                for n in found.narrowing(output)
            ],
            "others_total": round(found.others(output), 6),
            "shares": {
                s.source_class: {k: round(getattr(s, k), 6) for k in ("first", "total", "total_low", "total_high")}
                for s in shares
                if s.output == output
            },
            "screening": {one.id: round(float(size), 6) for one, size in screened if size > 0},
            "fixed_parameters": {s.parameter.id: round(float(s.change[o]), 6) for s in swings if s.change[o]},
        }  # fmt: skip
    return out


def _print(found: Sensitivity, swings: list[Swing], function: FanFunction, name: str, language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label
    from tanlu.pathways.sensitivity import OUTPUTS, UNITS, output_name, share_text

    kind = "" if function.series else ".levers"
    for o, output in enumerate(OUTPUTS):
        if found.deviation[o] < LEAST:
            name_of = output_name(output, language)
            print_wrapped(translate("pathways.sensitivity.constant", language, output=name_of) + "\n")
            continue
        words = {"output": output_name(output, language), "scenario": name, "unit": unit_label(UNITS[o], language)}
        title = translate(f"pathways.sensitivity.title{kind}", language, deviation=f"{found.deviation[o]:.1f}", **words)
        rows = [
            [
                input_name(n.input, function, language), n.input.grade.value if n.input.grade else "",
                f"{100 * n.first:.0f}", f"{100 * max(0.0, n.first_low):.0f}–{100 * n.first_high:.0f}",
                f"{100 * n.total:.0f}", f"{100 * n.narrower:.0f}",
            ]
            for n in found.narrowing(output)[:SHOWN]
        ]  # fmt: skip
        print_table(title, translate(f"pathways.sensitivity.columns{kind}", language).split("|"), rows, words=(0, 1))
        if function.series:
            print_wrapped(share_text(found.shares(), output, language))
        if swings:
            _print_swings(swings, found, output, language)
        print()
    if function.series:
        print_wrapped(translate("pathways.sensitivity.together", language))
    print_wrapped(translate(f"pathways.sensitivity.note{kind}", language, runs=found.runs))


def _print_swings(swings: list[Swing], found: Sensitivity, output: str, language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.pathways.sensitivity import OUTPUTS
    from tanlu.pathways.swings import share_with_swings

    o = OUTPUTS.index(output)
    largest = sorted((s for s in swings if s.change[o]), key=lambda s: -abs(float(s.change[o])))[:SHOWN]
    if not largest:
        return
    rows = [[_parameter_name(s, language), s.parameter.grade.value, f"{s.change[o]:+.1f}"] for s in largest]
    print_table("", translate("pathways.sensitivity.swing_columns", language).split("|"), rows, words=(0, 1))
    share = next(s for s in found.shares() if (s.output, s.source_class) == (output, "grade_d"))
    of_d, wider = share_with_swings(share.total, float(found.deviation[o]) ** 2, swings, output)
    words = {"d": f"{100 * of_d:.0f}", "wider": f"{100 * (wider - 1):.0f}"}
    print_wrapped(translate("pathways.sensitivity.with_swings", language, **words))
