"""The charts of a run by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tanlu.charts import (
    Chart,
    Results,
    fan_chart,
    intensity_chart,
    inventory_chart,
    reconciliation_chart,
    scenarios_chart,
    scoreboard_chart,
    sectors_chart,
    tiles_chart,
    uncertainty_chart,
    wedges_chart,
)  # fmt: skip
from tanlu.charts.inventory import energy_sectors
from tanlu.charts.reconciliation import items_of
from tanlu.charts.tiles import indicators
from tanlu.charts.uncertainty import SCOPES
from tanlu.portal.service.inventory_rows import chosen_rows, gases_without_gwp, inventory_query
from tanlu.portal.service.runs import NotFoundError, require_known

CHARTS: Final = (
    "emissions", "fan", "inventory", "prefectures", "scoreboard", "scenarios", "intensity", "uncertainty", "reconciliation", "wedges",
)  # fmt: skip


def chart(results: Results, name: str, language: str, parameters: Mapping[str, str]) -> Chart:
    """Return a chart by name.

    Parameters
    ----------
    results : Results
    name : str
        One of `CHARTS`.
    language : {"zh", "en"}
    parameters : mapping
        ``scenario`` (several with commas for "scenarios"), ``indicator``, or the filters of the inventory.

    Raises
    ------
    NotFoundError
        If the chart, a scenario, an indicator or a filter value is unknown.
    """
    require_known(name, CHARTS, "portal.missing.chart")
    chosen = tuple(s for s in parameters.get("scenario", "").split(",") if s)
    for wanted in chosen:
        require_known(wanted, results.scenarios, "portal.missing.scenario")
    indicator = parameters.get("indicator", "")
    require_known(indicator, indicators(results), "portal.missing.indicator")
    scenario = chosen[0] if chosen else None
    match name:
        case "emissions":
            return sectors_chart(results, language, scenario)
        case "fan":
            return fan_chart(results, language, scenario)
        case "prefectures":
            return tiles_chart(results, language, indicator or None)
        case "scoreboard":
            return scoreboard_chart(results, language)
        case "scenarios":
            return scenarios_chart(results, language, chosen)
        case "intensity":
            return intensity_chart(results, language)
        case "wedges":
            return wedges_chart(results, language)
        case "uncertainty":
            require_known(parameters.get("scope", ""), SCOPES, "portal.missing.scope")
            return uncertainty_chart(results, language, parameters.get("scope") or SCOPES[0])
        case "reconciliation":
            require_known(parameters.get("item", ""), items_of(results), "portal.missing.item")
            return reconciliation_chart(results, language, parameters.get("item", ""))
        case _:
            names = ("sector", "gas", "category", "gwp", "view", "region")
            query = inventory_query(**{k: parameters[k] for k in names if parameters.get(k)})
            missing = gases_without_gwp(results, query)[query.gwp]
            if missing:
                raise NotFoundError("portal.missing.gwp_gas", f"{query.gwp}: {', '.join(missing)}")
            rows = chosen_rows(results, query, energy_sectors(results))
            made = inventory_chart(results, language, rows, query.gwp, query.view, query.selected)
            return replace(made, parameters=query.chart_parameters())
