"""The summary of a run: twelve lines that a minister could read, and the figures behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tanlu.accounts import Inventory
from tanlu.accounts.province.records import SECTORS
from tanlu.accounts.province.totals import Total
from tanlu.assessment import Assessment, IntensityYear
from tanlu.charts.format import MINUS, scale
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.province import Province
from tanlu.pathways import FanFunction, Scenario, ScenarioSet, variance_shares
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.scenarios import PEAK_DEADLINE
from tanlu.pathways.sensitivity import share_records

Figures = dict[str, Any]
STATUS_ORDER: Final = ("met", "on_track", "at_risk", "off_track", "not_measured", "no_number", "external")


@dataclass(frozen=True, slots=True)
class Summary:
    """Lines by language, and the figures in them by name."""

    lines: dict[str, list[str]]
    figures: Figures


def _by_scope(totals: Sequence[Total]) -> dict[tuple[str, int], Total]:
    return {(t.scope, t.year): t for t in totals}


def _inventory_figures(inventory: Inventory, totals: Sequence[Total]) -> Figures:
    """Return the newest totals [Mt], the change since 2020's place in the series, and the largest sectors."""
    scoped, year = _by_scope(totals), inventory.years[-1]
    total = scoped["co2", year]
    sectors = sorted((scoped[s, year] for s in SECTORS if (s, year) in scoped and s != "land"), key=lambda t: -t.value)
    figures: Figures = {
        "year": year,
        "co2": {
            "value": total.value / 1e3,
            "low": total.low / 1e3,
            "high": total.high / 1e3,
            "unit": "Mt CO2",
            "id": total.id,
        },
        "energy_co2": scoped["energy_co2", year].value / 1e3,
        "process_co2": scoped["process_co2", year].value / 1e3 if ("process_co2", year) in scoped else None,
        "sectors": [
            {"sector": t.scope, "value": t.value / 1e3, "share": t.value / total.value, "id": t.id} for t in sectors
        ],
    }
    for scope in ("imports", "land", "ghg_AR5"):
        if (scope, year) in scoped:
            found = scoped[scope, year]
            figures[scope] = {
                "value": found.value / 1e3,
                "low": found.low / 1e3,
                "high": found.high / 1e3,
                "id": found.id,
            }
    last_calculated = max(
        (r.year for r in inventory.rows if r.category == "1.A.1.a" and r.status == "calculated"), default=None
    )
    figures["last_balance"] = last_calculated
    if last_calculated:
        figures["since_balance"] = total.value / scoped["co2", last_calculated].value - 1
    return figures


def _peak_figures(scenario: Scenario) -> Figures:
    chance, peak = scenario.chance, scenario.peak
    return {
        "scenario": scenario.name, "year": peak.year, "year_low": chance.year_low, "year_high": chance.year_high,
        "level": peak.level, "level_low": chance.level_low, "level_high": chance.level_high, "unit": "Mt CO2",
        "probability": chance.probability, "stderr": chance.stderr, "test": peak.status, "id": f"peak:{scenario.name}",
    }  # fmt: skip


def _hydro_figures(scenarios: ScenarioSet) -> Figures | None:
    """Return how far hydro output in the peak year was from the mean of ten years, where the peak lies in the history."""
    hydro, year = scenarios.baseline.hydro, scenarios.reference.peak.year
    around = [v for y, v in hydro.items() if scenarios.baseline.base_year - 10 <= y <= scenarios.baseline.base_year]
    if year not in hydro or not around:
        return None
    return {"year": year, "deviation": hydro[year] / (sum(around) / len(around)) - 1}


def _intensity_figures(rows: Sequence[IntensityYear], basis: str) -> Figures | None:
    known = [r for r in rows if r.basis == basis and r.cumulative is not None and r.required is not None]
    if not known:
        return None
    last = known[-1]
    return {
        "year": last.year,
        "change": last.cumulative,
        "required": last.required,
        "status": last.status,
        "id": last.id,
    }


def _quality_figures(inventory: Inventory) -> Figures:
    year = inventory.years[-1]
    rows = [
        r
        for r in inventory.rows
        if r.year == year and r.gas == "CO2" and r.value is not None and r.sector != "land" and r.status != "memo"
    ]
    total = sum(r.value or 0.0 for r in rows)
    return {
        "assumed": sum(r.value or 0.0 for r in rows if r.grade == "D") / total,
        "estimated": sum(r.value or 0.0 for r in rows if r.status == "estimated") / total,
        "not_estimated": sum(1 for r in inventory.rows if r.year == year and r.status == "NE"),
    }


