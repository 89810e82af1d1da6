"""How many targets of the plan stand where."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, layered, values, with_sources
from tanlu.charts.results import Results
from tanlu.core.messages import translate
from tanlu.core.punctuation import PUNCTUATION

STATUSES: Final[dict[str, tuple[str, str]]] = {
    "met": ("ok", "✓"),
    "on_track": ("ok", "✓"),
    "at_risk": ("warn", "▲"),
    "off_track": ("bad", "✕"),
    "not_measured": ("none", "○"),
    "no_number": ("none", "–"),
    "external": ("none", "→"),
}
"""Tone and icon of each status, in the order in which they are shown. The word always stands beside them."""

MEASURED: Final = ("met", "on_track", "at_risk", "off_track")


def status_counts(results: Results) -> dict[str, int]:
    """Return the number of targets in each status, in the order of `STATUSES`."""
    found = Counter(t.status for t in results.scoreboard)
    return {status: found.get(status, 0) for status in STATUSES}


def scoreboard_chart(results: Results, language: str) -> Chart:
    """Return the number of targets by status as bars."""
    counts = status_counts(results)
    names = {s: translate(f"charts.status.{s}", language) for s in counts}
    data = [
        {"status": f"{STATUSES[s][1]} {names[s]}", "count": n, "fill": tokens.STATUS[STATUSES[s][0]]}
        for s, n in counts.items()
    ]
    order = [row["status"] for row in data]
    y = {
        "field": "status",
        "type": "nominal",
        "sort": order,
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 200, "labelFontSize": 13},
    }
    top = max(counts.values(), default=1) * 1.12 or 1
    x = {"field": "count", "type": "quantitative", "axis": None, "scale": {"domain": [0, top]}}
    bar = {
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.68}},
        "encoding": {"y": y, "x": x, "color": {"field": "fill", "type": "nominal", "scale": None}},
    }
    text = {
        "mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13},
        "encoding": {"y": y, "x": x, "text": {"field": "count"}},
    }
    measured, good = sum(counts[s] for s in MEASURED), counts["met"] + counts["on_track"]
    parts = PUNCTUATION[language].semicolon.join(f"{names[s]} {n}" for s, n in counts.items())
    columns = tuple(Column(k, translate(f"charts.column.{k}", language)) for k in ("status", "count"))
    rows = tuple((Cell(names[s]), Cell(str(n))) for s, n in counts.items())
    ids = tuple(t.id for t in results.scoreboard)
    return Chart(
        "scoreboard", language,
        translate("charts.scoreboard.title", language, all=len(results.scoreboard), measured=measured, good=good),
        translate("charts.scoreboard.subtitle", language), translate("charts.scoreboard.summary", language, parts=parts),
        {**layered([bar, text], height=30 * len(data)), "data": values(data, "statuses")}, columns, rows, ids, "assessed",
        with_sources(results, ids),
    )  # fmt: skip
