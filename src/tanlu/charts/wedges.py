"""What each action of the plan takes off the emissions of frozen policy, from the base year to the horizon."""

from __future__ import annotations

import json
from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import (
    ROOM,
    Cell,
    Chart,
    Column,
    Spec,
    amount_axis,
    halo,
    hover,
    layered,
    values,
    with_sources,
    year_axis,
)
from tanlu.charts.emissions import TOTAL, UNIT
from tanlu.charts.format import percent, scale, show
from tanlu.charts.results import Results
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION

PART: Final = "scope1"
FROM: Final = "frozen-mid"
TO: Final = "plan-mid"
MOST: Final = 7
"""Bands that can be told apart."""
SMALLEST: Final = 0.02
"""Share of the whole below which an action is drawn together with the other small ones."""
OTHERS: Final = "others"
LEFT: Final = "left"

Series = dict[str, dict[int, float]]


def action_name(results: Results, action: str, language: str) -> str:
    """Return id and name of an action as the plan has it."""
    node = results.lineage.nodes.get(f"plan:{action}")
    return action if node is None else f"{action} {node.label(language)}"


def _wedges(results: Results) -> Series:
    """Return the wedges by action and year, the largest over all years first."""
    found: Series = {}
    for row in results.wedges:
        if row.part == PART:
            found.setdefault(row.action, {})[row.year] = row.value
    return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))


def _bands(found: Series) -> Series:
    """Return what is drawn: the largest actions, and the others in one band."""
    whole = sum(sum(own.values()) for own in found.values())
    kept = {a: own for a, own in list(found.items())[:MOST] if sum(own.values()) >= SMALLEST * whole}
    rest = [own for action, own in found.items() if action not in kept]
    years = sorted(next(iter(found.values()), {}))
    return kept | ({OTHERS: {y: sum(own[y] for own in rest) for y in years}} if rest else {})


def _label(results: Results, band: str, language: str) -> str:
    if band in (OTHERS, LEFT):
        return translate(f"charts.wedges.{band}", language)
    return action_name(results, band, language)


def wedges_chart(results: Results, language: str) -> Chart:
    """Return the emissions of the plan with the wedge of each action above them, up to those of frozen policy.

    Parameters
    ----------
    results : Results
        A run without wedges gives a chart without rows.
    language : {"zh", "en"}
    """
    found = _wedges(results)
    start, end = (dict(p.values) if (p := results.pathway(name, TOTAL)) else {} for name in (FROM, TO))
    years = [y for y in sorted(next(iter(found.values()), {})) if y in start and y in end]
    subtitle = translate("charts.wedges.subtitle", language, unit=scale(UNIT, language)[1])
    if not years:
        title = translate("charts.wedges.none", language)
        return Chart(
            "wedges", language, title, subtitle, title, layered([_empty()], height=120), (), (), (), "modelled"
        )
    ids = tuple(r.id for r in results.wedges if r.part == PART and r.year in (2030, years[-1]))
    columns = (
        Column("year", translate("charts.column.year", language)),
        Column("frozen", translate("charts.wedges.frozen", language), UNIT),
        Column("plan", translate("charts.wedges.left", language), UNIT),
        *(Column(action, action_name(results, action, language), UNIT) for action in found),
    )
    own_id = {(r.action, r.year): r.id for r in results.wedges if r.part == PART}
    rows = tuple(
        (Cell(str(y)), Cell(start[y]), Cell(end[y]), *(Cell(own[y], own_id[a, y]) for a, own in found.items()))
        for y in years
    )
    words, bands = _words(results, found, start, end, years[-1], language), _bands(found)
    layers = _layers(results, bands, start, end, years, language)
    return Chart(
        "wedges", language, translate("charts.wedges.title", language, **words), subtitle,
        translate("charts.wedges.summary", language, **words),
        layered(layers, height=380, listed=len(bands) + 1), columns, rows, ids, "modelled",
        with_sources(results, ids), note=translate("charts.wedges.note", language),
    )  # fmt: skip


