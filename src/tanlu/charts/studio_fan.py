"""The fan of a lever setting: quantiles of the total, the central run, and the chance of a peak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Column, Spec, amount_axis, halo, year_axis
from tanlu.charts.format import percent, scale, show
from tanlu.charts.studio import (
    CO2,
    FORMER,
    FORMER_COLOUR,
    Picture,
    Rows,
    Tip,
    View,
    ceiling,
    drawn,
    ends_scale,
    line_layers,
    whole,
)  # fmt: skip
from tanlu.pathways.peak import PeakChance
from tanlu.pathways.scenarios import PEAK_DEADLINE, QUANTILES, Fan

KEYS: Final = tuple(f"p{round(100 * q):02d}" for q in QUANTILES)


def fan_picture(view: View, fan: Fan | None, chance: PeakChance | None) -> Picture:
    """Return the fan chart; without a fan yet, the central line alone.

    Parameters
    ----------
    view : View
    fan : Fan, optional
        Of the total.
    chance : PeakChance, optional
    """
    factor, unit = scale(CO2, view.language)
    central = np.round(view.total * factor, 3).tolist()
    # without draws one point stands for the bands: no area and no line, but axes have a value to rest on
    bands: Rows = [{"year": view.years[0], **dict.fromkeys(KEYS, central[0])}]
    if fan is not None:
        rounded = np.round(fan.values * factor, 3).tolist()
        bands = [
            {"year": y, **dict(zip(KEYS, row, strict=True))} for y, row in zip(fan.years.tolist(), rounded, strict=True)
        ]
    highest = max(
        float(view.total.max()), float(fan.values.max()) if fan is not None else 1.25 * float(view.total.max())
    )
    data: dict[str, Rows] = {
        "bands": bands, "central": [{"year": y, "value": v} for y, v in zip(view.years, central, strict=True)],
    }  # fmt: skip
    data |= {FORMER + "bands": bands[:1], FORMER + "central": data["central"][:1]}
    signals = {"top": ceiling(highest, 50.0) * factor, "bottom": 0.0}
    title, summary = _words(view, fan, chance)
    subtitle = view.say("charts.studio.fan.subtitle", unit=unit)

    def draw(rows: Mapping[str, Rows], ends: Mapping[str, float]) -> Spec:
        return _spec(view, rows, ends)

    def table() -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
        columns = (
            Column("year", view.say("charts.column.year")), Column("central", view.say("charts.studio.fan.central"), CO2),
            *(Column(k, view.say(f"charts.column.{k}"), CO2) for k in KEYS),
        )  # fmt: skip
        known = {} if fan is None else {int(y): v for y, v in zip(fan.years, fan.values, strict=True)}
        return columns, tuple(
            (
                Cell(str(y)),
                Cell(round(float(v), 4)),
                *(Cell(None if y not in known else round(float(known[y][i]), 4)) for i in range(5)),
            )
            for y, v in zip(view.years, view.total, strict=True)
        )

    return Picture("fan", view, title, subtitle, summary, data, signals, table, draw)


def _words(view: View, fan: Fan | None, chance: PeakChance | None) -> tuple[str, str]:
    if fan is None or chance is None:
        return view.say("charts.studio.fan.waiting"), view.say("charts.studio.fan.waiting")
    low, middle, high = (str(show(float(fan.values[-1][i]), CO2, view.language)) for i in (0, 2, 4))
    words = {
        "chance": percent(chance.probability, chance.stderr), "deadline": PEAK_DEADLINE, "last": view.years[-1], "low": low,
        "middle": middle, "high": high, "year": chance.year_middle, "year_low": chance.year_low, "year_high": chance.year_high,
    }  # fmt: skip
    return view.say("charts.studio.fan.title", **words), view.say("charts.studio.fan.summary", **words)


def _spec(view: View, rows: Mapping[str, Rows], ends: Mapping[str, float]) -> Spec:
    x = year_axis(view.years[0], view.years[-1])
    y = {**amount_axis(), "scale": ends_scale()}
    layers: list[Spec] = [
        {
            "data": whole("bands"),
            "mark": {"type": "area", "color": tokens.ACCENT, "opacity": opacity},
            "encoding": {"x": x, "y": {"field": low, **y}, "y2": {"field": high}, "order": {"value": None}},
        }
        for low, high, opacity in ((KEYS[0], KEYS[4], tokens.BAND_OUTER), (KEYS[1], KEYS[3], tokens.BAND_INNER))
    ]
    for key in (KEYS[0], KEYS[4]):
        layers += line_layers(FORMER + "bands", FORMER_COLOUR, 1.2, key=key, dash=(3, 3))
    labels = {k: view.say(f"charts.column.{k}") for k in reversed(KEYS)}
    layers += [
        *line_layers(FORMER + "central", FORMER_COLOUR, 2, dash=(6, 4)),
        *line_layers("bands", tokens.ACCENT_DARK, 2.5, key=KEYS[2]),
        *line_layers("central", tokens.INK, 1.6, dash=(2, 2)),
        *_deadline(view),
    ]
    return drawn(layers, rows, ends, 320, Tip("bands", labels, view.years, view.language))


def _deadline(view: View) -> list[Spec]:
    rows = [
        {"year": PEAK_DEADLINE, "label": str(PEAK_DEADLINE)},
        {"year": view.base_year, "label": view.say("charts.base_year", year=view.base_year)},
    ]
    x = {"field": "year", "type": "quantitative"}
    layers: list[Spec] = []
    for row, align in zip(rows, ("left", "right"), strict=True):
        data = {"values": [row]}
        text = {
            "align": align,
            "dx": 6 if align == "left" else -6,
            "baseline": "top",
            "fontSize": 12,
            "color": tokens.MUTED,
        }
        layers.append(
            {"data": data, "mark": {"type": "rule", "strokeDash": [4, 4], "color": tokens.MUTED}, "encoding": {"x": x}}
        )
        layers += halo(text, {"x": x, "y": {"value": 2}, "text": {"field": "label"}}, data=data)
    return layers
