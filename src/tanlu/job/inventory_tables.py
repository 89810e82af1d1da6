"""The frozen tables of the inventory: categories, energy, totals, reconciliation, prefectures, sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tanlu.accounts import EnergyUse, Inventory
from tanlu.accounts.province.prefectures import PrefectureRow
from tanlu.accounts.province.reconcile import Comparison
from tanlu.accounts.province.totals import Total
from tanlu.core.lineage import Lineage
from tanlu.core.provenance import Source
from tanlu.core.province import Province
from tanlu.job.tables import write_csv

PREFECTURE_INDICATORS: Final = (
    ("population", "Population|Resident (year-end)", "10^4 persons"),
    ("co2_ceads", "Emissions|CO2 (CEADs)|Total", "Mt CO2"),
    ("coal_capacity", "Capacity|Electricity|Coal|Operating (GEM)", "MW"),
    ("gdp", "GDP|Current Prices", "10^8 CNY"),
)
"""Indicators of prefectures (name, variable, unit): the newest fact of each is shown."""


def write_inventory(folder: Path, inventory: Inventory) -> None:
    """Write ``inventory.csv``: one row for every category, gas and year [kt of gas]."""
    header = ["region", "year", "category", "gas", "value", "unit", "low", "high", "status", "grade", "method", "id"]
    write_csv(
        folder / "inventory.csv",
        header,
        (
            [
                r.region,
                r.year,
                r.category,
                r.gas,
                r.value,
                "kt",
                r.low,
                r.high,
                r.status.value,
                r.grade.value,
                r.method,
                r.id,
            ]
            for r in inventory.rows
        ),
    )


def write_energy(folder: Path, region: str, uses: Iterable[EnergyUse]) -> None:
    """Write ``energy.csv``: energy by sector and fuel [PJ] and its CO2 [kt]."""
    header = [
        "region",
        "year",
        "sector",
        "category",
        "fuel",
        "energy",
        "energy_unit",
        "co2",
        "co2_unit",
        "status",
        "grade",
        "id",
    ]
    write_csv(
        folder / "energy.csv",
        header,
        (
            [
                region,
                u.year,
                u.sector,
                u.category,
                u.fuel,
                u.energy,
                "PJ",
                u.co2,
                "kt",
                u.status.value,
                u.grade.value,
                u.id,
            ]
            for u in uses
        ),
    )


def write_totals(folder: Path, totals: Sequence[Total]) -> None:
    """Write ``sectors.csv`` (CO2 of every sector) and ``totals.csv`` (the scopes)."""
    write_csv(
        folder / "sectors.csv",
        ["region", "year", "sector", "gas", "value", "unit", "low", "high", "id"],
        (
            [t.region, t.year, t.scope, "CO2", t.value, t.unit, t.low, t.high, t.id]
            for t in totals
            if t.id.startswith("sector:")
        ),
    )
    write_csv(
        folder / "totals.csv",
        ["region", "year", "scope", "value", "unit", "low", "high", "id"],
        (
            [t.region, t.year, t.scope, t.value, t.unit, t.low, t.high, t.id]
            for t in totals
            if t.id.startswith("total:")
        ),
    )


def write_reconciliation(folder: Path, comparisons: Iterable[Comparison]) -> None:
    """Write ``reconciliation.csv``: own and outside CO2 [kt] and the codes of the reasons."""
    header = ["year", "dimension", "item", "tanlu", "reference", "difference", "unit", "explanation", "id"]
    write_csv(
        folder / "reconciliation.csv",
        header,
        (
            [c.year, c.dimension, c.item, c.own, c.reference, c.difference, "kt", ";".join(c.reasons), c.id]
            for c in comparisons
        ),
    )


def write_prefectures(folder: Path, province: Province, lineage: Lineage) -> None:
    """Write ``prefectures.csv``: the newest fact of each indicator of every prefecture."""
    rows = []
    for region in province.regions.values():
        if not region.parent:
            continue
        for indicator, variable, unit in PREFECTURE_INDICATORS:
            series = province.series(variable, unit, region.id)
            if not series:
                continue
            fact = series[max(series)]
            lineage.add_fact(province.facts[variable, region.id, fact.year], province.fact_label)
            x, y = region.tile or (None, None)
            rows.append(
                [
                    region.id,
                    region.zh,
                    region.en,
                    x,
                    y,
                    indicator,
                    fact.year,
                    fact.value,
                    unit,
                    fact.grade.value,
                    fact.id,
                ]
            )
    header = ["region", "zh", "en", "tile_x", "tile_y", "indicator", "year", "value", "unit", "grade", "id"]
    write_csv(folder / "prefectures.csv", header, rows)


def write_prefecture_inventory(folder: Path, rows: Iterable[PrefectureRow]) -> None:
    """Write ``prefectures_inventory.csv``: the inventory divided among prefectures, and what is left of it [kt of gas]."""
    header = ["region", "year", "category", "gas", "value", "unit", "low", "high", "status", "proxy", "grade", "id"]
    write_csv(
        folder / "prefectures_inventory.csv",
        header,
        (
            [r.region, r.year, r.category, r.gas, r.value, "kt", r.low, r.high, r.status, r.proxy, r.grade.value, r.id]
            for r in rows
        ),
    )


def write_sources(folder: Path, sources: Iterable[Source], lineage: Lineage) -> None:
    """Write ``sources.csv``: every source, and how many results rest on it."""
    feeds = results_by_source(lineage)
    header = [
        "id",
        "title_zh",
        "title_en",
        "publisher_zh",
        "publisher_en",
        "url",
        "grade",
        "note_zh",
        "note_en",
        "feeds",
    ]
    write_csv(
        folder / "sources.csv",
        header,
        (
            [
                s.id,
                s.title_zh,
                s.title_en,
                s.publisher_zh,
                s.publisher_en,
                s.url,
                s.grade.value,
                s.note_zh,
                s.note_en,
                feeds.get(f"source:{s.id}", 0),
            ]
            for s in sources
        ),
    )


def results_by_source(lineage: Lineage) -> dict[str, int]:
    """Return how many results rest on each source, directly or through others."""
    # bit sets of sources, filled from the bottom of the graph, keep this linear in the number of arrows
    sources = [n.id for n in lineage.nodes.values() if n.kind == "source"]
    bit = {name: 1 << i for i, name in enumerate(sources)}
    below: dict[str, int] = {}
    for start in lineage.nodes:
        stack = [start]
        while stack:
            current = stack[-1]
            if current in below:
                stack.pop()
                continue
            parents = [p for p in lineage.nodes[current].parents if p in lineage.nodes]
            waiting = [p for p in parents if p not in below]
            if waiting:
                stack.extend(waiting)
                continue
            reach = bit.get(current, 0)
            for parent in parents:
                reach |= below[parent]
            below[current] = reach
            stack.pop()
    counts = dict.fromkeys(sources, 0)
    for node in lineage.nodes.values():
        if node.kind == "result":
            reach = below[node.id]
            for name, mask in bit.items():
                if reach & mask:
                    counts[name] += 1
    return counts
