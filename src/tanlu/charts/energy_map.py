"""The places of a system and the lines between them: on the tile grid of the province where it has one, else by coordinates."""

from __future__ import annotations

from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Spec, layered, values
from tanlu.charts.energy_base import Study, column, factor, said, unit_name, words
from tanlu.charts.energy_records import EnergyNodeRecord
from tanlu.charts.energy_units import show
from tanlu.core.messages import translate

INDICATORS: Final = ("capacity", "built", "curtailed", "price")
TECHNOLOGY: Final = "technology:"
_UNITS: Final = {"capacity": "MW", "built": "MW", "curtailed": "share", "price": "CNY/MWh"}
_ENDINGS: Final = ("土家族苗族自治州", "市")


def indicators(study: Study) -> tuple[str, ...]:
    """Return what the map can show: totals, then the capacity of each technology."""
    own = dict.fromkeys(b for b in study.bands.supply if b != "other")
    priced = bool(study.results.hourly_periods)
    return (*(i for i in INDICATORS if priced or i != "price"), *(TECHNOLOGY + b for b in own))


def indicator_label(study: Study, indicator: str, language: str) -> str:
    """Return the name of an indicator."""
    if indicator.startswith(TECHNOLOGY):
        name = study.name(indicator.removeprefix(TECHNOLOGY), language)
        return translate("charts.energy.map.technology", language, technology=name)
    return translate(f"charts.energy.map.{indicator}", language)


def indicator_unit(indicator: str) -> str:
    """Return the unit of an indicator."""
    return _UNITS.get(indicator, "MW")


def node_values(study: Study, indicator: str, period: int) -> dict[str, float | None]:
    """Return an indicator by node; None where a node has none."""
    if indicator == "price":
        return _price(study, period)
    if indicator == "curtailed":
        return _curtailed(study, period)
    band = indicator.removeprefix(TECHNOLOGY) if indicator.startswith(TECHNOLOGY) else ""
    sums: dict[str, float | None] = {n.node: None for n in placed(study)}
    for row in study.results.capacities:
        own = study.bands.of.get(row.technology)
        if row.period != period or row.kind != "power" or own is None or row.node not in sums or (band and own != band):
            continue
        amount = row.built or 0.0 if indicator == "built" else row.capacity
        sums[row.node] = (sums[row.node] or 0.0) + amount
    return sums


def _price(study: Study, period: int) -> dict[str, float | None]:
    if period not in study.results.hourly_periods:
        return {n.node: None for n in placed(study)}
    prices = study.results.prices(period)
    means = dict(zip(prices.names, prices.values.mean(axis=1).tolist(), strict=True))
    return {n.node: means.get(n.node) for n in placed(study)}


def _curtailed(study: Study, period: int) -> dict[str, float | None]:
    could: dict[str, float] = {}
    lost: dict[str, float] = {}
    for row in study.results.curtailment:
        if row.period == period:
            could[row.node] = could.get(row.node, 0.0) + row.available_MWh
            lost[row.node] = lost.get(row.node, 0.0) + row.curtailed_MWh
    return {n.node: lost[n.node] / could[n.node] if could.get(n.node) else None for n in placed(study)}


def placed(study: Study) -> list[EnergyNodeRecord]:
    """Return the nodes that have a place."""
    nodes = study.results.nodes
    if study.tiles and any(n.region in study.tiles for n in nodes):
        return [n for n in nodes if n.region in study.tiles]
    return [n for n in nodes if n.latitude is not None and n.longitude is not None]


def _places(study: Study) -> tuple[dict[str, tuple[float, float]], bool]:
    """Return the place of each node in units of tiles, and whether they are tiles of the province."""
    nodes = placed(study)
    if study.tiles and nodes and nodes[0].region in study.tiles:
        return {n.node: (float(study.tiles[n.region][0]), float(study.tiles[n.region][1])) for n in nodes}, True
    if not nodes:
        return {}, False
    lon, lat = ([float(getattr(n, k) or 0.0) for n in nodes] for k in ("longitude", "latitude"))
    size = max(max(lon) - min(lon), max(lat) - min(lat)) or 1.0
    return {
        n.node: (3 * (x - min(lon)) / size, 3 * (max(lat) - y) / size) for n, x, y in zip(nodes, lon, lat, strict=True)
    }, False


