"""Results in the interchange format of primap2: a CSV table with a column a year, and a YAML file that says what the columns are.

Source: primap2 documentation, "Interchange format". Categories are codes of IPCC2006_PRIMAP. Memo items have no code there and are left
out, except CO2 of biomass (M.BIO).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tanlu import __version__
from tanlu.accounts.rulebook.result import Result, Results

MEMO_CODES: Final = {"memo.biogenic": "M.BIO"}
GWP_NAMES: Final = {
    "SAR": "SARGWP100", "AR4": "AR4GWP100", "AR5": "AR5GWP100", "AR6": "AR6GWP100", "cn-enterprise-2013": "SARGWP100",
}  # fmt: skip
"""Names that primap2 knows; a set without one gives no sum of gases."""
CATEGORY: Final = "category (IPCC2006_PRIMAP)"
SCENARIO: Final = "scenario (method_set)"
Key = tuple[str, str, str, str]
"""Area, entity, unit, category."""


def entity_of(gas: str) -> str:
    """Return the name of a gas in primap2: without hyphens."""
    return gas.replace("-", "")


def write_primap2(results: Results, stem: Path, *, gwp: str = "rule", iso3: Mapping[str, str] | None = None) -> None:
    """Write ``<stem>.csv`` and ``<stem>.yaml``.

    Parameters
    ----------
    results : Results
    stem : Path
        Path without ending.
    gwp : str
        GWP set of results that a rule gives as CO2-equivalent only.
    iso3 : mapping, optional
        ISO 3166 code of each place; without it areas are the paths of the places.
    """
    area = "area (ISO3)" if iso3 is not None else "area (place)"
    masses, years = _masses(results.results, iso3, GWP_NAMES.get(results.gwp(gwp).id, ""))
    head = ["source", SCENARIO, area, "entity", "unit", CATEGORY]
    source, scenario = f"Tanlu {__version__}", results.method_set.id
    with stem.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*head, *years])
        for place, entity, unit, category in sorted(masses):
            by_year = masses[place, entity, unit, category]
            values = [repr(by_year[y]) if y in by_year else "" for y in years]
            writer.writerow([source, scenario, place, entity, unit, category, *values])
    text = _yaml(stem.name, area, results)
    stem.with_suffix(".yaml").write_text(text, encoding="utf-8", newline="\n")


def _masses(
    rows: Sequence[Result], iso3: Mapping[str, str] | None, gwp: str
) -> tuple[dict[Key, dict[str, float]], list[str]]:
    """Return the sums by key and year [t/yr]; months of a year are added."""
    masses: dict[Key, dict[str, float]] = {}
    for r in rows:
        category = MEMO_CODES.get(r.category, "") if r.is_memo else r.category
        entity, unit = entity_of(r.gas), f"t {entity_of(r.gas)} / yr"
        if r.gas == "CO2e":
            entity, unit = f"KYOTOGHG ({gwp})", "t CO2 / yr"
        if not category or (r.gas == "CO2e" and not gwp):
            continue
        place = r.place if iso3 is None else iso3[r.place]
        by_year = masses.setdefault((place, entity, unit, category), {})
        by_year[r.period[:4]] = by_year.get(r.period[:4], 0.0) + r.value
    return masses, sorted({year for by_year in masses.values() for year in by_year})


def _yaml(name: str, area: str, results: Results) -> str:
    """Return the metadata; written by hand, so that no library is needed."""
    dimensions = "\n".join(f"  - {column}" for column in (area, CATEGORY, "entity", SCENARIO, "source", "time", "unit"))
    return f"""attrs:
  area: {area}
  cat: {CATEGORY}
  comment: masses of gas by category; memo items are left out
  scen: {SCENARIO}
  title: Greenhouse-gas account by method set {results.method_set.id}
data_file: {name}.csv
dimensions:
  '*':
{dimensions}
time_format: '%Y'
"""
