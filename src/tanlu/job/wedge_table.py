"""The wedges of a run: what each action of the plan contributes between the frozen world and the plan, with its chain."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tanlu.charts.wedges import FROM, TO
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.job.tables import Cell, write_csv
from tanlu.pathways import ScenarioSet
from tanlu.pathways.wedges import Wedges, wedges_between

METHOD: Final = "method:wedges"
COLUMNS: Final = ("action", "part", "year", "value", "unit", "id")
UNIT: Final = "Mt CO2/yr"


def scenario_wedges(scenarios: ScenarioSet) -> Wedges:
    """Divide the difference of two worlds at middle growth among the ten actions."""
    start, end = scenarios.scenarios[FROM], scenarios.scenarios[TO]
    return wedges_between(end.parameters, scenarios.data.levers, start.levers, end.levers)


def wedge_id(action: str, part: str, year: int) -> str:
    """Return the id of a wedge."""
    return f"wedge:{action}:{part}:{year}"


def wedge_nodes(wedges: Wedges) -> Iterator[Node]:
    """Return the nodes of the wedges: each rests on both scenarios, and on the action whose levers make it."""
    names = {x: translate("charts.wedges.method", x) for x in ("zh", "en")}
    notes = {x: translate("charts.wedges.method_note", x, runs=wedges.runs) for x in ("zh", "en")}
    parents = (f"scenario:{FROM}", f"scenario:{TO}")
    yield Node(METHOD, "method", **names, note_zh=notes["zh"], note_en=notes["en"], parents=parents)
    for row in wedges.records():
        action, part, year = row["group"], row["part"], row["year"]
        words = {
            x: translate(
                "charts.wedges.node", x, action=action, year=year, part=translate(f"charts.wedges.part.{part}", x)
            )
            for x in ("zh", "en")
        }
        yield Node(
            wedge_id(action, part, year), "result", **words, value=round(row["value"], 6), unit=UNIT, grade="D",
            parents=(METHOD, f"plan:{action}"),
        )  # fmt: skip


def write_wedges(folder: Path, wedges: Wedges) -> None:
    """Write ``wedges.csv``: reductions by action, part and year; more uptake of land counts as a reduction."""
    rows: Iterator[list[Cell]] = (
        [r["group"], r["part"], r["year"], r["value"], UNIT, wedge_id(r["group"], r["part"], r["year"])]
        for r in wedges.records()
    )
    write_csv(folder / "wedges.csv", list(COLUMNS), rows)
