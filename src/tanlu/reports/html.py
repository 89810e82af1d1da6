"""The report of a run as one HTML file that opens without a server and prints with page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tanlu.charts import (
    Chart,
    Results,
    intensity_chart,
    inventory_chart,
    scoreboard_chart,
    sectors_chart,
    wedges_chart,
)
from tanlu.charts.emissions import scenario_name
from tanlu.charts.format import capital, percent, show, show_required, subscript
from tanlu.charts.inventory import category_name, convert_rows
from tanlu.charts.records import InventoryRecord, ReconciliationRecord, TargetRecord
from tanlu.charts.render import to_svg
from tanlu.charts.scoreboard import MEASURED, STATUSES, status_counts
from tanlu.charts.tokens import css_variables
from tanlu.core.lineage import Node
from tanlu.core.messages import HTML_LANG, LANGUAGES, catalogue, translate
from tanlu.records.workdays import SHANGHAI

FOLDER: Final = Path(__file__).parent
YEARS_SHOWN: Final = 5
PICTURE_WIDTH: Final = 760


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """A category and gas over the last years; ``cells`` are texts, a notation key where there is no value."""

    category: str
    name: str
    gas: str
    cells: tuple[str, ...]
    status: str
    grade: str


def inventory_lines(results: Results, language: str) -> tuple[tuple[int, ...], tuple[InventoryLine, ...]]:
    """Return the last years and one line a category and gas [kt], in the order of the run."""
    years = results.years[-YEARS_SHOWN:]
    by: dict[tuple[str, str], dict[int, InventoryRecord]] = {}
    for r in results.inventory:
        if r.year in years:
            by.setdefault((r.category, r.gas), {})[r.year] = r
    lines = []
    for (category, gas), own in sorted(by.items()):
        last = own[max(own)]
        cells = tuple(_cell(own.get(y), language) for y in years)
        name = capital(subscript(category_name(category, language)))
        status = translate(f"charts.row_status.{last.status}", language)
        lines.append(InventoryLine(category, name, subscript(gas), cells, status, last.grade.value))
    return years, tuple(lines)


def _cell(record: InventoryRecord | None, language: str) -> str:
    if record is None:
        return "—"
    return record.status if record.value is None else show(record.value, "", language).text


def grade_shares(results: Results) -> tuple[tuple[str, float], ...]:
    """Return the share (0 to 1) of each grade in the inventory of the last year, by absolute CO2-equivalents."""
    rows = [r for r in results.inventory if r.year == results.years[-1] and r.status != "memo"]
    sums = dict.fromkeys("ABCD", 0.0)
    for c in convert_rows(rows, results.manifest.gwp):
        sums[c.row.grade.value] += abs(c.co2e or 0.0)
    whole = sum(sums.values())
    return tuple((grade, value / whole if whole else 0.0) for grade, value in sums.items())


def assumptions(results: Results) -> tuple[Node, ...]:
    """Return what the run assumes: facts, factors and assumptions of grade D."""
    nodes = results.lineage.nodes.values()
    return tuple(
        n for n in sorted(nodes, key=lambda n: n.id) if n.grade == "D" and n.kind in ("fact", "factor", "assumption")
    )


def charts(results: Results, language: str) -> dict[str, Chart]:
    """Return the charts of the report by name."""
    made = (
        sectors_chart(results, language),
        wedges_chart(results, language),
        scoreboard_chart(results, language),
        intensity_chart(results, language),
        inventory_chart(results, language, results.inventory, results.manifest.gwp, "sector"),
    )
    # a run of an older version has no wedges
    return {chart.name: chart for chart in made if chart.rows or chart.name != "wedges"}


def _shown_targets(results: Results) -> tuple[Sequence[TargetRecord], Sequence[TargetRecord]]:
    measured = [t for t in results.scoreboard if t.status in MEASURED]
    return measured, [t for t in results.scoreboard if t.status not in MEASURED]


def _part(results: Results, language: str) -> dict[str, Any]:
    """Return everything that the template needs for one language."""
    own = charts(results, language)
    years, lines = inventory_lines(results, language)
    measured, others = _shown_targets(results)
    return {
        "lang": language, "html_lang": HTML_LANG[language], "charts": own, "years": years, "lines": lines,
        "pictures": {n: to_svg(c.spec, PICTURE_WIDTH, f"{language}-{n}-") for n, c in own.items()},
        "measured": measured, "others": others, "counts": status_counts(results), "shares": grade_shares(results),
        "assumptions": assumptions(results), "reconciliation": _last_reconciled(results),
        "t": lambda key, **values: translate(key, language, **values),
        "show": lambda value, unit="": show(value, unit, language),
        "required": lambda target: show_required(target, language),
        "scenario": lambda name: scenario_name(name, language),
        "text": lambda key, code: catalogue()[key][language] if key in catalogue() else code,
    }  # fmt: skip


def _last_reconciled(results: Results) -> tuple[ReconciliationRecord, ...]:
    last = max((r.year for r in results.reconciliation), default=0)
    return tuple(r for r in results.reconciliation if r.year == last or r.dimension == "total")


def _civil_minute(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def report_html(results: Results) -> str:
    """Return the report: Chinese and English in one file, switched without a script, pictures and styles inside."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"fine": subscript, "capital": capital, "percent": percent, "civil": _civil_minute}
    style = css_variables() + (FOLDER / "templates" / "report.css").read_text(encoding="utf-8")
    parts = [_part(results, language) for language in LANGUAGES]
    return environment.get_template("report.html").render(results=results, parts=parts, style=style, statuses=STATUSES)


def write_report(results: Results, path: Path) -> None:
    """Write the report; a reader never sees half a file.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    part.write_text(report_html(results), encoding="utf-8")
    part.replace(path)
