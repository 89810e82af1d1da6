"""Charts of a run: pure functions from frozen results to a Vega-Lite specification with its words and its table.

In: a run folder, read and checked by `Results.load`. Out: a `Chart`, the same for pages, reports, notebooks and the API, and pictures
of it. It must not know pages, documents or servers, and computes no results of its own.
"""

from tanlu.charts.base import Cell, Chart, Column
from tanlu.charts.card import Card
from tanlu.charts.emissions import fan_chart, sectors_chart
from tanlu.charts.inventory import inventory_chart
from tanlu.charts.reconciliation import reconciliation_chart
from tanlu.charts.results import Results
from tanlu.charts.scenarios import intensity_chart, scenarios_chart
from tanlu.charts.scoreboard import scoreboard_chart
from tanlu.charts.tiles import tiles_chart
from tanlu.charts.uncertainty import uncertainty_chart
from tanlu.charts.wedges import wedges_chart

__all__ = [
    "Card",
    "Cell",
    "Chart",
    "Column",
    "Results",
    "fan_chart",
    "intensity_chart",
    "inventory_chart",
    "reconciliation_chart",
    "scenarios_chart",
    "scoreboard_chart",
    "sectors_chart",
    "tiles_chart",
    "uncertainty_chart",
    "wedges_chart",
]
