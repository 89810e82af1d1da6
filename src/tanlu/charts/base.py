"""What a chart is: a Vega-Lite specification together with everything that a reader needs besides the picture."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.format import spaced
from tanlu.charts.results import Results
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION

Spec = dict[str, Any]
_TITLE, _SUBTITLE, _SUBTITLE_PADDING, _TITLE_OFFSET = 17, 12, 4, 12
"""Sizes of the type of a title and of what stands below it, and their distances [px]; a line is 2 px higher than its type."""
LEGEND_ROW: Final = 16
"""Height of a row of a legend [px]."""
SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
"""Name of the language version; nothing is fetched from it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a chart's table: stable key for scripts, label for readers, unit of its numbers as stored."""

    key: str
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a chart's table; ``id`` names the lineage node of a figure, ``unit`` overrides that of the column."""

    value: float | str | None
    id: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture and its twins.

    Parameters
    ----------
    name : str
        Stable name, used in addresses.
    language : {"zh", "en"}
    title : str
        What the chart shows, as a finding.
    subtitle : str
        Quantity and unit.
    summary : str
        One sentence that says in words what the picture says.
    spec : dict
        Vega-Lite specification without title; its data are inline.
    columns, rows
        The table twin: every fact of the picture, including those shown on hovering.
    ids : tuple of str
        Lineage nodes that the chart rests on.
    status : str
        Data status: calculated, estimated, modelled or mixed (message ``charts.badge.<status>``).
    note : str
        What must be printed under the chart, for example that a tile map is not a map.
    """

    name: str
    language: str
    title: str
    subtitle: str
    summary: str
    spec: Spec
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ids: tuple[str, ...]
    status: str
    sources: tuple[Node, ...] = ()
    note: str = ""
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def badge(self) -> str:
        """Label of the data status."""
        return translate(f"charts.badge.{self.status}", self.language)

    @property
    def sources_line(self) -> str:
        """Sources in one line: the first three, and how many more."""
        names = PUNCTUATION[self.language].semicolon.join(n.label(self.language) for n in self.sources[:3])
        more = len(self.sources) - 3
        return names + (translate("charts.more_sources", self.language, count=more) if more > 0 else "")

    @property
    def with_title(self) -> Spec:
        """The specification with title, subtitle, note and sources inside, for a picture that leaves the page; it is higher by them."""
        large = wrapped(self.title, 92)
        small = [line for text in (self.subtitle, self.note, self.caption) if text for line in wrapped(text, 140)]
        height = self.spec.get("height")
        above = (_TITLE + 2) * len(large) + (_SUBTITLE + 2) * len(small) + _SUBTITLE_PADDING + _TITLE_OFFSET
        higher = {"height": height + above} if isinstance(height, int) else {}
        return {**self.spec, **higher, "title": {"text": large, "subtitle": small}}

    @property
    def caption(self) -> str:
        """Sources and data status; in Chinese with a space between characters and figures or Latin words, as in the text around it."""
        told = translate("charts.caption", self.language, sources=self.sources_line, badge=self.badge)
        return spaced(told) if self.language == "zh" else told

    @property
    def citation(self) -> str:
        """How the chart is cited: what it says, quantity and status, and its sources; the address is added where it stands."""
        return translate(
            "charts.citation", self.language, title=self.title, subtitle=self.subtitle, badge=self.badge,
            sources=self.sources_line or translate("charts.no_source", self.language),
        )  # fmt: skip

    @property
    def card(self) -> Spec:
        """The one specification of the chart: Vega-Lite with all that stands beside the picture in ``usermeta.card``."""
        told = {
            "name": self.name, "language": self.language, "title": self.title, "subtitle": self.subtitle, "summary": self.summary,
            "note": self.note, "status": self.status, "badge": self.badge, "citation": self.citation, "parameters": self.parameters,
            "columns": [{"key": c.key, "label": c.label, "unit": c.unit} for c in self.columns],
            "rows": [[_cell(cell) for cell in row] for row in self.rows],
            "ids": list(self.ids),
            "sources": [{"id": n.id, "zh": n.zh, "en": n.en, "grade": n.grade, "url": n.url} for n in self.sources],
        }  # fmt: skip
        return {**self.spec, "usermeta": {**self.spec.get("usermeta", {}), "card": told}}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        """Return the chart for a notebook; see `tanlu.charts.card.Card`."""
        from tanlu.charts.card import Card

        return Card(self)._repr_mimebundle_(include, exclude)

    def as_csv(self) -> str:
        """Return the table twin as CSV: stored values and units, and the lineage id of each row's first figure."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([f"{c.key} [{c.unit}]" if c.unit else c.key for c in self.columns] + ["id"])
        for row in self.rows:
            first = next((cell.id for cell in row if cell.id), "")
            writer.writerow([_written(cell.value) for cell in row] + [first])
        return buffer.getvalue()


