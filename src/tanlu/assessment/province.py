"""The assessment of a province in one call: from its folder, its inventory and the forecasts of models to scores with lineage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tanlu.accounts import Inventory
from tanlu.accounts.province.totals import scope_totals
from tanlu.assessment.amounts import emissions, total_energy_use
from tanlu.assessment.indicators import collect, load_indicators
from tanlu.assessment.intensity import IntensityYear, carbon_intensity, cumulative_series, energy_intensity
from tanlu.assessment.lineage import energy_nodes, intensity_nodes, score_nodes
from tanlu.assessment.rule import FILE as RULE_FILE
from tanlu.assessment.rule import IntensityRule, load_rule
from tanlu.assessment.scoreboard import Score, scoreboard
from tanlu.assessment.series import Chance, Measured, Series, from_facts
from tanlu.core.errors import DataError, Problem
from tanlu.core.lineage import Node
from tanlu.core.province import Province
from tanlu.plan import Plan

SCOPES: Final = ("co2", "energy_co2", "process_co2", "land")
"""Totals of the inventory that indicators may name; all are masses of CO2."""
_UNITS: Final = {
    "gdp_growth": "%/yr", "published": "%/yr", "energy_growth": "%/yr", "total": "tce", "electricity": "GWh", "thermal": "GWh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assessment:
    """Scores of all targets, intensities by basis and year, and the lineage nodes of both.

    ``intensities`` holds the bases ``official``, ``physical`` and ``carbon``.
    """

    scores: tuple[Score, ...]
    intensities: tuple[IntensityYear, ...]
    nodes: tuple[Node, ...]


def assess(
    province: Province,
    plan: Plan,
    inventory: Inventory,
    chances: Mapping[str, Chance],
    plan_source: str,
    counts: Mapping[str, Series] | None = None,
) -> Assessment:
    """Return the assessment of a province.

    Parameters
    ----------
    province : Province
    plan : Plan
    inventory : Inventory
        Its totals are expected in the lineage under the ids of `tanlu.accounts.province.totals`, its energy uses under their own.
    chances : mapping
        What models say about targets, by name; see `scoreboard`.
    plan_source : str
        Id in sources.csv of the plan document.
    counts : mapping, optional
        ``count:<name>`` → what registries counted, by year.

    Raises
    ------
    DataError
        If the assessment files of the folder are faulty or name a source that sources.csv does not hold.
    """
    rule, indicators = load_rule(province.folder, plan), load_indicators(province.folder, plan)
    _check_sources(province, rule, plan_source)
    facts = {role: from_facts(province.series(rule.series[role], unit)) for role, unit in _UNITS.items()}
    used = total_energy_use(inventory.energy, facts["electricity"], facts["thermal"])
    energy, nodes = energy_nodes(province.id, used)
    totals = inventory_totals(inventory)
    rows = energy_intensity(
        plan.targets_by_id[rule.target], rule, gdp_growth=facts["gdp_growth"], published=facts["published"],
        energy_growth=facts["energy_growth"], totals=facts["total"], deductions={}, physical=energy,
    )  # fmt: skip
    rows += carbon_intensity(
        plan.targets_by_id[rule.carbon_target], rule.carbon_base_year, gdp_growth=facts["gdp_growth"], co2=totals["co2"]
    )
    calculations = {
        "energy_intensity:official": cumulative_series(rows, "official"),
        "energy_intensity:physical": cumulative_series(rows, "physical"),
        "carbon_intensity": cumulative_series(rows, "carbon"),
    }
    measured = {**collect(indicators, province, totals, calculations), **(counts or {})}
    scores = scoreboard(plan, indicators, measured, chances)
    nodes += score_nodes(plan, scores, plan_source) + intensity_nodes(rows, rule)
    return Assessment(tuple(scores), tuple(rows), tuple(nodes))


def _check_sources(province: Province, rule: IntensityRule, plan_source: str) -> None:
    """Raise a `DataError` for every source that is named but not in sources.csv."""
    named = {d.source: f"deductions.{d.id}.source" for d in (*rule.deductions, *rule.superseded)}
    details = {"refers_to": "sources.csv", "some": ", ".join(list(province.sources)[:6])}
    problems = [
        Problem("unknown_choice", RULE_FILE, None, field, source, details)
        for source, field in {**named, plan_source: "plan"}.items()
        if source not in province.sources
    ]
    if problems:
        raise DataError(problems)


def inventory_totals(inventory: Inventory) -> dict[str, dict[int, Measured]]:
    """Return the CO2 totals of the inventory [kt] by scope and year, over the same rows as `scope_totals`, with errors by cause."""
    found: dict[str, dict[int, Measured]] = {}
    every = scope_totals(inventory)
    for scope in SCOPES:
        ids = {t.year: t.id for t in every if t.scope == scope}
        parts = {part for t in every if t.scope == scope for part in t.parts}
        found[scope] = emissions([r for r in inventory.rows if r.id in parts], ids)
    return found
