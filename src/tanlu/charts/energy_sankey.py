"""Energy of a year from what supplies it to what uses it, as a Sankey diagram whose layout is computed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Spec, halo, layered, values
from tanlu.charts.energy_base import Study, column, factor, said, unit_name, words
from tanlu.charts.render import WIDTH

Flow = tuple[str, str, float]
_LOSS: Final = "loss"
_STEPS: Final = 18
"""Points along a ribbon."""
_GAP: Final = 0.014
_ROW: Final = 0.034
"""Least distance between the middles of two boxes, which is the height of a label."""
_THIN: Final = 0.002
"""Share of the whole below half of which a flow is not drawn; below four times of which an end is added to others."""
_WIDE: Final = 0.16
"""Width of a box in columns."""
_FILL: Final = tokens.LIGHT.underline
_MOST_COLUMNS: Final = 8


@dataclass(slots=True)
class _Box:
    """A node of the diagram: its column, its place in it, and how much of its two sides is taken."""

    column: int
    size: float
    top: float = 0.0
    left: float = 0.0
    right: float = 0.0


def sankey_chart(study: Study, language: str, period: int) -> Chart:
    """Return the flows of a year from what supplies to what uses."""
    flows = [(r.start, r.end, r.energy_MWh) for r in study.results.flows if r.period == period and r.energy_MWh > 0]
    shown = _merged(flows)
    boxes = _layout(shown)
    unit = factor("MWh", language)
    spec = _spec(study, shown, boxes, unit, language)
    columns = (column("from", language), column("to", language), column("energy", language, "MWh"))
    rows = tuple(
        (Cell(study.name(a, language)), Cell(study.name(b, language)), Cell(v))
        for a, b, v in sorted(flows, key=lambda f: -f[2])
    )
    if flows:
        a, b, most = max(flows, key=lambda f: f[2])
        lost = sum(v for _, end, v in flows if end == _LOSS)
        whole = sum(v for start, _, v in flows if start not in {end for _, end, _ in flows})
        said_words = words(
            "sankey", language, year=period, start=study.within(a, language), end=study.within(b, language),
            most=said(most, "MWh", language), whole=said(whole, "MWh", language),
            lost=f"{100 * lost / (whole or 1):.0f}", unit=unit_name("MWh", language),
        )  # fmt: skip
    else:
        said_words = words("sankey_none", language, year=period)
    return Chart(
        "energy-sankey",
        language,
        *said_words,
        spec,
        columns,
        rows,
        (),
        "modelled",
        study.sources,
        parameters={"period": str(period)},
    )


def _merged(flows: Sequence[Flow]) -> list[Flow]:
    """Return the flows with those that could not be seen added to ``other``, at the same carrier."""
    ends, starts = {b for _, b, _ in flows}, {a for a, _, _ in flows}
    whole = sum(v for a, _, v in flows if a not in ends) or 1.0
    sums: dict[tuple[str, str], float] = {}
    for a, b, v in flows:
        if v < _THIN * 4 * whole and a not in ends:
            a = "other"
        elif v < _THIN * 4 * whole and b not in starts and b != _LOSS:
            b = "other_use"
        sums[a, b] = sums.get((a, b), 0.0) + v
    return [(a, b, v) for (a, b), v in sums.items() if v > _THIN * whole / 2]


def _layout(flows: Sequence[Flow]) -> dict[str, _Box]:
    """Return place and size of each node in a unit square: columns by the longest way from a source, the largest on top."""
    columns = _columns(flows)
    size = {n: max(sum(v for a, _, v in flows if a == n), sum(v for _, b, v in flows if b == n)) for n in columns}
    boxes = {n: _Box(c, size[n]) for n, c in columns.items()}
    count = 1 + max(columns.values(), default=0)
    stacks = [
        sorted((n for n in boxes if boxes[n].column == c), key=lambda n: (n == _LOSS, -size[n])) for c in range(count)
    ]
    room = max((_room([size[n] for n in s]) for s in stacks if s), default=1.0)
    for c, stack in enumerate(stacks):
        if c:
            stack.sort(key=lambda n: (n == _LOSS, _centre(n, flows, boxes, room)))
        heights = [max(size[n] / room + _GAP, _ROW) for n in stack]
        top = (1 - sum(heights)) / 2
        for n, height in zip(stack, heights, strict=True):
            boxes[n].top = top + (height - size[n] / room) / 2
            top += height
    for box in boxes.values():
        box.size /= room
    return boxes


def _room(sizes: Sequence[float]) -> float:
    """Return the amount that the height of the diagram stands for, so that a column with its gaps and labels fits."""
    room = sum(sizes) / max(1 - _GAP * len(sizes), 0.3)
    for _ in range(30):
        used = sum(max(s / room + _GAP, _ROW) for s in sizes)
        if used <= 1:
            break
        room *= used
    return room


def _centre(node: str, flows: Sequence[Flow], boxes: Mapping[str, _Box], room: float) -> float:
    """Return the mean height of what flows into a node."""
    into = [
        (boxes[a].top + boxes[a].size / room / 2, v)
        for a, b, v in flows
        if b == node and boxes[a].column < boxes[node].column
    ]
    return sum(y * v for y, v in into) / (sum(v for _, v in into) or 1.0) if into else 0.5


def _columns(flows: Sequence[Flow]) -> dict[str, int]:
    """Return the column of each node; a way that leads back does not push a node on."""
    nodes = list(dict.fromkeys(n for a, b, _ in flows for n in (a, b)))
    place = dict.fromkeys(nodes, 0)
    for _ in range(min(len(nodes), _MOST_COLUMNS)):
        for a, b, _v in flows:
            if place[b] < place[a] + 1 <= _MOST_COLUMNS and not _leads(b, a, flows):
                place[b] = place[a] + 1
    last = max(place.values(), default=0)
    starts = {a for a, _, _ in flows}
    for n in nodes:
        if n not in starts:
            place[n] = last
    return place


def _leads(start: str, end: str, flows: Sequence[Flow]) -> bool:
    """Return whether there is a way from one node to another."""
    seen, queue = {start}, [start]
    while queue:
        here = queue.pop()
        if here == end:
            return True
        queue += [b for a, b, _ in flows if a == here and b not in seen]
        seen.update(queue)
    return False


def _ribbons(
    study: Study, flows: Sequence[Flow], boxes: dict[str, _Box], unit: float, language: str
) -> list[dict[str, Any]]:
    """Return the points along each flow, from its place on one box to its place on the other."""
    height = next((boxes[a].size / _side(a, flows) for a, _, _ in flows), 1.0)
    rows: list[dict[str, Any]] = []
    for number, (a, b, v) in enumerate(sorted(flows, key=lambda f: (boxes[f[1]].top, boxes[f[0]].top))):
        one, two, thick = boxes[a], boxes[b], v * height
        y1, y2 = one.top + one.right, two.top + two.left
        one.right += thick
        two.left += thick
        name = f"{study.name(a, language)} → {study.name(b, language)}"
        fill = study.bands.fills.get(a) or study.bands.fills.get(b) or _FILL
        for i in range(_STEPS + 1):
            s = i / _STEPS
            y = y1 + (y2 - y1) * s * s * (3 - 2 * s)
            x = one.column + _WIDE + (two.column - one.column - _WIDE) * s
            rows.append(
                {
                    "x": round(x, 4), "y": round(y, 5), "y2": round(y + thick, 5), "n": number, "name": name, "fill": fill,
                    "value": v * unit,
                }
            )  # fmt: skip
    return rows


def _bars(
    study: Study, flows: Sequence[Flow], boxes: dict[str, _Box], unit: float, language: str
) -> list[dict[str, Any]]:
    """Return the boxes with their labels, which stand to the right of them, and to the left in the last column."""
    last = max((b.column for b in boxes.values()), default=0)
    before = [b.top + b.size / 2 for b in boxes.values() if b.column == last - 1]
    rows = []
    for n, b in boxes.items():
        middle = _free(b, before) if b.column >= last else b.top + b.size / 2
        name, amount, right = study.name(n, language), _side(n, flows) * unit, b.column >= last
        rows.append(
            {
                "x": b.column, "x2": b.column + _WIDE, "y": b.top, "y2": b.top + b.size, "name": name, "mid": middle,
                "lx": b.column - 0.04 if right else b.column + _WIDE + 0.04, "right": right, "value": amount,
                "text": f"{name} {amount:,.0f}",
            }
        )  # fmt: skip
    return rows


def _free(box: _Box, taken: Sequence[float]) -> float:
    """Return the height for the label of a box of the last column: its middle, unless a label of the column before stands there.

    Those stand to the right of their boxes and this to the left, so that both share a gap; a tall box has room elsewhere.
    """
    middle, half = box.top + box.size / 2, max((box.size - _ROW) / 2, 0.0)
    places = [middle + step * half / 8 for step in range(-8, 9)]
    free = [y for y in places if all(abs(y - t) >= _ROW for t in taken)]
    return min(free or [middle], key=lambda y: abs(y - middle))


def _spec(study: Study, flows: Sequence[Flow], boxes: dict[str, _Box], unit: float, language: str) -> Spec:
    last = max((b.column for b in boxes.values()), default=0)
    plain: Spec = {"type": "quantitative", "axis": None}
    x: Spec = {**plain, "field": "x", "scale": {"domain": [0, last + _WIDE], "nice": False}}
    y: Spec = {**plain, "field": "y", "scale": {"domain": [1.01, -0.01], "nice": False, "zero": False}}
    tip = [{"field": "name", "title": " "}, {"field": "value", "format": ",.1f", "title": unit_name("MWh", language)}]
    area = {
        "data": values(_ribbons(study, flows, boxes, unit, language), "flows"),
        "mark": {"type": "area", "opacity": 0.42},
        "encoding": {
            "x": x, "y": {**y, "stack": None}, "y2": {"field": "y2"}, "detail": {"field": "n", "type": "nominal"},
            "color": {"field": "fill", "type": "nominal", "scale": None}, "tooltip": tip,
        },
    }  # fmt: skip
    bar = {
        "mark": {"type": "rect", "color": tokens.BOX},
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "tooltip": tip},
    }
    place = {"x": {**x, "field": "lx"}, "y": {**y, "field": "mid"}, "text": {"field": "text"}}
    labels: list[Spec] = []
    for right in (False, True):
        text = {
            "align": "right" if right else "left", "fontSize": {"expr": "width < 480 ? 10 : 12"},
            "limit": {"expr": f"width / {last + 1} * (width < 480 ? 1 : 1.45)"},
        }  # fmt: skip
        labels += halo(text, place, transform=[{"filter": {"field": "right", "equal": right}}])
    boxes_layer = {"data": values(_bars(study, flows, boxes, unit, language), "boxes"), "layer": [bar, *labels]}
    height = max(420, 13 * len(boxes))
    # labels have no more room than they need: a report must not make the picture lower or narrower
    return layered([area, boxes_layer], height=height, usermeta={"kept": height, "width": WIDTH})


def _side(node: str, flows: Sequence[Flow]) -> float:
    return max(sum(v for a, _, v in flows if a == node), sum(v for _, b, v in flows if b == node)) or 1.0
