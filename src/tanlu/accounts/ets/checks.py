"""Checks of plans and units before allowances are computed; all problems are told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from tanlu.accounts.ets.plans import Plan, plans
from tanlu.accounts.ets.records import (
    CONVENTIONAL_COAL,
    FLUIDISED_BED,
    GAS,
    UNCONVENTIONAL_COAL,
    IndustrialUnit,
    PowerUnit,
    exact,
    needs_load,
)
from tanlu.core.errors import DataError, Problem

FULL_LOAD: Final = Decimal("1.2")
"""A load factor above it is given in percent, or wrong."""
COOLING: Final = ("water", "air")
SECTORS: Final = ("steel", "cement", "aluminium")
Report = Callable[..., None]


def check_plan(plan: str | Plan, year: int | None) -> tuple[Plan, int]:
    """Return the plan and the year.

    Raises
    ------
    DataError
        If there is no such plan, or the year is missing or not one of its years.
    """
    known = plans()
    rules = plan if isinstance(plan, Plan) else known.get(plan)
    if rules is None:
        raise DataError([Problem("ets_unknown_plan", "plan", value=str(plan), details={"some": ", ".join(known)})])
    when = rules.years[0] if year is None and len(rules.years) == 1 else year
    if when not in rules.years:
        years = ", ".join(map(str, rules.years))
        value = "" if when is None else str(when)
        raise DataError(
            [Problem("ets_year_outside_plan", rules.id, field="year", value=value, details={"years": years})]
        )
    return rules, when


def _reporter(problems: list[Problem], unit: str) -> Report:
    def report(code: str, field: str, value: object = "", **details: object) -> None:
        problems.append(Problem(code, unit or "unit", field=field, value=str(value), details=details))

    return report


def _numbers(report: Report, unit: PowerUnit | IndustrialUnit, names: Sequence[str]) -> bool:
    """Check that numbers are finite and not negative; return whether all are."""
    good = True
    for name in names:
        value = getattr(unit, name)
        if value is None:
            continue
        try:
            number = exact(value)
        except ValueError:
            report("not_a_number", name, value)
            good = False
            continue
        if number < 0:
            report("below_minimum", name, value, minimum=0)
            good = False
    return good


def _common(
    problems: list[Problem], plan: Plan, units: Sequence[PowerUnit] | Sequence[IndustrialUnit], count: int
) -> None:
    """Check that there are units, all of the kind of the plan, each with its own name."""
    if len(units) < count or not count:
        problems.append(Problem("ets_wrong_units", plan.id, field="units", details={"sector": plan.sector}))
    seen: set[str] = set()
    for unit in units:
        if unit.id in seen:
            problems.append(Problem("ets_double_unit", plan.id, field="id", value=unit.id))
        seen.add(unit.id)


def _special(report: Report, plan: Plan, word: str) -> None:
    if word and word not in plan.special:
        report("ets_unknown_special", "special", word, plan=plan.id, some=", ".join(plan.special) or "—")


def check_power(plan: Plan, year: int, units: Sequence[PowerUnit], count: int) -> list[Problem]:
    """Return the problems of generating units."""
    problems: list[Problem] = []
    _common(problems, plan, units, count)
    numbers = ("capacity", "emissions", "generation", "supply", "heat", "load", "heat_ratio", "previous_emissions")
    for unit in units:
        report = _reporter(problems, unit.id)
        good = _numbers(report, unit, numbers)
        _special(report, plan, unit.special)
        if not good or unit.special:
            continue
        if not unit.unit_class:
            report(
                "ets_unknown_fuel", "fuel", unit.fuel, some=", ".join((*CONVENTIONAL_COAL, *UNCONVENTIONAL_COAL, *GAS))
            )
        if unit.technology not in ("", FLUIDISED_BED):
            report("unknown_choice", "technology", unit.technology, refers_to="technology", some=FLUIDISED_BED)
        if unit.cooling not in COOLING:
            report("unknown_choice", "cooling", unit.cooling, refers_to="cooling", some=", ".join(COOLING))
        _power_data(report, plan, unit)
    return problems


def _power_data(report: Report, plan: Plan, unit: PowerUnit) -> None:
    """Check what the plan asks for."""
    wanted = "supply" if plan.output == "supplied" else "generation"
    if getattr(unit, wanted) is None:
        report("ets_missing_datum", wanted, plan=plan.id)
    if needs_load(plan, unit) and unit.load is None:
        report("ets_missing_datum", "load", plan=plan.id)
    if plan.heat_ratio and exact(unit.heat) > 0 and unit.heat_ratio is None:
        report("ets_missing_datum", "heat_ratio", plan=plan.id)
    for name in ("load", "heat_ratio"):
        value = getattr(unit, name)
        if value is not None and exact(value) > FULL_LOAD:
            report("ets_not_a_fraction", name, value)


def check_industry(plan: Plan, year: int, units: Sequence[IndustrialUnit], count: int) -> list[Problem]:
    """Return the problems of steel companies, clinker lines and electrolyses."""
    problems: list[Problem] = []
    _common(problems, plan, units, count)
    numbers = ("emissions", "output", "balance_value", "process_emissions", "previous_emissions")
    for unit in units:
        report = _reporter(problems, unit.id)
        good = _numbers(report, unit, numbers)
        _special(report, plan, unit.special)
        if unit.sector not in SECTORS:
            report("unknown_choice", "sector", unit.sector, refers_to="sector", some=", ".join(SECTORS))
        if not good or unit.special or year in plan.verified_years:
            continue
        if not exact(unit.output):
            report("ets_missing_datum", "output", plan=plan.id)
        if unit.balance_value is None or not exact(unit.balance_value):
            report("ets_missing_datum", "balance_value", plan=plan.id)
        if unit.sector == "steel" and unit.process_emissions is None:
            report("ets_missing_datum", "process_emissions", plan=plan.id)
    return problems
