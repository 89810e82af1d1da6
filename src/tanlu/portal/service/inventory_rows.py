"""The inventory of a run as it is asked for: filters, CO2-equivalents, sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tanlu.charts import Results
from tanlu.charts.inventory import STACKINGS, By, category_name, convert_rows, energy_sectors
from tanlu.charts.records import InventoryRecord, PrefectureInventoryRecord
from tanlu.charts.sectors import sector_of_category
from tanlu.core.gases import GWP_SETS, gwp_set
from tanlu.portal.service.runs import NotFoundError, require_known

GWP_VIEWS: Final = GWP_SETS
ALLOCATION: Final = "prefecture-allocation"
"""Method of the rows of prefectures."""


@dataclass(frozen=True, slots=True)
class InventoryQuery:
    """Filters of the inventory; an empty text or None means everything."""

    year: int | None = None
    sector: str = ""
    gas: str = ""
    category: str = ""
    gwp: str = "AR5"
    view: By = "category"
    region: str = ""

    @property
    def selected(self) -> bool:
        """Whether any filter besides the year is set."""
        return bool(self.sector or self.gas or self.category)

    def chart_parameters(self) -> dict[str, str]:
        """Return the filters that concern a chart over all years."""
        pairs = {"sector": self.sector, "gas": self.gas, "category": self.category, "gwp": self.gwp, "view": self.view}
        pairs["region"] = self.region
        return {k: v for k, v in pairs.items() if v}


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """An inventory row with its sector and its CO2-equivalent [kt] under the GWP set of the query."""

    region: str
    year: int
    category: str
    sector: str
    gas: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    co2e: float | None
    gwp: str
    status: str
    grade: str
    method: str
    id: str


def inventory_query(
    year: str = "",
    sector: str = "",
    gas: str = "",
    category: str = "",
    gwp: str = "AR5",
    view: str = "category",
    region: str = "",
) -> InventoryQuery:
    """Return the query of a page address.

    Raises
    ------
    NotFoundError
        If year, GWP set or view are not among the possible ones.
    """
    if year and not year.isdigit():
        raise NotFoundError("portal.missing.year", year)
    if gwp not in GWP_VIEWS:
        raise NotFoundError("portal.missing.gwp", gwp)
    by = next((s for s in STACKINGS if s == view), None)
    if by is None:
        raise NotFoundError("portal.missing.view", view)
    return InventoryQuery(int(year) if year else None, sector, gas, category, gwp, by, region)


def chosen_rows(results: Results, query: InventoryQuery, known: Mapping[str, str]) -> list[InventoryRecord]:
    """Return the rows that pass the filters; ``known`` tells the sectors of the energy categories (`energy_sectors`)."""

    def wanted(r: InventoryRecord) -> bool:
        below = not query.category or r.category == query.category or r.category.startswith(query.category + ".")
        sector = not query.sector or sector_of_category(r.category, known) == query.sector
        return below and sector and (not query.gas or r.gas == query.gas) and query.year in (None, r.year)

    return [r for r in _rows_of(results, query.region) if wanted(r)]


def _rows_of(results: Results, region: str) -> Sequence[InventoryRecord]:
    """Return the rows of the province, of a prefecture, or what no prefecture has."""
    if region in ("", results.province):
        return results.inventory
    require_known(region, regions(results), "portal.missing.region")
    return [_as_inventory(r) for r in results.prefectures_inventory if r.region == region]


def _as_inventory(r: PrefectureInventoryRecord) -> InventoryRecord:
    return InventoryRecord(
        r.region, r.year, r.category, r.gas, r.value, r.unit, r.low, r.high, r.status, r.grade, ALLOCATION, r.id
    )


def regions(results: Results) -> list[str]:
    """Return the regions with an inventory: the province, its prefectures, and what is left of the province."""
    return [results.province, *dict.fromkeys(r.region for r in results.prefectures_inventory)]


def gases_without_gwp(results: Results, query: InventoryQuery) -> dict[str, tuple[str, ...]]:
    """Return for each GWP set the gases with a number among the chosen rows for which it fixes no value."""
    gases = {r.gas for r in chosen_rows(results, query, energy_sectors(results)) if r.value is not None}
    return {name: tuple(sorted(gases - gwp_set(name).values.keys())) for name in GWP_VIEWS}


def inventory(results: Results, query: InventoryQuery) -> list[InventoryLine]:
    """Return the inventory rows that pass the filters, in the order of the file."""
    known = energy_sectors(results)
    return [
        InventoryLine(
            c.row.region, c.row.year, c.row.category, sector_of_category(c.row.category, known), c.row.gas, c.row.value, c.row.unit,
            c.row.low, c.row.high, None if c.co2e is None else round(c.co2e, 6), query.gwp, c.row.status, c.row.grade.value,
            c.row.method, c.row.id,
        )
        for c in convert_rows(chosen_rows(results, query, known), query.gwp)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class InventoryTotal:
    """Sums of inventory lines in kt CO2e, removals and land use apart.

    None where no line has a value, or where the GWP set has none for a gas (``missing_gwp``): a sum without it would be too small.
    """

    emissions: float | None
    land: float | None
    gwp: str
    not_estimated: int
    missing_gwp: tuple[str, ...] = ()


def inventory_total(lines: Sequence[InventoryLine], gwp: str) -> InventoryTotal:
    """Return the sums of the lines without memo rows, and how many lines have no estimate."""
    counted = [(line.sector == "land", line.co2e) for line in lines if line.co2e is not None and line.status != "memo"]
    missing = tuple(sorted({line.gas for line in lines if line.co2e is None and line.value is not None}))
    emissions, land = ([v for is_land, v in counted if is_land == wanted] for wanted in (False, True))
    return InventoryTotal(
        round(sum(emissions), 6) if emissions and not missing else None,
        round(sum(land), 6) if land and not missing else None,
        gwp,
        sum(line.status == "NE" for line in lines),
        missing,
    )


def inventory_options(results: Results) -> dict[str, list[str]]:
    """Return the values that each filter can take in this run."""
    known = energy_sectors(results)
    return {
        "year": [str(y) for y in reversed(results.years)],
        "sector": sorted({sector_of_category(r.category, known) for r in results.inventory}),
        "gas": sorted({r.gas for r in results.inventory}, key=lambda g: (g != "CO2", g)),
        "category": sorted({r.category for r in results.inventory}),
    }


def categories(results: Results, language: str) -> dict[str, str]:
    """Return code and name of every category of the run."""
    return {code: category_name(code, language) for code in sorted({r.category for r in results.inventory})}


def gwp_source(name: str, language: str) -> str:
    """Return where the values of a GWP set come from."""
    return gwp_set(name).title(language)
