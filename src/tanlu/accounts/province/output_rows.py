"""Rows that follow from one series of activity data: processes, coal mines, agriculture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tanlu.accounts.province.drivers import bridge_error, fill
from tanlu.accounts.province.energy_use import Known, driver_series
from tanlu.accounts.province.formulas import Formula, formula
from tanlu.accounts.province.notation import inventory_years, notation_row
from tanlu.accounts.province.records import InventoryRow, Status
from tanlu.accounts.province.spec import Driver, Output, Settings
from tanlu.accounts.rulebook.factor_values import dated_value, relative_error
from tanlu.core.factors import Factor
from tanlu.core.provenance import Grade
from tanlu.core.province import Province


@dataclass(frozen=True, slots=True)
class Activity:
    """Activity of a year, whether it was published for that year, and the relative standard uncertainty that filling adds."""

    value: float
    known: bool
    error: float
    facts: tuple[str, ...]
    grade: Grade


@dataclass(frozen=True, slots=True)
class RoleValue:
    """Value of a role of a formula in a year, the factors it comes from, and its errors by cause."""

    value: float
    factors: tuple[Factor, ...]
    errors: Mapping[str, float]


def output_rows(province: Province, settings: Settings, output: Output) -> list[InventoryRow]:
    """Return the rows of an output in every year of the inventory; years about which nothing is known say NE.

    Parameters
    ----------
    province : Province
    settings : Settings
        For the driver that the output may name.
    output : Output
    """
    used = _formula(output)
    activities = activity_by_year(province, settings, output)
    rows = []
    for year in inventory_years(province):
        if year in activities:
            rows.append(_row(province, output, used, year, activities[year]))
        else:
            args = (output.category, output.gas, output.sector, "ne_year", output.method)
            rows.append(notation_row(province, year, *args))
    return rows


def activity_by_year(province: Province, settings: Settings, output: Output) -> dict[int, Activity]:
    """Return the activity of an output [unit of its formula] in the years of which something is known.

    With a variable, a year without a figure takes the one that the driver has for that very year. Without a variable the figures of the
    driver are the activity: between two of them it is interpolated in logarithms, after the last it is held.
    """
    driver = settings.drivers[output.driver] if output.driver else None
    # a driver value that rests on two facts was interpolated
    own = {y: k for y, k in driver_series(province, driver).items() if len(k.facts) == 1} if driver else {}
    if output.variable:
        series = province.series(output.variable, _formula(output).unit)
        found = {y: Activity(f.value, True, 0.0, (f.id,), f.grade) for y, f in series.items()}
        years = sorted(found) or sorted(own)
        missing = {y: k for y, k in own.items() if y not in found}
        return found | {y: _substitute(k, y, years, driver) for y, k in missing.items() if driver}
    return _filled(own, inventory_years(province), driver) if driver else {}


def _substitute(known: Known, year: int, years: list[int], driver: Driver) -> Activity:
    """Return the figure of a driver in place of one that is not published; it is as uncertain as a filled year at that distance."""
    error = bridge_error(year, years, driver.volatility)
    return Activity(known.value, False, error, (*known.facts, f"assumption:driver:{driver.name}"), Grade.D)


def _filled(series: Mapping[int, Known], years: list[int], driver: Driver) -> dict[int, Activity]:
    found = {}
    for year, filled in fill({y: k.value for y, k in series.items()}, {}, years, 1.0, driver.volatility).items():
        used = [series[year]] if filled.known else [series[y] for y in _neighbours(year, series)]
        facts = tuple(dict.fromkeys(f for k in used for f in k.facts))
        named = () if filled.known else (f"assumption:driver:{driver.name}",)
        grade = Grade.worst([k.grade for k in used]) if filled.known else Grade.D
        found[year] = Activity(filled.value, filled.known, filled.error, facts + named, grade)
    return found


def _neighbours(year: int, known: Iterable[int]) -> list[int]:
    years = sorted(known)
    return [
        max((y for y in years if y < year), default=years[0]),
        min((y for y in years if y > year), default=years[-1]),
    ]


def _formula(output: Output) -> Formula:
    found = formula(output.method)
    if found is None:
        # settings are checked before they are used
        raise LookupError(output.method)
    return found


def role_values(province: Province, output: Output, used: Formula, year: int) -> dict[str, RoleValue]:
    """Return the factors of a method in a year, and those that scale the series before it enters, with their weight in the result."""
    values: dict[str, RoleValue] = {}
    for role, ids in {**output.factors, **output.scale}.items():
        dated = [province.factors[i] for i in ids]
        unit = used.unit_of(role) if role in output.factors else "1"
        value, taken = dated_value(dated, year, unit)
        # dated values of one quantity share their error, under the name of the first
        cause = f"factor:{dated[0].id}"
        shown = [province.factors[output.intervals[role]]] if role in output.intervals else taken
        exact = role in used.roles and used.roles[role].exact
        errors = {} if exact else {cause: max(relative_error(f) for f in shown)}
        values[role] = RoleValue(value, tuple(taken), errors)
    weights = used.weights({role: values[role].value for role in output.factors}, output.gas)
    return {
        role: RoleValue(v.value, v.factors, {c: e * abs(weights.get(role, 1.0)) for c, e in v.errors.items()})
        for role, v in values.items()
    }


def _row(province: Province, output: Output, used: Formula, year: int, activity: Activity) -> InventoryRow:
    roles = role_values(province, output, used, year)
    amount = activity.value * math.prod(roles[role].value for role in output.scale)
    errors = {f"activity:{output.variable or output.driver}": output.activity_error}
    for role in roles.values():
        for cause, error in role.errors.items():
            errors[cause] = errors.get(cause, 0.0) + error
    if activity.error:
        errors[f"driver:{output.driver}"] = activity.error
    factors = [f for role in roles.values() for f in role.factors]
    return InventoryRow(
        province.id,
        year,
        output.category,
        output.gas,
        output.sector,
        used.value(amount, {role: roles[role].value for role in output.factors}, output.gas),
        Status.CALCULATED if activity.known else Status.ESTIMATED,
        Grade.worst([activity.grade, *(f.grade for f in factors)]),
        output.method,
        errors,
        activity.facts,
        tuple(dict.fromkeys(f.id for f in factors)),
        note_zh=output.note_zh,
        note_en=output.note_en,
    )
