"""Up to four scenarios in one picture: median of the total with its range, the inventory before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanlu.charts.base import Cell, Chart, Column, Spec, amount_axis, dashed, hover, layered, values, year_axis
from tanlu.charts.format import scale, show
from tanlu.charts.studio import CO2
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.pathways.compare import Comparison
from tanlu.pathways.scenarios import TOTAL

BAND = 0.1
"""Opacity of a range: four of them lie on each other."""


def compare_chart(found: Comparison, language: str, links: Sequence[str], sources: tuple[Node, ...] = ()) -> Chart:
    """Return medians of the total as lines with 5–95 % ranges.

    Parameters
    ----------
    found : Comparison
    language : {"zh", "en"}
    links : sequence of str
        Of the scenarios, for the address of the chart.
    sources : tuple of Node
    """
    factor, unit = scale(CO2, language)
    fans = {s.file.name: s.scenario.fans[TOTAL] for s in found.simulations}
    years = next(iter(fans.values())).years.tolist()
    rows: list[dict[str, Any]] = [
        {"year": y, "name": name, "p05": low, "p50": middle, "p95": high}
        for name, fan in fans.items()
        for y, low, middle, high in zip(
            years, *((fan.values[:, i] * factor).round(2).tolist() for i in (0, 2, 4)), strict=True
        )
    ]
    ends = {name: float(fan.values[-1, 2]) for name, fan in fans.items()}
    low, high = min(ends, key=lambda n: ends[n]), max(ends, key=lambda n: ends[n])
    words = {
        "low_name": low, "low": show(ends[low], CO2, language), "high_name": high, "high": show(ends[high], CO2, language),
        "range": show(ends[high] - ends[low], CO2, language), "year": years[-1], "unit": unit,
    }  # fmt: skip
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(
            Column(f"{n}:{q}", f"{n} {translate(f'charts.column.{q}', language)}", CO2)
            for n in fans
            for q in ("p05", "p50", "p95")
        ),
    )
    cells = tuple(
        (Cell(str(y)), *(Cell(round(float(fan.values[t, i]), 4)) for fan in fans.values() for i in (0, 2, 4)))
        for t, y in enumerate(years)
    )
    return Chart(
        "studio-compare", language, translate("charts.studio.compare.title", language, **words),
        translate("charts.studio.compare.subtitle", language, **words), translate("charts.studio.compare.summary", language, **words),
        _spec(rows, list(fans), years, language), columns, cells, (), "mixed", sources=sources, parameters={"s": ",".join(links)},
    )  # fmt: skip


def _spec(rows: list[dict[str, Any]], names: list[str], years: list[int], language: str) -> Spec:
    legend = {
        "orient": "bottom", "columns": {"expr": "width < 480 ? 1 : 2"}, "symbolType": "stroke", "symbolSize": 500,
        "symbolStrokeWidth": 2.5, "symbolOpacity": 1, "labelLimit": 300,
    }  # fmt: skip
    x, y = year_axis(years[0], years[-1]), {**amount_axis(), "scale": {"zero": True}}
    channels = dashed(names, legend, "name")
    band: Spec = {
        "data": values(rows, "ranges"),
        "mark": {"type": "area", "opacity": BAND},
        "encoding": {"x": x, "y": {"field": "p05", **y}, "y2": {"field": "p95"}, "color": channels["color"]},
    }
    line: Spec = {
        "data": values(rows, "medians"),
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": {"field": "p50", **y}, **channels},
    }
    wide: dict[int, dict[str, Any]] = {}
    for row in rows:
        wide.setdefault(row["year"], {"year": row["year"]})[f"v{names.index(row['name'])}"] = row["p50"]
    labels = {f"v{i}": name for i, name in enumerate(names)}
    return layered([band, line, hover(wide.values(), labels, language)], height=380)
