"""``tanlu pathway coupling``: the power rule of the fast engine beside the optimised systems to which it is fitted."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_simulate import Province

if TYPE_CHECKING:
    from tanlu.pathways.power_fit import PowerFit, PowerGap


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("coupling")(coupling)


def coupling(province: Province = "hunan", as_json: AsJson = False, language: Language = default_language()) -> None:
    """快速引擎的电力规则与优化系统的差距：弃风弃光、火电装机。Power rule of the fast engine beside optimised systems.

    例 Example: tanlu pathway coupling --json
    """
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.messages import translate
    from tanlu.core.province import province_folder
    from tanlu.pathways import load_pathways
    from tanlu.pathways.power_fit import NAMES, fit_power, power_gaps
    from tanlu.pathways.power_systems import FILE, read_power_systems

    check_language(language)
    try:
        data = load_pathways(province_folder(province))
        systems = read_power_systems(data.folder)
        if not systems:
            raise DataError([Problem("no_power_systems", FILE, value=province)])
    except DataError as error:
        fail(error, language, as_json)
    used = {name: data.parameters.scalar(name) for name in NAMES}
    fit = fit_power(systems)
    gaps = power_gaps(systems, used, fit.peak)
    floor = {"in_use": data.parameters.scalar("thermal.minimum"), "optimised": min(s.thermal for s in systems)}
    if as_json:
        answer = {**_answer(fit, used, gaps), "least_thermal_share": floor}
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(fit, used, gaps, language)
    shares = {name: f"{100 * value:.1f}" for name, value in floor.items()}
    print_wrapped(translate("pathways.coupling.floor", language, **shares))
    print_wrapped(translate("pathways.coupling.limits", language))


def _errors(gaps: list[PowerGap]) -> dict[str, float]:
    """Return the errors of the rule in use: of the share taken of load [1], of thermal capacity [GW]."""
    taken = [gap.share * (gap.curtailed - gap.curtailed_rule) for gap in gaps]
    return {
        "rmse": (sum(x * x for x in taken) / len(gaps)) ** 0.5,
        "bias": sum(taken) / len(gaps),
        "thermal_mean_absolute": sum(abs(gap.thermal_rule - gap.thermal) for gap in gaps) / len(gaps),
    }


def _answer(fit: PowerFit, used: dict[str, float], gaps: list[PowerGap]) -> dict[str, Any]:
    import dataclasses

    return {
        "systems": fit.systems, "hash": fit.hash, "in_use": used, "fitted": dict(fit.values), "standard_errors": dict(fit.errors),
        "peak_over_mean_load": fit.peak, "errors": {**_errors(gaps), "fit_rmse": fit.rmse, "left_out_rmse": fit.left_out},
        "gaps": [dataclasses.asdict(gap) for gap in gaps],
    }  # fmt: skip


def _print(fit: PowerFit, used: dict[str, float], gaps: list[PowerGap], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.pathways.parameters import BY_NAME

    def say(key: str, **words: object) -> str:
        return translate(f"pathways.coupling.{key}", language, **words)

    print_wrapped(say("title", count=fit.systems))
    names = {name: BY_NAME[name].zh if language == "zh" else BY_NAME[name].en for name in used}
    rows = [
        [names[n], f"{used[n]:.3g}", f"{fit.values[n]:.3g}", f"{fit.errors[n]:.2g}"] for n in used
    ]  # fmt: skip
    print_table(say("numbers"), say("number_columns").split("|"), rows)
    print()
    table = [
        [
            str(g.number), str(g.year), f"{g.share:.2f}", f"{g.storage:.2f}", f"{100 * g.curtailed:.1f}",
            f"{100 * g.curtailed_rule:.1f}", f"{g.thermal:.0f}", f"{g.thermal_rule:.0f}",
        ]
        for g in sorted(gaps, key=lambda g: g.share)
    ]  # fmt: skip
    print_table(say("gaps"), say("gap_columns").split("|"), table)
    found = {name: f"{100 * value:.1f}" for name, value in _errors(gaps).items() if name != "thermal_mean_absolute"}
    thermal = f"{_errors(gaps)['thermal_mean_absolute']:.1f}"
    words = {"fit": f"{100 * fit.rmse:.1f}", "left": f"{100 * fit.left_out:.1f}", "thermal": thermal}
    print_wrapped(say("error", **found, **words))
