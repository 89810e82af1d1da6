"""The answers of `tanlu energy schedule` as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.energy.site import Costs, Dispatch, Indicators, Replay, Schedule, Site, Sizing


def print_json(site: Site, day: Schedule, run: Replay | None, sizing: Sizing | None) -> None:
    """Print everything; money as text in yuan, power in MW, energy in MWh."""
    answer: dict[str, Any] = {
        "site": site.name,
        "day": day.day.isoformat(),
        "tariff": site.tariff.name,
        "price_CNY_MWh": [round(float(price), 4) for price in day.prices],
        "scheduled": _case(day.costs, day.indicators, day.scheduled),
        "unscheduled": _case(day.costs_unscheduled, day.indicators_unscheduled, day.unscheduled),
        "actions": [asdict(action) for action in day.actions],
    }
    if run is not None:
        answer["replay"] = {
            "first_day": run.first_day.isoformat(),
            "days": run.days,
            "residual": run.residual,
            "seconds": round(run.seconds, 3),
            **{case.name: _case(case.costs, case.indicators, case.dispatch) for case in run.cases},
        }
    if sizing is not None:
        answer["size"] = {
            "built": [
                asdict(one) | {"investment": str(one.investment), "annual_cost": str(one.annual_cost)}
                for one in sizing.built
            ],
            "before": _case(sizing.before, sizing.before_indicators),
            "after": _case(sizing.after, sizing.after_indicators),
            "investment": str(sizing.investment),
            "saving": str(sizing.saving),
            "payback": sizing.payback,
            "net_present_value": str(sizing.net_present_value),
            "years": sizing.years,
        }
    answer["numbers"] = [asdict(number) for number in site.numbers]
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    print()


def _case(costs: Costs, indicators: Indicators, dispatch: Dispatch | None = None) -> dict[str, Any]:
    """Return costs, indicators and series of a case."""
    found: dict[str, Any] = {"costs": costs.as_record(), "indicators": asdict(indicators)}
    if dispatch is not None:
        found["hours"] = {
            name: [round(value, 6) for value in series.tolist()]
            for name, series in dispatch.series.items()
            if series.any()
        }
    return found
