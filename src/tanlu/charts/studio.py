"""Charts of a lever setting as it is run: what a page draws once and then only gives new data.

In: the central run of a setting and the history behind it. Out: a `Picture` for each question: words, rows by data set, and how they are
drawn. Data sets whose name begins with ``former-`` hold the setting before, which the page fills from what it had.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, amount_axis, halo, layered, wrapped, year_axis
from tanlu.charts.format import capital, scale, show, subscript
from tanlu.charts.sectors import GROUPS
from tanlu.core.lineage import Node
from tanlu.core.messages import catalogue, translate
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import EMITTERS
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenario_files import Setting
from tanlu.pathways.scenarios import CHART_SECTORS
from tanlu.pathways.tables import Result

CO2: Final = "Mt CO2/yr"
_SHORT: Final = 24
"""Letters of a name of which two fit beside each other in a legend of half a page, a Chinese one counted twice."""
_LINE: Final = 44
"""Letters of a line of a longer name in a legend of half a page, where it is broken."""
FORMER: Final = "former-"
FORMER_COLOUR: Final = tokens.FORMER
FILLS: Final = tuple(tokens.SECTOR_FILLS.values())
CARRIER_ORDER: Final = ("oil", "hydrogen", "coke", "heat", "coal", "electricity", "biomass", "gas")
"""From the bottom; neighbours then stand in the order of the sector fills, which stay apart under colour-vision deficiency."""
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class View:
    """A setting, its central run, and the inventory before it."""

    data: PathwayData
    baseline: Baseline
    setting: Setting
    run: Result
    language: str
    link: str
    sources: tuple[Node, ...] = ()

    @cached_property
    def years(self) -> list[int]:
        """Years of the inventory and of the run, the base year once."""
        return [*self.baseline.years[:-1], *self.run.years.tolist()]

    @cached_property
    def emitters(self) -> Floats:
        """CO2 of each emitter after capture, [years, emitter] Mt."""
        past = (self.baseline.energy + self.baseline.process)[:-1]
        out: Floats = np.concatenate([past, self.run.emissions[0]])
        return out

    @cached_property
    def total(self) -> Floats:
        """Scope 1 CO2 without land, [years] Mt."""
        out: Floats = self.emitters.sum(axis=1)
        return out

    @property
    def base_year(self) -> int:
        """Last year of the inventory."""
        return int(self.run.years[0])

    @cached_property
    def scenario(self) -> str:
        """World, growth case, and how many levers differ from the world."""
        changed = len({*self.setting.levers, *self.setting.schedules})
        world, growth = self.data.worlds[self.setting.base], self.setting.growth
        words = {
            "world": getattr(world, self.language),
            "growth": self.say(f"charts.growth.{growth}"),
            "count": changed,
        }
        return self.say("charts.studio.scenario" if changed else "charts.scenario", **words)

    def say(self, key: str, **words: object) -> str:
        """Return a message in the language of the view."""
        return translate(key, self.language, **words)

    def at(self, year: int) -> int:
        """Return the place of a year in the run."""
        return year - self.base_year

    def shown(self, value: float, unit: str) -> str:
        """Return a value as readers of the language expect it."""
        return str(show(value, unit, self.language))


@dataclass(frozen=True)
class Picture:
    """A chart whose data can be replaced.

    Attributes
    ----------
    data : mapping
        Rows by name of the data set.
    signals : mapping
        Values of named parameters of the specification, as the ends of an axis.
    table : callable
        Gives columns and rows of the table twin.
    draw : callable
        Gives the specification from the data.
    """

    name: str
    view: View
    title: str
    subtitle: str
    summary: str
    data: Mapping[str, Rows]
    signals: Mapping[str, float]
    table: Callable[[], tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]]
    draw: Callable[[Mapping[str, Rows], Mapping[str, float]], Spec]
    status: str = "mixed"
    note: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)

    def chart(self, *, leaving: bool = False) -> Chart:
        """Return the whole chart; one that leaves the page says of which scenario it is."""
        columns, rows = self.table()
        spec = self.draw(self.data, self.signals)
        given = {"s": self.view.link, **self.parameters}
        subtitle = (
            self.view.say("charts.studio.of", what=self.subtitle, scenario=self.view.scenario)
            if leaving
            else self.subtitle
        )
        return Chart(
            f"studio-{self.name}", self.view.language, self.title, subtitle, self.summary, spec, columns, rows, (), self.status,
            sources=self.view.sources, note=self.note, parameters=given,
        )  # fmt: skip

    def update(self) -> dict[str, Any]:
        """Return what a page needs to show the picture anew; data sets by column, without those that the page fills itself."""
        data = {
            name: {key: [row[key] for row in rows] for key in rows[0]}
            for name, rows in self.data.items()
            if rows and not name.startswith(FORMER)
        }
        return {
            "title": self.title, "subtitle": self.subtitle, "summary": self.summary, "data": data, "signals": self.signals,
        }  # fmt: skip


def inside(name: str) -> str:
    """Return the name of a carrier or group as it stands inside a sentence."""
    return name[:1].lower() + name[1:]


def member_name(member: str, language: str) -> str:
    """Return the name of a sector, emitter, carrier or generator."""
    for key in (f"pathways.member.{member}", f"charts.group.{member}"):
        entry = catalogue().get(key)
        if entry:
            return capital(subscript(entry[language]))
    return capital(member.replace("_", " "))


def emitter_groups() -> dict[str, tuple[int, ...]]:
    """Return the emitters of the engine, by place, in the groups of the charts; one that no group names stands with other industry."""
    places = {e: i for i, e in enumerate(EMITTERS)}
    out = {
        group: tuple(places[e] for sector in sectors for e in CHART_SECTORS.get(sector, ()) if e in places)
        for group, sectors in GROUPS.items()
    }
    rest = tuple(i for i in places.values() if not any(i in members for members in out.values()))
    out["other_industry"] = (*out["other_industry"], *rest)
    return {group: members for group, members in out.items() if members}


def ceiling(value: float, step: float) -> float:
    """Return the next multiple of a step above a value with some room, so that an axis stands still while a lever is moved."""
    return step * max(1.0, math.ceil(1.04 * value / step))


def _wide(years: Sequence[int], series: Mapping[str, Floats], lines: Mapping[str, Floats], factor: float) -> Rows:
    """Return one row a year: total, ``v00``, ``v01``, … for series and lines, and the edges ``low00``, ``high00``, … of the bands.

    What is below zero is stacked downwards from zero. A year that is not known has None.
    """
    own = np.array(list(series.values())) * factor
    columns = {"total": own.sum(axis=0)}
    columns |= {f"v{j:02d}": values for j, values in enumerate((*own, *(v * factor for v in lines.values())))}
    up, down = np.cumsum(np.maximum(own, 0.0), axis=0), np.cumsum(np.minimum(own, 0.0), axis=0)
    ends = np.where(own < 0.0, down, up)
    columns |= {f"low{j:02d}": values for j, values in enumerate(ends - own)}
    columns |= {f"high{j:02d}": values for j, values in enumerate(ends)}
    shown = [[None if v != v else v for v in np.round(values, 2).tolist()] for values in columns.values()]
    return [dict(zip(("year", *columns), row, strict=True)) for row in zip(years, *shown, strict=True)]


def stack_picture(
    view: View, name: str, years: Sequence[int], series: Mapping[str, Floats], unit: str, words: Mapping[str, str], *,
    fills: Sequence[str], step: float, height: int = 320, lines: Mapping[str, Floats] | None = None, mark: bool = False,
    parameters: Mapping[str, str] | None = None, status: str = "mixed",
) -> Picture:  # fmt: skip
    """Return a stacked area with its total, which stands faint behind when the setting changes.

    Parameters
    ----------
    view : View
    name : str
    years : sequence of int
    series : mapping
        Values [years] by name as it is shown, the lowest band first.
    unit : str
        Of the values.
    words : mapping
        ``title`` and ``summary``.
    fills : sequence of str
        Colours of the bands.
    step : float
        The axis ends at a multiple of it, in the unit of the values.
    lines : mapping, optional
        Further lines over the stack, by name.
    mark : bool
        Whether the highest total is marked.
    """
    factor, shown_unit = scale(unit, view.language)
    total = np.sum(list(series.values()), axis=0)
    lines = lines or {}
    lowest = min([0.0, *(float(np.nanmin(v)) for v in lines.values())])
    data = _stack_rows(view, years, series, lines, factor)
    if mark:
        top = int(np.argmax(total))
        data["peak"] = [{"year": years[top], "value": round(float(total[top]) * factor, 3), "label": str(years[top])}]
    signals = {
        "top": ceiling(float(total.max()), step) * factor, "bottom": -ceiling(-lowest, step) * factor if lowest < 0 else 0.0
    }  # fmt: skip
    names = [*series, *lines]

    def draw(rows: Mapping[str, Rows], ends: Mapping[str, float]) -> Spec:
        labels = {"total": view.say("charts.column.total")}
        labels |= {f"v{j:02d}": names[j] for j in reversed(range(len(names)))}
        layers = [
            *_bands(list(series), fills, years),
            *line_layers("wide", tokens.INK, 2.2, key="total"),
            *line_layers(FORMER + "wide", FORMER_COLOUR, 2, key="total", dash=(6, 4)),
        ]
        for j in range(len(series), len(names)):
            layers += line_layers("wide", tokens.ACCENT_DARK, 2, key=f"v{j:02d}", dash=(2, 3))
        if lines:
            layers += _names()
        if mark:
            layers += _peak()
        return drawn([*layers, *_divider(view, years)], rows, ends, height, Tip("wide", labels, years, view.language))

    def table() -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
        every = {view.say("charts.column.total"): total, **series, **lines}
        return _table(view, years, every, unit)

    subtitle = view.say("charts.studio.subtitle", unit=shown_unit, quantity=words["quantity"])
    return Picture(
        name, view, words["title"], subtitle, words["summary"], data, signals, table, draw, status,
        parameters=parameters or {},
    )  # fmt: skip


def _stack_rows(
    view: View, years: Sequence[int], series: Mapping[str, Floats], lines: Mapping[str, Floats], factor: float
) -> dict[str, Rows]:
    """Return the rows of a stack, of the former one (none yet) and of the names of the lines."""
    wide = _wide(years, series, lines, factor)
    # one point is no line: nothing is drawn
    data: dict[str, Rows] = {"wide": wide, FORMER + "wide": wide[:1]}
    if lines:
        # in the middle of the years ahead, where the line is steep and nothing else is written
        row = wide[len(years) - (years[-1] - view.base_year) * 2 // 3]
        data["names"] = [
            {"year": row["year"], "value": row[f"v{len(series) + j:02d}"], "label": name}
            for j, name in enumerate(lines)
        ]
    return data


def _table(
    view: View, years: Sequence[int], series: Mapping[str, Floats], unit: str
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    columns = (
        Column("year", view.say("charts.column.year")),
        *(Column(name, capital(name), unit) for name in series),
    )
    rows = tuple(
        (Cell(str(y)), *(Cell(None if math.isnan(own[i]) else round(float(own[i]), 4)) for own in series.values()))
        for i, y in enumerate(years)
    )
    return columns, rows


@dataclass(frozen=True, slots=True)
class Tip:
    """What the pointer is told of a year: the data set with its figures, and field to label in the order in which they are shown."""

    name: str
    fields: Mapping[str, str]
    years: Sequence[int]
    language: str

    def layer(self) -> Spec:
        """Return an upright strip a year that stays when figures change; the page reads them when the pointer comes."""
        mark = {"type": "rule", "opacity": 0, "strokeWidth": {"expr": "max(4, width / 50)"}, "aria": False}
        rows = [{"year": y} for y in self.years]
        encoding = {
            "x": {"field": "year", "type": "quantitative"},
            "tooltip": {"field": "year", "type": "quantitative"},
        }
        return {"data": {"values": rows}, "mark": mark, "encoding": encoding}

    def words(self) -> Spec:
        """Return what the page needs to make the text."""
        titles = {"year": translate("charts.column.year", self.language), **self.fields}
        return {"data": self.name, "key": "year", "fields": titles}


def drawn(
    layers: list[Spec], rows: Mapping[str, Rows], ends: Mapping[str, float], height: int, tip: Tip | None = None
) -> Spec:
    """Return a specification whose layers name their data sets, so that a page can replace each of them once for all layers."""
    params = [{"name": name, "value": value} for name, value in ends.items()]
    if tip is None:
        return layered(layers, height=height, params=params, datasets=dict(rows))
    told = {"tip": tip.words()}
    return layered([*layers, tip.layer()], height=height, params=params, datasets=dict(rows), usermeta=told)


def whole(name: str) -> Spec:
    """Return a named data set that is read as it is: nothing stands between it and the marks when its values change."""
    return {"name": name, "format": {"parse": None}}


def _bands(names: Sequence[str], fills: Sequence[str], years: Sequence[int]) -> list[Spec]:
    """Return a layer for each band between its edges, and a legend that no new data touches."""
    keys = [f"{j:02d}" for j in range(len(names))]
    x = {**year_axis(years[0], years[-1])}
    layers: list[Spec] = [
        {
            "data": whole("wide"),
            "mark": {"type": "area", "color": fills[j], "stroke": tokens.CARD, "strokeWidth": 1},
            "encoding": {
                "x": x, "y": {"field": f"low{key}", **amount_axis(), "scale": ends_scale()}, "y2": {"field": f"high{key}"},
                "order": {"value": None},
            },
        }
        for j, key in enumerate(keys)
    ]  # fmt: skip
    labels, broken = (
        json.dumps(dict(zip(keys, told, strict=True)), ensure_ascii=False)
        for told in (names, [wrapped(name, _LINE) for name in names])
    )
    legend = {
        "orient": "bottom",
        **_columns(names),
        "labelExpr": f"width < 540 ? {broken}[datum.label] : {labels}[datum.label]",
        "symbolOpacity": 1, "symbolStrokeWidth": 0,
    }  # fmt: skip
    colours = {"domain": keys, "range": list(fills)[: len(names)]}
    key: Spec = {
        "data": {"values": [{"name": k} for k in keys]}, "mark": {"type": "square", "opacity": 0, "aria": False},
        "encoding": {"color": {"field": "name", "type": "nominal", "scale": colours, "legend": legend}},
    }  # fmt: skip
    return [*layers, key]


def broken_height(names: Sequence[str]) -> int:
    """Return the pixels by which a legend on half a page grows where its names are broken."""
    return 13 * sum(len(wrapped(name, _LINE)) - 1 for name in names)


def _columns(names: Sequence[str]) -> Spec:
    """Return the columns of a legend below the picture: names of actions, which are long, stand in one where the card is half a page."""
    if max((sum(1 if c.isascii() else 2 for c in n) for n in names), default=0) <= _SHORT:
        return {
            "columns": {"expr": "width < 420 ? 2 : width < 700 ? 3 : 4"},
            "labelLimit": {"expr": "width < 420 ? width / 2 - 24 : width < 700 ? width / 3 - 40 : 170"},
        }
    return {
        "columns": {"expr": "width < 960 ? 1 : 2"},
        "labelLimit": {"expr": "width < 960 ? width - 16 : width / 2 - 40"},
    }


def ends_scale() -> Spec:
    """Return a vertical scale between the named parameters ``bottom`` and ``top``, which looks at no data."""
    return {"domain": [{"expr": "bottom"}, {"expr": "top"}], "nice": False, "zero": False}


def line_layers(
    name: str, colour: str, width: float, *, key: str = "value", dash: tuple[int, ...] = (1, 0)
) -> list[Spec]:
    """Return a line through a data set; it has a gap where a value is missing."""
    encoding: Spec = {
        "x": {"field": "year", "type": "quantitative"},
        "y": {"field": key, "type": "quantitative"},
        "order": {"value": None},
    }
    mark = {"type": "line", "color": colour, "strokeWidth": width, "strokeDash": list(dash), "clip": True}
    return [{"data": whole(name), "mark": mark, "encoding": encoding}]


def _names() -> list[Spec]:
    """Return the names of lines, beside them."""
    text = {"align": "right", "dy": 10, "dx": -6, "fontSize": 12, "fontWeight": 600, "color": tokens.ACCENT_DARK}
    place: Spec = {"x": {"field": "year", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}
    return halo({**text, "invalid": None}, {**place, "text": {"field": "label"}}, data=whole("names"))


def _peak() -> list[Spec]:
    place: Spec = {"x": {"field": "year", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}}
    mark = {"type": "point", "filled": True, "size": 80, "color": tokens.INK, "stroke": tokens.CARD, "opacity": 1}
    text = {"dy": -13, "fontSize": 13, "fontWeight": 600}
    point: Spec = {"data": whole("peak"), "mark": {**mark, "invalid": None}, "encoding": place}
    return [point, *halo({**text, "invalid": None}, {**place, "text": {"field": "label"}}, data=whole("peak"))]


def _divider(view: View, years: Sequence[int]) -> list[Spec]:
    """A line at the base year, where the inventory ends and the model begins; none where there is no history."""
    if years[0] >= view.base_year:
        return []
    row = {"year": view.base_year, "label": view.say("charts.base_year", year=view.base_year)}
    x = {"field": "year", "type": "quantitative"}
    rule = {"type": "rule", "strokeDash": [4, 4], "color": tokens.MUTED}
    text = {"align": "right", "dx": -6, "baseline": "top", "fontSize": 12, "color": tokens.MUTED}
    words = halo(text, {"x": x, "y": {"value": 2}, "text": {"field": "label"}}, data={"values": [row]})
    return [{"data": {"values": [row]}, "mark": rule, "encoding": {"x": x}}, *words]


def member_name_of_group(group: str, language: str) -> str:
    """Return the name of a chart group."""
    return capital(translate(f"charts.group.{group}", language))
