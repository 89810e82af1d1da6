"""What the reports on a run offer to their templates: the province's year, a prefecture, the targets, scenarios beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from tanlu.charts import (
    Chart,
    Results,
    fan_chart,
    intensity_chart,
    inventory_chart,
    scenarios_chart,
    scoreboard_chart,
    sectors_chart,
    tiles_chart,
    uncertainty_chart,
    wedges_chart,
)
from tanlu.charts.emissions import peak_sentence, scenario_name
from tanlu.charts.format import show, subscript
from tanlu.charts.prefecture import prefecture_chart
from tanlu.charts.scenarios import default_scenarios
from tanlu.charts.scoreboard import STATUSES, status_counts
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import translate
from tanlu.reports import tables
from tanlu.reports.composing import Content
from tanlu.reports.document import Table

Tables = Mapping[str, Callable[[], Table]]
Charts = Mapping[str, Callable[[], Chart]]


def annual(results: Results, language: str) -> Content:
    """Return the content of the province's annual report."""
    charts: dict[str, Callable[[], Chart]] = {
        "inventory": partial(inventory_chart, results, language, results.inventory, results.manifest.gwp, "sector"),
        "sectors": partial(sectors_chart, results, language),
        "fan": partial(fan_chart, results, language),
        "scenarios": partial(scenarios_chart, results, language),
        "scoreboard": partial(scoreboard_chart, results, language),
        "intensity": partial(intensity_chart, results, language),
        "prefectures": partial(tiles_chart, results, language),
    }
    if results.uncertainty:
        charts["uncertainty"] = partial(uncertainty_chart, results, language)
    if results.wedges:
        charts["wedges"] = partial(wedges_chart, results, language)
    return _content("annual", results, language, charts, {
        "inventory": partial(tables.inventory, results, language),
        "peaks": partial(tables.peaks, results, language, results.scenarios),
        "targets": partial(tables.targets, results, language, True),
        "unmeasured": partial(tables.targets, results, language, False),
        "prefectures": partial(tables.prefectures, results, language),
        "reconciliation": partial(tables.reconciliation, results, language),
        "assumptions": partial(tables.assumptions, results, language),
        "sources": partial(tables.sources, results, language),
    })  # fmt: skip


def scoreboard(results: Results, language: str) -> Content:
    """Return the content of the report on the targets of the plan."""
    return _content("targets", results, language, {
        "scoreboard": partial(scoreboard_chart, results, language),
        "intensity": partial(intensity_chart, results, language),
    }, {
        "targets": partial(tables.targets, results, language, True),
        "unmeasured": partial(tables.targets, results, language, False),
    })  # fmt: skip


def scenarios(results: Results, language: str, names: Sequence[str] = ()) -> Content:
    """Return the content of a comparison of scenarios of the run.

    Raises
    ------
    DataError
        If a scenario is not in the run.
    """
    unknown = [n for n in names if n not in results.scenarios]
    if unknown:
        details = {"known": ", ".join(results.scenarios)}
        raise DataError([Problem("report_scenario", "", value=n, details=details) for n in unknown])
    chosen = tuple(names) or default_scenarios(results)
    charts: dict[str, Callable[[], Chart]] = {
        "scenarios": partial(scenarios_chart, results, language, chosen),
        **{f"sectors:{n}": partial(sectors_chart, results, language, n) for n in chosen},
    }
    if results.wedges:
        charts["wedges"] = partial(wedges_chart, results, language)
    peaks = [peak_sentence(results.peak(n), n, results.years[-1], language) for n in chosen]
    return _content("scenarios", results, language, charts, {
        "peaks": partial(tables.peaks, results, language, chosen),
        "levers": partial(tables.levers, results, language),
    }, {"chosen": list(chosen), "names": [scenario_name(n, language) for n in chosen], "peaks": peaks})  # fmt: skip


def prefecture(results: Results, language: str, region: str) -> Content:
    """Return the content of the brief on a prefecture.

    Raises
    ------
    DataError
        If the run has no such prefecture.
    """
    known = {r.region: r.name(language) for r in results.prefectures}
    own = region if region in known else f"{results.province}/{region}"
    if own not in known:
        names = ", ".join(k.rpartition("/")[2] for k in known)
        raise DataError([Problem("report_prefecture", "region", value=region, details={"known": names})])
    return _content("prefecture", results, language, {
        "emissions": partial(prefecture_chart, results, language, own),
        "tiles": partial(tiles_chart, results, language),
    }, {
        "indicators": partial(tables.indicators, results, language, own),
        "emissions": partial(tables.prefecture_inventory, results, language, own),
    }, {"prefecture": known[own]}, known[own])  # fmt: skip


def _content(
    name: str,
    results: Results,
    language: str,
    charts: Charts,
    made: Tables,
    words: Mapping[str, Any] | None = None,
    subject: str = "",
) -> Content:
    manifest = results.manifest
    # runs of older versions do not say how the province is called
    province = results.summary["figures"].get("province_names", {}).get(language, results.province)
    counts = [
        {"name": translate(f"charts.status.{s}", language), "mark": STATUSES[s][1], "count": n}
        for s, n in status_counts(results).items()
    ]
    if "sources" not in made:
        made = {**made, "sources": partial(_sources, results, language, charts, made)}
    total = results.total("co2")
    common = {
        "province": province, "run": manifest.run_id, "created": manifest.created[:10], "seed": manifest.seed,
        "version": manifest.code_version, "factor_set": manifest.factor_set, "gwp": manifest.gwp,
        "last_year": results.years[-1], "summary": [subscript(s) for s in results.summary["lines"][language]],
        "statuses": counts, "charts": sorted(charts), "tables": sorted(made),
        "total": str(show(total.value, total.unit, language)) if total else "—",
        "peak": peak_sentence(results.peak(results.reference), results.reference, results.years[-1], language),
    }  # fmt: skip
    title = translate(
        f"reports.office.{name}", language, province=province, subject=subject or province, year=results.years[-1]
    )
    return Content(name, language, title, manifest.created, manifest.run_id, {**common, **(words or {})}, charts, made)


def _sources(results: Results, language: str, charts: Charts, made: Tables) -> Table:
    """Return the sources of what the charts and the other tables show; the annual report tells those of the whole run."""
    ids = {i for draw in charts.values() for i in draw().ids}
    ids.update(cell.id for make in made.values() for row in make().rows for cell in row if cell.id)
    return tables.sources(results, language, ids)
