"""The frozen tables of the uncertainty of an inventory, and the lineage of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tanlu.accounts import Inventory
from tanlu.accounts.province.lineage import add_method
from tanlu.accounts.province.settings import load_settings
from tanlu.accounts.uncertainty.cause_names import cause_name
from tanlu.accounts.uncertainty.inventory_uncertainty import InventoryUncertainty, analyse
from tanlu.accounts.uncertainty.measure_next import GRADE, Proposal
from tanlu.accounts.uncertainty.propagation import Approach1
from tanlu.core.lineage import Lineage, Node
from tanlu.core.messages import translate
from tanlu.core.province import Province
from tanlu.job.tables import Cell, write_csv

KT: Final = 0.001
"""kt in a t."""
UNIT: Final = "kt CO2e"
TOTAL: Final = "total"
LEVEL_HEADER: Final = (
    "region", "scope", "base_year", "year", "category", "gas", "base", "current", "unit", "activity", "factor", "combined", "variance",
    "type_a", "type_b", "trend_factor", "trend_activity", "trend_variance", "trend", "trend_uncertainty", "gwp", "id",
)  # fmt: skip
KEY_HEADER: Final = (
    "region", "list", "scope", "base_year", "year", "rank", "category", "gas", "base", "current", "unit", "assessment", "share",
    "cumulative", "is_key", "gwp", "id",
)  # fmt: skip
MEASURE_HEADER: Final = (
    "region", "year", "effort", "effort_zh", "effort_en", "rank", "of", "cause", "cause_zh", "cause_en", "category", "gas", "half_width",
    "new_half_width", "width", "new_width", "unit", "reduction", "grade", "gwp", "id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UncertaintyTables:
    """Rows of ``uncertainty.csv``, ``key_categories.csv`` and ``measure_next.csv``."""

    level: tuple[list[Cell], ...]
    keys: tuple[list[Cell], ...]
    measures: tuple[list[Cell], ...]


def uncertainty_tables(inventory: Inventory, province: Province, lineage: Lineage) -> UncertaintyTables:
    """Return the rows of the three tables and add their nodes to the lineage, which has those of the inventory."""
    found = analyse(inventory, str(province.settings["gwp"]))
    writer = _Writer(found, inventory, province, lineage)
    level = tuple(row for scope, table in found.tables.items() for row in writer.level(scope, table))
    keys, measures = tuple(writer.keys()), tuple(writer.measures())
    return UncertaintyTables(level, keys, measures)


def write_uncertainty(folder: Path, tables: UncertaintyTables) -> None:
    """Write the three tables."""
    write_csv(folder / "uncertainty.csv", LEVEL_HEADER, tables.level)
    write_csv(folder / "key_categories.csv", KEY_HEADER, tables.keys)
    write_csv(folder / "measure_next.csv", MEASURE_HEADER, tables.measures)


class _Writer:
    def __init__(self, found: InventoryUncertainty, inventory: Inventory, province: Province, lineage: Lineage) -> None:
        self.found, self.inventory, self.province, self.lineage = found, inventory, province, lineage
        self.settings = load_settings(province)
        self.rows = {(r.year, r.category, r.gas): r for r in inventory.rows}
        self.years = (found.base_year, found.year)

    def _parents(self, category: str, gas: str) -> tuple[str, ...]:
        """Return the inventory rows of the two years; all of the last year for the total."""
        if category == TOTAL:
            return tuple(r.id for r in self.inventory.rows if r.year == self.found.year and r.value is not None)
        found = (self.rows.get((year, category, gas)) for year in dict.fromkeys(self.years))
        return tuple(r.id for r in found if r is not None and r.value is not None)

    def _add(
        self, node_id: str, method: str, names: tuple[str, str], value: float, unit: str, parents: Iterable[str]
    ) -> str:
        known = [self.lineage.nodes[p].grade for p in parents if p in self.lineage.nodes]
        self.lineage.add(
            Node(
                node_id, "result", *names, value, unit, max(known, default=""),
                parents=(*parents, add_method(self.lineage, method)),
            )
        )  # fmt: skip
        return node_id

    def _names(self, key: str, **values: object) -> tuple[str, str]:
        return translate(key, "zh", **values), translate(key, "en", **values)

    def level(self, scope: str, table: Approach1) -> Iterator[list[Cell]]:
        """Yield the rows of table 3.2, the total last."""
        found, region = self.found, self.inventory.region
        for r in table.rows:
            node = self._level_node(scope, r.category, r.gas, r.combined)
            yield [
                region, scope, *self.years, r.category, r.gas, None if r.base is None else r.base * KT, r.current * KT, UNIT, r.activity,
                r.factor, r.combined, r.variance, r.type_a, r.type_b, r.trend_factor, r.trend_activity, r.trend_variance, None, None,
                found.gwp, node,
            ]  # fmt: skip
        squared = None if table.trend_uncertainty is None else table.trend_uncertainty**2
        yield [
            region, scope, *self.years, TOTAL, "CO2e", None if table.base is None else table.base * KT, table.current * KT, UNIT, None,
            None, table.uncertainty, table.uncertainty**2, None, None, None, None, squared, table.trend, table.trend_uncertainty,
            found.gwp, self._level_node(scope, TOTAL, "CO2e", table.uncertainty),
        ]  # fmt: skip

    def _level_node(self, scope: str, category: str, gas: str, value: float) -> str:
        key = "uncertainty_row.total" if category == TOTAL else "uncertainty_row.level"
        names = self._names(key, year=self.found.year, category=category, gas=gas)
        node_id = f"uncertainty:{self.inventory.region}:{self.found.year}:{scope}:{category}:{gas}"
        return self._add(node_id, "approach-1", names, value, "%", self._parents(category, gas))

    def keys(self) -> Iterator[list[Cell]]:
        """Yield the lists of key categories, each in descending order."""
        found, region = self.found, self.inventory.region
        for each in found.keys.lists:
            scope = "with_land" if each.land else "without_land"
            for rank, r in enumerate(each.rows, 1):
                names = self._names(
                    "uncertainty_row.key", year=found.year, list=each.name, category=r.category, gas=r.gas
                )
                node_id = f"key:{region}:{found.year}:{each.name}:{scope}:{r.category}:{r.gas}"
                node = self._add(node_id, "key-categories", names, r.assessment, "1", self._parents(r.category, r.gas))
                yield [
                    region, each.name, scope, *self.years, rank, r.category, r.gas, None if r.base is None else r.base * KT, r.value * KT,
                    UNIT, r.assessment, r.share, r.cumulative, "yes" if r.is_key else "no", found.gwp, node,
                ]  # fmt: skip

    def measures(self) -> Iterator[list[Cell]]:
        """Yield the measurements that narrow the total, the best of each effort first."""
        found = self.found
        by_id = {r.id: r for r in self.inventory.rows}
        for p in found.proposals:
            row = by_id.get(p.record)
            category, gas = (row.category, row.gas) if row else ("", "")
            zh, en = (cause_name(p.cause, self.province, self.settings, lang) for lang in ("zh", "en"))
            yield [
                self.inventory.region, found.year, p.effort.id, p.effort.zh, p.effort.en, p.effort.rank, p.effort.of, p.cause, zh, en,
                category, gas, p.half_width, p.effort.half_width, p.width * KT, p.new_width * KT, UNIT, p.reduction, GRADE, found.gwp,
                self._measure_node(p, zh, en, category, gas),
            ]  # fmt: skip

    def _measure_node(self, p: Proposal, zh: str, en: str, category: str, gas: str) -> str:
        where = f" {category} {gas}" if category else ""
        names = (
            translate("uncertainty_row.measure", "zh", effort=p.effort.zh, cause=zh + where),
            translate("uncertainty_row.measure", "en", effort=p.effort.en, cause=en + where),
        )
        using = [
            r.id for r in self.inventory.rows
            if r.year == self.found.year and r.value is not None and (r.id == p.record if p.record else p.cause in r.errors)
        ]  # fmt: skip
        node_id = f"measure:{self.inventory.region}:{self.found.year}:{p.effort.id}:{p.cause}:{category}:{gas}"
        note_zh, note_en = self._names("measure_next.assumption", half_width=f"{p.effort.half_width:g}")
        self.lineage.add(
            Node(
                node_id, "result", *names, p.reduction, "%", GRADE, note_zh, note_en,
                parents=(*using, add_method(self.lineage, "measure-next")),
            )
        )  # fmt: skip
        return node_id
