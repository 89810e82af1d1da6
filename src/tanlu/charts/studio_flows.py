"""Final energy of a year from carriers to groups of sectors, as a Sankey diagram whose layout is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Column, Spec, halo
from tanlu.charts.studio import (
    CARRIER_ORDER,
    Picture,
    Rows,
    View,
    drawn,
    emitter_groups,
    inside,
    member_name,
    member_name_of_group,
)
from tanlu.core.units import unit_label
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS
from tanlu.pathways.parameters import Floats

UNIT: Final = "PJ/yr"
_STEPS: Final = 12
"""Pieces of a ribbon."""
_GAP: Final = 0.025
_WIDE: Final = 0.03
"""Width of a box, as a share of the picture."""
_SMALL: Final = 0.012
"""Height of a box below which it has no label."""
_FILLS: Final = dict(zip(CARRIER_ORDER, tokens.SECTOR_FILLS.values(), strict=True))


def flows_picture(view: View, year: int) -> Picture:
    """Return the flows of a year; carriers on the left, groups of sectors on the right, the largest on top.

    Parameters
    ----------
    view : View
    year : int
        Of the run; a year outside it is its nearest end.
    """
    year = min(max(year, view.base_year), view.years[-1])
    final = view.run.final[0, view.at(year)]
    groups = {g: [DEMAND.index(EMITTERS[i]) for i in m if EMITTERS[i] in DEMAND] for g, m in emitter_groups().items()}
    groups = {g: places for g, places in groups.items() if places}
    table = np.array([[final[places, c].sum() for places in groups.values()] for c in range(len(CARRIERS))])
    left = [member_name(c, view.language) for c in CARRIERS]
    right = [member_name_of_group(g, view.language) for g in groups]
    data = {**_layout(table, left, right)}
    most = int(np.argmax(table.sum(axis=1)))
    words = {
        "year": year, "total": f"{table.sum():,.0f}", "unit": unit_label(UNIT, view.language), "carrier": inside(left[most]),
        "share": f"{100 * table[most].sum() / table.sum():.0f}", "group": inside(right[int(np.argmax(table.sum(axis=0)))]),
    }  # fmt: skip

    def columns_and_rows() -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
        columns = (
            Column("carrier", view.say("charts.studio.flows.carrier")),
            *(Column(g, n, UNIT) for g, n in zip(groups, right, strict=True)),
        )
        return columns, tuple(
            (Cell(name), *(Cell(round(float(v), 4)) for v in row)) for name, row in zip(left, table, strict=True)
        )

    return Picture(
        "flows", view, view.say("charts.studio.flows.title", **words), view.say("charts.studio.flows.subtitle", **words),
        view.say("charts.studio.flows.summary", **words), data, {}, columns_and_rows, _spec, "modelled", parameters={"year": str(year)},
    )  # fmt: skip


def _layout(table: Floats, left: Sequence[str], right: Sequence[str]) -> dict[str, Rows]:
    """Return boxes and ribbons in a unit square, [carrier, group] energies in any unit."""
    scale = (1.0 - _GAP * (max(table.shape) - 1)) / (table.sum() or 1.0)
    tops = (_tops(table.sum(axis=1) * scale), _tops(table.sum(axis=0) * scale))
    boxes: Rows = []
    for side, (names, sums) in enumerate(((left, table.sum(axis=1)), (right, table.sum(axis=0)))):
        for i, name in enumerate(names):
            top, size = float(tops[side][i]), float(sums[i] * scale)
            x = 0.0 if side == 0 else 1.0 - _WIDE
            text = f"{name} {sums[i]:,.0f}" if size >= _SMALL else ""
            boxes.append(
                {
                    "x": x, "x2": x + _WIDE, "y": round(top, 4), "y2": round(top + size, 4), "mid": round(top + size / 2, 4),
                    "name": name, "value": round(float(sums[i]), 1), "right": side == 1, "text": text,
                }
            )  # fmt: skip
    return {"flows": _ribbons(table * scale, table, tops, left, right), "boxes": boxes}


def _tops(sizes: Floats) -> Floats:
    """Return where each box of a column begins, the largest first, the column in the middle of the height."""
    order, out = np.argsort(-sizes, kind="stable"), np.zeros(len(sizes))
    y = (1.0 - sizes.sum() - _GAP * (len(sizes) - 1)) / 2
    for i in order:
        out[i] = y
        y += sizes[i] + _GAP
    return out


def _ribbons(
    thick: Floats, table: Floats, tops: tuple[Floats, Floats], left: Sequence[str], right: Sequence[str]
) -> Rows:
    """Return the points along each flow; flows leave a box in the order of the boxes that they reach."""
    used, taken = np.zeros(len(left)), np.zeros(len(right))
    s = np.arange(_STEPS + 1) / _STEPS
    bend, rows = s * s * (3 - 2 * s), Rows()
    x = np.round(_WIDE + (1 - 2 * _WIDE) * s, 4).tolist()
    for i in np.argsort(tops[0], kind="stable"):
        for j in np.argsort(tops[1], kind="stable"):
            y1, y2 = tops[0][i] + used[i], tops[1][j] + taken[j]
            used[i] += thick[i, j]
            taken[j] += thick[i, j]
            y = y1 + (y2 - y1) * bend
            name, value = f"{left[i]} → {right[j]}", round(float(table[i, j]), 1)
            fill = _FILLS.get(CARRIERS[i], tokens.MUTED)
            ends = zip(x, np.round(y, 4).tolist(), np.round(y + thick[i, j], 4).tolist(), strict=True)
            common: dict[str, Any] = {"n": int(i) * len(right) + int(j), "name": name, "fill": fill, "value": value}
            rows += [{"x": a, "y": b, "y2": c, **common} for a, b, c in ends]
    # a flow keeps its rows whatever its size, so that new data move what is drawn
    return sorted(rows, key=lambda row: row["n"])


def _spec(rows: Mapping[str, Rows], ends: Mapping[str, float]) -> Spec:
    plain: Spec = {"type": "quantitative", "axis": None}
    x: Spec = {**plain, "field": "x", "scale": {"domain": [0, 1], "nice": False}}
    y: Spec = {**plain, "field": "y", "scale": {"domain": [1.01, -0.01], "nice": False, "zero": False}}
    tip = [{"field": "name", "title": " "}, {"field": "value", "format": ",.1f", "title": "PJ"}]
    flows: Spec = {
        "data": {"name": "flows"}, "mark": {"type": "area", "opacity": 0.45},
        "encoding": {
            "x": x, "y": {**y, "stack": None}, "y2": {"field": "y2"}, "detail": {"field": "n", "type": "nominal"},
            "color": {"field": "fill", "type": "nominal", "scale": None}, "tooltip": tip,
        },
    }  # fmt: skip
    bars: Spec = {
        "data": {"name": "boxes"}, "mark": {"type": "rect", "color": tokens.BOX},
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "tooltip": tip},
    }  # fmt: skip
    layers = [flows, bars]
    for right in (False, True):
        place = {"x": {**x, "field": "x" if right else "x2"}, "y": {**y, "field": "mid"}, "text": {"field": "text"}}
        text = {
            "align": "right" if right else "left", "dx": -4 if right else 4, "limit": {"expr": "width / 2.2"},
            "fontSize": {"expr": "width < 420 ? 10 : 12"},
        }  # fmt: skip
        layers += halo(text, place, data={"name": "boxes"}, transform=[{"filter": {"field": "right", "equal": right}}])
    return drawn(layers, rows, ends, 360)