def _empty() -> Spec:
    y = {"field": "value", **amount_axis()}
    return {"data": values([], "wedges"), "mark": "area", "encoding": {"x": year_axis(2025, 2060), "y": y}}


def _words(
    results: Results, found: Series, start: dict[int, float], end: dict[int, float], year: int, language: str
) -> dict[str, object]:
    total = start[year] - end[year]
    largest = sorted(found, key=lambda action: -found[action][year])[:3]
    listed = PUNCTUATION[language].semicolon.join(
        f"{action_name(results, a, language)} {show(found[a][year], UNIT, language)}" for a in largest
    )
    return {
        "year": year, "total": show(total, UNIT, language), "first": action_name(results, largest[0], language),
        "share": percent(found[largest[0]][year] / total) if total else "—",
        "start": show(start[year], UNIT, language), "end": show(end[year], UNIT, language), "list": listed,
    }  # fmt: skip


def _layers(
    results: Results, bands: Series, start: dict[int, float], end: dict[int, float], years: list[int], language: str
) -> list[Spec]:
    factor, _ = scale(UNIT, language)
    stack: Series = {LEFT: end, **bands}
    names = {band: _label(results, band, language) for band in stack}
    # drawn from below: what is left, then the smallest action first, so that the largest touches the line of frozen policy
    order = [LEFT, *reversed(list(bands))]
    rows = [
        {"year": y, "band": names[band], "value": max(0.0, stack[band][y]) * factor, "order": place}
        for place, band in enumerate(order)
        for y in years
    ]
    fills = [tokens.LINE, *(list(tokens.SECTOR_FILLS.values())[: len(bands)])]
    x: dict[str, Any] = year_axis(years[0], years[-1])
    # the names of actions are longer than a phone is wide: there the ids stand alone, and the title names the first
    short = json.dumps(
        {name: name if band in (OTHERS, LEFT) else band for band, name in names.items()}, ensure_ascii=False
    )
    legend = {
        # a name a line: on paper the columns stay those of the screen, and two of them would pass its edge
        "orient": "bottom", "columns": {"expr": f"{ROOM} < 480 ? 2 : 1"},
        "labelLimit": {"expr": f"{ROOM} < 480 ? 180 : {ROOM} - 80"},
        "labelExpr": f"{ROOM} < 480 ? {short}[datum.label] : datum.label",
    }  # fmt: skip
    area: Spec = {
        "data": values(rows, "wedges"), "mark": {"type": "area", "stroke": tokens.CARD, "strokeWidth": 1},
        "encoding": {
            "x": x, "y": {"field": "value", "stack": "zero", **amount_axis()}, "order": {"field": "order"},
            "color": {
                "field": "band", "type": "nominal", "legend": legend,
                "scale": {"domain": list(names.values()), "range": fills},
            },
        },
    }  # fmt: skip
    line: Spec = {
        "data": values([{"year": y, "value": start[y] * factor} for y in years], "frozen"),
        "mark": {"type": "line", "color": tokens.INK, "strokeWidth": 2, "strokeDash": [6, 3]},
        "encoding": {"x": x, "y": {"field": "value", "type": "quantitative"}},
    }
    shown = {"frozen": translate("charts.wedges.frozen", language), **{b: names[b] for b in (*bands, LEFT)}}
    facts = [
        {"year": y, "frozen": start[y] * factor, **{b: own[y] * factor for b, own in stack.items()}} for y in years
    ]
    place = {"year": years[-1], "value": start[years[-1]] * factor, "name": shown["frozen"]}
    text = {"align": "right", "baseline": "bottom", "dy": -7, "fontSize": 12}
    encoding = {
        "x": {"field": "year", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"}, "text": {"field": "name"},
    }  # fmt: skip
    name = halo(text, encoding, data={"values": [place]})
    return [area, line, *name, hover(facts, shown, language)]
