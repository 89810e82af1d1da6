"""What a run says besides its inventory: headline figures, targets, uncertainty, comparison, sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tanlu.charts import Results
from tanlu.charts.reconciliation import items_of
from tanlu.charts.records import (
    KeyCategoryRecord,
    MeasureRecord,
    ReconciliationRecord,
    SourceRecord,
    TargetRecord,
    UncertaintyRecord,
)
from tanlu.charts.scoreboard import STATUSES
from tanlu.charts.uncertainty import SCOPES
from tanlu.portal.service.runs import require_known

KEY_LISTS: Final = ("L1", "T1", "L2", "T2")


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure; ``key`` names its label (message ``portal.figure.<key>``)."""

    key: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    year: int | None
    id: str


def figures(results: Results) -> list[Figure]:
    """Return the headline figures of a run: totals of the last year, peak, chance, intensity."""
    found = []
    for scope in ("co2", f"ghg_{results.manifest.gwp}", "land", "imports"):
        t = results.total(scope)
        if t is not None:
            found.append(Figure(scope, t.value, t.unit, t.low, t.high, t.year, t.id))
    peak = results.peak(results.reference)
    if peak is not None:
        low, high = (None if v is None else float(v) for v in (peak.peak_year_low, peak.peak_year_high))
        year = None if peak.peak_year is None else float(peak.peak_year)
        found.append(Figure("peak_year", year, "year", low, high, None, peak.id))
        chance = None if peak.probability is None else round(peak.probability * 100, 6)
        found.append(Figure("peak_chance", chance, "%", None, None, None, peak.id))
    for basis in ("official", "physical"):
        rows = [r for r in results.intensity if r.basis == basis and r.cumulative_percent is not None]
        if rows:
            r = max(rows, key=lambda row: row.year)
            found.append(Figure(f"intensity_{basis}", r.cumulative_percent, "%", None, None, r.year, r.id))
    return found


def targets(results: Results, status: str = "", deadline: str = "", action: str = "") -> list[TargetRecord]:
    """Return the targets that pass the filters; ``action`` is found in the lineage of the target (a node ``plan:<action>``)."""
    return [
        t for t in results.scoreboard
        if (not status or t.status == status) and (not deadline or str(t.deadline) == deadline)
        and (not action or action in actions_of(results, t))
    ]  # fmt: skip


def actions_of(results: Results, target: TargetRecord) -> tuple[str, ...]:
    """Return the actions of the plan that stand among the parents of a target."""
    node = results.lineage.nodes.get(target.id)
    found = (p.removeprefix("plan:") for p in (node.parents if node else ()) if p.startswith("plan:A"))
    return tuple(found)


def target_options(results: Results) -> dict[str, list[str]]:
    """Return the values that each filter of the targets can take in this run."""
    return {
        "status": [s for s in STATUSES if any(t.status == s for t in results.scoreboard)],
        "deadline": sorted({str(t.deadline) for t in results.scoreboard}),
        "action": sorted({a for t in results.scoreboard for a in actions_of(results, t)}),
    }


def uncertainty(results: Results, scope: str = "without_land") -> list[UncertaintyRecord]:
    """Return table 3.2 with or without land use, the total last.

    Raises
    ------
    NotFoundError
        If there is no such scope.
    """
    require_known(scope, SCOPES, "portal.missing.scope")
    return [r for r in results.uncertainty if r.scope == scope]


def key_list(results: Results, scope: str = "without_land", name: str = "L1") -> list[KeyCategoryRecord]:
    """Return a list of key categories in descending order.

    Raises
    ------
    NotFoundError
        If there is no such scope or list.
    """
    require_known(scope, SCOPES, "portal.missing.scope")
    require_known(name, KEY_LISTS, "portal.missing.list")
    return [r for r in results.key_categories if r.scope == scope and r.list == name]


def measures(results: Results) -> list[MeasureRecord]:
    """Return the measurements that narrow the total, the best first."""
    return sorted(results.measure_next, key=lambda r: (r.new_width, r.rank, r.id))


def reconciliation(results: Results, item: str = "", year: str = "") -> list[ReconciliationRecord]:
    """Return the comparison with the reference inventory: all items of a year, or all years of an item, or everything.

    Raises
    ------
    NotFoundError
        If there is no such item.
    """
    require_known(item, items_of(results), "portal.missing.item")
    return [
        r for r in results.reconciliation
        if (not item or f"{r.dimension}:{r.item}" == item) and (not year or str(r.year) == year)
    ]  # fmt: skip


def sources(results: Results, grade: str = "", text: str = "", used: bool = False) -> list[SourceRecord]:
    """Return the sources that pass the filters, those that feed most first."""
    words = text.casefold().split()

    def wanted(s: SourceRecord) -> bool:
        texts = (s.id, s.title_zh, s.title_en, s.publisher_zh, s.publisher_en, s.note_zh, s.note_en)
        hay = " ".join(texts).casefold()
        return (not grade or s.grade.value == grade) and all(w in hay for w in words) and (not used or s.feeds > 0)

    return sorted(filter(wanted, results.sources), key=lambda s: (-s.feeds, s.id))
