"""The inventory over the years, stacked by category, sector or gas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tanlu.charts import tokens
from tanlu.charts.base import ROOM, Cell, Chart, Column, Spec, layered, values, with_sources
from tanlu.charts.format import capital, digits, scale, show, subscript
from tanlu.charts.records import InventoryRecord
from tanlu.charts.results import Results
from tanlu.charts.sectors import GROUPS, sector_of_category
from tanlu.core.gases import gwp_set
from tanlu.core.messages import catalogue, translate

By = Literal["category", "sector", "gas"]
STACKINGS: Final[tuple[By, ...]] = ("category", "sector", "gas")
_COLOURS: Final = (*tokens.SECTOR_FILLS.values(),)


@dataclass(frozen=True, slots=True)
class Converted:
    """An inventory row seen through a GWP set: kt CO2e, or None where there is a notation key or the set has no value for the gas."""

    row: InventoryRecord
    co2e: float | None


def convert_rows(rows: Sequence[InventoryRecord], gwp: str) -> tuple[Converted, ...]:
    """Return inventory rows with their CO2-equivalents [kt] under a named GWP set.

    Raises
    ------
    KeyError
        If the set is unknown.
    """
    known: Mapping[str, float] = gwp_set(gwp).values
    return tuple(Converted(r, None if r.value is None or r.gas not in known else r.value * known[r.gas]) for r in rows)


def category_name(category: str, language: str) -> str:
    """Return the name of an IPCC category; a code without a name of its own takes that of the nearest parent that has one."""
    code, own = category, catalogue()
    while code:
        entry = own.get(f"category.{code}") or own.get(f"charts.category.{code}")
        if entry:
            return entry[language]
        code = code.rpartition(".")[0]
    return category


def _part(converted: Converted, by: By, known: Mapping[str, str]) -> str:
    row = converted.row
    if by != "category":
        sector = sector_of_category(row.category, known)
        if by == "gas":
            # what land takes up stands apart: taken off the CO2 it would look like a fall of emissions
            return "land" if sector == "land" else row.gas
        return "land" if sector == "land" else next((g for g, own in GROUPS.items() if sector in own), "other_industry")
    code = row.category.split(".")
    part = ".".join(code[:2]) if code[0] in ("1", "3") else code[0]
    return part if f"charts.category.{part}" in catalogue() else "5"


def _name(part: str, by: By, language: str) -> str:
    if by == "gas" and part != "land":
        return subscript(part)
    if by != "category":
        return capital(translate("sector.land" if part == "land" else f"charts.group.{part}", language))
    return f"{part} " + translate(f"charts.category.{part}", language)


def _order(parts: set[str], by: By) -> list[str]:
    wanted = [*GROUPS, "land"] if by == "sector" else sorted(parts, key=lambda p: (p == "land", p != "CO2", p))
    return [p for p in wanted if p in parts]


def _colour(part: str, position: int, by: By) -> str:
    if part in ("land", "3.B"):
        return tokens.LAND_FILL
    if by == "sector":
        return tokens.SECTOR_FILLS[part]
    return _COLOURS[position % len(_COLOURS)]


def energy_sectors(results: Results) -> dict[str, str]:
    """Return the sector of each category that burns fuel, as the run's energy table has it."""
    return {r.category: r.sector for r in results.energy}


