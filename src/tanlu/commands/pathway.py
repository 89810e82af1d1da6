"""``tanlu pathway``: run a scenario with changed levers; list the levers; set the reference run beside official figures."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands import pathway_compile, pathway_coupling, pathway_levers, pathway_targets
from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_assumed import print_shares, shares_of_run
from tanlu.commands.pathway_common import check_draws, load_parts, print_series, settings

if TYPE_CHECKING:
    from pathlib import Path

    from tanlu.pathways import Baseline, PathwayData, Scenario

app = typer.Typer(
    no_args_is_help=True,
    help="情景推演：情景杆、世界、达峰。Pathways: levers, worlds, peak.\n\n"
    "例 Example: tanlu pathway run --world plan --growth mid --set solar_capacity=150",
)
Province = Annotated[str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")]
Seed = Annotated[int, typer.Option("--seed", help="随机种子。Seed.")]
YEARS = (2025, 2030, 2035, 2040, 2050, 2060)


def _scenario(
    data: PathwayData,
    baseline: Baseline,
    world: str,
    growth: str,
    changes: dict[str, float],
    draws: int,
    seed: int,
    readiness: Path | None = None,
) -> Scenario:
    """Run a world; with the folder of a province in ``readiness`` its technologies may be late in draws."""
    from tanlu.pathways import engine_parameters, run_scenario
    from tanlu.pathways.uncertainty import sample

    levers = data.world(world, changes)
    parameters = engine_parameters(data, baseline, growth)
    delays = None
    if readiness is not None:
        from tanlu.pathways import load_technologies
        from tanlu.pathways.delays import lever_delays

        delays = lever_delays(data.levers, load_technologies(readiness, data), draws, seed)
    return run_scenario(data, baseline, parameters, world, growth, levers, sample(data, baseline, draws, seed), delays)


def _summary(
    scenario: Scenario, baseline: Baseline, changes: dict[str, float], draws: int, seed: int
) -> dict[str, Any]:
    """Return the figures of a scenario as plain data."""
    from tanlu.pathways.scenarios import TOTAL, imported_co2

    run, fan = scenario.central, scenario.fans[TOTAL]
    ahead = fan.values[-len(run.years) :]
    series = {
        "co2": run.total[0],
        "co2_p05": ahead[:, 0],
        "co2_p50": ahead[:, 2],
        "co2_p95": ahead[:, 4],
        "net_co2": run.net[0],
        "with_imports": run.total[0] + imported_co2(baseline, run)[0],
        "electricity": run.indicator("electricity_demand")[0],
        "nonfossil_share": 100.0 * run.indicator("nonfossil_share")[0],
    }
    place = {int(year): i for i, year in enumerate(run.years)}
    years = [year for year in (int(run.years[0]), *YEARS) if year in place]
    return {
        "scenario": scenario.name,
        "levers": changes,
        "draws": draws,
        "seed": seed,
        "peak": _peak(scenario),
        "observed": {"year": scenario.observed.year, "test": scenario.observed.status},
        "series": {
            name: {str(year): round(float(values[place[year]]), 6) for year in years} for name, values in series.items()
        },
    }


def _peak(scenario: Scenario) -> dict[str, Any]:
    """Return the peak of the central run and its spread over the draws."""
    peak, chance = scenario.peak, scenario.chance
    numbers = {
        "level": peak.level,
        "probability_by_2030": chance.probability,
        "stderr": chance.stderr,
        "level_low": chance.level_low,
        "level_high": chance.level_high,
    }
    return {
        "year": peak.year,
        "unit": "Mt CO2",
        "test": peak.status,
        "past": scenario.peak_is_past,
        "plateau": list(peak.plateau),
        "year_low": chance.year_low,
        "year_high": chance.year_high,
        **{name: round(value, 6) for name, value in numbers.items()},
    }


@app.command()
def run(
    province: Province = "hunan",
    world: Annotated[str, typer.Option("--world", help="frozen, current, plan")] = "current",
    growth: Annotated[str, typer.Option("--growth", help="low, mid, high")] = "mid",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="情景杆=数值，可重复。lever=value, repeatable.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", help="抽样数：8×2的幂。Draws: 8 times a power of two.")] = 2048,
    seed: Seed = 7,
    readiness: Annotated[
        bool,
        typer.Option("--readiness", help="抽样时技术未成熟则情景杆推迟。In draws, levers wait for their technologies."),
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """按情景和情景杆推演到2060年。Run a world with changed levers to 2060.

    例 Example: tanlu pathway run --world plan --set solar_capacity=150 --set ccs_power=0
    """
    from tanlu.core.errors import DataError

    check_language(language)
    check_draws(draws)
    try:
        data, baseline, loaded = load_parts(province)
        changes = settings(set_ or [], data)
        waiting = loaded.folder if readiness else None
        scenario = _scenario(data, baseline, world, growth, changes, draws, seed, waiting)
    except DataError as error:
        fail(error, language, as_json)
    summary = _summary(scenario, baseline, changes, draws, seed)
    summary["readiness"] = readiness
    shares = [] if readiness else shares_of_run(data, baseline, scenario.parameters, scenario.levers)
    if shares:
        from tanlu.pathways.sensitivity import share_records

        summary["variance_shares"] = share_records(shares)
    if as_json:
        json.dump(summary, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _print(summary, data, scenario, language)
        _print_breaks(scenario, data, baseline, language)
        print_shares(shares, language)


def _print(summary: dict[str, Any], data: PathwayData, scenario: Scenario, language: str) -> None:
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label
    from tanlu.pathways import scenario_name

    title = scenario_name(scenario, data, language)
    print(translate("pathways.command.title", language, title=title, name=summary["scenario"]))
    for lever, value in summary["levers"].items():
        found = data.levers[data.lever_index[lever]]
        words = {"name": found.name(language), "value": f"{value:g}", "unit": unit_label(found.unit, language)}
        print(translate("pathways.command.lever", language, **words).rstrip())
    _print_peak(summary, language)
    print_series(summary["series"], language)


def _of_draws(share: float) -> str:
    """Return a share in per cent; draws are too few to tell one from certainty beyond a thousandth."""
    return ">99.9" if share > 0.999 else "<0.1" if share < 0.001 else f"{100 * share:.1f}"


def _print_peak(summary: dict[str, Any], language: str) -> None:
    """Print the peak, apart from a maximum that lies in the history, what the inventory alone says, and the chance."""
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    peak, observed = summary["peak"], summary["observed"]
    words = {k: tonnes(peak[k], language) for k in ("level", "level_low", "level_high")}
    words |= {k: str(peak[k]) for k in ("year", "year_low", "year_high")}
    words |= {"p": _of_draws(peak["probability_by_2030"]), "se": _of_draws(peak["stderr"])}
    words["status"] = translate(f"pathways.test.{peak['test']}", language)
    print(translate("pathways.command.peak_past" if peak["past"] else "pathways.command.peak", language, **words))
    status = translate(f"pathways.test.{observed['test']}", language)
    print(translate("pathways.command.observed", language, year=observed["year"], status=status))
    print(translate("pathways.command.chance", language, **words))


def _print_breaks(scenario: Scenario, data: PathwayData, baseline: Baseline, language: str) -> None:
    """Print what sets the base year, which is the inventory, apart from the modelled years after it."""
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate
    from tanlu.pathways.dimensions import GENERATORS
    from tanlu.pathways.uncertainty import mean_delivery

    run, year = scenario.central, baseline.base_year
    delivered = f"{100 * mean_delivery(data.levers):.0f}"
    print(translate("pathways.command.delivery", language, mean=delivered))
    if year in baseline.imports_co2:
        gap = tonnes(baseline.imports_co2[year] - float(run.indicator("imports_co2")[0, 0]), language)
        print(translate("pathways.command.imports_break", language, year=year, difference=gap))
    actual, mean = (f"{run.generation[0, t, GENERATORS.index('hydro')]:.1f}" for t in (0, 1))
    print(translate("pathways.command.hydro_break", language, year=year, actual=actual, mean=mean))
    print(translate("pathways.command.more", language))


@app.command()
def anchors(
    province: Province = "hunan",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """参考情景与官方数字对照，并列出基年校准的补缺与剩余。Reference run beside official figures; gaps and rests of the base year.

    例 Example: tanlu pathway anchors --json
    """
    from tanlu.commands.plain_table import print_table
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.pathways import anchor_rows, calibration_rows
    from tanlu.pathways.dimensions import REFERENCE
    from tanlu.pathways.sensitivity import share_records

    check_language(language)
    try:
        data, baseline, loaded = load_parts(province)
        world, growth = REFERENCE.split("-")
        scenario = _scenario(data, baseline, world, growth, {}, draws=16, seed=0)
    except DataError as error:
        fail(error, language, as_json)
    rows, rests = anchor_rows(scenario, loaded, language), calibration_rows(baseline, language)
    shares = shares_of_run(data, baseline, scenario.parameters, scenario.levers)
    if as_json:
        found = {
            "scenario": scenario.name,
            "anchors": rows,
            "calibration": rests,
            "variance_shares": share_records(shares),
        }
        json.dump(found, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    print(translate("pathways.command.anchors", language, name=scenario.name))
    keys = ("name", "year", "model", "official", "difference", "unit", "kind", "note")
    head = translate("pathways.command.anchor_columns", language).split("|")
    print_table("", head, [[_cell(row[key], language) for key in keys] for row in rows], words=(0, 5, 6, 7))
    print()
    title, parts = translate("pathways.command.calibration", language), ("subject", "value", "unit", "text")
    head = translate("pathways.command.calibration_columns", language).split("|")
    print_table(title, head, [[_cell(row[key], language) for key in parts] for row in rests], words=(0, 2, 3))
    print()
    print_shares(shares, language)


def _cell(value: str | float | None, language: str) -> str:
    """Return a cell as text; a unit in words of the language."""
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label

    if value is None:
        return translate("pathways.command.unknown", language)
    if isinstance(value, str):
        return unit_label(value, language)
    return f"{round(value, 1) + 0.0:.1f}" if isinstance(value, float) else str(value)


pathway_levers.register(app)
pathway_coupling.register(app)
pathway_compile.register(app)
pathway_targets.register(app)
