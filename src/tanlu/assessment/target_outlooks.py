"""What a scenario says about the targets of the plan: the spread of the quantity, and the chance where the plan gives a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal

import numpy as np

from tanlu.accounts import Inventory
from tanlu.assessment.indicators import Indicator, load_indicators
from tanlu.assessment.intensity_chance import intensity_chance
from tanlu.assessment.province import assess
from tanlu.assessment.rule import IntensityRule, load_rule
from tanlu.assessment.series import Chance
from tanlu.core.province import Province
from tanlu.pathways import Baseline, Scenario
from tanlu.pathways.parameters import Floats
from tanlu.pathways.peak import PeakChance
from tanlu.plan import Plan, load_plan

Condition = Literal["by", "least", "most", "rises", "none"]
"""How the quantity is judged: not after a year, not below or above a number, above its base year; none where the number is not public."""
NEUTRAL: Final = 0.0
"""Net CO2 of neutrality [Mt]; by definition, not a number of the plan."""
_STATISTIC: Final = "statistic:"


@dataclass(frozen=True, slots=True)
class Outlook:
    """A quantity over the draws of a scenario.

    Parameters
    ----------
    name : str
        ``<quantity>_<year>``, as indicators name it.
    unit : str
    low, middle, high : float or None
        5, 50 and 95 % points; only the middle where no spread is told.
    condition : str
        See `Condition`.
    required : float or None
        Number of the condition in ``unit``.
    probability, stderr : float or None
        Chance that the condition is met and its standard error; None where there is no number to meet.
    """

    name: str
    unit: str
    low: float | None
    middle: float
    high: float | None
    condition: Condition
    required: float | None
    probability: float | None
    stderr: float | None


@dataclass(frozen=True)
class Rules:
    """What the folder of a province says about targets.

    Parameters
    ----------
    province : Province
    plan : Plan
    indicators : mapping
        By target id.
    rule : IntensityRule
    """

    province: Province
    plan: Plan
    indicators: Mapping[str, Indicator]
    rule: IntensityRule


def load_rules(province: Province) -> Rules:
    """Read plan, indicators and rule of a province.

    Raises
    ------
    DataError
        If they are faulty.
    """
    plan = load_plan(province.folder)
    return Rules(province, plan, load_indicators(province.folder, plan), load_rule(province.folder, plan))


def outlooks(scenario: Scenario, baseline: Baseline, required: Mapping[str, float]) -> dict[str, Outlook]:
    """Return the outlook of every quantity that targets ask for, by name.

    Parameters
    ----------
    scenario : Scenario
    baseline : Baseline
    required : mapping
        Numbers of targets by name of the quantity, see `required_values`.

    Notes
    -----
    The standard error of a share of draws is √(p(1 − p)/n), that of a peak is between the replicates of the draws. Changes count from the
    last year of the inventory.
    """
    base, found = baseline.base_year, scenario.outcomes
    out = [_of_peak("co2_peak_2030", scenario.chance), _of_peak("energy_co2_peak_2030", scenario.energy_chance)]
    for year in sorted({y for _, y in found} - {base}):
        energy, carbon = (_fall(found, name, base, year) for name in ("primary_energy", "co2"))
        out.append(_of_draws(f"energy_intensity_change_{year}", "%", energy, "none", None))
        out.append(_of_draws(f"carbon_intensity_{year}", "%", carbon, "none", None))
        out.append(_of_draws(f"co2_{year}", "Mt CO2", found["co2", year], "none", None))
        share = f"nonfossil_share_{year}"
        needed = required.get(share)
        kind: Condition = "none" if needed is None else "least"
        out.append(_of_draws(share, "%", 100.0 * found["nonfossil_share", year], kind, needed))
        rise = found["sink", year] - found["sink", base]
        out.append(_of_draws(f"sink_{year}", "Mt CO2", rise, "rises", 0.0))
        out.append(_of_draws(f"net_co2_{year}", "Mt CO2", found["net", year], "most", NEUTRAL))
    return {outlook.name: outlook for outlook in out}


def required_values(plan: Plan, indicators: Mapping[str, Indicator], province: Province) -> dict[str, float]:
    """Return the numbers that targets require, by the name of the quantity: the plan's, or those of a companion document."""
    out = {}
    for target in plan.targets():
        indicator = indicators[target.id]
        if not indicator.chance:
            continue
        if indicator.required.startswith(_STATISTIC):
            fact = province.series(indicator.required.removeprefix(_STATISTIC), "%").get(target.deadline)
            if fact is not None:
                out[indicator.chance] = fact.value
        elif isinstance(target.value, int | float):
            out[indicator.chance] = float(target.value)
    return out


