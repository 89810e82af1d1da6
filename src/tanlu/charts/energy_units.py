"""Units of energy systems as readers expect them: power in 万千瓦 or GW, energy in 亿千瓦时 or TWh, money in 亿元 or billions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tanlu.charts.base import Cell, Chart
from tanlu.charts.format import Shown, digits, subscript
from tanlu.charts.format import scale as common_scale

UNITS: Final[dict[str, dict[str, tuple[float, str]]]] = {
    "MW": {"zh": (0.1, "万千瓦"), "en": (1e-3, "GW")},
    "MWh": {"zh": (1e-5, "亿千瓦时"), "en": (1e-6, "TWh")},
    "GW": {"zh": (100.0, "万千瓦"), "en": (1.0, "GW")},
    "TWh": {"zh": (10.0, "亿千瓦时"), "en": (1.0, "TWh")},
    "t": {"zh": (1e-4, "万吨"), "en": (1e-6, "Mt")},
    "MCNY": {"zh": (1e-2, "亿元"), "en": (1e-3, "bn CNY")},
    "CNY/MWh": {"zh": (1e-3, "元/千瓦时"), "en": (1.0, "CNY/MWh")},
    "CNY/t": {"zh": (1.0, "元/吨"), "en": (1.0, "CNY/t")},
    "share": {"zh": (100.0, "%"), "en": (100.0, "%")},
    "h": {"zh": (1.0, "小时"), "en": (1.0, "h")},
    "kW": {"zh": (1.0, "千瓦"), "en": (1.0, "kW")},
    "kWh": {"zh": (1.0, "千瓦时"), "en": (1.0, "kWh")},
    "CNY": {"zh": (1.0, "元"), "en": (1.0, "CNY")},
    "kg": {"zh": (1.0, "千克"), "en": (1.0, "kg")},
}
"""Unit of the stored value to factor and unit of the shown one, by language."""


def scale(unit: str, language: str) -> tuple[float, str]:
    """Return the factor to the unit in which values of ``unit`` are shown in a language, and that unit."""
    known = UNITS.get(unit)
    return known[language] if known else common_scale(unit, language)


def show(value: float | str | None, unit: str, language: str) -> Shown:
    """Return a value in the unit that readers of the language expect; a missing value is a dash, never zero."""
    factor, shown_unit = scale(unit, language)
    if value is None or value == "":
        return Shown("—", "")
    if isinstance(value, str):
        return Shown(subscript(value), shown_unit)
    return Shown(digits(value * factor), shown_unit)


def in_shown_units(chart: Chart) -> Chart:
    """Return a chart whose table is in the units that readers expect, as its picture is; for documents, a CSV keeps the units stored."""
    # years are no quantity: they keep their unit and have no separator
    told = ((1.0, c.unit) if c.unit == "year" else scale(c.unit, chart.language) for c in chart.columns)
    factors, units = zip(*told, strict=True)
    columns = tuple(replace(column, unit=unit) for column, unit in zip(chart.columns, units, strict=True))
    rows = (tuple(map(_shown_cell, row, factors, [chart.language] * len(row))) for row in chart.rows)
    return replace(chart, columns=columns, rows=tuple(rows))


def _shown_cell(cell: Cell, factor: float, language: str) -> Cell:
    if cell.unit and cell.unit != "year":
        factor, unit = scale(cell.unit, language)
        cell = replace(cell, unit=unit)
    # ten digits: a factor must not add the noise of binary fractions
    return replace(cell, value=float(f"{cell.value * factor:.10g}")) if isinstance(cell.value, float) else cell
