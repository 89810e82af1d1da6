"""Charts of monitoring: sectors with their band, days and hours with gaps drawn as gaps, and the evidence of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values
from tanlu.charts.format import MINUS, capital, digits, scale, show
from tanlu.charts.records import PrefectureRecord
from tanlu.charts.tiles import tiles_spec
from tanlu.core.messages import translate
from tanlu.monitor.schema import CIVIL_OFFSET

SCOPES: Final = ("scope_1", "purchased")
_FILLS: Final = {"scope_1": tokens.SECTOR_FILLS["power"], "purchased": tokens.SECTOR_FILLS["steel"]}
_ESTIMATED: Final = tokens.SECTOR_FILLS["transport"]
_BAR: Final = 26


def civil(stamps: Iterable[int]) -> list[str]:
    """Return moments in civil time, as ISO text without zone, which Vega takes for local time wherever it runs."""
    moments = np.fromiter(stamps, np.int64) + CIVIL_OFFSET
    told: list[str] = moments.astype("datetime64[s]").astype(str).tolist()
    return told


def sector_chart(record: Mapping[str, Any], language: str, period: str) -> Chart:
    """Return emissions by sector: what meters measured, the rest, and the 95 % band.

    Parameters
    ----------
    record : mapping
        `tanlu.monitor.nowcast.account.Nowcast.as_record`; its sectors may lack what was metered, which is then not shown.
    language : str
    period : {"day", "month"}
    """
    found, total = record["sectors"], record["total"]
    order = sorted(found, key=lambda name: -found[name]["value"])
    heads = {name: capital(translate(f"sector.{name}", language)) for name in order}
    told = ("value", "low", "high", *(["metered"] if _metered(record) else []))
    text = {
        "first": record["first"], "last": record["last"], "sector": translate(f"sector.{order[0]}", language),
        "total": str(show(total["value"], "kt CO2", language)), "low": str(show(total["low"], "kt CO2", language)),
        "high": str(show(total["high"], "kt CO2", language)),
        "share": f"{100 * total['metered'] / total['value']:.1f}" if total["value"] else "0",
        "part": f"{100 * found[order[0]]['value'] / total['value']:.0f}" if total["value"] else "0",
        "unit": scale("kt CO2", language)[1], "base": record["base_year"], "known": record["known_on"],
    }  # fmt: skip
    columns = (
        Column("sector", translate("charts.monitor.column.sector", language)),
        *(Column(k, translate(f"charts.monitor.column.{k}", language), "kt CO2") for k in told),
        Column("grade", translate("charts.column.grade", language)),
    )
    rows = tuple((Cell(heads[n]), *(Cell(found[n][k]) for k in told), Cell(found[n]["grade"])) for n in order)
    return Chart(
        f"monitor-sectors-{period}", language, translate(f"charts.monitor.sectors.title.{period}", language, **text),
        translate("charts.monitor.sectors.subtitle", language, **text), translate("charts.monitor.sectors.summary", language, **text),
        _sector_bars(record, heads, language), columns, rows, (), "estimated", note=translate("charts.monitor.sectors.note", language),
    )  # fmt: skip


def _metered(record: Mapping[str, Any]) -> bool:
    """Return whether a record says of each sector what was metered."""
    return all("metered" in found for found in record["sectors"].values())


def _sector_bars(record: Mapping[str, Any], heads: Mapping[str, str], language: str) -> Spec:
    """Return bars of sectors in the order of their names, in two parts where the record tells what was metered, and the band of each."""
    factor = scale("kt CO2", language)[0]
    parts = ("metered", "rest") if _metered(record) else ("rest",)
    labels = {part: capital(translate(f"charts.monitor.part.{part}", language)) for part in parts}
    data: list[dict[str, Any]] = []
    for name, head in heads.items():
        found = record["sectors"][name]
        total, low, high = (show(found[k], "kt CO2", language) for k in ("value", "low", "high"))
        row = {
            "sector": head,
            "low": found["low"] * factor,
            "high": found["high"] * factor,
            "told": f"{total} ({low} – {high})",
        }
        metered = found.get("metered", 0.0)
        amounts = {"metered": metered, "rest": max(found["value"] - metered, 0.0)}
        data += [
            {**row, "part": part, "name": label, "value": amounts[part] * factor} for part, label in labels.items()
        ]
    y = {"field": "sector", "type": "nominal", "sort": [*heads.values()], "axis": {"title": None, "labelLimit": 260}}
    legend = {"orient": "top", "direction": "horizontal"} if len(parts) > 1 else None
    fills = {"metered": tokens.ACCENT_DARK, "rest": tokens.RAMP[2]}
    bars: Spec = {
        "mark": {"type": "bar", "height": {"band": 0.6}},
        "encoding": {
            "y": y, "x": {"field": "value", "type": "quantitative", "stack": "zero",
                      "axis": {"title": None, "format": ",~f", "tickCount": 8}},
            "color": {"field": "name", "type": "nominal", "legend": legend,
                      "scale": {"domain": [*labels.values()], "range": [fills[part] for part in parts]}},
            "order": {"field": "part"}, "tooltip": {"field": "told", "type": "nominal"},
        },
    }  # fmt: skip
    band: Spec = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": tokens.INK},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
    }
    return layered([bars, band], height=_BAR * len(heads) + 40, data=values(data, "sectors"))


@dataclass(frozen=True, slots=True)
class DayRow:
    """Emissions of a day [kg CO2e]; None where nothing is known. ``estimated`` and ``missing`` are shares."""

    day: str
    scope_1: float | None
    purchased: float | None
    estimated: float
    missing: float


def days_chart(name: str, days: Sequence[DayRow], language: str, parameters: Mapping[str, str]) -> Chart:
    """Return emissions by day and scope; a day without facts stays empty."""
    unit = translate("charts.monitor.unit.t_co2e", language)
    labels = {s: capital(translate(f"charts.monitor.scope.{s}", language)) for s in SCOPES}
    data: list[dict[str, Any]] = []
    for row in days:
        told = {"day": row.day, "missing": 100 * row.missing, "estimated": 100 * row.estimated}
        data += [
            {**told, "scope": labels[s], "value": None if (v := getattr(row, s)) is None else v / 1000} for s in SCOPES
        ]
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "axis": {"title": None, "labelAngle": 0, "labelOverlap": True, "labelSeparation": 6}},
            "y": {"field": "value", "type": "quantitative", "stack": "zero",
                      "axis": {"title": None, "format": ",~f", "tickCount": 8}},
            "color": {"field": "scope", "type": "nominal", "legend": {"orient": "top"},
                      "scale": {"domain": list(labels.values()), "range": [_FILLS[s] for s in SCOPES]}},
            "tooltip": [
                {"field": "day", "title": translate("charts.monitor.column.day", language)},
                {"field": "scope", "title": translate("charts.monitor.column.scope", language)},
                {"field": "value", "type": "quantitative", "format": ",.1f", "title": unit},
                *(
                    {"field": k, "type": "quantitative", "format": ".1f", "title": translate(f"charts.monitor.column.{k}", language)}
                    for k in ("estimated", "missing")
                ),
            ],
        },
    }  # fmt: skip
    known = [r for r in days if r.scope_1 is not None or r.purchased is not None]
    sums = {r.day: ((r.scope_1 or 0) + (r.purchased or 0)) / 1000 for r in known}
    most = max(sums, key=lambda d: sums[d]) if sums else ""
    total = sum(sums.values())
    text = {
        "total": digits(total), "unit": unit, "day": most, "most": digits(sums.get(most, 0.0)), "gaps": len(days) - len(known),
        "first": days[0].day if days else "", "last": days[-1].day if days else "",
    }  # fmt: skip
    columns = (
        Column("day", translate("charts.monitor.column.day", language)),
        *(Column(s, labels[s], "kg CO2e") for s in SCOPES),
        Column("estimated", translate("charts.monitor.column.estimated", language), "%"),
        Column("missing", translate("charts.monitor.column.missing", language), "%"),
    )
    rows = tuple(
        (Cell(r.day), Cell(r.scope_1), Cell(r.purchased), Cell(100 * r.estimated), Cell(100 * r.missing)) for r in days
    )
    status = "estimated" if any(r.estimated for r in days) else "calculated"
    title, subtitle, summary = (
        translate(f"charts.monitor.days.{part}", language, **text) for part in ("title", "subtitle", "summary")
    )
    return Chart(
        name, language, title, subtitle, summary,
        layered([bars], height=280, data=values(data, "days")), columns,
        rows if known else (), (), status, parameters=dict(parameters),
    )  # fmt: skip


def places_chart(
    records: Sequence[PrefectureRecord], days: tuple[str, str], language: str, given: Mapping[str, str]
) -> Chart:
    """Return emissions of prefectures on the tile grid, which is not a map and says so.

    Parameters
    ----------
    records : sequence of PrefectureRecord
        One a prefecture [t CO2e]; None where nothing is known.
    days : (str, str)
        First and last day.
    language : str
    given : mapping
        Parameters of the address.
    """
    ranked = sorted((r for r in records if r.value is not None), key=lambda r: -(r.value or 0.0))
    text: dict[str, Any] = {
        "first": days[0],
        "last": days[1],
        "count": len(ranked),
        "all": len(records),
        "top": "–",
        "most": "–",
    }
    if ranked:
        amount, unit = digits(ranked[0].value or 0.0), translate("charts.monitor.unit.t_co2e", language)
        text |= {"top": ranked[0].name(language), "most": f"{amount}\u00a0{unit}"}
    columns = (
        Column("region", translate("charts.column.region", language)),
        Column("value", translate("charts.column.value", language), "t CO2e"),
    )
    ordered = [*ranked, *(r for r in records if r.value is None)]
    rows = tuple((Cell(r.name(language)), Cell(r.value)) for r in ordered)
    title, subtitle, summary = (
        translate(f"charts.monitor.tiles.{part}", language, **text) for part in ("title", "subtitle", "summary")
    )
    return Chart(
        "monitor-tiles", language, title, subtitle, summary, tiles_spec(records, language), columns, rows if ranked else (), (),
        "calculated", note=translate("charts.tiles.note", language), parameters=dict(given),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """An amount at a moment [s since 1970 UTC]; None is a gap."""

    at: int
    value: float | None
    estimated: bool = False


def line_chart(
    name: str,
    points: Sequence[Point],
    what: str,
    unit: str,
    language: str,
    parameters: Mapping[str, str],
    key: str = "load",
) -> Chart:
    """Return amounts over time; gaps stay open, and what was filled or estimated is marked by its own points.

    Parameters
    ----------
    name : str
    points : sequence of Point
        In order of time, without leaving any out.
    what, unit : str
        What is shown, in the language of the page, and its unit as shown.
    language : str
    parameters : mapping
        Of the address of the chart.
    key : str
        ``load`` or ``evidence``: which texts go with it.
    """
    moments = civil(p.at for p in points)
    data = [{"at": at, "value": p.value, "estimated": p.estimated} for at, p in zip(moments, points, strict=True)]
    seen = [p for p in points if p.value is not None]
    top = max(seen, key=lambda p: p.value or 0.0, default=None)
    low = min(seen, key=lambda p: p.value or 0.0, default=None)
    text: dict[str, Any] = {
        "what": what, "unit": unit, "gaps": len(points) - len(seen), "estimated": sum(p.estimated for p in points), "count": len(points),
        "top": _told(top), "low": _told(low), "top_at": _minute(civil([top.at])[0]) if top else "",
        "low_at": _minute(civil([low.at])[0]) if low else "",
    }  # fmt: skip
    columns = (
        Column("at", translate("charts.monitor.column.at", language)),
        Column("value", what, unit),
        Column("estimated", translate("charts.monitor.column.is_estimated", language)),
    )
    yes = translate("charts.monitor.yes", language)
    rows = tuple(
        (Cell(_minute(at)), Cell(p.value), Cell(yes if p.estimated else ""))
        for at, p in zip(moments, points, strict=True)
    )
    part = "gaps" if text["gaps"] else "whole"
    return Chart(
        name, language, capital(translate(f"charts.monitor.{key}.title.{part}", language, **text)),
        capital(f"{what}, {unit}") if language == "en" else f"{what}（{unit}）",
        translate(f"charts.monitor.{key}.summary", language, **text), layered(
            _line_layers(unit, language, from_zero=key == "load", estimated=bool(text["estimated"])),
            height=260, data=values(data, "points"),
        ), columns,
        rows if seen else (), (), "estimated" if text["estimated"] else "measured", parameters=dict(parameters),
    )  # fmt: skip


def _line_layers(unit: str, language: str, *, from_zero: bool, estimated: bool) -> list[Spec]:
    """Return the line over time, the points that answer the pointer, and a mark on those that were estimated."""
    x = {
        "field": "at", "type": "temporal",
        "axis": {"title": None, "format": "%m-%d %H:%M", "labelOverlap": True, "labelSeparation": 8, "grid": False},
    }  # fmt: skip
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": from_zero},
        "axis": {"title": None, "format": ",~f"},
    }
    tip = [
        {"field": "at", "type": "temporal", "format": "%Y-%m-%d %H:%M", "title": translate("charts.monitor.column.at", language)},
        {"field": "value", "type": "quantitative", "format": ",.2f", "title": unit},
    ]  # fmt: skip
    line = {"type": "line", "interpolate": "step", "strokeWidth": 1.6, "color": tokens.ACCENT_DARK}
    layers: list[Spec] = [
        {"mark": {**line, "invalid": "break-paths-show-domains"}, "encoding": {"x": x, "y": y}},
        {
            "mark": {"type": "point", "opacity": 0, "size": 60, "aria": False},
            "encoding": {"x": x, "y": y, "tooltip": tip},
        },
    ]
    if estimated:
        # an empty layer would be warned of
        diamond = {"type": "point", "filled": True, "size": 22, "color": _ESTIMATED, "shape": "diamond"}
        layers.append({"transform": [{"filter": "datum.estimated"}], "mark": diamond, "encoding": {"x": x, "y": y}})
    return layers


def _minute(moment: str) -> str:
    return moment.replace("T", " ")[:16]


def amount_text(value: float) -> str:
    """Return a reading for a sentence: without decimals where they carry no meaning, with a true minus sign."""
    return (
        f"{value:,.0f}".replace("-", MINUS) if abs(value) >= 100 or not value else f"{value:,.2f}".replace("-", MINUS)
    )


def _told(point: Point | None) -> str:
    if point is None or point.value is None:
        return "–"
    return amount_text(point.value)