def _fan_figures(scenarios: ScenarioSet) -> Figures:
    """Return how much of the variance of the reference rests on assumptions of grade D, the inventory and the weather [1]."""
    reference = scenarios.reference
    function = FanFunction(scenarios.data, scenarios.baseline, reference.parameters, reference.levers)
    size = max(2, min(256, scenarios.draws // 8))
    return dict(share_records(variance_shares(function, size=size, seed=scenarios.seed)))


def _text(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def _change(value: float, digits: int = 0) -> str:
    """Return a change with its sign, which is a minus sign and not a hyphen."""
    return f"{value:+,.{digits}f}".replace("-", MINUS)


def _chance(probability: float) -> str:
    """Return a probability in per cent; what all draws agree on is not told as certain."""
    return ">99.9" if probability > 0.999 else "<0.1" if probability < 0.001 else f"{100 * probability:.1f}"


def _error(stderr: float) -> str:
    return "<0.1" if 0 < stderr < 0.0005 else f"{100 * stderr:.1f}"


def _lines(province: Province, figures: Figures, language: str) -> list[str]:
    def say(key: str, **values: object) -> str:
        return translate(f"summary.{key}", language, **values)

    factor = scale(figures["co2"]["unit"], language)[0]

    def mass(value: float) -> str:
        """Return a mass [Mt] in the unit of the language's charts: 万吨, Mt."""
        return _text(value * factor)

    f, co2 = figures, figures["co2"]
    name = province.settings[language]
    top = [f"{translate('sector.' + s['sector'], language)} {100 * s['share']:.0f}%" for s in f["sectors"][:4]]
    lines = [
        say("title", name=name, year=f["year"]),
        say(
            "co2",
            year=f["year"],
            value=mass(co2["value"]),
            low=mass(co2["low"]),
            high=mass(co2["high"]),
            energy=mass(f["energy_co2"]),
            process="NE" if f["process_co2"] is None else mass(f["process_co2"]),
        ),
        say("trend", balance=f["last_balance"], change=_change(100 * f["since_balance"]), year=f["year"])
        if f["last_balance"]
        else say("no_balance"),
        say("sectors", top=say("comma").join(top)),
        say("imports", value=mass(f["imports"]["value"])) if "imports" in f else say("no_imports"),
        say("land", value=mass(-f["land"]["value"]), low=mass(-f["land"]["high"]), high=mass(-f["land"]["low"]))
        if "land" in f
        else say("no_land"),
    ]
    for key in ("reference", "plan"):
        p = f["peaks"][key]
        kind = "past" if p["year"] <= f["year"] else p["test"]
        values = {"year": p["year"], "low": p["year_low"], "high": p["year_high"], "level": mass(p["level"])}
        values |= {"probability": _chance(p["probability"]), "stderr": _error(p["stderr"])}
        lines.append(say(f"peak_{key}_{kind}", **values))
    if f["peaks"]["reference"]["year"] <= f["year"]:
        test = translate(f"summary.observed_{f['observed']}", language)
        lines[-2] += say("peak_observed", test=test)
    if f["peak_hydro"]:
        values = {"year": f["peak_hydro"]["year"], "deviation": _change(100 * f["peak_hydro"]["deviation"])}
        lines[-2] += say("peak_hydro", **values)
    lines.append(_intensity_line(figures, language))
    lines.append(say("targets", total=sum(f["targets"].values()), **{s: f["targets"].get(s, 0) for s in STATUS_ORDER}))
    q = f["quality"]
    lines.append(
        say(
            "quality",
            estimated=_text(100 * q["estimated"]),
            assumed=_text(100 * q["assumed"]),
            missing=q["not_estimated"],
            year=f["year"],
        )
    )
    shares = (f["variance_shares"][output]["grade_d"] for output in ("co2_deadline", "net_last"))
    near, far = (_text(100 * min(1.0, share)) for share in shares)
    lines[-1] += say("quality_fan", near=near, far=far, deadline=PEAK_DEADLINE, last=LAST_YEAR)
    lines.append(say("run", run=f["run_id"], seed=f["seed"], hash=f["data_hash"][:12]))
    return lines


def _intensity_line(figures: Figures, language: str) -> str:
    official, physical = figures["intensity"]["official"], figures["intensity"]["physical"]
    parts = []
    for key, found in (("official", official), ("physical", physical)):
        if found is None:
            parts.append(translate(f"summary.{key}_unknown", language))
        else:
            values = {
                "year": found["year"],
                "change": _change(found["change"], 1),
                "required": _change(found["required"], 1),
            }
            parts.append(translate(f"summary.{key}", language, **values))
    return translate("summary.intensity", language, parts=translate("summary.semicolon", language).join(parts))


def summarise(
    province: Province,
    inventory: Inventory,
    totals: Sequence[Total],
    scenarios: ScenarioSet,
    assessment: Assessment,
    run: Figures,
) -> Summary:
    """Return the summary of a run.

    Parameters
    ----------
    province : Province
    inventory : Inventory
    totals : sequence of Total
    scenarios : ScenarioSet
    assessment : Assessment
    run : mapping
        ``run_id``, ``seed`` and ``data_hash``.
    """
    statuses = Counter(s.status for s in assessment.scores)
    plan_world = next(s for s in scenarios if s.world == "plan" and s.growth == scenarios.reference.growth)
    figures: Figures = {
        "province": province.id,
        "province_names": {k: province.settings[k] for k in LANGUAGES},
        **_inventory_figures(inventory, totals),
        "peaks": {"reference": _peak_figures(scenarios.reference), "plan": _peak_figures(plan_world)},
        "observed": scenarios.reference.observed.status,
        "peak_hydro": _hydro_figures(scenarios),
        "intensity": {b: _intensity_figures(assessment.intensities, b) for b in ("official", "physical")},
        "targets": {s: statuses[s] for s in STATUS_ORDER if statuses[s]},
        "quality": _quality_figures(inventory),
        "variance_shares": _fan_figures(scenarios),
        **run,
    }
    return Summary({language: _lines(province, figures, language) for language in LANGUAGES}, figures)