def _written(value: float | str | None) -> float | str:
    """Return a value for a table that leaves the program: ten digits, without the noise of sums of binary fractions."""
    if value is None:
        return ""
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _cell(cell: Cell) -> object:
    known = {"id": cell.id, "unit": cell.unit}
    return {"value": cell.value, **{k: v for k, v in known.items() if v}} if cell.id or cell.unit else cell.value


def wrapped(text: str, limit: int) -> list[str]:
    """Return text in lines of at most ``limit`` half-width characters; Chinese may break after any character."""
    lines, width = [""], 0
    for piece in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+", text):
        size = sum(2 if ord(c) >= 0x2E80 else 1 for c in piece)
        if width + size > limit and piece not in "，。；、）”":
            # an opening bracket goes with what it opens
            kept, opened = (
                (lines[-1][:-1], lines[-1][-1:]) if lines[-1].endswith(("（", "“", "〔", "《")) else (lines[-1], "")
            )
            lines, width = [*lines[:-1], kept, opened], 2 * len(opened)
        lines[-1] += piece
        width += size
    return [line.rstrip() for line in lines]


def with_sources(results: Results, ids: Iterable[str]) -> tuple[Node, ...]:
    """Return the sources of a chart's lineage nodes."""
    return results.sources_of(ids)


