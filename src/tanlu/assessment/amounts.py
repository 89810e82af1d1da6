"""Physical amounts from the inventory: total energy use and CO2 by year, with their uncertainty by cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tanlu.accounts import EnergyUse, InventoryRow
from tanlu.assessment.series import Measured, Series
from tanlu.core.provenance import Grade

SECONDARY = ("electricity", "heat")
"""Carriers made from other energy of the same total; counting them would count that energy twice."""


def total_energy_use(uses: Iterable[EnergyUse], consumption: Series, thermal: Series) -> dict[int, Measured]:
    """Return the total energy use of the province by year [PJ], calorific, without any deduction.

    Parameters
    ----------
    uses : iterable of EnergyUse
        Energy of the inventory by sector and fuel, power plants included.
    consumption : Series
        Electricity consumption, an energy unit [GWh].
    thermal : Series
        Generation of the thermal power plants of the province, an energy unit [GWh].

    Returns
    -------
    dict
        Years for which all three are known.

    Notes
    -----
    E = fuels burnt + (electricity consumed - thermal generation): the second term is hydro, wind and solar power and net imports at
    3.6 MJ/kWh. Statistics of total energy value it at the coal use of power plants instead, so levels differ; ratios of years less so.
    Errors of emission factors do not touch energy and are left out.
    """
    by_year: dict[int, list[EnergyUse]] = {}
    for use in uses:
        if use.fuel not in SECONDARY:
            by_year.setdefault(use.year, []).append(use)
    found: dict[int, Measured] = {}
    for year in sorted(by_year.keys() & consumption.keys() & thermal.keys()):
        bought, made = consumption[year].converted("PJ"), thermal[year].converted("PJ")
        rows = by_year[year]
        value = sum(u.energy for u in rows) + bought.value - made.value
        parts = [(u.energy, {c: e for c, e in u.errors.items() if not c.startswith("factor:")}) for u in rows]
        grade = Grade.worst([bought.grade, made.grade, *(u.grade for u in rows)])
        ids = (*(u.id for u in rows), *bought.ids, *made.ids)
        found[year] = Measured(year, value, "PJ", ids, grade, _relative(parts, value))
    return found


def emissions(rows: Iterable[InventoryRow], ids: Mapping[int, str]) -> dict[int, Measured]:
    """Return the sum of inventory rows by year [kt], with errors by cause.

    Parameters
    ----------
    rows : iterable of InventoryRow
        Those that count; rows without a value never do.
    ids : mapping
        Lineage id of the total by year, for example ``total:<region>:2020:co2``.
    """
    by_year: dict[int, list[InventoryRow]] = {}
    for row in rows:
        if row.value is not None:
            by_year.setdefault(row.year, []).append(row)
    found: dict[int, Measured] = {}
    for year, used in sorted(by_year.items()):
        value = sum(r.value or 0.0 for r in used)
        errors = _relative([(r.value or 0.0, r.errors) for r in used], value)
        found[year] = Measured(year, value, "kt", (ids[year],), Grade.worst([r.grade for r in used]), errors)
    return found


def _relative(parts: Iterable[tuple[float, Mapping[str, float]]], total: float) -> dict[str, float]:
    """Return the relative standard uncertainty of a sum by cause; a cause shared by several parts adds linearly."""
    absolute: dict[str, float] = {}
    for value, errors in parts:
        for cause, relative in errors.items():
            absolute[cause] = absolute.get(cause, 0.0) + value * relative
    return {cause: error / total for cause, error in absolute.items()} if total else {}