def chances_of(found: Mapping[str, Outlook], scenario: str, base_year: int) -> dict[str, Chance]:
    """Return outlooks as the assessment takes them; net CO2 is told without a chance, since the plan names no number for it."""
    return {
        o.name: Chance(
            None if o.name.startswith("net_co2") else o.probability, None if o.name.startswith("net_co2") else o.stderr,
            o.middle, o.unit, base_year, _ids(o.name, scenario),
        )
        for o in found.values()
    }  # fmt: skip


def _ids(name: str, scenario: str) -> tuple[str, ...]:
    if "_peak_" in name:
        return (f"peak:{scenario}",)
    if name == "net_co2_2060":
        return (f"pathway:{scenario}:Emissions|CO2|Net:2060",)
    return (f"scenario:{scenario}",)


def _fall(found: Mapping[tuple[str, int], Floats], name: str, base: int, year: int) -> Floats:
    """Return the change of an amount per GDP since the base year, [n] per cent."""
    amount, gdp = (found[key, year] / found[key, base] for key in (name, "gdp"))
    out: Floats = 100.0 * (amount / gdp - 1.0)
    return out


def _of_peak(name: str, chance: PeakChance) -> Outlook:
    year = float(name.rpartition("_")[2])
    return Outlook(
        name, "year", float(chance.year_low), float(chance.year_middle), float(chance.year_high), "by", year, chance.probability,
        chance.stderr,
    )  # fmt: skip


def _of_draws(name: str, unit: str, values: Floats, condition: Condition, required: float | None) -> Outlook:
    low, middle, high = (float(v) for v in np.quantile(values, (0.05, 0.5, 0.95)))
    met = {
        "least": lambda: values >= (required or 0.0), "most": lambda: values <= (required or 0.0),
        "rises": lambda: values > (required or 0.0),
    }.get(condition)  # fmt: skip
    if met is None:
        return Outlook(name, unit, low, middle, high, condition, required, None, None)
    probability = float(met().mean())
    stderr = math.sqrt(probability * (1.0 - probability) / len(values))
    return Outlook(name, unit, low, middle, high, condition, required, probability, stderr)


def paired(
    plan: Plan, indicators: Mapping[str, Indicator], found: Mapping[str, Outlook]
) -> Iterator[tuple[str, Outlook | None]]:
    """Yield every target of the plan with its outlook; None where no quantity of the model stands for it."""
    for target in plan.targets():
        yield target.id, found.get(indicators[target.id].chance)


def target_records(
    plan: Plan, indicators: Mapping[str, Indicator], found: Mapping[str, Outlook]
) -> list[dict[str, object]]:
    """Return every target of the plan as plain data, in its order: the outlook, or the code of why there is none.

    Parameters
    ----------
    plan : Plan
    indicators : mapping
    found : mapping
        Outlooks by name.
    """
    records: list[dict[str, object]] = []
    by_id = plan.targets_by_id
    for name, outlook in paired(plan, indicators, found):
        target, indicator = by_id[name], indicators[name]
        told: dict[str, object] = dict.fromkeys(
            ("quantity", "unit", "low", "middle", "high", "condition", "required", "probability", "stderr")
        )
        reason = "horizon" if indicator.judge == "horizon" else indicator.reason
        if outlook is not None:
            told = {"quantity": outlook.name.rpartition("_")[0], **asdict(outlook)}
            told.pop("name")
            reason = indicator.reason if outlook.probability is None else ""
        records.append(
            {"target": name, "zh": target.zh, "en": target.en, "deadline": target.deadline, **told, "reason": reason}
        )
    return records


def target_study(
    rules: Rules, inventory: Inventory, scenario: Scenario, baseline: Baseline, seed: int
) -> list[dict[str, object]]:
    """Return `target_records` of a scenario, with the chance of the intensity that the official rule starts.

    Parameters
    ----------
    rules : Rules
    inventory : Inventory
    scenario : Scenario
    baseline : Baseline
    seed : int
        Of the error of what has been reached so far.
    """
    plan, indicators, province = rules.plan, rules.indicators, rules.province
    found = outlooks(scenario, baseline, required_values(plan, indicators, province))
    target = plan.targets_by_id[rules.rule.target]
    name = indicators[target.id].chance
    if name and target.deadline and isinstance(target.value, int | float):
        rows = assess(province, plan, inventory, {}, str(province.settings["plan_source"])).intensities
        needed = float(target.value)
        chance = intensity_chance(scenario, rows, baseline.base_year, target.deadline, needed, seed)
        if chance is not None and chance.value is not None:
            found[name] = Outlook(
                name, "%", None, chance.value, None, "most", needed, chance.probability, chance.stderr
            )
    return target_records(plan, indicators, found)
