"""Forest biomass by stock change between two surveys of the same definition."""

from __future__ import annotations

import itertools
import math
from typing import Final

from tanlu.accounts.methods.forest_biomass import biomass_change_by_volume
from tanlu.core.factors import Factor
from tanlu.core.inventory import Z95, InventoryRow, Status
from tanlu.core.messages import translate
from tanlu.core.provenance import Fact, Grade
from tanlu.core.province import Province
from tanlu.land.settings import ROLES, VOLUME, ForestSettings, load_forest

CATEGORY: Final = "3.B.1.a"
METHOD: Final = "forest-stock-change"


def _relative_error(factor: Factor) -> float:
    if factor.low is None or factor.high is None:
        return 0.0
    return (factor.high - factor.low) / (2 * Z95 * abs(factor.value))


def change_error(stock_start: float, stock_end: float, survey_error: float) -> float:
    """Return the relative standard uncertainty of the change between two surveys whose errors are independent.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, eq. 3.2: ``√((u·V1)² + (u·V2)²) / |V2 − V1|`` with u the relative error of one survey.
    A change of zero has no relative error: 0.
    """
    change = abs(stock_end - stock_start)
    return survey_error * math.hypot(stock_start, stock_end) / change if change else 0.0


def _interval_rows(province: Province, settings: ForestSettings, start: Fact, end: Fact) -> list[InventoryRow]:
    factors = {role: province.factors[settings.factors[role]] for role in ROLES}
    values = [factors[role].in_unit(unit) for role, unit in ROLES.items()]
    # the method takes m3 and gives t
    volumes = (start.value * 1e6, end.value * 1e6)
    value = float(biomass_change_by_volume(*volumes, end.year - start.year, *values)) / 1000
    # 1 + R enters the product, not R
    root = factors["root_shoot"]
    errors = {f"factor:{f.id}": _relative_error(f) for k, f in factors.items() if k != "root_shoot"}
    errors[f"factor:{root.id}"] = _relative_error(root) * root.value / (1 + root.value)
    errors[f"survey:{start.variable}"] = change_error(start.value, end.value, settings.survey_error)
    grade = Grade.worst([start.grade, end.grade, *(f.grade for f in factors.values())])
    return [
        InventoryRow(
            province.id, year, CATEGORY, "CO2", "land", value, Status.ESTIMATED, grade, METHOD, errors,
            (start.id, end.id), tuple(f.id for f in factors.values()),
        )
        for year in range(start.year + 1, end.year + 1)
    ]  # fmt: skip


def forest_rows(province: Province, settings: ForestSettings | None = None) -> list[InventoryRow]:
    """Return the CO2 balance of forest biomass in every year of the inventory.

    Between two surveys of one definition the mean yearly change counts; in years that no such pair covers the row says NE.

    Parameters
    ----------
    province : Province
    settings : ForestSettings, optional
        The default reads ``land/forest.yaml``; without that file every year says NE.

    Returns
    -------
    list of InventoryRow
        Category 3.B.1.a, one row a year.

    Raises
    ------
    DataError
        If the settings of the province have problems.
    """
    settings = settings or load_forest(province)
    rows: dict[int, InventoryRow] = {}
    if settings:
        for variable in settings.surveys:
            surveys = list(province.series(variable, VOLUME).values())
            for start, end in itertools.pairwise(surveys):
                rows.update({row.year: row for row in _interval_rows(province, settings, start, end)})
    first, last = int(province.settings["first_year"]), int(province.settings["last_year"])
    key = "land.no_pair" if settings else "land.no_surveys"
    for year in range(first, last + 1):
        if year not in rows:
            rows[year] = InventoryRow(
                province.id, year, CATEGORY, "CO2", "land", None, Status.NE, Grade.D, METHOD,
                note_zh=translate(key, "zh"), note_en=translate(key, "en"),
            )  # fmt: skip
    return [rows[y] for y in sorted(rows) if first <= y <= last]
