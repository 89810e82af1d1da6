"""Rows that follow from the energy use: combustion, purchased electricity, and carbon that is reported as a process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tanlu.accounts.methods.combustion import combustion_non_co2
from tanlu.accounts.methods.purchased_energy import electricity_by_location
from tanlu.accounts.province.energy_use import Known
from tanlu.accounts.province.notation import inventory_years, notation_row, reason_text
from tanlu.accounts.province.records import EnergyUse, InventoryRow, Status
from tanlu.accounts.province.references import GRID_PARAMETER
from tanlu.accounts.province.spec import ByHours, CombustionGas, Imports, Settings
from tanlu.accounts.rulebook.factor_values import weighted_errors
from tanlu.core.factors import Factor
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.core.province import Province

GASES: Final = ("CH4", "N2O")
"""Gases in the order in which the method gives them."""
USE_ERROR: Final = 0.01
"""Relative standard uncertainty of the electricity used in a year (assumption)."""
GENERATION_ERROR: Final = 0.03
"""Relative standard uncertainty of the published generation: two publishers differ by 3 % in the same year (assumption)."""


def combustion_rows(province: Province, settings: Settings, uses: Sequence[EnergyUse]) -> list[InventoryRow]:
    """Return CO2 by category from the energy use, and CH4 and N2O of the categories that the settings name."""
    groups: dict[tuple[int, str], list[EnergyUse]] = {}
    for use in uses:
        if use.co2 is not None:
            groups.setdefault((use.year, use.category), []).append(use)
    rows = []
    for (year, category), members in sorted(groups.items()):
        total = sum(u.co2 or 0.0 for u in members)
        errors = weighted_errors([((u.co2 or 0.0), u.errors) for u in members], total)
        rows.append(_sum_row(province, year, category, "CO2", members, total, errors, "combustion", ()))
        for gas in settings.combustion_gases:
            if gas.category == category:
                rows += _gas_rows(province, year, gas, members)
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


def _gas_rows(province: Province, year: int, spec: CombustionGas, members: Sequence[EnergyUse]) -> list[InventoryRow]:
    """Return the CH4 or N2O of burning fuels (IPCC tier 1); no row where no fuel has a factor."""
    value, ids, parts = 0.0, [], []
    for use in members:
        if use.fuel not in spec.factors or not use.energy:
            continue
        factor = province.factors[spec.factors[use.fuel]]
        per_heat = factor.in_unit(f"kg {spec.gas}/TJ")
        # PJ to GJ, t to kt
        gases = combustion_non_co2(use.energy * 1e6, 1.0, per_heat, per_heat)
        part = float(gases[GASES.index(spec.gas)]) / 1000
        value += part
        ids.append(factor.id)
        parts.append((part, {c: e for c, e in use.errors.items() if not c.startswith("factor:")}))
    if not ids:
        return []
    errors = weighted_errors(parts, value) | {f"factor:{spec.gas}:{spec.category}": spec.error}
    args = (province, year, spec.category, spec.gas, members, value, errors, "combustion-ch4-n2o", tuple(ids))
    return [_sum_row(*args)]


def net_import_rows(province: Province, settings: Settings) -> list[InventoryRow]:
    """Return the memo row of electricity from other provinces: use less published generation, times a grid factor.

    The factor is that of the regional grid in the same year, or of the nearest year for which one is published. Without a section
    ``imports`` there are no rows.
    """
    spec = settings.imports
    if spec is None:
        return []
    used = province.series(spec.use, "GWh")
    made = _generation(province, spec)
    grid = {
        f.valid_from or 0: f
        for f in province.factors.values()
        if f.parameter == GRID_PARAMETER and f.region == spec.grid
    }
    rows = []
    for year in inventory_years(province):
        if year not in used or year not in made:
            args = ("memo.imports", "CO2", "power", "ne_year", "purchased-electricity")
            rows.append(notation_row(province, year, *args))
            continue
        nearest = min(grid, key=lambda y: (abs(y - year), y))
        use = Known(used[year].value, (used[year].id,), used[year].grade)
        rows.append(_import_row(province, year, use, made[year], grid[nearest], nearest == year))
    return rows


def _import_row(
    province: Province, year: int, used: Known, made: Known, factor: Factor, of_the_year: bool
) -> InventoryRow:
    zh, en = reason_text("import_upper")
    net = used.value - made.value
    # the errors of a difference are those of its terms; as parts of a small difference they are large
    errors = {f"factor:{factor.id}": 0.05 if of_the_year else 0.15}
    if net:
        errors["activity:electricity_use"] = USE_ERROR * used.value / net
        errors["activity:generation"] = GENERATION_ERROR * made.value / net
    # GWh to MWh, t to kt
    value = float(electricity_by_location(net * 1000, 0.0, factor.in_unit("t CO2/MWh"))) / 1000
    grade = Grade.worst([used.grade, made.grade, factor.grade if of_the_year else Grade.D])
    return InventoryRow(
        province.id, year, "memo.imports", "CO2", "power", value, Status.MEMO, grade, "purchased-electricity", errors,
        (*used.facts, *made.facts), (factor.id,), note_zh=zh, note_en=en, signed=True,
    )  # fmt: skip


def _generation(province: Province, spec: Imports) -> dict[int, Known]:
    """Return the generation [GWh] of the years in which every variable that is needed has a figure."""
    needed = [province.series(v, "GWh") for v in spec.generation]
    also = {v: province.series(v, "GWh") for v in spec.also}
    estimated = [(also.get(h.variable, {}), _from_hours(province, h)) for h in spec.by_hours]
    result = {}
    for year in inventory_years(province):
        if not all(year in series for series in needed):
            continue
        facts = [series[year] for series in (*needed, *also.values()) if year in series]
        parts = [Known(f.value, (f.id,), f.grade) for f in facts]
        parts += [known[year] for published, known in estimated if year in known and year not in published]
        ids = tuple(i for p in parts for i in p.facts)
        result[year] = Known(sum(p.value for p in parts), ids, Grade.worst([p.grade for p in parts]))
    return result


def _from_hours(province: Province, spec: ByHours) -> dict[int, Known]:
    """Return generation [GWh] as year-end capacity times utilisation hours of the year or, as an assumption, of an earlier one."""
    capacity = province.series(spec.capacity, "GW")
    hours = province.series(spec.hours, "h/yr")
    result = {}
    for year, fact in capacity.items():
        earlier = [y for y in hours if y <= year]
        if earlier:
            hour = hours[max(earlier)]
            grade = Grade.worst([fact.grade, hour.grade]) if hour.year == year else Grade.D
            result[year] = Known(fact.value * hour.value, (fact.id, hour.id), grade)
    return result


def without_reductants(rows: list[InventoryRow], settings: Settings) -> list[InventoryRow]:
    """Take the carbon that outputs report as a process out of the categories in which it was counted as fuel (``taken_from``)."""
    homes = {(o.category, o.gas): o.taken_from for o in settings.outputs if o.taken_from}
    moved: dict[tuple[int, str], list[InventoryRow]] = {}
    for row in rows:
        home = homes.get((row.category, row.gas))
        if home and row.value is not None:
            moved.setdefault((row.year, home), []).append(row)
    result = []
    for row in rows:
        process = moved.get((row.year, row.category), [])
        if process and row.gas == "CO2" and row.value:
            row = _without(row, row.value, process)
        result.append(row)
    return result


def _without(row: InventoryRow, fuel: float, process: Sequence[InventoryRow]) -> InventoryRow:
    rest = fuel - sum(r.value or 0.0 for r in process)
    # the split between fuel and reductant does not change the sum, so its error enters with opposite signs
    parts = [(fuel, row.errors), *((-(r.value or 0.0), r.errors) for r in process)]
    codes = [r.category for r in process]
    zh, _ = reason_text("reductant", categories=translate("accounts.and", "zh").join(codes))
    _, en = reason_text("reductant", categories=translate("accounts.and", "en").join(codes))
    return replace(
        row, value=rest, errors=weighted_errors(parts, rest), parts=(*row.parts, *(r.id for r in process)),
        grade=Grade.worst([row.grade, *(r.grade for r in process)]), note_zh=zh, note_en=en,
    )  # fmt: skip
