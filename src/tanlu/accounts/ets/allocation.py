"""National emission trading system: allocation under its plans, and the compliance balance of a company.

`allocate` takes a plan of `tanlu.accounts.ets.plans.plans` and the units of a company; `compliance` and `carry_over` take whole
allowances. Every answer holds its steps, the ids of the benchmarks and the sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tanlu.accounts.ets.checks import check_industry, check_plan, check_power
from tanlu.accounts.ets.compliance import (
    CarryOver,
    Compliance,
    Issuance,
    balance_value,
    carry_over,
    compliance,
    gap_relief,
    intensity_coefficient,
    issuance,
)
from tanlu.accounts.ets.plans import LoadCorrection, Plan, load_correction, plans
from tanlu.accounts.ets.records import (
    Allocation,
    IndustrialUnit,
    PowerUnit,
    Step,
    UnitAllocation,
    exact,
    needs_load,
    plain,
)
from tanlu.accounts.rulebook.rounding import round_down
from tanlu.core.errors import DataError

__all__ = [
    "Allocation",
    "CarryOver",
    "Compliance",
    "IndustrialUnit",
    "Issuance",
    "LoadCorrection",
    "Plan",
    "PowerUnit",
    "Step",
    "UnitAllocation",
    "allocate",
    "balance_value",
    "carry_over",
    "compliance",
    "gap_relief",
    "intensity_coefficient",
    "issuance",
    "load_correction",
    "plans",
]
ONE: Final = Decimal(1)


def allocate(
    plan: str | Plan, units: Sequence[PowerUnit] | Sequence[IndustrialUnit], year: int | None = None
) -> Allocation:
    """Return the allowances of a company.

    Parameters
    ----------
    plan : str or Plan
        Id of a plan.
    units : sequence of PowerUnit or of IndustrialUnit
        All units, lines or processes of the company.
    year : int, optional
        Year of the emissions; needed where the plan covers several.

    Returns
    -------
    Allocation

    Raises
    ------
    DataError
        With every problem of every unit.
    """
    rules, when = check_plan(plan, year)
    if rules.sector == "power":
        power = [u for u in units if isinstance(u, PowerUnit)]
        problems = check_power(rules, when, power, len(units))
    else:
        industry = [u for u in units if isinstance(u, IndustrialUnit)]
        problems = check_industry(rules, when, industry, len(units))
    if problems:
        raise DataError(problems)
    if rules.sector == "power":
        return _company(rules, when, [_power_unit(rules, when, u) for u in power], power)
    return _company(rules, when, [_industrial_unit(rules, when, u) for u in industry], industry)


def _cut(plan: Plan, value: Decimal) -> Decimal:
    """Cut a part to whole tonnes where the plan says so."""
    return round_down(value) if plan.round == "parts" else value


def _as_verified(unit: PowerUnit | IndustrialUnit, kind: str) -> UnitAllocation:
    """Allocation that equals the verified emissions."""
    emissions = exact(unit.emissions)
    step = Step("as_verified", emissions, formula=plain(emissions), of=unit.id)
    return UnitAllocation(unit.id, kind, emissions, emissions, emissions, None, (step,))


def _power_unit(plan: Plan, year: int, unit: PowerUnit) -> UnitAllocation:
    """Allowances of a generating unit: ``A = Q_e B_e F + Q_h B_h``; a gas unit is not short."""
    kind = unit.unit_class
    if unit.special:
        return _as_verified(unit, unit.special)
    load, corrections, product = _corrections(plan, year, unit)
    benchmark = plan.factor("power_benchmark", kind, year)
    heat_kind = "gas_unit" if kind == "gas_unit" else "coal_unit"
    heat_benchmark = plan.factor("heat_benchmark", heat_kind, year)
    output = exact((unit.supply if plan.output == "supplied" else unit.generation) or 0)
    heat, emissions = exact(unit.heat), exact(unit.emissions)
    power_part = _cut(plan, output * benchmark.decimal * product)
    heat_part = _cut(plan, heat * heat_benchmark.decimal)
    initial = power_part + heat_part
    allocation = max(initial, emissions) if kind == "gas_unit" else initial
    factors = " × ".join(plain(n) for n in (output, benchmark.decimal, *(s.value for s in corrections)))
    steps = [
        *corrections,
        Step("power_part", power_part, formula=factors, factors=(benchmark.id,), of=unit.id),
        Step(
            "heat_part",
            heat_part,
            "t",
            f"{plain(heat)} × {plain(heat_benchmark.decimal)}",
            (heat_benchmark.id,),
            unit.id,
        ),
        Step("unit_initial", initial, formula=f"{plain(power_part)} + {plain(heat_part)}", of=unit.id),
    ]
    if load is not None and load.jump:
        lost = output * benchmark.decimal * load.jump
        formula = f"{plain(output)} × {plain(benchmark.decimal)} × ({plain(load.below)} − {plain(load.above)})"
        steps.append(Step("threshold_jump", lost, "t", formula, load.factors, unit.id))
    if allocation > initial:
        steps.append(
            Step("gas_relief", allocation - initial, "t", f"{plain(emissions)} − {plain(initial)}", (), unit.id)
        )
    return UnitAllocation(unit.id, kind, emissions, initial, allocation, load, tuple(steps))


def _corrections(plan: Plan, year: int, unit: PowerUnit) -> tuple[LoadCorrection | None, list[Step], Decimal]:
    """Return the load correction, the steps of all corrections, and their product."""
    kind, steps = unit.unit_class, []
    if plan.cooling and kind != "gas_unit" and unit.cooling == "air":
        cooling = plan.factor("cooling_correction", "air_cooled", year)
        steps.append(Step("cooling", cooling.decimal, "1", plain(cooling.decimal), (cooling.id,), unit.id))
    if plan.heat_ratio and exact(unit.heat) > 0:
        ratio = exact(unit.heat_ratio or 0)
        slope = plan.factor("heat_ratio_correction", "gas_unit" if kind == "gas_unit" else "coal_unit", year)
        formula = f"1 − {plain(slope.decimal)} × {plain(ratio)}"
        steps.append(Step("heat_ratio", ONE - slope.decimal * ratio, "1", formula, (slope.id,), unit.id))
    load = None
    if needs_load(plan, unit):
        load = load_correction(plan, exact(unit.load or 0), year)
        steps.append(Step("load", load.value, "1", f"F = {plain(load.load)}", load.factors, unit.id))
    product = ONE
    for step in steps:
        product *= step.value
    return load, steps, product


def _industrial_unit(plan: Plan, year: int, unit: IndustrialUnit) -> UnitAllocation:
    """Allowances of a steel company, clinker line or electrolysis: ``A = E (1 + α)``, or the verified emissions."""
    if unit.special or year in plan.verified_years:
        return _as_verified(unit, unit.special or unit.sector)
    emissions, intensity, balance = exact(unit.emissions), unit.intensity, exact(unit.balance_value or 0)
    deviation = (balance - intensity) / balance
    slope, cap, limit = (
        plan.factor(p, "industrial_company", year)
        for p in ("intensity_slope", "intensity_coefficient_cap", "intensity_deviation_limit")
    )
    alpha = intensity_coefficient(deviation, slope.decimal, cap.decimal, limit.decimal)
    allocation = _cut(plan, emissions * (ONE + alpha))
    ids = (slope.id, cap.id, limit.id)
    steps = (
        Step(
            "intensity",
            intensity,
            "t/t",
            f"{plain(intensity * exact(unit.output))} / {plain(exact(unit.output))}",
            (),
            unit.id,
        ),
        Step("deviation", deviation, "1", f"({plain(balance)} − {plain(intensity)}) / {plain(balance)}", (), unit.id),
        Step(
            "coefficient",
            alpha,
            "1",
            f"{plain(slope.decimal)} × {plain(deviation)}; ±{plain(cap.decimal)}",
            ids,
            unit.id,
        ),
        Step("unit_initial", allocation, "t", f"{plain(emissions)} × (1 + {plain(alpha)})", (), unit.id),
    )
    return UnitAllocation(unit.id, unit.sector, emissions, allocation, allocation, None, steps)


def _company(
    plan: Plan, year: int, units: list[UnitAllocation], given: Sequence[PowerUnit] | Sequence[IndustrialUnit]
) -> Allocation:
    """Sum over the units, relief of the company above the gap cap, pre-allocation."""
    emissions, initial = sum((u.emissions for u in units), Decimal(0)), sum((u.allocation for u in units), Decimal(0))
    steps = [Step("initial", initial, formula=" + ".join(plain(u.allocation) for u in units))]
    total = initial
    if plan.sector == "power":
        cap = plan.factor("gap_cap", "power_company", year)
        relief = _cut(plan, gap_relief(initial, emissions, cap.decimal))
        if relief:
            formula = f"{plain(emissions)} × (1 − {plain(cap.decimal)}) − {plain(initial)}"
            steps.append(Step("gap_relief", relief, "t", formula, (cap.id,)))
            total = initial + relief
    allocation = int(round_down(total))
    steps.append(Step("allocation", Decimal(allocation), formula=f"⌊{plain(total)}⌋"))
    steps.append(Step("gap", emissions - allocation, formula=f"{plain(emissions)} − {allocation}"))
    share = plan.pre_allocation(year)
    before = [u.previous_emissions for u in given]
    early = None
    if share is not None and all(b is not None for b in before):
        parts = [round_down(exact(b) * share.decimal) for b in before if b is not None]
        early = int(sum(parts, Decimal(0)))
        formula = " + ".join(f"⌊{plain(exact(b))} × {plain(share.decimal)}⌋" for b in before if b is not None)
        steps.append(Step("pre_allocation", Decimal(early), "t", formula, (share.id,)))
    return Allocation(plan, year, tuple(units), initial, allocation, emissions, early, tuple(steps))