def theme() -> Spec:
    """Return the Vega configuration of the design tokens."""
    label = {
        "labelColor": tokens.INK,
        "labelFontSize": 12,
        "titleColor": tokens.MUTED,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    return {
        "font": tokens.FONT.replace('"', ""),
        "background": tokens.CARD,
        "view": {"stroke": None},
        "axis": {**label, "gridColor": tokens.LINE, "domainColor": tokens.MUTED, "tickColor": tokens.LINE, "labelPadding": 4},
        "axisY": {"domain": False, "ticks": False},
        "legend": {**label, "symbolType": "square", "symbolSize": 110, "title": None, "columnPadding": 14},
        "title": {
            "anchor": "start", "color": tokens.INK, "fontSize": _TITLE, "fontWeight": 600, "subtitleColor": tokens.MUTED,
            "subtitleFontSize": _SUBTITLE, "subtitlePadding": _SUBTITLE_PADDING, "offset": _TITLE_OFFSET,
        },
        "text": {"color": tokens.INK, "fontSize": 12},
    }  # fmt: skip


_LINE: Final = 27
"""Half-width characters of a line of a name beside bars on a telephone."""
ROOM: Final = "(containerSize()[0] || max(width, 680))"
"""Width of the chart's container [px] in an expression. The width of the view shrinks while axes and legends are laid out: a layout
that changes with it would change after their room was measured. A picture has no container; it is a wide one."""


def layered(layers: Sequence[Spec], *, height: int = 360, listed: int = 0, **extra: Any) -> Spec:
    """Return a layered specification that fills the width of its container.

    Parameters
    ----------
    layers : sequence
    height : int
        Height with axes and legend [px].
    listed : int
        Entries of a legend of one column: a report that makes the picture lower keeps their height.
    **extra
        Further parts of the specification.
    """
    if listed:
        extra["usermeta"] = {**extra.get("usermeta", {}), "legend": LEGEND_ROW * listed}
    return {
        "$schema": SCHEMA, "width": "container", "height": height, "autosize": {"type": "fit", "contains": "padding"},
        "config": theme(), "layer": list(layers), **extra,
    }  # fmt: skip


def values(rows: Iterable[dict[str, Any]], name: str) -> Spec:
    """Return inline data under a name, so that a page can replace them without a new specification."""
    return {"name": name, "values": list(rows)}


def year_axis(first: int, last: int, **extra: Any) -> Spec:
    """Return the horizontal axis of years without thousands separators."""
    axis = {
        "format": "d",
        "title": None,
        "grid": False,
        "tickCount": {"expr": "width < 640 ? 6 : 11"},
        "labelSeparation": 6,
    }
    return {
        "field": "year",
        "type": "quantitative",
        "scale": {"domain": [first, last], "nice": False},
        "axis": axis,
        **extra,
    }


def amount_axis() -> Spec:
    """Return a vertical axis of amounts; the unit stands in the subtitle."""
    return {"type": "quantitative", "axis": {"title": None, "format": ",~f", "labelSeparation": 6}}


def names_axis(names: Iterable[str], limit: int) -> Spec:
    """Return the axis of names beside bars: at most ``limit`` px wide; on a telephone a long name stands in two lines.

    Bars need a height of 30 px each for that.
    """
    broken = {name: [first, name[len(first) :].strip()] for name in names if (first := wrapped(name, _LINE)[0]) != name}
    lines = json.dumps(broken, ensure_ascii=False)
    narrow = f"{ROOM} < 480"
    return {
        "title": None, "domain": False, "ticks": False, "labelLimit": {"expr": f"{narrow} ? 170 : {limit}"},
        "labelExpr": f"{narrow} && {lines}[datum.label] || datum.label",
        # the first of two lines stands above the middle of the bar
        "labelBaseline": {"condition": {"test": f"{narrow} && {lines}[datum.value]", "value": "bottom"}, "value": "middle"},
    }  # fmt: skip


def dashed(domain: Sequence[str], legend: Spec, field: str) -> Spec:
    """Return colour and dash channels that go together, so that no line is known by its colour alone."""
    count = len(domain)
    colours, dashes = list(tokens.LINES[:count]), [list(d) for d in tokens.DASHES[:count]]
    return {
        "color": {
            "field": field,
            "type": "nominal",
            "scale": {"domain": list(domain), "range": colours},
            "legend": legend,
        },
        "strokeDash": {
            "field": field,
            "type": "nominal",
            "scale": {"domain": list(domain), "range": dashes},
            "legend": legend,
        },
    }


def hover(rows: Iterable[dict[str, Any]], fields: Mapping[str, str], language: str) -> Spec:
    """Return an invisible upright rule a year that answers the pointer with the figures of that year.

    Parameters
    ----------
    rows : iterable of dict
        One a year, with ``year`` and the fields.
    fields : mapping
        Field to label, in the order in which they are shown.
    """
    width = {"expr": "max(4, width / 50)"}
    tooltip: list[Spec] = [
        {"field": "year", "type": "quantitative", "format": "d", "title": translate("charts.column.year", language)}
    ]
    tooltip += [
        {"field": key, "type": "quantitative", "format": ",.1f", "title": label} for key, label in fields.items()
    ]
    return {
        "data": values(rows, "hover"),
        "mark": {"type": "rule", "opacity": 0, "strokeWidth": width, "aria": False},
        "encoding": {"x": {"field": "year", "type": "quantitative"}, "tooltip": tooltip},
    }


def halo(text: Spec, encoding: Spec, **rest: Any) -> list[Spec]:
    """Return a text layer with a pale outline behind it, so that it can be read on lines and fills."""
    outline = {**text, "type": "text", "stroke": tokens.CARD, "strokeWidth": 4, "strokeJoin": "round", "aria": False}
    return [
        {**rest, "mark": outline, "encoding": encoding},
        {**rest, "mark": {**text, "type": "text"}, "encoding": encoding},
    ]