def inventory_chart(
    results: Results,
    language: str,
    rows: Sequence[InventoryRecord],
    gwp: str,
    by: By = "category",
    selected: bool = False,
) -> Chart:
    """Return the chosen inventory rows as stacked bars over the years.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    rows : sequence of InventoryRecord
        What is shown; memo rows are left out, notation keys are counted, never drawn as zero.
    gwp : str
        GWP set.
    by : {"category", "sector", "gas"}
    selected : bool
        Whether the rows are a selection (for the title).
    """
    known = energy_sectors(results)
    converted = [c for c in convert_rows(rows, gwp) if c.row.status != "memo"]
    sums: dict[tuple[int, str], float] = {}
    for c in converted:
        if c.co2e is not None:
            key = (c.row.year, _part(c, by, known))
            sums[key] = sums.get(key, 0.0) + c.co2e
    parts = _order({part for _, part in sums}, by)
    years = sorted({year for year, _ in sums})
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(Column(p, _name(p, by, language), f"kt CO2e {gwp}") for p in parts),
    )
    table = tuple((Cell(str(y)), *(Cell(sums.get((y, p))) for p in parts)) for y in years)
    missing = len({(c.row.category, c.row.gas) for c in converted if c.row.status == "NE"})
    totals = _comparable(converted, years, known)
    ids = tuple(c.row.id for c in converted if years and c.row.year == years[-1])
    title, summary = _words(totals, missing, language, selected)
    _, unit = scale("kt", language)
    subtitle = translate(
        "charts.inventory.subtitle_co2e",
        language,
        unit=unit,
        gwp=translate(f"gwp.{gwp}", language),
        by=translate(f"charts.by.{by}", language),
    )
    y = {"field": "y", "type": "quantitative"}
    zero: Spec = {"data": {"values": [{"y": 0}]}, "mark": {"type": "rule", "color": tokens.MUTED}, "encoding": {"y": y}}
    spec = layered([_bars(sums, parts, by, language), zero], height=320)
    status = "estimated" if any(c.row.status in ("estimated", "allocated") for c in converted) else "calculated"
    return Chart(
        "inventory", language, title, subtitle, summary, spec, columns, table, ids, status, with_sources(results, ids)
    )


def _bars(sums: Mapping[tuple[int, str], float], parts: Sequence[str], by: By, language: str) -> Spec:
    factor, unit = scale("kt", language)
    data = [
        {"year": year, "part": _name(part, by, language), "value": round(value * factor, 4), "order": parts.index(part)}
        for (year, part), value in sorted(sums.items())
    ]  # fmt: skip
    colour = {
        "field": "part", "type": "nominal",
        "scale": {"domain": [_name(p, by, language) for p in parts], "range": [_colour(p, i, by) for i, p in enumerate(parts)]},
        "legend": {"orient": "bottom", "columns": {"expr": f"{ROOM} < 480 ? 1 : {ROOM} < 900 ? 3 : 4"}, "labelLimit": 260},
    }  # fmt: skip
    axis = {"title": None, "labelAngle": 0, "grid": False, "ticks": False, "labelOverlap": "parity", "labelSeparation": 6}  # fmt: skip
    return {
        "data": values(data, "bars"),
        "mark": {"type": "bar", "stroke": tokens.CARD, "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "axis": axis},
            "y": {"field": "value", "type": "quantitative", "stack": "zero", "axis": {"title": None, "format": ",~f"}},
            "color": colour, "order": {"field": "order"},
            "tooltip": [{"field": "year", "type": "ordinal"}, {"field": "part"}, {"field": "value", "format": ",.2f", "title": unit}],
        },
    }  # fmt: skip


def _comparable(converted: Sequence[Converted], years: Sequence[int], known: Mapping[str, str]) -> dict[int, float]:
    """Return first and last year's sum over what has a value in both, land left out: a gap in one year is no change."""
    if not years:
        return {}
    ends = (years[0], years[-1])
    by: dict[tuple[str, str], dict[int, float]] = {}
    for c in converted:
        if c.co2e is not None and c.row.year in ends and sector_of_category(c.row.category, known) != "land":
            by.setdefault((c.row.category, c.row.gas), {})[c.row.year] = c.co2e
    whole = [own for own in by.values() if len(own) == len(set(ends))]
    return {year: sum(own[year] for own in whole) for year in ends} if whole else {}


def _words(totals: Mapping[int, float], missing: int, language: str, selected: bool) -> tuple[str, str]:
    what = translate("charts.inventory.what_selected" if selected else "charts.inventory.what_all", language)
    if not totals:
        return what, translate(
            "charts.inventory.summary", language, what=what, first="—", last="—", start="—", end="—", missing=missing
        )
    first, last = min(totals), max(totals)
    start, end = totals[first], totals[last]
    fields = {"what": what, "first": first, "last": last}
    if start > 0 and end != start and first != last:
        kind = "up" if end > start else "down"
        title = translate(
            f"charts.inventory.title_{kind}", language, **fields, change=f"{digits(abs(end / start - 1) * 100)}%"
        )
    else:
        title = translate("charts.inventory.title_flat", language, **fields)
    shown = {"start": show(start, "kt", language), "end": show(end, "kt", language)}
    return title, translate("charts.inventory.summary", language, **fields, **shown, missing=missing)
