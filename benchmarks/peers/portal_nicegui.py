"""The overview in NiceGUI: the same figures, charts and table, from the tables of the same run. Reads the CSV files; needs only NiceGUI.

python benchmarks/peers/portal_nicegui.py RUN_FOLDER PORT
"""

import csv
import sys
from pathlib import Path

from nicegui import ui

RUN, PORT = Path(sys.argv[1]), int(sys.argv[2])
STATUS = {"met": "✓", "on_track": "✓", "at_risk": "▲", "off_track": "✕"}


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with (RUN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


TOTALS, SECTORS, FAN, TARGETS = rows("totals"), rows("sectors"), rows("fan"), rows("scoreboard")
PLACES = rows("prefectures")
INTENSITY = rows("intensity")
CURRENT = [r for r in FAN if r["scenario"] == "current-mid" and r["variable"] == "Emissions|CO2"]


def stacked() -> dict[str, object]:
    """Return sectors by year as stacked areas."""
    years = sorted({r["year"] for r in SECTORS})
    names = sorted({r["sector"] for r in SECTORS})
    amounts = {(r["sector"], r["year"]): float(r["value"] or 0) / 1000 for r in SECTORS if r["gas"] == "CO2"}
    series = [
        {
            "name": n,
            "type": "line",
            "stack": "all",
            "areaStyle": {},
            "showSymbol": False,
            "data": [amounts.get((n, y), 0) for y in years],
        }
        for n in names
    ]
    return {
        "xAxis": {"type": "category", "data": years},
        "yAxis": {},
        "legend": {},
        "tooltip": {"trigger": "axis"},
        "series": series,
    }


def bands() -> dict[str, object]:
    """Return the fan of the reference scenario."""
    levels = ("p05", "p25", "p50", "p75", "p95")
    series = [{"name": p, "type": "line", "showSymbol": False, "data": [float(r[p]) for r in CURRENT]} for p in levels]
    return {
        "xAxis": {"type": "category", "data": [r["year"] for r in CURRENT]},
        "yAxis": {},
        "legend": {},
        "series": series,
    }


def changes() -> dict[str, object]:
    """Return energy intensity by year."""
    years = sorted({r["year"] for r in INTENSITY})
    found = {(r["basis"], r["year"]): float(r["cumulative_percent"] or 0) for r in INTENSITY}
    series = [{"name": b, "type": "line", "data": [found.get((b, y)) for y in years]} for b in ("official", "physical")]
    return {"xAxis": {"type": "category", "data": years}, "yAxis": {}, "legend": {}, "series": series}


@ui.page("/")
def overview() -> None:
    """Figures, charts, targets and prefectures."""
    ui.label("Overview").classes("text-2xl")
    with ui.row():
        for scope in ("co2", "ghg_AR5", "land", "imports"):
            last = max((r for r in TOTALS if r["scope"] == scope and r["value"]), key=lambda r: r["year"])
            with ui.card():
                ui.label(f"{scope} {last['year']}")
                ui.label(f"{float(last['value']) / 1000:.1f} Mt ({last['low']}–{last['high']})")
    for options in (stacked(), bands(), changes()):
        ui.echart(options).classes("w-full h-96")
    judged = [{"sign": STATUS[r["status"]], **r} for r in TARGETS if r["status"] in STATUS]
    fields = ("sign", "name_en", "deadline", "value", "unit", "status")
    columns = [{"name": f, "label": f, "field": f} for f in fields]
    ui.table(columns=columns, rows=judged, row_key="target")
    first = PLACES[0]["indicator"]
    with ui.grid(columns=4):
        for r in PLACES:
            if r["indicator"] == first:
                ui.button(f"{r['en']} {r['value']} {r['unit']}")
    with ui.expansion("All targets"):
        ui.table(columns=columns[1:], rows=TARGETS, row_key="target")


ui.run(host="127.0.0.1", port=PORT, show=False, reload=False)