def map_chart(study: Study, language: str, indicator: str = "capacity", period: int | None = None) -> Chart:
    """Return an indicator of all nodes, and the lines between them.

    Parameters
    ----------
    study : Study
    language : {"zh", "en"}
    indicator : str
        One of `indicators`.
    period : int, optional
        The last one by default.
    """
    year = study.results.periods[-1] if period is None else period
    found, unit = node_values(study, indicator, year), indicator_unit(indicator)
    known = {n: v for n, v in found.items() if v is not None}
    order = sorted(found, key=lambda n: (found[n] is None, -(found[n] or 0.0)))
    low, high = (min(known.values()), max(known.values())) if known else (0.0, 0.0)
    places, tiled = _places(study)
    tiles = [_tile(study, n, places[n], found[n], (low, high), unit, language) for n in found]
    lines = _lines(study, places, year, language)
    label = indicator_label(study, indicator, language)
    if known:
        most, least = max(known, key=lambda n: known[n]), min(known, key=lambda n: known[n])
        said_words = words(
            "map", language, indicator=label, year=year, most=study.node(most, language), least=study.node(least, language),
            high=said(high, unit, language), low=said(low, unit, language), count=len(known), lines=len(lines),
            unit=unit_name(unit, language),
        )  # fmt: skip
    else:
        said_words = words("map_none" if found else "map_pooled", language, indicator=label, year=year)
    columns = (column("node", language), column("value", language, unit))
    rows = tuple((Cell(study.node(n, language)), Cell(found[n])) for n in order)
    note = translate("charts.tiles.note" if tiled else "charts.energy.map.note", language)
    return Chart(
        "energy-map", language, *said_words, _spec(tiles, lines, places, language), columns, rows, (), "modelled", study.sources, note,
        {"indicator": indicator, "period": str(year)},
    )  # fmt: skip


def _tile(
    study: Study,
    node: str,
    place: tuple[float, float],
    value: float | None,
    span: tuple[float, float],
    unit: str,
    language: str,
) -> dict[str, Any]:
    low, high = span
    steps = len(tokens.RAMP)
    step = (
        None
        if value is None
        else min(steps - 1, int((value - low) / (high - low) * steps))
        if high > low
        else steps // 2
    )
    short = study.node(node, language)
    for ending in _ENDINGS:
        short = short.removesuffix(ending)
    return {
        "x": place[0], "y": place[1], "name": short, "full": study.node(node, language),
        "value": translate("charts.tiles.no_data", language) if value is None else show(value, unit, language).text,
        "fill": tokens.BLANK if step is None else tokens.RAMP[step],
        "ink": tokens.CARD if step is not None and step >= tokens.RAMP_FLIP else tokens.INK,
    }  # fmt: skip


def _lines(study: Study, places: dict[str, tuple[float, float]], year: int, language: str) -> list[dict[str, Any]]:
    sizes = {r.component: r.capacity for r in study.results.capacities if r.period == year and r.kind == "power"}
    unit = factor("MW", language)
    rows = []
    for line in study.results.lines:
        if line.start in places and line.end in places:
            (x, y), (x2, y2) = places[line.start], places[line.end]
            size = sizes.get(line.line)
            rows.append(
                {
                    "x": x, "y": y, "x2": x2, "y2": y2, "size": (size or 0.0) * unit,
                    "name": f"{study.node(line.start, language)}—{study.node(line.end, language)}",
                    "text": "—" if size is None else said(size, "MW", language),
                }
            )  # fmt: skip
    return rows


def _spec(
    tiles: list[dict[str, Any]], lines: list[dict[str, Any]], places: dict[str, tuple[float, float]], language: str
) -> Spec:
    across, down = ([p[i] for p in places.values()] or [0.0] for i in (0, 1))
    wide = {"domain": [min(across) - 0.55, max(across) + 0.55], "nice": False, "zero": False}
    high = {"domain": [max(down) + 0.55, min(down) - 0.55], "nice": False, "zero": False}
    x: Spec = {"field": "x", "type": "quantitative", "axis": None, "scale": wide}
    y: Spec = {"field": "y", "type": "quantitative", "axis": None, "scale": high}
    rule = {
        "data": values(lines, "lines"),
        "mark": {"type": "rule", "color": tokens.LIGHT.header_line, "strokeCap": "round", "opacity": 0.75},
        "encoding": {
            "x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"},
            "size": {"field": "size", "type": "quantitative", "legend": None, "scale": {"range": [1.5, 12], "zero": True}},
            "tooltip": [
                {"field": "name", "title": translate("charts.energy.column.line", language)},
                {"field": "text", "title": translate("charts.energy.column.capacity", language)},
            ],
        },
    }  # fmt: skip
    half_wide, half_high = 0.36, 0.3
    boxes = [
        {**t, "x1": t["x"] - half_wide, "x2": t["x"] + half_wide, "y1": t["y"] - half_high, "y2": t["y"] + half_high}
        for t in tiles
    ]
    rect = {
        "mark": {"type": "rect", "cornerRadius": 6, "stroke": tokens.CARD, "strokeWidth": 2},
        "encoding": {
            "x": {**x, "field": "x1"}, "x2": {"field": "x2"}, "y": {**y, "field": "y1"}, "y2": {"field": "y2"},
            "color": {"field": "fill", "type": "nominal", "scale": None},
            "tooltip": [{"field": "full", "title": " "}, {"field": "value", "title": "\u00a0"}],
        },
    }  # fmt: skip
    ink = {"field": "ink", "type": "nominal", "scale": None}
    texts = [
        {
            "mark": {"type": "text", "dy": dy, "fontSize": size, "fontWeight": weight, "aria": False},
            "encoding": {"x": x, "y": y, "text": {"field": key}, "color": ink},
        }
        for key, dy, size, weight in (("name", -9, 13, 600), ("value", 10, 12, 400))
    ]
    height = int(92 * (max(down) - min(down) + 1.1))
    return layered([rule, {"data": values(boxes, "tiles"), "layer": [rect, *texts]}], height=min(height, 560))
