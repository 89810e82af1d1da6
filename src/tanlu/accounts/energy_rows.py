"""Rows that follow from the energy use: combustion, purchased electricity, and carbon that is reported as a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tanlu.accounts.combustion import combustion_gas
from tanlu.accounts.electricity import electricity_co2
from tanlu.accounts.energy_use import Known
from tanlu.accounts.factor_values import factor_of, factor_value, weighted_errors
from tanlu.accounts.notation import REASONS, inventory_years, notation_row
from tanlu.accounts.records import EnergyUse, InventoryRow, Status
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

POWER_FACTOR_SUBJECTS: Final = {
    "coal": "other_bituminous_coal",
    "coke": "coke_oven_coke_and_lignite_coke",
    "oil": "diesel_oil",
    "natural_gas": "natural_gas",
}
GAS_FACTOR_ERROR: Final = {"CH4": 0.5, "N2O": 0.7}
"""Relative standard uncertainty of tier-1 CH4 and N2O factors of stationary combustion (IPCC 2006 vol. 2, tables 2.2 and 2.12)."""

USE_ERROR: Final = 0.01
"""Relative standard uncertainty of the electricity used in a year (assumption)."""
GENERATION_ERROR: Final = 0.03
"""Relative standard uncertainty of the published generation: two publishers differ by 3 % in the same year (assumption)."""


def combustion_rows(province: Province, uses: Sequence[EnergyUse]) -> list[InventoryRow]:
    """Return CO2 by category from the energy use, and CH4 and N2O of the energy industries."""
    groups: dict[tuple[int, str], list[EnergyUse]] = {}
    for use in uses:
        if use.co2 is not None:
            groups.setdefault((use.year, use.category), []).append(use)
    rows = []
    for (year, category), members in sorted(groups.items()):
        total = sum(u.co2 or 0.0 for u in members)
        errors = weighted_errors([((u.co2 or 0.0), u.errors) for u in members], total)
        rows.append(_sum_row(province, year, category, "CO2", members, total, errors, "combustion", ()))
        if category == "1.A.1.a":
            rows += [_power_gas(province, year, category, gas, members) for gas in ("CH4", "N2O")]
    return rows


def _sum_row(
    province: Province, year: int, category: str, gas: str, members: Sequence[EnergyUse], value: float, errors: dict[str, float],
    method: str, factors: tuple[str, ...],
) -> InventoryRow:  # fmt: skip
    status = Status.CALCULATED if all(u.status is Status.CALCULATED for u in members) else Status.ESTIMATED
    grade = Grade.worst([u.grade for u in members] + [province.factors[f].grade for f in factors])
    parts = tuple(u.id for u in members)
    return InventoryRow(
        province.id, year, category, gas, members[0].sector, value, status, grade, method, errors, (), factors, parts
    )


def _power_gas(province: Province, year: int, category: str, gas: str, members: Sequence[EnergyUse]) -> InventoryRow:
    """Return CH4 or N2O of the energy industries (IPCC tier 1)."""
    value, ids, parts = 0.0, [], []
    for use in members:
        subject = POWER_FACTOR_SUBJECTS.get(use.fuel)
        if subject is None or not use.energy:
            continue
        factor = factor_of(province, f"ipcc-2006.{gas.lower()}_factor.energy_industries.{subject}")
        part = combustion_gas(use.energy, factor.in_unit(f"kg {gas}/TJ"))
        value += part
        ids.append(factor.id)
        parts.append((part, {c: e for c, e in use.errors.items() if not c.startswith("factor:")}))
    errors = weighted_errors(parts, value) | {f"factor:{gas}:energy_industries": GAS_FACTOR_ERROR[gas]}
    return _sum_row(province, year, category, gas, members, value, errors, "combustion-ch4-n2o", tuple(ids))


def net_import_rows(province: Province) -> list[InventoryRow]:
    """Return the memo row of electricity from other provinces: use less published generation, times a grid factor.

    The factor is that of the regional grid in the same year, or of the nearest year for which one is published.
    """
    used = province.series("Electricity Consumption|Total", "GWh")
    generation = {
        n: province.series(f"Secondary Energy|Electricity|{n}", "GWh") for n in ("Thermal", "Hydro", "Wind", "Solar")
    }
    wind = _wind_from_hours(province)
    factors = {
        f.valid_from: f
        for f in province.factors.values()
        if f.parameter == "co2_factor" and f.subject == "central_grid"
    }
    if not factors:
        return []
    rows = []
    for year in inventory_years(province):
        if year not in used or year not in generation["Thermal"] or year not in generation["Hydro"]:
            rows.append(
                notation_row(province, year, "memo.imports", "CO2", "power", "ne_year", "purchased-electricity")
            )
            continue
        facts = [used[year].id, *(s[year].id for s in generation.values() if year in s)]
        made = sum(s[year].value for s in generation.values() if year in s)
        grades = [used[year].grade, *(s[year].grade for s in generation.values() if year in s)]
        if year in wind and year not in generation["Wind"]:
            made, facts = made + wind[year].value, facts + list(wind[year].facts)
            grades.append(wind[year].grade)
        nearest = min(factors, key=lambda y: (abs((y or 0) - year), y))
        factor = factors[nearest]
        zh, en = REASONS["import_upper"]
        net = used[year].value - made
        # the errors of a difference are those of its terms; as parts of a small difference they are large
        errors = {f"factor:{factor.id}": 0.05 if nearest == year else 0.15}
        if net:
            errors["activity:electricity_use"] = USE_ERROR * used[year].value / net
            errors["activity:generation"] = GENERATION_ERROR * made / net
        value = electricity_co2(net, factor_value(factor))
        rows.append(
            InventoryRow(
                province.id,
                year,
                "memo.imports",
                "CO2",
                "power",
                value,
                Status.MEMO,
                Grade.worst([*grades, factor.grade if nearest == year else Grade.D]),
                "purchased-electricity",
                errors,
                tuple(facts),
                (factor.id,),
                note_zh=zh,
                note_en=en,
                signed=True,
            )
        )
    return rows


def _wind_from_hours(province: Province) -> dict[int, Known]:
    """Return wind generation [GWh] as year-end capacity times utilisation hours of the year or, as an assumption, of an earlier one."""
    capacity = province.series("Capacity|Electricity|Wind", "GW")
    hours = province.series("Utilisation Hours|Wind", "h/yr")
    result = {}
    for year, fact in capacity.items():
        earlier = [y for y in hours if y <= year]
        if earlier:
            hour = hours[max(earlier)]
            grade = Grade.worst([fact.grade, hour.grade]) if hour.year == year else Grade.D
            result[year] = Known(fact.value * hour.value, (fact.id, hour.id), grade)
    return result


def without_reductants(rows: list[InventoryRow]) -> list[InventoryRow]:
    """Take the carbon of reducing agents that 2.C.5 and 2.C.6 report out of 1.A.2.b, where it was counted as fuel."""
    moved: dict[int, list[InventoryRow]] = {}
    for row in rows:
        if row.category in ("2.C.5", "2.C.6") and row.value is not None:
            moved.setdefault(row.year, []).append(row)
    zh, en = REASONS["reductant"]
    result = []
    for row in rows:
        if row.category == "1.A.2.b" and row.gas == "CO2" and row.value and row.year in moved:
            process = moved[row.year]
            rest = row.value - sum(r.value or 0.0 for r in process)
            # the split between fuel and reductant does not change the sum, so its error enters with opposite signs
            parts = [(row.value, row.errors), *((-(r.value or 0.0), r.errors) for r in process)]
            row = replace(
                row, value=rest, errors=weighted_errors(parts, rest), parts=(*row.parts, *(r.id for r in process)),
                grade=Grade.worst([row.grade, *(r.grade for r in process)]), note_zh=zh, note_en=en,
            )  # fmt: skip
        result.append(row)
    return result
