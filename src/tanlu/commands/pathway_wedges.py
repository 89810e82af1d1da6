"""``tanlu pathway wedges``: what each action of the plan contributes to the change between two lever settings."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.pathway_simulate import Province, Workspace

if TYPE_CHECKING:
    from tanlu.pathways.scenario_files import Setting
    from tanlu.pathways.simulation import Model
    from tanlu.pathways.wedges import Wedges

YEARS = (2030, 2035, 2040, 2050, 2060)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("wedges")(wedges)


def setting_of(name: str, growth: str, model: Model, workspace: Any) -> Setting:
    """Return the lever setting that a user names: a world, or a scenario as in `tanlu pathway simulate`.

    Raises
    ------
    DataError
        If there is none, or something is wrong with it.
    """
    from tanlu.commands.pathway_simulate import find_scenario
    from tanlu.core.errors import DataError
    from tanlu.pathways.scenario_files import Setting

    if name in model.data.worlds:
        setting = Setting(name, growth)
    else:
        setting = find_scenario(name, model, workspace, None, {}, migrate=False).setting
    problems = setting.problems(model.data, name)
    if problems:
        raise DataError(problems)
    return setting


def wedges(
    start: Annotated[
        str, typer.Option("--from", help="起点：世界或情景。Setting to start from: world or scenario.")
    ] = "frozen",
    end: Annotated[str, typer.Option("--to", help="终点：世界或情景。Setting to reach: world or scenario.")] = "plan",
    growth: Annotated[str, typer.Option("--growth", help="low, mid, high")] = "mid",
    province: Province = "hunan",
    workspace: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """各行动对减排的贡献（Shapley 值，相加无余项）。What each action contributes; Shapley values that add up exactly.

    例 Example: tanlu pathway wedges --from frozen --to plan --json
    """
    from tanlu.commands.pathway_assumed import print_shares, shares_of_difference
    from tanlu.commands.pathway_common import Clock, spare_algebra, working
    from tanlu.core.errors import DataError
    from tanlu.pathways.sensitivity import share_records
    from tanlu.pathways.simulation import load_model

    check_language(language)
    try:
        with working("tanlu pathway wedges", as_json):
            model = load_model(province)
            first, last = (setting_of(name, growth, model, workspace) for name in (start, end))
            _check_alike(first, last)
            names = _actions(model, language)
            # the first run loads the compiled engine
            model.central(last)
            with spare_algebra(), Clock() as clock:
                found = _between(model, first, last, list(names))
    except DataError as error:
        fail(error, language, as_json)
    ends = [(model.parameters(s), model.data.world(s.base, s.levers)) for s in (first, last)]
    shares = shares_of_difference(model.data, model.baseline, *ends)
    if as_json:
        summary = _summary(found, start, end, last.growth, names) | clock.summary()
        summary["variance_shares"] = share_records(shares)
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(found, start, end, names, language)
    print_shares(shares, language, start=start, end=end)
    clock.tell(language)


def _actions(model: Model, language: str) -> dict[str, str]:
    """Return the names of the actions of the plan by id, in its order."""
    from tanlu.plan import load_plan

    return {action.id: action.name(language) for action in load_plan(model.province.folder).actions()}


def _check_alike(first: Setting, last: Setting) -> None:
    """Both settings must be of one growth case and of the same schedules."""
    from tanlu.core.errors import DataError, Problem

    if (first.growth, first.schedules) != (last.growth, last.schedules):
        details = {"other": last.growth}
        raise DataError([Problem("wedge_settings", "--to", field="growth", value=first.growth, details=details)])


def _between(model: Model, first: Setting, last: Setting, order: list[str]) -> Wedges:
    from tanlu.pathways.wedges import wedges_between

    data = model.data
    start, end = (data.world(setting.base, setting.levers) for setting in (first, last))
    others = sorted({lever.action for lever in data.levers} - set(order))
    return wedges_between(model.parameters(last), data.levers, start, end, order=[*order, *others])


def _summary(found: Wedges, start: str, end: str, growth: str, names: dict[str, str]) -> dict[str, Any]:
    years = found.years.tolist()
    return {
        "from": start,
        "to": end,
        "growth": growth,
        "unit": "Mt CO2/yr",
        "method": "shapley",
        "runs": found.runs,
        "years": years,
        "actions": [
            {
                "id": group,
                "name": names.get(group, group),
                **{part: [round(float(v), 6) for v in values[g]] for part, values in found.values.items()},
                "alone": [round(float(v), 6) for v in found.alone[g]],
                "last": [round(float(v), 6) for v in found.last[g]],
                "cumulative_scope1": round(float(found.cumulative()[g]), 6),
            }
            for g, group in enumerate(found.groups)
        ],
        "totals": {
            part: {
                side: [round(float(v), 6) for v in values[part]]
                for side, values in (("start", found.start), ("end", found.end))
            }
            for part in found.values
        },
    }


def _print(found: Wedges, start: str, end: str, names: dict[str, str], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    years = [y for y in YEARS if y in found.years]
    places = [int(y - found.years[0]) for y in years]
    head = [
        translate("pathways.wedges.action", language),
        *map(str, years),
        translate("pathways.wedges.cumulative", language, first=int(found.years[1]), last=int(found.years[-1])),
    ]
    for part, values in found.values.items():
        if not values.any():
            continue
        cumulative, total = found.cumulative((part,)), found.start[part] - found.end[part]
        rows = [
            [
                f"{g} {names.get(g, '')}".rstrip(),
                *(tonnes(v, language) for v in values[i, places]),
                tonnes(cumulative[i], language, 0),
            ]
            for i, g in enumerate(found.groups)
        ]
        everything = [*(tonnes(v, language) for v in total[places]), tonnes(cumulative.sum(), language, 0)]
        rows.append([translate("pathways.wedges.total", language), *everything])
        print_table(translate(f"pathways.wedges.{part}", language, start=start, end=end), head, rows)
        print()
    print_wrapped(translate("pathways.wedges.note", language, runs=found.runs))
